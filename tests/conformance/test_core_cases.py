"""The kit's own cases for engines: their form, their modules, and that refexec passes them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from refexec_conformance.areas import CASES as KIND
from refexec_conformance.areas import OTHER, area_of
from refexec_conformance.backend import backend_names
from refexec_conformance.expectations import expectations_of
from refexec_conformance.features import PROMISES, all_features
from refexec_conformance.filled import document_text
from refexec_conformance.own import suite
from refexec_conformance.own.case import case_of, read_case, read_cases
from refexec_conformance.own.families.write import files as family_files
from refexec_conformance.own.suite import CaseSuite, open_cases
from refexec_conformance.pool import run_file
from refexec_conformance.runtime.library import assemble_programs
from refexec_conformance.verdicts import FileVerdict, Verdict

from core_cases import document, make_case
from refexec.errors import InputError

CASES = read_cases(suite.folder())
SCHEMA = jsonschema.Draft202012Validator(suite.schema())


@pytest.mark.parametrize("backend", ["reference", "translated"])
@pytest.mark.parametrize("name", [n for n in open_cases().names if not n.startswith("versions")])
def test_refexec_passes(name: str, backend: str) -> None:
    result = run_file(open_cases(), name, backend)
    assert result.verdict is FileVerdict.PASS, [str(item) for item in result.findings]


def test_every_case_has_the_form_of_the_schema(tmp_path: Path) -> None:
    SCHEMA.check_schema(suite.schema())
    wrong = [
        (case.name, error.message) for case in CASES for error in SCHEMA.iter_errors(case.data)
    ]
    assert wrong == []
    assert list(SCHEMA.iter_errors(document())) == []
    assert list(SCHEMA.iter_errors(document(more=1))) != []


def test_every_case_is_written_in_one_way() -> None:
    for case in CASES:
        path = case.folder / f"{case.name}.json"
        assert path.read_text("utf-8") == document_text(case.data), case.name


def test_every_case_says_what_it_tests() -> None:
    areas = {case.tags[0] for case in CASES}
    assert areas == {
        *("fuel", "limits", "mixed", "nan", "stack", "traps"),
        *("chance", "counting", "guards", "lanes", "order", "ranges", "again"),
        *("nans", "reach", "turning", "warming"),
    }
    for case in CASES:
        assert case.tags[0] == case.name.split("/")[0], case.name
        assert area_of(case.name, KIND).title != OTHER, case.name
        assert case.story.startswith(case.title)
        assert {*case.features} <= {*all_features(), *PROMISES}, case.name
    assert area_of("wonder/case", KIND).title == OTHER


@pytest.mark.parametrize(
    "name", ["binary/malformed", "binary/malformed64", "binary/truncated", "invalid/modules"]
)
def test_scripts_of_modules_to_be_refused_are_confirmed_by_an_independent_engine(name: str) -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    result = run_file(open_cases(), name, "wasmtime")
    assert result.verdict is FileVerdict.PASS, [str(item) for item in result.findings]
    assert open_cases().story(name).endswith(".")
    assert area_of(name, KIND).title != OTHER
    assert {*suite.case_features(name)} <= {*all_features()}


def test_no_module_is_left_over() -> None:
    folder = suite.folder()
    used = frozenset[str]().union(*(case.modules for case in CASES))
    assert {path.name for path in folder.glob("*.wasm")} == used


def test_modules_are_what_their_sources_say() -> None:
    assert suite.main(["--check"]) == 0
    modules = assemble_programs(suite.folder())
    assert {path.with_suffix(".wat") for path in modules} == {*suite.folder().glob("*.wat")}


def test_families_are_what_their_tables_say() -> None:
    found = family_files(suite.folder())
    assert len(found) > 30
    for path, text in found.items():
        assert path.read_text("utf-8") == text, path


def test_expectations_are_about_cases_that_there_are() -> None:
    names = {*open_cases().names}
    for name in backend_names():
        assert set(expectations_of(name, KIND).fails) <= names


def test_a_step_without_a_word_in_scripts_is_a_set_of_outcomes(tmp_path: Path) -> None:
    seven, eight = {"returns": [number(7)]}, {"returns": [number(8)]}
    steps = document()["steps"]
    steps[1] |= {"expect": [seven, {"trap": "unreachable"}, {"exhausted": True}]}
    case = make_case(tmp_path, document(steps=steps))
    result = run_file(CaseSuite(tmp_path), case.name, "reference")
    assert result.verdict is FileVerdict.PASS
    steps[1] |= {"expect": [eight, {"throws": True}]}
    case = make_case(tmp_path, document(steps=steps))
    (finding,) = run_file(CaseSuite(tmp_path), case.name, "reference").findings
    assert finding.place == "test/case, step 2"
    assert (finding.expected, finding.got) == ("(i32 8), or uncaught exception", "(i32 7)")
    assert finding.must == "It must come to this: (i32 8), or uncaught exception."


def number(value: int) -> dict[str, str]:
    return {"type": "i32", "value": str(value)}


@pytest.mark.parametrize("version", [1, 2])
def test_an_engine_of_one_version_refuses_what_came_later(version: int) -> None:
    name = f"versions/only_{version}"
    result = run_file(open_cases(), name, f"reference_{version}")
    assert result.verdict is FileVerdict.PASS, [str(item) for item in result.findings]
    assert result.counts.total() >= 60
    later = run_file(open_cases(), name, "reference")
    assert later.verdict is FileVerdict.UNSUPPORTED


@pytest.mark.parametrize("version", [1, 2])
def test_which_version_a_module_needs_is_confirmed_by_an_independent_validator(
    version: int,
) -> None:
    script = open_cases().load(f"versions/only_{version}")
    for command in script.commands:
        assert command.module is not None
        told = subprocess.run(
            ["wasm-tools", "validate", "--features", f"wasm{version}", "-"],
            input=script.modules[command.module],
            capture_output=True,
            check=False,
        )
        assert (told.returncode == 0) == (command.type == "module_definition"), command


@pytest.mark.parametrize(
    ("step", "expect", "got"),
    [
        ({"do": "load", "module": "seven.wasm"}, {"loaded": True}, ""),
        ({"do": "load", "module": "seven.wasm"}, {"refused": "invalid"}, "module accepted"),
        ({"do": "instantiate", "module": "seven.wasm"}, {"trap": "x"}, "module instantiated"),
        ({"do": "instantiate", "module": "seven.wasm"}, {"throws": True}, "module instantiated"),
        ({"do": "instantiate", "module": "needs.wasm"}, {"refused": "unlinkable"}, ""),
        ({"do": "get", "global": "g"}, {"returns": [number(5)]}, ""),
        ({"do": "call", "function": "trap"}, {"trap": "unreachable"}, ""),
        ({"do": "call", "function": "trap"}, {"exhausted": True}, "trap: unreachable"),
        ({"do": "call", "function": "seven"}, {"returns": [number(7)], "fuel": 2}, ""),
        ({"do": "call", "function": "seven"}, {"returns": [], "fuel": 2}, "(i32 7), 2 fuel"),
        ({"do": "call", "function": "seven", "fuel": 1}, {"out_of_fuel": True}, ""),
        ({"do": "call", "function": "seven", "fuel": 2}, {"out_of_fuel": True}, "(i32 7)"),
    ],
)
def test_steps(tmp_path: Path, step: dict[str, Any], expect: dict[str, Any], got: str) -> None:
    data = document(steps=[document()["steps"][0], {**step, "expect": [expect]}])
    assert list(SCHEMA.iter_errors(data)) == []
    case = make_case(tmp_path, data)
    result = run_file(CaseSuite(tmp_path), case.name, "reference")
    assert [item.got for item in result.findings] == ([got] if got else [])


def test_fuel_is_asked_only_of_those_who_claim_it(tmp_path: Path) -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    step = {"do": "call", "function": "seven", "expect": [{"returns": [number(7)], "fuel": 2}]}
    steps = [document()["steps"][0], step]
    case = make_case(tmp_path, document(steps=steps, features=["fuel"]))
    plain = run_file(CaseSuite(tmp_path), case.name, "wasmtime")
    assert (plain.verdict, plain.counts[Verdict.UNSUPPORTED]) == (FileVerdict.UNSUPPORTED, 2)
    metered = run_file(CaseSuite(tmp_path), case.name, "wasmtime_metered")
    assert metered.verdict is FileVerdict.PASS
    case = make_case(tmp_path, document(steps=steps))
    (finding,) = run_file(CaseSuite(tmp_path), case.name, "wasmtime").findings
    assert finding.verdict is Verdict.UNSUPPORTED
    steps[1] = {"do": "call", "function": "seven", "fuel": 1, "expect": [{"out_of_fuel": True}]}
    case = make_case(tmp_path, document(steps=steps, features=["fuel", "exact fuel"]))
    stops = run_file(CaseSuite(tmp_path), case.name, "wasmtime_metered")
    assert stops.verdict is FileVerdict.UNSUPPORTED
    case = make_case(tmp_path, document(steps=steps))
    (finding,) = run_file(CaseSuite(tmp_path), case.name, "wasmtime").findings
    assert finding.got == "declined: it does not stop calls"


@pytest.mark.parametrize("change", [{"steps": 1}, {"steps": [{"do": "dance"}]}, {"rules": None}])
def test_what_is_no_case_is_one_clear_error(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "test" / "case.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document(**change)))
    with pytest.raises(InputError):
        read_case(path, tmp_path)
    path.write_text("{")
    with pytest.raises(InputError, match="is no case"):
        read_case(path, tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_case(tmp_path / "gone.json", tmp_path)


def test_what_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    case = case_of(document(), "test/case", tmp_path)
    with pytest.raises(InputError, match=r"seven\.wasm cannot be read"):
        case.script()
    with pytest.raises(InputError, match="no case 'x'"):
        open_cases().load("x")
    steps = [{"do": "get", "global": "g", "expect": [{"wonders": 1}]}]
    with pytest.raises(InputError, match="expected an outcome"):
        case_of(document(steps=steps), "test/case", tmp_path)
