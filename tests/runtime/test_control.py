"""The frames between parent and worker, of which the parent believes nothing."""

from __future__ import annotations

import io

import pytest

from refexec.runtime.control import (
    HEADER,
    MAX_DEBUG,
    MAX_ERROR,
    MAX_INPUT,
    MAX_READY,
    ControlError,
    Grammar,
    Kind,
    TruncatedError,
    encode_header,
    read_frame,
)

ALL = dict.fromkeys(Kind, 100)


def read(data: bytes, limits: dict[Kind, int] | None = None) -> tuple[Kind, bytes] | None:
    frame = read_frame(io.BytesIO(data).read, ALL if limits is None else limits)
    return None if frame is None else (frame[0], bytes(frame[1]))


def test_frames_are_read_one_after_the_other() -> None:
    stream = io.BytesIO(encode_header(Kind.DEBUG, 2) + b"hi" + encode_header(Kind.STATE, 0))
    assert read_frame(stream.read, ALL) == (Kind.DEBUG, b"hi")
    assert read_frame(stream.read, ALL) == (Kind.STATE, b"")
    assert read_frame(stream.read, ALL) is None


def test_frames_may_come_in_pieces() -> None:
    stream = io.BytesIO(encode_header(Kind.DEBUG, 50) + b"x" * 50)
    assert read_frame(lambda size: stream.read(min(size, 3)), ALL) == (Kind.DEBUG, b"x" * 50)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (HEADER.pack(99, 0), "header is invalid"),
        (HEADER.pack(0, 0), "header is invalid"),
        (b"\x04\x01\0\0" + bytes(4), "header is invalid"),
        (HEADER.pack(Kind.DEBUG, 101), "DEBUG has 101 bytes, at most 100 are allowed"),
        (HEADER.pack(Kind.DEBUG, 0xFFFFFFFF), "at most 100 are allowed"),
    ],
)
def test_nonsense_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ControlError, match=message) as caught:
        read(data)
    assert not isinstance(caught.value, TruncatedError)


@pytest.mark.parametrize("data", [b"\x04", HEADER.pack(Kind.DEBUG, 3), b"\x04\0\0\0\x03\0\0\0ab"])
def test_an_end_within_a_frame_is_told_apart(data: bytes) -> None:
    with pytest.raises(TruncatedError, match="truncated"):
        read(data)


def test_a_frame_that_is_not_expected_is_refused() -> None:
    with pytest.raises(ControlError, match="START is not expected"):
        read(encode_header(Kind.START, 0), {Kind.DEBUG: 1})


def test_a_frame_beyond_4_gib_cannot_be_written() -> None:
    with pytest.raises(ControlError, match="does not fit"):
        encode_header(Kind.STATE, 1 << 32)


def test_the_grammar_of_a_worker() -> None:
    grammar = Grammar(max_state=1000)
    assert grammar.limits == {Kind.READY: MAX_READY, Kind.ERROR: MAX_ERROR}
    grammar.advance(Kind.READY)
    assert set(grammar.limits) == {Kind.BEGIN, Kind.DEBUG, Kind.ERROR}
    grammar.advance(Kind.DEBUG)
    assert grammar.limits[Kind.DEBUG] == MAX_DEBUG
    grammar.advance(Kind.BEGIN)
    assert grammar.limits[Kind.STATE] == 1000
    assert Kind.BEGIN not in grammar.limits
    grammar.advance(Kind.STATE)
    assert grammar.limits == {}
    failed = Grammar(max_state=1000)
    failed.advance(Kind.ERROR)
    assert failed.limits == {}


def test_pieces_of_calls_are_for_those_who_record() -> None:
    grammar = Grammar(max_state=1000, recording=True)
    grammar.advance(Kind.READY)
    assert Kind.INPUT not in grammar.limits
    grammar.advance(Kind.BEGIN)
    assert grammar.limits[Kind.INPUT] == MAX_INPUT
    grammar.advance(Kind.INPUT)
    assert Kind.STATE in grammar.limits
    silent = Grammar(max_state=1000)
    silent.advance(Kind.BEGIN)
    assert Kind.INPUT not in silent.limits
