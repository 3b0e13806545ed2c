"""`--record` and `refexec replay`, as somebody meets them who does not know them yet."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from command_line import COMMAND, PATIENCE, call, complaint, spawn, write_module
from example_programs import EXAMPLES
from guests import COUNTS, ENDS, PRINTS
from input_logs import reseal
from refexec import image, snapshot, wasm
from refexec.abi.inputlog import container
from refexec.cli.origin_output import OriginOutput
from refexec.errors import InternalError
from refexec.packet import DATA_HEADER_SIZE, make_data
from refexec.runtime.executor import Executor
from refexec.snapshot import Buffers, Service
from refexec.trap import TrapID
from runtime_world import Scripted, kill_when, run

COUNTER = EXAMPLES / "counter.wasm"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of a run of `counts`, kept after 3000 units of fuel."""
    path = tmp_path / "log"
    program = write_module(tmp_path, COUNTS)
    result = call("run", program, "--entry", "forever", "--fuel", 3000, "--record", path)
    assert result.exit_code == 102
    return path


# -- the same again --------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize(
    ("name", "entry", "stdin"),
    [
        ("hello", "greet", b""),
        ("echo", "echo", b"is anybody there?\n"),
        ("discover", "discover", b""),
        ("wasi", "", b""),
    ],
)
def test_a_replay_prints_what_the_run_printed(
    tmp_path: Path, name: str, entry: str, stdin: bytes, engine: str
) -> None:
    log = tmp_path / "log"
    program = EXAMPLES / f"{name}.wasm"
    before = spawn("run", program, "--entry", entry, "--record", log, stdin=stdin)
    assert before.returncode == 0
    # Neither the program's file nor its input is needed.
    after = spawn("replay", log, "--engine", engine)
    assert (after.returncode, after.stdout) == (0, before.stdout)
    assert after.stderr == before.stderr


@pytest.mark.parametrize(
    "entry",
    ["well", "badly", "exit", "exit_badly", "unreachable", "recurse", "divide", "raise"],
)
def test_a_replay_ends_like_the_run(tmp_path: Path, entry: str) -> None:
    program, log = write_module(tmp_path, ENDS), tmp_path / "log"
    before = call("run", program, "--entry", entry, "--record", log)
    after = call("replay", log)
    assert (after.exit_code, after.output) == (before.exit_code, before.output)


def test_a_program_that_breaks_the_rules_does_it_again(tmp_path: Path) -> None:
    program, log = write_module(tmp_path, ENDS), tmp_path / "log"
    before = call("run", program, "--entry", "bad_packet", "--record", log)
    assert before.exit_code == 128
    after = call("replay", log)
    assert after.exit_code == 128
    told, error = after.stderr.splitlines()
    assert re.fullmatch(
        r"refexec: the log does not tell the run to its end; replayed as far as it goes, to call"
        r" [01], fuel \d+",
        told,
    )
    assert f"{error}\n" == before.stderr


def test_a_run_that_was_ended_by_force(tmp_path: Path) -> None:
    log, kept = tmp_path / "log", tmp_path / "kept"
    program = image.Program(write_module(tmp_path, COUNTS).read_bytes())
    with Executor() as executor, log.open("wb") as record:
        during = kill_when(b"started\n")
        outcome = run(executor, program, entry="forever", record=record, during=during)
    assert outcome.trap is TrapID.KILLED
    result = call("replay", log, "--snapshot", kept)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "refexec: trap 30: killed"
    assert "does not tell the run to its end" in result.stderr
    assert call("inspect", kept).exit_code == 0


def test_a_host_that_failed_when_the_program_had_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = image.Program(write_module(tmp_path, COUNTS).read_bytes())
    services = Scripted(fail_shutdown=RuntimeError("too late"))
    with Executor() as executor, log.open("wb") as record, pytest.raises(InternalError):
        run(executor, program, entry="times", record=record, services=services)
    result = call("replay", log)
    assert (result.exit_code, result.stderr) == (129, "refexec: internal error: too late\n")


def test_debug_text_goes_where_it_is_wanted(tmp_path: Path) -> None:
    program, log, text = write_module(tmp_path, PRINTS), tmp_path / "log", tmp_path / "text"
    call("run", program, "--entry", "main", "--record", log)
    done = spawn("replay", log)
    assert (done.stdout, done.stderr) == (b"", b"guest \x1b[31m!\n")
    done = spawn("replay", log, "--debug-log", "-")
    assert (done.stdout, done.stderr) == (b"guest \x1b[31m!\n", b"")
    assert call("replay", log, "--debug-log", text).output == ""
    assert text.read_bytes() == b"guest \x1b[31m!\n"


