"""`refexec run`: how programs end, what becomes of their text, and how they are stopped."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from command_line import COMMAND, PATIENCE, call, spawn, write_module
from guests import COUNTS, ENDS, PRINTS
from refexec import snapshot
from refexec.trap import TrapID


@pytest.fixture
def ends(tmp_path: Path) -> Path:
    return write_module(tmp_path, ENDS)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    return write_module(tmp_path, COUNTS)


@pytest.mark.parametrize(
    ("entry", "status", "said"),
    [
        ("well", 0, ""),
        ("badly", 1, ""),
        ("exit", 0, ""),
        ("exit_badly", 1, ""),
        ("unreachable", 103, "trap 3: unreachable"),
        ("recurse", 104, "trap 4: call stack exhausted, and not kept (no --snapshot)"),
        ("divide", 108, "trap 8: integer divide by zero"),
        ("raise", 127, "trap 27: ABI deficiency, and not kept (no --snapshot)"),
        ("bad_packet", 128, "ABI violation: runtime: invalid op packet size: 7"),
    ],
)
def test_the_exit_status_tells_how_the_program_ended(
    ends: Path, entry: str, status: int, said: str
) -> None:
    result = call("run", ends, "--entry", entry)
    assert (result.exit_code, result.stdout) == (status, "")
    # What comes after it is a backtrace.
    assert result.stderr.partition("\n")[0] == (f"refexec: {said}" if said else "")


def test_the_exit_status_is_that_of_the_process(ends: Path) -> None:
    assert spawn("run", ends, "--entry", "well").returncode == 0
    assert spawn("run", ends, "--entry", "divide").returncode == 108


def test_a_program_without_an_entry_ends_well(tmp_path: Path) -> None:
    assert call("run", write_module(tmp_path, "(module)")).exit_code == 0


# -- text of the guest ---------------------------------------------------------------------------


def test_debug_text_goes_to_standard_error(tmp_path: Path) -> None:
    done = spawn("run", write_module(tmp_path, PRINTS), "--entry", "main")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"guest \x1b[31m!\n"


def test_debug_text_goes_to_standard_output_if_wanted(tmp_path: Path) -> None:
    file = write_module(tmp_path, PRINTS)
    done = spawn("run", file, "--entry", "main", "--debug-log", "-")
    assert (done.stdout, done.stderr) == (b"guest \x1b[31m!\n", b"")


def test_debug_text_goes_to_a_file_if_wanted(tmp_path: Path) -> None:
    log = tmp_path / "log"
    file = write_module(tmp_path, PRINTS)
    result = call("run", file, "--entry", "main", "--debug-log", log)
    assert (result.exit_code, result.output) == (0, "")
    assert log.read_bytes() == b"guest \x1b[31m!\n"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_text_of_a_guest_cannot_command_a_terminal(stream: str, tmp_path: Path) -> None:
    file = write_module(tmp_path, PRINTS)
    ours, terminal = pty.openpty()
    options = ["--debug-log", "-"] if stream == "stdout" else []
    subprocess.run(
        [*COMMAND, "run", file, "--entry", "main", *options],
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=True,
        **{stream: terminal},
    )
    os.close(terminal)
    assert os.read(ours, 1000) == b"guest \\x1b[31m!\r\n"
    os.close(ours)


@pytest.mark.parametrize("closed", ["0", "1", "2", "0,1,2"])
def test_standard_streams_may_be_missing(closed: str, tmp_path: Path) -> None:
    file = write_module(tmp_path, PRINTS)
    redirections = "".join(f" {number}>&-" for number in closed.split(","))
    command = [*COMMAND, "run", file, "--entry", "main"]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirections}', "sh", *command],
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0


GREETING = Path(__file__).parents[2] / "examples" / "hello.wasm"


def test_a_reader_of_the_output_that_goes_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "run", GREETING, "--entry", "greet"],
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 0
    assert done.stderr == b"hello: greeting sent\n"


def test_an_output_that_is_full_is_told() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "run", GREETING, "--entry", "greet"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    assert b"refexec: standard input or output failed: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


# -- stopping ------------------------------------------------------------------------------------


def test_a_program_stops_when_its_fuel_is_spent(counts: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    result = call("run", counts, "--entry", "forever", "--fuel", "5000", "--snapshot", kept)
    assert result.exit_code == 102
    assert result.stderr == f"started\nrefexec: trap 2: suspended, kept in {kept}\n"
    record = snapshot.file.read(kept)
    assert record.trap == TrapID.SUSPENDED
    assert record.fuel_spent == 5000


def test_a_program_stops_when_its_time_is_over(counts: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    result = call("run", counts, "--entry", "forever", "--timeout", "0.3", "--snapshot", kept)
    assert result.exit_code == 102
    assert snapshot.file.read(kept).trap == TrapID.SUSPENDED


def test_without_a_snapshot_the_program_is_lost_and_that_is_said(counts: Path) -> None:
    result = call("run", counts, "--entry", "forever", "--fuel", "5000")
    assert result.exit_code == 102
    assert result.stderr.endswith("trap 2: suspended, and not kept (no --snapshot)\n")


def test_a_program_that_ends_in_time_is_not_stopped(counts: Path) -> None:
    result = call("run", counts, "--entry", "times", "--timeout", "60", "--fuel", "1000000")
    assert (result.exit_code, result.output) == (0, "")


def test_a_program_that_has_returned_is_kept(counts: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert call("run", counts, "--entry", "times", "--snapshot", kept).exit_code == 0
    assert snapshot.file.read(kept).phase == "halted"


@pytest.mark.parametrize("entry", ["exit", "divide", "bad_packet"])
def test_a_program_that_cannot_go_on_is_not_kept(entry: str, ends: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    call("run", ends, "--entry", entry, "--snapshot", kept)
    assert not kept.exists()


def interrupted(*args: object, signals: int = 1) -> tuple[int, bytes]:
    """Run a command, and send it SIGINT when its program has said that it started."""
    with subprocess.Popen(
        [*COMMAND, *map(str, args)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"started\n"
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        return process.returncode, said


def test_ctrl_c_suspends(counts: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    status, said = interrupted("run", counts, "--entry", "forever", "--snapshot", kept)
    assert status == 102
    assert said == f"refexec: trap 2: suspended, kept in {kept}\n".encode()
    assert snapshot.file.read(kept).trap == TrapID.SUSPENDED
    assert call("resume", kept, "--fuel", "1000").exit_code == 102


def test_ctrl_c_without_a_snapshot_stops_as_well(counts: Path) -> None:
    status, said = interrupted("run", counts, "--entry", "forever")
    assert status == 102
    assert said == b"refexec: trap 2: suspended, and not kept (no --snapshot)\n"


def test_more_than_one_ctrl_c_is_no_traceback(counts: Path) -> None:
    status, said = interrupted("run", counts, "--entry", "forever", signals=3)
    assert status in (102, 130)
    assert said.count(b"\n") == 1


def test_a_worker_that_dies_is_an_internal_error_with_the_name_of_the_signal(
    counts: Path,
) -> None:
    with subprocess.Popen(
        [*COMMAND, "run", counts, "--entry", "forever"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"started\n"
        (worker,) = (
            int(child)
            for task in Path(f"/proc/{process.pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        )
        os.kill(worker, signal.SIGKILL)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 129
    assert said == b"refexec: internal error: process termination signal: killed\n"
