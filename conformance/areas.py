"""What cases are about: area, a sentence, and where the rules stand.

The list of areas of the core suite is data, in `areas.toml`. A file that begins with a comment, as
the kit's own do, speaks for itself.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources

from refexec_conformance.script import Suite

OTHER = "other"
"""The area of files that the list does not know."""


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the core suite."""

    title: str
    about: str
    """What its files are about: a sentence without a full stop."""
    chapter: str
    """Where the specification has the rules."""
    files: tuple[str, ...] = ()
    """Patterns of the names of its files."""


_OTHER = Area(OTHER, "What the list of areas does not know", "")


RUNTIME = "runtime"
"""What the kinds of suites begin with whose cases are about runtimes."""

CASES = "cases"
"""The kind of the suite of the kit's own cases for engines."""


def area_of(name: str, kind: str = "core") -> Area:
    """The area of a suite file. The last part of its name decides, or else the first.

    Of cases of the runtime suite and of the kit's own, the folder decides.
    """
    parts = name.split("/")
    candidates = [parts[-1], parts[0]]
    if kind.startswith(RUNTIME) or kind == CASES:
        candidates = [f"{CASES if kind == CASES else RUNTIME}/{parts[0]}"]
    for candidate in candidates:
        for area in areas():
            if any(fnmatchcase(candidate, pattern) for pattern in area.files):
                return area
    return _OTHER


@functools.cache
def areas() -> tuple[Area, ...]:
    """All areas, in the order of the list."""
    text = resources.files("refexec_conformance").joinpath("areas.toml").read_text("utf-8")
    return tuple(
        Area(title, item["about"], item["chapter"], tuple(item["files"]))
        for title, item in tomllib.loads(text).items()
    )


def all_areas() -> tuple[str, ...]:
    """The titles of all areas in order, and `OTHER`."""
    return (*(area.title for area in areas()), OTHER)


def stories(suite: Suite, kind: str, names: Iterable[str]) -> dict[tuple[str, str], str]:
    """What cases say of themselves, by the suite's name on the command line and theirs."""
    tell = getattr(suite, "story", None)
    if tell is None:
        return {}
    return {(kind, name): told for name in names if (told := tell(name))}
