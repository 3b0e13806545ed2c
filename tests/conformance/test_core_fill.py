"""Expectations of the kit's own cases: derived, witnessed, refused, and checked again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from refexec_conformance.backends.reference import Machine
from refexec_conformance.filled import Filled
from refexec_conformance.own import suite
from refexec_conformance.own.case import Case, read_case, read_cases
from refexec_conformance.own.fill import Filler, fill_cases, known_witnesses

from command_line import call
from core_cases import document, make_case

SAMPLE = read_cases(suite.folder())[::4]
"""Every fourth case. `tox -e conformance` checks them all."""

RIGHT = document()["steps"][1]["expect"]


@pytest.fixture
def filler() -> Iterator[Filler]:
    made = Filler(["wasmtime"])
    yield made
    made.close()


def changed(folder: Path, witness: list[Any] | None = None, **step: Any) -> Case:
    """A case whose second step is different."""
    data = document() if witness is None else document(witness=witness)
    data["steps"][1] |= step
    return make_case(folder, data)


def alone(case: Case, *, check: bool = False) -> Filled[Case]:
    """Fill without any witness that is an engine."""
    return Filler([]).fill(case, check=check)


def test_expectations_are_reproducible_and_confirmed_again() -> None:
    results = fill_cases(SAMPLE, check=True)
    assert [(item.case.name, item.refusals) for item in results if item.refusals] == []
    assert sum(bool(item.asked) for item in results) >= len(results) * 3 // 4
    assert not any(item.changed for item in results)


def test_who_the_witnesses_are() -> None:
    engines = ("wasmtime", "wasmtime_deterministic", "wasmtime_metered")
    assert known_witnesses() == ("bun", "node", "wabt", *engines)


def test_an_expectation_is_derived_and_confirmed(filler: Filler, tmp_path: Path) -> None:
    data = document(witness=[])
    for step in data["steps"]:
        step["expect"] = []
    filled = filler.fill(make_case(tmp_path, data))
    assert filled.refusals == []
    assert filled.data["steps"] == document()["steps"]
    (witness,) = filled.data["witness"]
    assert (witness["kind"], witness["name"], witness["steps"]) == ("engine", "wasmtime", "1-2")
    assert filled.changed


def test_fuel_is_derived_where_a_case_is_about_it(tmp_path: Path) -> None:
    data = document(features=["fuel", "exact fuel"])
    data["steps"][1]["expect"] = []
    stops = {"do": "call", "function": "seven", "fuel": 1, "expect": []}
    data["steps"].append(stops)
    filled = alone(make_case(tmp_path, data))
    assert filled.data["steps"][1]["expect"] == [{**RIGHT[0], "fuel": 2}]
    assert filled.data["steps"][2]["expect"] == [{"out_of_fuel": True}]


def test_a_case_without_a_witness_is_refused(tmp_path: Path) -> None:
    for witness in ([], [{"kind": "derivation", "text": " "}]):
        (refusal,) = alone(changed(tmp_path, witness)).refusals
        assert refusal.startswith("no witness for step 1-2: neither a derivation that names its")
    for witness in ([{"kind": "suite", "text": "const.wast"}], document()["witness"]):
        assert alone(changed(tmp_path, witness)).refusals == []


def test_a_witness_that_contradicts_refuses(
    filler: Filler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Machine.invoke
    monkeypatch.setattr(
        Machine,
        "invoke",
        lambda self, instance, name, args: right(self, instance, "trap", args),
    )
    filled = filler.fill(changed(tmp_path, expect=[]))
    assert filled.data["steps"][1]["expect"] == [{"trap": "unreachable"}]
    assert filled.refusals == [
        "step 2: the witness wasmtime differs\nexpected: trap: unreachable\ngot: (i32 7)"
    ]


def test_check_finds_what_is_not_reproducible(tmp_path: Path) -> None:
    wrong = [{"returns": [{"type": "i32", "value": "8"}]}]
    case = changed(tmp_path, expect=wrong)
    (refusal,) = alone(case, check=True).refusals
    assert refusal.startswith("step 2: the reference differs")
    filled = alone(case)
    assert (filled.refusals, filled.data["steps"][1]["expect"]) == ([], RIGHT)


def test_an_older_witness_is_not_asked_for_what_came_later(filler: Filler, tmp_path: Path) -> None:
    """It does not claim the feature here; an older release of one that has it would not either."""
    engine = {"kind": "engine", "name": "wasmtime", "steps": "1-2"}
    for version, refusals in (("999.0", []), ("0.1", ["confirms no more"])):
        data = document(features=["fuel"], witness=[{**engine, "version": version}])
        data["steps"][1]["expect"] = [{**RIGHT[0], "fuel": 2}]
        found = filler.fill(make_case(tmp_path, data), check=True).refusals
        assert [words in told for words, told in zip(refusals, found, strict=True)] == (
            [True] * len(refusals)
        )


def test_check_finds_a_witness_that_confirms_no_more(filler: Filler, tmp_path: Path) -> None:
    witness = {"kind": "engine", "name": "wasmtime", "version": "1", "steps": "1-3"}
    case = changed(tmp_path, [witness])
    assert filler.fill(case, check=True).refusals == [
        "the witness wasmtime confirms no more: step 3"
    ]


def test_outcomes_that_were_written_by_hand_stay(tmp_path: Path) -> None:
    several = [*RIGHT, {"trap": "unreachable"}]
    filled = alone(changed(tmp_path, expect=several))
    assert (filled.refusals, filled.changed) == ([], False)
    wrong = [{"trap": "unreachable"}, {"throws": True}]
    (refusal,) = alone(changed(tmp_path, expect=wrong)).refusals
    assert refusal.endswith("got: (i32 7)")


def test_the_command_fills_checks_and_refuses(tmp_path: Path) -> None:
    data = document(witness=[])
    data["steps"][1]["expect"] = []
    case = make_case(tmp_path, data)
    done = call("conform", "fill", "cases", "--cases", tmp_path)
    assert done.exit_code == 0
    assert done.stdout == "1 cases: 1 confirmed by an independent engine, 0 refused, 1 written\n"
    path = tmp_path / f"{case.name}.json"
    assert read_case(path, tmp_path).data["steps"][1]["expect"] == RIGHT
    path.write_text(path.read_text().replace('"7"', '"8"'))
    suite.cases_in.cache_clear()
    done = call("conform", "fill", "cases", "--check", "--cases", tmp_path)
    assert done.exit_code == 1
    assert "test/case: step 2: the reference differs" in done.stdout


def test_folders_and_patterns_need_a_suite(tmp_path: Path) -> None:
    done = call("conform", "fill", "--file", "*")
    assert done.exit_code == 2
    assert "need a suite: cases or runtime" in done.stderr


def test_a_witness_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wasmtime", None)
    assert Filler(["wasmtime"]).absent == ["wasmtime"]
