"""Packets out of a stream of bytes that comes in pieces of any size."""

from __future__ import annotations

from collections.abc import Callable

from refexec.packet import HEADER_SIZE, MAX_PACKET_SIZE, align


class PacketSplitter:
    """Hands on packets as they become complete.

    What cannot be a packet is not judged here: from there on nothing is handed on.
    """

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._waiting = bytearray()
        self._lost = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        if self._lost:
            return
        self._waiting += data
        while len(self._waiting) >= HEADER_SIZE:
            size = int.from_bytes(self._waiting[:4], "little")
            if not HEADER_SIZE <= size <= MAX_PACKET_SIZE:
                self._lost = True
                return
            padded = align(size)
            if len(self._waiting) < padded:
                return
            packet = bytes(self._waiting[:size])
            del self._waiting[:padded]
            self._take(packet)
