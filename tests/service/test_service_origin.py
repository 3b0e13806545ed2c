"""The origin service, with a real connection on the host's side and the test as the program."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from refexec.context import Context, background
from refexec.errors import (
    CancelledError,
    ConfigError,
    SnapshotError,
    StateError,
    StreamError,
    is_program_error,
)
from refexec.packet import FlowPacket, Packet, make_data_eof, make_flows
from refexec.service import Connector, OriginConfig, Registry
from refexec.service.origin import DEFAULT_MAX_CONNS
from refexec.snapshot import Service
from service_world import WAIT, Background, World

CAPACITY = 32767


class OriginWorld(World):
    """A program that has discovered origin."""

    def __init__(self, snapshot: bytes | None = None, config: OriginConfig | None = None) -> None:
        self.connector = Connector(config)
        registry = Registry()
        registry.register(self.connector)
        saved = [] if snapshot is None else [Service("origin", snapshot)]
        super().__init__(registry, saved)
        if snapshot is None:
            assert self.discover("origin") == [True]

    def offer(self, ctx: Context | None = None) -> Background:
        """The host offers a connection."""
        return Background(self.connector.connect, ctx or background())

    def receive_stream(self) -> int:
        """The reply to an accept call: a stream id."""
        reply = self.receive()
        assert (reply.code, reply.domain, reply.index, len(reply)) == (0, 0, 0, 16)
        assert reply.content[4:] == bytes(4)
        return int.from_bytes(reply.content[:4], "little", signed=True)

    def open(self) -> tuple[int, Any]:
        """Accept and offer; returns the stream's id, and what moves its bytes."""
        offering = self.offer()
        self.call()
        stream_id = self.receive_stream()
        return stream_id, offering.result()

    def end_with_state(self) -> bytes:
        (service,) = self.end()
        assert service.name == "origin"
        return service.buffer


@pytest.fixture
def world() -> OriginWorld:
    return OriginWorld()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(WAIT)
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def pipes() -> tuple[Any, Any]:
    receive, send = os.pipe()
    return os.fdopen(receive, "rb", 0), os.fdopen(send, "wb", 0)


# -- scenarios -----------------------------------------------------------------------------------


def test_s110_greeting(world: OriginWorld) -> None:
    """Accept, finish subscription, wait for capacity, greet, and end without closing anything."""
    stream_id, transfer = world.open()
    assert stream_id == 0
    reader, unused = pipes()
    unused.close()  # an empty reader
    output, writer = pipes()
    moving = Background(transfer, background(), reader, writer)
    world.flow(0, 0)
    packets = [world.receive(), world.receive()]
    ends = [packet for packet in packets if packet.domain == 3]
    flows = [FlowPacket(packet.data).at(0) for packet in packets if packet.domain == 2]
    assert [bytes(packet.data) for packet in ends] == [bytes(make_data_eof(0, 0).data)]
    assert [(flow.id, flow.value) for flow in flows] == [(0, CAPACITY)]
    world.data(0, b"hello, world\n")
    assert world.end_with_state() == bytes.fromhex("00 01 00 000000 07f2ff0100")
    moving.result()
    assert not writer.closed  # left to the host, since the program did not end its data
    writer.close()
    assert output.read(100) == b"hello, world\n"
    assert output.read(100) == b""
    output.close()
    reader.close()


def test_s110_the_end_of_an_unread_connection_is_not_noticed(world: OriginWorld) -> None:
    _, transfer = world.open()
    reader, unused = pipes()
    unused.close()
    moving = Background(transfer, background(), reader, None)
    assert world.receive_flow() == (0, 0)  # no writer
    assert world.quiet
    world.flow(0, 10)
    assert world.receive_data() == (0, b"")
    world.flow(0, 0)
    world.data(0, b"")
    moving.result()
    reader.close()
    assert world.end_with_state() == b""


def test_s111_subscription_limits_what_comes(world: OriginWorld, pair: Pair) -> None:
    ours, theirs = pair
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.flow(0, 5)
    theirs.sendall(b"abcdefgh")
    assert world.receive_data() == (0, b"abcde")
    assert world.quiet
    world.flow(0, 2)
    assert world.receive_data() == (0, b"fg")
    assert world.end_with_state() == bytes.fromhex("00 01 00 07 00 00 07 ff ff 01 00")
    moving.result()
    assert ours.recv(10) == b"h"


