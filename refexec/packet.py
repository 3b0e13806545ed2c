"""Packets: the messages between a program and the host's services.

A packet is a small header followed by content, all integers little-endian:

    offset  type  field
    0       u32   size of header and content; the padding after a packet is not counted
    4       i16   code: which service of this instance (>= 0), or -1 for service discovery
    6       u8    domain in the low 4 bits: call, info, flow or data; high 4 bits are ignored
    7       u8    index: place in the queue of unanswered calls, in replies
    8       ...   content

In a stream of packets each one is followed by zero bytes up to a multiple of 8 (`align`). Flow
packets hold entries of 8 bytes (i32 stream id, i32 value); data packets hold i32 stream id, i32
note and then the data. Discovery packets are in `refexec.discovery`.

Packets made here have a size field of zero until `Packet.set_size`; whoever puts a packet on the
wire sets it. This module neither reads nor writes streams and knows no services: which packets a
program may send, and when, is judged by the serve loop.

A mistake of the host (a field that does not fit, a view of the wrong kind) is a `ValueError`.
Bytes that break the packet rules are a `PacketError`, which blames the program.
"""

from __future__ import annotations

import enum
import struct
import threading
from collections.abc import Callable
from typing import Final, Self

from refexec.errors import PacketError
from refexec.record import record

MAX_PACKET_SIZE: Final = 65536
"""Largest packet in bytes, header included and padding excluded, in both directions."""

HEADER_SIZE: Final = 8
"""Bytes of the header that every packet has; also the smallest packet."""

FLOW_HEADER_SIZE: Final = 8
"""Bytes before the first entry of a flow packet."""

DATA_HEADER_SIZE: Final = 16
"""Bytes before the data of a data packet."""

_FLOW_SIZE: Final = 8
_SHOWN: Final = 32  # content bytes in a repr

_HEADER = struct.Struct("<IhBB")
_U32 = struct.Struct("<I")
_I16 = struct.Struct("<h")
_I32 = struct.Struct("<i")
_FLOW = struct.Struct("<ii")

BytesLike = bytes | bytearray | memoryview
"""What packets can be made from."""


class Code:
    """Packet codes with a meaning of their own. All others are plain ints."""

    SERVICES: Final = -1
    """Service discovery. Codes >= 0 are services; other negatives are reserved."""


class Domain(enum.IntEnum):
    """What kind of packet it is."""

    CALL = 0
    """A request that gets one reply, or that reply."""
    INFO = 1
    """A notice without reply."""
    FLOW = 2
    """Permission to send more stream data, or none any more."""
    DATA = 3
    """Stream data."""

    def __str__(self) -> str:
        return self.name.lower()


def align(n: int) -> int:
    """Round `n` bytes up to the alignment of packets in a stream, a multiple of 8."""
    return (n + 7) & -8


def code_text(code: int) -> str:
    """Name a packet code for people: `service[N]`, `services` or `<invalid code N>`."""
    if code >= 0:
        return f"service[{code}]"
    return "services" if code == Code.SERVICES else f"<invalid code {code}>"


def domain_text(domain: int) -> str:
    """Name a domain for people: `call`, `info`, `flow`, `data` or `<invalid domain N>`."""
    try:
        return str(Domain(domain))
    except ValueError:
        return f"<invalid domain {domain}>"


