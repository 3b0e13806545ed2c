"""Expectations: derived from the reference, and believed for a reason.

What must come of a run is what the reference came to. That alone would make the reference right by
definition, so each case needs a *witness*: a derivation by hand that names its rule, the official
suite, or an independent runtime that came to the same. Runs with several right outcomes are
written by hand; here it is only seen that the reference's is among them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass(slots=True)
class Filled:
    """What became of one case."""

    case: Case
    data: dict[str, Any]
    """Its document, with expectations and witnesses."""

    refusals: list[str] = field(default_factory=list)
    """Why its expectations are not to be believed; none mostly."""

    asked: list[str] = field(default_factory=list)
    """The independent runtimes that played some of its runs, and came to the same."""

    @property
    def changed(self) -> bool:
        """Whether the document is another one than before."""
        return self.data != self.case.data

    @property
    def text(self) -> str:
        """The document as its file holds it."""
        return document_text(self.data)


def document_text(data: Mapping[str, Any]) -> str:
    """A case as text: the same document is always the same text."""
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


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

    def fill(self, case: Case, *, check: bool = False) -> Filled:
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

    def _derive(self, filled: Filled, number: int, played: Played, check: bool) -> None:
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

    def _ask(self, filled: Filled, case: Case, check: bool) -> None:
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
                _note(filled.data, name, runtime.version, agreed)
            elif missing := sorted(set(_confirmed(filled.data, name)) - set(agreed)):
                told = ", ".join(map(str, missing))
                filled.refusals.append(f"the witness {name} confirms no more: run {told}")

    def _look_for_witness(self, filled: Filled) -> None:
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


def _note(data: dict[str, Any], name: str, version: str, runs: list[int]) -> None:
    """Write down what a runtime has confirmed."""
    witnesses = [item for item in data.get("witness", ()) if item.get("name") != name]
    if runs:
        witnesses.append({"kind": "engine", "name": name, "version": version, "runs": runs})
    data["witness"] = witnesses


def _confirmed(data: Mapping[str, Any], name: str) -> list[int]:
    return [
        number
        for item in data.get("witness", ())
        if item["kind"] == "engine" and item["name"] == name
        for number in item["runs"]
    ]


def installed_witnesses() -> tuple[str, ...]:
    """The names of the runtimes that can confirm the reference, installed or not."""
    return tuple(name for name in runtime_names() if runtime_info(name).witness)


def fill_cases(
    cases: Sequence[Case],
    *,
    check: bool = False,
    on_filled: Callable[[Filled], None] | None = None,
) -> list[Filled]:
    """Fill or check many cases, one after the other; writes the files of those that changed."""
    filler = Filler()
    results = []
    try:
        for case in cases:
            filled = filler.fill(case, check=check)
            if not check and not filled.refusals and filled.changed:
                path_of(case).write_text(filled.text, "utf-8")
            results.append(filled)
            if on_filled is not None:
                on_filled(filled)
    finally:
        filler.close()
    return results


def path_of(case: Case) -> Path:
    """The file of a case."""
    return case.folder / f"{case.name}.json"
