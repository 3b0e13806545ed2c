"""Small loops are written several times in a row, and several of their turns paid for at once.

    while True:                             while True:
        if (fuel := fuel - 9.0) ...             if (fuel := fuel - 36.0) ...
        BODY                                    BODY
        if not l2:                              if not l2:
            break                                   fuel += 27.0
                                                    break
                                                BODY
                                                ...

To charge takes as long as two or three other statements, and each turn of a loop must be paid for
before it begins. Who leaves the loop, or stops in it, gives back what is paid for turns to come;
how much that is stands in the text, so a short loop loses nothing.

It is done on the finished tree, to innermost loops that do not count (`refexec.translate.counted`)
and begin their next turn at one place, their end.
"""

from __future__ import annotations

from typing import Any

from refexec.record import record, replace
from refexec.translate.tree import (
    Block,
    For,
    If,
    Jump,
    Line,
    Loop,
    charge,
    charged,
    everything,
    give_back,
    given_back,
    hoist,
    inside,
    jumps_to,
    leaves,
)

TURNS = 4
"""Turns that are paid for at once."""

LONGEST = 16
"""Statements of a loop of which so many turns are written; of one twice as long there are two."""


def unroll(tree: list[Any]) -> list[Any]:
    """Rewrite the small loops in a tree."""
    for item in tree:
        for body in inside(item):
            unroll(body)
        if isinstance(item, Loop):
            turn = _Turn.find(item)
            if turn is not None:
                item.body = turn.written()
    return tree


@record()
class _Turn:
    """A turn of a loop that can be written several times."""

    label: int
    before: list[Any]
    """What is done before the turn is paid for."""
    charge: Line
    cost: int
    after: list[Any]
    times: int

    @classmethod
    def find(cls, loop: Loop) -> _Turn | None:
        """See whether a loop is small and turns at its end."""
        body = _ending_in_turn(hoist(loop.body), loop.label)
        if body is None:
            return None
        statements = [item for item in everything(body) if not isinstance(item, Block)]
        if len(statements) > 2 * LONGEST or any(
            isinstance(item, Loop | For) or jumps_to(item, loop.label) for item in statements
        ):
            return None
        place = next((n for n, item in enumerate(body) if charged(item)), None)
        if place is None:
            return None
        before, after = body[:place], body[place + 1 :]
        if not (_is_paid(before) and _is_paid(after)):
            return None
        times = TURNS if len(statements) <= LONGEST else 2
        return cls(loop.label, before, body[place], charged(body[place]), after, times)

    def written(self) -> list[Any]:
        """The body of the loop with as many turns in it."""
        later = (self.times - 1) * self.cost
        whole = charge(self.cost + later)
        body = [*self.before, _prepaid(replace(self.charge, text=whole), later)]
        body += _copy(self.after, later)
        for _ in range(self.times - 1):
            body += _copy(self.before, later)
            later -= self.cost
            body += _copy(self.after, later)
        return [*body, Jump(self.label)]


def _ending_in_turn(body: list[Any], label: int) -> list[Any] | None:
    """The body without the jump at its end that begins the next turn."""
    if body and jumps_to(body[-1], label):
        return body[:-1]
    for position, item in enumerate(body):
        if isinstance(item, If) and not item.otherwise and len(item.then) == 1:
            way_out = body[position + 1 :]
            if jumps_to(item.then[0], label) and leaves(way_out):
                test = replace(item, condition=item.negation, negation=item.condition, then=way_out)
                return [*body[:position], test]
    return None


def _is_paid(body: list[Any], labels: frozenset[int] = frozenset()) -> bool:
    """Whether nothing is charged, except on ways out, on which nothing comes back."""
    if leaves(body, labels):
        return all(isinstance(item, Line | Jump) for item in body)
    for item in body:
        if charged(item):
            return False
        around = labels | {item.label} if isinstance(item, Block) else labels
        if not all(_is_paid(inner, around) for inner in inside(item)):
            return False
    return True


def _copy(body: list[Any], later: int, labels: frozenset[int] = frozenset()) -> list[Any]:
    """Statements in which fuel for turns to come is paid; who leaves gives it back."""
    if leaves(body, labels):
        return _given_back(body, later)
    result: list[Any] = []
    for item in body:
        if isinstance(item, If):
            then, otherwise = (_copy(inner, later, labels) for inner in inside(item))
            result.append(_prepaid(replace(item, then=then, otherwise=otherwise), later))
        elif isinstance(item, Block):
            inner = _copy(item.body, later, labels | {item.label})
            result.append(Block(item.label, inner))
        elif isinstance(item, Line):
            result.append(_prepaid(replace(item), later))
        else:
            result.append(item)
    return result


def _given_back(body: list[Any], later: int) -> list[Any]:
    """A way out that gives back what is paid for turns to come, or charges that much less."""
    cost = charged(body[0])
    if cost > later:
        return [replace(body[0], text=charge(cost - later)), *body[1:]]
    cost -= given_back(body[0])
    rest = body[1:] if cost else body
    return [Line(give_back(later - cost)), *rest] if later > cost else [*rest]


def _prepaid(item: Any, later: int) -> Any:
    """A statement whose site, if it has one, tells that so much more is paid."""
    if item.site is not None:
        item.site = replace(item.site, paid=item.site.paid + later)
    return item
