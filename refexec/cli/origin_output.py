"""What a replayed program writes to its `origin` connections, taken from its packets.

When a program runs, the service does this. A replay has no services, only what the program sends;
that is enough to know what it asked them to print.
"""

from __future__ import annotations

from typing import Protocol

from refexec.discovery import parse_discovery
from refexec.errors import PacketError, RefexecError
from refexec.packet import Code, DataPacket, Domain
from refexec.runtime.wire import PacketReader
from refexec.service.origin import DEFAULT_BUF_SIZE
from refexec.service.streams import Stream
from refexec.service.varint import get_varint
from refexec.snapshot import Buffers

ORIGIN = "origin"
_MAX_SEND_SIZE = 65536


class Writer(Protocol):
    """Where the bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


class OriginOutput:
    """Reads a program's packet stream, and writes what is for the other end of a connection.

    `buffers` are what the run began with. Packets that break the rules end it, as they ended the
    run; so does a writer that takes no more.
    """

    def __init__(self, buffers: Buffers, writer: Writer | None) -> None:
        self._writer = writer
        self._names = [service.name for service in buffers.services]
        self._reader = PacketReader(buffers.output)
        # Connections do not outlive a run: what the program goes on to send on those is dropped.
        self._lost: set[int] = set()
        for service in buffers.services:
            if service.name == ORIGIN:
                self._lost = _stream_ids(service.buffer)

    def feed(self, data: bytes) -> None:
        """Take bytes that the program has sent."""
        if self._writer is None:
            return
        self._reader.feed(data)
        try:
            while (packet := self._reader.next()) is not None:
                if packet.code == Code.SERVICES:
                    self._names += parse_discovery(packet, len(self._names))
                elif packet.domain == Domain.DATA and self._is_origin(packet.code):
                    self._print(DataPacket(packet.data))
        except (PacketError, BrokenPipeError):
            self._writer = None

    def _is_origin(self, code: int) -> bool:
        return 0 <= code < len(self._names) and self._names[code] == ORIGIN

    def _print(self, packet: DataPacket) -> None:
        assert self._writer is not None
        content = bytes(packet.data_content)
        if packet.id not in self._lost:
            self._writer.write(content)
        elif not content:
            # The program is done with it; the id may be used again.
            self._lost.discard(packet.id)


def _stream_ids(saved: bytes) -> set[int]:
    """The connections that the service had when it was saved. None if that cannot be read."""
    ids: set[int] = set()
    try:
        _, rest = get_varint(saved)
        count, rest = get_varint(rest) if rest else (0, b"")
        for _ in range(count):
            stream_id, rest = get_varint(rest)
            _, rest = Stream.unmarshal(rest, _MAX_SEND_SIZE, DEFAULT_BUF_SIZE)
            ids.add(stream_id)
    except RefexecError:
        # Empty, or no state of this service: then the run has ended without using it.
        pass
    return ids
