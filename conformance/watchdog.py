"""The deadline of a command: whoever takes longer is interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Interruptible(Protocol):
    """What can be stopped from another thread."""

    def interrupt(self) -> None:
        """Stop what runs, if anything does."""


class Watchdog:
    """Interrupts a backend whose command runs over the deadline."""

    def __init__(self, backend: Interruptible, seconds: float) -> None:
        """`seconds` is the deadline of each command."""
        self._backend = backend
        self._seconds = seconds
        self._started: float | None = None
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()
        self._thread.join()

    @contextmanager
    def command(self) -> Iterator[None]:
        """The span of one command."""
        self._started = time.monotonic()
        try:
            yield
        finally:
            self._started = None

    def _watch(self) -> None:
        while not self._finished.wait(self._seconds / 8):
            started = self._started
            if started is not None and time.monotonic() - started > self._seconds:
                self._backend.interrupt()
