"""`refexec conform diff`: fixed, broken, new and gone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from refexec_conformance.reports.document import to_document, to_json
from refexec_conformance.verdicts import FileResult, Finding, RunResult, Verdict

from command_line import call, complaint


def file(name: str, *failing: int, passing: int = 1, skipped: int = 0) -> FileResult:
    findings = tuple(
        Finding(name, index + 10, index, Verdict.FAIL, "c", "1", "\x1b2") for index in failing
    )
    counts = Counter({Verdict.PASS: passing, Verdict.FAIL: len(failing)})
    counts[Verdict.UNSUPPORTED] = skipped
    return FileResult(name, counts, findings)


def write(path: Path, *files: FileResult, backend: str = "engine", version: str = "1") -> Path:
    run = RunResult("a suite", backend, version, files)
    path.write_text(to_json(to_document([run])))
    return path


OLD = (
    file("same", 1),
    file("good"),
    file("fixed", 1, 2),
    file("broken"),
    file("both", 1, 2),
    file("gone"),
    file("dropped", 3),
    file("unsupported", passing=0, skipped=1),
)
NEW = (
    file("same", 1),
    file("good"),
    file("fixed"),
    file("broken", 4, 5),
    file("both", 2, 3),
    file("dropped", passing=0, skipped=1),
    file("unsupported"),
    file("added", 7),
)


def test_every_kind_of_change(tmp_path: Path) -> None:
    old = write(tmp_path / "old.json", *OLD)
    new = write(tmp_path / "new.json", *NEW, version="2")
    result = call("conform", "diff", old, new)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "note: engine: version 1, then 2",
        r"broken: engine: core/broken: line 14: expected 1, got \x1b2, and 1 more",
        r"broken: engine: core/both: line 13: expected 1, got \x1b2",
        "gone: engine: core/gone: it was passing",
        "gone: engine: core/dropped: it was failing",
        r"fixed: engine: core/fixed: passes; line 11: expected 1, got \x1b2, and 1 more before",
        r"fixed: engine: core/both: line 11: expected 1, got \x1b2 before; others still fail",
        "new: engine: core/unsupported: passes",
        r"new: engine: core/added: line 17: expected 1, got \x1b2",
        "2 broken, 2 gone, 2 fixed, 2 new",
    ]


def test_nothing_worse_is_success(tmp_path: Path) -> None:
    old = write(tmp_path / "old.json", file("fixed", 1), file("same", 1))
    new = write(tmp_path / "new.json", file("fixed"), file("same", 1))
    result = call("conform", "diff", old, new)
    assert result.exit_code == 0
    assert result.stdout.endswith("0 broken, 0 gone, 1 fixed, 0 new\n")
    assert call("conform", "diff", old, old).stdout == "0 broken, 0 gone, 0 fixed, 0 new\n"


def test_backends_and_suites_that_are_not_in_both_are_told(tmp_path: Path) -> None:
    old = write(tmp_path / "old.json", file("a"), backend="old engine")
    new = write(tmp_path / "new.json", file("a"), backend="new engine")
    result = call("conform", "diff", old, new)
    assert result.exit_code == 0
    assert "old engine is not in the new report of the suite core" in result.stdout
    assert "new engine is not in the old report of the suite core" in result.stdout


def test_as_json(tmp_path: Path) -> None:
    old = write(tmp_path / "old.json", file("a"))
    new = write(tmp_path / "new.json", file("a", 3))
    result = call("conform", "diff", old, new, "--json")
    assert result.exit_code == 1
    (change,) = json.loads(result.stdout)["changes"]
    assert (change["kind"], change["case"], change["commands"]) == ("broken", "a", [3])


def test_files_that_are_no_reports(tmp_path: Path) -> None:
    good = write(tmp_path / "good.json", file("a"))
    assert "cannot be read" in complaint("conform", "diff", good, tmp_path / "nothing")
    bad = tmp_path / "bad.json"
    bad.write_text("[]")
    assert "expected the format" in complaint("conform", "diff", bad, good)
    bad.write_text('{"format": "refexec-conform-report/1", "runs": [{}]}')
    assert "is not a whole report" in complaint("conform", "diff", good, bad)
