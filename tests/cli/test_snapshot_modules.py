"""Snapshots in the form of WebAssembly modules, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import foreign
from assemble import assemble
from command_line import call, complaint, spawn, write_module
from example_programs import EXAMPLES
from guests import COUNTS
from portable import validated
from refexec import image
from refexec.cli import files


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A program that was suspended within its loop."""
    file = write_module(tmp_path, COUNTS)
    path = tmp_path / "kept.wasm"
    result = call("run", file, "--entry", "forever", "--fuel", "4000", "--snapshot", path)
    assert result.exit_code == 102
    assert result.stderr.endswith(f"refexec: trap 2: suspended, kept in {path}\n")
    return path


def fuel(path: Path) -> int:
    return image.Instance(image.Program(validated(path.read_bytes()))).fuel_spent


@pytest.mark.parametrize("command", ["resume", "run"])
def test_a_program_goes_on_where_it_stopped(command: str, kept: Path) -> None:
    for turn in range(2, 5):
        # The program traps if what it counts in a local and in a global differs.
        result = call(command, kept, "--fuel", "4000", "--snapshot", kept)
        assert result.exit_code == 102
        assert fuel(kept) == 4000 * turn


def test_from_one_form_to_the_other_and_back(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.snapshot"
    assert call("resume", kept, "--fuel", "10", "--snapshot", file).exit_code == 102
    assert files.kind_of(file.read_bytes()) == files.SNAPSHOT
    assert call("resume", file, "--fuel", "10", "--snapshot", kept).exit_code == 102
    assert fuel(kept) == 4020


def test_processes_of_their_own_print_what_one_alone_prints(tmp_path: Path) -> None:
    example, kept = EXAMPLES / "counter.wasm", tmp_path / "counter.wasm"
    whole = spawn("run", example, "--entry", "count_to")
    assert whole.returncode == 0
    part = spawn("run", example, "--entry", "count_to", "--fuel", "400000", "--snapshot", kept)
    printed = part.stderr
    while part.returncode == 102:
        part = spawn("resume", kept, "--fuel", "400000", "--snapshot", kept)
        printed += part.stderr
    assert part.returncode == 0
    lines = [line for line in printed.splitlines() if not line.startswith(b"refexec: ")]
    assert lines == whole.stderr.splitlines()
    assert len(lines) == 5


def test_a_program_that_has_returned_is_entered_again(tmp_path: Path) -> None:
    file, kept = write_module(tmp_path, COUNTS), tmp_path / "kept.wasm"
    assert call("run", file, "--entry", "check", "--snapshot", kept).exit_code == 0
    assert call("resume", kept, "--entry", "add", "--snapshot", kept).exit_code == 0
    assert call("run", kept, "--entry", "check").exit_code == 1
    assert call("run", kept).exit_code == 0


def test_what_was_on_its_way_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "hello.wasm"
    example = EXAMPLES / "hello.wasm"
    assert call("run", example, "--entry", "greet", "--fuel", "600", "--snapshot", kept)
    form = image.Program(kept.read_bytes()).form
    assert form is not None
    assert form.buffers is not None
    assert [service.name for service in form.buffers.services] == ["origin"]
    assert call("resume", kept).stdout == "hello, world\n"


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["resume", "run"])
def test_a_suspended_program_may_not_be_given_an_entry(command: str, kept: Path) -> None:
    assert complaint(command, kept, "--entry", "add") == (
        f"{kept}: entry function may not be specified for suspended program"
    )


def write(tmp_path: Path, data: bytes) -> Path:
    file = tmp_path / "foreign.wasm"
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("command", ["resume", "run"])
def test_s119_machine_code_is_not_resumed(command: str, tmp_path: Path) -> None:
    file = write(tmp_path, foreign.gate_fixture())
    assert complaint(command, file) == (
        f"{file}: program is suspended in machine code of Gate, which cannot be resumed here"
    )


def test_a_program_that_has_ended_for_good(tmp_path: Path) -> None:
    data = foreign.form().replace(foreign.record(), foreign.record(0, final=True))
    file = write(tmp_path, data)
    assert complaint("resume", file) == (
        f"{file}: the program has ended for good, expected one that can go on"
    )


def test_s120_sections_at_wrong_places(tmp_path: Path) -> None:
    file = write(tmp_path, foreign.form(foreign.initial_stack(), foreign.buffers(b"x")))
    for command in ("run", "resume"):
        assert complaint(command, file) == (
            f"{file}: gate.buffer section appears too late in wasm module"
        )


def test_a_module_that_is_no_snapshot(tmp_path: Path) -> None:
    file = write(tmp_path, assemble("(module)"))
    assert complaint("resume", file) == (
        f"{file}: is a WebAssembly module, expected a refexec snapshot (see refexec run --help)"
    )