class Packet:
    """One packet, as a mutable view of its bytes without padding.

    `Packet(data)` takes over a bytearray as it is, so that several views can share one buffer, and
    copies any other bytes. Nothing is checked, so a packet may be empty, which means "nothing to
    send"; reading a header field of a packet shorter than 8 bytes is a `ValueError`.
    """

    __slots__ = ("data",)

    data: bytearray
    """The bytes: header and content."""

    def __init__(self, data: BytesLike = b"") -> None:
        self.data = data if isinstance(data, bytearray) else bytearray(data)

    def __len__(self) -> int:
        return len(self.data)

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packet):
            return NotImplemented
        return self.data == other.data

    def __repr__(self) -> str:
        kind = type(self).__name__
        if len(self.data) < HEADER_SIZE:
            return f"<{kind} {len(self.data)} bytes: {bytes(self.data)!r}>"
        head = f"{domain_text(self.domain)} {code_text(self.code)} size={self.encoded_size}"
        if self.index:
            head += f" index={self.index}"
        return f"<{kind} {head}{self._details()}>"

    def _details(self) -> str:
        """What the repr says after the header fields."""
        return f" content={_excerpt(self.content)}"

    def _require(self, size: int) -> None:
        if len(self.data) < size:
            raise ValueError(f"packet has {len(self.data)} bytes, at least {size} are needed")

    @property
    def encoded_size(self) -> int:
        """The size field, which need not be the real length: 0 until `set_size`."""
        # In place of calling `_require`: these three are read for every packet.
        if len(self.data) < HEADER_SIZE:
            self._require(HEADER_SIZE)
        return int(_U32.unpack_from(self.data, 0)[0])

    def set_size(self) -> None:
        """Write the length into the size field; leave the buffer untouched if it is there."""
        if self.encoded_size != len(self.data):
            _U32.pack_into(self.data, 0, len(self.data))

    @property
    def code(self) -> int:
        """The code field, -32768..32767: a service index, or `Code.SERVICES`."""
        if len(self.data) < HEADER_SIZE:
            self._require(HEADER_SIZE)
        return int(_I16.unpack_from(self.data, 4)[0])

    @property
    def domain(self) -> int:
        """The low 4 bits of the domain field, 0..15; `Domain` names the valid ones."""
        if len(self.data) < HEADER_SIZE:
            self._require(HEADER_SIZE)
        return self.data[6] & 15

    @property
    def index(self) -> int:
        """The index field, 0..255: which unanswered call a reply belongs to."""
        self._require(HEADER_SIZE)
        return self.data[7]

    @index.setter
    def index(self, index: int) -> None:
        self._require(HEADER_SIZE)
        self.data[7] = index

    @property
    def content(self) -> bytes:
        """A copy of what follows the 8-byte header."""
        return bytes(self.data[HEADER_SIZE:])

    @content.setter
    def content(self, content: BytesLike) -> None:
        self._require(HEADER_SIZE)
        self.data[HEADER_SIZE:] = content

    def cut(self, header_size: int, prefix_len: int) -> tuple[Self, Self]:
        """Split a partly filled packet into what is filled and a packet made from the rest.

        The first part is the first `prefix_len` bytes. The second starts at the next multiple of 8
        and gets the first `header_size` bytes of this packet copied over its beginning; it is empty
        if so many are not left. Both are copies. `ValueError` if `prefix_len` is not within it.
        """
        if not 0 <= prefix_len <= len(self.data):
            raise ValueError(f"cannot cut a packet of {len(self.data)} bytes at {prefix_len}")
        rest = self.data[align(prefix_len) :]
        if len(rest) < header_size:
            rest = bytearray()
        else:
            rest[:header_size] = self.data[:header_size]
        return type(self)(self.data[:prefix_len]), type(self)(rest)


@record(frozen=True)
class Flow:
    """One entry of a flow packet."""

    id: int
    """Stream id, an i32; valid ones are >= 0."""

    value: int
    """An i32: bytes of new capacity (> 0), end of subscription (0), or a note (< 0)."""

    @property
    def is_increment(self) -> bool:
        """Whether it allows `value` more bytes to be sent."""
        return self.value > 0

    @property
    def is_eof(self) -> bool:
        """Whether it says that no more will be subscribed."""
        return self.value == 0

    @property
    def is_note(self) -> bool:
        """Whether its meaning is the service's own."""
        return self.value < 0

    def __str__(self) -> str:
        return f"{self.id}:eof" if self.is_eof else f"{self.id}:{self.value:+}"


class FlowPacket(Packet):
    """A packet seen as a list of flows. Bytes after the last whole entry are ignored."""

    __slots__ = ()

    @property
    def len_flows(self) -> int:
        """How many entries there are."""
        return max(0, len(self.data) - FLOW_HEADER_SIZE) // _FLOW_SIZE

    def at(self, i: int) -> Flow:
        """Entry `i`, counted from 0. `IndexError` beyond the last one."""
        return Flow(*_FLOW.unpack_from(self.data, self._offset(i)))

    def set(self, i: int, stream: int, value: int) -> None:
        """Overwrite entry `i`. `IndexError` beyond the last one; both numbers are i32."""
        offset = self._offset(i)
        self.data[offset : offset + _FLOW_SIZE] = _pack(_FLOW, stream, value)

    def flows(self) -> list[Flow]:
        """All entries in order."""
        return [self.at(i) for i in range(self.len_flows)]

    def _offset(self, i: int) -> int:
        if not 0 <= i < self.len_flows:
            raise IndexError(f"flow packet has no entry {i}")
        return FLOW_HEADER_SIZE + i * _FLOW_SIZE

    def _details(self) -> str:
        return f" flows=[{', '.join(map(str, self.flows()))}]"


