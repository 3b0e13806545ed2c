"""One HTML page of a document, which needs no network and no server.

Jinja2 writes what stands on the first screen; the cases are data inside of the page, and its script
shows them by text nodes only. So whatever an engine says stays text. A policy in the page forbids
everything that would be fetched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from refexec_conformance.areas import OTHER, all_areas
from refexec_conformance.features import UNLISTED, all_features
from refexec_conformance.reports.document import Document

from refexec.errors import UnavailableError

if TYPE_CHECKING:
    from jinja2 import Environment

FINDINGS = 25
"""How many findings of a file and backend the page holds; the JSON document holds all."""

PROBES = "probes"
"""The suite whose cases ask what is known to go wrong."""

_NO_FINDING = {"unsupported", "incomparable"}
_BAD = {"fail", "unexpected pass"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a backend did with a group of files."""

    backend: str
    good: int
    bad: int
    expected: int
    """Files that fail as is expected."""
    out: int
    """Files that need what the backend does not claim."""

    @property
    def total(self) -> int:
        """All files but those of which nothing can be judged."""
        return self.good + self.bad + self.expected + self.out

    @property
    def state(self) -> str:
        """What the cell stands for at a glance."""
        if self.bad:
            return "bad"
        if self.expected:
            return "expected"
        return "good" if self.good else "out"

    @property
    def label(self) -> str:
        """The cell in words."""
        parts = [
            (self.good, "pass"),
            (self.bad, "red"),
            (self.expected, "fail as expected"),
            (self.out, "unsupported"),
        ]
        return ", ".join(f"{count} {what}" for count, what in parts if count) or "no files"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the grid."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe has found out about a backend."""

    backend: str
    version: str
    got: str


def answers(document: Document) -> list[tuple[dict[str, Any], list[Answer]]]:
    """The probes that some backends fail, each with those and what they did.

    That a backend does not support what a probe asks about is no finding.
    """
    failed: dict[str, list[Answer]] = {}
    for run in document["runs"]:
        if run["suite"] != PROBES:
            continue
        for file in run["files"]:
            told = [item for item in file["findings"] if item["verdict"] not in _NO_FINDING]
            if told:
                answer = Answer(run["backend"]["name"], run["backend"]["version"], told[0]["got"])
                failed.setdefault(file["name"], []).append(answer)
    cases = [case for case in document["cases"] if case["suite"] == PROBES]
    return [(case, failed[case["name"]]) for case in cases if case["name"] in failed]


def to_page(document: Document) -> str:
    """The document as HTML. Raises `UnavailableError` if Jinja2 is not installed."""
    template = _environment().get_template("page.html.j2")
    return template.render(
        document=document,
        created=datetime.fromisoformat(document["created"]).strftime("%Y-%m-%d %H:%M %Z"),
        backends=_backends(document),
        grids={
            "feature": _grid(document, "features", [*all_features(), UNLISTED]),
            "area": _grid(document, "area", [*all_areas(), OTHER]),
        },
        findings=FINDINGS,
        answers=answers(document),
        data=script_json(_trimmed(document)),
        style=_asset("page.css"),
        script=_asset("page.js"),
    )


def _environment() -> Environment:
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError as error:
        raise UnavailableError(
            "the HTML report needs Jinja2; "
            "this installs it: python -m pip install 'refexec[conformance]'"
        ) from error
    return Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _asset(name: str) -> str:
    folder = resources.files("refexec_conformance").joinpath("reports", "assets")
    return folder.joinpath(name).read_text("utf-8")


def script_json(data: object) -> str:
    """JSON that can stand inside of a script element: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _backends(document: Document) -> list[dict[str, Any]]:
    """The backends in the order in which they ran, each with what its runs came to."""
    found: dict[str, dict[str, Any]] = {}
    for run in document["runs"]:
        item = found.setdefault(run["backend"]["name"], {**run["backend"]})
        item.setdefault("files", Counter()).update(file["verdict"] for file in run["files"])
        item["seconds"] = item.get("seconds", 0.0) + run["seconds"]
        for what in ("reported", "ending"):
            item.setdefault(what, []).extend({run[what]} - {None, *item.get(what, ())})
    for name, item in found.items():
        item["cell"] = _cell(name, item["files"])
    return list(found.values())


def _grid(document: Document, key: str, order: Iterable[str]) -> list[Row]:
    """Backends by groups of cases. A case counts for each group that it belongs to."""
    groups: dict[tuple[str, str], set[str]] = {}
    for case in document["cases"]:
        found = case[key]
        groups[case["suite"], case["name"]] = {found} if isinstance(found, str) else set(found)
    names = [item["name"] for item in _backends(document)]
    counts: dict[tuple[str, str], Counter[str]] = {}
    for run in document["runs"]:
        for file in run["files"]:
            for group in groups[run["suite"], file["name"]]:
                tally = counts.setdefault((group, run["backend"]["name"]), Counter())
                tally[file["verdict"]] += 1
    known = list(dict.fromkeys(order))
    titles = {group for group, _ in counts}
    ordered = [*(title for title in known if title in titles), *sorted(titles.difference(known))]
    return [
        Row(title, tuple(_cell(name, counts.get((title, name), Counter())) for name in names))
        for title in ordered
    ]


def _cell(backend: str, files: Counter[str]) -> Cell:
    return Cell(
        backend,
        good=files["pass"],
        bad=sum(files[verdict] for verdict in _BAD),
        expected=files["expected fail"],
        out=files["unsupported"],
    )


def _trimmed(document: Document) -> Document:
    """What the page's script needs: cases, and for each what the backends did."""
    runs = []
    for run in document["runs"]:
        files = []
        for file in run["files"]:
            # What is blocked follows from what is told already.
            told = [item for item in file["findings"] if item["verdict"] != "blocked"]
            told.sort(key=lambda item: bool(item["known"]))
            shown = (told or file["findings"])[:FINDINGS]
            left = len(file["findings"]) - len(shown)
            files.append({**file, "cuts": None, "findings": shown, "left": left})
        runs.append({**run, "environment": None, "files": files})
    return {"cases": document["cases"], "runs": runs}
