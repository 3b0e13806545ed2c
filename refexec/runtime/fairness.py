"""Threads that serve programs leave each other the interpreter.

Only one thread of a Python process runs at a time, and one that computes is made to let go only
every five milliseconds. A program that floods its host with tiny packets, or with lines of debug
text, could so slow down the service of all others twentyfold. So whoever works for one program
without a break pauses for a moment now and then, if there are others.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

_SLICE = 0.0001
"""Seconds of processor time after which others get their turn."""

_PAUSE = 0.0004
"""Seconds to leave to them. A program that floods so has a fifth of the interpreter at most, and
its worker, whose pipe is full, sleeps too: with a pause as short as the slice, a neighbour on two
cores kept a third of its throughput beside a flood of packets; with this one it keeps all of it."""

_lock = threading.Lock()
_served = 0


@contextlib.contextmanager
def serving() -> Iterator[None]:
    """Count a program that is being served."""
    global _served
    with _lock:
        _served += 1
    try:
        yield
    finally:
        with _lock:
            _served -= 1


class Account:
    """How much one thread has worked without a pause. To be used by that thread only."""

    def __init__(self) -> None:
        self._since = time.thread_time()

    def rested(self) -> None:
        """Take note that the thread has waited for something."""
        if _served > 1:
            self._since = time.thread_time()

    def breathe(self) -> None:
        """Pause, if others are served and it is time. To be called after each small piece."""
        if _served > 1 and not 0 <= time.thread_time() - self._since <= _SLICE:
            time.sleep(_PAUSE)
            self._since = time.thread_time()
