"""The binary format: what is no module at all, found wherever it is.

These encodings are written by hand, byte by byte. That other validators agree about them is shown
by the judges in `conformance/judges`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

import pytest

from assemble import assemble
from encode import EMPTY, body, function, leb, module, section, sized, vector
from refexec import wasm
from refexec.errors import (
    ImplementationLimitError,
    InvalidModuleError,
    MalformedModuleError,
)
from refusal import assert_invalid, assert_malformed, refused

ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)

EVERYTHING = """(module
  (rec (type $f (func (param i32 (ref null $s)) (result i64 f64)))
       (type $s (sub (struct (field (mut i8)) (field v128)))))
  (type $a (array (mut funcref)))
  (import "m" "f" (func $imported (type $f)))
  (import "m" "m" (memory 1 2))
  (import "m" "t" (table 1 externref))
  (import "m" "g" (global (mut f32)))
  (import "m" "e" (tag (param i32)))
  (memory i64 1 3)
  (table $t 2 (ref null func) (ref.null func))
  (table i64 2 funcref)
  (tag $e (param i64))
  (global $g (mut i32) (i32.add (i32.const 1) (i32.const 2)))
  (global (ref null $s) (ref.null $s))
  (export "f" (func $h))
  (export "m" (memory 0))
  (start $start)
  (elem (table $t) (i32.const 0) func $start $h)
  (elem $passive (ref null $f) (ref.null $f) (ref.func $imported))
  (elem declare func $h)
  (data (i32.const 8) "active")
  (data $passive "passive")
  (func $start (local i32 i32 f64) (local funcref)
    (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 1))
    (drop (v128.const i64x2 1 -2))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31
      (v128.const i64x2 0 0) (v128.const i64x2 0 0))))
  (func $h (type $f)
    (drop (block $caught (result i64)
      (try_table (catch $e $caught) (nop))
      (i64.const 1)))
    (block $all (try_table (catch_all $all) (nop)))
    (drop (block $x (result i32) (br_table $x $x (i32.const 100000) (i32.const 1))))
    (call_indirect $t (type $f) (i32.const 1) (ref.null $s) (i32.const 0))
    (drop) (drop)
    (drop (i64.load offset=70000 align=2 (i32.const 3)))
    (drop (ref.cast (ref null $s) (local.get 1)))
    (drop (f32.const 1))
    (if (i32.const 0) (then (nop)) (else (unreachable)))
    (select (result i64) (i64.const -5) (i64.const 6) (i32.const 0))
    (f64.const 2))
  (@custom "note" "hello"))"""


def parts(data: bytes) -> list[tuple[int, bytes]]:
    """The sections of a module as (id, content)."""
    found = []
    pos = 8
    while pos < len(data):
        number, size, shift = data[pos], 0, 0
        pos += 1
        while True:
            byte = data[pos]
            pos += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        found.append((number, data[pos : pos + size]))
        pos += size
    return found


def joined(sections: list[tuple[int, bytes]]) -> bytes:
    return EMPTY + b"".join(bytes((number,)) + sized(content) for number, content in sections)


# -- the frame of a module -----------------------------------------------------------------------


def test_everything_is_a_module() -> None:
    data = assemble(EVERYTHING)
    assert [number for number, _ in parts(data) if number] == list(ORDER)
    assert joined(parts(data)) == data
    wasm.Module(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "magic"),
        (b"\0as", "magic"),
        (b"\0ASM\1\0\0\0", "magic"),
        (b"asm\0\1\0\0\0", "magic"),
        (b"\0asm", "version"),
        (b"\0asm\1\0\0", "version"),
        (b"\0asm\2\0\0\0", "version"),
        (b"\0asm\1\0\1\0", "version"),
        (b"\0asm\x0d\0\1\0", "version"),
        (b"\0asm\0\0\0\1", "version"),
    ],
)
def test_magic_and_version(data: bytes, words: str) -> None:
    assert_malformed(data, words)


def test_truncation_at_every_byte_is_malformed() -> None:
    data = assemble(EVERYTHING)
    borders = {8}
    for number, content in parts(data):
        borders.add(max(borders) + len(bytes((number,)) + sized(content)))
    for end in range(len(data)):
        if end not in borders:
            assert_malformed(data[:end])


def test_section_cut_at_every_byte_is_malformed() -> None:
    """The size of the section is put right, so that it is what is inside that ends too early."""
    sections = parts(assemble(EVERYTHING))
    for index, (number, content) in enumerate(sections):
        if number == 0:
            continue
        for end in range(len(content)):
            cut = [*sections]
            cut[index] = number, content[:end]
            assert_malformed(joined(cut))


def test_function_body_cut_at_every_byte_is_malformed() -> None:
    code = b"\x02\x40\x41\xff\0\x0d\0\xfc\x0a\0\0\x0b\x41\0\x28\x02\x80\1\x1a"
    before = (section(1, b"\x60\0\0"), section(3, b"\0"), section(5, b"\0\1"))
    whole = b"\1\2\x7f" + code + b"\x0b"
    assert_invalid(module(*before, section(10, sized(whole))))
    for end in range(len(whole)):
        assert_malformed(module(*before, section(10, sized(whole[:end]))))


def test_trailing_bytes_in_a_section_are_malformed() -> None:
    sections = parts(assemble(EVERYTHING))
    for index, (number, content) in enumerate(sections):
        for junk in (b"\0", b"\x0b", b"\xff"):
            longer = [*sections]
            longer[index] = number, content + junk
            if number == 0:
                wasm.Module(joined(longer))
            else:
                error = assert_malformed(joined(longer), "section")
                assert error.where is not None


def test_trailing_bytes_in_a_body_are_malformed() -> None:
    for junk in (b"\0", b"\x0b", b"\1\1"):
        data = module(
            section(1, b"\x60\0\0"), section(3, b"\0"), section(10, sized(b"\0\x0b" + junk))
        )
        error = assert_malformed(data)
        assert error.where == "function 0"


def test_body_that_claims_more_than_the_section_has() -> None:
    data = module(section(1, b"\x60\0\0"), section(3, b"\0"), section(10, b"\3\0\x0b"))
    assert_malformed(data, "exceeds the section")


def test_trailing_bytes_after_the_last_section_are_malformed() -> None:
    assert_malformed(assemble(EVERYTHING) + b"\x0e")
    assert_malformed(assemble(EVERYTHING) + b"\0")


def test_section_sizes_off_by_one() -> None:
    sections = parts(assemble(EVERYTHING))
    for index, (number, content) in enumerate(sections):
        for size in (len(content) - 1, len(content) + 1, 0xFFFFFFFF):
            head, tail = joined(sections[:index]), joined(sections[index + 1 :])[8:]
            data = head + bytes((number,)) + leb(size) + content + tail
            # Seen from outside a note may end anywhere, but then something else begins wrong.
            assert type(refused(data)) is MalformedModuleError


@pytest.mark.parametrize("number", [*range(14, 256)])
def test_section_ids_that_do_not_exist(number: int) -> None:
    assert_malformed(module(bytes((number,)) + b"\1\0"), "malformed section id")


def test_every_order_of_two_sections() -> None:
    for first, second in product(ORDER, ORDER):
        data = joined([(first, b"\0"), (second, b"\0")])
        if ORDER.index(first) >= ORDER.index(second):
            assert_malformed(data, "unexpected")
        elif 8 in (first, second):
            assert_invalid(data)  # There is no function 0 to start.
        else:
            wasm.Module(data)


def test_custom_sections_may_be_anywhere() -> None:
    note = (0, b"\4note...")
    sections = [note]
    for part in parts(assemble(EVERYTHING)):
        sections += [part, note, note]
    module_ = wasm.Module(joined(sections))
    names = [custom.name for custom in module_.valid.syntax.customs]
    # One of them was there before.
    assert names.count("note") == sections.count(note) + 1


@pytest.mark.parametrize("content", [b"", b"\1", b"\2a", b"\xff\xff\xff\xff\x0fabc"])
def test_custom_section_needs_a_name(content: bytes) -> None:
    assert_malformed(joined([(0, content)]))


# -- counts --------------------------------------------------------------------------------------


def test_every_count_of_a_section_off_by_one() -> None:
    sections = parts(assemble(EVERYTHING))
    for index, (number, content) in enumerate(sections):
        if number in (0, 8):
            continue
        count = content[0]
        for wrong in (count - 1, count + 1, 0x7F):
            changed = [*sections]
            changed[index] = number, bytes((wrong,)) + content[1:]
            assert_malformed(joined(changed))


INNER_COUNTS: dict[str, Callable[[int], bytes]] = {
    "parameters": lambda n: module(section(1, b"\x60" + leb(n) + b"\x7f\x7f\0")),
    "results": lambda n: module(section(1, b"\x60\0" + leb(n) + b"\x7f\x7f")),
    "fields": lambda n: module(section(1, b"\x5f" + leb(n) + b"\x7f\0\x78\1")),
    "members of a group": lambda n: module(section(1, b"\x4e" + leb(n) + b"\x60\0\0\x60\0\0")),
    "runs of locals": lambda n: function(b"", runs=leb(n) + b"\1\x7f\2\x7e"),
    "functions of a segment": lambda n: function(
        b"", section(4, b"\x70\0\2"), section(9, b"\0\x41\0\x0b" + leb(n) + b"\0\0")
    ),
    "expressions of a segment": lambda n: function(
        b"", section(9, b"\5\x70" + leb(n) + b"\xd2\0\x0b\xd0\x70\x0b")
    ),
    "bytes of a segment": lambda n: module(section(11, b"\1" + leb(n) + b"ab")),
    "bytes of a name": lambda n: module(section(2, leb(n) + b"ab\1c\3\x7f\0")),
    "bytes of an export name": lambda n: function(b"", section(7, leb(n) + b"ab\0\0")),
}


@pytest.mark.parametrize("what", INNER_COUNTS)
def test_counts_inside_of_sections_off_by_one(what: str) -> None:
    make = INNER_COUNTS[what]
    wasm.Module(make(2))
    for wrong in (0, 1, 3, 4, 100, 0xFFFFFFFF):
        assert_malformed(make(wrong))


def test_functions_and_bodies_are_counted_against_each_other() -> None:
    types, one = section(1, b"\x60\0\0"), body(b"")
    for functions, bodies in product(range(3), range(3)):
        data = module(types, section(3, *[b"\0"] * functions), section(10, *[one] * bodies))
        if functions == bodies:
            wasm.Module(data)
        else:
            assert_malformed(data, "inconsistent lengths")
    assert_malformed(module(types, section(3, b"\0")), "inconsistent lengths")
    assert_malformed(module(types, section(10, one)), "inconsistent lengths")


def test_data_segments_are_counted_against_the_data_count() -> None:
    for count, segments in product(range(3), range(3)):
        data = module(b"\x0c\1" + leb(count), section(11, *[b"\1\0"] * segments))
        if count == segments:
            wasm.Module(data)
        else:
            assert_malformed(data, "inconsistent lengths")
    assert_malformed(module(b"\x0c\1\1"), "inconsistent lengths")


@pytest.mark.parametrize(
    "code",
    [
        b"\x41\0\x41\0\x41\0\xfc\x08\0\0",
        b"\xfc\x09\0",
        b"\x41\0\x41\0\xfb\x09\1\0\x1a",
        b"\xd0\1\x41\0\x41\0\x41\0\xfb\x12\1\0",
    ],
)
def test_instructions_on_data_segments_need_the_data_count(code: bytes) -> None:
    before = (section(5, b"\0\1"), section(11, b"\1\0"))
    types = (b"\x5e\x7f\1",)
    assert_malformed(function(code, *before, types=types), "data count section required")
    wasm.Module(function(code, *before, b"\x0c\1\1", types=types))


def test_locals_are_counted_to_2_to_the_32() -> None:
    most = leb(0xFFFFFFFF)
    assert type(refused(function(b"", runs=b"\1" + most + b"\x7f"))) is ImplementationLimitError
    assert_malformed(function(b"", runs=b"\2\1\x7f" + most + b"\x7f"), "too many locals")
    wasm.Module(function(b"\x20\0\x1a", runs=b"\3\0\x7f\1\x7e\0\x7d"))
    assert_invalid(function(b"\x20\1\x1a", runs=b"\3\0\x7f\1\x7e\0\x7d"))


# -- instructions as a structure -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (b"\x05", "misplaced else"),
        (b"\x02\x40\x05\x0b", "misplaced else"),
        (b"\x03\x40\x05\x0b", "misplaced else"),
        (b"\x1f\x40\0\x05\x0b", "misplaced else"),
        (b"\x41\0\x04\x40\x05\x05\x0b", "misplaced else"),
        (b"\x02\x40", "unexpected end"),
        (b"\x41\0\x04\x40\x05", "unexpected end"),
        (b"\x0b", "size mismatch"),
    ],
)
def test_blocks_are_closed_in_order(code: bytes, words: str) -> None:
    assert_malformed(function(code), words)


def test_constant_expressions_end_where_they_end() -> None:
    for init in (b"\x41\0", b"\x41", b"\x02\x40\x0b", b"\x05\x0b"):
        assert_malformed(module(section(6, b"\x7f\0" + init)))
    assert_invalid(module(section(6, b"\x7f\0\x0b")))
    assert_malformed(module(section(6, b"\x7f\0\x41\0\x0b\x0b")))


def test_a_hundred_thousand_blocks_take_no_stack() -> None:
    depth = 50_000
    wasm.Module(function(b"\x02\x40" * depth + b"\x0b" * depth))
    assert_malformed(function(b"\x02\x40" * depth), "unexpected end")


# -- names ---------------------------------------------------------------------------------------

BAD_UTF8 = [
    *(b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe1\x80"),
    *(b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf1\x80\x80"),
    *(
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf8\x80\x80\x80\x80",
        b"\xfe",
        b"\xff",
        b"a\xc2b",
    ),
]
GOOD_UTF8 = [
    "",
    "\0",
    "a",
    "\u00ff",
    "\u0800",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
]


@pytest.mark.parametrize(
    "make",
    [
        lambda name: module(b"\0" + sized(name)),
        lambda name: module(section(2, name + b"\0\3\x7f\0")),
        lambda name: module(section(2, b"\0" + name + b"\3\x7f\0")),
        lambda name: function(b"", section(7, name + b"\0\0")),
    ],
)
def test_names_are_utf_8(make: Callable[[bytes], bytes]) -> None:
    for text in GOOD_UTF8:
        wasm.Module(make(sized(text.encode())))
    for bad in BAD_UTF8:
        assert_malformed(make(sized(bad)), "UTF-8")


# -- errors say where ----------------------------------------------------------------------------


def test_errors_tell_offset_and_place() -> None:
    data = function(b"\x41\0\x41\0\x06", section(5, b"\0\1"))
    error = assert_malformed(data)
    assert error.where == "function 0"
    assert error.offset == data.index(b"\x06\x0b")
    assert str(error) == f"illegal opcode 0x06 in function 0 at offset 0x{error.offset:x}"


def test_invalid_types_are_found_while_decoding_with_their_place() -> None:
    error = refused(module(section(1, b"\x60\0\1\x63\5")))
    assert type(error) is InvalidModuleError
    assert error.where == "type section"
    assert error.offset is not None


def test_sections_are_kept_with_their_offsets() -> None:
    data = assemble(EVERYTHING)
    sections = wasm.Module(data).valid.syntax.sections
    assert sections[0].offset == 8
    assert sections[-1].end == len(data)
    assert all(before.end == after.offset for before, after in pairwise(sections))
    assert [data[s.offset] for s in sections] == [s.id for s in sections]


def test_a_vector_may_not_claim_more_than_there_is() -> None:
    for number in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13):
        assert_malformed(module(bytes((number,)) + sized(b"\xff\xff\xff\xff\x0f")))
    assert vector(b"a", b"b") == b"\2ab"