def test_s112_half_closes_and_reuse_of_ids(world: OriginWorld, pair: Pair) -> None:
    ours, theirs = pair
    first, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.data(0, b"request")
    assert theirs.recv(100) == b"request"
    assert world.receive_flow() == (0, 7)
    world.data(0, b"")
    assert theirs.recv(100) == b""
    assert world.receive_flow() == (0, 0)
    second, transfer_second = world.open()
    assert (first, second) == (0, 1)
    world.flow(0, 4)
    world.flow(0, 0)
    theirs.sendall(b"response")
    assert world.receive_data() == (0, b"resp")
    assert world.receive_data() == (0, b"")
    moving.result()
    third, transfer_third = world.open()
    assert third == 0
    for call in (transfer_second, transfer_third):
        ctx, cancel = background().with_cancel()
        cancel()
        moving = Background(call, ctx, None, None)
        for _ in range(2):
            world.receive()
    world.end()


def test_s113_unknown_streams_are_the_programs_fault(world: OriginWorld) -> None:
    for send in (
        lambda: world.flow(7, 1),
        lambda: world.flow(-1, -1),  # the id is looked up before the note is seen
        lambda: world.data(7, b"x"),
    ):
        with pytest.raises(StreamError, match="stream not found") as caught:
            send()
        assert is_program_error(caught.value)
    assert world.end_with_state() == b""


def test_s114_overflow(world: OriginWorld) -> None:
    world.open()
    world.data(0, bytes(CAPACITY))
    with pytest.raises(StreamError, match="write stream buffer overflow"):
        world.data(0, b"x")
    world.end(suspend=False)


def test_s114_a_program_that_obeys_can_send_for_ever(world: OriginWorld, pair: Pair) -> None:
    ours, theirs = pair
    _, transfer = world.open()
    moving = Background(transfer, background(), None, ours)
    ended = False
    allowed = total = 0
    received = 0
    while total < 1_000_000:
        while not allowed:
            packet = world.receive()
            if packet.domain == 3:
                ended = True
            else:
                allowed += FlowPacket(packet.data).at(0).value
        world.data(0, b"x" * allowed)
        total += allowed
        allowed = 0
        while received < total:
            received += len(theirs.recv(1 << 16))
    # The end of a connection without a reader is told by another thread, some time or other.
    while not ended:
        packet = world.receive()
        ended = packet.domain == 3
    world.end()
    moving.result()


@pytest.mark.parametrize("accepts", [0, 1, 2, 200])
def test_s115_snapshot_of_unanswered_accepts(world: OriginWorld, accepts: int) -> None:
    for _ in range(accepts):
        world.call(b"content is ignored")
    assert world.quiet
    expected = {0: "", 1: "01", 2: "02", 200: "c801"}[accepts]
    assert world.end_with_state() == bytes.fromhex(expected)


def test_s115_snapshot_of_an_idle_stream(world: OriginWorld, pair: Pair) -> None:
    ours, _ = pair
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.call()
    assert world.end_with_state() == bytes.fromhex("01 01 00 07 00 00 07 ff ff 01 00")
    moving.result()


# -- the program's side --------------------------------------------------------------------------


def test_info_packets_are_ignored(world: OriginWorld) -> None:
    world.info(b"hello")
    assert world.quiet
    assert world.end_with_state() == b""


def test_several_flows_in_one_packet_and_notes(world: OriginWorld, pair: Pair) -> None:
    ours, theirs = pair
    _, transfer = world.open()
    world.open()
    packet = make_flows(0, 4)
    packet.set(0, 0, 3)
    packet.set(1, 1, 0)
    packet.set(2, 0, -5)
    packet.set(3, 0, 1)
    world.send(packet)
    moving = Background(transfer, background(), ours, ours)
    theirs.sendall(b"abcdef")
    got = [world.receive(), world.receive()]
    assert sorted(p.domain for p in got) == [2, 3]
    state = world.end_with_state()
    moving.result()
    assert state == bytes.fromhex("00 02 00 070000 07ffff0100 01 060000 070000")


def test_second_ends_are_the_programs_fault(world: OriginWorld) -> None:
    world.open()
    world.flow(0, 0)
    with pytest.raises(StreamError, match="read stream already closed"):
        world.flow(0, 1)
    world.data(0, b"")
    with pytest.raises(StreamError, match="write stream already closed"):
        world.data(0, b"")
    world.end(suspend=False)


