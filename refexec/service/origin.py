"""The origin service: connections that the host offers to a program.

The program asks for a connection by a call; the host offers one by `Connector.connect`. When both
have met, the program gets the stream's id in the reply, and the host a function that moves the
bytes:

    connector = Connector()                       # one for each program instance
    registry.register(connector)
    ...
    transfer = connector.connect(ctx)             # in a thread for each connection
    if transfer is not None:
        transfer(ctx, reader, writer)             # returns when the stream has ended

What a connection may be is told by `refexec.service.connection`; how its bytes and the packets
relate by `refexec.service.streams`. Nothing here opens or accepts connections by itself.
"""

from __future__ import annotations

import itertools
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from refexec.context import Context
from refexec.errors import ConfigError, SnapshotError, StateError, StreamError
from refexec.packet import Domain, Thunk, make_call, must_be_data, must_be_flow
from refexec.service.protocols import InstanceBase, InstanceConfig, Properties
from refexec.service.streams import Stream
from refexec.service.varint import MAX_VARINT, get_varint, put_varint

if TYPE_CHECKING:
    from refexec.packet import Packet
    from refexec.runtime.protocols import Sender
    from refexec.service.protocols import Abort

DEFAULT_MAX_CONNS: Final = 3
"""Default of `OriginConfig.max_conns`."""

DEFAULT_BUF_SIZE: Final = 32768
"""Default of `OriginConfig.buf_size`, in bytes."""

_REPLY: Final = struct.Struct("<ii")  # stream id, error (always 0)

Transfer = Callable[[Context, Any, Any], None]
"""Moves the bytes of a connection: `transfer(ctx, reader, writer)`.

To be called once, and soon, for until then nothing flows towards the program. Reader and writer
may be the same object, and each may be None. It returns when the stream has ended in both
directions, or when the program has; by then all that the program has sent is written. It raises
what reading, or else writing, has failed with. When `ctx` is done the connection's side ends, and
bytes that are not written yet are lost.

The writer is closed (only its half, if it has halves) when the program has ended its data, when
writing has failed, or when `ctx` is done. Otherwise it is left to the caller to close.
"""


@dataclass(frozen=True, slots=True)
class OriginConfig:
    """Settings of a connector. Values of zero or less mean the default."""

    max_conns: int = DEFAULT_MAX_CONNS
    """Connections at a time, as a hint to the host: nothing here enforces it."""

    buf_size: int = DEFAULT_BUF_SIZE
    """Bytes of buffer for what a program sends, for each connection; a power of two."""


class Connector:
    """The origin service of one program instance, and the host's access to it.

    It is the `Factory` for the registry. All methods may be called from any thread.
    """

    properties: Final = Properties(name="origin", revision="0", streams=True)
    """Name and kind of the service."""

    def __init__(self, config: OriginConfig | None = None) -> None:
        """Raises `ConfigError` if the buffer size is not a power of two."""
        config = config or OriginConfig()
        self.max_conns = config.max_conns if config.max_conns > 0 else DEFAULT_MAX_CONNS
        self._size = config.buf_size if config.buf_size > 0 else DEFAULT_BUF_SIZE
        if self._size < 2 or self._size & (self._size - 1):
            raise ConfigError(f"origin buffer size is not a power of two: {self._size}")
        self._changed = threading.Condition()
        self._instance: OriginInstance | None = None
        self._closed = False

    # -- the host's side -------------------------------------------------------------------------

    def connect(self, ctx: Context, timeout: float | None = None) -> Transfer | None:
        """Offer a connection: wait until the program accepts one.

        May be called before the program runs. Returns None, which means that the connection is
        to be closed, if `ctx` is done, `timeout` seconds have passed, the connector is closed,
        or the program has ended first.
        """
        offering, give_up = ctx.with_cancel() if timeout is None else ctx.with_timeout(timeout)
        undo = offering.add_done_callback(self._notify)
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._given_up(offering) or self._acceptable)
                if self._given_up(offering):
                    return None
                assert self._instance is not None
                stream_id, entry = self._instance.open_stream(give_up)
            return self._instance.reply(offering, stream_id, entry)
        finally:
            undo()
            give_up()

    def close(self) -> None:
        """Let current and future `connect` calls return None; connections go on. Idempotent."""
        with self._changed:
            self._closed = True
            if self._instance is not None:
                self._instance.cancel_reply()
            self._changed.notify_all()

    def _given_up(self, ctx: Context) -> bool:
        return (
            ctx.done.is_set()
            or self._closed
            or (self._instance is not None and self._instance.ended)
        )

    @property
    def _acceptable(self) -> bool:
        return self._instance is not None and self._instance.acceptable

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # -- the factory -----------------------------------------------------------------------------

    def discoverable(self, ctx: Context) -> bool:
        """Always."""
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> OriginInstance:
        """Make the one instance. `StateError` at the second time.

        `StreamError` or `SnapshotError` if the snapshot is damaged.
        """
        instance = OriginInstance(self._changed, config, self._size)
        instance.restore(snapshot or b"")
        with self._changed:
            if self._instance is not None:
                raise StateError("origin instance reused")
            self._instance = instance
            self._changed.notify_all()
        return instance


