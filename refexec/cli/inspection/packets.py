"""Packets on their way as JSON objects, decoded as far as they can be made out.

A stream that was interrupted may begin within a packet, and end within one. Bytes before the first
whole packet are known by their number and values only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from refexec import discovery, packet
from refexec.cli.inspection import JSON
from refexec.cli.inspection.values import blob
from refexec.errors import PacketError
from refexec.snapshot import Buffers

MAX_PACKETS: Final = 10_000
"""Packets of a stream that are decoded at most."""

_MAX_ENTRIES: Final = 256


def describe_buffers(buffers: Buffers) -> JSON:
    """Describe services and streams."""
    names = [service.name for service in buffers.services]
    return {
        "services": [
            {"code": code, "name": service.name, "state": blob(service.buffer)}
            for code, service in enumerate(buffers.services)
        ],
        "input": describe_stream(buffers.input, names, to_program=True),
        "output": describe_stream(buffers.output, names, to_program=False),
    }


def describe_stream(data: bytes, services: Sequence[str], *, to_program: bool) -> JSON:
    """Describe a stream of packets between a program and `services`, which are named by code."""
    packets: list[JSON] = []
    position = _first_packet(data)
    if position:
        packets.append({"offset": 0, "part": "end", "bytes": blob(data[:position])})
    while position < len(data):
        rest = data[position : position + packet.align(packet.MAX_PACKET_SIZE)]
        size = _size(rest)
        if len(packets) >= MAX_PACKETS or size is None:
            whole = memoryview(data)[position:]
            packets.append({"offset": position, "part": "unknown", "bytes": _long_blob(whole)})
            break
        packets.append({"offset": position, **_packet(rest, size, services, to_program)})
        position += packet.align(size)
    return {"size": len(data), "packets": packets}


def _long_blob(data: memoryview) -> JSON:
    return {**blob(bytes(data[:1024])), "size": len(data)}


def _size(data: bytes) -> int | None:
    """Size of the packet that begins here: its own word, or all there is; None if that is none."""
    if len(data) < packet.HEADER_SIZE:
        return len(data)
    size = int.from_bytes(data[:4], "little")
    plain = packet.Packet(data[: packet.HEADER_SIZE])
    good = packet.HEADER_SIZE <= size <= packet.MAX_PACKET_SIZE
    return size if good and plain.code >= packet.Code.SERVICES and plain.domain <= 3 else None


def _first_packet(data: bytes) -> int:
    """Where packets begin that follow each other up to the end; 0 if they do nowhere.

    Packets are aligned to the end of a stream that was cut at its beginning only.
    """
    if not data or _follow(data, 0, set()):
        return 0
    failed: set[int] = set()
    for position in range(len(data) % 8 or 8, min(len(data), packet.MAX_PACKET_SIZE) - 7, 8):
        if _follow(data, position, failed):
            return position
    return 0


def _follow(data: bytes, position: int, failed: set[int]) -> bool:
    """Whether whole packets follow each other from here to the end, the last one maybe unpadded.

    Where they do not is noted, so that each place is looked at once.
    """
    seen = []
    for _ in range(MAX_PACKETS):
        if position >= len(data):
            return True
        size = _size(data[position : position + packet.HEADER_SIZE])
        seen.append(position)
        if size is None or size > len(data) - position or position in failed:
            break
        position += packet.align(size)
    failed.update(seen)
    return False


def _packet(rest: bytes, size: int, services: Sequence[str], to_program: bool) -> JSON:
    """Describe the packet of `size` bytes at the beginning of `rest`, which may end before it."""
    data = rest[:size]
    if len(data) < packet.HEADER_SIZE:
        return {"part": "beginning", "bytes": blob(data)}
    plain = packet.Packet(data)
    code = plain.code
    described: JSON = {
        "part": "whole" if len(data) == size else "beginning",
        "size": size,
        "missing": size - len(data),
        "code": code,
        "service": services[code] if 0 <= code < len(services) else None,
        "domain": packet.domain_text(plain.domain),
        "index": plain.index,
        "content": blob(plain.content),
    }
    if len(data) == size:
        if code == packet.Code.SERVICES:
            described |= _discovery(plain, to_program)
        elif plain.domain == packet.Domain.FLOW:
            described |= _flows(packet.FlowPacket(data))
        elif plain.domain == packet.Domain.DATA and size >= packet.DATA_HEADER_SIZE:
            stream = packet.DataPacket(data)
            described["data"] = {
                "stream": stream.id,
                "note": stream.note,
                "eof": stream.eof,
                "bytes": blob(stream.data_content),
            }
    return described


def _flows(flows: packet.FlowPacket) -> JSON:
    entries = [flows.at(i) for i in range(min(flows.len_flows, _MAX_ENTRIES))]
    return {
        "flows": [
            {
                "stream": flow.id,
                "value": flow.value,
                "meaning": "eof" if flow.is_eof else "note" if flow.is_note else "increment",
            }
            for flow in entries
        ]
    }


def _discovery(plain: packet.Packet, to_program: bool) -> JSON:
    """Describe a request for services, or the answer to the program."""
    try:
        if to_program:
            return {"states": discovery.parse_services_packet(plain)}
        return {"names": discovery.parse_discovery(plain)}
    except PacketError as error:
        return {"problem": str(error)}
