"""The debugger's commands, as a script gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assemble import assemble
from command_line import call, complaint, spawn, write_module
from example_programs import EXAMPLES
from refexec import wasm
from refexec.debugger.commands import ALIASES, Debugger
from refexec.debugger.lines import SourceLines
from refexec.debugger.subject import FunctionSubject
from refexec.errors import InputError, StateError

LEDGER = EXAMPLES / "debugging/ledger.wasm"
SOURCE = (EXAMPLES / "debugging/ledger.c").read_text().splitlines()

WAT = """
(module (memory 1) (global $count (mut i64) (i64.const 3))
  (func $double (param $number i32) (result i32) (i32.mul (local.get $number) (i32.const 2)))
  (func $main (export "main") (param i32) (result i32) (local $sum i32)
    (local.set $sum (i32.const 1))
    (local.set $sum (i32.add (local.get $sum) (call $double (local.get 0))))
    (i32.store (i32.const 256) (local.get $sum))
    (i32.div_u (local.get $sum) (i32.const 0))))
"""


def debugger(*args: int) -> Debugger:
    module = wasm.Module(assemble(WAT))
    return Debugger(FunctionSubject(module, "main", list(args)), SourceLines(module))


def test_a_session_goes_through_a_program_and_back() -> None:
    session = debugger(5)
    assert session.execute("where") == ["at fuel 0: function 1 main 0x38  entry"]
    assert session.execute("break double") == ["1: break double"]
    stopped, where = session.execute("continue")
    assert stopped == "stopped: breakpoint at double"
    assert "function 0 double" in where
    assert session.execute("locals") == ["0 number = i32:5"]
    assert session.execute("locals 1") == ["0 = i32:5", "1 sum = i32:1"]
    assert session.execute("stack 1") == ["i32:1"]
    assert [line.split(" 0x")[0] for line in session.execute("frames")] == [
        "#0 function 0 double",
        "#1 function 1 main",
    ]
    (where,) = session.execute("out")
    assert "function 1 main" in where
    assert session.execute("stack") == ["i32:10", "i32:1"]
    assert session.execute("rnext")[0] == "stopped: breakpoint at double"
    session.execute("out")
    assert session.execute("delete 1") == ["removed: break double"]
    (where,) = session.execute("rnext")
    assert where.endswith("call 0")
    assert session.execute("globals") == ["0 count = i64:3"]
    assert session.execute("watch 0x100 1") == ["1: watch 0x100 1"]
    stopped, where = session.execute("c")
    assert "memory at 0x100 was written" in stopped
    assert session.execute("memory 0x100 4") == [
        f"0x00000100  {'0b 00 00 00':<47}  ....",
    ]
    stopped, where = session.execute("c")
    assert stopped == "stopped: trap 8: integer divide by zero"
    assert where.endswith("i32.div_u")
    code = session.execute("code 1")
    assert code[0].endswith("i32.const 0")
    assert code[1].startswith("> ")
    assert code[-1].startswith("rule exec-binop")
    assert session.execute("end")[-1] == "at the end, fuel 18: trap 8: integer divide by zero"
    assert session.execute("frames") == ["no function runs"]
    (where,) = session.execute("back")
    assert where.endswith("i32.div_u")
    assert session.execute("rc")[0].startswith("stopped: memory at 0x100")
    assert session.execute("rc")[0] == "stopped: the run begins here"
    assert session.execute("goto 3")[0].startswith("at fuel 3:")
    assert session.execute("start")[0].startswith("at fuel 0:")
    session.execute("rs 3")
    session.execute("step 2")
    assert session.execute("rout")[0] == "stopped: the run begins here"
    session.execute("break 0x48")
    assert session.execute("c")[0] == "stopped: breakpoint at 0x48"
    moment = str(session.timeline.now)
    session.execute("end")
    session.execute(f"goto {moment}+0")
    assert str(session.timeline.now) == moment
    assert session.execute("breaks")[-1].endswith("break 0x48")
    assert session.execute("code 20")[0].endswith("entry")
    session.execute("quit")
    assert session.finished


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("nonsense", "there is no such command"),
        ("step x", "expected a number"),
        ("step -1", "expected a number from 0"),
        ("step 1 2", "step: Execute an instruction"),
        ("memory", "memory: Show bytes"),
        ("break", "expected a function"),
        ("break nothing", "defines no such function"),
        ("break 0x1", "no instruction begins"),
        ("break a.c:4", "no instruction belongs"),
        ("catch x", "expected packet or trap"),
        ("delete 1", "there is no breakpoint 1"),
        ("line", "tells no lines"),
        ("source", "tells no line"),
    ],
)
def test_wrong_commands_say_what_was_expected(command: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        debugger(1).execute(command)


def test_what_is_not_there_is_said() -> None:
    session = debugger(1)
    assert session.execute("") == session.execute("# a remark") == []
    assert session.execute("breaks") == ["there are none"]
    assert session.execute("stack") == ["it is empty"]
    assert session.execute("packets") == ["there are none"]
    assert session.execute("memory 0x10000") == ["0x10000 is outside of memory"]
    with pytest.raises(StateError, match="there is no activation 1"):
        session.execute("locals 1")
    session.execute("end")
    with pytest.raises(StateError, match="no function runs"):
        session.execute("locals")
    assert session.execute("catch trap") == ["1: catch trap"]
    assert session.execute("catch packet") == ["2: catch packet"]
    session.execute("delete 2")
    session.execute("delete 1")
    assert not session.conditions.traps
    session.execute("start")
    assert session.execute("c")[-1].startswith("at the end")


def test_every_command_has_help_and_every_alias_a_command() -> None:
    session = debugger(1)
    text = session.execute("help")
    for name in ALIASES.values():
        assert any(line.startswith(name) for line in text)
    for line in text:
        assert line.endswith(".")


def number(text: str) -> int:
    return next(n for n, line in enumerate(SOURCE, 1) if text in line)


def test_the_fault_of_the_ledger_is_found_by_going_back() -> None:
    pytest.importorskip("elftools", reason="pyelftools is not installed (extra debug)")
    harm, count = number("*slot = amount"), number("ledger.count++")
    script = [
        "continue",
        f"break ledger.c:{harm}",
        "rcontinue",
        "source 0",
        "rline",
        "line",
        "out",
        "line",
        "next",
        "rline",
    ]
    done = spawn("debug", LEDGER, "--entry", "busy", stdin="\n".join(script).encode())
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert "stopped: trap 5: memory access out of bounds" in lines
    assert f"stopped: breakpoint at ledger.c:{harm}" in lines
    assert f">   {harm}      *slot = amount;" in lines
    assert any(line.startswith(f"  debugging/ledger.c:{count}  ledger.count++;") for line in lines)


def test_a_script_with_a_wrong_command_fails_and_goes_on(tmp_path: Path) -> None:
    path = write_module(tmp_path, WAT)
    done = call("debug", path, "--invoke", "main", "5", stdin=b"nonsense\nstep\nquit\nstep\n")
    assert done.exit_code == 1
    assert done.stderr == "refexec: nonsense: there is no such command; try help\n"
    assert len(done.stdout.splitlines()) == 2
    assert "a WebAssembly module" in complaint("debug", tmp_path / "none")


def test_a_recorded_run_is_debugged_with_its_packets(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    spawn("run", EXAMPLES / "discover.wasm", "--entry", "discover", "--record", log)
    done = spawn("debug", log, stdin=b"catch packet\nc\npackets\nend\npackets\nrs 2\nstack\n")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert any(line.startswith("stopped: a packet of") for line in lines)
    assert sum(" sent " in line for line in lines) > 2
    assert any(" received " in line for line in lines)
    assert any(line.startswith("at the end") for line in lines)
