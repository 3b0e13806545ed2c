"""Shifted addresses that stand several times are worked out once.

A wasm address is a byte's, the index of a view an item's, so that a structure is read as

    p0[(l1 + 24) >> 3] ... p0[(l1 + 32) >> 3] ... p0[l1 >> 3]

which becomes, where `l1` does not change,

    v0 = l1 >> 3
    p0[v0 + 3] ... p0[v0 + 4] ... p0[v0]

This works on the finished tree, and is right by Python's rules alone: `(a + 8 * b) >> 3` is
`(a >> 3) + b` for all integers. Nothing that can stop or trap is moved.

Not here: addresses of other forms, and anything else that is worked out twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from refexec.translate.tree import For, If, Line, Loop, inside, targets

ENOUGH = 2.0
"""Uses from which on it pays."""

_OFTEN = 8.0
"""What a use in a loop counts for."""

_SELDOM = 0.5
"""What a use in the arm of a condition counts for."""

_INDEX = re.compile(r"\[(?:\((l\d+) \+ (0x[0-9a-f]+|\d+)\)|(l\d+)) >> (\d)\]")

Shift = tuple[str, int]
"""A local, and by how much it is shifted."""


def share(tree: list[Any]) -> list[Any]:
    """Rewrite a tree."""
    _Sharer().rewrite(tree)
    return tree


class _Sharer:
    def __init__(self) -> None:
        self._made = 0
        self._locals: dict[int, set[str]] = {}
        """What statements assign, by identity."""
        self._uses: dict[int, dict[Shift, float]] = {}
        """Shifts in statements, and how often they are used, by identity."""

    def rewrite(self, body: list[Any]) -> None:
        """Rewrite a list, the outer statements first."""
        position = 0
        while position < len(body):
            for shift in [*self._used(body[position])]:
                if self._total(body, position, shift) >= ENOUGH:
                    name = f"v{self._made}"
                    self._made += 1
                    for item in self._reach(body, position, shift[0]):
                        self._replace(item, shift, name)
                    text = f"{name} = {shift[0]} >> {shift[1]}"
                    body.insert(position, Line(text, pc=getattr(body[position], "pc", None)))
                    position += 1
            item = body[position]
            for inner in inside(item):
                self.rewrite(inner)
            position += 1

    def _reach(self, body: list[Any], start: int, name: str) -> list[Any]:
        """The statements from one on up to the one that changes the local.

        That one is among them if it is simple, since it uses the local first.
        """
        found = []
        for item in body[start:]:
            changes = name in self._assigned(item)
            if changes and not isinstance(item, Line):
                break
            found.append(item)
            if changes:
                break
        return found

    def _total(self, body: list[Any], start: int, shift: Shift) -> float:
        reach = self._reach(body, start, shift[0])
        return sum(self._used(item).get(shift, 0.0) for item in reach)

    def _assigned(self, item: Any) -> set[str]:
        """The variables that a statement may assign."""
        found = self._locals.get(id(item))
        if found is None:
            found = targets(item)
            for inner in inside(item):
                found = found.union(*map(self._assigned, inner))
            self._locals[id(item)] = found
        return found

    def _used(self, item: Any) -> dict[Shift, float]:
        """Shifts of locals in a statement that it does not change before."""
        found = self._uses.get(id(item))
        if found is not None:
            return found
        found = {}
        for text in _texts(item):
            for shift in _shifts(text):
                found[shift] = found.get(shift, 0.0) + 1.0
        weight = (
            _OFTEN if isinstance(item, Loop | For) else _SELDOM if isinstance(item, If) else 1.0
        )
        for inner in inside(item):
            for nested in inner:
                for shift, count in self._used(nested).items():
                    found[shift] = found.get(shift, 0.0) + weight * count
        self._uses[id(item)] = found
        return found

    def _replace(self, item: Any, shift: Shift, name: str) -> None:
        """Use the variable in a statement."""
        if not self._used(item).pop(shift, 0.0):
            return

        def put(match: re.Match[str]) -> str:
            found = _shift(match)
            if found is None or found[0] != shift:
                return match[0]
            return f"[{name} + {found[1]}]" if found[1] else f"[{name}]"

        if isinstance(item, Line):
            item.text = _INDEX.sub(put, item.text)
        elif isinstance(item, If):
            item.condition = _INDEX.sub(put, item.condition)
            item.negation = _INDEX.sub(put, item.negation)
        for inner in inside(item):
            for nested in inner:
                self._replace(nested, shift, name)


def _shift(match: re.Match[str]) -> tuple[Shift, int] | None:
    """What is shifted by how much in an index, and what is added then."""
    offset, by = int(match[2] or "0", 0), int(match[4])
    if offset & (1 << by) - 1:
        return None
    return (match[1] or match[3], by), offset >> by


def _shifts(text: str) -> Iterator[Shift]:
    for match in _INDEX.finditer(text):
        found = _shift(match)
        if found is not None:
            yield found[0]


def _texts(item: Any) -> list[str]:
    if isinstance(item, Line):
        return [item.text]
    return [item.condition] if isinstance(item, If) else []
