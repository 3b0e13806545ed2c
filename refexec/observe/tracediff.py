"""The first difference of two traces, and the states around it, found from the traces alone.

Records are compared one by one, so traces may be longer than memory. What each side's state was is
put together from what its instructions take and give; where records are left out, or a trace begins
in the middle, some of it stays unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from refexec.record import field, record

Record = dict[str, Any]

CONTEXT = 5
"""Records before the difference that are kept."""

UNKNOWN = "?"
"""Stands for an operand that a trace does not tell."""


@record()
class Activation:
    """A function that runs, as far as a trace tells."""

    function: int | None
    stack: list[str] = field(default_factory=list)
    locals: dict[int, str] = field(default_factory=dict)
    carried: int | None = None
    """Operands that the last instruction, a branch, has carried along."""


class State:
    """What a trace has told of the program's state so far."""

    def __init__(self) -> None:
        self.activations = [Activation(None)]
        self.globals: dict[int, str] = {}
        self.memory: dict[tuple[int, int], str] = {}
        """The last bytes written, by memory and address, in hexadecimal."""

    def apply(self, item: Record) -> None:
        """Take a record into account."""
        kind, top = item.get("kind"), self.activations[-1]
        if kind == "instruction":
            self._instruction(top, item)
        elif kind == "call" and not item["host"]:
            self.activations.append(
                Activation(item["callee"], [], dict(enumerate(item["arguments"])))
            )
        elif kind == "return":
            # That of a function of the host leaves the activation that called it.
            if not item["instruction"].startswith("call") and len(self.activations) > 1:
                self.activations.pop()
            self.activations[-1].stack += item["values"] or []
        for effect in item.get("effects", ()):
            if "write" in effect:
                self.memory[effect["memory"], effect["address"]] = effect["write"]

    def _instruction(self, top: Activation, item: Record) -> None:
        height, taken = item["height"], item["take"]
        if top.function is None:
            top.function = item["function"]
        fit(top, height)
        del top.stack[height - len(taken) :]
        top.stack += item["give"]
        top.carried = len(item["give"]) if "to" in item else None
        name, _, index = item["instruction"].partition(" ")
        if name in ("local.set", "local.tee"):
            top.locals[int(index)] = taken[0]
        if "global" in item:
            self.globals[item["global"]["index"]] = item["global"]["write"]


def fit(top: Activation, height: int) -> None:
    """Give a stack the height that it must have had."""
    stack = top.stack
    if len(stack) > height:
        # A branch has dropped operands from below those that it carries.
        carried = min(top.carried or 0, height)
        kept = stack[len(stack) - carried :]
        del stack[height - carried :]
        stack += kept
    stack[:0] = [UNKNOWN] * (height - len(stack))


@record()
class Difference:
    """The first two records that differ, and what came before."""

    number: int
    """Number of the record, from 1."""
    common: list[Record]
    """The last records before it, which are the same."""
    items: tuple[Record | None, Record | None]
    """The two records; None where a trace has ended."""
    fields: list[str]
    """Names of the fields that differ."""
    state: State
    """What is known of the state before it, which is the same on both sides."""


def first_difference(one: Iterable[Record], other: Iterable[Record]) -> Difference | None:
    """Compare two traces; None if they are the same."""
    state, common = State(), deque[Record](maxlen=CONTEXT)
    for number, (a, b) in enumerate(zip_longest(one, other), 1):
        if a != b:
            names = sorted({*(a or ()), *(b or ())})
            differing = [n for n in names if (a or {}).get(n) != (b or {}).get(n)]
            return Difference(number, list(common), (a, b), differing, state)
        assert a is not None
        state.apply(a)
        common.append(a)
    return None
