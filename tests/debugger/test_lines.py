"""Lines of source, from the DWARF that a compiler has written, and from DWARF that is wrong."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from command_line import call, spawn
from example_programs import EXAMPLES, program
from refexec import wasm
from refexec.debugger.lines import Line, SourceLines, has_dwarf, source_text
from refexec.errors import UnavailableError

pytest.importorskip("elftools", reason="pyelftools is not installed (extra debug)")

LEDGER = EXAMPLES / "debugging/ledger.wasm"
SOURCE = (EXAMPLES / "debugging/ledger.c").read_text().splitlines()


def line_of(text: str) -> int:
    """Number of the one line of the example that has this text."""
    (number,) = (n for n, line in enumerate(SOURCE, 1) if text in line)
    return number


def ledger() -> wasm.Module:
    return wasm.Module(LEDGER.read_bytes())


def test_offsets_become_lines_and_back() -> None:
    module = ledger()
    lines = SourceLines(module)
    assert lines.files == ["debugging/ledger.c", "include/gate.h"]
    number = line_of("*slot = amount")
    offsets = lines.offsets("ledger.c", number)
    assert offsets
    for offset in offsets:
        assert lines.at(offset) == Line("debugging/ledger.c", number)
    assert lines.offsets("debugging/ledger.c", number) == offsets
    assert lines.offsets("other.c", number) == []
    assert lines.at(0) is None
    assert lines.at(1 << 40) is None


def test_every_function_that_the_source_defines_has_lines() -> None:
    module = ledger()
    lines = SourceLines(module)
    for code in module.valid.functions:
        assert lines.at(code.body.offsets[0]) is not None


def test_a_module_without_dwarf_has_no_lines() -> None:
    module = wasm.Module(program("hello"))
    assert not has_dwarf(module)
    lines = SourceLines(module)
    assert lines.files == []
    assert lines.at(100) is None


def test_damaged_dwarf_gives_fewer_lines_and_no_error() -> None:
    data = LEDGER.read_bytes()
    begin = data.index(b".debug_")
    chance = random.Random(8)
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(4):
            damaged[chance.randrange(begin + 20, len(data))] = chance.randrange(256)
        try:
            module = wasm.Module(bytes(damaged))
        except Exception:
            # The container of the sections itself was hit.
            continue
        assert isinstance(SourceLines(module).files, list)


def test_the_backtrace_of_a_trap_names_lines() -> None:
    done = spawn("run", LEDGER, "--entry", "busy")
    assert done.returncode == 105
    lines = done.stderr.decode().splitlines()
    assert lines[0] == "refexec: trap 5: memory access out of bounds"
    assert lines[1].endswith(f"debugging/ledger.c:{line_of('*slot = amount')}")
    assert "post" in lines[1]
    assert lines[2].endswith(f"debugging/ledger.c:{line_of('post(i * 1000000)')}")
    assert len(lines) == 4


def test_a_trap_of_a_called_function_has_a_backtrace(tmp_path: Path) -> None:
    from command_line import write_module

    wat = """(module (func $inner (unreachable)) (func (export "f") (call $inner))
        (func $deep (export "deep") (call $deep)))"""
    path = write_module(tmp_path, wat)
    done = call("invoke", path, "f")
    assert [line.split(" at ")[0] for line in done.stderr.splitlines()[1:]] == [
        "  #0 function 0 inner",
        "  #1 function 1 f",
    ]
    done = call("invoke", path, "deep")
    assert done.stderr.splitlines()[-1] == "  … and more"


def test_what_is_missing_is_said_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "elftools.dwarf", None)
    with pytest.raises(UnavailableError, match="pip install"):
        SourceLines(ledger())
    done = call("trace", LEDGER, "--entry", "busy", "--kind", "trap")
    assert done.stderr.count("needs pyelftools") == 2  # the backtrace of the run, and the trace
    assert '"line"' not in done.stdout


def test_the_backtrace_of_a_snapshot_names_lines(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    spawn("run", LEDGER, "--entry", "busy", "--fuel", "300", "--snapshot", kept)
    done = call("inspect", kept)
    assert f"debugging/ledger.c:{line_of('post(i * 1000000)')}" in done.stdout
    (frame, *_) = json.loads(call("inspect", kept, "--json").stdout)["state"]["calls"][0]["frames"]
    assert frame["next"]["line"].startswith("debugging/ledger.c:")


def test_traces_name_lines() -> None:
    done = call("trace", LEDGER, "--entry", "busy", "--kind", "trap")
    assert f'"file":"debugging/ledger.c","line":{line_of("*slot = amount")}' in done.stdout


def test_only_files_inside_of_the_folders_are_shown(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "src").mkdir(parents=True)
    (inside / "src/a.c").write_text("one\ntwo\n")
    (tmp_path / "secret.c").write_text("secret\n")
    (inside / "link.c").symlink_to(tmp_path / "secret.c")
    assert source_text(Line("/build/src/a.c", 1), [inside]) == ["one", "two"]
    assert source_text(Line("../secret.c", 1), [inside]) is None
    assert source_text(Line("link.c", 1), [inside]) is None
    assert source_text(Line("a\0.c", 1), [inside]) is None
    assert source_text(Line("src", 1), [inside]) is None


def test_the_ledger_is_what_its_source_says() -> None:
    good = spawn("run", LEDGER, "--entry", "balance")
    assert good.returncode == 0
    assert good.stderr == b"ledger: 15000000\n"
