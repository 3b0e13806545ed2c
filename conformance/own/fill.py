"""Expectations of the kit's own cases: derived from the reference machine, and witnessed.

What must come of a step is what the reference came to. That alone would make the reference right by
definition, so each case needs a *witness*: a derivation by hand that names its rule, the official
suite, or an independent engine that came to the same. Steps with several right outcomes, or with
patterns, are written by hand; here it is only seen that the reference's is among them. An engine
may contradict only where its file of expectations says that it does.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refexec_conformance.areas import CASES
from refexec_conformance.backend import (
    Backend,
    Outcome,
    Returned,
    Threw,
    Trapped,
    backend_info,
    backend_names,
    close_backend,
    create_backend,
    promises_of,
)
from refexec_conformance.backends.reference import Machine
from refexec_conformance.expectations import expected_failures, numbers_text, parse_numbers
from refexec_conformance.features import FUEL
from refexec_conformance.filled import Filled, confirmed_by, fill_each, note_witness
from refexec_conformance.own.case import Case, case_of
from refexec_conformance.pool import run_file
from refexec_conformance.runner import run_script
from refexec_conformance.script import Command, Script
from refexec_conformance.spectest import spectest_for
from refexec_conformance.values import Value
from refexec_conformance.verdicts import JUDGED_BAD, FileResult, Verdict
from refexec_conformance.wanted import any_of, observed, parse_wanted

from refexec.errors import UnavailableError


class Recorder(Machine):
    """The reference machine, which keeps what each command came to."""

    def __init__(self, *, metered: bool) -> None:
        """`metered`: keep also what calls are charged that return."""
        self._metered = metered
        self._index = -1
        self.found: dict[int, tuple[Outcome, int | None]] = {}
        super().__init__()

    def note(self, command: Command) -> None:
        """Take note of the command that begins."""
        self._index = command.index

    def load(self, data: bytes) -> Any:
        """Decode and validate a module."""
        return self._keep(super().load(data))

    def instantiate(self, module: Any) -> Any:
        """Link and instantiate."""
        return self._keep(super().instantiate(module))

    def invoke(self, instance: Any, name: str, args: tuple[Value, ...]) -> Any:
        """Call an exported function."""
        before = instance.fuel_spent
        outcome = super().invoke(instance, name, args)
        returned = self._metered and isinstance(outcome, Returned)
        return self._keep(outcome, instance.fuel_spent - before if returned else None)

    def invoke_within(self, *call: Any) -> tuple[Outcome, int]:
        """Call an exported function, which may spend so much."""
        outcome, fuel = super().invoke_within(*call)
        exhausted = isinstance(outcome, Trapped) and outcome.exhausted
        told = isinstance(outcome, Returned | Threw | Trapped) and not exhausted
        self._keep(outcome, fuel if told else None)
        return outcome, fuel

    def get(self, instance: Any, name: str) -> Any:
        """Read an exported global."""
        return self._keep(super().get(instance, name))

    def _keep(self, outcome: Any, fuel: int | None = None) -> Any:
        self.found[self._index] = outcome, fuel
        return outcome


@dataclass(frozen=True, slots=True)
class _One:
    """A suite of one case."""

    case: Case
    title = CASES

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the case."""
        return (self.case.name,)

    def load(self, name: str) -> Script:
        """The case as a script."""
        return self.case.script()


