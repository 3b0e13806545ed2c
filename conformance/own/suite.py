"""The kit's own cases for engines as a suite, and how their modules are made from their sources.

Most cases are JSON files. Where the question is only whether a module is refused, many stand in one
script, of the form of the official suite: a `.wast` file in the folder of its area, whose first
comment is its story, and whose last line of that comment may name the features that it needs.

Each module `x.wasm` in the folder `cases` stands beside its source `x.wat`.

    python -m refexec_conformance.own.suite            assemble all modules
    python -m refexec_conformance.own.suite --check    compare them with their sources
"""

from __future__ import annotations

import functools
import json
import sys
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from refexec_conformance.checkout import CheckoutSuite
from refexec_conformance.features import all_features
from refexec_conformance.own.case import Case, read_cases
from refexec_conformance.runtime.library import make_programs
from refexec_conformance.script import Script

from refexec.errors import InputError


def folder() -> Path:
    """Where the cases are."""
    return Path(str(resources.files("refexec_conformance").joinpath("cases")))


@functools.cache
def cases_in(root: Path) -> dict[str, Case]:
    """The cases in the folders below a folder, by name. Raises `InputError`."""
    return {case.name: case for case in read_cases(root)}


@functools.cache
def scripts_in(root: Path) -> dict[str, tuple[str, ...]]:
    """The names of the scripts in the folders below a folder, each with the features it needs."""
    suite = CheckoutSuite(root)
    return {name: suite.features(name) or () for name in suite.names if "/" in name}


@dataclass(frozen=True, slots=True)
class CaseSuite:
    """The cases in a folder."""

    root: Path

    @property
    def title(self) -> str:
        """What it is, for people."""
        return "the kit's own cases"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its cases, sorted."""
        return tuple(sorted((*cases_in(self.root), *scripts_in(self.root))))

    def load(self, name: str) -> Script:
        """A case as a script. Raises `InputError`."""
        if name in scripts_in(self.root):
            return replace(CheckoutSuite(self.root).load(name), lenient=False)
        case = cases_in(self.root).get(name)
        if case is None:
            raise InputError(f"there is no case {name!r:.80}")
        return case.script()

    def story(self, name: str) -> str:
        """What a case says of itself."""
        if name in scripts_in(self.root):
            return CheckoutSuite(self.root).story(name)
        return cases_in(self.root)[name].story


def open_cases(root: Path | None = None) -> CaseSuite:
    """The cases of the kit, or those in another folder."""
    return CaseSuite(folder() if root is None else root)


def case_features(name: str) -> tuple[str, ...]:
    """What a case of the kit needs, at least the first of all features."""
    case = cases_in(folder()).get(name)
    features = scripts_in(folder()).get(name, ()) if case is None else case.features
    return features or all_features()[:1]


def schema() -> dict[str, Any]:
    """The form of a case, as JSON Schema."""
    path = resources.files("refexec_conformance").joinpath("schemas", "core-case.schema.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def main(arguments: list[str]) -> int:
    """Assemble or compare all modules; the exit status."""
    return make_programs(folder(), check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