def test_a_chain_of_recorded_runs_ends_in_the_same_snapshots(tmp_path: Path) -> None:
    log, kept, again = tmp_path / "log", tmp_path / "kept", tmp_path / "again"
    options = ("--fuel", 150_000, "--snapshot", kept, "--record", log)
    for number in range(4):
        command = ("resume", kept) if number else ("run", COUNTER, "--entry", "count")
        assert call(*command, *options).exit_code == 102
        assert call("replay", log, "--snapshot", again).exit_code == 102
        assert again.read_bytes() == kept.read_bytes()


@pytest.mark.parametrize("engine", wasm.ENGINES)
def test_a_run_that_was_stopped_by_time_stops_at_the_same_instruction(
    tmp_path: Path, engine: str
) -> None:
    log, kept, again = tmp_path / "log", tmp_path / "kept", tmp_path / "again"
    options = ("--timeout", "0.5", "--snapshot", kept, "--record", log)
    assert call("run", COUNTER, "--entry", "count", *options).exit_code == 102
    result = call("replay", log, "--snapshot", again, "--engine", engine)
    assert result.exit_code == 102
    before, after = snapshot.file.read(kept), snapshot.file.read(again)
    assert after.fuel_spent == before.fuel_spent
    if engine == "reference":
        assert again.read_bytes() == kept.read_bytes()


def test_ctrl_c_is_replayed(tmp_path: Path) -> None:
    program, log, kept = write_module(tmp_path, COUNTS), tmp_path / "log", tmp_path / "kept"
    with subprocess.Popen(
        [*COMMAND, "run", program, "--entry", "forever", "--record", log, "--snapshot", kept],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 102
    again = tmp_path / "again"
    assert call("replay", log, "--snapshot", again).exit_code == 102
    assert again.read_bytes() == kept.read_bytes()


# -- stopping on the way ---------------------------------------------------------------------------


def test_a_replay_may_stop_earlier(log: Path, tmp_path: Path) -> None:
    kept = tmp_path / "early"
    result = call("replay", log, "--fuel", 1000, "--snapshot", kept)
    assert result.exit_code == 102
    assert result.stderr == f"started\nrefexec: trap 2: suspended, kept in {kept}\n"
    assert snapshot.file.read(kept).fuel_spent == 1000
    # It had to do with no service, so it can go on.
    assert call("resume", kept, "--fuel", 10).exit_code == 102


def test_a_program_that_talked_to_services_cannot_go_on_from_the_middle(tmp_path: Path) -> None:
    log, kept = tmp_path / "log", tmp_path / "kept"
    program = EXAMPLES / "discover.wasm"
    assert call("run", program, "--entry", "discover", "--record", log).exit_code == 0
    result = call("replay", log, "--fuel", 2000, "--snapshot", kept)
    assert result.exit_code == 102
    assert f"{kept} can be inspected but not resumed" in result.stderr
    assert call("inspect", kept).exit_code == 0
    assert "ended for good" in complaint("resume", kept)


def test_a_log_that_was_cut_off_is_replayed_as_far_as_it_goes(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-1])
    result = call("replay", log)
    assert result.exit_code == 102
    assert result.stderr == (
        "started\n"
        "refexec: the log does not tell the run to its end; replayed as far as it goes, to call 1,"
        " fuel 6\n"
        "refexec: trap 2: suspended, and not kept (no --snapshot)\n"
    )


