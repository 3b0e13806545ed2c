"""The protocol for runtimes in any language: its document, its example, and what may go wrong."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import refexec_conformance
from refexec_conformance import adapters
from refexec_conformance.backend import COMMAND, BackendLostError
from refexec_conformance.runtime.backend import CAPABILITIES, create_runtime
from refexec_conformance.runtime.command import CommandRuntime
from refexec_conformance.runtime.conduct import choose_cases, conduct_runtime
from refexec_conformance.runtime.judge import judge_case, play_case
from refexec_conformance.verdicts import Verdict

from command_line import call
from refexec.errors import UnavailableError
from runtime_cases import document, make_case, python_command

DOCUMENT = Path(refexec_conformance.__file__).with_name("PROTOCOL.md").read_text("utf-8")
EXAMPLE = Path(adapters.__path__[0]) / "runtime.py"
BAD = Path(__file__).parent.parent / "support" / "bad_runtime.py"


def bad(fault: str) -> CommandRuntime:
    return CommandRuntime(shlex.split(python_command(BAD, fault)))


def test_the_document_names_every_capability() -> None:
    section = DOCUMENT.split("\n## Runtimes\n")[1]
    assert {*CAPABILITIES} <= {*re.findall(r"`([^`\n]+)`", section)}


def test_the_example_passes_the_self_test() -> None:
    cases = choose_cases(self_test=True)
    assert 20 <= len(cases) <= 40
    result = conduct_runtime(cases, COMMAND + python_command(EXAMPLE), jobs=2)
    assert [str(finding) for item in result.files for finding in item.findings] == []
    assert result.passed
    # It does not limit the call stack.
    assert result.counts[Verdict.UNSUPPORTED] == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("old", "protocol 1"),
        ("nameless", "must be strings"),
        ("boastful", "unknown capability 'everything'"),
        ("scalar", "must be a list"),
    ],
)
def test_a_wrong_hello_loses_the_program(fault: str, words: str) -> None:
    with pytest.raises(BackendLostError, match=words) as lost:
        bad(fault)
    assert lost.value.verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("fault", "verdict", "words"),
    [
        ("garbage", Verdict.ERROR, "expected"),
        ("id", Verdict.ERROR, "the answer has id -1"),
        ("outcome", Verdict.ERROR, "cannot have the outcome 'fine'"),
        ("trap", Verdict.ERROR, "expected a trap number, not 31"),
        ("result", Verdict.ERROR, "a result is 0 to 3"),
        ("hex", Verdict.ERROR, "hexadecimal, not 'xyz'"),
        ("fuel", Verdict.ERROR, "fuel as a decimal string"),
        ("services", Verdict.ERROR, "pairs of name and bytes"),
        ("connections", Verdict.ERROR, "must be a list"),
        ("reason", Verdict.ERROR, "not 'mood'"),
        ("event", Verdict.ERROR, "unknown event 'party'"),
        ("nobody", Verdict.ERROR, "no scripted service 'nobody'"),
        ("short", Verdict.ERROR, "at least 8 bytes"),
        ("unnamed", Verdict.ERROR, "must be named"),
        ("error", Verdict.ERROR, "bug 7"),
        ("crash", Verdict.CRASH, "out of luck"),
        ("untold", Verdict.FAIL, "for some reason"),
    ],
)
def test_what_the_protocol_does_not_allow_is_a_verdict(
    tmp_path: Path, fault: str, verdict: Verdict, words: str
) -> None:
    case = make_case(tmp_path, document(services={"echo": {}}))
    runtime = bad(fault)
    try:
        for _ in range(2):  # the second time in a new process, if the first is lost
            (finding,) = judge_case(case, runtime).findings
            assert finding.verdict is verdict
            assert words in finding.got
    finally:
        runtime.close()


def test_a_runtime_may_decline_and_may_not_tell_why_it_refuses(tmp_path: Path) -> None:
    runtime = bad("declined")
    assert judge_case(make_case(tmp_path), runtime).counts == {Verdict.UNSUPPORTED: 1}
    runtime.close()
    runs = [{"entry": "nope", "expect": [{"refused": "entry"}]}]
    runtime = bad("untold")
    assert judge_case(make_case(tmp_path, document(runs=runs)), runtime).counts == {Verdict.PASS: 1}
    runtime.close()


def test_a_program_that_hangs_is_killed_at_the_deadline(tmp_path: Path) -> None:
    runtime = bad("hang")
    (played,) = play_case(make_case(tmp_path), runtime, seconds=0.5)
    assert played.verdict is Verdict.TIMEOUT
    runtime.close()


def test_a_program_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="cannot be started"):
        create_runtime(f"{COMMAND}/nowhere/runtime")


def test_the_command_line_runs_the_suite(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = call(
        *("conform", "runtime", "--file", "debug/*", "--backend", "wasmtime", "--html", report)
    )
    assert done.exit_code == 0
    assert "Suite:    runtime suite" in done.stdout
    assert f"{len(choose_cases(['debug/*']))} pass" in done.stdout
    assert "processes: debug text" in report.read_text("utf-8")
    command = python_command(BAD, "trap")
    done = call("conform", "runtime", "--file", "debug/lines", "--backend-command", command)
    assert done.exit_code == 1
    assert "debug/lines, run 1: error: Lines in pieces" in done.stdout
