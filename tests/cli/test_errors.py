"""Bad input of every kind: exit status 2, and one line that says what, where and what else."""

from __future__ import annotations

import os
import re
import struct
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from command_line import COMMAND, PATIENCE, call, complaint, spawn, write_module
from refexec import snapshot
from refexec.cli.main import main
from refexec.snapshot import Snapshot

EMPTY_MODULE = b"\0asm\x01\0\0\0"

COMMANDS = {
    "run": [],
    "resume": [],
    "inspect": [],
    "invoke": ["f"],
}
"""A command that takes a file, and what else it needs."""


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refusal(command: str, file: Path) -> str:
    """What a command says about a file that it cannot use."""
    message = complaint(command, file, *COMMANDS[command])
    assert message.startswith(f"{file}: ")
    return message.removeprefix(f"{file}: ")


def test_a_file_that_is_not_there(command: str, tmp_path: Path) -> None:
    message = refusal(command, tmp_path / "nothing.wasm")
    assert message.startswith("cannot be read, expected a ")
    assert message.endswith(": No such file or directory")


def test_a_directory(command: str, tmp_path: Path) -> None:
    assert refusal(command, tmp_path).startswith("is a directory, expected a ")


def test_an_empty_file(command: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.wasm"
    file.touch()
    assert refusal(command, file).startswith("is empty, expected a ")


@pytest.mark.parametrize("data", [b"#!/bin/sh\n", b"\0", b"\0as", b"\x8are"])
def test_a_file_that_is_something_else(command: str, data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "other"
    file.write_bytes(data)
    assert refusal(command, file).startswith(f"begins with {data[:4].hex(' ')}, expected a ")


@pytest.mark.parametrize("command", ["run", "inspect", "invoke"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0asm", "unknown binary version"),
        (b"\0asm\x02\0\0\0", "unknown binary version"),
        (EMPTY_MODULE + b"\x01\x05\x01", "at offset 0x8"),
        (EMPTY_MODULE + b"\x63\x00", "malformed section id 99 at offset 0x8"),
    ],
)
def test_a_module_that_is_damaged(command: str, data: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "damaged.wasm"
    file.write_bytes(data)
    assert message in refusal(command, file)


@pytest.mark.parametrize("command", ["run", "inspect", "invoke"])
def test_a_module_that_is_not_valid(command: str, tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (func (export "f") (result i32)))')
    assert "at offset 0x" in refusal(command, file)


@pytest.mark.parametrize("command", ["run", "inspect", "invoke"])
def test_a_module_that_is_too_large(command: str, tmp_path: Path) -> None:
    file = tmp_path / "large.wasm"
    with file.open("wb") as stream:
        stream.write(EMPTY_MODULE)
        stream.truncate((64 << 20) + 1)
    assert "is larger than 67108864 bytes" in refusal(command, file)


@pytest.mark.parametrize("command", ["run", "invoke"])
def test_a_snapshot_where_a_module_is_expected(command: str, tmp_path: Path) -> None:
    file = tmp_path / "program.snapshot"
    snapshot.file.write(file, Snapshot(EMPTY_MODULE))
    assert refusal(command, file) == (
        "is a refexec snapshot, expected a WebAssembly module (see refexec resume --help)"
    )


def test_a_module_where_a_snapshot_is_expected(tmp_path: Path) -> None:
    file = tmp_path / "program.wasm"
    file.write_bytes(EMPTY_MODULE)
    assert refusal("resume", file) == (
        "is a WebAssembly module, expected a refexec snapshot (see refexec run --help)"
    )


@pytest.mark.parametrize("command", ["resume", "inspect"])
def test_a_snapshot_of_a_newer_version(command: str, tmp_path: Path) -> None:
    data = bytearray(snapshot.file.encode(Snapshot(EMPTY_MODULE)))
    struct.pack_into("<I", data, 8, snapshot.file.FORMAT_VERSION + 1)
    file = tmp_path / "newer.snapshot"
    file.write_bytes(data)
    message = refusal(command, file)
    assert re.search(rf"\b{snapshot.file.FORMAT_VERSION + 1}\b", message)
    assert re.search(rf"\b{snapshot.file.FORMAT_VERSION}\b", message)


@pytest.mark.parametrize("command", ["resume", "inspect"])
@pytest.mark.parametrize("position", [60, -1])
def test_a_snapshot_that_is_corrupt(command: str, position: int, tmp_path: Path) -> None:
    data = bytearray(snapshot.file.encode(Snapshot(EMPTY_MODULE)))
    data[position] ^= 1
    file = tmp_path / "corrupt.snapshot"
    file.write_bytes(data)
    assert refusal(command, file)


@pytest.mark.parametrize("command", ["resume", "inspect"])
def test_a_snapshot_that_is_cut_short(command: str, tmp_path: Path) -> None:
    data = snapshot.file.encode(Snapshot(EMPTY_MODULE))
    file = tmp_path / "short.snapshot"
    for size in (8, 12, 51, len(data) - 1):
        file.write_bytes(data[:size])
        assert refusal(command, file)


def test_a_snapshot_of_a_module_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "hollow.snapshot"
    snapshot.file.write(file, Snapshot(b"nonsense"))
    assert "not a WebAssembly module" in refusal("resume", file)


def test_an_import_that_is_not_supported(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (import "env" "foo" (func)))')
    assert refusal("run", file) == 'import function not supported: "env" "foo"'


def test_an_import_with_a_wrong_signature(tmp_path: Path) -> None:
    file = write_module(
        tmp_path, '(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64))))'
    )
    assert refusal("run", file) == (
        "function wasi_snapshot_preview1.fd_close (i32) i32 imported with wrong signature (i64)"
    )


def test_a_name_of_an_import_cannot_command_the_terminal(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (import "env" "\\1b[31m\\0afoo" (func)))')
    assert r"\u001b[31m" in refusal("run", file)


def test_an_entry_that_is_not_there(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (func (export "f") (param i32)))')
    for entry in ("nope", "f"):
        assert complaint("run", file, "--entry", entry) == (
            f"{file}: function not exported or it cannot be used as entry function"
        )


def test_an_entry_where_none_may_be_named(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (func (export "_start")) (func (export "f")))')
    assert "may not be specified" in complaint("run", file, "--entry", "f")


@pytest.mark.parametrize("command", ["run", "invoke"])
def test_an_engine_that_is_not_there(command: str, tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (func (export "f")))')
    message = complaint(command, file, *COMMANDS[command], "--engine", "fastest")
    assert "'fastest'" in message
    assert "'reference'" in message


@pytest.mark.parametrize(
    "options",
    [
        ["--fuel", "-1"],
        ["--fuel", "much"],
        ["--timeout", "0"],
        ["--timeout", "-1"],
        ["--timeout", "nan"],
        ["--timeout", "inf"],
        ["--timeout", "soon"],
        ["--unknown"],
        ["superfluous"],
    ],
)
@pytest.mark.parametrize("command", ["run", "resume"])
def test_options_that_make_no_sense(command: str, options: list[str], tmp_path: Path) -> None:
    assert f"(see refexec {command} --help)" in complaint(command, tmp_path / "any", *options)


@pytest.mark.parametrize("option", ["--snapshot", "--debug-log"])
@pytest.mark.parametrize(
    ("target", "message"),
    [
        (".", "directory"),
        ("missing/file", "No such file or directory"),
        ("program.wasm/file", "Not a directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_found_before_the_run(
    option: str, target: str, message: str, tmp_path: Path
) -> None:
    # The program would never end.
    file = write_module(tmp_path, '(module (func (export "f") (loop (br 0))))')
    path = tmp_path / target
    said = complaint("run", file, "--entry", "f", option, path)
    assert said.startswith(f"{path}: ")
    assert message.lower() in said.lower()


def test_an_unknown_command() -> None:
    assert complaint("walk") == "No such command 'walk'. (see refexec --help)"


def test_a_missing_argument() -> None:
    assert complaint("run") == "Missing argument 'PROGRAM'. (see refexec run --help)"


def test_no_command_at_all_shows_the_help() -> None:
    result = call()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    functions = "".join(f'(func (export "f{i}"))' for i in range(20_000))
    file = write_module(tmp_path, f"(module {functions})")
    reader, writer = os.pipe()
    with subprocess.Popen(
        [*COMMAND, "inspect", "--json", file], stdout=writer, stderr=subprocess.PIPE
    ) as process:
        os.close(writer)
        os.read(reader, 1)
        os.close(reader)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said == b""


def test_an_interrupt_between_commands_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **extra: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.Group.main", interrupted)
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 130
    assert result.stderr == "refexec: interrupted\n"


def test_the_process_ends_with_the_same_status_and_line(tmp_path: Path) -> None:
    done = spawn("run", tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr == (
        f"refexec: {tmp_path}: is a directory, expected a WebAssembly module\n".encode()
    )
