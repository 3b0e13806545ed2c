"""Streams: bytes between a program and a connection of the host, with flow control.

A stream has two independent directions. In each one the receiver subscribes to a number of bytes
by flow packets, and the sender sends at most that many in data packets; a flow of 0 says that no
more will be subscribed, an empty data packet that no more will be sent.

    ReadStream    connection -> program    the program subscribes, we send data
    WriteStream   program -> connection    we subscribe, the program sends data

Each has a *channel side*, short calls made by the service when a packet of the program comes in,
and `transfer`, which blocks a thread of its own for as long as the stream lasts. Both sides may
be used from different threads. `Stream` puts two directions together.

The state of a direction is three flags, a number and some bytes, which `marshal` and `unmarshal`
turn into a saved form. Which packet belongs to which stream is known to the service, not here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self

from refexec.context import Context, background
from refexec.errors import ConfigError, SnapshotError, StreamError
from refexec.packet import (
    DATA_HEADER_SIZE,
    DataPacket,
    Packet,
    Thunk,
    make_data,
    make_data_eof,
    make_flow,
    make_flow_eof,
)
from refexec.service.connection import open_reader, open_writer
from refexec.service.varint import MAX_VARINT, get_varint, put_varint

if TYPE_CHECKING:
    from refexec.runtime.protocols import Sender
    from refexec.service.connection import ConnectionReader, ConnectionWriter
    from refexec.service.protocols import InstanceConfig

SUBSCRIBING: Final = 1
"""Read side: the program may still subscribe. Write side: our flow EOF is not sent yet."""

CONNECTED: Final = 2
"""The connection's end of this direction is open."""

TRANSMITTING: Final = 4
"""Read side: our data EOF is not sent yet. Write side: the program may still send."""

_ALL_FLAGS: Final = SUBSCRIBING | CONNECTED | TRANSMITTING
_WRITE_CHUNK: Final = 65536


