"""Linear memory as data segments: what is not zero, and as little more as is practical."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from refexec.interp import types as t
from refexec.snapshot.module import encoding as e

_PAGE = t.PAGE_SIZE
_WORD = 8
_ZERO_WORD = bytes(_WORD)
_ZEROS = re.compile(rb"\0+")


def runs(pages: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The content of a memory that is given by its used pages, as (offset, bytes).

    Runs of aligned words that are not zero, without the zeros at both ends, in ascending order.
    """
    start = 0
    joined: list[bytes] = []
    expected = None
    for number, content in pages:
        if number != expected:
            yield from _split(start, b"".join(joined))
            start, joined = number * _PAGE, []
        joined.append(content)
        expected = number + 1
    yield from _split(start, b"".join(joined))


def _split(base: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    start = len(data) - len(data.lstrip(b"\0"))
    end = len(data.rstrip(b"\0"))
    if start >= end:
        return
    at = start
    while (first := data.find(_ZERO_WORD, at, end)) >= 0:
        zeros = _ZEROS.match(data, first)
        assert zeros is not None
        at = zeros.end()
        # Of fifteen zeros, eight are a whole word; of fewer they need not be.
        if first + -first % _WORD + _WORD <= at:
            yield base + start, data[start:first]
            start = at
    yield base + start, data[start:end]


def active(memory: int, address: t.ValueType, offset: int, content: bytes) -> bytes:
    """An active data segment."""
    head = b"\0" if memory == 0 else b"\x02" + e.unsigned(memory)
    place = e.i32_const(offset) if address is t.I32 else e.i64_const(offset)
    return b"".join((head, place, e.END, e.unsigned(len(content)), content))


def passive(content: bytes) -> bytes:
    """A passive data segment."""
    return b"\x01" + e.unsigned(len(content)) + content
