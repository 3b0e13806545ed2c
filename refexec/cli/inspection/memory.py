"""A map of linear memory as JSON: which pages are in use, and where in them something is.

An *area* is a range that begins and ends with a byte other than zero and has no long run of zeros
inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from refexec.cli.inspection import JSON
from refexec.cli.inspection.values import blob
from refexec.interp.types import PAGE_SIZE

GAP: Final = 64
"""Zeros in a row that end an area."""

MAX_AREAS: Final = 256
"""Areas that are described at most."""

PREVIEW: Final = 64
"""Bytes of an area that are shown."""

_MAX_PAGES: Final = (1 << 53) // PAGE_SIZE
"""Pages whose addresses are numbers that readers of JSON can keep."""

_ZEROS: Final = re.compile(rb"\0{%d,}" % GAP)


def describe_contents(chunks: Iterable[Any]) -> JSON:
    """Describe what a memory holds, given its pieces of 64 KiB as (number, bytes)."""
    pieces = _pieces(chunks)
    areas: list[JSON] = []
    total = 0
    for start, content in _areas(pieces):
        total += 1
        if len(areas) < MAX_AREAS:
            areas.append(
                {
                    "address": start,
                    "size": len(content),
                    "nonzero": len(content) - content.count(0),
                    "start": blob(content, PREVIEW),
                }
            )
    return {
        "used_pages": list(_ranges(sorted(pieces))),
        "nonzero_bytes": sum(len(piece) - piece.count(0) for piece in pieces.values()),
        "areas": areas,
        "areas_total": total,
    }


def _pieces(chunks: Iterable[Any]) -> dict[int, bytes]:
    return {
        chunk[0]: bytes(chunk[1])
        for chunk in chunks
        if isinstance(chunk, list | tuple)
        and len(chunk) == 2
        and type(chunk[0]) is int
        and isinstance(chunk[1], bytes | memoryview)
        and 0 <= chunk[0] < _MAX_PAGES
        and len(chunk[1]) <= PAGE_SIZE
    }


def _ranges(numbers: Iterable[int]) -> Iterator[JSON]:
    """Join numbers that follow each other."""
    span: JSON | None = None
    for number in numbers:
        if span is not None and number == span["last"] + 1:
            span["last"] = number
            continue
        if span is not None:
            yield span
        span = {"first": number, "last": number}
    if span is not None:
        yield span


def _areas(pieces: dict[int, bytes]) -> Iterator[tuple[int, bytes]]:
    for span in _ranges(sorted(pieces)):
        content = b"".join(
            pieces[n].ljust(PAGE_SIZE, b"\0") for n in range(span["first"], span["last"] + 1)
        )
        position = 0
        for gap in (*_ZEROS.finditer(content), None):
            end = len(content) if gap is None else gap.start()
            part = content[position:end]
            # At the ends of the content there may be zeros that are too few for a gap.
            stripped = part.strip(b"\0")
            if stripped:
                leading = len(part) - len(part.lstrip(b"\0"))
                yield span["first"] * PAGE_SIZE + position + leading, stripped
            position = end if gap is None else gap.end()
