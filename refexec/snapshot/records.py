"""The records that snapshots are made of. They hold data; only the program is checked.

How they become bytes is in `refexec.snapshot.file`; what the machine state in them means is known
only to the machine.
"""

from __future__ import annotations

from typing import Any, Final

from refexec.errors import SnapshotError
from refexec.record import field, record, replace
from refexec.trap import Result, TrapID

PHASES: Final = ("fresh", "start", "entry", "halted", "terminated")
"""How far a program has come: not begun, inside its start function, inside its entry function,
returned from it, ended for good."""


@record(frozen=True)
class Service:
    """A discovered service, as it is kept while the program does not run."""

    name: str
    """Its name. Arbitrary bytes from a program are decoded as UTF-8 with surrogateescape."""

    buffer: bytes = b""
    """Its state, in a form known only to the service; empty if it has none."""


@record()
class Buffers:
    """What was on its way between a program and its services when the program stopped."""

    services: list[Service] = field(default_factory=list)
    """The services that the program had discovered, in the order of their codes."""

    input: bytes = b""
    """Bytes that the program has not read yet."""

    output: bytes = b""
    """Bytes that the program has written, but that made no whole packet yet."""


@record()
class Snapshot:
    """All that is needed to run a stopped program on, anywhere."""

    module: bytes | None = field(shown=False)
    """The wasm binary; None if it is kept elsewhere, see `with_module`."""

    state: dict[str, Any] | None = field(default=None, shown=False)
    """The machine state as plain data (see `refexec.snapshot.codec`); None if there is none.
    Contents of memories may be memoryviews."""

    buffers: Buffers = field(default_factory=Buffers)
    """What was on its way."""

    trap: TrapID = TrapID.EXIT
    """How the last run ended."""

    result: Result = field(default_factory=Result)
    """The program's judgement of itself, meaningful with `TrapID.EXIT` only."""

    monotonic_time: int = 0
    """The program's monotonic clock when it stopped, in ns. Range 0..2**64-1."""

    fuel_spent: int = 0
    """Fuel spent in all runs so far. Range 0..2**128-1."""

    pending_start: bool = False
    """Whether the start function is still to be run."""

    entry: str | None = None
    """Export name of the entry function that is still to be run, if any."""

    final: bool = False
    """Whether the program must not be run again."""

    phase: str = "fresh"
    """One of `PHASES`."""

    digest: str = ""
    """SHA-256 of the wasm binary, in hexadecimal; computed if the binary is there."""

    def __post_init__(self) -> None:
        """Compute the digest."""
        if self.module is not None:
            # Late, since a worker makes no snapshots and need not pay for it.
            import hashlib

            self.digest = hashlib.sha256(self.module).hexdigest()

    def without_module(self) -> Snapshot:
        """The same with only the digest of its wasm binary."""
        return replace(self, module=None)

    def with_module(self, module: bytes) -> Snapshot:
        """The same with its wasm binary. Raises SnapshotError if it is another one."""
        full = replace(self, module=module)
        if full.digest != self.digest:
            raise SnapshotError(
                f"snapshot belongs to another program: expected one with SHA-256 {self.digest}, "
                f"found one with {full.digest}"
            )
        return full
