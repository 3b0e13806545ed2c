"""Time as a program sees it: resolution, and the clock that stops between runs.

The functions that a program calls to read clocks are in `refexec.abi.clocks`.
"""

from __future__ import annotations

import sys
import time

from refexec.record import record

SECOND = 1_000_000_000
"""Nanoseconds in a second."""

COARSE_PRECISION = 1_000_000
"""From this precision on (nanoseconds) a coarse clock will do."""

MAX_RESOLUTION = SECOND
"""The coarsest resolution, and the one that a program gets if none is set."""

_MONOTONIC_START = SECOND

# Linux's numbers; the time module has no names for them.
_REALTIME_COARSE, _MONOTONIC_COARSE = (
    (5, 6) if sys.platform == "linux" else (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC)
)


@record(frozen=True)
class TimePolicy:
    """How finely a program may tell time (scenario 91).

    Timestamps and timeouts lose the low bits of their nanoseconds-within-the-second; the seconds
    are never touched.
    """

    mask: int
    """32 bits; the bits of nanoseconds-within-the-second that stay."""

    resolution: int
    """What a program is told, in nanoseconds: a power of two, or 10**9."""

    @classmethod
    def of(cls, resolution: int) -> TimePolicy:
        """The policy for a wanted resolution in nanoseconds.

        Not positive, or above a second, means a second. The effective resolution is the next
        power of two *above* the wanted value, at most a second.
        """
        if not 0 < resolution <= MAX_RESOLUTION:
            resolution = MAX_RESOLUTION
        unit = 1 << resolution.bit_length()
        return cls(mask=0xFFFF_FFFF ^ (unit - 1), resolution=min(unit, MAX_RESOLUTION))

    def reduce(self, nanoseconds: int) -> int:
        """Round a timestamp or duration down to what the program may know."""
        seconds, rest = divmod(nanoseconds, SECOND)
        return seconds * SECOND + (rest & self.mask)


class SystemClock:
    """The operating system's clocks, the monotonic one as *instance time*.

    Instance time goes on only while the program is loaded: it starts one second after `saved`,
    the instance time at the end of the run before (0 for a fresh program), so that it never
    falls and never is 0 (scenario 86).
    """

    def __init__(self, saved: int = 0) -> None:
        self._offset = saved + _MONOTONIC_START - time.clock_gettime_ns(_MONOTONIC_COARSE)

    def realtime(self, coarse: bool) -> int:
        """Nanoseconds since the Unix epoch."""
        return time.clock_gettime_ns(_REALTIME_COARSE if coarse else time.CLOCK_REALTIME)

    def monotonic(self, coarse: bool) -> int:
        """Instance time in nanoseconds."""
        clock = _MONOTONIC_COARSE if coarse else time.CLOCK_MONOTONIC
        return time.clock_gettime_ns(clock) + self._offset
