"""Expected values of scripts: reading them, and which values fit."""

from __future__ import annotations

from typing import Any

import pytest
from refexec_conformance.patterns import parse_argument, parse_pattern
from refexec_conformance.values import Number, Reference, Value

from refexec.errors import InputError


def fits(pattern: dict[str, Any], value: Value) -> bool:
    return parse_pattern(pattern).matches(value)


@pytest.mark.parametrize(
    ("pattern", "bits", "expected"),
    [
        ({"type": "i32", "value": "7"}, 7, True),
        ({"type": "i32", "value": "7"}, 8, False),
        ({"type": "i32", "value": "-1"}, 0xFFFFFFFF, True),
        ({"type": "i64", "value": "-2"}, 0xFFFFFFFFFFFFFFFE, True),
        ({"type": "f32", "value": "2147483648"}, 0x80000000, True),
        ({"type": "f32", "value": "0"}, 0x80000000, False),
        ({"type": "f32", "value": "nan:canonical"}, 0x7FC00000, True),
        ({"type": "f32", "value": "nan:canonical"}, 0xFFC00000, True),
        ({"type": "f32", "value": "nan:canonical"}, 0x7FC00001, False),
        ({"type": "f32", "value": "nan:canonical"}, 0x7FA00000, False),
        ({"type": "f32", "value": "nan:arithmetic"}, 0xFFC00001, True),
        ({"type": "f32", "value": "nan:arithmetic"}, 0x7FA00000, False),
        ({"type": "f32", "value": "nan:arithmetic"}, 0x7F800000, False),
        ({"type": "f64", "value": "nan:canonical"}, 0xFFF8000000000000, True),
        ({"type": "f64", "value": "nan:canonical"}, 0x7FF8000000000001, False),
        ({"type": "f64", "value": "nan:arithmetic"}, 0x7FFC000000000000, True),
        ({"type": "f64", "value": "nan:arithmetic"}, 0x7FF4000000000000, False),
    ],
)
def test_numbers(pattern: dict[str, Any], bits: int, expected: bool) -> None:
    assert fits(pattern, Number(pattern["type"], bits)) is expected


def test_a_number_of_another_type_never_fits() -> None:
    assert not fits({"type": "i32", "value": "0"}, Number("i64", 0))
    assert not fits({"type": "f32", "value": "nan:canonical"}, Number("i32", 0x7FC00000))
    assert not fits({"type": "i32", "value": "0"}, Reference("func", null=True))


def test_lanes_are_patterns_of_their_own() -> None:
    pattern = {"type": "v128", "lane_type": "f32", "value": ["1", "nan:canonical", "0", "-0"]}
    lanes = (1, 0xFFC00000, 0, 0)
    bits = sum(lane << (32 * index) for index, lane in enumerate(lanes))
    assert fits(pattern, Number("v128", bits))
    assert not fits(pattern, Number("v128", bits | 1 << 127))
    assert not fits(pattern, Number("v128", bits + 1))
    assert not fits(pattern, Number("i64", 1))
    assert str(parse_pattern(pattern)) == (
        "(v128 f32x4 (f32 1.401298464324817e-45 0x00000001) (f32 nan:canonical) "
        "(f32 0.0 0x00000000) (f32 0.0 0x00000000))"
    )


