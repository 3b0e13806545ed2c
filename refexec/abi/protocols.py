"""What the ABI needs from the engine and from the host: memory, packet channel, clock.

Everything that a program can learn from outside enters through these three, so an engine hosts
Gate programs by implementing `GuestMemory`, and a runtime by implementing `Channel`. They are
protocols: nothing has to inherit from them. `refexec.abi.timekeeping.SystemClock` is the usual
`Clock`; the other two have no implementation in this room.
"""

from __future__ import annotations

from typing import Protocol


class GuestMemory(Protocol):
    """Linear memory 0 of the program."""

    @property
    def size(self) -> int:
        """Current size in bytes."""
        ...

    def read(self, address: int, length: int) -> bytes:
        """Copy `length` bytes out; `TrapError(MEMORY_OUT_OF_BOUNDS)` if any is outside."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Copy `data` in; `TrapError(MEMORY_OUT_OF_BOUNDS)`, and no change, if any is outside."""
        ...


class Channel(Protocol):
    """The program's packet stream, its debug log, and the request to suspend.

    An `OSError` from any method ends the program with the exit status of that operation (see
    `refexec.abi.outcomes.ExitStatus`); a method may also raise `ProcessExit` itself.
    """

    @property
    def suspended(self) -> bool:
        """Whether a suspension has been asked for. Once true it stays so."""
        ...

    def read(self, size: int) -> bytes:
        """Take what has arrived for the program, at most `size` (at least 1) bytes.

        Never blocks: empty means that nothing is there, or that the stream has ended. Everything
        that is there comes at once, across the borders of packets; a result shorter than `size`
        therefore says that no more is there.
        """
        ...

    def write(self, data: bytes) -> int:
        """Send a beginning of `data` (not empty) and return its length, 0 if it would block."""
        ...

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        """Wait until a wanted direction is ready; say which of the wanted ones are.

        Both are false after `timeout_ns` nanoseconds (any size from 0 up; None waits without
        limit) and on suspension, whether it was asked for before or during the wait. Input that
        has ended is never ready; a wait for it alone, without limit, returns at once.
        """
        ...

    def debug(self, data: bytes) -> None:
        """Append `data` to the debug log, waiting while the log takes no more."""
        ...


class Clock(Protocol):
    """The clocks of one program run, in nanoseconds, not yet reduced to the policy's resolution.

    *coarse* allows, for a cheaper answer, a clock that advances only with the system's tick. An
    `OSError` ends the program with `ExitStatus.CLOCK_FAILED`.
    """

    def realtime(self, coarse: bool) -> int:
        """Time since the Unix epoch."""
        ...

    def monotonic(self, coarse: bool) -> int:
        """Instance time: it goes on only while the program is loaded, is > 0, and never falls."""
        ...
