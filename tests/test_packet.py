"""Packets: bytes on the wire, views, checks, discovery and thunks."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refexec.discovery import (
    DISCOVERY_HEADER_SIZE,
    make_discovery,
    make_services_packet,
    parse_discovery,
    parse_services_packet,
)
from refexec.errors import PacketError
from refexec.packet import (
    DATA_HEADER_SIZE,
    FLOW_HEADER_SIZE,
    HEADER_SIZE,
    MAX_PACKET_SIZE,
    Code,
    DataPacket,
    Domain,
    Flow,
    FlowPacket,
    Packet,
    Thunk,
    align,
    code_text,
    domain_text,
    import_call,
    import_data,
    is_valid_call,
    is_valid_data,
    is_valid_flow,
    is_valid_info,
    make,
    make_call,
    make_data,
    make_data_eof,
    make_flow,
    make_flow_eof,
    make_flows,
    make_info,
    must_be_call,
    must_be_data,
    must_be_flow,
    must_be_info,
)

DISC_ORIGIN = bytes.fromhex("11000000 ffff 00 00 0100 06 6f726967696e")


def wire(packet: Packet) -> str:
    """The packet as it goes out, in hex."""
    packet.set_size()
    return bytes(packet).hex()


# -- constants and names ---------------------------------------------------------------------------


def test_sizes() -> None:
    assert MAX_PACKET_SIZE == 65536
    assert (HEADER_SIZE, FLOW_HEADER_SIZE, DATA_HEADER_SIZE, DISCOVERY_HEADER_SIZE) == (
        8,
        8,
        16,
        10,
    )


@pytest.mark.parametrize(
    ("n", "aligned"), [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16), (65529, 65536), (65536, 65536)]
)
def test_align(n: int, aligned: int) -> None:
    assert align(n) == aligned


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "service[0]"),
        (255, "service[255]"),
        (-1, "services"),
        (-2, "<invalid code -2>"),
        (-32768, "<invalid code -32768>"),
    ],
)
def test_code_text(code: int, text: str) -> None:
    assert code_text(code) == text


def test_domain_text() -> None:
    words = [domain_text(domain) for domain in range(5)]
    assert words == ["call", "info", "flow", "data", "<invalid domain 4>"]
    assert [f"{domain}" for domain in Domain] == words[:4]


# -- making ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (make(5, Domain.DATA, 16), "10000000 0500 03 00 0000000000000000"),
        (make(-32768, 15, 8), "08000000 0080 0f 00"),
        (make_call(1), "08000000 0100 00 00"),
        (make_call(Code.SERVICES, 2), "0a000000 ffff 00 00 0000"),
        (make_info(0x102, 1), "09000000 0201 01 00 00"),
        (make_flow(0, 3, 32767), "10000000 0000 02 00 03000000 ff7f0000"),
        (make_flow(0, 1, -2), "10000000 0000 02 00 01000000 feffffff"),
        (make_flow_eof(2, 4), "10000000 0200 02 00 04000000 00000000"),
        (make_flows(0, 0), "08000000 0000 02 00"),
        (make_flows(0, 2), "18000000 0000 02 00" + "00" * 16),
        (make_data(0, 7, 3), "13000000 0000 03 00 07000000 00000000 000000"),
        (make_data_eof(0, -1), "10000000 0000 03 00 ffffffff 00000000"),
    ],
)
def test_made_packets_on_the_wire(packet: Packet, expected: str) -> None:
    assert packet.encoded_size == 0
    assert wire(packet) == bytes.fromhex(expected).hex()


@pytest.mark.parametrize(
    ("code", "domain", "size"),
    [(0, 0, 7), (0, 0, -1), (32768, 0, 8), (-32769, 0, 8), (0, 16, 8), (0, -1, 8)],
)
def test_make_refuses_what_does_not_fit(code: int, domain: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"packet (size|domain|field)"):
        make(code, domain, size)


def test_make_refuses_ids_and_values_that_are_no_i32() -> None:
    with pytest.raises(ValueError, match="out of range"):
        make_data(0, 1 << 31, 0)
    with pytest.raises(ValueError, match="out of range"):
        make_flow(0, 0, 1 << 31)
    with pytest.raises(ValueError, match="below 8"):
        make_call(0, -1)


# -- the header ------------------------------------------------------------------------------------


@given(
    code=st.integers(-32768, 32767),
    domain=st.integers(0, 255),
    index=st.integers(0, 255),
    content=st.binary(max_size=40),
)
def test_header_fields(code: int, domain: int, index: int, content: bytes) -> None:
    size = HEADER_SIZE + len(content)
    data = (
        size.to_bytes(4, "little")
        + code.to_bytes(2, "little", signed=True)
        + bytes([domain, index])
        + content
    )
    packet = Packet(data)
    assert packet.encoded_size == size == len(packet)
    assert packet.code == code
    assert packet.domain == domain % 16
    assert packet.index == index
    assert packet.content == content
    assert bytes(packet) == data


def test_size_and_index_can_be_set() -> None:
    packet = make_call(0, 5)
    packet.content = b"hello"
    packet.index = 255
    packet.set_size()
    assert bytes(packet) == b"\x0d\0\0\0\0\0\0\xffhello"
    packet.content = b""
    assert packet.encoded_size == 13
    packet.set_size()
    assert packet.encoded_size == 8
    with pytest.raises(ValueError, match="range"):
        packet.index = 256


def test_a_bytearray_is_taken_over_and_other_bytes_are_copied() -> None:
    shared = bytearray(8)
    Packet(shared).index = 3
    assert shared[7] == 3
    kept = bytes(8)
    for data in (kept, memoryview(shared)):
        packet = Packet(data)
        packet.index = 9
        assert (kept[7], shared[7]) == (0, 3)


def test_equality_is_that_of_bytes() -> None:
    assert make_flow(1, 2, 3) == Packet(bytes(make_flow(1, 2, 3)))
    assert make_call(1) != make_call(2)
    assert make_call(1) != bytes(make_call(1))
    with pytest.raises(TypeError, match="unhashable"):
        hash(make_call(1))


def test_an_empty_packet_is_false_and_has_no_fields() -> None:
    packet = Packet()
    assert not packet
    assert packet.content == b""
    for field in ("encoded_size", "code", "domain", "index"):
        with pytest.raises(ValueError, match="packet has 0 bytes, at least 8 are needed"):
            getattr(packet, field)
    with pytest.raises(ValueError, match="at least 8"):
        packet.index = 1
    with pytest.raises(ValueError, match="at least 8"):
        packet.content = b"x"
    with pytest.raises(ValueError, match="at least 8"):
        packet.set_size()


@pytest.mark.parametrize(
    ("packet", "shown"),
    [
        (Packet(), "<Packet 0 bytes: b''>"),
        (Packet(b"\1\2"), r"<Packet 2 bytes: b'\x01\x02'>"),
        (Packet(b"\x0d\0\0\0\0\0\0\0hello"), "<Packet call service[0] size=13 content=b'hello'>"),
        (
            Packet(b"\0\0\0\0\xff\xff\x01\x05" + bytes(33)),
            "<Packet info services size=0 index=5 content=b'" + r"\x00" * 32 + "'... (33 bytes)>",
        ),
        (
            FlowPacket(make_flows(0, 2).data + b"?"),
            "<FlowPacket flow service[0] size=0 flows=[0:eof, 0:eof]>",
        ),
        (make_flow(1, 4, 9), "<FlowPacket flow service[1] size=0 flows=[4:+9]>"),
        (make_flow(1, 4, -9), "<FlowPacket flow service[1] size=0 flows=[4:-9]>"),
        (make_data(1, 4, 1), r"<DataPacket data service[1] size=0 id=4 data=b'\x00'>"),
        (DataPacket(b"\0\0\0\0\0\0\x03\0"), "<DataPacket data service[0] size=0 content=b''>"),
        (
            DataPacket(bytes(make_data_eof(1, 4))[:12] + b"\1\0\0\0"),
            "<DataPacket data service[1] size=0 id=4 note=1 data=b''>",
        ),
    ],
)
def test_repr(packet: Packet, shown: str) -> None:
    assert repr(packet) == shown


# -- cutting ---------------------------------------------------------------------------------------


def test_cut_repeats_the_header_at_the_next_multiple_of_eight() -> None:
    packet = make_call(3, 24)
    packet.content = bytes(range(1, 25))
    first, rest = packet.cut(HEADER_SIZE, 11)
    assert bytes(first) == bytes(packet)[:11]
    # 11 is aligned to 16; the header covers bytes 16..23 of the old content.
    assert bytes(rest) == bytes(packet)[:8] + bytes(packet)[24:]
    assert len(rest) == 32 - 16


def test_cut_of_data() -> None:
    packet = make_data(2, 9, 100)
    packet.note = 5
    packet.data_content = bytes(range(100))
    first, rest = packet.cut_data(8)
    assert (first.id, first.note, first.data_content) == (9, 5, bytes(range(8)))
    # The rest begins at byte 24 of the packet, and its header hides 16 bytes of data.
    assert (rest.id, rest.note, rest.data_content) == (9, 5, bytes(range(24, 100)))
    rest.note = 6
    assert packet.note == 5


@pytest.mark.parametrize(("prefix", "rest_length"), [(0, 20), (8, 12), (9, 0), (17, 0), (20, 0)])
def test_cut_leaves_nothing_where_the_header_has_no_room(prefix: int, rest_length: int) -> None:
    packet = make_call(0, 12)
    first, rest = packet.cut(HEADER_SIZE, prefix)
    assert len(first) == prefix
    assert len(rest) == rest_length


@pytest.mark.parametrize("prefix", [-1, 21])
def test_cut_outside_the_packet(prefix: int) -> None:
    with pytest.raises(ValueError, match="cannot cut a packet of 20 bytes"):
        make_call(0, 12).cut(HEADER_SIZE, prefix)


# -- flows -----------------------------------------------------------------------------------------


def test_flow_kinds() -> None:
    kinds = [
        (flow.is_increment, flow.is_eof, flow.is_note)
        for flow in (Flow(0, 1), Flow(0, 0), Flow(0, -1))
    ]
    assert kinds == [(True, False, False), (False, True, False), (False, False, True)]


@given(st.lists(st.tuples(*[st.integers(-(1 << 31), (1 << 31) - 1)] * 2), max_size=20))
def test_flows_round_trip(entries: list[tuple[int, int]]) -> None:
    packet = make_flows(0, len(entries))
    for i, (stream, value) in enumerate(entries):
        packet.set(i, stream, value)
    assert packet.len_flows == len(entries)
    assert [(flow.id, flow.value) for flow in FlowPacket(bytes(packet)).flows()] == entries


def test_bytes_after_the_last_whole_flow_are_ignored() -> None:
    assert FlowPacket(bytes(make_flow(0, 1, 2)) + bytes(7)).flows() == [Flow(1, 2)]
    assert FlowPacket(bytes(15)).flows() == []
    assert FlowPacket(b"").len_flows == 0


@pytest.mark.parametrize("i", [-1, 1])
def test_flow_index_out_of_range(i: int) -> None:
    packet = make_flow(0, 1, 2)
    with pytest.raises(IndexError, match=f"no entry {i}"):
        packet.at(i)
    with pytest.raises(IndexError, match=f"no entry {i}"):
        packet.set(i, 0, 0)
    with pytest.raises(ValueError, match="out of range"):
        packet.set(0, 0, 1 << 31)


# -- data ------------------------------------------------------------------------------------------


def test_data_fields() -> None:
    packet = make_data(0, 6, 4)
    packet.note = -3
    packet.data_content = b"some bytes"
    assert (packet.id, packet.note, packet.data_content) == (6, -3, b"some bytes")
    assert packet.data_len == 10
    assert not packet.eof
    assert make_data_eof(0, 6).eof
    with pytest.raises(ValueError, match="out of range"):
        packet.note = 1 << 31


def test_data_packet_that_is_too_short() -> None:
    packet = DataPacket(bytes(15))
    for field in ("id", "note", "data_len", "eof"):
        with pytest.raises(ValueError, match="packet has 15 bytes, at least 16 are needed"):
            getattr(packet, field)
    with pytest.raises(ValueError, match="at least 16"):
        packet.note = 1
    with pytest.raises(ValueError, match="at least 16"):
        packet.data_content = b""


# -- views and checks ------------------------------------------------------------------------------


def test_must_be_gives_views_of_the_same_bytes() -> None:
    call, info = make_call(0), make_info(0)
    assert must_be_call(call) is call
    assert must_be_info(info) is info
    flow = Packet(bytes(make_flow(0, 1, 2)))
    must_be_flow(flow).set(0, 3, 4)
    assert must_be_flow(flow).at(0) == Flow(3, 4)
    data = Packet(bytes(make_data(0, 1, 2)))
    must_be_data(data).note = 7
    assert must_be_data(data).note == 7


def test_must_be_refuses_other_domains_and_short_packets() -> None:
    for check in (must_be_info, must_be_flow, must_be_data):
        with pytest.raises(ValueError, match=r"call packet where .* was expected"):
            check(make_call(0))
    with pytest.raises(ValueError, match="<invalid domain 4> packet where call was expected"):
        must_be_call(make(0, 4, 8))
    with pytest.raises(ValueError, match="data packet is too short: 15 bytes"):
        must_be_data(make(0, Domain.DATA, 15))
    with pytest.raises(ValueError, match="at least 8"):
        must_be_call(Packet(b"1234567"))
    # The high domain bits are not looked at.
    assert must_be_call(Packet(b"\0\0\0\0\0\0\x10\0")).domain == Domain.CALL


def test_is_valid() -> None:
    call, info, flow, data = (
        bytes(packet)
        for packet in (make_call(1, 3), make_info(1), make_flow(1, 0, 1), make_data(1, 0, 5))
    )
    checks = (is_valid_call, is_valid_info, is_valid_flow, is_valid_data)
    for i, packet in enumerate((call, info, flow, data)):
        assert [check(packet, 1) for check in checks] == [j == i for j in range(4)]
        assert not any(check(packet, 0) for check in checks)
        assert not any(check(packet[:7], 1) for check in checks)


def test_is_valid_flow_looks_at_every_entry() -> None:
    assert is_valid_flow(bytes(make_flows(1, 0)), 1)
    assert is_valid_flow(bytes(make_flow_eof(1, 5)), 1)
    assert not is_valid_flow(bytes(make_flow(1, 0, 1)) + b"\0", 1)
    assert not is_valid_flow(bytes(make_flow(1, -1, 1)), 1)
    packet = make_flows(1, 2)
    packet.set(1, 0, -1)
    assert not is_valid_flow(bytes(packet), 1)


def test_is_valid_data_looks_at_length_and_id() -> None:
    assert is_valid_data(bytes(make_data_eof(1, 0)), 1)
    assert not is_valid_data(bytes(make_data_eof(1, -1)), 1)
    assert not is_valid_data(bytes(make(1, Domain.DATA, 15)), 1)


def test_import_gives_a_packet_or_blames_the_program() -> None:
    assert import_call(bytes(make_call(1, 2)), 1) == make_call(1, 2)
    assert import_data(bytes(make_data(1, 5, 2)), 1).id == 5
    with pytest.raises(PacketError, match="not a valid call packet"):
        import_call(bytes(make_info(1)), 1)
    with pytest.raises(PacketError, match="not a valid data packet"):
        import_data(bytes(make_data(1, 5, 2)), 2)


# -- discovery -------------------------------------------------------------------------------------


def test_s044_discovery_request_and_reply() -> None:
    request = make_discovery(["origin"])
    assert bytes(request) == DISC_ORIGIN
    assert align(len(request)) == 24
    assert parse_discovery(Packet(DISC_ORIGIN)) == ["origin"]
    reply = make_services_packet(Domain.CALL, [1])
    assert bytes(reply).hex() == "0b000000ffff0000010001"


def test_s045_reply_for_three_services() -> None:
    names = ["origin", "test", "_nonexistent"]
    assert parse_discovery(make_discovery(names)) == names
    reply = make_services_packet(Domain.CALL, [1, 0, 0])
    assert bytes(reply).hex() == "0d000000ffff00000300010000"
    assert parse_services_packet(reply) == [1, 0, 0]


def test_s048_discovery_of_nothing() -> None:
    assert parse_discovery(make_discovery([])) == []
    assert bytes(make_services_packet(Domain.CALL, [])).hex() == "0a000000ffff00000000"


def test_s049_names_beyond_256_are_not_looked_at() -> None:
    names = [f"s{i}" for i in range(300)]
    request = make_discovery(names)
    assert parse_discovery(request) == names[:256]
    assert parse_discovery(request, known=250) == names[:6]
    assert parse_discovery(request, known=256) == []
    assert parse_discovery(request, known=300) == []
    # Not even validated: the list ends within the first name that has no place.
    cut = Packet(bytes(make_discovery(["ab", "cd"]))[:-1])
    assert parse_discovery(cut, known=255) == ["ab"]
    with pytest.raises(PacketError):
        parse_discovery(cut, known=254)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("00", "service discovery packet is too short: 9 bytes"),
        ("0100 00", "service name length in discovery packet is out of bounds"),
        ("0100 80" + "61" * 128, "service name length in discovery packet is out of bounds"),
        ("0100", "name data is truncated in service discovery packet"),
        ("0100 02 61", "name data is truncated in service discovery packet"),
        ("0200 01 61", "name data is truncated in service discovery packet"),
    ],
)
def test_s050_discovery_violations(content: str, message: str) -> None:
    packet = make_call(Code.SERVICES)
    packet.content = bytes.fromhex(content)
    with pytest.raises(PacketError) as caught:
        parse_discovery(packet)
    assert str(caught.value) == message


def test_s050_wrong_domain_comes_before_length() -> None:
    packet = Packet(bytes(make_info(Code.SERVICES)))
    with pytest.raises(PacketError, match="service discovery packet has wrong domain: 1"):
        parse_discovery(packet)


def test_s050_extra_bytes_after_the_names_are_accepted() -> None:
    assert parse_discovery(Packet(DISC_ORIGIN + b"more")) == ["origin"]
    longest = "x" * 127
    assert parse_discovery(make_discovery([longest])) == [longest]


@given(st.lists(st.binary(min_size=1, max_size=127), max_size=20))
def test_names_are_any_bytes(names: list[bytes]) -> None:
    content = b"".join(bytes([len(name)]) + name for name in names)
    packet = make_call(Code.SERVICES)
    packet.content = len(names).to_bytes(2, "little") + content
    packet.set_size()
    parsed = parse_discovery(packet)
    assert [name.encode("utf-8", "surrogateescape") for name in parsed] == names
    assert make_discovery(parsed) == packet


@given(st.binary(max_size=60))
def test_any_content_is_parsed_or_refused(content: bytes) -> None:
    packet = make_call(Code.SERVICES)
    packet.content = content
    try:
        names = parse_discovery(packet)
    except PacketError:
        return
    assert len(names) == int.from_bytes(content[:2], "little")


@pytest.mark.parametrize("name", ["", "x" * 128, "é" * 64])
def test_a_name_that_does_not_fit_is_not_sent(name: str) -> None:
    with pytest.raises(ValueError, match="service name has"):
        make_discovery([name])


def test_services_packet_limits() -> None:
    full = make_services_packet(Domain.INFO, [1] * 256)
    assert full.encoded_size == 266
    assert full.domain == Domain.INFO
    assert parse_services_packet(full) == [1] * 256
    with pytest.raises(ValueError, match="257 services are more than 256"):
        make_services_packet(Domain.INFO, [0] * 257)


def test_services_packet_with_more_bytes_than_services() -> None:
    packet = Packet(bytes(make_services_packet(Domain.CALL, [1, 0])) + b"\xff")
    assert parse_services_packet(packet) == [1, 0]


@pytest.mark.parametrize(
    "packet",
    [
        make_call(0, 2),
        make(Code.SERVICES, Domain.FLOW, 10),
        make_call(Code.SERVICES, 1),
        Packet(bytes(make_services_packet(Domain.CALL, [1, 1]))[:-1]),
    ],
)
def test_what_is_no_services_packet(packet: Packet) -> None:
    with pytest.raises(PacketError, match="services packet"):
        parse_services_packet(packet)


# -- thunks ----------------------------------------------------------------------------------------


def test_thunk_is_evaluated_once_and_not_before_it_is_called() -> None:
    calls = []

    def evaluate() -> tuple[Packet | None, Exception | None]:
        calls.append(1)
        return make_call(4), None

    thunk = Thunk(evaluate)
    assert calls == []
    packet, error = thunk()
    assert packet == make_call(4)
    assert error is None
    assert thunk()[0] is packet
    assert calls == [1]


def test_thunk_of_a_packet() -> None:
    packet = make_call(1)
    assert Thunk.of(packet)() == (packet, None)
    assert Thunk.of(None)() == (None, None)


def test_an_exception_becomes_the_error_of_the_pair() -> None:
    failure = RuntimeError("no packet today")

    def evaluate() -> tuple[Packet | None, Exception | None]:
        raise failure

    thunk = Thunk(evaluate)
    assert thunk() == (None, failure)
    assert thunk() == (None, failure)


def test_threads_that_call_a_thunk_together_get_the_same_packet() -> None:
    entered = threading.Event()
    release = threading.Event()
    calls = []

    def evaluate() -> tuple[Packet | None, Exception | None]:
        calls.append(1)
        entered.set()
        assert release.wait(10)
        return make_call(0), None

    thunk = Thunk(evaluate)
    results: list[Packet | None] = []
    threads = [threading.Thread(target=lambda: results.append(thunk()[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    release.set()
    for thread in threads:
        thread.join(10)
    assert calls == [1]
    assert len(results) == 4
    assert all(result is results[0] for result in results)
