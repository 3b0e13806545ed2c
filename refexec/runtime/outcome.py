"""How a worker's end is read: exit status to trap and result, and the state that it hands over.

Everything here judges bytes and numbers that a hostile worker has chosen, so whatever is out of
shape is an `InternalError`. A program that has taken over its worker can claim any trap; hosts
must not draw conclusions about security from one.
"""

from __future__ import annotations

import os
import re
import signal
from typing import Any

from refexec import wasm
from refexec.errors import ExecutorDiedError, InternalError, SnapshotError
from refexec.record import field, field_names, record
from refexec.runtime.spawn import EXIT_ORPHANED, LOST
from refexec.snapshot import codec
from refexec.trap import Result, TrapID

EXIT_TRAP = 100
"""Exit statuses from here on are trap ids."""

MAX_EXIT_TRAP = 127
"""The last exit status that is a trap id."""

EXIT_READ = 4
EXIT_WRITE = 6
EXIT_DEBUG = 8
EXIT_CLOCK = 12
EXIT_POLL = 13
EXIT_FAILURE = 40
"""The worker failed before or after running the program; an ERROR frame says why."""

MAX_PLACES = 1000
"""Activations that a worker tells about at most, the innermost first."""

_EXIT_TEXTS = {
    EXIT_READ: "read call failed",
    EXIT_WRITE: "write call failed",
    EXIT_DEBUG: "debug: write call failed",
    EXIT_CLOCK: "clock call failed",
    EXIT_POLL: "poll call failed",
    EXIT_FAILURE: "worker failed",
    EXIT_ORPHANED: "worker was orphaned",
}

_KILLABLE = frozenset({TrapID.EXIT, TrapID.SUSPENDED, TrapID.BREAKPOINT, TrapID.ABI_DEFICIENCY})
"""Ends that become "killed" if that was requested first."""

_DIGEST = re.compile("[0-9a-f]{64}|")
_MAX_FRAMES = 1 << 32
_MAX_COUNTER = 1 << 64
_SLOT_BYTES = 64
_TABLE_ENTRY_BYTES = 32
_MODULE_FACTOR = 16  # globals and element segments
_OVERHEAD = 16 << 20
_WORKING_MEMORY = 512 << 20


@record(frozen=True)
class Circumstances:
    """What the parent knows about the end of a worker besides its status."""

    killed: bool = False
    """A kill was asked for first."""

    suspended: bool = False
    """A suspension was asked for first, and has reached the worker."""

    hastened: bool = False
    """A kill was asked for after that."""

    abandoned: bool = False
    """The worker was killed because there was no executor any more."""

    failure: str = ""
    """What the worker has said about its own failure."""

    fault: str = ""
    """What the worker has done that no worker of ours does; it was killed for that."""


def judge(status: int, known: Circumstances) -> tuple[Result, TrapID]:
    """What a wait status means. `InternalError` if it is neither the program's end nor ours."""
    by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    if known.killed:
        if by == signal.SIGKILL:
            return Result(), TrapID.KILLED
    elif known.fault:
        raise InternalError(f"worker broke the rules of its control channel: {known.fault}")
    if by == signal.SIGKILL:
        if known.hastened:
            return Result(), TrapID.KILLED
        if known.abandoned:
            raise ExecutorDiedError()
    # A worker dies of the signal that asks it to stop while it has not begun, and of SIGXCPU when
    # it has used up the processor time that stopping may take. SIGKILL is for what ignores that.
    if by in (signal.SIGUSR1, signal.SIGXCPU) or (by == signal.SIGKILL and known.suspended):
        return Result(), TrapID.KILLED if known.killed else TrapID.SUSPENDED
    if by is not None:
        name = (signal.strsignal(by) or f"signal {by}").lower()
        raise InternalError(f"process termination signal: {name}")
    if status == LOST or not os.WIFEXITED(status):
        raise InternalError(f"unknown process status: {status}")
    code = os.WEXITSTATUS(status)
    if code < EXIT_READ:
        result, trap = Result(code), TrapID.EXIT
    else:
        result, trap = Result(), _exit_trap(code, known.failure)
    if known.killed and trap in _KILLABLE:
        trap = TrapID.KILLED
    return result, trap


