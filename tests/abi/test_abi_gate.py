"""The Gate functions `fd` and `io`."""

from __future__ import annotations

import pytest

from abi_world import SECOND, UNTOUCHED32, World
from refexec.abi import ABIImport, Resolution, Suspend
from refexec.abi.table import GATE, OLDER_TYPES
from refexec.errors import Restart, TrapError
from refexec.trap import TrapID

# Where the tests keep things in memory.
NRECV, NSENT, FLAGS = 100, 104, 112
RECV, SEND = 200, 300
INBOX, OUTBOX = 0x1000, 0x2000


def io(
    world: World,
    recv: int = 0,
    send: bytes = b"",
    timeout: int = 0,
    flags: int = 0,
) -> tuple[int, int]:
    """Call `io` with one buffer each way; give the numbers received and sent."""
    arguments = io_arguments(world, recv, send, timeout, flags)
    assert world.call("io", *arguments) is None
    return world.u32(NRECV), world.u32(NSENT)


def io_arguments(
    world: World, recv: int = 0, send: bytes = b"", timeout: int = 0, flags: int = 0
) -> tuple[int, ...]:
    world.put(OUTBOX, send)
    receive_vector = world.vector(RECV, (INBOX, recv)) if recv else 0
    send_vector = world.vector(SEND, (OUTBOX, len(send))) if send else 0
    return (
        receive_vector,
        int(recv > 0),
        NRECV,
        send_vector,
        int(len(send) > 0),
        NSENT,
        timeout,
        flags,
    )


def test_fd() -> None:
    with World() as world:
        assert world.call("fd") == 4


# -- without waiting -----------------------------------------------------------------------------


def test_s098_io_takes_all_there_is() -> None:
    with World() as world:
        world.peer.send(b"0123456789abcdef")
        assert io(world, recv=0x8000) == (16, 0)
        assert world.bytes(INBOX, 17) == b"0123456789abcdef\xaa"


@pytest.mark.parametrize("timeout", [0, 1, 999])
def test_s108_io_with_nothing_to_do_does_not_wait(timeout: int) -> None:
    with World() as world:
        assert io(world, recv=8, timeout=timeout) == (0, 0)
        assert world.channel.polls == []


def test_s108_slow_nop() -> None:
    with World() as world:
        for _ in range(1000):
            assert io(world, timeout=0) == (0, 0)
        assert world.channel.polls == [(True, False, 0)] * 1000


def test_io_both_ways_at_once() -> None:
    with World() as world:
        world.peer.send(b"ping")
        assert io(world, recv=8, send=b"pong!", timeout=0) == (4, 5)
        assert world.peer.recv(100) == b"pong!"
        assert world.bytes(INBOX, 5) == b"ping\xaa"


def test_io_sends_before_it_receives() -> None:
    with World() as world:
        world.peer.send(b"new")
        world.put(INBOX, b"old")
        world.vector(SEND, (INBOX, 3))
        world.vector(RECV, (INBOX, 3))
        world.call("io", RECV, 1, NRECV, SEND, 1, NSENT, 0, 0)
        assert world.peer.recv(100) == b"old"
        assert world.bytes(INBOX, 3) == b"new"


def test_io_gathers_and_scatters_until_the_first_short_transfer() -> None:
    with World() as world:
        world.peer.send(b"abcde")
        world.put(OUTBOX, b"12345")
        world.vector(SEND, (OUTBOX, 2), (0, 0), (OUTBOX + 2, 3))
        world.vector(RECV, (INBOX, 2), (0xFFFF_FFFF, 0), (INBOX + 16, 8), (INBOX + 32, 8))
        world.call("io", RECV, 4, NRECV, SEND, 3, NSENT, 0, 0)
        assert world.peer.recv(100) == b"12345"
        assert (world.u32(NRECV), world.u32(NSENT)) == (5, 5)
        assert world.bytes(INBOX, 3) == b"ab\xaa"
        assert world.bytes(INBOX + 16, 4) == b"cde\xaa"
        assert world.bytes(INBOX + 32, 1) == b"\xaa"


def test_result_pointers_may_be_null() -> None:
    with World() as world:
        world.peer.send(b"ping")
        before = world.bytes(0, 16)
        world.call("io", world.vector(RECV, (INBOX, 8)), 1, 0, 0, 0, 0, 0, 0)
        assert world.bytes(INBOX, 4) == b"ping"
        assert world.bytes(0, 16) == before


