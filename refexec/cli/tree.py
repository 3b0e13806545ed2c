"""Plain data as text for people: names before values, tables for lists of records.

All text is taken for a guest's, and escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from refexec.cli.text import escape


def render(tree: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Give the lines of a tree of mappings, lists and scalars. What is empty reads `none`."""
    for key, value in tree.items():
        name = key.replace("_", " ")
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from render(value, indent + "  ")
        elif isinstance(value, list) and value:
            yield f"{indent}{name}:"
            rows = value if isinstance(value[0], Mapping) else [{"": item} for item in value]
            yield from _table(rows, indent + "  ")
        else:
            yield f"{indent}{name}: {_scalar(value)}"


def _table(rows: Sequence[Mapping[str, Any]], indent: str) -> Iterator[str]:
    """Give the lines of a table of records that all have the same names, with a head if any."""
    cells = [[_scalar(value) for value in row.values()] for row in rows]
    if any(rows[0]):
        cells.insert(0, list(rows[0]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (indent + "  ".join(padded)).rstrip()


def _scalar(value: Any) -> str:
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return escape(" ".join(map(str, value)))
    return escape(str(value))
