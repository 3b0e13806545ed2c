"""The probes: what they ask, and that what they find is found by the kit."""

from __future__ import annotations

from pathlib import Path

import pytest
from refexec_conformance.backend import backend_names, default_backends
from refexec_conformance.conduct import conduct
from refexec_conformance.expectations import expectations_of
from refexec_conformance.pool import run_file
from refexec_conformance.probing import ProbeSuite, open_probes
from refexec_conformance.reports.document import to_document
from refexec_conformance.reports.page import answers
from refexec_conformance.verdicts import FileVerdict, Verdict

from refexec.errors import InputError
from suite_folder import write_suite

NAMES = open_probes().names


def failures(name: str, backend: str) -> list[tuple[int, str]]:
    """Line and observation of what a backend fails in a probe."""
    if backend.startswith("p"):
        pytest.importorskip(backend.split("_")[0], reason="the engine is not installed")
    result = run_file(open_probes(), name, backend)
    return [
        (item.line, item.got) for item in result.failures if item.verdict is not Verdict.UNSUPPORTED
    ]


@pytest.mark.parametrize("backend", ["reference", "translated"])
@pytest.mark.parametrize("name", NAMES)
def test_refexec_answers_all(name: str, backend: str) -> None:
    result = run_file(open_probes(), name, backend)
    assert result.verdict is FileVerdict.PASS, [str(item) for item in result.findings]


def test_every_probe_asks_a_question() -> None:
    for name in NAMES:
        assert open_probes().story(name).endswith(".")


@pytest.mark.parametrize("backend", ["pywasm", "pwasm"])
def test_invalid_modules_run(backend: str) -> None:
    found = failures("invalid_modules", backend)
    assert len(found) == 9
    assert {got for _, got in found} == {"module accepted"}


def test_pywasm_nests_1024_calls_and_no_more() -> None:
    assert [line for line, _ in failures("nested_calls", "pywasm")] == [12, 13]


def test_pywasm_is_dead_after_a_trap() -> None:
    assert failures("after_a_trap", "pywasm_plain")[0] == (15, "trap: AssertionError: ")
    # The kit's adapter for the core suite clears its stacks by hand.
    assert [line for line, _ in failures("after_a_trap", "pywasm")] == [21]


def test_pywasm_loads_any_module_as_empty_under_optimization() -> None:
    found = failures("exports", "pywasm_optimized")
    assert [line for line, _ in found] == [9, 10]
    assert "not enough values to unpack (expected 1, got 0)" in found[0][1]


def test_pwasm_charges_straight_line_code_no_fuel() -> None:
    assert failures("fuel", "pwasm_metered") == [(60, "1 fuel")]


def test_what_was_found_stands_in_the_report_with_its_case() -> None:
    pytest.importorskip("pwasm", reason="pwasm is not installed")
    suite = open_probes()
    run = conduct(suite, ["fuel"], "pwasm_metered", jobs=1, kind="probes")
    assert run.passed
    ((case, (answer,)),) = answers(to_document([run]))
    assert (case["name"], answer.backend, answer.got) == ("fuel", "pwasm_metered", "1 fuel")


def test_which_backends_are_asked() -> None:
    extra = set(default_backends("probes")) - set(default_backends())
    assert extra == {"pywasm_plain", "pywasm_optimized", "pwasm_metered"}
    for name in backend_names():
        assert set(expectations_of(name, "probes").fails) <= set(NAMES)


def test_questions_about_fuel(tmp_path: Path) -> None:
    question = ';; fuel: invoke "f" (i32.const 7) at least {least}'
    module = '(module (func (export "f") (param i32) (result i32) (local.get 0)))\n'
    text = module + question.format(least=2) + "\n" + question.format(least=99)
    suite = ProbeSuite(write_suite(tmp_path, case=text))
    (finding,) = run_file(suite, "case", "reference").failures
    assert (finding.line, finding.index) == (3, 2)
    assert (finding.expected, finding.got) == ("at least 99 fuel", "2 fuel")
    assert finding.must == "It must be charged at least 99 fuel."
    broken = ProbeSuite(write_suite(tmp_path, case=module + ";; fuel: what?"))
    with pytest.raises(InputError, match="line 2: expected a question about fuel"):
        broken.load("case")


def test_who_cannot_tell_fuel_declines(tmp_path: Path) -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    text = '(module (func (export "f")))\n;; fuel: invoke "f" at least 1'
    (finding,) = run_file(ProbeSuite(write_suite(tmp_path, case=text)), "case", "wasmtime").findings
    assert finding.verdict is Verdict.UNSUPPORTED


def test_programs_are_asked_for_fuel_by_the_protocol(tmp_path: Path) -> None:
    pytest.importorskip("pwasm", reason="pwasm is not installed")
    text = '(module (func (export "f")) (func (export "trap") unreachable))\n'
    text += ';; fuel: invoke "f" at least 1\n;; fuel: invoke "trap" at least 1'
    suite = ProbeSuite(write_suite(tmp_path, case=text))
    (finding,) = run_file(suite, "case", "pwasm_metered").findings
    assert (finding.line, finding.verdict) == (3, Verdict.FAIL)
    assert finding.got.startswith("trap")
