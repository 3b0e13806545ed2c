"""The JSON document of runs: environment, configuration, cases, and every finding.

Its form is `schemas/report.schema.json`. A number in the name of the form changes when a reader
that was right would be wrong.
"""

from __future__ import annotations

import importlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from refexec_conformance.areas import CASES, RUNTIME, area_of
from refexec_conformance.backend import COMMAND, backend_info
from refexec_conformance.conduct import Absent
from refexec_conformance.features import features_of
from refexec_conformance.own.suite import case_features
from refexec_conformance.verdicts import (
    START,
    FileResult,
    Finding,
    RunResult,
    Verdict,
    all_as_expected,
)

from refexec.errors import ConfigError, InputError, UnavailableError

FORMAT = "refexec-conform-report/1"
"""Name and version of the form."""

PROCESSES = "suspendable processes"
"""What stands for the features that a case about runtimes needs."""

Document = dict[str, Any]


def to_document(
    results: Sequence[RunResult],
    absent: Sequence[Absent] = (),
    *,
    configuration: Mapping[str, str] | None = None,
    stories: Mapping[tuple[str, str], str] | None = None,
) -> Document:
    """All results as plain data, with every finding.

    `configuration` is how the run was asked for. `stories` are sentences about cases, by suite and
    name, for those that tell more of themselves than their area does.
    """
    names = {(result.kind, item.name): result for result in results for item in result.files}
    environment = dict(results[0].environment) if results else {}
    return {
        "format": FORMAT,
        "passed": all_as_expected(results),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": environment,
        "configuration": dict(configuration or {}),
        "cases": [_case(kind, name, (stories or {}).get((kind, name))) for kind, name in names],
        "runs": [_run(result) for result in results],
        "absent": [{"name": item.backend, "install": item.install} for item in absent],
    }


def to_json(document: Document) -> str:
    """The document as text, in ASCII."""
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def schema() -> Document:
    """The form, as JSON Schema."""
    path = resources.files("refexec_conformance").joinpath("schemas", "report.schema.json")
    data: Document = json.loads(path.read_text("utf-8"))
    return data


def read_document(path: Path) -> Document:
    """Read a document that a run has written.

    Raises `InputError` if there is no such file, or it holds something else, and
    `UnavailableError` if jsonschema is not installed.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else None
        raise InputError(f"{path}: expected the format {FORMAT!r}, found {found!r:.80}")
    _check(path, data)
    return data


def _check(path: Path, data: Document) -> None:
    try:
        jsonschema = importlib.import_module("jsonschema")
    except ImportError as error:
        raise UnavailableError(
            "reading reports needs jsonschema; "
            "this installs it: python -m pip install 'refexec[conformance]'"
        ) from error
    try:
        jsonschema.validate(data, schema())
    except jsonschema.ValidationError as error:
        place = error.json_path
        raise InputError(f"{path} is not a whole report: {place}: {error.message:.200}") from error


def _case(kind: str, name: str, story: str | None) -> dict[str, Any]:
    area = area_of(name, kind)
    return {
        "suite": kind,
        "name": name,
        "area": area.title,
        "features": _features(name, kind),
        "about": story or f"{area.about}.",
        "rule": area.chapter,
    }


def _features(name: str, kind: str) -> list[str]:
    if kind.startswith(RUNTIME):
        return [PROCESSES]
    return list(case_features(name) if kind == CASES else features_of(name))


def _run(result: RunResult) -> dict[str, Any]:
    return {
        "suite": result.kind,
        "title": result.suite,
        "backend": {
            "name": result.backend,
            "version": result.backend_version,
            "summary": _summary(result.backend),
        },
        "environment": dict(result.environment),
        "passed": result.passed,
        "reported": result.reported or None,
        "ending": result.ending or None,
        "seconds": round(result.seconds, 3),
        "commands": _counts(result.counts),
        "again": shlex.join([*result.again, *backend_arguments(result.backend)]),
        "files": [_file(result, item) for item in result.files],
    }


def _summary(backend: str) -> str:
    try:
        return "a program" if backend.startswith(COMMAND) else backend_info(backend).summary
    except ConfigError:
        return ""


def _file(result: RunResult, item: FileResult) -> dict[str, Any]:
    return {
        "name": item.name,
        "verdict": str(item.verdict),
        "reason": item.reason,
        "seconds": round(item.seconds, 3),
        "cuts": {"all": item.cuts, "into_another_process": item.moves, "left_out": item.left_out},
        "commands": _counts(item.counts),
        "stale": sorted(item.stale),
        "findings": [_finding(result, item, finding) for finding in item.findings],
    }


def _counts(counts: Mapping[Verdict, int]) -> dict[str, int]:
    return {str(verdict): counts[verdict] for verdict in Verdict if counts.get(verdict)}


def _finding(result: RunResult, item: FileResult, finding: Finding) -> dict[str, Any]:
    return {
        "line": finding.line,
        "index": finding.index,
        "verdict": str(finding.verdict),
        "known": item.expects(finding),
        "command": finding.command,
        "does": finding.does,
        "must": finding.must,
        "expected": finding.expected,
        "got": finding.got,
        "trace": list(finding.trace),
        "reproduce": reproduction(result, finding),
    }


def reproduction(result: RunResult, finding: Finding) -> str:
    """The command line that runs just this command of the case, with what it needs."""
    place = [] if finding.file == START else ["--file", finding.file]
    if finding.line:
        place += ["--command", str(finding.index)]
    return shlex.join([*result.again, *place, *backend_arguments(result.backend)])


def backend_arguments(backend: str) -> Iterable[str]:
    """How a backend is named on the command line."""
    if backend.startswith(COMMAND):
        return ("--backend-command", backend.removeprefix(COMMAND))
    return ("--backend", backend)