def test_too_many_accepts() -> None:
    world = OriginWorld(bytes.fromhex("ffffffff07"))
    with pytest.raises(StreamError, match="too many simultaneous origin accept calls"):
        world.call()
    assert world.end_with_state() == bytes.fromhex("ffffffff07")


def test_data_may_be_sent_before_the_host_moves_bytes(world: OriginWorld, pair: Pair) -> None:
    ours, theirs = pair
    _, transfer = world.open()
    world.data(0, b"early")
    assert world.quiet
    moving = Background(transfer, background(), ours, ours)
    assert theirs.recv(100) == b"early"
    world.end()
    moving.result()


# -- the host's side -----------------------------------------------------------------------------


def test_connect_may_be_called_before_the_program_runs() -> None:
    connector = Connector()
    connecting = Background(connector.connect, background())
    registry = Registry()
    registry.register(connector)
    world = World(registry)
    world.discover("origin")
    world.call()
    assert world.receive().content == bytes(8)
    assert connecting.result() is not None
    world.end()


def test_connections_wait_for_one_accept_each(world: OriginWorld) -> None:
    offers = [world.offer() for _ in range(3)]
    ids = []
    for _ in range(3):
        world.call()
        ids.append(int.from_bytes(world.receive().content[:4], "little"))
    assert ids == [0, 1, 2]
    assert all(offer.result() is not None for offer in offers)
    assert world.end_with_state()[:2] == b"\0\3"


def test_accepts_are_answered_one_at_a_time(world: OriginWorld) -> None:
    """A reply on its way keeps the others back, and the count goes down when it is taken."""
    world.call()
    world.call()
    offers = [world.offer(), world.offer()]
    assert [int.from_bytes(world.receive().content[:4], "little") for _ in range(2)] == [0, 1]
    assert all(offer.result() is not None for offer in offers)
    assert world.end_with_state()[:2] == b"\0\2"


def test_connect_gives_up_with_its_context(world: OriginWorld) -> None:
    ctx, cancel = background().with_cancel()
    waiting = world.offer(ctx)
    cancel()
    assert waiting.result() is None
    assert world.connector.connect(ctx) is None
    assert world.connector.connect(background(), timeout=0.001) is None


@pytest.mark.parametrize("end", ["context", "close", "shutdown", "inner context"])
def test_a_reply_that_is_not_taken_is_given_up(world: OriginWorld, end: str) -> None:
    ctx, cancel = background().with_cancel()
    offering = world.offer(ctx)
    offered = threading.Event()
    world.queue.on_waiting(offered.set)
    world.call()
    assert offered.wait(WAIT)
    if end == "context":
        cancel()
    elif end == "close":
        world.connector.close()
    elif end == "inner context":
        world._cancel()
    else:
        # The queue stays open, as if the loop had died without a word.
        assert world.server.shutdown(world.ctx, True)[0].buffer == b"\1"
    assert offering.result() is None
    if end != "shutdown":
        assert world.end_with_state() == b"\1"


def test_close_frees_all_that_wait_and_leaves_connections_alone(
    world: OriginWorld, pair: Pair
) -> None:
    ours, theirs = pair
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    offers = [world.offer() for _ in range(3)]
    world.connector.close()
    assert [offer.result() for offer in offers] == [None] * 3
    assert world.connector.connect(background()) is None
    world.connector.close()
    assert world.receive_flow() == (0, CAPACITY)
    world.data(0, b"still works")
    assert theirs.recv(100) == b"still works"
    world.end()
    moving.result()


def test_close_before_there_is_an_instance() -> None:
    connector = Connector()
    waiting = Background(connector.connect, background())
    connector.close()
    assert waiting.result() is None


def test_the_end_of_the_program_frees_all_that_wait(world: OriginWorld) -> None:
    world.info()  # makes the instance
    offers = [world.offer() for _ in range(5)]
    assert world.end_with_state() == b""
    assert [offer.result() for offer in offers] == [None] * 5
    assert world.connector.connect(background()) is None


