"""`poll_oneoff`."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass

import pytest

from abi_world import MICROSECOND, SECOND, UNTOUCHED32, Background, World
from refexec.abi import Deficiency, Host, Suspend
from refexec.errors import TrapError

SUBS, EVENTS, COUNT = 0x1000, 0x8000, 100
MILLISECOND = 1_000_000
REALTIME, MONOTONIC = 0, 1


def clock(
    which: int, timeout: int, *, absolute: bool = False, precision: int = 0, userdata: int = 0
) -> bytes:
    return struct.pack(
        "<QB7xI4xQQH6x", userdata, 0, which, timeout, precision, int(absolute) | 0xFE
    )


def fd_read(fd: int, userdata: int = 0) -> bytes:
    return struct.pack("<QB7xI28x", userdata, 1, fd)


def fd_write(fd: int, userdata: int = 0) -> bytes:
    return struct.pack("<QB7xI28x", userdata, 2, fd)


@dataclass
class Event:
    userdata: int
    error: int
    kind: int
    nbytes: int


def subscribe(world: World, *subscriptions: bytes) -> tuple[int, ...]:
    """Write subscriptions; give the arguments of the call. Userdata 0 becomes the position."""
    data = b""
    for index, subscription in enumerate(subscriptions):
        assert len(subscription) == 48
        named = subscription[:8] if any(subscription[:8]) else index.to_bytes(8, "little")
        data += named + subscription[8:]
    world.put(SUBS, data)
    return SUBS, EVENTS, len(subscriptions), COUNT


def events(world: World) -> list[Event]:
    found = []
    for index in range(world.u32(COUNT)):
        event = world.bytes(EVENTS + 32 * index, 32)
        userdata, error, kind, pad, nbytes, flags, end = struct.unpack("<QHB5sQH6s", event)
        assert pad == b"\xaa" * 5
        assert end == b"\xaa" * 6
        assert flags == 0
        found.append(Event(userdata, error, kind, nbytes))
    return found


def poll(world: World, *subscriptions: bytes) -> list[Event]:
    assert world.call("poll_oneoff", *subscribe(world, *subscriptions)) == 0
    return events(world)


# -- pointers ------------------------------------------------------------------------------------


def test_null_rules() -> None:
    with World() as world:
        subscribe(world, fd_read(1))
        assert world.call("poll_oneoff", 0, EVENTS, 1, COUNT) == 21
        assert world.call("poll_oneoff", SUBS, 0, 1, COUNT) == 21
        assert world.call("poll_oneoff", SUBS, EVENTS, 1, 0) == 21
        assert world.call("poll_oneoff", 0, 0, 0, 0) == 21
        assert world.u32(COUNT) == UNTOUCHED32
        assert world.channel.polls == []


@pytest.mark.parametrize("count", [0, -1, -0x8000_0000])
def test_without_subscriptions_it_waits_for_suspension(count: int) -> None:
    with World() as world:
        call = world.background("poll_oneoff", 0, 0, count, COUNT)
        assert world.channel.polls == [(False, False, None)]
        world.channel.suspend()
        with pytest.raises(Suspend):
            call.result()
        assert world.u32(COUNT) == UNTOUCHED32


@pytest.mark.parametrize(
    "arguments",
    [
        (0x10000 - 40, EVENTS, 1, COUNT),
        (SUBS, EVENTS, 0x7FFF_FFFF, COUNT),
        (SUBS, 0x10000 - 10, 1, COUNT),
        (SUBS, 0x10000 - 25, 1, COUNT),
        (SUBS, EVENTS, 1, 0x10000 - 2),
    ],
)
def test_pointers_outside_memory_trap(arguments: tuple[int, ...]) -> None:
    with World() as world:
        world.put(SUBS, fd_read(1))
        with pytest.raises(TrapError):
            world.call("poll_oneoff", *arguments)


# -- descriptors ---------------------------------------------------------------------------------


def test_s102_fd_write() -> None:
    with World() as world:
        assert poll(world, *map(fd_write, (0, 1, 4, 2, 3, 5))) == [
            Event(0, 63, 2, 0),
            Event(1, 0, 2, 0x7FFF_FFFF),
            Event(2, 0, 2, 65536),
            Event(3, 0, 2, 0x7FFF_FFFF),
            Event(4, 8, 2, 0),
            Event(5, 8, 2, 0),
        ]
        assert world.channel.polls == [(False, True, 0)]


def test_s103_fd_read_with_nothing_to_read() -> None:
    with World() as world:
        assert poll(world, *map(fd_read, (0, 1, 2, 4))) == [
            Event(0, 63, 1, 0),
            Event(1, 63, 1, 0),
            Event(2, 63, 1, 0),
        ]
        assert world.channel.polls == [(True, False, 0)]
        assert poll(world, fd_read(3), fd_read(0x104)) == [Event(0, 8, 1, 0), Event(1, 8, 1, 0)]


def test_s104_fd_read_blocks_until_input() -> None:
    with World() as world:
        call = world.background("poll_oneoff", *subscribe(world, fd_read(4, userdata=1 << 63)))
        assert world.channel.polls == [(True, False, None)]
        world.peer.send(b"reply")
        assert call.result() == 0
        assert events(world) == [Event(1 << 63, 0, 1, 65536)]


def test_fd_write_to_a_full_stream() -> None:
    with World() as world:
        world.channel.fill()
        assert poll(world, fd_write(4), fd_write(1)) == [Event(1, 0, 2, 0x7FFF_FFFF)]
        world.peer.send(b"x")
        assert poll(world, fd_write(4), fd_read(4)) == [Event(1, 0, 1, 65536)]


def test_the_slot_of_an_event_that_did_not_happen_is_filled_too() -> None:
    with World() as world:
        assert poll(world, fd_write(1), fd_read(4, userdata=7)) == [Event(0, 0, 2, 0x7FFF_FFFF)]
        assert world.bytes(EVENTS + 32, 11) == b"\x07\0\0\0\0\0\0\0\0\0\x01"
        assert world.u64(EVENTS + 32 + 16) == 65536
        assert world.u32(EVENTS + 64) == UNTOUCHED32


# -- what does not exist -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subscription", "kind"),
    [
        (clock(4, 5 * SECOND), 0),
        (clock(0xFFFF_FFFF, 0, absolute=True), 0),
        (struct.pack("<QB39x", 0, 100), 100),
        (struct.pack("<QB39x", 0, 3), 3),
    ],
)
def test_s105_unknown_clock_or_tag(subscription: bytes, kind: int) -> None:
    with World() as world:
        assert poll(world, subscription, fd_read(4)) == [Event(0, 28, kind, 0)]
        assert world.channel.polls == [(True, False, 0)]
        assert world.clock.reads == []


@pytest.mark.parametrize("which", [2, 3])
@pytest.mark.parametrize("timeout", [0, SECOND])
def test_s105_processor_time_can_not_be_served(which: int, timeout: int) -> None:
    with World() as world:
        with pytest.raises(Deficiency):
            poll(world, fd_read(1), clock(which, timeout))
        assert world.host.deficiency == f"poll_oneoff of clock {which}"
        assert world.channel.polls == []
        assert world.u32(COUNT) == UNTOUCHED32


# -- clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("resolution", [1, MICROSECOND, 10 * MILLISECOND, SECOND])
def test_s101_clocks(resolution: int) -> None:
    with World(time_resolution=resolution) as world:
        assert poll(
            world,
            clock(REALTIME, 1, absolute=True),
            clock(REALTIME, 1 << 30),
            clock(MONOTONIC, 0),
            clock(MONOTONIC, 1 << 63, absolute=True),
        ) == [Event(0, 0, 0, 0), Event(2, 0, 0, 0)]
        assert [timeout for _, _, timeout in world.channel.polls] == [0]


def test_s106_relative_timeout_is_reached() -> None:
    with World() as world:
        host = Host(world.channel, time_resolution=MICROSECOND)
        host.bind(world.memory)
        world.host = host
        begin = time.monotonic()
        assert poll(world, clock(MONOTONIC, 50 * MILLISECOND)) == [Event(0, 0, 0, 0)]
        assert time.monotonic() - begin >= 0.049
        assert world.channel.polls == [(False, False, 50 * MILLISECOND & ~0x3FF)]


@pytest.mark.parametrize("which", [REALTIME, MONOTONIC])
def test_relative_timeout_counts_as_reached_at_the_resolution(which: int) -> None:
    # 3 ms is masked to 0 at a resolution of 16.7 ms, and the clock stands still.
    with World(time_resolution=10 * MILLISECOND) as world:
        assert poll(world, clock(which, 3 * MILLISECOND), clock(which, 5 * SECOND), fd_read(4)) == [
            Event(0, 0, 0, 0)
        ]
        assert world.channel.polls == [(True, False, 0)]


def test_relative_timeout_is_reached_by_the_clock() -> None:
    with World() as world:
        world.clock.step = 3 * MILLISECOND
        world.peer.send(b"x")
        assert poll(
            world, clock(REALTIME, 2 * MILLISECOND), clock(REALTIME, SECOND), fd_read(4)
        ) == [Event(0, 0, 0, 0), Event(2, 0, 1, 65536)]


def test_relative_timeout_is_not_reached_when_input_comes_first() -> None:
    with World() as world:
        world.peer.send(b"x")
        assert poll(world, clock(MONOTONIC, 0xFFFF_FFFF_FFFF_FFFF), fd_read(4)) == [
            Event(1, 0, 1, 65536)
        ]
        assert poll(world, clock(MONOTONIC, 2 * SECOND), fd_read(4)) == [Event(1, 0, 1, 65536)]


@pytest.mark.parametrize(
    ("which", "now"), [(REALTIME, 1_700_000_000 * SECOND), (MONOTONIC, SECOND)]
)
def test_absolute_timeout(which: int, now: int) -> None:
    with World() as world:
        assert poll(world, clock(which, now, absolute=True)) == [Event(0, 0, 0, 0)]
        assert poll(world, clock(which, now + 2 * MILLISECOND, absolute=True)) == []
        waits = [timeout for _, _, timeout in world.channel.polls]
        assert waits == [0, 2 * MILLISECOND & ~0x3FF]
        world.clock.step = 2 * MILLISECOND
        assert poll(world, clock(which, now + 3 * MILLISECOND, absolute=True)) == [
            Event(0, 0, 0, 0)
        ]


def test_the_shortest_wait_counts() -> None:
    with World() as world:
        poll(
            world,
            clock(MONOTONIC, 2 * SECOND),
            clock(REALTIME, 1_700_000_000 * SECOND + 4096, absolute=True),
            clock(MONOTONIC, 1 << 63),
            fd_read(4),
        )
        assert world.channel.polls == [(True, False, 4096)]


@pytest.mark.parametrize(
    ("subscriptions", "reads"),
    [
        ([clock(REALTIME, 1)], [("realtime", False)]),
        ([clock(REALTIME, 1, precision=MILLISECOND)], [("realtime", True)]),
        (
            [clock(REALTIME, 1, precision=SECOND), clock(REALTIME, 1, precision=1)],
            [("realtime", False)],
        ),
        (
            [clock(MONOTONIC, 1, precision=SECOND), clock(REALTIME, 1)],
            [("monotonic", True), ("realtime", False)],
        ),
        ([clock(REALTIME, 0), clock(MONOTONIC, 0, absolute=True)], []),
        ([fd_read(1), clock(4, 1)], []),
    ],
)
def test_which_clocks_are_read(subscriptions: list[bytes], reads: list[tuple[str, bool]]) -> None:
    with World() as world:
        poll(world, *subscriptions)
        assert world.clock.reads == reads * 2


def test_a_coarse_policy_reads_the_coarse_clock() -> None:
    with World(time_resolution=10 * MILLISECOND) as world:
        poll(world, clock(MONOTONIC, 1))
        assert world.clock.reads == [("monotonic", True)] * 2


# -- suspension ----------------------------------------------------------------------------------


def test_s024_suspension_interrupts_the_wait() -> None:
    with World() as world:
        arguments = subscribe(world, fd_read(4), clock(MONOTONIC, 3600 * SECOND))
        call = world.background("poll_oneoff", *arguments)
        world.channel.suspend()
        with pytest.raises(Suspend):
            call.result()
        assert world.u32(EVENTS) == world.u32(COUNT) == UNTOUCHED32
        # The call is made again when the program is resumed.
        with World() as resumed:
            resumed.memory.data[:] = world.memory.data
            resumed.peer.send(b"x")
            assert Background(lambda: resumed.call("poll_oneoff", *arguments)).result() == 0
            assert events(resumed) == [Event(0, 0, 1, 65536)]


def test_suspension_does_not_concern_what_is_due() -> None:
    with World() as world:
        world.channel.suspend()
        assert poll(world, clock(MONOTONIC, 0), fd_read(4)) == [Event(0, 0, 0, 0)]
