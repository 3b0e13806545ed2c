"""The contents of Gate's sections: read as written, and refused when damaged."""

from __future__ import annotations

import struct

import pytest

import foreign
from encode import leb
from foreign import frame
from refexec.errors import ProgramError, SnapshotError
from refexec.snapshot import Buffers, Service
from refexec.snapshot.module import InitialStack, NativeFrame, NativeStack, Record
from refexec.snapshot.module.contents import (
    check_exports,
    read_buffers,
    read_record,
    write_buffers,
    write_record,
)
from refexec.snapshot.module.stack import read_stack


def content(section: bytes) -> bytes:
    """What a small custom section holds after its name."""
    name = section[2]
    return section[3 + name :]


# -- gate.snapshot -------------------------------------------------------------------------------

RECORDS = [
    Record(),
    Record(trap=2, monotonic_time=1_335_544_320),
    Record(final=True, trap=0, result=1),
    Record(result=-1, monotonic_time=(1 << 64) - 1),
    Record(breakpoints=(1, 300, 70_000)),
    Record(breakpoints=tuple(range(100))),
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert read_record(write_record(record)) == record


def test_a_record_has_the_bytes_of_gate() -> None:
    written = write_record(Record(trap=2, monotonic_time=1_335_544_320))
    assert written == content(foreign.record(2, time=1_335_544_320))
    # With the name and its size it is a payload of 24 bytes.
    assert len(written) == 24 - 14


def test_any_version_is_read_and_what_follows_is_ignored() -> None:
    later = content(foreign.record(27, version=1 << 60, breakpoints=(9, 5, 9)))
    assert read_record(later + b"more") == Record(trap=27, breakpoints=(5, 9))


def test_flags_of_the_future_are_ignored() -> None:
    assert read_record(leb(0) + leb(6) + bytes(4)) == Record()
    assert read_record(leb(0) + leb(7) + bytes(4)).final


def test_too_many_breakpoints() -> None:
    record = content(foreign.record(breakpoints=tuple(range(101))))
    with pytest.raises(SnapshotError, match=r"^snapshot has too many breakpoints$"):
        read_record(record)


@pytest.mark.parametrize(
    "damaged",
    [b"", bytes(5), bytes(5) + b"\x01", bytes(2) + leb(1 << 32) + bytes(3), b"\xff" * 20],
)
def test_a_damaged_record(damaged: bytes) -> None:
    with pytest.raises(ProgramError, match=r"^gate.snapshot section is malformed: "):
        read_record(damaged)


# -- gate.buffer ---------------------------------------------------------------------------------

BUFFERS = [
    Buffers(input=b"in"),
    Buffers(output=b"out"),
    Buffers([Service("a")]),
    Buffers([Service("origin", b"\x01" * 200), Service("é" * 63), Service("\udcff")], b"i" * 300),
]


@pytest.mark.parametrize("buffers", BUFFERS)
def test_buffers_are_read_as_they_were_written(buffers: Buffers) -> None:
    assert read_buffers(write_buffers(buffers) + b"more") == buffers


def test_nothing_to_keep_makes_no_section() -> None:
    assert write_buffers(Buffers()) == b""


def test_buffers_have_the_bytes_of_gate() -> None:
    buffers = Buffers(
        [Service("origin"), Service("test"), Service("_nonexistent")], foreign.DISCOVERY_REPLY
    )
    head = b"\x10\x00\x03\x06origin\x00\x04test\x00\x0c_nonexistent\x00"
    assert write_buffers(buffers) == head + foreign.DISCOVERY_REPLY
    assert len(write_buffers(buffers)) == 59 - 12


@pytest.mark.parametrize("name", ["", "x" * 128, "é" * 64])
def test_names_that_no_service_has_are_not_written(name: str) -> None:
    with pytest.raises(SnapshotError, match="service name length out of bounds"):
        write_buffers(Buffers([Service(name)]))


@pytest.mark.parametrize("size", [0, 128, 255])
def test_names_that_no_service_has_are_not_read(size: int) -> None:
    with pytest.raises(ProgramError, match=r"^service name length out of bounds$"):
        read_buffers(b"\0\0\x01" + bytes((size,)) + b"x" * size + b"\0")


@pytest.mark.parametrize(
    "damaged",
    [b"\x01\0\0", b"\0\x01\0", b"\0\0\x01\x01a\x01", leb((1 << 32) - 1) + bytes(2)],
)
def test_buffers_that_are_not_there(damaged: bytes) -> None:
    with pytest.raises(ProgramError, match=r"^invalid buffer section in wasm module$"):
        read_buffers(damaged)


@pytest.mark.parametrize(
    "damaged", [b"", b"\0\0", b"\0\0\x01", b"\0\0\x01\x05ab", b"\0\0" + leb((1 << 32) - 1)]
)
def test_a_damaged_head_of_buffers(damaged: bytes) -> None:
    with pytest.raises(ProgramError, match=r"^gate.buffer section is malformed: "):
        read_buffers(damaged)


# -- gate.export ---------------------------------------------------------------------------------


def test_hidden_exports() -> None:
    check_exports(foreign.EXPORTS)
    for short in (b"", b"\x07"):
        with pytest.raises(ProgramError, match=r"^gate.export section is too short$"):
            check_exports(short)
    for other in (b"\x06\0", foreign.EXPORTS + b"\0", foreign.EXPORTS[:-1]):
        with pytest.raises(ProgramError, match="does not contain a standard export section"):
            check_exports(other)
    with pytest.raises(ProgramError, match=r"^gate.export section is malformed: "):
        check_exports(b"\x07\x80")


# -- gate.stack ----------------------------------------------------------------------------------


def words(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}Q", *numbers)


def read(*numbers: int) -> InitialStack | NativeStack:
    encoded = words(*numbers)
    stack = read_stack(encoded, 1 << 20)
    assert stack.encode() == encoded or isinstance(stack, InitialStack)
    return stack


def refusal(encoded: bytes) -> str:
    with pytest.raises(ProgramError) as raised:
        read_stack(encoded, 80)
    return str(raised.value)


@pytest.mark.parametrize("start", [None, 0, 7])
@pytest.mark.parametrize("entry", [None, 3, (1 << 32) - 2])
def test_s122_a_stack_of_a_program_that_has_not_begun(start: int | None, entry: int | None) -> None:
    stack = InitialStack(start, entry)
    encoded = stack.encode()
    assert len(encoded) == 24
    assert encoded[:8] == words(16 << 32)
    assert encoded[8:16] == words(foreign.NONE if start is None else start)
    assert read_stack(encoded, 24) == stack


def test_no_function_is_written_in_two_ways() -> None:
    assert read(16 << 32, (1 << 32) - 1, (1 << 32) - 1) == InitialStack(None, None)


def test_s119_a_native_stack_is_walked() -> None:
    stack = read(*foreign.NATIVE_WORDS)
    assert isinstance(stack, NativeStack)
    assert stack.inside == "entry"
    assert stack.entry is None
    assert stack.frames == (
        NativeFrame(57, 8, ()),
        NativeFrame(40, 16, (0x3DA86,)),
        NativeFrame(35, 8, ()),
        NativeFrame(24, 24, (0, 0)),
    )


@pytest.mark.parametrize(
    ("word", "entry"), [(5, 5), ((1 << 32) - 1, None), (foreign.NONE, None), (0, 0)]
)
def test_a_native_stack_within_the_start_function(word: int, entry: int | None) -> None:
    stack = read(frame(9, 8), frame(1, 8), word)
    assert isinstance(stack, NativeStack)
    assert (stack.inside, stack.entry, len(stack.frames)) == ("start", entry, 1)


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        (b"", "invalid stack size 0"),
        (bytes(9), "invalid stack size 9"),
        (words(16 << 32, 1), "has 2 words, expected 3"),
        (words(16 << 32, 1, 2, 3), "has 4 words, expected 3"),
        (words(16 << 32, 1 << 32, 2), "function index 4294967296 is unknown"),
        (words(0), "invalid stack offset 0 of call site 0"),
        (words(frame(5, 0)), "invalid stack offset 0 of call site 5"),
        (words(frame(5, 12), 0), "invalid stack offset 12 of call site 5"),
        (words(frame(5, 8)), "ran out of stack before initial call"),
        (words(frame(5, 0xFFFFFFF8), 0), "ran out of stack before initial call"),
        (words(frame(2, 0), 0, 0), "16 bytes of excess data at start of stack"),
        (words(frame(2, 8), 1), "8 bytes of excess data at start of stack"),
        (words(frame(1, 8)), "initial function call site has inconsistent stack offset"),
        (words(frame(1, 8), 1, 2), "initial function call site has inconsistent stack offset"),
        (words(frame(1, 0), 1), "initial function call site has inconsistent stack offset"),
        (words(frame(1, 8), 1 << 40), "function index 1099511627776 is unknown"),
    ],
)
def test_a_stack_that_is_none(encoded: bytes, message: str) -> None:
    text = refusal(encoded)
    assert text.startswith("gate.stack section: ")
    assert message in text


def test_a_stack_that_is_too_large() -> None:
    assert refusal(bytes(88)) == "gate.stack section is too large"
