"""`ProcessPolicy`: the embedder's rules for one run of one program.

The policy says how the program may run; what the program is, and what it has become, is in
`refexec.image`. This module enforces nothing.
"""

from __future__ import annotations

from typing import Protocol

from refexec import wasm
from refexec.errors import ConfigError
from refexec.observe.observer import Observer
from refexec.record import field, record

_MAX_SECONDS = 1_000_000_000


class DebugWriter(Protocol):
    """Where debug text goes: any binary file will do."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`, or so many bytes as the returned int says."""
        ...


class RecordWriter(Protocol):
    """Where an input log goes: any binary file will do."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`, or so many bytes as the returned int says."""
        ...


@record(frozen=True)
class ProcessPolicy:
    """How a program may run."""

    time_resolution: int = 0
    """Nanoseconds that the program's clocks are rounded to, as a side-channel measure.

    The program sees the next higher power of two. Up to 0 and above one second mean one second.
    """

    debug_log: DebugWriter | None = None
    """Receives what the program writes to its file descriptors 1 and 2, line by line.

    The last line of a run gets a line feed if it has none, also if the program was suspended in
    the middle of it. If the writer fails, the rest is dropped. Each line is one `write`, then one
    `flush` if the writer has that, from a thread of the process. None: the program's writes
    succeed and go nowhere.
    """

    fuel: int | None = None
    """Fuel for this run; when it is spent the program is suspended. None: without limit."""

    engine: str | None = None
    """Which engine runs the program, by its name in `refexec.wasm`.

    None: the default one, or the reference if there is an observer.
    """

    record: RecordWriter | None = None
    """Receives the input log of this run (see `refexec.abi.inputlog`), record by record.

    Writing begins with `Process.serve` and has ended when that returns. If the writer fails, the
    rest is dropped, and `Process.record_failure` tells. None: nothing is recorded.
    """

    observer: Observer | None = None
    """Watches the program (see `refexec.observe`). The worker gets a copy of it; what that has to
    say in the end is in `Process.observation`.

    It takes an executor with `Config.preload`. None: nobody watches.
    """

    limits: wasm.Limits = field(default_factory=wasm.Limits)
    """Limits of the machine. The memory limit of the instance counts if it is lower."""

    time_limit: float | None = None
    """Seconds after `start` when the program is suspended. None: never.

    A program that has not stopped three quarters of a second later, because it is in a long
    operation of the interpreter or nobody reads its debug text, is killed: `serve` returns
    `TrapID.SUSPENDED` all the same, but the program's state is lost.
    """

    cpu_limit: float | None = None
    """Seconds of processor time that the program may use before it is suspended.

    What starting the worker takes is not counted. A program that has used about a second more is
    killed, as with `time_limit`. None: without limit.
    """

    memory: int | None = None
    """Bytes of address space that the worker may take beyond what an idle one has.

    A worker that wants more fails, and `serve` raises `InternalError`. None: a generous multiple of
    what `limits` allow, as Python objects, so that a program within its limits never meets it.
    """

    @property
    def runs_on(self) -> str:
        """The engine that runs the program."""
        return wasm.engine_for(self.engine, self.observer is not None)

    def __post_init__(self) -> None:
        if self.fuel is not None and self.fuel < 0:
            raise ConfigError(f"fuel is negative: {self.fuel}")
        if self.memory is not None and self.memory < 0:
            raise ConfigError(f"memory is negative: {self.memory}")
        wasm.engine_for(self.engine, self.observer is not None)
        for name in ("time_limit", "cpu_limit"):
            seconds = getattr(self, name)
            # Written so that it refuses what is not a number.
            if seconds is not None and not 0 < seconds < _MAX_SECONDS:
                raise ConfigError(f"{name} is {seconds}, expected 0 < seconds < {_MAX_SECONDS}")