class Filler:
    """The witnesses that are installed; the reference always is."""

    def __init__(self, witnesses: Sequence[str] | None = None) -> None:
        """Start them. A witness that is not installed is left out."""
        self.absent: list[str] = []
        self._witnesses: dict[str, Backend] = {}
        for name in known_witnesses() if witnesses is None else witnesses:
            try:
                self._witnesses[name] = create_backend(name)
            except UnavailableError:
                self.absent.append(name)

    def close(self) -> None:
        """Let go of them."""
        for engine in self._witnesses.values():
            close_backend(engine)

    def fill(self, case: Case, *, check: bool = False) -> Filled[Case]:
        """Derive the expectations of a case, and ask the witnesses.

        With `check`, nothing is derived: what the case says must be what the reference comes to.
        """
        filled = Filled(case, copy.deepcopy(case.data))
        script = case.script()
        reference = Recorder(metered=FUEL in case.features)
        played = run_script(script, reference, spectest_for(script), on_command=reference.note)
        broken = {item.index: item for item in played.findings if item.verdict is not Verdict.FAIL}
        for index, step in enumerate(filled.data["steps"]):
            if index in broken:
                got = f"{broken[index].verdict}: {broken[index].got}"
                filled.refusals.append(f"step {index + 1}: the reference: {got}")
            elif step["do"] != "register":
                self._derive(filled, index, step, *reference.found[index], check=check)
        if not filled.refusals:
            self._ask(filled, case_of(filled.data, case.name, case.folder), check=check)
            self._look_for_witness(filled)
        return filled

    @staticmethod
    def _derive(
        filled: Filled[Case],
        index: int,
        step: dict[str, Any],
        outcome: Outcome,
        fuel: int | None,
        *,
        check: bool,
    ) -> None:
        told, found = step.get("expect", []), observed(outcome, fuel)
        wanted = list(map(parse_wanted, told))
        by_hand = len(wanted) > 1 or not all(item.exact for item in wanted)
        if by_hand:
            if not any(item.fits(outcome, fuel, official=True) for item in wanted):
                filled.refusals.append(
                    f"step {index + 1}: the reference differs\n"
                    f"expected: {any_of(wanted)}\ngot: {outcome}"
                )
        elif told != [found] or found is None:
            if check or found is None:
                filled.refusals.append(
                    f"step {index + 1}: the reference differs\nexpected: {told}\ngot: {found}"
                )
            else:
                step["expect"] = [found]

    def _ask(self, filled: Filled[Case], case: Case, *, check: bool) -> None:
        for name, engine in self._witnesses.items():
            if not backend_info(name).default and promises_of(engine).isdisjoint(case.features):
                continue  # it differs from another witness by what it promises only
            result = run_file(_One(case), case.name, name, engine=engine)
            agreed = self._agreed(filled, name, result)
            if agreed:
                filled.asked.append(name)
            elif check and _came_later(filled.data, name, engine.version):
                continue  # it lacks features that a later release has confirmed
            if not check:
                note_witness(filled.data, name, engine.version, steps=numbers_text(agreed))
            elif missing := confirmed_steps(filled.data, name) - agreed:
                told = numbers_text(missing)
                filled.refusals.append(f"the witness {name} confirms no more: step {told}")

    @staticmethod
    def _agreed(filled: Filled[Case], name: str, result: FileResult) -> set[int]:
        """The steps that an engine confirms. Where it contradicts, that is a refusal."""
        known = expected_failures(name, CASES).get(result.name)
        if result.counts[Verdict.UNSUPPORTED] and not result.findings:
            return set()
        agreed = set(range(1, len(filled.data["steps"]) + 1))
        for item in result.findings:
            agreed.discard(item.index + 1)
            expected = known is not None and item.index in (known.commands or (item.index,))
            if item.verdict in JUDGED_BAD and not expected:
                filled.refusals.append(
                    f"step {item.index + 1}: the witness {name} differs\n"
                    f"expected: {item.expected}\ngot: {item.got}"
                )
        return agreed

    @staticmethod
    def _look_for_witness(filled: Filled[Case]) -> None:
        """Refuse a case whose expectations nobody but the reference supports."""
        steps = filled.data["steps"]
        open_steps = {number for number, step in enumerate(steps, 1) if "expect" in step}
        for witness in filled.data.get("witness", ()):
            if witness["kind"] == "engine":
                open_steps -= parse_numbers(witness["steps"])
            elif witness["kind"] == "suite" or (witness["text"].strip() and filled.case.rules):
                return
        if open_steps:
            filled.refusals.append(
                f"no witness for step {numbers_text(open_steps)}: neither a derivation that names "
                "its rule, nor the official suite, nor an independent engine"
            )


def _came_later(data: Mapping[str, Any], name: str, version: str) -> bool:
    """Whether it is a later release of an engine that has confirmed a case."""
    noted = [_release(item["version"]) for item in confirmed_by(data, name)]
    return any(release > _release(version) for release in noted)


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version, to be compared."""
    return tuple(map(int, re.findall(r"\d+", version)))


def known_witnesses() -> tuple[str, ...]:
    """The names of the backends that can confirm the reference, installed or not."""
    return tuple(name for name in backend_names() if backend_info(name).witness)


def fill_cases(
    cases: Sequence[Case],
    *,
    check: bool = False,
    on_filled: Callable[[Filled[Case]], None] | None = None,
) -> list[Filled[Case]]:
    """Fill or check many cases, one after the other; writes the files of those that changed."""
    return fill_each(cases, Filler(), on_filled, check=check)


def confirmed_steps(data: Mapping[str, Any], name: str) -> set[int]:
    """Numbers of the steps that a case says an engine has confirmed."""
    found = confirmed_by(data, name)
    return {number for item in found for number in parse_numbers(item["steps"])}
