"""Where outcomes may legitimately differ: a growth refused, a call stack exhausted.

The specification lets an engine refuse to grow a memory or table, and run out of stack at a depth
of its own. Whether an outcome that is not the expected one is such a case is asked of the oracle:
it runs the script again with smaller limits, and if it then answers alike, the backend is excused,
and what follows cannot be compared. Choices that a single answer shows, NaN bits and relaxed vector
instructions, are no business of this module: the case holds the set of answers that are allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from refexec_conformance.backend import (
    Declined,
    Interrupted,
    Outcome,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.backends.reference import Machine
from refexec_conformance.script import Command, Script, only_command
from refexec_conformance.values import Number, Value
from refexec_conformance.verdicts import FileResult, Verdict

from refexec import wasm
from refexec.errors import RefexecError

DEPTH = 256
"""Calls that every engine must be able to nest before it may call the stack exhausted."""

_PAGES = (1, 2, 3, 4, 5, 8, 16, 64, 256)
"""Limits of memories to try, in pages."""

_ELEMENTS = (0, 1, 2, 5, 10, 20, 100)
"""Limits of tables to try."""


class Oracle(Machine):
    """The reference machine, which keeps the outcome of the last call."""

    last: Outcome | None = None

    def invoke(
        self, instance: wasm.Instance, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Declined | Interrupted:
        """Call an exported function."""
        outcome = super().invoke(instance, name, args)
        self.last = outcome
        return outcome


class Leniency:
    """Excuses for one script."""

    def __init__(self, script: Script, run: Callable[[Script, Oracle], FileResult]) -> None:
        """`run` carries out a script."""
        self._script = script
        self._run = run

    def excuse(self, command: Command, outcome: Outcome) -> str | None:
        """Why an unexpected outcome is allowed, or None if it is not."""
        if isinstance(outcome, Trapped) and outcome.exhausted:
            why = f"the stack may be exhausted after {DEPTH} calls"
        elif isinstance(outcome, Returned) and any(map(_is_refusal, outcome.values)):
            why = "the growth may be refused"
        else:
            return None
        script = self._script
        if script.only is None:
            script = only_command(script, command.index)
        if self._agrees(script, wasm.Limits(), outcome):
            return None  # smaller limits make no difference
        agree = any(self._agrees(script, limits, outcome) for limits in _smaller(outcome))
        return why if agree else None

    def _agrees(self, script: Script, limits: wasm.Limits, outcome: Outcome) -> bool:
        """Whether the oracle comes to the same with these limits."""
        oracle = Oracle(limits)
        counts = self._run(script, oracle).counts
        return not counts[Verdict.BLOCKED] and alike(oracle.last, outcome)


def alike(one: Outcome | None, other: Outcome) -> bool:
    """Whether two outcomes are the same, whatever they say of a trap."""
    if isinstance(one, Trapped) and isinstance(other, Trapped):
        return one.exhausted == other.exhausted
    return one == other


def _is_refusal(value: Value) -> bool:
    """Whether it is the -1 by which growing tells that it was refused."""
    return isinstance(value, Number) and value in (
        Number("i32", (1 << 32) - 1),
        Number("i64", (1 << 64) - 1),
    )


def _smaller(outcome: Outcome) -> Iterator[wasm.Limits]:
    if isinstance(outcome, Trapped):
        yield wasm.Limits(call_depth=DEPTH)
        return
    for pages in _PAGES:
        yield wasm.Limits(memory_pages=pages)
    for elements in _ELEMENTS:
        yield wasm.Limits(table_entries=elements)


def imported_modules(script: Script, command: Command) -> frozenset[str]:
    """The names of modules that a command's module imports from; none if it cannot be read."""
    data = script.modules.get(command.module or "")
    if data is None:
        return frozenset()
    try:
        return frozenset(item.module for item in wasm.Module(data, features="all").imports)
    except RefexecError:
        return frozenset()
