"""What a run reports: tables, findings, JSON; expectations that went stale."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from refexec_conformance import expectations
from refexec_conformance.backend import backend_names
from refexec_conformance.expectations import apply_expectation, expected_failures
from refexec_conformance.features import UNLISTED, all_features, features_of, listed_files
from refexec_conformance.reports import terminal
from refexec_conformance.verdicts import (
    START,
    FileResult,
    FileVerdict,
    Finding,
    RunResult,
    Verdict,
    all_as_expected,
)
from rich.console import Console

from refexec.errors import ConfigError

BASE = "WebAssembly 2.0 without vectors"

FINDING = Finding("simd_load", 7, 3, Verdict.FAIL, "assert_return [bold]", "(i32 1)", "\x1b[31m")


def file(name: str, *findings: Finding, reason: str | None = None, **counts: int) -> FileResult:
    tally = Counter({Verdict(verdict): count for verdict, count in counts.items()})
    return FileResult(name, tally, findings, 0.5, reason)


def run(*files: FileResult) -> RunResult:
    return RunResult("a suite", "an engine", "1.0", files, 2.0, (("python", "3"),))


def printed(result: RunResult) -> str:
    output = io.StringIO()
    terminal.print_report(result, Console(file=output, width=120))
    return output.getvalue()


def test_verdicts_of_files() -> None:
    assert file("a", **{"pass": 1}).verdict is FileVerdict.PASS
    assert file("a", absent=1, text=2).verdict is FileVerdict.NOT_JUDGED
    assert file("a", FINDING, fail=1).verdict is FileVerdict.FAIL
    assert file("a", FINDING, fail=1, reason="why").verdict is FileVerdict.EXPECTED_FAIL
    assert file("a", reason="why", **{"pass": 1}).verdict is FileVerdict.UNEXPECTED_PASS
    red = [verdict for verdict in FileVerdict if verdict.red]
    assert red == [FileVerdict.FAIL, FileVerdict.UNEXPECTED_PASS]


def test_a_run_passes_only_if_something_was_judged_and_nothing_is_red() -> None:
    assert run(file("a", **{"pass": 1}), file("b", absent=1)).passed
    assert not run().passed
    assert not run(file("a", absent=1)).passed
    assert not run(file("a", **{"pass": 1}), file("b", FINDING, fail=1)).passed
    assert not run(file("a", reason="why", **{"pass": 1})).passed


def test_a_backend_that_supports_none_of_it_is_not_red_beside_one_that_passes() -> None:
    good, bad = run(file("a", **{"pass": 1})), run(file("a", FINDING, fail=1))
    declining = run(file("a", unsupported=2), file("b", absent=1))
    assert declining.declined
    assert not declining.passed
    assert "nothing was judged" in printed(declining)
    assert all_as_expected([good, declining])
    assert not all_as_expected([declining])
    assert not all_as_expected([good, declining, bad])
    assert not run(file("a", unsupported=1), file("b", FINDING, fail=1)).declined
    assert not replace(declining, ending="it was killed").declined


def test_a_failing_run_says_what_failed_where() -> None:
    text = printed(run(file("simd_load", FINDING, fail=1, **{"pass": 4, "absent": 2}), file("fac")))
    assert "simd_load.wast:7: fail: assert_return [bold]" in text
    assert "expected: (i32 1)" in text
    assert "Commands: 4 pass, 1 fail, 2 absent" in text
    assert "Files:    1 fail, 1 not judged" in text
    assert "vectors" in text
    assert "WebAssembly 2.0 without vectors" in text
    assert "FAIL in 2.0 s" in text


def test_text_of_an_engine_cannot_steer_the_terminal() -> None:
    text = printed(run(file("a", FINDING, fail=1)))
    assert "\x1b" not in text
    assert r"\x1b[31m" in text


def test_a_stale_expectation_is_named() -> None:
    text = printed(run(file("fac", reason="not built", **{"pass": 1})))
    assert "fac.wast: expected to fail (not built), and does not" in text
    assert "FAIL" in text


def test_a_passing_run_is_short_about_expected_failures() -> None:
    text = printed(
        run(file("fac", **{"pass": 1}), file("simd_load", FINDING, fail=1, reason="not built"))
    )
    assert "simd_load.wast:7" not in text
    assert "expected fail: not built" in text
    assert "PASS in 2.0 s" in text


def test_blocked_commands_do_not_drown_the_cause() -> None:
    blocked = Finding("a", 9, 9, Verdict.BLOCKED, "assert_return", "an instance", "none")
    text = printed(run(file("a", *[blocked] * 5, FINDING, fail=1)))
    assert "a.wast:9" not in text
    assert text.count("simd_load.wast:7") == 1
    assert "… and 5 more" in text


def test_no_file_drowns_the_others() -> None:
    files = [file(name, *[replace(FINDING, file=name)] * 7, fail=7) for name in "abcdefghi"]
    text = printed(run(*files))
    assert [text.count(f"\n{name}.wast:7: fail") for name in "abcdefghi"] == [5] * 8 + [0]
    assert text.count("again:    refexec") == terminal.FINDINGS_SHOWN
    assert "… and 23 more" in text


def test_what_is_declined_is_told_once_for_each_reason_after_what_fails() -> None:
    declined = [
        Finding("a", line, line, Verdict.UNSUPPORTED, "invoke", "1", f"declined: {reason}")
        for line, reason in enumerate(["no NaNs", "no NaNs", "no imports", "no NaNs"], 1)
    ]
    text = printed(run(file("a", *declined, FINDING, fail=1, unsupported=4)))
    assert "unsupported at a.wast:1 and at 2 more: declined: no NaNs\n" in text
    assert "unsupported at a.wast:3: declined: no imports\n" in text
    assert text.index("simd_load.wast:7: fail") < text.index("unsupported at a.wast:1")
    assert "more, blocked ones included" not in text


def test_a_run_that_judged_nothing_says_what_its_files_need() -> None:
    text = printed(run(file("i32", unsupported=9), file("simd_load", unsupported=9)))
    needed = f"nothing was judged; the files need '{BASE}', 'vectors'"
    assert needed in " ".join(text.split())


def test_a_backend_that_does_not_start_is_started_again_with_any_file() -> None:
    lost = Finding(START, 0, 0, Verdict.CRASH, "start", "a running backend", "it ended")
    text = printed(run(file(START, lost, crash=1)))
    assert "again:    refexec conform core --backend 'an engine'" in text


def test_one_error_that_repeats_is_told_once() -> None:
    errors = [
        Finding("a", line, line, Verdict.ERROR, "assert_return", "a module", "no room")
        for line in range(1, 9)
    ]
    text = printed(run(file("a", *errors, FINDING, error=8, fail=1)))
    assert "a.wast:1: error" in text
    assert "a.wast:2" not in text
    assert "and so at the next 7 commands that are judged" in text
    assert "simd_load.wast:7" in text
    assert "more, blocked ones included" not in text


def test_features_of_files() -> None:
    assert features_of("i32") == (BASE,)
    assert features_of("simd_memory-multi") == ("vectors", "multiple memories")
    assert features_of("wonder") == (UNLISTED,)
    assert (all_features()[0], all_features()[-1]) == (BASE, UNLISTED)
    assert len(set(all_features())) == len(all_features())


def test_a_backend_without_a_list_is_expected_to_pass_everything() -> None:
    assert expected_failures("wasmtime") == {}
    assert apply_expectation(file("fac", **{"pass": 1}), "wasmtime").reason is None


def test_expectations_made_of_a_run_are_what_it_meets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run(file("simd_load", FINDING, fail=1), file("fac", **{"pass": 1}))
    (tmp_path / "expectations").mkdir()
    written = tmp_path / "expectations" / "peer.toml"
    written.write_text(expectations.expectations_text(found))
    monkeypatch.setattr(expectations.resources, "files", lambda package: tmp_path)
    expectations.expectations_of.cache_clear()
    expected = expectations.expectations_of("peer")
    reason = "1 fail; line 7: expected (i32 1), got ?[31m"
    assert expected.fails == {"simd_load": expectations.Known(reason, frozenset({3}))}
    assert expected.objection("1.0", "a suite") == ""
    assert expected.objection("1.1", "a suite") == "expectations are for version 1.0"
    assert expected.objection("1.0", "another") == "expectations are for a suite"
    assert apply_expectation(found.files[0], "peer").verdict is FileVerdict.EXPECTED_FAIL
    assert apply_expectation(file("simd_load", **{"pass": 1}), "peer").verdict.red
    expectations.expectations_of.cache_clear()


def known(commands: str | None) -> FileResult:
    """A file whose commands 3 and 4 fail, with what is expected of it."""
    result = file("fac", FINDING, replace(FINDING, index=4), fail=2)
    numbers = None if commands is None else expectations.parse_numbers(commands)
    return replace(result, reason="why", expected=numbers)


def test_expectations_are_about_commands() -> None:
    assert known(None).verdict is FileVerdict.EXPECTED_FAIL
    assert known("3-4").verdict is FileVerdict.EXPECTED_FAIL
    assert known("3").verdict is FileVerdict.FAIL
    assert [item.index for item in known("3").surprises] == [4]
    stale = known("3-5")
    assert stale.verdict is FileVerdict.UNEXPECTED_PASS
    assert stale.stale == {5}
    assert "fac.wast, command 5: expected to fail" in printed(run(stale))


def test_a_command_by_itself_has_its_own_expectation(monkeypatch: pytest.MonkeyPatch) -> None:
    fails = {"fac": expectations.Known("why", frozenset({3})), "f": expectations.Known("all")}
    monkeypatch.setattr(expectations, "expected_failures", lambda backend, kind: fails)
    assert apply_expectation(file("fac", FINDING), "peer", 3).verdict is FileVerdict.EXPECTED_FAIL
    assert apply_expectation(file("fac", FINDING), "peer", 4).verdict is FileVerdict.FAIL
    assert apply_expectation(file("f", FINDING), "peer", 3).verdict is FileVerdict.EXPECTED_FAIL
    assert apply_expectation(file("fac", **{"pass": 1}), "peer", 4).verdict is FileVerdict.PASS


def test_lists_of_numbers() -> None:
    assert expectations.numbers_text([9, 1, 2, 3, 7]) == "1-3 7 9"
    assert expectations.parse_numbers("1-3 7 9") == {1, 2, 3, 7, 9}


def test_a_bad_ending_is_judged_apart() -> None:
    result = replace(run(file("a", **{"pass": 1})), ending="had to be killed")
    assert not result.passed
    assert "Ending:   had to be killed" in printed(result)


def test_long_findings_are_cut_in_expectations() -> None:
    long = Finding("a", 1, 1, Verdict.ERROR, "module", "module instantiated", "x" * 1000)
    assert len(expectations.expectations_text(run(file("a", long, error=1)))) < 500


def test_a_run_of_another_version_is_only_reported() -> None:
    other = RunResult("a suite", "e", "2", (file("a", FINDING, fail=1),), reported="for version 1")
    assert other.passed
    assert "only reported: for version 1" in printed(other)
    output = io.StringIO()
    terminal.print_backends([other], [], Console(file=output, width=160))
    assert "only reported: for version 1" in output.getvalue()


def test_the_expectations_that_are_kept_can_be_read() -> None:
    for name in backend_names():
        expected = expectations.expectations_of(name)
        if not name.startswith(("reference", "translated")) and expected.fails:
            assert expected.version
            assert expected.suite
        assert set(expected.fails) <= set(listed_files())


def test_every_expectation_has_a_written_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, object] = {"fac": " "}
    monkeypatch.setattr(expectations.tomllib, "loads", lambda text: {"fails": found})
    expectations.expectations_of.cache_clear()
    with pytest.raises(ConfigError, match="fac has no reason"):
        expected_failures("reference")
    for commands in ("3-x", 7):
        found["fac"] = {"reason": "why", "commands": commands}
        with pytest.raises(ConfigError, match="expected commands like '3 7-9'"):
            expected_failures("reference")
    expectations.expectations_of.cache_clear()
