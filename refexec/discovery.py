"""Discovery packets: how a program asks for services by name, and how it is told which there are.

They have the code -1. Their content is a u16 count and then, from the program, names, each a byte
with its length and so many bytes; to the program, a state byte for each service known so far.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from refexec.errors import PacketError
from refexec.packet import HEADER_SIZE, Code, Domain, Packet, make, make_call

DISCOVERY_HEADER_SIZE: Final = 10
"""Bytes before the names or states of a discovery packet."""

MAX_SERVICES: Final = 256
"""Most services that one instance can have discovered."""

MAX_NAME_SIZE: Final = 127
"""Longest service name in bytes. The shortest has 1."""

_MOST_NAMES: Final = 0xFFFF
_U16 = struct.Struct("<H")


def make_services_packet(domain: int, states: Sequence[int]) -> Packet:
    """A discovery reply (`Domain.CALL`) or notification (`Domain.INFO`), size field set.

    `states` holds one byte for each service known so far, in order of discovery; bit 0 set means
    that the service is available. `ValueError` beyond 256 of them.
    """
    if len(states) > MAX_SERVICES:
        raise ValueError(f"{len(states)} services are more than {MAX_SERVICES}")
    packet = make(Code.SERVICES, domain, DISCOVERY_HEADER_SIZE + len(states))
    packet.content = _U16.pack(len(states)) + bytes(states)
    packet.set_size()
    return packet


def parse_services_packet(packet: Packet) -> list[int]:
    """The state bytes of a discovery reply or notification. `PacketError` if it is none."""
    content = packet.content
    if packet.code != Code.SERVICES or packet.domain > Domain.INFO or len(content) < 2:
        raise PacketError("not a services packet")
    count: int = _U16.unpack_from(content)[0]
    if len(content) < 2 + count:
        raise PacketError("services packet is truncated")
    return list(content[2 : 2 + count])


def make_discovery(names: Iterable[str]) -> Packet:
    """The request that a program sends to discover services, size field set.

    `ValueError` if a name does not have 1..127 bytes, or if they are more than can be counted.
    """
    encoded = [name.encode("utf-8", "surrogateescape") for name in names]
    if len(encoded) > _MOST_NAMES:
        raise ValueError(f"{len(encoded)} names are more than {_MOST_NAMES}")
    content = bytearray(_U16.pack(len(encoded)))
    for name in encoded:
        if not 1 <= len(name) <= MAX_NAME_SIZE:
            raise ValueError(f"service name has {len(name)} bytes, not 1..{MAX_NAME_SIZE}")
        content.append(len(name))
        content += name
    packet = make_call(Code.SERVICES)
    packet.content = content
    packet.set_size()
    return packet


def parse_discovery(packet: Packet, known: int = 0) -> list[str]:
    """The names that a discovery request asks for.

    Names are arbitrary bytes, here decoded as UTF-8 with surrogateescape. An instance has at most
    256 services, and knows `known` already: only as many names are looked at as there is room for,
    and the rest is not even validated. Bytes after the last counted name are ignored.

    `PacketError` if the domain is not call, the packet is shorter than 10 bytes, a name's length
    is not 1..127, or the names end early.
    """
    if packet.domain != Domain.CALL:
        raise PacketError(f"service discovery packet has wrong domain: {packet.domain}")
    if len(packet) < DISCOVERY_HEADER_SIZE:
        raise PacketError(f"service discovery packet is too short: {len(packet)} bytes")
    count: int = _U16.unpack_from(packet.data, HEADER_SIZE)[0]
    names = []
    offset = DISCOVERY_HEADER_SIZE
    for _ in range(min(count, max(0, MAX_SERVICES - known))):
        if offset == len(packet):
            raise PacketError("name data is truncated in service discovery packet")
        length = packet.data[offset]
        if not 1 <= length <= MAX_NAME_SIZE:
            raise PacketError("service name length in discovery packet is out of bounds")
        offset += 1
        name = packet.data[offset : offset + length]
        if len(name) < length:
            raise PacketError("name data is truncated in service discovery packet")
        names.append(name.decode("utf-8", "surrogateescape"))
        offset += length
    return names
