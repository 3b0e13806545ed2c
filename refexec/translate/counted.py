"""Loops that count become `for` loops, all of whose turns are paid for at once.

The innermost loop `while True: CHARGE; BODY; l1 = l1 + 4; if l1 >= l2: ...` becomes

    while True:
        i = range(l1, l2 if l2 > l1 else l1 + 1, 4)
        if (fuel := fuel - COST * len(i)) < 0.0: i = turns(i, COST)
        for l1 in i:
            BODY
        l1 = l1 + 4
        if l1 >= l2: ...

This works on the finished tree, and is right by Python's rules alone: between the values of the
range neither the step nor the test would have done anything but go on, the range has at least one
value, and `turns` may shorten it, for what comes behind the `for` is what came behind each turn.
A site in the body notes that the turns to come are paid; who leaves early gives them back.

In a loop that calls, where fuel may end, each turn is still paid for by itself.

Not here: loops around loops, and loops that do not count with a local of 32 bits.
"""

from __future__ import annotations

import re
from typing import Any

from refexec.record import record, replace
from refexec.translate.sites import Site
from refexec.translate.tree import (
    Block,
    For,
    If,
    Jump,
    Line,
    Loop,
    charged,
    everything,
    hoist,
    inside,
    jumps_to,
    leaves,
    targets,
)
from refexec.translate.values import MIRROR

FEWEST = 4
"""Turns of a loop below which a range costs more than it saves."""

_STEP = re.compile(r"(l\d+) = \1 ([+-]) (l\d+|\d+)")
_NUMBER = r"-?(?:0x[0-9a-f]+|\d+)"
_TEST = re.compile(rf"(l\d+|{_NUMBER}) (<|<=|>|>=|!=|==) (l\d+|{_NUMBER})")
_TRUTH = re.compile(r"(not )?(l\d+)")

_APART = ("fuel :=", "= d", "meter(")
"""What only statements have that charge, call, or may stop."""


def count(tree: list[Any], types: list[str]) -> list[Any]:
    """Rewrite the loops in a tree of which it is known how often they turn.

    `types` are those of the function's locals.
    """
    for item in tree:
        if isinstance(item, Loop):
            item.body = hoist(item.body)
            found = _Counted.find(item, types)
            if found is not None:
                item.body = found.rewritten(item.body)
                continue
        for body in inside(item):
            count(body, types)
    return tree


@record()
class _Counted:
    """A loop that can be rewritten."""

    start: int
    """Position of the charge in the body of the loop."""
    end: int
    """Position of the step."""
    cost: int
    """Fuel of a turn; 0 if each turn pays for itself."""
    variable: str
    stop: str
    step: str

    @classmethod
    def find(cls, loop: Loop, types: list[str]) -> _Counted | None:
        """See whether a loop counts."""
        body = loop.body
        start = 0
        test = _exit_test(body[0], loop.label) if body else None
        if test is not None:
            start, tail = 1, len(body) - 1
            if not jumps_to(body[-1], loop.label):
                return None
        else:
            found = _tail(body, loop.label)
            if found is None:
                return None
            tail, test = found
        end = tail - 1
        step = _step(body[end]) if end > start else None
        if step is None and end - 1 > start:
            # What follows the step keeps the number within its type.
            end -= 1
            step = _step(body[end])
            if step is None or targets(body[end + 1]) != {step[0]}:
                return None
        paid = charged(body[start]) if start < end else 0
        if step is None or not paid:
            return None
        variable, sign, amount = step
        if types[int(variable[1:])] != "i32":
            return None
        stop = _stop(test, variable, sign, amount, checked=start == 1)
        if stop is None:
            return None
        inner = body[start + 1 : end]
        assigned = _assigned(inner)
        if assigned is None or not assigned.isdisjoint({variable, *_locals(stop), amount}):
            return None
        if _only_leaves(inner, loop.label):
            cost = paid
        elif not any(jumps_to(item, loop.label) for item in everything(inner)):
            cost = 0
        else:
            return None
        return cls(start, end, cost, variable, stop, f"{sign}{amount}")

    def rewritten(self, body: list[Any]) -> list[Any]:
        """The body of the loop with a `for` in it."""
        step = self.step.removeprefix("+")
        step = "" if step == "1" else f", {step}"
        turns = f"range({self.variable}, {self.stop}{step})"
        charge = body[self.start]
        if not self.cost:
            inner = body[self.start : self.end]
            loop = For(self.variable, turns, 0, inner, None, charge.pc)
            return [*body[: self.start], loop, *body[self.end :]]
        # Whoever stops there has given back all turns.
        site = replace(charge.site, paid=charge.site.paid - self.cost)
        inner = body[self.start + 1 : self.end]
        self._mark(inner, frozenset())
        loop = For(self.variable, turns, self.cost, inner, site, charge.pc)
        return [*body[: self.start], loop, *body[self.end :]]

    def _mark(self, body: list[Any], labels: frozenset[int]) -> None:
        """Note at all sites that turns to come are paid for; give those back on ways out."""
        if leaves(body, labels):
            body.insert(0, Line(f"fuel += {self.cost}.0 * {self._left()}"))
            return
        for item in body:
            if isinstance(item, Line | If) and item.site is not None:
                item.site = replace(item.site, turns=(self.cost, self.variable))
            if isinstance(item, If):
                self._mark(item.then, labels)
                self._mark(item.otherwise, labels)
            elif isinstance(item, Block):
                self._mark(item.body, labels | {item.label})

    def _left(self) -> str:
        """How many turns are to come."""
        if self.step == "+1":
            return f"(i.stop - {self.variable} - 1)"
        if self.step == "-1":
            return f"({self.variable} - i.stop - 1)"
        return f"(len(i) - i.index({self.variable}) - 1)"


