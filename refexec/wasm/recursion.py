"""Room on Python's own stack for calls that go from the guest to the host and back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PYTHON_FRAMES_PER_CALL = 40
"""Python frames that one nested call from guest to host to guest may take, generously."""


@contextmanager
def recursion_limit(depth: int, frames: int) -> Iterator[None]:
    """Let nested calls have the Python frames they need, and no longer than they run."""
    before = sys.getrecursionlimit()
    needed = 1000 + depth * _PYTHON_FRAMES_PER_CALL + frames
    if before >= needed:
        yield
        return
    sys.setrecursionlimit(needed)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
