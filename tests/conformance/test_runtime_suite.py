"""The runtime suite at work: runtimes that pass, and runtimes with a fault that are convicted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from refexec_conformance.backend import BackendLostError
from refexec_conformance.runtime import backend as runtimes
from refexec_conformance.runtime import conduct
from refexec_conformance.runtime.backend import Declined, End, Runtime, Stage, Start
from refexec_conformance.runtime.conduct import choose_cases, conduct_runtime, find_absent_runtime
from refexec_conformance.runtime.judge import judge_case, play_case
from refexec_conformance.verdicts import FileVerdict, Verdict

from assemble import assemble
from refexec.errors import ConfigError
from runtime_cases import SPEAKS, Breaks, LosesInput, Wrapped, document, make_case

SAMPLE = (
    *("life/halted-runs-again", "entry/entry-missing", "imports/foo", "traps/call-depth"),
    *("abi/poll-input", "debug/lines", "packets/answers-before-offers", "packets/service-aborts"),
    *("stopping/wrote-11-of-16", "stopping/cancel", "stopping/killed-before-start"),
    *("stopping/out-of-fuel", "builtin/origin-subscribe"),
)


@pytest.fixture(scope="module")
def reference() -> Iterator[Runtime]:
    runtime = runtimes.create_runtime("reference")
    yield runtime
    runtimes.close_runtime(runtime)


@pytest.mark.parametrize("name", ["reference", "translated", "wasmtime"])
def test_the_runtimes_of_the_kit_pass(name: str) -> None:
    told: list[str] = []
    result = conduct_runtime(
        choose_cases(SAMPLE), name, jobs=2, on_result=lambda item: told.append(item.name)
    )
    assert [str(finding) for item in result.files for finding in item.findings] == []
    assert result.passed
    assert result.kind == "runtime"
    assert {item.name for item in result.files} == {*SAMPLE} == {*told}
    assert (result.counts[Verdict.UNSUPPORTED] > 0) == (name == "wasmtime")


def test_the_names_of_runtimes() -> None:
    assert runtimes.default_runtimes() == ("reference", "translated", "wasmtime")
    assert find_absent_runtime("reference") is None
    for name in ("nobody", "refexec_conformance.nobody"):
        with pytest.raises(ConfigError, match="no runtime"):
            runtimes.create_runtime(name)
    with pytest.raises(ConfigError, match="no case of the runtime suite fits 'nothing'"):
        choose_cases(["nothing"])


def test_a_runtime_that_is_not_installed_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wasmtime", None)
    absent = find_absent_runtime("wasmtime")
    assert absent is not None
    assert absent.install == "python -m pip install wasmtime"


def test_a_lost_packet_at_suspension_is_convicted(reference: Runtime) -> None:
    broken = LosesInput(reference)
    (case,) = choose_cases(["stopping/unread-answer"])
    # Without the second run, which would wait for ever for what was lost.
    result = judge_case(replace(case, runs=case.runs[:1]), broken)
    first, *_ = result.findings
    assert result.verdict is FileVerdict.FAIL
    assert first.line == 1
    assert "call services size=13" in first.expected
    assert "input: empty" in first.got
    assert "stopping/unread-answer, run 1: fail" in str(first)
    (other,) = choose_cases(["stopping/goes-on"])
    assert judge_case(other, broken).verdict is FileVerdict.PASS


def test_an_exception_of_a_runtime_is_an_error(reference: Runtime, tmp_path: Path) -> None:
    result = judge_case(make_case(tmp_path), Breaks(reference))
    assert result.counts == {Verdict.ERROR: 1}
    assert result.findings[0].got == "error: LookupError: a bug"


def test_a_runtime_that_is_lost_says_how(reference: Runtime, tmp_path: Path) -> None:
    class Lost(Wrapped):
        def play(self, start: Start, stage: Stage) -> End:
            raise BackendLostError(Verdict.CRASH, "signal 11")

    result = judge_case(make_case(tmp_path), Lost(reference))
    assert result.counts == {Verdict.CRASH: 1}
    assert result.findings[0].got == "crash: signal 11"


def test_what_a_runtime_declines_is_unsupported(reference: Runtime, tmp_path: Path) -> None:
    class Modest(Wrapped):
        def play(self, start: Start, stage: Stage) -> End:
            raise Declined("not today")

    case = make_case(tmp_path, document(runs=document()["runs"] * 2))
    result = judge_case(case, Modest(reference))
    assert result.verdict is FileVerdict.UNSUPPORTED
    assert result.counts == {Verdict.UNSUPPORTED: 2}


def test_a_run_that_takes_too_long_is_stopped(reference: Runtime) -> None:
    (case,) = choose_cases(["stopping/suspend"])
    endless = replace(case, runs=(replace(case.runs[0], actions=()),))
    (played,) = play_case(endless, reference, seconds=0.5)
    assert played.verdict is Verdict.TIMEOUT
    assert played.observed["trap"] == 30


def test_a_run_without_anything_to_go_on_with_is_blocked(
    reference: Runtime, tmp_path: Path
) -> None:
    class Forgets(Wrapped):
        def play(self, start: Start, stage: Stage) -> End:
            end = super().play(start, stage)
            end.state = None
            return end

    case = make_case(tmp_path, document(runs=document()["runs"] * 2))
    result = judge_case(case, Forgets(reference))
    assert result.counts == {Verdict.PASS: 1, Verdict.BLOCKED: 1}
    assert result.findings[0].line == 2


def test_a_program_that_hides_its_memory_is_unsupported_on_wasmtime(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    hidden = assemble(SPEAKS.replace('(export "memory") ', ""))
    (tmp_path / case.module).write_bytes(hidden)
    (played,) = play_case(case, runtimes.create_runtime("wasmtime"))
    assert played.verdict is Verdict.UNSUPPORTED
    assert played.message == "the program does not export its memory"


def test_an_engine_that_breaks_is_an_internal_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(self: object, entry: str | None, host: object) -> bool:
        raise LookupError("a bug")

    monkeypatch.setattr("refexec_conformance.runtimes.wasmtime.WasmtimeProgram.run", run)
    (played,) = play_case(make_case(tmp_path), runtimes.create_runtime("wasmtime"))
    assert played.observed["trap"] == 29
    assert played.message == "LookupError: a bug"


def test_one_of_several_outcomes_is_right(reference: Runtime, tmp_path: Path) -> None:
    outcomes = [{"trap": 3}, {"trap": 0, "result": 0}]
    good = make_case(tmp_path, document(runs=[{"entry": "main", "expect": outcomes}]))
    assert judge_case(good, reference).verdict is FileVerdict.PASS
    outcomes[1]["result"] = 1
    bad = make_case(tmp_path, document(runs=[{"entry": "main", "expect": outcomes}]))
    (finding,) = judge_case(bad, reference).findings
    assert finding.expected == "result 1: halted unsuccessfully\n(or one of 1 other outcomes)"
    assert finding.got == "result 0: halted successfully"


def test_a_case_without_expectations_fails(reference: Runtime, tmp_path: Path) -> None:
    case = make_case(tmp_path, document(runs=[{"entry": "main", "expect": []}]))
    (finding,) = judge_case(case, reference).findings
    assert finding.expected == "nothing is written down"


def test_a_runtime_that_is_lost_at_the_start_is_one_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def create(name: str) -> Runtime:
        raise BackendLostError(Verdict.CRASH, "it ended")

    monkeypatch.setattr(conduct, "create_runtime", create)
    result = conduct_runtime(choose_cases(SAMPLE), "reference")
    assert not result.passed
    assert result.files[0].counts == {Verdict.CRASH: 1}
    assert find_absent_runtime("reference") is None
