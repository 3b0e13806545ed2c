"""What becomes of a case whose expectations are derived, whatever the case is about.

What the two suites of cases share; how an expectation is derived is in `own.fill` and
`runtime.fill`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar


class AnyCase(Protocol):
    """A case as a file."""

    @property
    def name(self) -> str:
        """Its path below the folder, without `.json`."""

    @property
    def folder(self) -> Path:
        """The folder that cases are in."""

    @property
    def data(self) -> dict[str, Any]:
        """Its document."""


C = TypeVar("C", bound=AnyCase)


@dataclass(slots=True)
class Filled(Generic[C]):
    """What became of one case."""

    case: C
    data: dict[str, Any]
    """Its document, with expectations and witnesses."""

    refusals: list[str] = field(default_factory=list)
    """Why its expectations are not to be believed; none mostly."""

    asked: list[str] = field(default_factory=list)
    """The independent engines or runtimes that carried out some of it, and came to the same."""

    @property
    def changed(self) -> bool:
        """Whether the document is another one than before."""
        return self.data != self.case.data

    @property
    def text(self) -> str:
        """The document as its file holds it."""
        return document_text(self.data)


WIDTH = 120
"""Columns of a case's text within which what it holds is on one line."""


def document_text(data: Mapping[str, Any]) -> str:
    """A case as text: the same document is always the same text.

    A step takes a few lines, so that many of them can be read, and compared by line.
    """
    return _laid_out(data, 0, 0) + "\n"


def _laid_out(value: Any, indent: int, taken: int) -> str:
    """JSON of a value on one line, if that fits behind what is there, or on several."""
    line = json.dumps(value, ensure_ascii=True)
    if not isinstance(value, Mapping | list) or not value:
        return line
    if indent and indent + taken + len(line) < WIDTH:
        return line
    inner = indent + 2
    if isinstance(value, list):
        parts = [_laid_out(item, inner, 0) for item in value]
    else:
        keys = [json.dumps(key, ensure_ascii=True) + ": " for key in value]
        parts = [
            key + _laid_out(item, inner, len(key))
            for key, item in zip(keys, value.values(), strict=True)
        ]
    first, last = ("[", "]") if isinstance(value, list) else ("{", "}")
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"{first}\n{lines}\n{' ' * indent}{last}"


def path_of(case: AnyCase) -> Path:
    """The file of a case."""
    return case.folder / f"{case.name}.json"


class AnyFiller(Protocol[C]):
    """What derives the expectations of a case."""

    def fill(self, case: C, *, check: bool = False) -> Filled[C]:
        """Derive them, or with `check` see that they are what the case says."""

    def close(self) -> None:
        """Let go of the witnesses."""


def fill_each(
    cases: Iterable[C],
    filler: AnyFiller[C],
    on_filled: Callable[[Filled[C]], None] | None,
    *,
    check: bool,
) -> list[Filled[C]]:
    """Fill or check many cases, one after the other; writes the files of those that changed.

    The filler is closed at the end.
    """
    results = []
    try:
        for case in cases:
            filled = filler.fill(case, check=check)
            if not check and not filled.refusals and filled.changed:
                path_of(case).write_text(filled.text, "utf-8")
            results.append(filled)
            if on_filled is not None:
                on_filled(filled)
    finally:
        filler.close()
    return results


def note_witness(data: dict[str, Any], name: str, version: str, **confirmed: Any) -> None:
    """Write down what an engine or runtime has confirmed, if anything."""
    witnesses = [item for item in data.get("witness", ()) if item.get("name") != name]
    if all(confirmed.values()):
        witnesses.append({"kind": "engine", "name": name, "version": version, **confirmed})
    data["witness"] = witnesses


def confirmed_by(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """What a case says that an engine or runtime has confirmed."""
    witnesses = data.get("witness", ())
    return [item for item in witnesses if item["kind"] == "engine" and item["name"] == name]
