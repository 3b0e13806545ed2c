"""A page of headings, pairs and tables for a terminal or a pipe; all text on it is escaped.

What the page says is the business of `refexec.cli.inspection.layout`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from refexec.cli.text import escape

MAX_TEXT = 400
"""Characters of a text that are shown; guests may choose names of any length."""

Cell = Text | str | int | None

NAME = "cyan"
FAINT = "bright_black"
BAD = "bold red"


def text(value: str, style: str = "") -> Text:
    """Give text that is taken for a guest's: escaped, not too long, and without markup."""
    shown = escape(value[:MAX_TEXT])
    return Text(shown + "…" * (len(value) > MAX_TEXT), style)


def cell(value: Cell) -> Text:
    """Give the text of a cell; an empty one for None."""
    if isinstance(value, Text):
        return value
    return Text() if value is None else text(f"{value:,}" if isinstance(value, int) else value)


def join(*parts: Cell, by: str = " ") -> Text:
    """Join texts, leaving out empty ones."""
    return Text(by).join(found for found in map(cell, parts) if found.plain)


class Page:
    """Collects what is to be shown."""

    def __init__(self) -> None:
        """Make a page as wide as the terminal; where there is none, 80 columns without colour."""
        self._file = io.StringIO()
        on_terminal = sys.stdout.isatty()
        width = None if on_terminal else 80
        self._console = Console(
            file=self._file,
            force_terminal=on_terminal,
            width=width,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def result(self) -> str:
        """Give all of the page, in characters that standard output can take."""
        lines = (line.rstrip() for line in self._file.getvalue().splitlines())
        encoding = sys.stdout.encoding or "utf-8"
        whole = "".join(f"{line}\n" for line in lines)
        return whole.encode(encoding, "backslashreplace").decode(encoding)

    def title(self, *parts: Cell) -> None:
        """Begin the page."""
        self._print(join(*parts), 0, "bold")

    def heading(self, *parts: Cell) -> None:
        """Begin a part of the page."""
        self._console.print()
        self._print(join(*parts), 0, "bold")

    def line(self, *parts: Cell, indent: int = 2) -> None:
        """Add a line."""
        self._print(join(*parts), indent)

    def pairs(self, rows: Iterable[tuple[str, Cell]], indent: int = 2) -> None:
        """Add names with their values, leaving out those that are None."""
        table = _table()
        table.add_column(style=FAINT, no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            if value is not None:
                table.add_row(name, cell(value))
        self._print(table, indent)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Cell]], indent: int = 2) -> None:
        """Add a table. A head that begins with `>` is that of a column of numbers."""
        table = _table()
        table.show_header = any(heads)
        for head in heads:
            right = head.startswith(">")
            table.add_column(
                head.lstrip(">"),
                justify="right" if right else "left",
                no_wrap=right,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*map(cell, row))
        self._print(table, indent)

    def more(self, total: int, shown: int, what: str, indent: int = 2) -> None:
        """Say how much is not shown, if anything."""
        if total > shown:
            note = f"… {total - shown:,} more {what} (see --json)"
            self._print(Text(note, FAINT), indent)

    def _print(self, what: RenderableType, indent: int, style: str = "") -> None:
        self._console.print(Padding(what, (0, 0, 0, indent)), style=style, overflow="fold")


def _table() -> Table:
    return Table(
        box=None, show_header=False, header_style=FAINT, pad_edge=False, padding=(0, 2, 0, 0)
    )
