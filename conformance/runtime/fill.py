"""Expectations: derived from the reference, and believed for a reason.

What must come of a run is what the reference came to. That alone would make the reference right by
definition, so each case needs a *witness*: a derivation by hand that names its rule, the official
suite, or an independent runtime that came to the same. Runs with several right outcomes are
written by hand; here it is only seen that the reference's is among them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from refexec_conformance.filled import Filled, confirmed_by, fill_each, note_witness
from refexec_conformance.runtime.backend import (
    Runtime,
    close_runtime,
    create_runtime,
    runtime_info,
    runtime_names,
)
from refexec_conformance.runtime.case import Case, case_of
from refexec_conformance.runtime.judge import Played, fits, play_case, side_by_side
from refexec_conformance.verdicts import Verdict

from refexec.errors import UnavailableError

REFERENCE = "reference"
"""The runtime that expectations come from."""


class Filler:
    """The reference and the witnesses that are installed."""

    def __init__(self, reference: str = REFERENCE, witnesses: Sequence[str] | None = None) -> None:
        """Start them. A witness that is not installed is left out."""
        self._reference = create_runtime(reference)
        self.absent: list[str] = []
        self._witnesses: dict[str, Runtime] = {}
        for name in installed_witnesses() if witnesses is None else witnesses:
            try:
                self._witnesses[name] = create_runtime(name)
            except UnavailableError:
                self.absent.append(name)

    def close(self) -> None:
        """Let go of them."""
        for runtime in (self._reference, *self._witnesses.values()):
            close_runtime(runtime)

    def fill(self, case: Case, *, check: bool = False) -> Filled[Case]:
        """Derive the expectations of a case, and ask the witnesses.

        With `check`, nothing is derived: what the case says must be what the reference comes to.
        """
        filled = Filled(case, copy.deepcopy(case.data))
        for number, played in enumerate(play_case(case, self._reference)):
            self._derive(filled, number, played, check)
        if not filled.refusals:
            filled_case = case_of(filled.data, case.name, case.folder)
            self._ask(filled, filled_case, check)
            self._look_for_witness(filled)
        return filled

    def _derive(self, filled: Filled[Case], number: int, played: Played, check: bool) -> None:
        run = filled.data["runs"][number]
        where = f"run {number + 1}"
        if played.verdict is not None:
            filled.refusals.append(f"{where}: the reference: {played.verdict}: {played.message}")
            return
        outcomes = run.get("expect", [])
        by_hand = len(outcomes) > 1
        if not check and not by_hand:
            run["expect"] = [played.observed]
            return
        # What is written by hand may leave things out; what is derived may not.
        right = any(
            fits(outcome, played.observed) and (by_hand or outcome.keys() == played.observed.keys())
            for outcome in outcomes
        )
        if not right:
            expected, got = side_by_side(outcomes, played)
            filled.refusals.append(
                f"{where}: the reference differs\nexpected: {expected}\ngot: {got}"
            )

    def _ask(self, filled: Filled[Case], case: Case, check: bool) -> None:
        for name, runtime in self._witnesses.items():
            agreed = []
            for number, played in enumerate(play_case(case, runtime)):
                if played.verdict is Verdict.UNSUPPORTED:
                    continue
                expect = case.runs[number].expect
                if played.verdict is None and any(fits(one, played.observed) for one in expect):
                    agreed.append(number + 1)
                    continue
                expected, got = side_by_side(expect, played)
                filled.refusals.append(
                    f"run {number + 1}: the witness {name} {runtime.version} differs\n"
                    f"expected: {expected}\ngot: {got}"
                )
            if agreed:
                filled.asked.append(name)
            if not check:
                note_witness(filled.data, name, runtime.version, runs=agreed)
            elif missing := sorted(confirmed_runs(filled.data, name).difference(agreed)):
                told = ", ".join(map(str, missing))
                filled.refusals.append(f"the witness {name} confirms no more: run {told}")

    def _look_for_witness(self, filled: Filled[Case]) -> None:
        """Refuse a case whose expectations nobody but the reference supports."""
        runs = set(range(1, len(filled.case.runs) + 1))
        for witness in filled.data.get("witness", ()):
            if witness["kind"] == "engine":
                runs -= set(witness["runs"])
            elif witness["kind"] == "suite" or (
                witness["text"].strip() and (filled.case.rules or filled.case.scenarios)
            ):
                return
        if runs:
            told = ", ".join(map(str, sorted(runs)))
            filled.refusals.append(
                f"no witness for run {told}: neither a derivation that names its rule, nor the "
                "official suite, nor an independent runtime"
            )


def confirmed_runs(data: Mapping[str, Any], name: str) -> set[int]:
    """Numbers of the runs that a case says a runtime has confirmed."""
    return {number for item in confirmed_by(data, name) for number in item["runs"]}


def installed_witnesses() -> tuple[str, ...]:
    """The names of the runtimes that can confirm the reference, installed or not."""
    return tuple(name for name in runtime_names() if runtime_info(name).witness)


def fill_cases(
    cases: Sequence[Case],
    *,
    check: bool = False,
    on_filled: Callable[[Filled[Case]], None] | None = None,
) -> list[Filled[Case]]:
    """Fill or check many cases, one after the other; writes the files of those that changed."""
    return fill_each(cases, Filler(), on_filled, check=check)
