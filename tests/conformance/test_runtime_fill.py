"""Expectations of the runtime suite: derived, witnessed, refused, and checked again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from refexec_conformance.filled import Filled, path_of
from refexec_conformance.runtime.backend import End, Stage, Start
from refexec_conformance.runtime.case import Case, read_case
from refexec_conformance.runtime.fill import Filler, fill_cases, installed_witnesses
from refexec_conformance.runtime.library import all_cases

from command_line import call
from runtime_cases import RIGHT, Breaks, Wrapped, document, make_case

SAMPLE = all_cases()[::8]
"""Every eighth case. `tox -e conformance` checks them all."""


@pytest.fixture
def filler() -> Iterator[Filler]:
    made = Filler()
    yield made
    made.close()


def test_expectations_are_reproducible_and_confirmed_again() -> None:
    results = fill_cases(SAMPLE, check=True)
    assert [(item.case.name, item.refusals) for item in results if item.refusals] == []
    assert sum(bool(item.asked) for item in results) >= len(results) * 3 // 4
    assert not any(item.changed for item in results)


def test_wasmtime_is_the_witness() -> None:
    assert installed_witnesses() == ("wasmtime",)


def test_an_expectation_is_derived_and_confirmed(filler: Filler, tmp_path: Path) -> None:
    case = make_case(tmp_path, document(runs=[{"entry": "main", "expect": []}], witness=[]))
    filled = filler.fill(case)
    assert filled.refusals == []
    assert filled.data["runs"][0]["expect"] == [RIGHT]
    (witness,) = filled.data["witness"]
    assert (witness["kind"], witness["name"], witness["runs"]) == ("engine", "wasmtime", [1])
    assert filled.changed


def test_a_case_without_a_witness_is_refused(tmp_path: Path) -> None:
    case = make_case(tmp_path, document(witness=[]))
    for witness in ([], [{"kind": "derivation", "text": " "}]):
        case.data["witness"] = witness
        (filled,) = _alone(case)
        (refusal,) = filled.refusals
        assert refusal.startswith("no witness for run 1: neither a derivation that names its rule")
    for witness in ([{"kind": "suite", "text": "names.wast"}], document()["witness"]):
        case.data["witness"] = witness
        (filled,) = _alone(case)
        assert filled.refusals == []


def _alone(case: Case) -> list[Filled[Case]]:
    """Fill without any independent runtime."""
    filler = Filler(witnesses=())
    try:
        return [filler.fill(case)]
    finally:
        filler.close()


def test_a_witness_that_contradicts_refuses(filler: Filler, tmp_path: Path) -> None:
    class Liar(Wrapped):
        def play(self, start: Start, stage: Stage) -> End:
            end = self.inside.play(start, stage)
            end.result = 1
            return end

    case = make_case(tmp_path)
    filler._witnesses["wasmtime"] = Liar(filler._witnesses["wasmtime"])
    filled = filler.fill(case)
    assert "run 1: the witness wasmtime 0 differs" in filled.refusals[0]
    assert "result 1: halted unsuccessfully" in filled.refusals[0]


def test_check_finds_what_is_not_reproducible(filler: Filler, tmp_path: Path) -> None:
    wrong = [{**RIGHT, "debug": "ho\n"}]
    case = make_case(tmp_path, document(runs=[{"entry": "main", "expect": wrong}]))
    (refusal,) = filler.fill(case, check=True).refusals
    assert refusal.startswith("run 1: the reference differs")
    assert "ho" in refusal
    incomplete = [{"trap": 0, "result": 0}]
    case = make_case(tmp_path, document(runs=[{"entry": "main", "expect": incomplete}]))
    assert filler.fill(case, check=True).refusals


def test_check_finds_a_witness_that_confirms_no_more(filler: Filler, tmp_path: Path) -> None:
    witness = {"kind": "engine", "name": "wasmtime", "version": "1", "runs": [1, 2]}
    case = make_case(tmp_path, document(witness=[witness]))
    assert filler.fill(case, check=True).refusals == [
        "the witness wasmtime confirms no more: run 2"
    ]


def test_a_reference_that_fails_refuses(
    filler: Filler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filler, "_reference", Breaks(filler._reference))
    filled = filler.fill(make_case(tmp_path))
    assert filled.refusals == ["run 1: the reference: error: LookupError: a bug"]


def test_outcomes_that_were_written_by_hand_stay(filler: Filler, tmp_path: Path) -> None:
    outcomes = [{"trap": 0, "result": 0}, {"trap": 2}]
    case = make_case(tmp_path, document(runs=[{"entry": "main", "expect": outcomes}]))
    filled = filler.fill(case)
    assert filled.data["runs"][0]["expect"] == outcomes
    assert filler.fill(case, check=True).refusals == []


def test_the_command_fills_checks_and_refuses(tmp_path: Path) -> None:
    case = make_case(tmp_path, document(runs=[{"entry": "main", "expect": []}], witness=[]))
    path = path_of(case)
    done = call("conform", "fill", "runtime", "--cases", tmp_path)
    assert done.exit_code == 0
    assert done.stdout == "1 cases: 1 confirmed by an independent runtime, 0 refused, 1 written\n"
    assert read_case(path, tmp_path).data["runs"][0]["expect"] == [RIGHT]
    done = call("conform", "fill", "runtime", "--check", "--cases", tmp_path, "--file", "test/*")
    assert done.exit_code == 0
    path.write_text(path.read_text().replace('"hi\\\\n"', '"ho\\\\n"').replace("hi\\n", "ho\\n"))
    done = call("conform", "fill", "runtime", "--check", "--cases", tmp_path)
    assert done.exit_code == 1
    assert "test/case: run 1: the reference differs" in done.stdout


def test_a_witness_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wasmtime", None)
    filler = Filler()
    assert filler.absent == ["wasmtime"]
    filler.close()