class _Direction:
    """What both directions have: the state, its saved form, and how a transfer is stopped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._flags = _ALL_FLAGS
        self._subscribed = 0
        self._data = bytearray()
        self._alive, self._stop = background().with_cancel()

    @property
    def flags(self) -> int:
        """The flags that are set: `SUBSCRIBING`, `CONNECTED`, `TRANSMITTING`."""
        return self._flags

    @property
    def subscribed(self) -> int:
        """Bytes that were subscribed and have not passed the connection yet."""
        return self._subscribed

    @property
    def data(self) -> bytes:
        """Bytes in our hands: read but not taken by the program, or not written yet."""
        return bytes(self._data)

    @property
    def live(self) -> bool:
        """Whether any flag is set, so that something remains to be done."""
        return self._flags != 0

    def stop_transfer(self) -> None:
        """Make the current or next `transfer` return early. Does not wait for that."""
        self._stop()
        self._notify()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _clear(self, flag: int) -> None:
        with self._changed:
            self._flags &= ~flag
            self._changed.notify_all()

    def _wait(self, ready: Callable[[], bool]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: ready() or self._alive.done.is_set())

    def marshal(self, with_data: bool = True) -> bytes:
        """The saved form: flags, subscribed bytes, and held bytes unless these are given up.

        Not during a transfer. More than 2^31 - 1 subscribed bytes are saved as that many.
        """
        return self._marshal(self._flags, bytes(self._data) if with_data else b"")

    def _marshal(self, flags: int, data: bytes) -> bytes:
        # Negative if the program has sent more than it was told it may.
        subscribed = min(max(self._subscribed, 0), MAX_VARINT)
        return put_varint(flags) + put_varint(subscribed) + put_varint(len(data)) + data

    def _load(self, source: bytes, limit: int) -> bytes:
        flags, rest = get_varint(source)
        subscribed, rest = get_varint(rest)
        length, rest = get_varint(rest)
        if length > limit:
            raise StreamError("serialized buffer state size limit exceeded")
        if length > len(rest):
            raise StreamError("unexpected end of serialized state")
        if flags & ~_ALL_FLAGS or (not flags & TRANSMITTING and (flags & CONNECTED or length > 0)):
            raise SnapshotError("impossible state of a stream")
        self._flags = flags
        self._subscribed = subscribed
        self._data = bytearray(rest[:length])
        return rest[length:]


class ReadStream(_Direction):
    """The direction from a connection to the program."""

    @classmethod
    def unmarshal(cls, source: bytes, limit: int) -> tuple[Self, bytes]:
        """Restore a stream from the start of `source`; return it and the rest.

        `limit` is the largest number of held bytes to accept: the maximum packet size. Raises
        `StreamError` if the bytes are damaged, `SnapshotError` if they mean nothing.
        """
        stream = cls()
        return stream, stream._load(source, limit)

    # -- the channel side ------------------------------------------------------------------------

    def subscribe(self, increment: int) -> None:
        """Allow `increment` more bytes to be sent to the program.

        `StreamError` if subscription was finished already, or the number is negative.
        """
        with self._changed:
            self._check_open()
            if increment < 0:
                raise StreamError("stream flow increment is negative")
            self._subscribed += increment
            self._changed.notify_all()

    def finish_subscription(self) -> None:
        """The program will subscribe no more. `StreamError` if it said so already.

        Bytes that were subscribed before are still read and sent.
        """
        with self._changed:
            self._check_open()
            self._flags &= ~SUBSCRIBING
            self._changed.notify_all()

    def _check_open(self) -> None:
        if not self._flags & SUBSCRIBING:
            raise StreamError("read stream already closed")

    # -- the transfer ----------------------------------------------------------------------------

    def transfer(
        self, ctx: Context, config: InstanceConfig, stream_id: int, send: Sender, reader: Any | None
    ) -> None:
        """Send what `reader` gives to the program, as far as the program subscribes.

        Returns when the data EOF has been sent and the program has finished subscription, or
        after `stop_transfer`, which leaves the reader open. Reading ends early, and the EOF
        follows, when `ctx` is done or reading fails; the reason is raised in the end. The
        reader's own half is closed when reading ends. What can be a reader is told by
        `refexec.service.connection`; with None the EOF follows at once.
        """
        error: Exception | None = None
        if reader is not None and self._flags & CONNECTED:
            reading, give_up = ctx.with_cancel()
            undo = self._alive.add_done_callback(give_up)
            connection: ConnectionReader | None = None
            try:
                connection = open_reader(reader, reading)
                if not self._feed(reading, config, stream_id, send, connection):
                    error = ctx.err
            except EOFError:
                pass
            except Exception as failure:
                error = failure
            finally:
                undo()
                give_up()
                if connection is not None:
                    connection.release()
            if not self._alive.done.is_set() and connection is not None:
                try:
                    connection.close_half()
                except Exception as failure:
                    error = failure if error is None else error
        if not self._alive.done.is_set():
            self.conclude(config, stream_id, send)
            self._wait(lambda: not self._flags & (SUBSCRIBING | TRANSMITTING))
        if error is not None:
            raise error

    def _feed(
        self,
        reading: Context,
        config: InstanceConfig,
        stream_id: int,
        send: Sender,
        connection: ConnectionReader,
    ) -> bool:
        """Move bytes until there are no more to move: True. False if `reading` is done first."""
        undo = reading.add_done_callback(self._notify)
        try:
            while self._send_data(reading, config, stream_id, send):
                with self._changed:
                    self._changed.wait_for(
                        lambda: (
                            self._subscribed > 0
                            or not self._flags & SUBSCRIBING
                            or reading.done.is_set()
                        )
                    )
                    size = min(self._subscribed, config.max_send_size - DATA_HEADER_SIZE)
                if reading.done.is_set():
                    return False
                if size == 0:
                    return True
                data = connection.read(size)
                if not data:
                    return data is not None
                with self._changed:
                    self._data += data
                    self._subscribed -= len(data)
            # The process may have ended while the context lives on: then only `stop_transfer`
            # or the context ends the connection.
            reading.done.wait()
            return False
        finally:
            undo()

    def conclude(self, config: InstanceConfig, stream_id: int, send: Sender) -> None:
        """Send held bytes and the data EOF, if still due, for there is no connection any more.

        Returns when the serve loop has taken them, not waiting for the program to finish
        subscription. `stop_transfer` makes it return early.
        """
        self._clear(CONNECTED)
        if self._send_data(self._alive, config, stream_id, send) and self._flags & TRANSMITTING:

            def end() -> tuple[Packet, None]:
                # Cleared when the packet is taken, not when this thread hears of it: what the
                # service does next must not depend on how threads are scheduled.
                self._clear(TRANSMITTING)
                return make_data_eof(config.code, stream_id), None

            send.send(Thunk(end), self._alive)

    def _send_data(
        self, ctx: Context, config: InstanceConfig, stream_id: int, send: Sender
    ) -> bool:
        """Send all held bytes. False if `ctx` or the process has ended before."""
        while self._data:
            data = bytes(self._data[: config.max_send_size - DATA_HEADER_SIZE])
            packet = make_data(config.code, stream_id, len(data))
            packet.data_content = data
            if not send.send(Thunk.of(packet), ctx):
                return False
            del self._data[: len(data)]
        return True


class WriteStream(_Direction):
    """The direction from the program to a connection.

    Bytes that the program has sent wait in a buffer until the connection takes them. The program
    is told about as much free space as there is, so one that obeys can never overflow it.
    """

    def __init__(self, size: int) -> None:
        """`size` is a power of two, at least 2; the buffer holds one byte less.

        Raises `ConfigError` for any other number.
        """
        if size < 2 or size & (size - 1):
            raise ConfigError(f"invalid buffer size: {size}")
        super().__init__()
        self._size = size
        self._offered = False  # a flow packet is on its way to the serve loop

    @classmethod
    def unmarshal(cls, source: bytes, size: int) -> tuple[Self, bytes]:
        """Restore a stream with a buffer of `size`; see `ReadStream.unmarshal`.

        `StreamError` also if more bytes were subscribed than fit into the buffer.
        """
        stream = cls(size)
        rest = stream._load(source, size)
        if stream._subscribed >= size:
            raise StreamError("subscription overflow")
        return stream, rest

    def marshal(self, with_data: bool = True) -> bytes:
        """The saved form. If the program has ended its data, what is left of them is given up.

        That is so because the form has no way to say it: it means an open connection.
        """
        if self._flags & TRANSMITTING:
            return super().marshal(with_data)
        return self._marshal(self._flags & ~CONNECTED, b"")

    # -- the channel side ------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Take bytes from the program, all or none.

        `StreamError` if the program has ended its data before, or the buffer cannot hold them.
        """
        with self._changed:
            self._check_open()
            if len(self._data) + len(data) >= self._size:
                raise StreamError("write stream buffer overflow")
            self._data += data
            self._changed.notify_all()

    def close_write(self) -> None:
        """The program will send no more. `StreamError` if it said so already."""
        with self._changed:
            self._check_open()
            self._flags &= ~TRANSMITTING
            self._changed.notify_all()

    def _check_open(self) -> None:
        if not self._flags & TRANSMITTING:
            raise StreamError("write stream already closed")

    # -- the transfer ----------------------------------------------------------------------------

    def transfer(
        self, ctx: Context, config: InstanceConfig, stream_id: int, send: Sender, writer: Any | None
    ) -> None:
        """Write what the program sends to `writer`, and tell the program what it may send.

        Returns when the program has ended its data and has been told the flow EOF, or after
        `stop_transfer`, which first lets everything be written that the program has sent, and
        leaves the writer open unless the program has ended its data. The writer's own half is
        closed, and the flow EOF follows, when all data are written, when `ctx` is done (which
        gives up unwritten data) or when writing fails; the reason is raised in the end. With
        None as the writer the flow EOF follows at once.
        """
        errors: list[Exception] = []
        thread: threading.Thread | None = None
        if writer is None:
            self._clear(CONNECTED)
        elif self._flags & CONNECTED:
            thread = threading.Thread(
                target=lambda: errors.extend(self._drain(ctx, writer)),
                name="refexec-writer",
                daemon=True,
            )
            thread.start()
        try:
            while self._flags & (SUBSCRIBING | TRANSMITTING) and not self._alive.done.is_set():
                self._wait(lambda: self._flow_due or not self._flags & (SUBSCRIBING | TRANSMITTING))
                if self._flow_due and not self._send_flow(config, stream_id, send):
                    self._wait(lambda: False)  # the process has ended: nothing more to tell it
        finally:
            if thread is not None:
                thread.join()
        if errors:
            raise errors[0]

    def conclude(self, config: InstanceConfig, stream_id: int, send: Sender) -> None:
        """Send the flow EOF, if still due, for there is no connection any more.

        Returns when the serve loop has taken it. `stop_transfer` makes it return early.
        """
        self._clear(CONNECTED)
        if self._flow_due:
            self._send_flow(config, stream_id, send)

    @property
    def _flow_due(self) -> bool:
        with self._changed:
            return (
                bool(self._flags & SUBSCRIBING)
                and not self._offered
                and (not self._flags & CONNECTED or self._increment > 0)
            )

    @property
    def _increment(self) -> int:
        return self._size - 1 - self._subscribed

    def _send_flow(self, config: InstanceConfig, stream_id: int, send: Sender) -> bool:
        """Send what is to be announced at the moment when the serve loop takes it."""

        def announce() -> tuple[Packet, None]:
            with self._changed:
                self._offered = False
                if self._flags & CONNECTED:
                    packet = make_flow(config.code, stream_id, self._increment)
                    self._subscribed += self._increment
                else:
                    packet = make_flow_eof(config.code, stream_id)
                    self._flags &= ~SUBSCRIBING
                self._changed.notify_all()
                return packet, None

        with self._changed:
            self._offered = True
        taken = send.send(Thunk(announce), self._alive)
        if not taken:
            with self._changed:
                self._offered = False
        return taken

    def _drain(self, ctx: Context, writer: Any) -> list[Exception]:
        """Write until the program has ended its data or something stops it; return errors."""
        errors: list[Exception] = []
        connection: ConnectionWriter | None = None
        undo = ctx.add_done_callback(self._notify)
        try:
            connection = open_writer(writer, ctx)
            if not self._write_out(ctx, connection):
                return []  # stopped; the writer stays open
            if ctx.err is not None:
                errors.append(ctx.err)
        except EOFError:
            pass
        except Exception as failure:
            errors.append(failure)
        finally:
            undo()
            if connection is not None:
                connection.release()
        if connection is not None:
            try:
                connection.close_half()
            except Exception as failure:
                errors.append(failure)
        self._clear(CONNECTED)
        return errors

    def _write_out(self, ctx: Context, connection: ConnectionWriter) -> bool:
        """Write until the program has ended its data or `ctx` is done: True. False if stopped."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: (
                        self._data
                        or not self._flags & TRANSMITTING
                        or ctx.done.is_set()
                        or self._alive.done.is_set()
                    )
                )
                data = bytes(self._data[:_WRITE_CHUNK])
                ended = not self._flags & TRANSMITTING
            if ctx.done.is_set():
                return True
            if not data:
                return ended
            written = connection.write(data)
            if written is not None:
                with self._changed:
                    del self._data[:written]
                    self._subscribed -= written
                    self._changed.notify_all()


class Stream:
    """Both directions between a program and a connection."""

    def __init__(
        self, size: int, read: ReadStream | None = None, write: WriteStream | None = None
    ) -> None:
        """Join directions, new ones if none are given; `size` is that of `WriteStream`."""
        self.read = read or ReadStream()
        self.write = write or WriteStream(size)

    @classmethod
    def unmarshal(cls, source: bytes, limit: int, size: int) -> tuple[Self, bytes]:
        """Restore both directions from the start of `source`; return the stream and the rest.

        `limit` and the errors are those of `ReadStream`, `size` that of `WriteStream`.
        """
        read, rest = ReadStream.unmarshal(source, limit)
        write, rest = WriteStream.unmarshal(rest, size)
        return cls(size, read, write), rest

    def marshal(self, with_write_data: bool = True) -> bytes:
        """The saved form: the read direction, then the write direction."""
        return self.read.marshal() + self.write.marshal(with_write_data)

    @property
    def live(self) -> bool:
        """Whether something remains to be done in either direction."""
        return self.read.live or self.write.live

    def handle_flow(self, value: int) -> None:
        """Take a flow of the program: an increment, or 0 for the end; `ValueError` below 0."""
        if value < 0:
            raise ValueError(f"flow value {value} is a note, not a subscription")
        if value > 0:
            self.read.subscribe(value)
        else:
            self.read.finish_subscription()

    def handle_data(self, packet: DataPacket) -> None:
        """Take a data packet of the program: bytes, or none for the end."""
        if packet.eof:
            self.write.close_write()
        else:
            self.write.write(packet.data_content)

    def stop_transfer(self) -> None:
        """Make the current or next `transfer` return early. Does not wait for that."""
        self.read.stop_transfer()
        self.write.stop_transfer()

    def transfer(
        self,
        ctx: Context,
        config: InstanceConfig,
        stream_id: int,
        send: Sender,
        reader: Any | None,
        writer: Any | None,
    ) -> None:
        """Move bytes in both directions until both have ended.

        If both fail the error of reading is raised, with a note that tells the other one.
        """
        both, give_up = ctx.with_cancel()
        write_errors: list[Exception] = []

        def write() -> None:
            try:
                self.write.transfer(both, config, stream_id, send, writer)
            except Exception as error:
                write_errors.append(error)

        thread = threading.Thread(target=write, name="refexec-stream", daemon=True)
        thread.start()
        try:
            self.read.transfer(both, config, stream_id, send, reader)
        except Exception as error:
            thread.join()
            for other in write_errors:
                if type(other) is not type(error):
                    error.add_note(f"and writing failed: {other!r}")
            raise
        except BaseException:  # such as KeyboardInterrupt: do not wait for either side
            give_up()
            self.stop_transfer()
            raise
        finally:
            thread.join()
            give_up()
        if write_errors:
            raise write_errors[0]

    def conclude(self, config: InstanceConfig, stream_id: int, send: Sender) -> None:
        """Tell the program what is still due on a stream that has lost its connection.

        That is held bytes, the data EOF and the flow EOF. Returns when the serve loop has taken
        them; the stream stays live until the program has ended its side too.
        """
        self.read.conclude(config, stream_id, send)
        self.write.conclude(config, stream_id, send)