def test_shutdown_frees_a_blocked_read(world: OriginWorld, pair: Pair) -> None:
    """The peer stays silent, and what it says later stays in the connection."""
    ours, theirs = pair
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.flow(0, 9)
    assert world.end_with_state() == bytes.fromhex("00 01 00 070900 07ffff0100")
    moving.result()
    theirs.sendall(b"late")
    assert ours.recv(100) == b"late"


def test_a_transfer_that_begins_after_the_end_still_delivers(
    world: OriginWorld, pair: Pair
) -> None:
    """A host thread that was slow loses nothing, and nobody has waited for it."""
    ours, theirs = pair
    _, transfer = world.open()
    world.data(0, b"all of it")
    world.data(0, b"")
    assert world.end_with_state() == bytes.fromhex("00 01 00 070000 010000")
    transfer(background(), ours, ours)
    assert theirs.recv(100) == b"all of it"
    assert theirs.recv(100) == b""


def test_a_transfer_function_is_used_once(world: OriginWorld) -> None:
    _, transfer = world.open()
    moving = Background(transfer, background(), None, None)
    world.receive()
    with pytest.raises(StateError, match="being transferred already"):
        transfer(background(), None, None)
    world.end()
    moving.result()


def test_the_hosts_context_ends_its_side_only(world: OriginWorld, pair: Pair) -> None:
    ours, theirs = pair
    ctx, cancel = background().with_cancel()
    _, transfer = world.open()
    moving = Background(transfer, ctx, ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.flow(0, 10)
    cancel()
    packets = {bytes(world.receive()), bytes(world.receive())}
    assert {packet[6] for packet in packets} == {2, 3}
    assert theirs.recv(1) == b""
    assert moving.running
    world.flow(0, 0)
    world.data(0, b"")
    with pytest.raises(CancelledError):
        moving.result()
    assert world.end_with_state() == b""


def test_two_connections_at_once(world: OriginWorld) -> None:
    streams = {}
    for name in (b"one", b"two"):
        stream_id, transfer = world.open()
        ours, theirs = socket.socketpair()
        theirs.settimeout(WAIT)
        streams[stream_id] = (Background(transfer, background(), ours, ours), ours, theirs, name)
        assert world.receive_flow() == (stream_id, CAPACITY)
    assert sorted(streams) == [0, 1]
    for stream_id, (_, _, theirs, name) in streams.items():
        world.flow(stream_id, 3)
        theirs.sendall(name)
        assert world.receive_data() == (stream_id, name)
        world.data(stream_id, name)
        assert theirs.recv(100) == name
        assert world.receive_flow() == (stream_id, 3)
    world.end()
    for moving, ours, theirs, _ in streams.values():
        moving.result()
        ours.close()
        theirs.close()


def test_a_stream_that_is_over_leaves_no_threads(world: OriginWorld, pair: Pair) -> None:
    threads = threading.active_count()
    ours, _ = pair
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.end()
    moving.result()
    assert threading.active_count() == threads


# -- settings and the factory --------------------------------------------------------------------


def test_settings(pair: Pair) -> None:
    assert Connector(OriginConfig(max_conns=-1, buf_size=0)).max_conns == DEFAULT_MAX_CONNS
    assert Connector(OriginConfig(max_conns=7)).max_conns == 7
    with pytest.raises(ConfigError, match="not a power of two: 1000"):
        Connector(OriginConfig(buf_size=1000))
    ours, _ = pair
    world = OriginWorld(config=OriginConfig(buf_size=16))
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, 15)
    world.end()
    moving.result()


def test_a_connector_serves_one_instance(world: OriginWorld) -> None:
    world.info()
    registry = Registry()
    registry.register(world.connector)
    other = World(registry)
    other.discover("origin")
    with pytest.raises(StateError, match=r"^origin instance reused$"):
        other.info()
    other.end(suspend=False)
    assert world.end_with_state() == b""


# -- restoring -----------------------------------------------------------------------------------


def test_a_restored_accept_can_be_answered_at_once(pair: Pair) -> None:
    world = OriginWorld(b"\2")
    offering = world.offer()
    assert world.receive_stream() == 0
    transfer = offering.result()
    ours, theirs = pair
    moving = Background(transfer, background(), ours, ours)
    assert world.receive_flow() == (0, CAPACITY)
    world.data(0, b"resumed")
    assert theirs.recv(100) == b"resumed"
    assert world.end_with_state()[:1] == b"\1"
    moving.result()


