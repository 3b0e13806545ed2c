"""Debug text on its way from a program to the embedder's writer, line by line."""

from __future__ import annotations

import logging

from refexec.runtime.fairness import Account
from refexec.runtime.policy import DebugWriter

_log = logging.getLogger("refexec")

_BUFFER_SIZE = 4096


class DebugLog:
    """Cuts debug text into writes, each ending with a line feed unless the line is too long.

    If the writer raises, everything from there on is dropped. Used from one thread.
    """

    def __init__(self, writer: DebugWriter) -> None:
        self._writer: DebugWriter | None = writer
        self._buffer = bytearray()
        self._last = b"\n"
        self._account = Account()

    def feed(self, data: bytes | bytearray) -> None:
        """Take text as it comes. Whole lines, and lines beyond 4096 bytes, are written at once."""
        for line in _lines(bytes(data)):
            self._account.breathe()
            self._buffer += line
            while len(self._buffer) >= _BUFFER_SIZE:
                self._flush(_BUFFER_SIZE)
            if self._buffer.endswith(b"\n"):
                self._flush(len(self._buffer))

    def finish(self) -> None:
        """Write what is left, with a line feed if the text does not end with one."""
        if self._buffer or self._last != b"\n":
            self._buffer += b"\n"
            self._flush(len(self._buffer))

    def _flush(self, size: int) -> None:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._last = data[-1:]
        if self._writer is None:
            return
        try:
            while data:
                written = self._writer.write(data)
                # Only raw files write less than they are given.
                data = data[written:] if isinstance(written, int) else b""
            flush = getattr(self._writer, "flush", None)
            if flush is not None:
                flush()
        except Exception:
            # The program is not to notice what becomes of its text.
            _log.warning("debug log failed, the rest is dropped", exc_info=True)
            self._writer = None


def _lines(data: bytes) -> list[bytes]:
    """Split after each line feed (unlike `splitlines`, which knows other ends of lines)."""
    *lines, last = data.split(b"\n")
    return [line + b"\n" for line in lines] + [last]
