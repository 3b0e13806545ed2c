"""`poll_oneoff`: wait for clocks and for the packet stream.

Subscriptions and events are those of WASI preview 1. The wait itself is `Host.poll`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from refexec.abi.clocks import MONOTONIC, REALTIME, SUPPORTED_CLOCKS, VALID_CLOCKS
from refexec.abi.errno import Errno
from refexec.abi.files import GATE, KNOWN, LOG
from refexec.abi.iovec import signed32
from refexec.record import record

if TYPE_CHECKING:
    from refexec.abi.host import Host

SUBSCRIPTION_SIZE = 48
EVENT_SIZE = 32

TAG_CLOCK = 0
TAG_FD_READ = 1
TAG_FD_WRITE = 2

FLAG_ABSOLUTE = 1

STREAM_READY = 65536
"""How many bytes the ready packet stream is said to take or give: a packet of maximum size."""
LOG_READY = 0x7FFF_FFFF
"""How many bytes the debug log is said to take."""

# userdata @0, tag @8, clock id or descriptor @16, timeout @24, precision @32, flags @40
_SUBSCRIPTION = struct.Struct("<QB7xI4xQQH6x")
# userdata @0, error @8, type @10; then, after a gap that is not written: bytes @16, flags @24
_EVENT_HEAD = struct.Struct("<QHB")
_EVENT_TAIL = struct.Struct("<QH")
_EVENT_TAIL_OFFSET = 16


@record(frozen=True)
class Subscription:
    """One thing to wait for. The last three fields matter for clocks only."""

    userdata: int
    tag: int
    which: int
    """Clock id, or descriptor."""
    timeout: int
    precision: int
    flags: int

    @property
    def absolute(self) -> bool:
        """Whether the timeout is a time, not a duration."""
        return self.flags & FLAG_ABSOLUTE != 0

    def wait(self, begin: dict[int, int]) -> int | None:
        """How long to wait for it at most, in nanoseconds; None if that is not limited."""
        if self.tag == TAG_CLOCK and self.which < VALID_CLOCKS:
            if not self.absolute:
                return self.timeout
            return max(self.timeout - begin.get(self.which, 0), 0)
        if self.tag in (TAG_FD_READ, TAG_FD_WRITE) and self.which == GATE:
            return None
        return 0


@record(frozen=True)
class Observation:
    """What is known after the wait."""

    begin: dict[int, int]
    """Time before the wait, for each clock that was read."""
    end: dict[int, int]
    """Time after the wait, likewise."""
    waited: int
    """How long the wait has lasted at least, if it ended by its timeout; otherwise -1."""
    input_ready: bool
    output_ready: bool


def poll_oneoff(host: Host, subscriptions: int, events: int, count: int, out: int) -> int:
    """Wait until something subscribed to has happened; write an event for each that has.

    Without subscriptions it waits until the program is suspended. The number of events may be 0.
    Processor time clocks can not be served (trap 27).
    """
    count = max(signed32(count), 0)
    if (count > 0 and (subscriptions == 0 or events == 0)) or out == 0:
        return Errno.FAULT
    subscribed = [_read(host, subscriptions + index * SUBSCRIPTION_SIZE) for index in range(count)]
    emitted = 0
    observation = _observe(host, subscribed)
    for subscription in subscribed:
        happened, error, size = _judge(host, subscription, observation)
        # The slot is filled in any case; what did not happen is overwritten by what did.
        _write(host, events + emitted * EVENT_SIZE, subscription, error, size)
        emitted += happened
    host.store_u32(out, emitted)
    return Errno.SUCCESS


def _read(host: Host, address: int) -> Subscription:
    return Subscription(*_SUBSCRIPTION.unpack(host.load(address, SUBSCRIPTION_SIZE)))


def _write(host: Host, address: int, subscription: Subscription, error: int, size: int) -> None:
    host.store(address, _EVENT_HEAD.pack(subscription.userdata, error, subscription.tag))
    host.store(address + _EVENT_TAIL_OFFSET, _EVENT_TAIL.pack(size, 0))


def _observe(host: Host, subscribed: list[Subscription]) -> Observation:
    """Read the clocks that matter, wait, and read them again."""
    precisions = _precisions(host, subscribed)
    begin = _times(host, precisions)

    waits = []
    for subscription in subscribed:
        if subscription.tag == TAG_CLOCK and subscription.which in range(
            SUPPORTED_CLOCKS, VALID_CLOCKS
        ):
            raise host.deficient(f"poll_oneoff of clock {subscription.which}")
        wait = subscription.wait(begin)
        if wait is not None:
            waits.append(wait)
    timeout = min(waits, default=None)

    input_ready, output_ready = host.poll(
        any(s.tag == TAG_FD_READ and s.which == GATE for s in subscribed),
        any(s.tag == TAG_FD_WRITE and s.which == GATE for s in subscribed),
        timeout,
    )
    waited = -1
    if timeout is not None and not input_ready and not output_ready:
        waited = host.policy.reduce(timeout)
    return Observation(begin, _times(host, precisions), waited, input_ready, output_ready)


def _precisions(host: Host, subscribed: list[Subscription]) -> dict[int, int]:
    """The finest precision wanted of each clock that must be read, within the policy."""
    finest: dict[int, int] = {}
    for subscription in subscribed:
        if (
            subscription.tag == TAG_CLOCK
            and subscription.which < VALID_CLOCKS
            and subscription.timeout != 0
        ):
            clock = REALTIME if subscription.which == REALTIME else MONOTONIC
            wanted = max(subscription.precision, host.policy.resolution)
            finest[clock] = min(finest.get(clock, wanted), wanted)
    return finest


def _times(host: Host, precisions: dict[int, int]) -> dict[int, int]:
    return {
        clock: host.time(clock == MONOTONIC, precision) for clock, precision in precisions.items()
    }


def _judge(host: Host, subscription: Subscription, seen: Observation) -> tuple[bool, int, int]:
    """Whether it has happened, and the error and size of the event."""
    tag, which = subscription.tag, subscription.which
    if tag == TAG_CLOCK and which < VALID_CLOCKS:
        return _is_due(host, subscription, seen), Errno.SUCCESS, 0
    if tag == TAG_FD_READ:
        if which == GATE:
            return seen.input_ready, Errno.SUCCESS, STREAM_READY
        return True, Errno.PERM if which in KNOWN else Errno.BADF, 0
    if tag == TAG_FD_WRITE:
        if which == GATE:
            return seen.output_ready, Errno.SUCCESS, STREAM_READY
        if which in LOG:
            return True, Errno.SUCCESS, LOG_READY
        return True, Errno.PERM if which in KNOWN else Errno.BADF, 0
    return True, Errno.INVAL, 0


def _is_due(host: Host, subscription: Subscription, seen: Observation) -> bool:
    timeout, clock = subscription.timeout, subscription.which
    if timeout == 0:
        return True
    if subscription.absolute:
        return timeout <= seen.end[clock]
    # Timestamps and waits are both rounded down to the resolution, so a wait that ended by its
    # timeout counts even if the clock does not show it yet.
    return (
        seen.begin[clock] + timeout <= seen.end[clock] or host.policy.reduce(timeout) <= seen.waited
    )
