"""From a failure to its cause: the oracle's last instructions, up to the first difference.

The reference machine carries out the script up to the command that failed, and that command under
the eyes of a tracer. If the engine on trial is one of refexec's, its states can be told too: the
command begins on both engines from the same frozen state, and is stopped where the states, equal
until then, are no longer equal. The fast engine lets the machine walk where it has little fuel
left, so the instruction that it gets wrong may be some before that place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from refexec_conformance.backend import Backend
from refexec_conformance.backends.reference import Machine
from refexec_conformance.oracle import Before, Oracle
from refexec_conformance.runner import run_script
from refexec_conformance.script import Script, Suite, only_command
from refexec_conformance.spectest import spectest_for
from refexec_conformance.verdicts import FileResult, Finding, Verdict
from refexec_conformance.world import Hosts, Kind, Told, World

from refexec.errors import RefexecError
from refexec.observe.trace import Tracer

INSTRUCTIONS = 12
"""How many of the last instructions are told."""

_EXPLAINED = {Verdict.FAIL, Verdict.ERROR, Verdict.CRASH, Verdict.TIMEOUT}

FUEL = 20_000_000
"""Fuel after which the oracle gives up. Some commands of the suite are long; none is longer."""


def explain_files(
    suite: Suite, results: Sequence[FileResult], engine: Backend
) -> tuple[FileResult, ...]:
    """The results, with a trace for the first surprise of each file that has any."""
    explained = []
    for result in results:
        first = next((item for item in result.surprises if item.verdict in _EXPLAINED), None)
        if first is not None and first.line:
            told = replace(first, trace=explain(suite.load(result.name), first, engine))
            findings = tuple(told if item is first else item for item in result.findings)
            result = replace(result, findings=findings)
        explained.append(result)
    return tuple(explained)


def explain(script: Script, finding: Finding, engine: Backend) -> tuple[str, ...]:
    """The oracle's last instructions before what a finding is about; none if it runs no code."""
    if script.only is None:
        script = only_command(script, finding.index)
    oracle = Oracle(finding.index)
    try:
        spectest = spectest_for(script)
        run_script(script, oracle, spectest, on_command=oracle.note, lenient=False)
        if oracle.before is None:
            return ()
        return _told(oracle.before, finding, engine)
    except RefexecError as error:
        return (f"the oracle cannot tell: {error}",)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where an engine is, after so much fuel."""

    told: Told | None
    digest: str
    spent: int


def _thaw(before: Before, kind: Kind) -> World:
    return World.thaw(kind, Hosts(before.hosts), list(before.modules), before.state)


def _run(before: Before, kind: Kind, fuel: int) -> _Stop:
    world = _thaw(before, kind)
    told = world.begin(before.operation, before.spent + fuel)
    spent = world.spent[before.operation.instance] - before.spent
    return _Stop(told, world.digest(), spent)


def _told(before: Before, finding: Finding, engine: Backend) -> tuple[str, ...]:
    whole = _run(before, before.kind, FUEL)
    last, note = whole.spent, "to the end of the command, as the oracle carries it out"
    if whole.told is not None and str(whole.told.outcome) == finding.got:
        note = "the oracle answers alike: the case expects something else"
    elif isinstance(engine, Machine):
        kind = Kind(engine.engine, engine.features)
        if kind.engine != before.kind.engine and _differ(before, kind, FUEL):
            last = _first_difference(before, kind, whole.spent)
            note = f"after {last:,} fuel the states are no longer the same, before they were"
        else:
            note = "the states are the same at the end: the answer is lost on its way out"
    return (*_trace(before, last), f"({note})")


def _differ(before: Before, kind: Kind, fuel: int) -> bool:
    ours, theirs = _run(before, before.kind, fuel), _run(before, kind, fuel)
    return (ours.told, ours.digest) != (theirs.told, theirs.digest)


def _first_difference(before: Before, kind: Kind, spent: int) -> int:
    """The least fuel after which the states are not the same, at most what all of it takes."""
    low, high = 0, spent
    while low < high:
        middle = (low + high) // 2
        if _differ(before, kind, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _trace(before: Before, fuel: int) -> tuple[str, ...]:
    """The last instructions that the oracle executes within so much fuel."""
    lines: deque[str] = deque(maxlen=INSTRUCTIONS)
    world = _thaw(before, before.kind)
    # What is not told need not be watched.
    ahead = max(0, fuel - 20 * INSTRUCTIONS)
    told = world.begin(before.operation, before.spent + ahead) if ahead else None
    if told is None:
        world.observe(before.operation.instance, Tracer(lambda item: lines.append(_line(item))))
        limit = before.spent + fuel
        if ahead:
            world.resume(before.operation, limit)
        else:
            world.begin(before.operation, limit)
    return tuple(lines)


def _line(item: dict[str, Any]) -> str:
    """A record of a trace for people."""
    place = f"{item['fuel']:>8,}  "
    if item.get("offset") is not None:
        place += f"0x{item['offset']:04x}  "
    match item["kind"]:
        case "instruction":
            text = f"{item['instruction']}    {_values(item['take'])} -> {_values(item['give'])}"
        case "call":
            name = item["callee_name"] or f"function {item['callee']}"
            text = f"call of {name} with {_values(item['arguments'])}"
        case "return":
            text = f"return of {_values(item['values'] or [])}"
        case "trap":
            text = f"trap: {item['cause']}"
        case kind:
            text = str(kind)
    return place + text


def _values(values: Sequence[str]) -> str:
    return " ".join(values) or "nothing"