def test_either_takes_any_of_its_choices() -> None:
    pattern = {
        "type": "either",
        "values": [{"type": "i32", "value": "1"}, {"type": "i32", "value": "-1"}],
    }
    assert fits(pattern, Number("i32", 1))
    assert fits(pattern, Number("i32", 0xFFFFFFFF))
    assert not fits(pattern, Number("i32", 0))
    assert str(parse_pattern(pattern)) == "(either (i32 1) (i32 -1))"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ({"type": "refnull"}, Reference("func", null=True), True),
        ({"type": "refnull"}, Reference("", null=True), True),
        ({"type": "refnull"}, Reference("func"), False),
        ({"type": "funcref", "value": "null"}, Reference("func", null=True), True),
        ({"type": "funcref", "value": "null"}, Reference("nofunc", null=True), True),
        ({"type": "funcref", "value": "null"}, Reference("", null=True), True),
        ({"type": "funcref", "value": "null"}, Reference("extern", null=True), False),
        ({"type": "funcref", "value": "null"}, Number("i32", 0), False),
        ({"type": "nullref"}, Reference("struct", null=True), True),
        ({"type": "nullexnref"}, Reference("exn", null=True), True),
        ({"type": "nullexternref"}, Reference("any", null=True), False),
        ({"type": "funcref"}, Reference("func"), True),
        ({"type": "funcref"}, Reference("func", null=True), False),
        ({"type": "eqref"}, Reference("i31"), True),
        ({"type": "anyref"}, Reference("array"), True),
        ({"type": "structref"}, Reference("array"), False),
        ({"type": "arrayref"}, Reference("array"), True),
        ({"type": "i31ref"}, Number("i32", 1), False),
        ({"type": "externref"}, Reference("extern", host=3), True),
        ({"type": "externref", "value": "3"}, Reference("extern", host=3), True),
        ({"type": "externref", "value": "3"}, Reference("extern", host=4), False),
        ({"type": "externref", "value": "3"}, Reference("any", host=3), False),
    ],
)
def test_references(pattern: dict[str, Any], value: Value, expected: bool) -> None:
    assert fits(pattern, value) is expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"type": "i32", "value": "-1"}, Number("i32", 0xFFFFFFFF)),
        ({"type": "f64", "value": "5"}, Number("f64", 5)),
        (
            {"type": "v128", "lane_type": "i64", "value": ["-1", "2"]},
            Number("v128", 2 << 64 | 0xFFFFFFFFFFFFFFFF),
        ),
        ({"type": "externref", "value": "9"}, Reference("extern", host=9)),
        ({"type": "externref", "value": "null"}, Reference("extern", null=True)),
        ({"type": "funcref", "value": "null"}, Reference("func", null=True)),
    ],
)
def test_arguments(argument: dict[str, Any], expected: Value) -> None:
    assert parse_argument(argument) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        {"type": "i32", "value": "4294967296"},
        {"type": "i32", "value": "nan:canonical"},
        {"type": "wonderref"},
        {"type": "wonder", "value": "1"},
    ],
)
def test_an_expectation_that_nobody_could_check_is_an_error(pattern: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        parse_pattern(pattern)


def test_an_argument_that_nobody_could_make_is_an_error() -> None:
    with pytest.raises(InputError, match="unknown argument"):
        parse_argument({"type": "funcref"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Number("i32", 0xFFFFFFFF), "(i32 -1)"),
        (Number("f32", 0x7FA00000), "(f32 nan 0x7fa00000)"),
        (Number("f64", 0x3FF8000000000000), "(f64 1.5 0x3ff8000000000000)"),
        (Number("v128", 1), f"(v128 0x{1:032x})"),
        (Reference("func"), "(ref.func)"),
        (Reference("extern", host=2), "(ref.extern 2)"),
        (Reference("func", null=True), "(ref.null func)"),
        (Reference("", null=True), "(ref.null)"),
    ],
)
def test_values_are_written_so_that_different_ones_differ(value: Value, text: str) -> None:
    assert str(value) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ({"type": "refnull"}, "(ref.null)"),
        ({"type": "nullfuncref"}, "(ref.null nofunc)"),
        ({"type": "externref", "value": "3"}, "(ref.extern 3)"),
        ({"type": "eqref"}, "(ref.eq)"),
        ({"type": "f32", "value": "nan:arithmetic"}, "(f32 nan:arithmetic)"),
    ],
)
def test_patterns_are_written_for_people(pattern: dict[str, Any], text: str) -> None:
    assert str(parse_pattern(pattern)) == text


def test_lanes_of_every_width_are_written() -> None:
    pattern = parse_pattern({"type": "v128", "lane_type": "i8", "value": ["255", *["1"] * 15]})
    assert str(pattern).startswith("(v128 i8x16 (i8 -1) (i8 1) ")
    pattern = parse_pattern({"type": "v128", "lane_type": "i16", "value": ["65535", *["2"] * 7]})
    assert str(pattern).startswith("(v128 i16x8 (i16 -1) (i16 2) ")
