"""The shape of frozen state: what every reader of it checks first, with one way to complain.

Whether something of the right shape fits the module is not judged here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from refexec.errors import SnapshotError
from refexec.interp import types as t

STATE_FORMAT: Final = 1
"""Version of the tree."""

CHUNK: Final = t.PAGE_SIZE
"""Bytes of memory in a chunk; the last one of a memory with small pages may be shorter."""

_BYTES = bytes | memoryview

_Tree = TypeVar("_Tree")


def with_chunks(tree: _Tree, convert: Callable[[Any], Any]) -> _Tree:
    """A copy of a tree in which the bytes of memories are converted, and the rest is shared.

    What does not have the shape of a state stays as it is.
    """
    if not isinstance(tree, dict):
        return tree
    changed: Any = dict(tree)
    for key in ("instances", "externals", "memories"):
        if isinstance(tree.get(key), list):
            changed[key] = [with_chunks(item, convert) for item in tree[key]]
    if isinstance(tree.get("chunks"), list):
        changed["chunks"] = [
            [chunk[0], convert(chunk[1])]
            if isinstance(chunk, list) and len(chunk) == 2 and isinstance(chunk[1], _BYTES)
            else chunk
            for chunk in tree["chunks"]
        ]
    return changed  # type: ignore[no-any-return]  # a mapping, as `tree` is


def unfit(where: str, expected: str, found: Any) -> SnapshotError:
    """Make the error for something that is not what it must be."""
    kind = type(found).__name__
    return SnapshotError(f"{where}: expected {expected}, found {kind} {found!r:.60}")


def listed(where: str, value: Any, length: int | None = None) -> list[Any]:
    """A list, perhaps of a certain length."""
    if not isinstance(value, list | tuple) or length not in (None, len(value)):
        raise unfit(where, "a list" if length is None else f"{length} items", value)
    return list(value)


def number(where: str, value: Any, below: int) -> int:
    """An int from 0 and below a bound."""
    if type(value) is not int or not 0 <= value < below:
        raise unfit(where, f"a number below {below}", value)
    return value


def field(where: str, tree: Any, key: str) -> Any:
    """The item of a mapping."""
    if not isinstance(tree, dict) or key not in tree:
        raise SnapshotError(f"{where}: {key} is missing")
    return tree[key]