def _exit_trap(code: int, failure: str) -> TrapID:
    if EXIT_TRAP <= code <= MAX_EXIT_TRAP:
        try:
            trap = TrapID(code - EXIT_TRAP)
        except ValueError:
            raise InternalError(f"unknown trap {code - EXIT_TRAP}") from None
        return trap
    text = _EXIT_TEXTS.get(code, f"unknown runtime process exit code {code}")
    raise InternalError(f"{text}: {failure}" if failure else text)


@record(frozen=True)
class Report:
    """What a program has become, as its worker reports it before it exits."""

    phase: str
    """'start', 'entry', 'halted' or 'terminated'."""

    state: dict[str, Any] | None
    """The machine's state; None if a terminated program left none."""

    frames: int
    """Depth of the call stack; 0 after a return."""

    memory_size: int
    """Bytes of linear memory."""

    monotonic_time: int
    """Instance time in nanoseconds."""

    fuel_spent: int
    """Fuel since the program was instantiated first."""

    digest: str = ""
    """The state's digest, for an input log; empty if there is no state or nothing is recorded."""

    backtrace: list[list[int]] = field(default_factory=list)
    """Function index and byte offset of the innermost activations, if the program trapped."""

    observation: Any = None
    """What an observer has reported, as plain data."""

    def encode(self) -> bytes:
        """The payload of a STATE frame."""
        return codec.dumps({name: getattr(self, name) for name in field_names(Report)})


def decode_report(payload: bytes | bytearray) -> Report:
    """Read the payload of a STATE frame. `SnapshotError` if it has the wrong shape.

    Whether `state` fits the module is checked by whoever thaws it.
    """
    tree = codec.loads(bytes(payload))
    if not isinstance(tree, dict) or tree.keys() != set(field_names(Report)):
        raise SnapshotError("worker's report has the wrong fields")
    report = Report(**tree)
    _check(report.phase in ("start", "entry", "halted", "terminated"), "phase")
    _check(report.state is None or isinstance(report.state, dict), "state")
    _check(report.state is not None or report.phase == "terminated", "state")
    _check(_is_count(report.frames, _MAX_FRAMES), "frames")
    _check((report.frames > 0) or report.phase in ("halted", "terminated"), "frames")
    _check(_is_count(report.memory_size, _MAX_COUNTER), "memory_size")
    _check(_is_count(report.monotonic_time, _MAX_COUNTER), "monotonic_time")
    _check(_is_count(report.fuel_spent, _MAX_COUNTER), "fuel_spent")
    _check(type(report.digest) is str and _DIGEST.fullmatch(report.digest) is not None, "digest")
    _check(_is_backtrace(report.backtrace), "backtrace")
    return report


def _is_backtrace(places: object) -> bool:
    return (
        isinstance(places, list)
        and len(places) <= MAX_PLACES
        and all(
            isinstance(place, list)
            and len(place) == 2
            and all(_is_count(number, _MAX_FRAMES) for number in place)
            for place in places
        )
    )


def _is_count(value: object, limit: int) -> bool:
    return type(value) is int and 0 <= value < limit


def _check(good: bool, field: str) -> None:
    if not good:
        raise SnapshotError(f"worker's report has an invalid {field}")


def max_report_size(limits: wasm.Limits, module: wasm.Module) -> int:
    """More bytes than the report of any program within `limits` can have."""
    context = module.valid.context
    return (
        len(context.memories) * (limits.memory_pages << 16)
        + len(context.tables) * limits.table_entries * _TABLE_ENTRY_BYTES
        + limits.slots * _SLOT_BYTES
        + limits.gc_heap * 2
        + len(module.data) * _MODULE_FACTOR
        + _OVERHEAD
    )


def max_worker_memory(limits: wasm.Limits, module: wasm.Module) -> int:
    """More bytes than a worker can need to run any program within `limits`, and to report it."""
    # The state itself, its copy as plain data, and that encoded.
    return 3 * max_report_size(limits, module) + _WORKING_MEMORY
