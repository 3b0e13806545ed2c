"""What a backend is known not to pass, file by file, each with a written reason.

One TOML file for each backend, in `expectations/`; its table `fails` maps names of suite files to
reasons. A backend without a file is expected to pass everything. A listed file that passes is
red, so that the lists cannot go stale.

The lists of engines other than refexec's own are found by the kit: `expectations_text` makes one
of a run. They name the version of the engine and the edition of the suite that they were made
with, and apply to these only; a run of others is reported, and is not red.
"""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources

from refexec_conformance.backend import COMMAND
from refexec_conformance.verdicts import FileResult, RunResult, Verdict

from refexec.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected of one backend."""

    fails: Mapping[str, str] = field(default_factory=dict)
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
def expectations_of(backend: str) -> Expectations:
    """What is expected of a backend. Raises `ConfigError` if an entry has no reason."""
    if backend.startswith(COMMAND):
        return Expectations()
    path = resources.files("refexec_conformance").joinpath("expectations", f"{backend}.toml")
    if not path.is_file():
        return Expectations()
    data = tomllib.loads(path.read_text("utf-8"))
    fails = data.get("fails", {})
    for name, reason in fails.items():
        if not (isinstance(reason, str) and reason.strip()):
            raise ConfigError(f"the expectation that {backend} fails {name} has no reason")
    return Expectations(dict(fails), data.get("version"), data.get("suite"))


def expected_failures(backend: str) -> Mapping[str, str]:
    """Names of the files that the backend is expected to fail, and why."""
    return expectations_of(backend).fails


def apply_expectation(result: FileResult, backend: str) -> FileResult:
    """The result with the reason why the file is expected to fail, if it is."""
    return replace(result, reason=expected_failures(backend).get(result.name))


def expectations_text(result: RunResult) -> str:
    """The expectations file that a run would meet, each reason made of what was found."""
    lines = [
        "# Found by `refexec conform --write-expectations`, and not to be edited.",
        "",
        f"version = {_string(result.backend_version)}",
        f"suite = {_string(result.suite)}",
        "",
        "[fails]",
    ]
    lines += [
        f"{_string(item.name)} = {_string(_reason(item))}" for item in result.files if item.findings
    ]
    return "\n".join(lines) + "\n"


def _reason(result: FileResult) -> str:
    """Counts by verdict, and the first finding."""
    counts = {verdict: result.counts[verdict] for verdict in Verdict}
    bad = [item.verdict for item in result.findings]
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if verdict in bad)
    first = result.findings[0]
    got = first.got if len(first.got) <= _SHOWN else f"{first.got[:_SHOWN]}..."
    return f"{told}; line {first.line}: expected {first.expected}, got {got}"


_SHOWN = 120


def _string(text: str) -> str:
    """A basic string of TOML: that of JSON, without what TOML lacks."""
    return json.dumps("".join(char if char.isprintable() else "?" for char in text))
