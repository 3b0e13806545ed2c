"""What a backend is known not to pass, file by file, each with a written reason.

One TOML file for each backend, in `expectations/`; its table `fails` maps names of suite files to
reasons, or to a `reason` and the `commands` that fail, as in `commands = "3 7-9"`. A backend
without a file is expected to pass everything. A listed file or command that passes is red, so that
the lists cannot go stale; and so is a command that fails beside those that are listed.

The lists of engines other than refexec's own are found by the kit: `expectations_text` makes one
of a run. They name the version of the engine and the edition of the suite that they were made
with, and apply to these only; a run of others is reported, and is not red.
"""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

from refexec_conformance.backend import COMMAND
from refexec_conformance.verdicts import FileResult, RunResult, Verdict

from refexec.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one file."""

    reason: str

    commands: frozenset[int] | None = None
    """Numbers of the commands that fail; None if they are not listed."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected of one backend."""

    fails: Mapping[str, Known] = field(default_factory=dict)
    """Names of the files that it is expected to fail, and why."""

    version: str | None = None
    """The version of the engine that this is about; None for any."""

    suite: str | None = None
    """The edition of the suite that this is about; None for any."""

    def objection(self, version: str, suite: str) -> str:
        """Why this does not apply to a run; empty if it does."""
        if self.version not in (None, version):
            return f"expectations are for version {self.version}"
        if self.suite not in (None, suite):
            return f"expectations are for {self.suite}"
        return ""


@functools.cache
def expectations_of(backend: str, kind: str = "core") -> Expectations:
    """What is expected of a backend in the suite that the command line calls `kind`.

    The file is in `expectations/`, or, for another suite than the core suite, in a folder there.
     Raises `ConfigError` if an entry cannot be used.
    """
    if backend.startswith(COMMAND):
        return Expectations()
    folder = resources.files("refexec_conformance").joinpath("expectations")
    path = (folder if kind == "core" else folder.joinpath(kind)).joinpath(f"{backend}.toml")
    if not path.is_file():
        return Expectations()
    data = tomllib.loads(path.read_text("utf-8"))
    fails = {
        name: _known(item, f"the expectation that {backend} fails {name}")
        for name, item in data.get("fails", {}).items()
    }
    return Expectations(fails, data.get("version"), data.get("suite"))


def _known(item: object, what: str) -> Known:
    """Read an entry. Raises `ConfigError`, about `what`."""
    table: Mapping[str, Any] = item if isinstance(item, dict) else {"reason": item}
    reason, commands = table.get("reason"), table.get("commands")
    if not (isinstance(reason, str) and reason.strip()):
        raise ConfigError(f"{what} has no reason")
    if commands is None:
        return Known(reason)
    try:
        return Known(reason, parse_numbers(commands))
    except (ValueError, AttributeError) as error:
        raise ConfigError(f"{what}: expected commands like '3 7-9', found {commands!r}") from error


def parse_numbers(text: str) -> frozenset[int]:
    """Read numbers and ranges of them. Raises ValueError."""
    found: set[int] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def numbers_text(numbers: Iterable[int]) -> str:
    """Write numbers, ranges for those that follow each other."""
    parts: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = parts[-1][0], number
        else:
            parts.append((number, number))
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)


def expected_failures(backend: str, kind: str = "core") -> Mapping[str, Known]:
    """Names of the files that the backend is expected to fail, and why."""
    return expectations_of(backend, kind).fails


def apply_expectation(
    result: FileResult, backend: str, only: int | None = None, kind: str = "core"
) -> FileResult:
    """The result with what is expected of the file; of its command `only`, if it is alone."""
    known = expected_failures(backend, kind).get(result.name)
    if known is None or (only is not None and only not in (known.commands or (only,))):
        return replace(result, reason=None, expected=None)
    expected = known.commands if only is None else frozenset({only})
    return replace(result, reason=known.reason, expected=expected)


def expectations_text(result: RunResult) -> str:
    """The expectations file that a run would meet, each reason made of what was found."""
    lines = [
        "# Found by `refexec conform --write-expectations`, and not to be edited.",
        "",
        f"version = {_string(result.backend_version)}",
        f"suite = {_string(result.suite)}",
    ]
    for item in result.files:
        if item.failures:
            commands = numbers_text(finding.index for finding in item.failures)
            lines += [
                "",
                f"[fails.{_string(item.name)}]",
                f"commands = {_string(commands)}",
                f"reason = {_string(_reason(item))}",
            ]
    return "\n".join(lines) + "\n"


def _reason(result: FileResult) -> str:
    """Counts by verdict, and the first finding."""
    counts = {verdict: result.counts[verdict] for verdict in Verdict}
    bad = [item.verdict for item in result.failures]
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if verdict in bad)
    first = result.failures[0]
    got = first.got if len(first.got) <= _SHOWN else f"{first.got[:_SHOWN]}..."
    return f"{told}; line {first.line}: expected {first.expected}, got {got}"


_SHOWN = 120


def _string(text: str) -> str:
    """A basic string of TOML: that of JSON, without what TOML lacks."""
    return json.dumps("".join(char if char.isprintable() else "?" for char in text))
