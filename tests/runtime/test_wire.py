"""Cutting the byte stream of a program into packets, and the other way."""

from __future__ import annotations

import pytest

from refexec.errors import PacketError
from refexec.packet import MAX_PACKET_SIZE, Code, Domain, Packet, make, make_call
from refexec.runtime.wire import PacketReader, complete_input, encode


def sized(size: int) -> bytes:
    """A packet of so many bytes, without padding."""
    packet = make(3, Domain.INFO, size)
    packet.set_size()
    return bytes(packet)


def test_packets_are_cut_out_of_any_pieces() -> None:
    stream = encode(Packet(sized(13))) + encode(Packet(sized(8))) + encode(Packet(sized(24)))
    reader = PacketReader()
    sizes = []
    for byte in stream:
        reader.feed(bytes([byte]))
        while (packet := reader.next()) is not None:
            sizes.append(len(packet))
    assert sizes == [13, 8, 24]
    assert reader.rest == b""


def test_a_packet_is_complete_with_its_padding_only() -> None:
    reader = PacketReader(sized(13) + b"\0\0")
    assert reader.next() is None
    assert reader.rest == sized(13) + b"\0\0"
    reader.feed(b"x")  # the value of padding does not matter
    packet = reader.next()
    assert packet is not None
    assert bytes(packet) == sized(13)


@pytest.mark.parametrize("size", [0, 7, MAX_PACKET_SIZE + 1, 0xFFFFFFFF])
def test_s051_a_size_out_of_range_is_found_in_the_header(size: int) -> None:
    header = size.to_bytes(4, "little") + bytes(4)
    reader = PacketReader(header[:7])
    assert reader.next() is None
    reader.feed(header[7:])
    with pytest.raises(PacketError, match=f"^runtime: invalid op packet size: {size}$"):
        reader.next()
    assert reader.rest == header


def test_s051_the_largest_packet() -> None:
    reader = PacketReader(sized(MAX_PACKET_SIZE))
    packet = reader.next()
    assert packet is not None
    assert len(packet) == MAX_PACKET_SIZE


def test_encoding_sets_the_size_and_pads() -> None:
    packet = make_call(7, 5)
    data = encode(packet)
    assert data == bytes.fromhex("0d00000007000000") + bytes(8)


@pytest.mark.parametrize("size", [1, 7, MAX_PACKET_SIZE + 1])
def test_s067_a_packet_out_of_range_is_not_sent(size: int) -> None:
    with pytest.raises(ValueError, match=f"invalid size: {size}$"):
        encode(Packet(bytes(size)))


def test_own_input_is_replayed_as_it_is() -> None:
    whole = encode(Packet(sized(13))) + encode(Packet(sized(16)))
    for start in range(0, len(whole), 3):
        assert complete_input(whole[start:]) == whole[start:]


def test_foreign_input_gets_the_padding_that_it_lacks() -> None:
    reply = bytes(make(Code.SERVICES, Domain.CALL, 13).data)
    reply = (13).to_bytes(4, "little") + reply[4:]
    assert complete_input(reply) == reply + bytes(3)
    assert complete_input(encode(Packet(sized(9))) + reply) == (
        encode(Packet(sized(9))) + reply + bytes(3)
    )