def test_a_run_that_was_killed(tmp_path: Path) -> None:
    program, log = write_module(tmp_path, COUNTS), tmp_path / "log"
    with subprocess.Popen(
        [*COMMAND, "run", program, "--entry", "forever", "--record", log],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"started\n"
        process.kill()
    result = call("replay", log)
    assert result.exit_code == 102
    assert "does not tell the run to its end" in result.stderr


# -- what is refused -------------------------------------------------------------------------------


def test_files_of_other_kinds(log: Path, tmp_path: Path) -> None:
    assert complaint("replay", COUNTER) == (
        f"{COUNTER}: is a WebAssembly module, expected a refexec input log (see refexec run --help)"
    )
    for command in ("run", "resume", "inspect"):
        assert re.search(
            r"is a refexec input log, expected .* \(see refexec replay --help\)",
            complaint(command, log),
        )
    assert "cannot be read, expected a refexec input log" in complaint("replay", tmp_path / "no")


def test_logs_that_cannot_be_written(tmp_path: Path) -> None:
    program = write_module(tmp_path, COUNTS)
    assert "cannot be written" in complaint("run", program, "--record", tmp_path / "no" / "log")
    assert complaint("run", program, "--record", "x", "--snapshot", "x") == (
        "x: is named by --snapshot and by --record"
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_a_log_that_is_not_complete_is_told(tmp_path: Path) -> None:
    program = write_module(tmp_path, COUNTS)
    result = call("run", program, "--entry", "times", "--record", "/dev/full")
    assert result.exit_code == 0
    assert result.stderr == ("refexec: the input log is not complete: No space left on device\n")


def test_a_newer_format(log: Path) -> None:
    log.write_bytes(container.MAGIC + struct.pack("<I", 9) + bytes(100))
    assert complaint("replay", log) == (
        f"{log}: input log has format version 9, which is newer than the version 1 that this"
        " release reads"
    )


def change(path: Path, old: bytes, new: bytes) -> None:
    """Change a log so that its checks fit."""
    data = path.read_bytes()
    assert old in data
    assert len(old) == len(new)
    path.write_bytes(reseal(data.replace(old, new, 1)))


def test_a_log_of_another_run_is_told_apart(log: Path) -> None:
    digest = container.read(log).ending
    assert digest is not None
    assert digest.final is not None
    text = digest.final.digest.encode()
    change(log, text, text[::-1])
    result = call("replay", log)
    assert result.exit_code == 2
    assert re.fullmatch(
        rf"started\nrefexec: {log}: replay diverges at the end, fuel 3000: expected state digest"
        r" [0-9a-f]{64}, found [0-9a-f]{64}\n",
        result.stderr,
    )


def test_another_text_is_told_apart(log: Path) -> None:
    change(log, hashlib.sha256(b"started\n").digest()[:8], bytes(8))
    result = call("replay", log)
    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"refexec: {log}: replay diverges at call 1, fuel 6: expected 8 bytes of debug text whose"
        " SHA-256 begins with 0000000000000000, found "
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_is_one_line(log: Path, data: st.DataObject) -> None:
    good = log.read_bytes()
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    damaged = log.with_name("damaged")
    # With checks that fit, so that what is behind them is tried too.
    damaged.write_bytes(reseal(bytes(bad)) if data.draw(st.booleans()) else bad)
    # So that a program that was changed ends too.
    result = call("replay", damaged, "--fuel", 5000)
    assert result.exit_code in (0, 2, 102) or 102 < result.exit_code <= 130
    if result.exit_code == 2:
        assert result.stderr.splitlines()[-1].startswith("refexec: ")


# -- what goes to origin ---------------------------------------------------------------------------


class Lines(list[bytes]):
    """Takes what is written."""

    def write(self, data: bytes) -> None:
        self.append(data)


def data(code: int, stream: int, content: bytes) -> bytes:
    packet = make_data(code, stream, len(content))
    packet.data[DATA_HEADER_SIZE:] = content
    packet.set_size()
    return bytes(packet).ljust((len(packet) + 7) // 8 * 8, b"\0")


def test_only_data_for_origin_is_printed() -> None:
    lines = Lines()
    output = OriginOutput(Buffers([Service("catalog"), Service("origin")]), lines)
    output.feed(data(0, 0, b"no") + data(7, 0, b"no") + data(1, 0, b"yes"))
    output.feed(data(1, 0, b"in two")[:20])
    output.feed(data(1, 0, b"in two")[20:])
    assert lines == [b"yes", b"in two"]


def test_connections_of_an_earlier_run_are_gone() -> None:
    # One accept outstanding; one idle stream, number 0.
    saved = bytes.fromhex("01 01 00 07 00 00 07 ff ff 01 00")
    lines = Lines()
    output = OriginOutput(Buffers([Service("origin", saved)]), lines)
    for stream, content in [(0, b"lost"), (1, b"new"), (0, b""), (0, b"used again")]:
        output.feed(data(0, stream, content))
    assert lines == [b"new", b"used again"]


@pytest.mark.parametrize("saved", [b"", b"\1", b"\1\1", b"\xff"])
def test_states_without_connections(saved: bytes) -> None:
    lines = Lines()
    OriginOutput(Buffers([Service("origin", saved)]), lines).feed(data(0, 0, b"x"))
    assert lines == [b"x"]


def test_nothing_follows_a_bad_packet() -> None:
    lines = Lines()
    output = OriginOutput(Buffers([Service("origin")]), lines)
    output.feed(data(0, 0, b"x") + bytes(8) + data(0, 0, b"y"))
    output.feed(data(0, 0, b"z"))
    assert lines == [b"x"]
    OriginOutput(Buffers([Service("origin")]), None).feed(data(0, 0, b"x"))
