"""Stream directions: flow control, ends, saved forms, stopping."""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refexec.context import Context, background
from refexec.errors import (
    CancelledError,
    ConfigError,
    DeadlineExceededError,
    SnapshotError,
    StreamError,
)
from refexec.packet import DataPacket, Domain, FlowPacket, Packet, make_data, make_data_eof
from refexec.runtime.channels import SendQueue
from refexec.service import InstanceConfig, ReadStream, Stream, WriteStream
from refexec.service.streams import CONNECTED, SUBSCRIBING, TRANSMITTING
from service_world import WAIT, Background

CODE = 3
ID = 5
SIZE = 32768
LIMIT = 65536
CONFIG = InstanceConfig(max_send_size=LIMIT, code=CODE)
EOF = b""


class Program:
    """Takes packets when the test says so."""

    def __init__(self) -> None:
        self.queue = SendQueue()
        self._offered = threading.Semaphore(0)
        self.queue.on_waiting(self._offered.release)

    def wait_for_offer(self) -> None:
        """Wait until a packet is offered, and leave it there."""
        assert self._offered.acquire(timeout=WAIT)
        assert self.queue.waiting()
        self._offered.release()

    def receive(self) -> Packet:
        while self._offered.acquire(timeout=WAIT):
            thunk = self.queue.take_nowait()
            if thunk is None:
                continue  # withdrawn in the meantime
            packet, error = thunk()
            assert error is None
            assert packet is not None
            assert packet.code == CODE
            assert len(packet) <= LIMIT
            return packet
        raise TimeoutError("no packet came")

    def data(self) -> bytes:
        packet = self.receive()
        assert packet.domain == Domain.DATA
        data = DataPacket(packet.data)
        assert (data.id, data.note) == (ID, 0)
        return data.data_content

    def flow(self) -> int:
        packet = self.receive()
        assert packet.domain == Domain.FLOW
        (flow,) = FlowPacket(packet.data).flows()
        assert flow.id == ID
        return flow.value


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(WAIT)
    with ours, theirs:
        yield ours, theirs


Transfer = Callable[..., Background]


def transfer(
    stream: Any, program: Program, *connection: Any, ctx: Context | None = None
) -> Background:
    return Background(stream.transfer, ctx or background(), CONFIG, ID, program.queue, *connection)


def data_packet(content: bytes) -> DataPacket:
    packet = make_data(CODE, ID, len(content))
    packet.data_content = content
    return packet


# -- the read direction --------------------------------------------------------------------------


