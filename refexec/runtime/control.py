"""The control channel between a parent and its worker: raw frames with maximum lengths.

A frame is one byte of kind, three zero bytes, a u32 length (little-endian) and so many bytes.

    kind    direction         payload                                        how often
    START   parent to worker  the image to run, pickled (trusted direction)  once, first
    READY   worker to parent  names of the protections in force, ASCII       once, first
    BEGIN   worker to parent  names of more of them: the code starts now     at most once
    DEBUG   worker to parent  debug text of the program, any bytes           any number
    INPUT   worker to parent  a piece of a call, if an input log is written  any number
    STOPPED worker to parent  nothing: no code of the program runs any more  at most once
    STATE   worker to parent  what the program has become (`snapshot.codec`) at most once, last
    ERROR   worker to parent  why the worker failed, UTF-8 text              at most once, last
    REPORT  probe to parent   what a probe has found, JSON (`isolation`)     twice

The worker's bytes are hostile: it may have been taken over by the program that it runs. So the
parent accepts just this grammar, with the lengths below, and stores a payload only as it arrives.
Nobody's `Connection.recv` is used, because that unpickles.

Not here: what the payloads mean (`worker` and `outcome`), and who reads them when.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable
from typing import Final

from refexec.abi.inputlog.recorder import MAX_PIECE

HEADER: Final = struct.Struct("<BxxxI")
"""Kind and length of a frame."""

MAX_READY: Final = 4096
"""Longest READY or BEGIN payload in bytes."""

MAX_DEBUG: Final = 65536
"""Longest DEBUG payload in bytes. Longer text takes several frames."""

MAX_INPUT: Final = 1 + MAX_PIECE
"""Longest INPUT payload in bytes: what kind of piece it is, and the piece."""

MAX_ERROR: Final = 8192
"""Longest ERROR payload in bytes. Longer text is cut."""

MAX_REPORT: Final = 65536
"""Longest REPORT payload in bytes."""

_CHUNK: Final = 1 << 20


class Kind(enum.IntEnum):
    """Kinds of frames."""

    START = 1
    READY = 2
    BEGIN = 3
    DEBUG = 4
    STATE = 5
    ERROR = 6
    REPORT = 7
    STOPPED = 8
    INPUT = 9


class ControlError(Exception):
    """The peer broke the grammar of the channel."""


class TruncatedError(ControlError):
    """The stream ended within a frame: the peer died, or lied about a length."""


Receive = Callable[[int], bytes]
"""Gives 1..n bytes as they come, or none at the end of the stream."""


def encode_header(kind: Kind, length: int) -> bytes:
    """What comes before a payload of `length` bytes. `ControlError` from 4 GiB on."""
    if length >= 1 << 32:
        raise ControlError(f"{kind.name} of {length} bytes does not fit into a frame")
    return HEADER.pack(kind, length)


def read_frame(receive: Receive, limits: dict[Kind, int]) -> tuple[Kind, bytearray] | None:
    """Read one frame of a kind in `limits`, with at most so many bytes.

    Returns None at the end of the stream. Raises `ControlError` for any other kind, a length over
    the limit, or (`TruncatedError`) an end within a frame; nothing is stored for a length that is
    only claimed.
    """
    header = _read(receive, HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise TruncatedError("frame header is truncated")
    number, length = HEADER.unpack(header)
    if header[1:4] != bytes(3) or number not in Kind.__members__.values():
        raise ControlError("frame header is invalid")
    kind = Kind(number)
    limit = limits.get(kind)
    if limit is None:
        raise ControlError(f"{kind.name} is not expected")
    if length > limit:
        raise ControlError(f"{kind.name} has {length} bytes, at most {limit} are allowed")
    payload = _read(receive, length)
    if len(payload) < length:
        raise TruncatedError(f"{kind.name} is truncated")
    return kind, payload


def _read(receive: Receive, size: int) -> bytearray:
    data = bytearray()
    while len(data) < size:
        chunk = receive(min(size - len(data), _CHUNK))
        if not chunk:
            break
        data += chunk
    return data


class Grammar:
    """Which frames a worker may send next. `limits` is what `read_frame` wants."""

    def __init__(self, max_state: int, *, recording: bool = False) -> None:
        self.limits: dict[Kind, int] = {Kind.READY: MAX_READY, Kind.ERROR: MAX_ERROR}
        self._max_state = max_state
        self._recording = recording

    def advance(self, kind: Kind) -> None:
        """Take note of a frame that has arrived."""
        if kind is Kind.READY:
            self.limits = {Kind.BEGIN: MAX_READY, Kind.DEBUG: MAX_DEBUG, Kind.ERROR: MAX_ERROR}
        elif kind is Kind.BEGIN:
            self.limits = {
                Kind.DEBUG: MAX_DEBUG,
                Kind.STOPPED: 0,
                Kind.STATE: self._max_state,
                Kind.ERROR: MAX_ERROR,
            }
            if self._recording:
                self.limits[Kind.INPUT] = MAX_INPUT
        elif kind is Kind.STOPPED:
            self.limits = {Kind.STATE: self._max_state, Kind.ERROR: MAX_ERROR}
        elif kind not in (Kind.DEBUG, Kind.INPUT):
            self.limits = {}
