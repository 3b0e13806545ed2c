"""The stream of packets between a program and the serve loop, cut into packets.

In both directions each packet is followed by zero bytes up to a multiple of 8. What may be in a
packet is judged by the serve loop (`serve`); only the size field, which the cutting needs, is
checked here.
"""

from __future__ import annotations

from refexec.errors import PacketError
from refexec.packet import HEADER_SIZE, MAX_PACKET_SIZE, Packet, align


class PacketReader:
    """Cuts what a program writes into packets.

    A packet counts as read only when its padding has arrived, so that what `rest` gives can be put
    in front of what the program goes on to write after it was resumed.
    """

    def __init__(self, rest: bytes = b"") -> None:
        self._data = bytearray(rest)

    def feed(self, data: bytes) -> None:
        """Add bytes that have arrived."""
        self._data += data

    def next(self) -> Packet | None:
        """The next packet without its padding, or None if it is not complete.

        `PacketError` if its size field, which is checked as soon as the header is there, is not
        within 8..65536. The bytes stay in `rest` then.
        """
        if len(self._data) < HEADER_SIZE:
            return None
        size = int.from_bytes(self._data[:4], "little")
        if not HEADER_SIZE <= size <= MAX_PACKET_SIZE:
            raise PacketError(f"runtime: invalid op packet size: {size}")
        if len(self._data) < align(size):
            return None
        if len(self._data) == size:
            packet = Packet(self._data)
            self._data = bytearray()
        else:
            packet = Packet(self._data[:size])
            del self._data[: align(size)]
        return packet

    @property
    def rest(self) -> bytes:
        """The bytes that have arrived and are in no packet yet."""
        return bytes(self._data)


def encode(packet: Packet) -> bytes:
    """A packet for the program, with padding. `ValueError` if its length is out of range.

    Its size field is set if it is wrong; otherwise the packet is left untouched.
    """
    if not HEADER_SIZE <= len(packet) <= MAX_PACKET_SIZE:
        raise ValueError(f"packet for the program has an invalid size: {len(packet)}")
    packet.set_size()
    padding = -len(packet) % 8
    return bytes(packet) + bytes(padding) if padding else bytes(packet)


def complete_input(data: bytes) -> bytes:
    """Saved input as it has to be replayed.

    Our own is replayed as it is. Other runtimes save packets without padding; that can be seen
    only if all of it reads as packets and the last one ends unpadded.
    """
    rest = memoryview(data)
    while len(rest) >= HEADER_SIZE:
        size = int.from_bytes(rest[:4], "little")
        if not HEADER_SIZE <= size <= MAX_PACKET_SIZE:
            break
        if size == len(rest):
            return data + bytes(align(size) - size)
        rest = rest[align(size) :]
    return data
