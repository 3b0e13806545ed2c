"""The forms of a report that machines read: JSON by its schema, JUnit XML."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from refexec_conformance.conduct import Absent
from refexec_conformance.reports import document, junit
from refexec_conformance.verdicts import FileResult, Finding, RunResult, Verdict

from refexec.errors import InputError

FINDING = Finding(
    "simd_load",
    7,
    3,
    Verdict.FAIL,
    "assert_return [bold]",
    "(i32 1)",
    "\x1b[31m</script>",
    "Calls it.",
    "It must give (i32 1).",
)
WHOLE = Finding("lost", 0, 0, Verdict.CRASH, "start", "a backend", "gone")


def file(name: str, *findings: Finding, reason: str | None = None, **counts: int) -> FileResult:
    tally = Counter({Verdict(verdict): count for verdict, count in counts.items()})
    return FileResult(name, tally, findings, 0.5, reason)


def report(*files: FileResult, reported: str = "", backend: str = "reference") -> dict[str, Any]:
    run = RunResult(
        "a suite",
        backend,
        "1.0",
        files,
        2.0,
        (("python", "3"),),
        reported,
        again=("refexec", "conform", "core", "--suite", "a folder"),
    )
    made = document.to_document([run], [Absent("gone", "pip install gone")])
    jsonschema.validate(made, document.schema())
    return made


RICH = (
    file("simd_load", FINDING, fail=1, **{"pass": 4}),
    file("fac", **{"pass": 2}),
    file("i32", FINDING, reason="known", fail=1),
    file("i64", reason="stale", **{"pass": 1}),
    file("lost", WHOLE, crash=1),
    file("annotations", text=3),
    file("array", unsupported=9),
)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(document.schema())


def test_the_schema_allows_every_verdict_and_nothing_unknown() -> None:
    assert set(document.schema()["$defs"]["verdict"]["enum"]) == set(Verdict)
    made = report(file("fac", **{"pass": 2}))
    made["runs"][0]["files"][0]["wonder"] = 1
    with pytest.raises(jsonschema.ValidationError, match="wonder"):
        jsonschema.validate(made, document.schema())


def test_json_holds_everything() -> None:
    made = json.loads(document.to_json(report(*RICH)))
    assert made["passed"] is False
    assert made["environment"] == {"python": "3"}
    assert made["absent"] == [{"name": "gone", "install": "pip install gone"}]
    assert made["cases"][0] == {
        "suite": "core",
        "name": "simd_load",
        "area": "vectors: memory",
        "features": ["vectors"],
        "about": "Loads and stores of whole vectors, of lanes, and with extension.",
        "rule": "Execution: Vector Instructions, Memory Instructions",
    }
    (run,) = made["runs"]
    assert run["backend"]["name"] == "reference"
    assert run["commands"] == {"pass": 7, "fail": 2, "crash": 1, "unsupported": 9, "text": 3}
    first = run["files"][0]
    assert first["findings"] == [
        {
            "line": 7,
            "index": 3,
            "verdict": "fail",
            "known": False,
            "command": "assert_return [bold]",
            "does": "Calls it.",
            "must": "It must give (i32 1).",
            "expected": "(i32 1)",
            "got": "\x1b[31m</script>",
            "trace": [],
            "reproduce": "refexec conform core --suite 'a folder' --file simd_load --command 3 "
            "--backend reference",
        }
    ]
    verdicts = [item["verdict"] for item in run["files"]]
    assert verdicts[:4] == ["fail", "pass", "expected fail", "unexpected pass"]
    assert verdicts[4:] == ["fail", "not judged", "unsupported"]


def test_what_is_about_a_whole_file_is_run_again_as_a_whole() -> None:
    made = report(file("lost", WHOLE, crash=1), backend="command:node 'my adapter.js'")
    told = made["runs"][0]["files"][0]["findings"][0]["reproduce"]
    assert "--command " not in told
    assert told.endswith("""--file lost --backend-command 'node '"'"'my adapter.js'"'"''""")


def test_a_document_is_read_again(tmp_path: Path) -> None:
    made = report(*RICH)
    path = tmp_path / "report.json"
    path.write_text(document.to_json(made))
    assert document.read_document(path) == made


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON"),
        ("[1]", "expected the format 'refexec-conform-report/1', found None"),
        ('{"format": "other"}', "found 'other'"),
        ("[" * 200_000, "is not JSON"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(InputError, match=complaint):
        document.read_document(path)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        document.read_document(tmp_path / "nothing")


def test_junit() -> None:
    root = ElementTree.fromstring(junit.to_junit(report(*RICH)))
    (suite,) = root
    assert suite.get("name") == "core.reference"
    told = {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert told == {"tests": "7", "failures": "2", "errors": "1", "skipped": "3"}
    assert suite.find("properties/property").get("value") == "3"
    tests = {test.get("name"): test for test in suite.findall("testcase")}
    failure = tests["simd_load"].find("failure")
    assert failure.get("message") == r"expected (i32 1), got \x1b[31m</script>"
    assert "--command 3" in failure.text
    assert len(tests["fac"]) == 0
    assert tests["i32"].find("skipped").get("message") == "expected to fail: known"
    assert "stale" in tests["i64"].find("failure").get("message")
    assert tests["lost"].find("error").get("type") == "crash"
    assert tests["array"].find("skipped").get("message") == "unsupported"


def test_junit_of_a_run_that_is_only_reported_has_no_failures() -> None:
    text = junit.to_junit(report(file("simd_load", FINDING, fail=1), reported="other version"))
    assert ElementTree.fromstring(text)[0].get("failures") == "0"


def test_junit_shortens_long_lists() -> None:
    many = [FINDING] * (junit.FINDINGS + 2)
    root = ElementTree.fromstring(junit.to_junit(report(file("simd_load", *many, fail=1))))
    assert "and 2 more" in root.find(".//failure").text