class DataPacket(Packet):
    """A packet seen as stream data. Needs at least 16 bytes."""

    __slots__ = ()

    @property
    def id(self) -> int:
        """Stream id, an i32; valid ones are >= 0."""
        self._require(DATA_HEADER_SIZE)
        return int(_I32.unpack_from(self.data, 8)[0])

    @property
    def note(self) -> int:
        """An i32 whose meaning is the service's own; 0 if unused."""
        self._require(DATA_HEADER_SIZE)
        return int(_I32.unpack_from(self.data, 12)[0])

    @note.setter
    def note(self, note: int) -> None:
        self._require(DATA_HEADER_SIZE)
        self.data[12:16] = _pack(_I32, note)

    @property
    def data_content(self) -> bytes:
        """A copy of the stream data."""
        return bytes(self.data[DATA_HEADER_SIZE:])

    @data_content.setter
    def data_content(self, content: BytesLike) -> None:
        self._require(DATA_HEADER_SIZE)
        self.data[DATA_HEADER_SIZE:] = content

    @property
    def data_len(self) -> int:
        """How many bytes of stream data there are."""
        self._require(DATA_HEADER_SIZE)
        return len(self.data) - DATA_HEADER_SIZE

    @property
    def eof(self) -> bool:
        """Whether it carries no data, which ends the stream in this direction."""
        return self.data_len == 0

    def cut_data(self, data_len: int) -> tuple[DataPacket, DataPacket]:
        """`cut` after `data_len` bytes of stream data, with the whole data header repeated."""
        return self.cut(DATA_HEADER_SIZE, DATA_HEADER_SIZE + data_len)

    def _details(self) -> str:
        if len(self.data) < DATA_HEADER_SIZE:
            return super()._details()
        note = f" note={self.note}" if self.note else ""
        return f" id={self.id}{note} data={_excerpt(self.data_content)}"


# -- making ----------------------------------------------------------------------------------------


def make(code: int, domain: int, size: int) -> Packet:
    """A packet of `size` bytes, header included, with zero content and size field.

    `ValueError` if `size` is below 8, `code` is no i16, or `domain` is not within 0..15.
    """
    return Packet(_make(code, domain, size))


def make_call(code: int, content_size: int = 0) -> Packet:
    """A call packet with `content_size` zero bytes of content."""
    return Packet(_make(code, Domain.CALL, HEADER_SIZE + content_size))


def make_info(code: int, content_size: int = 0) -> Packet:
    """An info packet with `content_size` zero bytes of content."""
    return Packet(_make(code, Domain.INFO, HEADER_SIZE + content_size))


def make_flow(code: int, stream: int, value: int) -> FlowPacket:
    """A flow packet with one entry."""
    packet = make_flows(code, 1)
    packet.set(0, stream, value)
    return packet


def make_flow_eof(code: int, stream: int) -> FlowPacket:
    """A flow packet that says: no more will be subscribed for this stream."""
    return make_flow(code, stream, 0)


def make_flows(code: int, count: int) -> FlowPacket:
    """A flow packet with `count` entries, all zero, to be filled with `FlowPacket.set`."""
    return FlowPacket(_make(code, Domain.FLOW, FLOW_HEADER_SIZE + count * _FLOW_SIZE))


def make_data(code: int, stream: int, data_size: int) -> DataPacket:
    """A data packet with note 0 and `data_size` zero bytes of stream data."""
    data = _make(code, Domain.DATA, DATA_HEADER_SIZE + data_size)
    data[8:12] = _pack(_I32, stream)
    return DataPacket(data)


def make_data_eof(code: int, stream: int) -> DataPacket:
    """A data packet that says: the stream has ended in this direction."""
    return make_data(code, stream, 0)


def _make(code: int, domain: int, size: int) -> bytearray:
    if size < HEADER_SIZE:
        raise ValueError(f"packet size {size} is below {HEADER_SIZE}")
    if not 0 <= domain <= 15:
        raise ValueError(f"packet domain {domain} is not within 0..15")
    data = bytearray(size)
    data[:HEADER_SIZE] = _pack(_HEADER, 0, code, domain, 0)
    return data


# -- views and checks ------------------------------------------------------------------------------


def must_be_call(packet: Packet) -> Packet:
    """The packet itself. `ValueError` if it is no call packet."""
    _must_be(packet, Domain.CALL, HEADER_SIZE)
    return packet