def test_s111_no_more_is_read_than_is_subscribed(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = ReadStream()
    moving = transfer(stream, program, ours)
    theirs.sendall(b"abcdefgh")
    stream.subscribe(5)
    assert program.data() == b"abcde"
    assert stream.subscribed == 0
    stream.subscribe(0)
    stream.subscribe(1)
    assert program.data() == b"f"
    stream.stop_transfer()
    moving.result()
    assert ours.recv(100) == b"gh"
    assert stream.flags == SUBSCRIBING | CONNECTED | TRANSMITTING
    assert stream.marshal() == bytes.fromhex("070000")


def test_the_end_of_the_connection(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = ReadStream()
    moving = transfer(stream, program, ours)
    theirs.sendall(b"bye")
    theirs.close()
    stream.subscribe(100)
    assert program.data() == b"bye"
    assert program.data() == EOF
    stream.subscribe(50)  # it may not know yet
    assert moving.running
    stream.finish_subscription()
    moving.result()
    assert not stream.live
    assert stream.subscribed == 147


def test_the_program_finishes_subscription(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    """What was subscribed before is still read and sent; only then comes the end."""
    ours, theirs = pair
    stream = ReadStream()
    moving = transfer(stream, program, ours)
    stream.subscribe(4)
    stream.finish_subscription()
    theirs.sendall(b"ab")
    assert program.data() == b"ab"
    theirs.sendall(b"cdef")
    assert program.data() == b"cd"
    assert program.data() == EOF
    moving.result()
    assert not stream.live
    with pytest.raises(BrokenPipeError):  # the reading half was shut down
        theirs.sendall(b"nobody reads this")


def test_without_subscription_the_end_of_the_connection_is_not_noticed(program: Program) -> None:
    class Untouchable(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            raise AssertionError("read without subscription")

    stream = ReadStream()
    moving = transfer(stream, program, Untouchable())
    stream.subscribe(0)
    assert not program.queue.waiting()
    stream.finish_subscription()
    assert program.data() == EOF
    moving.result()


def test_large_data_are_sent_in_packets_that_fit(program: Program) -> None:
    content = os.urandom(200_000)
    stream = ReadStream()
    moving = transfer(stream, program, io.BytesIO(content))
    stream.subscribe(150_000)
    received = [program.data() for _ in range(3)]
    assert [len(data) for data in received] == [LIMIT - 16, LIMIT - 16, 150_000 - 2 * (LIMIT - 16)]
    stream.subscribe(100_000)
    received.append(program.data())
    assert b"".join(received) == content
    assert program.data() == EOF
    stream.finish_subscription()
    moving.result()


def test_subscriptions_beyond_31_bits_are_kept(program: Program) -> None:
    stream = ReadStream()
    stream.subscribe(2**31 - 1)
    stream.subscribe(2**31 - 1)
    assert stream.subscribed == 2**32 - 2
    assert stream.marshal() == bytes.fromhex("07ffffffff0700")


def test_a_reader_that_fails_ends_the_stream_and_its_error_is_raised(program: Program) -> None:
    class Broken:
        halves = 0

        def read(self, size: int) -> bytes:
            raise OSError("cable cut")

        def close_read(self) -> None:
            self.halves += 1

    stream = ReadStream()
    moving = transfer(stream, program, broken := Broken())
    stream.subscribe(1)
    assert program.data() == EOF
    assert broken.halves == 1
    stream.finish_subscription()
    with pytest.raises(OSError, match=r"^cable cut$"):
        moving.result()


def test_a_reader_that_cannot_be_opened_or_closed(program: Program) -> None:
    class Unclosable(io.BytesIO):
        def close_read(self) -> None:
            raise OSError("stuck")

    stream = ReadStream()
    moving = transfer(stream, program, object())
    assert program.data() == EOF
    stream.finish_subscription()
    with pytest.raises(TypeError):
        moving.result()

    stream = ReadStream()
    stream.finish_subscription()
    moving = transfer(stream, program, Unclosable(b"x"))
    assert program.data() == EOF
    with pytest.raises(OSError, match=r"^stuck$"):
        moving.result()


def test_a_reader_that_ends_by_an_exception(program: Program) -> None:
    class Ended:
        def read(self, size: int) -> bytes:
            raise EOFError

    stream = ReadStream()
    moving = transfer(stream, program, Ended())
    stream.subscribe(1)
    assert program.data() == EOF
    stream.finish_subscription()
    moving.result()


def test_a_context_that_ends_ends_the_connection_but_not_the_stream(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ctx, cancel = background().with_cancel()
    stream = ReadStream()
    moving = transfer(stream, program, ours, ctx=ctx)
    stream.subscribe(10)
    theirs.sendall(b"abc")
    assert program.data() == b"abc"
    cancel()
    assert program.data() == EOF
    assert moving.running
    stream.finish_subscription()
    with pytest.raises(CancelledError):
        moving.result()
    assert not stream.live
    assert stream.subscribed == 7


def test_a_context_that_ends_while_a_packet_waits(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    """The reader is closed at once; the packet and the end still reach the program."""
    ours, theirs = pair
    ctx, cancel = background().with_cancel()
    stream = ReadStream()
    moving = transfer(stream, program, ours, ctx=ctx)
    stream.subscribe(10)
    theirs.sendall(b"abc")
    program.wait_for_offer()
    cancel()
    assert program.data() == b"abc"
    assert program.data() == EOF
    stream.finish_subscription()
    with pytest.raises(CancelledError):
        moving.result()


def test_a_context_that_was_done_before(program: Program) -> None:
    ctx, cancel = background().with_timeout(-1)
    stream = ReadStream()
    stream.subscribe(10)
    moving = transfer(stream, program, io.BytesIO(b"never read"), ctx=ctx)
    assert program.data() == EOF
    stream.finish_subscription()
    with pytest.raises(DeadlineExceededError):
        moving.result()
    cancel()


def test_no_reader_at_all(program: Program) -> None:
    stream = ReadStream()
    moving = transfer(stream, program, None)
    assert program.data() == EOF
    stream.finish_subscription()
    moving.result()
    assert not stream.live


def test_stopping_while_a_packet_waits_keeps_its_bytes(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = ReadStream()
    moving = transfer(stream, program, ours)
    theirs.sendall(b"abcd")
    stream.subscribe(2)
    program.wait_for_offer()
    stream.subscribe(5)
    stream.stop_transfer()
    moving.result()
    assert stream.data == b"ab"
    assert stream.marshal() == bytes.fromhex("0705026162")
    assert stream.marshal(with_data=False) == bytes.fromhex("070500")

    restored, rest = ReadStream.unmarshal(stream.marshal() + b"rest", LIMIT)
    assert rest == b"rest"
    assert (restored.flags, restored.subscribed, restored.data) == (7, 5, b"ab")
    moving = transfer(restored, program, ours)
    assert program.data() == b"ab"
    assert program.data() == b"cd"
    restored.stop_transfer()
    moving.result()


def test_stopping_a_blocked_read_leaves_the_bytes_in_the_connection(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = ReadStream()
    moving = transfer(stream, program, ours)
    stream.subscribe(9)
    stream.stop_transfer()
    moving.result()
    assert stream.marshal() == bytes.fromhex("070900")
    theirs.sendall(b"abc")
    assert ours.recv(10) == b"abc"


def test_stopping_after_the_end_waits_for_nothing(program: Program) -> None:
    stream = ReadStream()
    moving = transfer(stream, program, None)
    assert program.data() == EOF
    stream.stop_transfer()
    moving.result()
    assert stream.flags == SUBSCRIBING


def test_stopping_with_an_unsent_end(program: Program) -> None:
    stream = ReadStream()
    moving = transfer(stream, program, None)
    program.wait_for_offer()
    stream.stop_transfer()
    moving.result()
    assert stream.flags == SUBSCRIBING | TRANSMITTING
    assert stream.live


def test_a_stop_holds_for_the_next_transfer_too(program: Program) -> None:
    stream = ReadStream()
    stream.subscribe(1)
    stream.stop_transfer()
    transfer(stream, program, io.BytesIO(b"x")).result()
    assert stream.flags == 7


@pytest.mark.parametrize("end", ["stop", "cancel"])
def test_a_process_that_ends_leaves_the_reader_waiting_for_the_stop(
    program: Program, end: str, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ctx, cancel = background().with_cancel()
    stream = ReadStream()
    moving = transfer(stream, program, ours, ctx=ctx)
    theirs.sendall(b"abc")
    stream.subscribe(3)
    program.wait_for_offer()
    program.queue.close()
    if end == "cancel":
        cancel()
        stream.stop_transfer()
        with pytest.raises(CancelledError):
            moving.result()
        assert stream.flags & TRANSMITTING
    else:
        stream.stop_transfer()
        moving.result()
        assert stream.flags == 7
    assert stream.data == b"abc"


def test_leftover_data_come_first_and_in_packets_that_fit(program: Program) -> None:
    small = InstanceConfig(max_send_size=16 + 4, code=CODE)
    stream, _ = ReadStream.unmarshal(bytes.fromhex("070006") + b"abcdef", LIMIT)
    moving = Background(stream.transfer, background(), small, ID, program.queue, None)
    assert [program.data() for _ in range(3)] == [b"abcd", b"ef", EOF]
    stream.finish_subscription()
    moving.result()


def test_a_stream_whose_end_was_sent_before(program: Program) -> None:
    stream, _ = ReadStream.unmarshal(bytes.fromhex("010000"), LIMIT)
    moving = transfer(stream, program, io.BytesIO(b"not its reader"))
    stream.finish_subscription()
    moving.result()
    assert not program.queue.waiting()


def test_errors_of_subscription() -> None:
    stream = ReadStream()
    with pytest.raises(StreamError, match=r"^stream flow increment is negative$"):
        stream.subscribe(-1)
    stream.finish_subscription()
    for call in (stream.finish_subscription, lambda: stream.subscribe(-1)):
        with pytest.raises(StreamError, match=r"^read stream already closed$"):
            call()


# -- the write direction -------------------------------------------------------------------------


def test_what_the_program_may_send_is_announced_again_as_it_is_written(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = WriteStream(SIZE)
    moving = transfer(stream, program, ours)
    assert program.flow() == SIZE - 1
    assert stream.marshal() == bytes.fromhex("07ffff0100")
    stream.write(b"hello")
    assert theirs.recv(100) == b"hello"
    assert program.flow() == 5
    stream.close_write()
    assert theirs.recv(100) == b""
    assert program.flow() == 0
    moving.result()
    assert not stream.live


def test_increments_add_up_while_the_program_does_not_take_them(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = WriteStream(SIZE)
    moving = transfer(stream, program, ours)
    assert program.flow() == SIZE - 1
    stream.write(b"abc")
    assert theirs.recv(3) == b"abc"
    program.wait_for_offer()
    stream.write(b"defg")
    assert theirs.recv(4) == b"defg"
    increments = program.flow()
    while increments < 7:  # the second one may not have been counted yet when it was taken
        increments += program.flow()
    assert increments == 7
    assert stream.subscribed == SIZE - 1
    stream.stop_transfer()
    moving.result()


def test_a_program_that_obeys_can_fill_the_buffer_but_never_overflow_it(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    size = 1 << 20  # more than the socket takes
    stream = WriteStream(size)
    moving = transfer(stream, program, ours)
    sent = bytearray()
    allowed = program.flow()
    for part in range(1, 6):
        piece = bytes([part]) * allowed
        stream.write(piece)
        sent += piece
        received = bytearray()
        while len(received) < len(piece):
            received += theirs.recv(1 << 20)
        assert received == piece
        allowed = 0
        while allowed < len(piece):
            allowed += program.flow()
        assert allowed == size - 1
    stream.close_write()
    assert program.flow() == 0
    moving.result()
    assert theirs.recv(1) == b""


def test_s114_overflow(program: Program) -> None:
    stream = WriteStream(SIZE)
    stream.write(bytes(SIZE - 1))
    with pytest.raises(StreamError, match=r"^write stream buffer overflow$"):
        stream.write(b"x")
    assert len(stream.data) == SIZE - 1
    stream.close_write()
    for call in (stream.close_write, lambda: stream.write(bytes(SIZE))):
        with pytest.raises(StreamError, match=r"^write stream already closed$"):
            call()


def test_bytes_sent_before_any_announcement_are_written_and_counted(program: Program) -> None:
    stream = WriteStream(16)
    sink = io.BytesIO()
    stream.write(b"eager")
    moving = transfer(stream, program, sink)
    allowed = program.flow()
    while allowed < 20:
        allowed += program.flow()
    assert allowed == 20  # 15 beyond the 5 that it has sent
    assert sink.getvalue() == b"eager"
    stream.stop_transfer()
    moving.result()
    assert not sink.closed


@pytest.mark.parametrize("size", [-4, 0, 1, 3, 32767])
def test_buffer_sizes_are_powers_of_two(size: int) -> None:
    with pytest.raises(ConfigError, match=r"^invalid buffer size"):
        WriteStream(size)


def test_a_writer_that_fails_ends_the_stream(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = WriteStream(SIZE)
    moving = transfer(stream, program, ours)
    assert program.flow() == SIZE - 1
    theirs.close()
    stream.write(b"lost")
    assert program.flow() == 0
    stream.write(bytes(SIZE - 1 - 4))  # was allowed before, so it is taken
    assert moving.running
    stream.close_write()
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        moving.result()
    assert not stream.live
    assert stream.marshal() == bytes.fromhex("00ffff0100")


def test_a_writer_that_cannot_be_opened_or_closed(program: Program) -> None:
    class Unclosable(io.BytesIO):
        def close_write(self) -> None:
            raise OSError("stuck")

    for writer, error in ((object(), AttributeError), (Unclosable(), OSError)):
        stream = WriteStream(SIZE)
        stream.close_write()
        moving = transfer(stream, program, writer)
        while program.flow() != 0:
            pass
        with pytest.raises(error):
            moving.result()


def test_a_writer_that_ends_by_an_exception(program: Program) -> None:
    class Ended:
        closed = False

        def write(self, data: bytes) -> int:
            raise EOFError

        def close(self) -> None:
            self.closed = True

    stream = WriteStream(SIZE)
    stream.write(b"x")
    stream.close_write()
    moving = transfer(stream, program, ended := Ended())
    while program.flow() != 0:
        pass
    moving.result()
    assert ended.closed


def test_no_writer_at_all(program: Program) -> None:
    stream = WriteStream(SIZE)
    moving = transfer(stream, program, None)
    assert program.flow() == 0
    stream.write(b"dropped")
    stream.close_write()
    moving.result()
    assert not stream.live


def test_a_context_that_ends_closes_the_writer(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ctx, cancel = background().with_cancel()
    stream = WriteStream(SIZE)
    moving = transfer(stream, program, ours, ctx=ctx)
    assert program.flow() == SIZE - 1
    cancel()
    assert program.flow() == 0
    assert theirs.recv(1) == b""
    assert moving.running
    stream.close_write()
    with pytest.raises(CancelledError):
        moving.result()


def test_a_context_that_ends_frees_a_blocked_writer(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    """The peer does not read, so what is left in the buffer is given up."""
    ours, _ = pair
    ctx, cancel = background().with_cancel()
    stream = WriteStream(1 << 24)
    moving = transfer(stream, program, ours, ctx=ctx)
    assert program.flow() == (1 << 24) - 1
    stream.write(bytes((1 << 24) - 1))
    increment = program.flow()
    assert 0 < increment < 1 << 24
    stream.close_write()
    cancel()
    while program.flow() != 0:
        pass
    with pytest.raises(CancelledError):
        moving.result()
    assert 0 < len(stream.data) < 1 << 24


def test_stopping_first_writes_out_everything(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    size = 1 << 22  # more than the socket takes at once
    content = os.urandom(size - 1)
    stream = WriteStream(size)
    moving = transfer(stream, program, ours)
    assert program.flow() == size - 1
    stream.write(content)
    stream.stop_transfer()
    received = bytearray()
    while len(received) < len(content):
        piece = theirs.recv(1 << 20)
        assert piece, "the connection is closed before everything is written"
        received += piece
    moving.result()
    assert received == content
    assert stream.flags == 7
    ours.send(b"still open")
    assert theirs.recv(100) == b"still open"


def test_a_stop_before_the_transfer_still_lets_everything_be_written(program: Program) -> None:
    stream = WriteStream(SIZE)
    stream.write(b"hello, world\n")
    stream.close_write()
    stream.stop_transfer()
    written = bytearray()

    class Sink:
        closed = False

        def write(self, data: bytes) -> None:
            written.extend(data)

        def close(self) -> None:
            self.closed = True

    transfer(stream, program, sink := Sink()).result()
    assert written == b"hello, world\n"
    assert sink.closed
    assert stream.flags == SUBSCRIBING


def test_a_process_that_ends_still_has_its_data_written(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = WriteStream(SIZE)
    moving = transfer(stream, program, ours)
    program.wait_for_offer()
    program.queue.close()
    stream.write(b"last words")
    assert theirs.recv(100) == b"last words"
    stream.close_write()
    assert theirs.recv(100) == b""
    stream.stop_transfer()
    moving.result()
    assert stream.flags == SUBSCRIBING


def test_a_stream_that_was_finished_before(program: Program) -> None:
    stream, _ = WriteStream.unmarshal(bytes.fromhex("000000"), SIZE)
    transfer(stream, program, io.BytesIO()).result()
    stream, _ = WriteStream.unmarshal(bytes.fromhex("010000"), SIZE)
    moving = transfer(stream, program, io.BytesIO())
    assert program.flow() == 0
    moving.result()


# -- saved forms ---------------------------------------------------------------------------------


def test_initial_states() -> None:
    assert ReadStream().marshal() == WriteStream(SIZE).marshal() == bytes.fromhex("070000")
    assert Stream(SIZE).marshal() == bytes.fromhex("070000070000")


@pytest.mark.parametrize(
    ("encoded", "error", "complaint"),
    [
        ("", StreamError, "end of data while decoding varint"),
        ("07", StreamError, "end of data while decoding varint"),
        ("0780", StreamError, "end of data while decoding varint"),
        ("07ffffffff0f", StreamError, "varint value out of range"),
        ("0700818004", StreamError, "serialized buffer state size limit exceeded"),
        ("0700056162", StreamError, "unexpected end of serialized state"),
        ("030000", SnapshotError, "impossible state of a stream"),
        ("01000161", SnapshotError, "impossible state of a stream"),
        ("080000", SnapshotError, "impossible state of a stream"),
    ],
)
def test_damaged_states(encoded: str, error: type[Exception], complaint: str) -> None:
    source = bytes.fromhex(encoded)
    for call in (
        lambda: ReadStream.unmarshal(source, LIMIT),
        lambda: WriteStream.unmarshal(source, LIMIT),
    ):
        with pytest.raises(error) as caught:
            call()
        assert str(caught.value) == complaint


def test_a_subscription_larger_than_the_buffer() -> None:
    assert WriteStream.unmarshal(bytes.fromhex("070f00"), 16)[0].subscribed == 15
    with pytest.raises(StreamError, match=r"^subscription overflow$"):
        WriteStream.unmarshal(bytes.fromhex("071000"), 16)


def test_ended_data_that_are_not_written_yet_cannot_be_saved() -> None:
    stream = WriteStream(SIZE)
    stream.write(b"abc")
    assert stream.marshal() == bytes.fromhex("070003616263")
    stream.close_write()
    assert stream.marshal() == bytes.fromhex("010000")
    assert stream.flags == SUBSCRIBING | CONNECTED
    WriteStream.unmarshal(stream.marshal(), SIZE)


@given(st.binary(max_size=40))
def test_any_bytes_are_restored_and_saved_alike_or_refused(source: bytes) -> None:
    try:
        stream, rest = Stream.unmarshal(source, LIMIT, SIZE)
    except (StreamError, SnapshotError):
        return
    saved = stream.marshal()
    assert len(saved) <= len(source) - len(rest)  # shorter if a number was overlong
    again, nothing = Stream.unmarshal(saved, LIMIT, SIZE)
    assert nothing == b""
    assert again.marshal() == saved


# -- both directions -----------------------------------------------------------------------------


def test_both_directions_are_independent(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    stream = Stream(SIZE)
    moving = transfer(stream, program, ours, ours)
    assert program.flow() == SIZE - 1
    stream.handle_data(data_packet(b"request"))
    assert theirs.recv(100) == b"request"
    assert program.flow() == 7
    stream.handle_data(make_data_eof(CODE, ID))
    assert theirs.recv(100) == b""
    assert program.flow() == 0
    theirs.sendall(b"response")
    stream.handle_flow(100)
    assert program.data() == b"response"
    theirs.close()
    assert program.data() == EOF
    assert moving.running
    stream.handle_flow(0)
    moving.result()
    assert not stream.live
    assert stream.marshal() == bytes.fromhex("005c0000ffff0100")


def test_notes_are_not_for_streams() -> None:
    with pytest.raises(ValueError, match="is a note"):
        Stream(SIZE).handle_flow(-1)


class BrokenConnection:
    def __init__(self, read_error: Exception | None, write_error: Exception | None) -> None:
        self._read_error = read_error
        self._write_error = write_error

    def read(self, size: int) -> bytes:
        if self._read_error is not None:
            raise self._read_error
        return b""

    def write(self, data: bytes) -> None:
        if self._write_error is not None:
            raise self._write_error

    def close_write(self) -> None:
        pass


@pytest.mark.parametrize(
    ("read_error", "write_error", "expected", "notes"),
    [
        (OSError("r"), None, "r", []),
        (None, OSError("w"), "w", []),
        (OSError("r"), ValueError("w"), "r", ["and writing failed: ValueError('w')"]),
    ],
)
def test_errors_of_both_directions(
    program: Program,
    read_error: Exception | None,
    write_error: Exception | None,
    expected: str,
    notes: list[str],
) -> None:
    connection = BrokenConnection(read_error, write_error)
    stream = Stream(SIZE)
    stream.handle_data(data_packet(b"x"))
    stream.handle_data(make_data_eof(CODE, ID))
    stream.handle_flow(1)
    stream.handle_flow(0)
    moving = transfer(stream, program, connection, connection)
    ends = set()
    while ends != {Domain.FLOW, Domain.DATA}:
        packet = program.receive()
        if packet.domain == Domain.DATA or FlowPacket(packet.data).at(0).is_eof:
            ends.add(Domain(packet.domain))
    with pytest.raises((OSError, ValueError), match=rf"^{expected}") as caught:
        moving.result()
    assert getattr(caught.value, "__notes__", []) == notes


def test_a_context_that_ends_is_told_once(
    program: Program, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, _ = pair
    ctx, cancel = background().with_cancel()
    stream = Stream(SIZE)
    stream.handle_flow(1)
    moving = transfer(stream, program, ours, ours, ctx=ctx)
    assert program.flow() == SIZE - 1
    cancel()
    assert {program.receive().domain, program.receive().domain} == {Domain.FLOW, Domain.DATA}
    stream.handle_flow(0)
    stream.handle_data(make_data_eof(CODE, ID))
    with pytest.raises(CancelledError) as caught:
        moving.result()
    assert not hasattr(caught.value, "__notes__")


def test_an_interrupted_transfer_does_not_wait_for_the_other_direction(program: Program) -> None:
    class Interrupting:
        def read(self, size: int) -> bytes:
            raise AssertionError("never read")

    class InterruptedRead(ReadStream):
        def transfer(self, *args: Any) -> None:
            raise KeyboardInterrupt

    stream = Stream(SIZE, read=InterruptedRead())
    moving = transfer(stream, program, Interrupting(), io.BytesIO())
    with pytest.raises(KeyboardInterrupt):
        moving.result()


def test_concluding_a_stream_without_connection(program: Program) -> None:
    """What is due is told in order, without waiting for the program's answer."""
    stream, _ = Stream.unmarshal(bytes.fromhex("070502616207ffff0100"), LIMIT, SIZE)
    concluding = Background(stream.conclude, CONFIG, ID, program.queue)
    assert program.data() == b"ab"
    assert program.data() == EOF
    assert program.flow() == 0
    concluding.result()
    assert stream.live
    stream.handle_data(data_packet(bytes(SIZE - 1)))
    stream.handle_flow(0)
    stream.handle_data(make_data_eof(CODE, ID))
    assert not stream.live
    stream.conclude(CONFIG, ID, program.queue)


def test_concluding_is_stopped(program: Program) -> None:
    stream = Stream(SIZE)
    concluding = Background(stream.conclude, CONFIG, ID, program.queue)
    program.wait_for_offer()
    stream.stop_transfer()
    concluding.result()
    assert stream.marshal() == bytes.fromhex("050000050000")
