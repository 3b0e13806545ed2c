"""Numbers in saved states of services."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refexec.errors import StreamError
from refexec.service.varint import MAX_VARINT, get_varint, put_varint


@given(st.integers(0, MAX_VARINT), st.binary(max_size=9))
def test_what_is_put_is_got(value: int, rest: bytes) -> None:
    assert get_varint(put_varint(value) + rest) == (value, rest)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [(0, "00"), (127, "7f"), (128, "8001"), (32767, "ffff01"), (MAX_VARINT, "ffffffff07")],
)
def test_known_forms(value: int, encoded: str) -> None:
    assert put_varint(value).hex() == encoded


def test_overlong_forms_are_accepted() -> None:
    assert get_varint(bytes.fromhex("85808000ff")) == (5, b"\xff")


@pytest.mark.parametrize("value", [-1, MAX_VARINT + 1])
def test_numbers_that_do_not_fit(value: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        put_varint(value)


@pytest.mark.parametrize("encoded", ["8080808008", "ffffffffff01", "80" * 40, "80" * 31 + "8001"])
def test_numbers_that_are_too_large_or_too_long(encoded: str) -> None:
    with pytest.raises(StreamError, match=r"^varint value out of range$"):
        get_varint(bytes.fromhex(encoded))


@pytest.mark.parametrize("encoded", ["", "80", "ffff"])
def test_numbers_that_are_cut_off(encoded: str) -> None:
    with pytest.raises(StreamError, match=r"^end of data while decoding varint$"):
        get_varint(bytes.fromhex(encoded))
