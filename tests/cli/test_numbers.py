from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refexec.cli.numbers import parse, show
from refexec.errors import InputError


@pytest.mark.parametrize(
    ("of", "text", "bits"),
    [
        ("i32", "0", 0),
        ("i32", "-1", 0xFFFFFFFF),
        ("i32", "4294967295", 0xFFFFFFFF),
        ("i32", "-2147483648", 0x80000000),
        ("i32", "0x7f", 0x7F),
        ("i32", "1_000", 1000),
        ("i64", "-1", 0xFFFFFFFFFFFFFFFF),
        ("i64", "18446744073709551615", 0xFFFFFFFFFFFFFFFF),
        ("f32", "1.5", 0x3FC00000),
        ("f32", "-0", 0x80000000),
        ("f32", "0x1p-149", 1),
        ("f32", "inf", 0x7F800000),
        ("f32", "-inf", 0xFF800000),
        ("f32", "nan", 0x7FC00000),
        ("f32", "-nan", 0xFFC00000),
        ("f32", "nan:0x1", 0x7F800001),
        ("f32", "-nan:0x200000", 0xFFA00000),
        ("f32", "0.1", 0x3DCCCCCD),
        ("f64", "0.1", 0x3FB999999999999A),
        ("f64", "nan", 0x7FF8000000000000),
        ("f64", "nan:0x4000000000000", 0x7FF4000000000000),
        ("v128", "0x0f", bytes([15]) + bytes(15)),
        ("funcref", "null", None),
    ],
)
def test_reading(of: str, text: str, bits: object) -> None:
    assert parse(text, of, "argument 1") == bits


@pytest.mark.parametrize(
    ("of", "text", "message"),
    [
        ("i32", "4294967296", "argument 1: '4294967296' is not a value of type i32"),
        ("i32", "-2147483649", "is not a value of type i32"),
        ("i32", "one", "is not a value of type i32"),
        ("i32", "1.5", "is not a value of type i32"),
        ("f32", "1e39", "is not a value of type f32"),
        ("f32", "nan:0x0", "is not a value of type f32"),
        ("f32", "nan:0x800000", "is not a value of type f32"),
        ("f64", "", "is not a value of type f64"),
        ("v128", "15", "is not a value of type v128"),
        ("v128", "0x1" + "0" * 32, "is not a value of type v128"),
        ("externref", "7", "only null can be given for a value of type externref"),
    ],
)
def test_what_is_refused(of: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text, of, "argument 1")


@pytest.mark.parametrize(
    ("of", "bits", "text"),
    [
        ("i32", 0xFFFFFFFF, "-1"),
        ("i32", 0x7FFFFFFF, "2147483647"),
        ("i64", 0x8000000000000000, "-9223372036854775808"),
        ("f32", 0x3DCCCCCD, "0.1"),
        ("f32", 0x7F7FFFFF, "3.4028235e+38"),
        ("f32", 0x80000000, "-0.0"),
        ("f32", 0x7F800000, "inf"),
        ("f32", 0x7FC00000, "nan"),
        ("f32", 0xFF800001, "-nan:0x1"),
        ("f64", 0x3FB999999999999A, "0.1"),
        ("f64", 0xFFF0000000000000, "-inf"),
        ("v128", bytes([15]) + bytes(15), "0x" + "00" * 15 + "0f"),
        ("externref", None, "null"),
        ("externref", "\x1b", r"'\x1b'"),
    ],
)
def test_writing(of: str, bits: object, text: str) -> None:
    assert show(bits, of) == text


@given(st.integers(0, 2**32 - 1))
def test_every_single_is_written_so_that_it_is_read_back(bits: int) -> None:
    assert parse(show(bits, "f32"), "f32", "it") == bits


@given(st.integers(0, 2**64 - 1))
def test_every_double_is_written_so_that_it_is_read_back(bits: int) -> None:
    assert parse(show(bits, "f64"), "f64", "it") == bits


@given(st.floats(width=32, allow_nan=False))
def test_a_single_is_written_as_short_as_it_can_be(number: float) -> None:
    text = show(int.from_bytes(struct.pack("<f", number), "little"), "f32")
    digits = text.lower().split("e")[0].lstrip("-").replace(".", "").strip("0")
    assert len(digits) <= 9 or math.isinf(number)
