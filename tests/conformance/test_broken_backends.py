"""Broken engines are convicted: on the right cases, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest
from refexec_conformance import assemble
from refexec_conformance.conduct import conduct, default_jobs
from refexec_conformance.pool import run_file
from refexec_conformance.verdicts import FileVerdict, Verdict

from refexec.errors import ConfigError, UnavailableError
from suite_folder import judge, write_suite

ARITHMETIC = """(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1))))
(assert_return (invoke "add" (i32.const 1) (i32.const 1)) (i32.const 2))
(assert_return (invoke "sub" (i32.const 1) (i32.const 1)) (i32.const 0))
(assert_invalid (module (func (result i32))) "type mismatch")"""


def test_a_wrong_instruction_is_convicted(tmp_path: Path) -> None:
    result = judge(tmp_path, ARITHMETIC, "broken_backends.wrong_add")
    (finding,) = result.findings
    assert finding.line == 4
    assert finding.command == 'assert_return invoke "add" (i32 1) (i32 1)'
    assert (finding.expected, finding.got) == ("(i32 2)", "(i32 3)")


def test_a_missing_validator_is_convicted(tmp_path: Path) -> None:
    result = judge(tmp_path, ARITHMETIC, "broken_backends.lenient")
    (finding,) = result.findings
    assert finding.line == 6
    assert (finding.expected, finding.got) == ("invalid: type mismatch", "module accepted")


def test_a_crash_and_a_hang_cost_the_file_and_not_the_run(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        crash='(module (func (export "crash")))\n(invoke "crash")\n(invoke "crash")',
        fine='(module (func (export "fine")))\n(assert_return (invoke "fine"))',
        hang='(module (func (export "hang")))\n(invoke "hang")',
        well='(module (func (export "well")))\n(assert_return (invoke "well"))',
    )
    seen: list[str] = []
    result = conduct(
        suite,
        suite.names,
        "broken_backends.fragile",
        jobs=1,
        seconds=0.5,
        on_result=lambda file: seen.append(file.name),
    )
    crash, fine, hang, well = result.files
    assert crash.findings[0].verdict is Verdict.CRASH
    assert crash.findings[0].line == 2
    assert crash.findings[0].got == "the process ended with status -9"
    assert hang.findings[0].verdict is Verdict.TIMEOUT
    assert hang.findings[0].line == 2
    assert fine.verdict is FileVerdict.PASS
    assert well.verdict is FileVerdict.PASS
    assert seen == ["crash", "fine", "hang", "well"]
    assert not result.passed
    assert result.counts == {Verdict.PASS: 4, Verdict.CRASH: 1, Verdict.TIMEOUT: 1}


def test_files_run_in_several_processes_and_come_back_in_order(tmp_path: Path) -> None:
    names = [f"case{number}" for number in range(5)]
    suite = write_suite(tmp_path, **dict.fromkeys(names, "(module)"))
    result = conduct(suite, names, "reference", jobs=3)
    assert [file.name for file in result.files] == names
    assert result.passed
    assert result.counts == {Verdict.PASS: 5}
    assert dict(result.environment)["python"]


def test_a_file_that_cannot_be_read_is_a_result_and_the_run_goes_on(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, broken="(module (func", fine="(module)")
    broken, fine = conduct(suite, suite.names, "reference", jobs=2).files
    assert broken.verdict is FileVerdict.FAIL
    (finding,) = broken.findings
    assert finding.verdict is Verdict.ERROR
    assert finding.got.startswith("broken.wast cannot be assembled")
    assert fine.verdict is FileVerdict.PASS


def test_without_the_assembler_the_run_ends_with_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_suite(tmp_path, case="(module)")
    monkeypatch.setattr(assemble, "PACKAGE", "no-such-package-of-refexec")
    with pytest.raises(UnavailableError, match="pip install"):
        run_file(suite, "case", "reference")


def test_an_unknown_backend_is_told_before_any_process_starts(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, case="(module)")
    with pytest.raises(ConfigError, match="no backend"):
        conduct(suite, suite.names, "wonder")


def test_there_is_at_least_one_job() -> None:
    assert default_jobs() >= 1
