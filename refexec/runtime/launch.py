"""What the parent hands to a worker: the program, its state, and the rules for this run.

It travels pickled, which is fit for this direction only: a worker trusts its parent. What goes the
other way is in `outcome`.
"""

from __future__ import annotations

import pickle
from typing import Any, Final

from refexec import wasm
from refexec.interp.frozen import with_chunks
from refexec.record import record, replace

MAX_SIZE: Final = (1 << 32) - 1
"""Longest encoded form in bytes: what a frame can hold."""


@record(frozen=True)
class Launch:
    """All that a worker is told about the program that it runs, and how to run it."""

    module: bytes
    """The wasm binary; the parent has validated it already."""

    state: dict[str, Any] | None
    """Machine state to go on from; None for a program that has not begun."""

    phase: str
    """'fresh', 'start', 'entry' or 'halted': see `refexec.image.Instance.phase`."""

    entry: str | None
    """Export to call next; None if there is nothing to be called."""

    monotonic_time: int
    """Instance time at the end of the last run, in nanoseconds."""

    random: bytes
    """Bytes that the program may ask for in this run."""

    time_resolution: int
    """Wanted resolution of the program's clocks, in nanoseconds."""

    debug: bool
    """Whether anybody reads what the program writes as debug text."""

    record: bool
    """Whether what the host calls do is to be reported, for an input log."""

    observer: bytes | None
    """An observer, as `refexec.observe.carry` has packed it; None if nobody watches."""

    engine: str
    """Name of the engine in `refexec.wasm`."""

    fuel: int | None
    """Fuel for this run; None: without limit."""

    limits: wasm.Limits
    """Limits of the machine."""

    memory: int
    """Bytes of address space that the worker may take for all this."""

    cpu_limit: float | None
    """Seconds of processor time after which the program is suspended; None: without limit."""

    def encode(self) -> bytes:
        """The payload of a START frame."""
        # Memories of a state read from a file are views of the file, which are no plain data.
        state = with_chunks(self.state, pickle.PickleBuffer)
        return pickle.dumps(replace(self, state=state), protocol=5)

    @staticmethod
    def decode(payload: bytes | bytearray) -> Launch:
        """Read what `encode` wrote. The parent is trusted, and only it can send this."""
        launch: Launch = pickle.loads(payload)
        return launch
