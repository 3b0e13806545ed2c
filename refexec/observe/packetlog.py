"""Which packets a program exchanges with its services, as an observer."""

from __future__ import annotations

from refexec.observe.observer import Observer


class PacketLog(Observer):
    """Keeps the packets, in the order in which the last byte of each has passed."""

    def __init__(self) -> None:
        self.packets: list[tuple[str, bytes]] = []
        """Direction, "received" or "sent", and the packet."""

    def received(self, packet: bytes) -> None:
        """Keep it."""
        self.packets.append(("received", packet))

    def sent(self, packet: bytes) -> None:
        """Keep it."""
        self.packets.append(("sent", packet))

    def report(self) -> list[list[str | bytes]]:
        """Give direction and bytes of each."""
        return [[direction, packet] for direction, packet in self.packets]