def test_restored_streams_have_lost_their_connections() -> None:
    """Leftover data, data EOF, flow EOF; data within the old allowance are taken and dropped."""
    world = OriginWorld(bytes.fromhex("00 02 05 07ff01026162 07ffff0100 01 070000 010000"))
    assert world.receive_data() == (1, b"")
    assert world.receive_flow() == (1, 0)
    assert world.receive_data() == (5, b"ab")
    assert world.receive_data() == (5, b"")
    assert world.receive_flow() == (5, 0)
    world.data(5, bytes(CAPACITY))
    world.flow(5, 100)
    world.flow(5, 0)
    world.data(5, b"")
    with pytest.raises(StreamError, match="stream not found: 5"):
        world.flow(5, 0)
    stream_id, _ = world.open()
    assert stream_id == 0
    world.flow(1, 0)
    with pytest.raises(StreamError, match="stream not found: 1"):
        world.flow(1, 0)
    world.end()


def test_a_restored_stream_that_the_program_has_closed_before() -> None:
    world = OriginWorld(bytes.fromhex("00 01 00 040000 000000"))
    assert world.receive_data() == (0, b"")
    assert world.open()[0] == 0
    world.end()


def test_finished_restored_streams_vanish() -> None:
    world = OriginWorld(bytes.fromhex("00 01 00 000000 000000"))
    assert world.end_with_state() == b""


def test_a_resumed_program_is_suspended_before_it_has_heard_of_the_loss() -> None:
    world = OriginWorld(bytes.fromhex("01 01 03 0705026162 07ffff0100"))
    offered = threading.Event()
    world.queue.on_waiting(offered.set)
    assert offered.wait(WAIT)
    saved = world.end_with_state()
    assert saved == bytes.fromhex("01 01 03 0505026162 05ffff0100")
    again = OriginWorld(saved)
    assert again.receive_data() == (3, b"ab")
    again.end()


@pytest.mark.parametrize(
    ("snapshot", "error", "complaint"),
    [
        ("80", StreamError, "end of data while decoding varint"),
        ("00 ff", StreamError, "end of data while decoding varint"),
        ("00 02 00 070000 070000", StreamError, "end of data while decoding varint"),
        (
            "00 02 00 070000 070000 00 070000 070000",
            SnapshotError,
            "origin service resumed stream with duplicate id",
        ),
        ("00 01 00 030000 070000", SnapshotError, "impossible state of a stream"),
        ("00 01 00 070000 07808002 00", StreamError, "subscription overflow"),
        ("00 01 00 0700818004", StreamError, "serialized buffer state size limit exceeded"),
        (
            "00 01 00 070000 070000 00",
            SnapshotError,
            "origin service state has bytes after its end",
        ),
    ],
)
def test_damaged_snapshots(snapshot: str, error: type[Exception], complaint: str) -> None:
    with pytest.raises(error) as caught:
        OriginWorld(bytes.fromhex(snapshot))
    assert str(caught.value) == complaint


def test_an_empty_snapshot_is_a_fresh_start() -> None:
    world = OriginWorld(b"")
    assert world.open()[0] == 0
    world.end()


def test_an_instance_that_was_never_started_is_shut_down() -> None:
    connector = Connector()
    registry = Registry()
    registry.register(connector)

    class Refusing:
        properties = connector.properties.__class__("refusing", "0")

        def discoverable(self, ctx: Context) -> bool:
            return True

        def create_instance(self, *args: object) -> Any:
            raise RuntimeError("no")

    registry.register(Refusing())
    offering = Background(connector.connect, background())
    with pytest.raises(RuntimeError, match=r"^no$"):
        World(
            registry,
            [Service("origin", bytes.fromhex("01 01 00 070000 070000")), Service("refusing")],
        )
    assert offering.result() is None


def test_packets_to_the_program_have_room_for_no_more_than_the_maximum(pair: Pair) -> None:
    ours, theirs = pair
    world = OriginWorld()
    _, transfer = world.open()
    moving = Background(transfer, background(), ours, None)
    sending = Background(theirs.sendall, bytes(300_000))
    world.flow(0, 300_000)
    total = 0
    largest = 0
    while total < 300_000:
        packet: Packet = world.receive()
        largest = max(largest, len(packet))
        if packet.domain == 3:
            total += len(packet) - 16
    assert largest <= 65536
    sending.result()
    world.end()
    moving.result()
