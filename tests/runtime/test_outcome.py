"""How the end of a worker is read."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from refexec.errors import ExecutorDiedError, InternalError, SnapshotError
from refexec.runtime.outcome import (
    EXIT_FAILURE,
    Circumstances,
    Report,
    decode_report,
    judge,
)
from refexec.runtime.spawn import LOST
from refexec.snapshot import codec
from refexec.trap import Result, TrapID


def exited(code: int) -> int:
    return code << 8


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_lowest_statuses_are_results(code: int) -> None:
    assert judge(exited(code), Circumstances()) == (Result(code), TrapID.EXIT)


@pytest.mark.parametrize("trap", [trap for trap in TrapID if trap < 28])
def test_statuses_from_100_are_traps(trap: TrapID) -> None:
    assert judge(exited(100 + trap), Circumstances()) == (Result(), trap)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (4, "read call failed"),
        (6, "write call failed"),
        (8, "debug: write call failed"),
        (12, "clock call failed"),
        (13, "poll call failed"),
        (99, "unknown runtime process exit code 99"),
        (128, "unknown runtime process exit code 128"),
        (120, "unknown trap 20"),
    ],
)
def test_other_statuses_are_internal_errors(code: int, message: str) -> None:
    with pytest.raises(InternalError, match=f"^{message}$"):
        judge(exited(code), Circumstances())


def test_a_worker_that_failed_is_quoted() -> None:
    with pytest.raises(InternalError, match=r"^worker failed: MemoryError: $"):
        judge(exited(EXIT_FAILURE), Circumstances(failure="MemoryError: "))


@pytest.mark.parametrize(
    ("trap", "becomes"),
    [
        (TrapID.EXIT, TrapID.KILLED),
        (TrapID.SUSPENDED, TrapID.KILLED),
        (TrapID.BREAKPOINT, TrapID.KILLED),
        (TrapID.ABI_DEFICIENCY, TrapID.KILLED),
        (TrapID.UNREACHABLE, TrapID.UNREACHABLE),
        (TrapID.CALL_STACK_EXHAUSTED, TrapID.CALL_STACK_EXHAUSTED),
    ],
)
def test_s028_s029_a_kill_changes_what_was_no_fault(trap: TrapID, becomes: TrapID) -> None:
    assert judge(exited(100 + trap), Circumstances(killed=True))[1] is becomes


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (signal.SIGKILL, "killed"),
        (signal.SIGSYS, "bad system call"),
        (signal.SIGSEGV, "segmentation fault"),
        (63, "real-time signal 29"),
    ],
)
def test_a_signal_of_somebody_else_is_an_internal_error(number: int, name: str) -> None:
    with pytest.raises(InternalError, match=f"^process termination signal: {name}$"):
        judge(number, Circumstances())


@pytest.mark.parametrize(
    ("number", "known", "trap"),
    [
        (signal.SIGKILL, Circumstances(killed=True), TrapID.KILLED),
        (signal.SIGKILL, Circumstances(killed=True, abandoned=True), TrapID.KILLED),
        (signal.SIGKILL, Circumstances(killed=True, fault="x"), TrapID.KILLED),
        (signal.SIGKILL, Circumstances(suspended=True), TrapID.SUSPENDED),
        (signal.SIGKILL, Circumstances(suspended=True, hastened=True), TrapID.KILLED),
        (signal.SIGXCPU, Circumstances(suspended=True, hastened=True), TrapID.SUSPENDED),
        (signal.SIGXCPU, Circumstances(), TrapID.SUSPENDED),
        (signal.SIGUSR1, Circumstances(suspended=True), TrapID.SUSPENDED),
        (signal.SIGUSR1, Circumstances(killed=True), TrapID.KILLED),
        (signal.SIGXCPU, Circumstances(killed=True), TrapID.KILLED),
    ],
)
def test_signals_of_our_own(number: int, known: Circumstances, trap: TrapID) -> None:
    assert judge(number, known) == (Result(), trap)


def test_a_worker_without_executor() -> None:
    with pytest.raises(ExecutorDiedError, match="executor died unexpectedly"):
        judge(signal.SIGKILL, Circumstances(abandoned=True))
    assert judge(exited(0), Circumstances(abandoned=True)) == (Result(0), TrapID.EXIT)


def test_a_fault_is_told_whatever_the_status() -> None:
    for status in (signal.SIGKILL, exited(0)):
        with pytest.raises(
            InternalError, match=r"broke the rules of its control channel: nonsense"
        ):
            judge(status, Circumstances(fault="nonsense"))


@pytest.mark.parametrize("status", [LOST, 0x7F | signal.SIGSTOP << 8])
def test_a_status_that_says_nothing(status: int) -> None:
    with pytest.raises(InternalError, match=f"^unknown process status: {status}$"):
        judge(status, Circumstances())


GOOD: dict[str, Any] = {
    "phase": "entry",
    "state": {},
    "frames": 1,
    "memory_size": 65536,
    "monotonic_time": 5,
    "fuel_spent": 7,
    "digest": "0123456789abcdef" * 4,
    "backtrace": [[1, 70]],
    "observation": None,
}


def test_a_report_survives() -> None:
    report = Report(**GOOD)
    assert decode_report(report.encode()) == report


@pytest.mark.parametrize(
    "change",
    [
        {"phase": "fresh"},
        {"phase": ["entry"]},
        {"state": None},
        {"state": []},
        {"frames": 0},
        {"backtrace": None},
        {"backtrace": [[1]]},
        {"backtrace": [[1, -1]]},
        {"backtrace": [[0, 0]] * 1001},
        {"frames": -1},
        {"frames": True},
        {"frames": 1 << 32},
        {"memory_size": "1"},
        {"monotonic_time": -1},
        {"fuel_spent": 1 << 64},
        {"digest": None},
        {"digest": "0123"},
        {"extra": 1},
    ],
)
def test_a_report_of_the_wrong_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SnapshotError, match="worker's report has"):
        decode_report(codec.dumps(GOOD | change))


@pytest.mark.parametrize("payload", [b"", b"nonsense", codec.dumps(1), codec.dumps({})])
def test_a_report_that_is_none_is_refused(payload: bytes) -> None:
    with pytest.raises(SnapshotError):
        decode_report(payload)


def test_a_terminated_program_need_not_leave_a_state() -> None:
    report = decode_report(codec.dumps(GOOD | {"phase": "terminated", "state": None, "frames": 0}))
    assert report.state is None