def test_negative_counts_are_like_zero() -> None:
    with World() as world:
        world.peer.send(b"ping")
        world.call("io", 0xFFFF_FFFF, -1, NRECV, 0xFFFF_FFFF, -0x8000_0000, NSENT, 0, 0)
        assert (world.u32(NRECV), world.u32(NSENT)) == (0, 0)


def test_null_vectors_are_address_zero() -> None:
    with World() as world:
        world.peer.send(b"ping")
        world.vector(0, (INBOX, 4))
        world.call("io", 0, 1, NRECV, 0, 0, NSENT, 0, 0)
        assert world.u32(NRECV) == 4


@pytest.mark.parametrize(
    "arguments",
    [
        (0x10000 - 4, 1, NRECV, 0, 0, NSENT, 0, 0),
        (0, 0, NRECV, 0x10000 - 4, 1, NSENT, 0, 0),
        (0, 0, 0x10000 - 2, 0, 0, NSENT, 0, 0),
        (0, 0, NRECV, 0, 0, 0x10000 - 2, 0, 0),
        (0, 0, NRECV, 0, 0, NSENT, 0, 0x10000 - 4),
    ],
)
def test_pointers_outside_memory_trap(arguments: tuple[int, ...]) -> None:
    with World() as world, pytest.raises(TrapError) as caught:
        world.call("io", *arguments)
    assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS


def test_buffers_outside_memory_trap() -> None:
    with World() as world:
        world.peer.send(b"ping")
        world.vector(RECV, (0xFFFF, 2))
        with pytest.raises(TrapError):
            world.call("io", RECV, 1, NRECV, 0, 0, NSENT, 0, 0)
        with pytest.raises(TrapError):
            world.call("io", 0, 0, NRECV, RECV, 1, NSENT, 0, 0)
        assert world.channel.read(100) == b"ping"


# -- waiting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout", "waited"),
    [
        (-1, None),
        (-(1 << 63), None),
        (1000, 0),  # below the resolution of 1024 ns
        (1024, 1024),
        (5 * SECOND + 2047, 5 * SECOND + 1024),
        ((1 << 63) - 1, ((1 << 63) - 1) // SECOND * SECOND + 854_775_807 // 1024 * 1024),
    ],
)
def test_io_waits_as_long_as_the_resolution_allows(timeout: int, waited: int | None) -> None:
    with World() as world:
        world.peer.send(b"ping")
        assert io(world, recv=8, timeout=timeout) == (4, 0)
        assert world.channel.polls == [(True, False, waited)]


@pytest.mark.parametrize("timeout", [0, 999])
def test_io_without_buffers_polls_once(timeout: int) -> None:
    with World() as world:
        world.vector(RECV, (INBOX, 0))
        world.call("io", RECV, 1, NRECV, 0, 0, NSENT, timeout, 0)
        assert world.channel.polls == [(True, False, 0)]


def test_io_waits_for_output_only_if_it_cannot_send() -> None:
    with World() as world:
        assert io(world, recv=8, send=b"x", timeout=SECOND) == (0, 1)
        assert world.channel.polls == []
        world.channel.fill()
        world.peer.send(b"ping")
        assert io(world, recv=8, send=b"x", timeout=SECOND) == (4, 0)
        assert world.channel.polls == [(True, True, SECOND)]


def test_io_sends_and_takes_what_has_arrived() -> None:
    with World() as world:
        world.peer.send(b"ping")
        assert io(world, recv=8, send=b"x", timeout=SECOND) == (4, 1)
        assert world.channel.polls == []


def test_io_asks_first_when_it_is_to_be_suspended() -> None:
    with World() as world:
        world.channel.suspended = True
        assert io(world, recv=8, send=b"x", timeout=SECOND) == (0, 1)
        # Where the channel of a worker gives a suspension as the answer.
        assert world.channel.polls == [(True, True, SECOND)]


def test_io_waits_until_input_arrives() -> None:
    with World() as world:
        call = world.background("io", *io_arguments(world, recv=8, timeout=-1))
        world.peer.send(b"ping")
        assert call.result() is None
        assert world.u32(NRECV) == 4


