"""`refexec resume`: programs go on where they stopped."""

from __future__ import annotations

from pathlib import Path

from command_line import call, complaint, write_module
from guests import COUNTS, ENDS
from refexec import snapshot
from refexec.snapshot import Snapshot
from refexec.trap import Result


def test_a_program_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    kept = tmp_path / "kept"
    assert call("run", file, "--entry", "forever", "--fuel", "3000", "--snapshot", kept)
    for turn in range(2, 6):
        # The program traps if what it counts in a local and in a global differs.
        result = call("resume", kept, "--fuel", "3000", "--snapshot", kept)
        assert result.exit_code == 102
        assert result.stderr == f"refexec: trap 2: suspended, kept in {kept}\n"
        assert snapshot.file.read(kept).fuel_spent == 3000 * turn


def test_a_program_that_was_stopped_in_time_ends_the_same(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    whole, kept = tmp_path / "whole", tmp_path / "kept"
    assert call("run", file, "--entry", "times", "--snapshot", whole).exit_code == 0
    status = call("run", file, "--entry", "times", "--fuel", "999", "--snapshot", kept).exit_code
    while status == 102:
        status = call("resume", kept, "--fuel", "999", "--snapshot", kept).exit_code
    assert status == 0
    assert snapshot.file.read(kept).fuel_spent == snapshot.file.read(whole).fuel_spent


def test_a_program_that_has_returned_is_entered_again(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    kept = tmp_path / "kept"
    assert call("run", file, "--entry", "check", "--snapshot", kept).exit_code == 0
    assert call("resume", kept, "--entry", "add", "--snapshot", kept).exit_code == 0
    assert call("resume", kept, "--entry", "check").exit_code == 1


def test_a_program_that_has_returned_has_nothing_more_to_do(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    kept = tmp_path / "kept"
    assert call("run", file, "--entry", "add", "--snapshot", kept).exit_code == 0
    assert call("resume", kept).exit_code == 0


def test_a_suspended_program_may_not_be_given_an_entry(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    kept = tmp_path / "kept"
    call("run", file, "--entry", "forever", "--fuel", "1000", "--snapshot", kept)
    message = complaint("resume", kept, "--entry", "add")
    assert message.startswith(f"{kept}: ")
    assert "entry" in message


def test_a_program_that_was_kept_before_it_began(tmp_path: Path) -> None:
    file = write_module(tmp_path, ENDS)
    kept = tmp_path / "kept"
    status = call("run", file, "--entry", "badly", "--fuel", "0", "--snapshot", kept).exit_code
    assert status == 102
    assert call("resume", kept).exit_code == 1


def test_a_program_that_has_ended_for_good(tmp_path: Path) -> None:
    module = write_module(tmp_path, ENDS).read_bytes()
    kept = tmp_path / "kept"
    record = Snapshot(module, phase="terminated", final=True, result=Result(2))
    snapshot.file.write(kept, record)
    assert complaint("resume", kept) == (
        f"{kept}: the program has ended for good, expected one that can go on"
    )


def test_a_program_can_be_kept_elsewhere(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    kept, other = tmp_path / "kept", tmp_path / "other.wasm"
    start = ("run", file, "--entry", "forever", "--fuel", "3000", "--snapshot", kept)
    assert call(*start, "--without-program").exit_code == 102
    record = snapshot.file.read(kept)
    assert record.module is None
    assert file.read_bytes() not in kept.read_bytes()
    go_on = ("resume", kept, "--fuel", "3000", "--snapshot", kept)
    message = complaint(*go_on)
    assert message.startswith(f"{kept}: the program was left out")
    assert record.digest in message
    other.write_bytes(b"\0asm\1\0\0\0")
    message = complaint(*go_on, "--program", other)
    assert message.startswith(f"{kept}: snapshot belongs to another program")
    assert call(*go_on, "--program", file, "--without-program").exit_code == 102
    again = snapshot.file.read(kept)
    assert (again.module, again.fuel_spent) == (None, 6000)
    assert call(*go_on, "--program", file).exit_code == 102
    assert snapshot.file.read(kept).module == file.read_bytes()
    # Also superfluously, if it is the right one.
    assert call(*go_on, "--program", file).exit_code == 102


def test_a_program_is_left_out_of_snapshots_only(tmp_path: Path) -> None:
    file = write_module(tmp_path, COUNTS)
    for more in ((), ("--snapshot", tmp_path / "kept.wasm")):
        message = complaint("run", file, "--entry", "forever", "--without-program", *more)
        assert message == "--without-program: needs --snapshot OUT, where OUT is not a module"
    kept = tmp_path / "kept.wasm"
    call("run", file, "--entry", "forever", "--fuel", "99", "--snapshot", kept)
    message = complaint("resume", kept, "--program", file)
    assert message == f"{kept}: is a WebAssembly module, which has its program inside of it"