class _Entry:
    """One stream of the program."""

    __slots__ = ("attached", "stream")

    def __init__(self, stream: Stream, attached: bool) -> None:
        self.stream = stream
        self.attached = attached
        """Whether a host moves its bytes, or is going to."""

    @property
    def over(self) -> bool:
        """Whether nothing can happen with it any more, so that its id is free."""
        return not self.attached and not self.stream.live


class OriginInstance(InstanceBase):
    """The origin service of a program that uses it. Made and used by `Connector` only."""

    def __init__(self, changed: threading.Condition, config: InstanceConfig, size: int) -> None:
        self._changed = changed  # the connector's: one lock guards both
        self._config = config
        self._size = size
        self._accepts = 0
        self._streams: dict[int, _Entry] = {}
        self._ctx: Context | None = None
        self._send: Sender | None = None
        self._cancel_reply: Callable[[], None] | None = None
        self._transfers = 0
        self.ended = False
        """Whether the program has ended, so that it will accept nothing any more."""

    # -- for the connector -----------------------------------------------------------------------

    @property
    def acceptable(self) -> bool:
        """Whether a connection can be offered to the program right now."""
        return self._send is not None and self._accepts > 0 and self._cancel_reply is None

    def open_stream(self, cancel_reply: Callable[[], None]) -> tuple[int, _Entry]:
        """Begin a reply: make the stream that it offers. The lock must be held."""
        self._cancel_reply = cancel_reply
        self._forget_finished()
        stream_id = next(i for i in itertools.count() if i not in self._streams)
        entry = self._streams[stream_id] = _Entry(Stream(self._size), attached=True)
        return stream_id, entry

    def cancel_reply(self) -> None:
        """Give up a reply that is on its way. The lock must be held."""
        if self._cancel_reply is not None:
            self._cancel_reply()

    def reply(self, offering: Context, stream_id: int, entry: _Entry) -> Transfer | None:
        """Offer the stream to the program. None if the offer is given up before it is taken."""
        assert self._ctx is not None
        assert self._send is not None
        reply = make_call(self._config.code, _REPLY.size)
        reply.content = _REPLY.pack(stream_id, 0)

        def take() -> tuple[Packet, None]:
            with self._changed:
                self._accepts -= 1
            return reply, None

        undo = self._ctx.add_done_callback(self._cancel_reply_now)
        taken = False
        try:
            taken = self._send.send(Thunk(take), offering)
        finally:
            undo()
            with self._changed:
                self._cancel_reply = None
                if not taken:
                    del self._streams[stream_id]
                self._changed.notify_all()
        return self._transfer_once(stream_id, entry) if taken else None

    def _cancel_reply_now(self) -> None:
        with self._changed:
            self.cancel_reply()

    def _transfer_once(self, stream_id: int, entry: _Entry) -> Transfer:
        unused = threading.Lock()

        def transfer(ctx: Context, reader: Any, writer: Any) -> None:
            if not unused.acquire(blocking=False):
                raise StateError("origin connection is being transferred already")
            self._transfer(ctx, stream_id, entry, reader, writer)

        return transfer

    def _transfer(
        self, ctx: Context, stream_id: int, entry: _Entry, reader: Any, writer: Any
    ) -> None:
        assert self._send is not None
        with self._changed:
            # When the program has ended already nobody waits for us, but what it has sent is
            # still to be written.
            self._transfers += 1
        try:
            entry.stream.transfer(ctx, self._config, stream_id, self._send, reader, writer)
        finally:
            with self._changed:
                entry.attached = False
                self._transfers -= 1
                self._changed.notify_all()

    def _forget_finished(self) -> None:
        self._streams = {i: entry for i, entry in self._streams.items() if not entry.over}

    # -- the instance ----------------------------------------------------------------------------

    def start(self, ctx: Context, send: Sender, abort: Abort) -> None:
        """Let connections be offered, and tell the program what became of its old ones."""
        with self._changed:
            self._ctx = ctx
            self._send = send
            restored = sorted(self._streams.items())
            self._transfers += bool(restored)
            self._changed.notify_all()
        if restored:
            threading.Thread(
                target=self._conclude, args=(restored,), name="refexec-origin", daemon=True
            ).start()

    def _conclude(self, restored: list[tuple[int, _Entry]]) -> None:
        assert self._send is not None
        for stream_id, entry in restored:
            entry.stream.conclude(self._config, stream_id, self._send)
        with self._changed:
            self._transfers -= 1
            self._changed.notify_all()

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Take an accept call, flows or data. `StreamError` if they break the stream's rules."""
        match packet.domain:
            case Domain.CALL:
                self._accept()
            case Domain.FLOW:
                for flow in must_be_flow(packet).flows():
                    entry = self._entry(flow.id)
                    if not flow.is_note:
                        entry.stream.handle_flow(flow.value)
            case Domain.DATA:
                data = must_be_data(packet)
                self._entry(data.id).stream.handle_data(data)
        return None

    def _accept(self) -> None:
        with self._changed:
            if self._accepts == MAX_VARINT:
                raise StreamError("too many simultaneous origin accept calls")
            self._accepts += 1
            self._changed.notify_all()

    def _entry(self, stream_id: int) -> _Entry:
        with self._changed:
            entry = self._streams.get(stream_id)
        if entry is None or entry.over:
            raise StreamError(f"origin stream not found: {stream_id}")
        return entry

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        """Stop all transfers, wait for them, and save the streams if `suspend`.

        Waits for connections to take what the program has sent. A connection whose transfer
        function has not been called is not waited for; called later, it writes that too.
        """
        with self._changed:
            self.ended = True
            self.cancel_reply()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._cancel_reply is None)
            for entry in self._streams.values():
                entry.stream.stop_transfer()
            self._changed.wait_for(lambda: self._transfers == 0)
            return self._snapshot() if suspend else None

    # -- the saved form --------------------------------------------------------------------------

    def _snapshot(self) -> bytes | None:
        self._forget_finished()
        if not self._accepts and not self._streams:
            return None
        saved = put_varint(self._accepts)
        if self._streams:
            saved += put_varint(len(self._streams))
            for stream_id, entry in sorted(self._streams.items()):
                # Connections do not outlive the process, so what waits for them is given up.
                saved += put_varint(stream_id) + entry.stream.marshal(with_write_data=False)
        return saved

    def restore(self, snapshot: bytes) -> None:
        """Take over what an earlier instance has saved."""
        if not snapshot:
            return
        self._accepts, rest = get_varint(snapshot)
        if not rest:
            return
        count, rest = get_varint(rest)
        for _ in range(count):
            stream_id, rest = get_varint(rest)
            stream, rest = Stream.unmarshal(rest, self._config.max_send_size, self._size)
            if stream_id in self._streams:
                raise SnapshotError("origin service resumed stream with duplicate id")
            self._streams[stream_id] = _Entry(stream, attached=False)
        if rest:
            raise SnapshotError("origin service state has bytes after its end")
