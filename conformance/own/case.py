"""A case of the kit's own for engines, as data: what its JSON file says.

The form is `schemas/core-case.schema.json`, with which the tests compare every case. A case is a
list of steps: instantiate, register, call, read a global, or load a module that is to be refused.
Here they become the commands of a script, so that everything that runs scripts runs cases, too. A
step with one outcome that scripts have a word for becomes that word, others `assert_outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refexec_conformance.casefile import read_as, read_binary
from refexec_conformance.patterns import parse_argument
from refexec_conformance.script import Action, Command, Script
from refexec_conformance.verdicts import StepFinding
from refexec_conformance.wanted import Wanted, parse_wanted

from refexec.errors import InputError

Data = Mapping[str, Any]

_SAYS_OF_CALLS = {
    "returns": "assert_return",
    "trap": "assert_trap",
    "exhausted": "assert_exhaustion",
    "throws": "assert_exception",
}
_SAYS_OF_MODULES = {
    "instantiated": "module",
    "trap": "assert_uninstantiable",
    "refused": "assert_unlinkable",
}
_EXHAUSTED = "call stack exhausted"


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the kit's own for engines."""

    name: str
    title: str
    does: str
    must: str
    rules: tuple[str, ...]
    """The rules that it tests, by section of the specification or in the project's own words."""

    tags: tuple[str, ...]
    """The area first."""

    features: tuple[str, ...]
    """What an engine needs for it, as `features.toml` and `features.PROMISES` call it."""

    steps: tuple[Data, ...]
    witness: tuple[Data, ...]
    """Why the expectations are believed."""

    data: dict[str, Any]
    """The JSON document."""

    folder: Path

    @property
    def story(self) -> str:
        """What it does and what must happen, and by which rules, for people."""
        rules = "".join(f" Rule: {rule}." for rule in self.rules)
        return f"{self.title}. {self.does} {self.must}{rules}"

    @property
    def modules(self) -> frozenset[str]:
        """File names of its modules, in the folder of the case."""
        return frozenset(step["module"] for step in self.steps if "module" in step)

    def script(self) -> Script:
        """The case as a script. Raises `InputError` if a module is not there."""
        commands = tuple(_command(index, step) for index, step in enumerate(self.steps))
        modules = {name: read_binary(self.folder / name) for name in self.modules}
        return Script(
            self.name,
            commands,
            modules,
            lenient=False,
            finding=StepFinding,
            features=self.features,
        )


def read_case(path: Path, root: Path) -> Case:
    """Read a case; its name is its path below `root`. Raises `InputError`."""
    return read_as(case_of, path, root)


def read_cases(root: Path) -> tuple[Case, ...]:
    """The cases in the folders below `root`, by name. Raises `InputError`."""
    return tuple(read_case(path, root) for path in sorted(root.glob("*/*.json")))


def case_of(data: dict[str, Any], name: str, folder: Path) -> Case:
    """Make a case of its JSON document. Raises `InputError`, and what a wrong form raises."""
    case = Case(
        name=name,
        title=data["title"],
        does=data["does"],
        must=data["must"],
        rules=tuple(data["rules"]),
        tags=tuple(data["tags"]),
        features=tuple(data.get("features", ())),
        steps=tuple(data["steps"]),
        witness=tuple(data.get("witness", ())),
        data=data,
        folder=folder,
    )
    for index, step in enumerate(case.steps):
        _command(index, step)
    return case


def _command(index: int, step: Data) -> Command:
    """A step as a command. Its line is the number of the step, from 1."""
    wanted = tuple(map(parse_wanted, step.get("expect", ())))
    line, name = index + 1, step.get("name")
    match step["do"]:
        case "register":
            return Command("register", line, index, name=name, registered_as=step["as"])
        case "load":
            text = wanted[0].text if wanted else ""
            kind = f"assert_{text}" if text in ("malformed", "invalid") else "module_definition"
            return Command(kind, line, index, module=step["module"], name=name, text=text)
        case "instantiate":
            kind = _word(wanted, _SAYS_OF_MODULES) if wanted else "assert_outcome"
            text = wanted[0].text if len(wanted) == 1 else ""
            return Command(
                kind, line, index, module=step["module"], name=name, text=text, wanted=wanted
            )
        case "call":
            args = tuple(map(parse_argument, step.get("args", ())))
            action = Action("invoke", step["function"], step.get("instance"), args)
        case "get":
            action = Action("get", step["global"], step.get("instance"))
        case other:
            raise InputError(f"step {line} does the unknown thing {other!r:.80}")
    fuel = step.get("fuel")
    if fuel is not None or len(wanted) != 1 or wanted[0].fuel is not None:
        return Command("assert_outcome", line, index, action=action, wanted=wanted, fuel=fuel)
    (only,) = wanted
    kind = _word(wanted, _SAYS_OF_CALLS)
    text = _EXHAUSTED if only.kind == "exhausted" else only.text
    return Command(kind, line, index, action=action, expected=only.values, text=text, wanted=wanted)


def _word(wanted: tuple[Wanted, ...], words: Mapping[str, str]) -> str:
    """What scripts call it, if they have a word."""
    if len(wanted) != 1 or (wanted[0].kind == "refused" and wanted[0].text != "unlinkable"):
        return "assert_outcome"
    return words.get(wanted[0].kind, "assert_outcome")
