"""Guest text on its way to people: control characters made visible.

Whatever comes out of a guest, a module or a snapshot may hold terminal commands. Nothing here
interprets markup: text is printed as text.
"""

from __future__ import annotations

import codecs
from typing import IO


def escape(text: str | bytes, keep: str = "") -> str:
    r"""Make `text` harmless and unambiguous: what is not printable becomes \x1b or \u202e.

    Bytes are read as UTF-8, and those that are not UTF-8 are shown as \xff. Characters in `keep`
    are left as they are. A backslash stays a backslash: this is for the eye, not for parsing.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    return "".join(
        char
        if char.isprintable() or char in keep
        else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text
    )


def one_line(text: str) -> str:
    """Fold `text` to one harmless line."""
    return escape(" ".join(text.split()))


class TerminalWriter:
    """Writes guest bytes to a terminal, escaped; lines and tabs stay what they are.

    It never closes the terminal.
    """

    def __init__(self, terminal: IO[bytes]) -> None:
        """Write to `terminal`, which is left open."""
        self._terminal = terminal
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def write(self, data: bytes) -> int:
        """Write all of `data`; a character that is cut at its end waits for the rest."""
        text = escape(self._decoder.decode(data), keep="\n\t")
        self._terminal.write(text.encode("utf-8", "backslashreplace"))
        self._terminal.flush()
        return len(data)

    def close_write(self) -> None:
        """Do nothing: the terminal stays open."""
