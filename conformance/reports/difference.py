"""What became different between two documents: fixed, broken, new, gone.

Compared is what backends did, not what is expected of them: a file that fails as is known has
failed in both. Backends are told apart by name, so a new version of one is compared with the old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from refexec_conformance.reports.document import Document

FIXED, BROKEN, NEW, GONE = "fixed", "broken", "new", "gone"

KINDS = (BROKEN, GONE, FIXED, NEW)
"""Kinds of changes, the bad ones first."""

BAD = frozenset({BROKEN, GONE})


@dataclass(frozen=True, slots=True)
class Change:
    """One case of one backend that became different."""

    kind: str
    """One of `KINDS`."""

    suite: str
    backend: str
    case: str

    commands: tuple[int, ...]
    """Numbers of the commands that are concerned; empty for the whole case."""

    detail: str
    """What was found, for people."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.backend}: {self.suite}/{self.case}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Difference:
    """All that became different."""

    notes: tuple[str, ...]
    """What else is not the same: versions, editions of suites."""

    changes: tuple[Change, ...]

    @property
    def bad(self) -> bool:
        """Whether anything was broken, or is judged no longer."""
        return any(change.kind in BAD for change in self.changes)


_Key = tuple[str, str]
_File = dict[str, Any]


def difference(old: Document, new: Document) -> Difference:
    """Compare two documents."""
    before, after = _runs(old), _runs(new)
    changes = [
        change
        for key in dict.fromkeys([*before, *after])
        for change in _changes(key, before.get(key), after.get(key))
    ]
    changes.sort(key=lambda change: KINDS.index(change.kind))
    return Difference(tuple(_notes(before, after)), tuple(changes))


def _runs(document: Document) -> dict[_Key, dict[str, Any]]:
    return {(run["suite"], run["backend"]["name"]): run for run in document["runs"]}


def _notes(before: dict[_Key, dict[str, Any]], after: dict[_Key, dict[str, Any]]) -> Iterator[str]:
    for key, run in before.items():
        suite, backend = key
        other = after.get(key)
        if other is None:
            yield f"{backend} is not in the new report of the suite {suite}"
            continue
        versions = run["backend"]["version"], other["backend"]["version"]
        if versions[0] != versions[1]:
            yield f"{backend}: version {versions[0]}, then {versions[1]}"
        if run["title"] != other["title"]:
            yield f"{suite}: {run['title']}, then {other['title']}"
    for suite, backend in after.keys() - before.keys():
        yield f"{backend} is not in the old report of the suite {suite}"


def _changes(
    key: _Key, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> Iterator[Change]:
    """What became different in a run; a run that is in one document only is a note by itself."""
    if before is None or after is None:
        return
    old = {file["name"]: file for file in before["files"]}
    new = {file["name"]: file for file in after["files"]}
    for name in dict.fromkeys([*old, *new]):
        for kind, commands, detail in _compare(old.get(name), new.get(name)):
            yield Change(kind, *key, name, commands, detail)


def _compare(
    before: _File | None, after: _File | None
) -> Iterator[tuple[str, tuple[int, ...], str]]:
    if before is None or not _judged(before):
        if after is not None and _judged(after):
            failures = _failures(after)
            yield NEW, (), _found(failures) if failures else "passes"
        return
    if after is None or not _judged(after):
        yield GONE, (), f"it was {'failing' if _failures(before) else 'passing'}"
        return
    old, new = _failures(before), _failures(after)
    if old and not new:
        yield FIXED, tuple(sorted(old)), f"passes; {_found(old)} before"
    elif old.keys() - new.keys():
        repaired = {index: old[index] for index in old.keys() - new.keys()}
        yield FIXED, tuple(sorted(repaired)), f"{_found(repaired)} before; others still fail"
    fresh = {index: new[index] for index in new.keys() - old.keys()}
    if fresh:
        yield BROKEN, tuple(sorted(fresh)), _found(fresh)


def _judged(file: _File) -> bool:
    return bool(_failures(file)) or "pass" in file["commands"]


def _failures(file: _File) -> dict[int, dict[str, Any]]:
    return {item["index"]: item for item in file["findings"] if item["verdict"] != "incomparable"}


def _found(failures: dict[int, dict[str, Any]]) -> str:
    """The first failure, and how many there are."""
    first = failures[min(failures)]
    more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
    where = f"line {first['line']}: " if first["line"] else ""
    return f"{where}expected {first['expected']}, got {first['got']}{more}"