def _exit_test(item: Any, label: int) -> str | None:
    """On what condition the loop goes on, if a statement only leaves it otherwise."""
    if not isinstance(item, If) or item.site is not None or item.otherwise:
        return None
    if leaves(item.then) and not jumps_to(item.then[-1], label):
        return item.negation
    return None


def _tail(body: list[Any], label: int) -> tuple[int, str] | None:
    """Where a loop looks whether to turn again, and on what condition it does."""
    for position, item in enumerate(body):
        if not isinstance(item, If) or item.site is not None or item.otherwise:
            continue
        if len(item.then) == 1 and jumps_to(item.then[0], label):
            return position, item.condition
        if position == len(body) - 2 and jumps_to(body[-1], label):
            test = _exit_test(item, label)
            return None if test is None else (position, test)
    return None


def _step(item: Any) -> tuple[str, str, str] | None:
    """The variable, the sign and the amount of a statement that counts."""
    found = _STEP.fullmatch(item.text) if isinstance(item, Line) and not item.site else None
    if found is None or found[3] == "0":
        return None
    if found[3][0] == "l" and not (found[2] == "+" and item.rises):
        return None
    return found[1], found[2], found[3]


def _stop(test: str, variable: str, sign: str, amount: str, checked: bool) -> str | None:
    """Where the range must stop, so that until there `test` holds; it has a value in any case.

    `checked`: the test has been made before the first turn.
    """
    truth = _TRUTH.fullmatch(test)
    if truth is not None:
        operator, bound = "==" if truth[1] else "!=", "0"
        if truth[2] != variable:
            return None
    else:
        compared = _TEST.fullmatch(test)
        if compared is None:
            return None
        left, operator, bound = compared.groups()
        if left != variable:
            left, operator, bound = bound, MIRROR[operator], left
        if left != variable or bound == variable:
            return None
    up = sign == "+"
    if operator not in (("<", "<=", "!=") if up else (">", ">=", "!=")):
        return None
    if up and bound[0] != "l" and amount[0] != "l" and int(bound, 0) <= FEWEST * int(amount):
        return None
    if operator in ("<=", ">="):
        bound = f"{bound} {sign} 1"
    if checked and operator != "!=":
        return bound
    return f"{bound} if {bound} {'>' if up else '<'} {variable} else {variable} {sign} 1"


def _locals(text: str) -> list[str]:
    return re.findall(r"l\d+", text)


def _assigned(body: list[Any]) -> set[str] | None:
    """The variables that statements assign; None if one must not stand in such a loop."""
    assigned: set[str] = set()
    for item in everything(body):
        if isinstance(item, Loop | For):
            return None
        assigned |= targets(item)
    return assigned


def _only_leaves(body: list[Any], label: int, labels: frozenset[int] = frozenset()) -> bool:
    """Whether nothing in a body begins a turn, charges or calls, except on its way out."""
    if leaves(body, labels):
        return all(isinstance(item, Line | Jump) for item in body) and not jumps_to(body[-1], label)
    for item in body:
        if isinstance(item, Line):
            site: Site | None = item.site
            if (site is not None and site.kind != "trap") or any(w in item.text for w in _APART):
                return False
        elif isinstance(item, If):
            if item.site is not None and item.site.kind != "trap":
                return False
            if not _only_leaves(item.then, label, labels):
                return False
            if not _only_leaves(item.otherwise, label, labels):
                return False
        elif isinstance(item, Block) and not _only_leaves(item.body, label, labels | {item.label}):
            return False
    return True
