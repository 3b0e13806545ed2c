"""A program that answers lines with lines: started, asked, given deadlines, and killed.

The program is not trusted. A line has a maximum length, what it says on standard error is kept
only in part, and it runs in a session of its own, so that what it has started ends with it. What
the lines mean is not known here.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

LINE_LIMIT = 16 << 20
"""The longest line that is accepted, in bytes."""

_KEPT = 2000
"""How many bytes of the end of standard error are kept."""

_ERROR = re.compile(r"\b\w*(?:[Ee]rror|[Ee]xception|panicked)\b")
"""What names an error in a line of standard error."""

_GRACE = 2.0
"""Seconds that a program has to end by itself after its standard input is closed."""


class LineTooLongError(Exception):
    """The program wrote more than `LINE_LIMIT` bytes without a newline."""


class LineProcess:
    """A running program."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it, with `environment` on top of this process's. Raises `OSError`."""
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self._errors = self._process.stderr
        os.set_blocking(self._input.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        self._buffer = bytearray()
        self._complaints = b""
        self._drain = threading.Thread(target=self._listen, name="stderr", daemon=True)
        self._drain.start()

    def ask(self, line: bytes, seconds: float | None = None) -> bytes | None:
        """Write a line and read one, both without the newline; None if the program has ended.

        Raises `TimeoutError` after `seconds`, and `LineTooLongError`.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        rest = memoryview(line + b"\n")
        self._selector.register(self._input, selectors.EVENT_WRITE)
        try:
            # The program may answer before it has read everything, so both ends are looked at.
            while True:
                end = self._buffer.find(b"\n")
                if end >= 0:
                    answer = bytes(self._buffer[:end])
                    del self._buffer[: end + 1]
                    return answer
                if len(self._buffer) > LINE_LIMIT:
                    raise LineTooLongError
                wait = None if deadline is None else deadline - time.monotonic()
                if wait is not None and wait <= 0:
                    raise TimeoutError
                for key, _ in self._selector.select(wait):
                    if key.fileobj is self._input:
                        rest = self._write(rest)
                        if not rest:
                            self._selector.unregister(self._input)
                    elif not self._read():
                        return None
        finally:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self._input)

    def _write(self, data: memoryview) -> memoryview:
        try:
            return data[os.write(self._input.fileno(), data) :]
        except BrokenPipeError:
            return data[len(data) :]  # its end will be read

    def _read(self) -> bool:
        data = os.read(self._output.fileno(), 1 << 16)
        self._buffer += data
        return bool(data)

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(self._errors.fileno(), 4096):
                self._complaints = (self._complaints + data)[-_KEPT:]

    def kill(self) -> None:
        """End it and what it has started, now. May be called from another thread."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> bool:
        """Let it end by closing its standard input, or kill it; wait for it.

        Returns whether it has ended by itself.
        """
        self._input.close()
        try:
            self._process.wait(_GRACE)
            by_itself = True
        except subprocess.TimeoutExpired:
            by_itself = False
            self.kill()
            self._process.wait()
        self.kill()  # what it may have left behind
        self._drain.join(_GRACE)
        self._selector.close()
        self._output.close()
        if not self._drain.is_alive():
            self._errors.close()
        return by_itself

    @property
    def status(self) -> int | None:
        """Its exit status, or minus the number of a signal; None while it runs."""
        return self._process.returncode

    def obituary(self) -> str:
        """How it ended, with what it wrote last on standard error.

        That is the last line that names an error, as some programs write more after it, or the
        last of all.
        """
        status = self._process.returncode
        lines = self._complaints.decode("utf-8", "backslashreplace").strip().splitlines()
        how = f"signal {-status}" if status is not None and status < 0 else f"status {status}"
        told = [line for line in lines if _ERROR.search(line)] or lines
        return f"the process ended with {how}{': ' + told[-1] if told else ''}"
