"""The binary format: numbers in every place, and every value of flags, kinds and opcodes.

Like `test_decoder`, this is written by hand, byte by byte.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from encode import body, function, leb, module, section, sized
from refexec import wasm
from refexec.errors import InvalidModuleError, UnsupportedFeatureError
from refusal import assert_invalid, assert_malformed, refused

# -- LEB128 --------------------------------------------------------------------------------------

Place = Callable[[bytes], bytes]


def in_code(code: Callable[[bytes], bytes], *before: bytes, **more: tuple[bytes, ...]) -> Place:
    return lambda number: function(code(number), *before, **more)


MEMORY = section(5, b"\0\1")
TABLE = section(4, b"\x70\0\1")
SEGMENTS = (b"\x0c\1\1", section(11, b"\1\0"), section(9, b"\5\x70\0"))
ARRAY = (b"\x5e\x70\1", b"\x5f\1\x7f\1", b"\x5e\x7f\1")

# A number of 32 bits whose value 0 is right, in each place where the format has one.
PLACES: dict[str, Place] = {
    "count of types": lambda n: module(b"\1" + sized(n)),
    "count of parameters": lambda n: module(section(1, b"\x60" + n + b"\0")),
    "count of fields": lambda n: module(section(1, b"\x5f" + n)),
    "count of a group": lambda n: module(section(1, b"\x4e" + n)),
    "count of supertypes": lambda n: module(section(1, b"\x50" + n + b"\x60\0\0")),
    "supertype": lambda n: module(section(1, b"\x50\0\x60\0\0", b"\x50\1" + n + b"\x60\0\0")),
    "length of a module name": lambda n: module(section(2, n + b"\0\3\x7f\0")),
    "length of a field name": lambda n: module(section(2, b"\0" + n + b"\3\x7f\0")),
    "imported function": lambda n: module(section(1, b"\x60\0\0"), section(2, b"\0\0\0" + n)),
    "imported tag": lambda n: module(section(1, b"\x60\0\0"), section(2, b"\0\0\4\0" + n)),
    "type of a function": lambda n: module(
        section(1, b"\x60\0\0"), section(3, n), section(10, body(b""))
    ),
    "type of a tag": lambda n: module(section(1, b"\x60\0\0"), section(13, b"\0" + n)),
    "exported function": lambda n: function(b"", section(7, b"\0\0" + n)),
    "start function": lambda n: function(b"", b"\x08" + sized(n)),
    "flags of an element segment": lambda n: function(b"", TABLE, section(9, n + b"\x41\0\x0b\0")),
    "table of an element segment": lambda n: function(
        b"", TABLE, section(9, b"\2" + n + b"\x41\0\x0b\0\0")
    ),
    "function of an element segment": lambda n: function(
        b"", TABLE, section(9, b"\0\x41\0\x0b\1" + n)
    ),
    "data count": lambda n: module(b"\x0c" + sized(n)),
    "flags of a data segment": lambda n: module(MEMORY, section(11, n + b"\x41\0\x0b\0")),
    "memory of a data segment": lambda n: module(MEMORY, section(11, b"\2" + n + b"\x41\0\x0b\0")),
    "length of a data segment": lambda n: module(section(11, b"\1" + n)),
    "length of a custom name": lambda n: module(b"\0" + sized(n)),
    "runs of locals": lambda n: function(b"", runs=n),
    "locals in a run": lambda n: function(b"", runs=b"\1" + n + b"\x7f"),
    "label": in_code(lambda n: b"\x0c" + n),
    "label of br_if": in_code(lambda n: b"\x41\0\x0d" + n),
    "count of br_table": in_code(lambda n: b"\x41\0\x0e" + n + b"\0"),
    "label of br_table": in_code(lambda n: b"\x41\0\x0e\1" + n + b"\0"),
    "default of br_table": in_code(lambda n: b"\x41\0\x0e\0" + n),
    "called function": in_code(lambda n: b"\x10" + n),
    "called type": in_code(lambda n: b"\x41\0\x11" + n + b"\0", TABLE),
    "called table": in_code(lambda n: b"\x41\0\x11\0" + n, TABLE),
    "tail called function": in_code(lambda n: b"\x12" + n),
    "called reference": in_code(lambda n: b"\xd0\0\x14" + n),
    "local": lambda n: function(b"\x20" + n + b"\x1a", runs=b"\1\1\x7f"),
    "global": in_code(lambda n: b"\x23" + n + b"\x1a", section(6, b"\x7f\0\x41\0\x0b")),
    "table": in_code(lambda n: b"\xfc\x10" + n + b"\x1a", TABLE),
    "memory": in_code(lambda n: b"\x3f" + n + b"\x1a", MEMORY),
    "flags of a memory argument": in_code(lambda n: b"\x41\0\x28" + n + b"\0\x1a", MEMORY),
    "memory of a memory argument": in_code(lambda n: b"\x41\0\x28\x40" + n + b"\0\x1a", MEMORY),
    "function of ref.func": in_code(lambda n: b"\xd2" + n + b"\x1a", section(7, b"\0\0\0")),
    "data segment": in_code(lambda n: b"\xfc\x09" + n, *SEGMENTS),
    "element segment": in_code(lambda n: b"\xfc\x0d" + n, *SEGMENTS),
    "opcode after a prefix": in_code(lambda n: b"\x43\0\0\0\0\xfc" + n + b"\x1a"),
    "field": in_code(lambda n: b"\xd0\2\xfb\2\2" + n + b"\x1a", types=ARRAY),
    "count of array.new_fixed": in_code(lambda n: b"\xfb\x08\1" + n + b"\x1a", types=ARRAY),
    "tag": in_code(lambda n: b"\x08" + n, section(13, b"\0\0")),
    "count of catch clauses": in_code(lambda n: b"\x1f\x40" + n + b"\x0b"),
    "tag of a catch clause": in_code(
        lambda n: b"\x1f\x40\1\0" + n + b"\0\x0b", section(13, b"\0\0")
    ),
    "label of a catch clause": in_code(lambda n: b"\x1f\x40\1\2" + n + b"\x0b"),
}


@pytest.mark.parametrize("place", PLACES)
def test_number_of_32_bits_takes_at_most_5_bytes(place: str) -> None:
    make = PLACES[place]
    for size in range(1, 6):
        wasm.Module(make(leb(0, size)))
    assert_malformed(make(leb(0, 6)))
    assert_malformed(make(leb(0, 9)))
    # Bits 32 and above of the fifth byte must be clear.
    for bit in (4, 5, 6):
        assert_malformed(make(b"\x80\x80\x80\x80" + bytes((1 << bit,))))
    assert_malformed(make(b"\xff" * 5))


# The same for section sizes, where the value is not 0.
def test_size_of_a_section_takes_at_most_5_bytes() -> None:
    for size in range(1, 6):
        wasm.Module(module(b"\1" + leb(1, size) + b"\0"))
    assert_malformed(module(b"\1" + leb(1, 6) + b"\0"))
    assert_malformed(module(b"\1\x81\x80\x80\x80\x10\0"))


def test_size_of_a_body_takes_at_most_5_bytes() -> None:
    before = (section(1, b"\x60\0\0"), section(3, b"\0"))
    for size in range(1, 6):
        wasm.Module(module(*before, section(10, leb(2, size) + b"\0\x0b")))
    assert_malformed(module(*before, section(10, leb(2, 6) + b"\0\x0b")))
    assert_malformed(module(*before, section(10, b"\x82\x80\x80\x80\x10\0\x0b")))


WIDE_PLACES: dict[str, Place] = {
    "minimum of a memory": lambda n: module(section(5, b"\4" + n)),
    "maximum of a memory": lambda n: module(section(5, b"\5\0" + n)),
    "minimum of a table": lambda n: module(section(4, b"\x70\4" + n)),
    "maximum of a table": lambda n: module(section(4, b"\x70\5\0" + n)),
    "minimum of a small memory": lambda n: module(section(5, b"\0" + n)),
    "offset": in_code(lambda n: b"\x42\0\x28\0" + n + b"\x1a", section(5, b"\4\1")),
    "offset into a small memory": in_code(lambda n: b"\x41\0\x28\0" + n + b"\x1a", MEMORY),
}


@pytest.mark.parametrize("place", WIDE_PLACES)
def test_number_of_64_bits_takes_at_most_10_bytes(place: str) -> None:
    make = WIDE_PLACES[place]
    for size in range(1, 11):
        wasm.Module(make(leb(0, size)))
    assert_malformed(make(leb(0, 11)))
    for bit in range(1, 7):
        assert_malformed(make(b"\x80" * 9 + bytes((1 << bit,))))


def constant(code: bytes) -> Place:
    return in_code(lambda n: code + n + b"\x1a")


@pytest.mark.parametrize(
    ("code", "number", "value"),
    [
        (b"\x41", b"\0", 0),
        (b"\x41", b"\x7f", -1),
        (b"\x41", b"\xff\x7f", -1),
        (b"\x41", b"\xff\xff\xff\xff\x7f", -1),
        (b"\x41", b"\x80\x80\x80\x80\0", 0),
        (b"\x41", b"\xff\xff\xff\xff\7", 2**31 - 1),
        (b"\x41", b"\x80\x80\x80\x80\x78", -(2**31)),
        (b"\x42", b"\xff" * 9 + b"\x7f", -1),
        (b"\x42", b"\xff" * 9 + b"\0", 2**63 - 1),
        (b"\x42", b"\x80" * 9 + b"\x7f", -(2**63)),
        (b"\x42", b"\x80" * 9 + b"\0", 0),
    ],
)
def test_signed_numbers(code: bytes, number: bytes, value: int) -> None:
    result = b"\x7f" if code == b"\x41" else b"\x7e"
    data = module(
        section(1, b"\x60\0\1" + result),
        section(3, b"\0"),
        section(7, b"\1f\0\0"),
        section(10, body(code + number)),
    )
    assert wasm.Instance(wasm.Module(data)).invoke("f") == [value]


@pytest.mark.parametrize(
    ("code", "number"),
    [
        (b"\x41", b"\x80\x80\x80\x80\x80\0"),
        (b"\x41", b"\xff\xff\xff\xff\xff\x7f"),
        (b"\x41", b"\xff\xff\xff\xff\x0f"),
        (b"\x41", b"\xff\xff\xff\xff\x4f"),
        (b"\x41", b"\x80\x80\x80\x80\x70"),
        (b"\x41", b"\x80\x80\x80\x80\x08"),
        (b"\x41", b"\x80\x80\x80\x80\x10"),
        (b"\x42", b"\x80" * 10 + b"\0"),
        (b"\x42", b"\xff" * 10 + b"\x7f"),
        (b"\x42", b"\x80" * 9 + b"\1"),
        (b"\x42", b"\x80" * 9 + b"\x7e"),
        (b"\x42", b"\xff" * 9 + b"\x40"),
    ],
)
def test_signed_numbers_that_are_too_long_or_too_large(code: bytes, number: bytes) -> None:
    assert_malformed(constant(code)(number), "integer")


def test_block_types_and_heap_types_are_signed_numbers_of_33_bits() -> None:
    for make in (
        in_code(lambda n: b"\x02" + n + b"\x0b"),
        in_code(lambda n: b"\xd0" + n + b"\x1a"),
    ):
        for size in range(1, 6):
            wasm.Module(make(leb(0, size)))
        assert_malformed(make(leb(0, 6)))
        assert_malformed(make(b"\x80\x80\x80\x80\x20"), "integer")
        assert_malformed(make(b"\x80\x80\x80\x80\x40"), "integer")
        # -2^32 has 33 bits, but is no type; 2^32 - 1 is an index.
        assert_malformed(make(b"\x80\x80\x80\x80\x70"))
        assert_invalid(make(b"\xff\xff\xff\xff\x0f"))


# -- reserved bits and bytes ---------------------------------------------------------------------


def allowed(make: Callable[[int], bytes], values: set[int]) -> None:
    """Check that exactly some values of a byte are not malformed."""
    for value in range(256):
        data = make(value)
        if value not in values:
            assert_malformed(data)
            continue
        with suppress(InvalidModuleError, UnsupportedFeatureError):
            wasm.Module(data)


BYTES: dict[str, tuple[Callable[[int], bytes], set[int]]] = {
    "mutability of a global": (
        lambda n: module(section(6, b"\x7f" + bytes((n,)) + b"\x41\0\x0b")),
        {0, 1},
    ),
    "mutability of a field": (lambda n: module(section(1, b"\x5f\1\x7f" + bytes((n,)))), {0, 1}),
    "attribute of a tag": (
        lambda n: module(section(1, b"\x60\0\0"), section(13, bytes((n, 0)))),
        {0},
    ),
    "kind of an element segment": (
        lambda n: module(section(9, b"\1" + bytes((n, 0)))),
        {0},
    ),
    "kind of an export": (
        lambda n: function(b"", section(7, b"\0" + bytes((n, 0)))),
        {0, 1, 2, 3, 4},
    ),
    "kind of a catch clause": (
        lambda n: function(
            b"\x1f\x40\1" + bytes((n,)) + (b"\0" if n < 2 else b"") + b"\0\x0b",
            section(13, b"\0\0"),
        ),
        {0, 1, 2, 3},
    ),
    "value type": (
        lambda n: function(b"", runs=b"\1\1" + bytes((n,)) + b"\x70" * (n in (0x63, 0x64))),
        {0x63, 0x64, *range(0x69, 0x75), *range(0x7B, 0x80)},
    ),
    "element type of a table": (
        lambda n: module(section(4, bytes((n,)) + b"\x70" * (n in (0x63, 0x64)) + b"\0\0")),
        {0x63, 0x64, *range(0x69, 0x75)},
    ),
    "storage type": (
        lambda n: module(section(1, b"\x5e" + bytes((n,)) + b"\0")),
        {0x77, 0x78, *range(0x69, 0x75), *range(0x7B, 0x80)},
    ),
    "composite type": (
        lambda n: module(section(1, bytes((n,)) + b"\0\0")),
        # 0x60 reads both bytes; the others leave one over, or take it for something else.
        {0x60},
    ),
    "flags of a memory": (
        lambda n: module(section(5, bytes((n, 1)) + b"\1" * (n & 1) + b"\x10" * (n >> 3 & 1))),
        {0, 1, 4, 5},
    ),
    "flags of a table": (
        lambda n: module(section(4, b"\x70" + bytes((n, 1)) + b"\1" * (n & 1))),
        {0, 1, 4, 5},
    ),
    "initialised table": (
        lambda n: module(section(4, b"\x40" + bytes((n,)) + b"\x70\0\0\xd0\x70\x0b")),
        {0},
    ),
    "flags of a cast": (
        lambda n: function(b"\x02\x6e\0\xfb\x18" + bytes((n,)) + b"\0\x6e\x6d\x0b\x1a"),
        {0, 1, 2, 3},
    ),
}


@pytest.mark.parametrize("what", BYTES)
def test_every_value_of_a_byte(what: str) -> None:
    make, values = BYTES[what]
    if what == "flags of a memory":
        # Bit 3 announces a page size, which only a proposal has.
        for value in (8, 9, 12, 13):
            assert "custom-page-sizes" in str(refused(make(value)))
            wasm.Module(make(value), features="all")
        values = values | {8, 9, 12, 13}
    allowed(make, values)


def test_every_import_kind() -> None:
    rests = {0: b"\0", 1: b"\x70\0\0", 2: b"\0\0", 3: b"\x7f\0", 4: b"\0\0"}
    for kind in range(256):
        rest = rests.get(kind, b"\0")
        data = module(section(1, b"\x60\0\0"), section(2, b"\0\0" + bytes((kind,)) + rest))
        if kind in rests:
            assert len(wasm.Module(data).imports) == 1
        else:
            assert_malformed(data, "import kind")


def test_every_flag_of_a_memory_argument() -> None:
    for flags in range(0x200):
        memory = b"\0" if flags & 0x40 and flags < 0x80 else b""
        data = function(b"\x41\0\x28" + leb(flags) + memory + b"\0\x1a", MEMORY)
        if flags >= 0x80:
            assert_malformed(data, "memory operation flags")
        elif flags & 0x3F > 2:
            assert_invalid(data)
        else:
            wasm.Module(data)


def test_every_flag_of_segments() -> None:
    for flags in range(3, 40):
        assert_malformed(module(MEMORY, section(11, leb(flags) + b"\0\0")), "segment flags")
    for flags in range(8, 40):
        assert_malformed(function(b"", TABLE, section(9, leb(flags) + b"\0\0")), "segment flags")


def test_every_first_byte_of_an_instruction() -> None:
    known = {*range(6), 8, *range(0x0A, 0x16), 0x1A, 0x1B, 0x1C, *range(0x1F, 0x27)}
    known |= {*range(0x28, 0xC5), *range(0xD0, 0xD7)}
    for code in range(0xFB):
        error = refused(function(bytes((code,)) + b"\xff"))
        illegal = f"illegal opcode 0x{code:02x}" in str(error)
        assert illegal == (code not in known), (code, str(error))


@pytest.mark.parametrize("code", [0xFE, 0xFF])
def test_other_prefixes_do_not_exist(code: int) -> None:
    assert_malformed(function(bytes((code, 0))), "illegal opcode")


def test_every_opcode_after_a_prefix() -> None:
    known = {
        0xFB: {*range(0x1F)},
        0xFC: {*range(0x12), *range(0x13, 0x17)},
        0xFD: {*range(0x9A), *range(0x9B, 0xA2), *range(0xA3, 0xA5)} | {*range(0xA7, 0x114)},
    }
    reserved = {0xFD: {0x9A, 0xA2, 0xA5, 0xA6, 0xAF, 0xB0, 0xB2, 0xB3, 0xB4, 0xBB, 0xC2, 0xC5}}
    reserved[0xFD] |= {0xC6, 0xCF, 0xD0, 0xD2, 0xD3, 0xD4, 0xE2, 0xEE}
    for prefix in known:
        for number in (*range(0x130), 0x1000, 0xFFFF, 0xFFFFFFFF):
            error = refused(function(bytes((prefix,)) + leb(number) + b"\xff"))
            exists = number in known[prefix] - reserved.get(prefix, set())
            illegal = f"illegal opcode 0x{prefix:02x} {number} " in str(error)
            assert illegal != exists, (prefix, number, str(error))


def test_a_prefix_is_followed_by_a_number_that_may_be_longer() -> None:
    wasm.Module(function(b"\x43\0\0\0\0\xfc" + leb(0, 5) + b"\x1a"))
    assert_malformed(function(b"\x43\0\0\0\0\xfc" + leb(0, 6) + b"\x1a"))