def must_be_info(packet: Packet) -> Packet:
    """The packet itself. `ValueError` if it is no info packet."""
    _must_be(packet, Domain.INFO, HEADER_SIZE)
    return packet


def must_be_flow(packet: Packet) -> FlowPacket:
    """A view of the same bytes as flows. `ValueError` if it is no flow packet."""
    _must_be(packet, Domain.FLOW, FLOW_HEADER_SIZE)
    return FlowPacket(packet.data)


def must_be_data(packet: Packet) -> DataPacket:
    """A view of the same bytes as stream data. `ValueError` if it is no data packet."""
    _must_be(packet, Domain.DATA, DATA_HEADER_SIZE)
    return DataPacket(packet.data)


def is_valid_call(data: BytesLike, code: int) -> bool:
    """Whether `data` is a call packet for `code`."""
    return _is_valid(Packet(data), Domain.CALL, code, HEADER_SIZE)


def is_valid_info(data: BytesLike, code: int) -> bool:
    """Whether `data` is an info packet for `code`."""
    return _is_valid(Packet(data), Domain.INFO, code, HEADER_SIZE)


def is_valid_flow(data: BytesLike, code: int) -> bool:
    """Whether `data` is a flow packet for `code` of whole entries with valid ids, no notes."""
    packet = FlowPacket(data)
    return (
        _is_valid(packet, Domain.FLOW, code, FLOW_HEADER_SIZE)
        and len(packet) % _FLOW_SIZE == 0
        and all(flow.id >= 0 and not flow.is_note for flow in packet.flows())
    )


def is_valid_data(data: BytesLike, code: int) -> bool:
    """Whether `data` is a data packet for `code` with a valid stream id."""
    packet = DataPacket(data)
    return _is_valid(packet, Domain.DATA, code, DATA_HEADER_SIZE) and packet.id >= 0


def import_call(data: BytesLike, code: int) -> Packet:
    """A packet from bytes of unknown origin. `PacketError` unless `is_valid_call`."""
    if not is_valid_call(data, code):
        raise PacketError("not a valid call packet")
    return Packet(data)


def import_data(data: BytesLike, code: int) -> DataPacket:
    """A packet from bytes of unknown origin. `PacketError` unless `is_valid_data`."""
    if not is_valid_data(data, code):
        raise PacketError("not a valid data packet")
    return DataPacket(data)


def _must_be(packet: Packet, domain: Domain, header_size: int) -> None:
    if packet.domain != domain:
        raise ValueError(f"{domain_text(packet.domain)} packet where {domain} was expected")
    if len(packet) < header_size:
        raise ValueError(f"{domain} packet is too short: {len(packet)} bytes")


def _is_valid(packet: Packet, domain: Domain, code: int, header_size: int) -> bool:
    return len(packet) >= header_size and packet.code == code and packet.domain == domain


def _pack(form: struct.Struct, *values: int) -> bytes:
    """Pack, with the error that callers of this module are promised."""
    try:
        return form.pack(*values)
    except struct.error as error:
        raise ValueError(f"packet field is out of range: {error}") from None


def _excerpt(content: bytes) -> str:
    more = f"... ({len(content)} bytes)" if len(content) > _SHOWN else ""
    return repr(content[:_SHOWN]) + more


# -- deferred packets ------------------------------------------------------------------------------

ThunkResult = tuple[Packet | None, Exception | None]
"""A packet to send (None or an empty one: nothing), and an error that ends the serving."""


class Thunk:
    """A packet that is made just when it can be sent.

    Wraps a callable that returns a packet and an error, either of them None. It is evaluated at
    the first call, and never again: later calls, from any thread, give the same pair. An exception
    that it raises becomes the error of the pair.
    """

    __slots__ = ("_evaluate", "_lock", "_result")

    def __init__(self, evaluate: Callable[[], ThunkResult]) -> None:
        self._evaluate: Callable[[], ThunkResult] | None = evaluate
        self._lock = threading.Lock()
        self._result: ThunkResult = (None, None)

    @classmethod
    def of(cls, packet: Packet | None) -> Thunk:
        """A thunk for a packet that is there already."""
        return cls(lambda: (packet, None))

    def __call__(self) -> ThunkResult:
        """Evaluate it, or recall what it evaluated to."""
        with self._lock:
            if self._evaluate is not None:
                evaluate, self._evaluate = self._evaluate, None
                try:
                    self._result = evaluate()
                except Exception as error:
                    self._result = (None, error)
            return self._result
