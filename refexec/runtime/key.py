"""`ProcessKey`: which process a service is working for.

`Process.serve` attaches the key to the context that services see. A key only identifies: nothing
about a process can be learned or changed through it.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

from refexec.context import Context
from refexec.errors import StateError

_KEY = object()
_numbers = itertools.count(1)


@functools.total_ordering
class ProcessKey:
    """Handle of one process, or of a dummy: hashable, and totally ordered.

    Two keys are equal just if they belong to the same process. The order is that of creation and
    means nothing more. Keys are made by the runtime.
    """

    __slots__ = ("_number",)

    def __init__(self) -> None:
        self._number = next(_numbers)

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, ProcessKey):
            return NotImplemented
        return self._number < other._number

    def compare(self, other: ProcessKey) -> int:
        """-1, 0 or +1 if this key comes before, is, or comes after `other`."""
        return (self._number > other._number) - (self._number < other._number)

    def __repr__(self) -> str:
        return f"<ProcessKey {self._number}>"


def with_process_key(ctx: Context, key: ProcessKey) -> Context:
    """Derive a context that carries `key`. This is what `Process.serve` does."""
    return ctx.with_value(_KEY, key)


def must_context_process_key(ctx: Context) -> ProcessKey:
    """The key of the process that `ctx` belongs to. `StateError` if it belongs to none."""
    key = ctx.value(_KEY)
    if not isinstance(key, ProcessKey):
        raise StateError("context carries no process key")
    return key


def context_with_dummy_process_key(ctx: Context) -> Context:
    """Derive a context with a key that is no process's, to try out a service without one."""
    return with_process_key(ctx, ProcessKey())