def test_s107_a_blocked_sender_wakes_when_input_arrives() -> None:
    with World() as world:
        world.channel.fill()
        call = world.background("io", *io_arguments(world, send=b"request", timeout=-1))
        world.peer.send(b"ping")
        assert call.result() is None
        assert (world.u32(NRECV), world.u32(NSENT)) == (0, 0)
        # A program loops until it is sent; here, while the peer makes room.
        world.channel.read(100)
        received = b""
        while io(world, send=b"request", timeout=0) != (0, 7):
            received += world.peer.recv(1 << 16)
        while not received.endswith(b"request"):
            received += world.peer.recv(1 << 16)
        assert received.strip(b"-") == b"request"


def test_io_waits_for_input_even_if_nothing_is_to_be_received() -> None:
    with World() as world:
        call = world.background("io", *io_arguments(world, timeout=-1))
        world.peer.send(b"ping")
        assert call.result() is None
        assert world.u32(NRECV) == 0
        assert world.channel.read(100) == b"ping"


def test_io_times_out() -> None:
    with World() as world:
        assert io(world, recv=8, timeout=2_000_000) == (0, 0)


def test_io_at_the_end_of_the_stream_does_not_hang() -> None:
    with World() as world:
        world.peer.shutdown(1)
        assert io(world, recv=8, timeout=-1) == (0, 0)


# -- suspension ----------------------------------------------------------------------------------


def test_s024_suspension_interrupts_io() -> None:
    with World() as world:
        arguments = io_arguments(world, recv=8, timeout=-1)
        call = world.background("io", *arguments)
        world.channel.suspend()
        with pytest.raises(Suspend) as caught:
            call.result()
        assert isinstance(caught.value, Restart)
        assert (world.u32(NRECV), world.u32(NSENT)) == (UNTOUCHED32, UNTOUCHED32)


def test_s024_suspension_does_not_lose_what_is_ready() -> None:
    with World() as world:
        world.channel.suspend()
        world.peer.send(b"ping")
        assert io(world, recv=8, timeout=-1) == (4, 0)


def test_suspension_does_not_concern_a_call_that_does_not_wait() -> None:
    with World() as world:
        world.channel.suspend()
        assert io(world, recv=8, timeout=0) == (0, 0)
        assert io(world, timeout=0) == (0, 0)


# -- flags ---------------------------------------------------------------------------------------


def test_s088_flags() -> None:
    with World() as world:
        io(world, flags=0)
        io(world, flags=FLAGS)
        assert world.u64(FLAGS) == 1
        io(world, flags=FLAGS)
        assert world.u64(FLAGS) == 0


def test_s088_flags_are_set_again_in_the_next_run() -> None:
    for _ in range(2):
        with World() as world:
            io(world, flags=FLAGS)
            assert world.u64(FLAGS) == 1


def test_s088_reading_a_clock_does_not_clear_the_flags() -> None:
    with World() as world:
        world.call("clock_time_get", 0, 0, 400)
        world.call("clock_time_get", 1, 0, 400)
        io(world, flags=FLAGS)
        assert world.u64(FLAGS) == 1


def test_counts_are_stored_before_flags() -> None:
    with World() as world:
        world.peer.send(b"ping")
        world.call("io", world.vector(RECV, (INBOX, 8)), 1, 100, 0, 0, 102, 0, 0)
        assert world.bytes(100, 6) == b"\x04\0\0\0\0\0"
        world.call("io", 0, 0, 100, 0, 0, 0, 0, 96)
        assert world.bytes(96, 8) == b"\x01\0\0\0\0\0\0\0"


def test_io_of_the_older_type_has_no_flags() -> None:
    with World() as world:
        world.peer.send(b"ping")
        item = ABIImport("gate", "io_65536", OLDER_TYPES["io"], GATE["io"])
        function = world.host.imports(Resolution((item,), False))["gate", "io_65536"]
        assert len(function.type.params) == 7
        world.vector(RECV, (INBOX, 8))
        assert function.callable(RECV, 1, NRECV, 0, 0, NSENT, -1) is None
        assert world.u32(NRECV) == 4
        io(world, flags=FLAGS)
        assert world.u64(FLAGS) == 1
