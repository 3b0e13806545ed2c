"""Suites, files, scripts and commands: what there is to judge, as plain data.

The form is that of the JSON scripts that `wast2json` and `wasm-tools json-from-wast` write from
the official suite's `.wast` files. This module reads it and judges nothing; where scripts come
from is the business of `archive` and `checkout`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from refexec_conformance.patterns import Pattern, parse_argument, parse_patterns
from refexec_conformance.values import Value, values_text
from refexec_conformance.verdicts import Finding
from refexec_conformance.wanted import Wanted

from refexec.errors import InputError

COMMAND_TYPES = frozenset(
    {
        "module",
        "module_definition",
        "module_instance",
        "register",
        "action",
        "assert_return",
        "assert_trap",
        "assert_exhaustion",
        "assert_exception",
        "assert_invalid",
        "assert_malformed",
        "assert_unlinkable",
        "assert_uninstantiable",
        "assert_invalid_custom",
        "assert_malformed_custom",
    }
)
"""Every command that a script may hold; another one is an `InputError`, not a silent gap."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something done to an instance."""

    type: str
    """`invoke` (call an exported function) or `get` (read an exported global)."""

    field: str
    """Name of the export."""

    module: str | None = None
    """Name of the instance; None for the latest one."""

    args: tuple[Value, ...] = ()

    def __str__(self) -> str:
        target = json.dumps(self.field, ensure_ascii=True)
        if self.module is not None:
            target = f"{self.module}.{target}"
        if self.type == "get":
            return f"get {target}"
        return f"invoke {target} {values_text(self.args) if self.args else ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a script."""

    type: str
    """One of `COMMAND_TYPES`."""

    line: int
    """Line in the `.wast` file that the script was made from."""

    index: int
    """Number of the command in its script, from 0."""

    module: str | None = None
    """Key of the module's bytes in `Script.modules`, for commands that have a module."""

    module_is_text: bool = False
    """Whether the module is given as text, so that the case is one for an assembler."""

    name: str | None = None
    """Name to give to, or by which to find, an instance or definition."""

    registered_as: str | None = None
    """For `register`: the module name under which others import from the instance."""

    action: Action | None = None

    expected: tuple[Pattern, ...] = ()
    """For `assert_return`: what the results must fit."""

    text: str = ""
    """What the official interpreter says about the fault that the command expects."""

    wanted: tuple[Wanted, ...] = ()
    """For `assert_outcome`, a command of the kit's own cases only: the outcomes that are right."""

    fuel: int | None = None
    """For `assert_outcome`: what the call may spend; None for no limit."""

    def __str__(self) -> str:
        if self.action is not None:
            return f"{self.type} {self.action}"
        if self.name is not None:
            return f"{self.type} {self.name}"
        return self.type


@dataclass(frozen=True, slots=True)
class Script:
    """One suite file, ready to be carried out."""

    name: str
    """Name of the file in its suite, without `.wast`."""

    commands: tuple[Command, ...]

    modules: Mapping[str, bytes] = field(default_factory=dict)
    """Bytes of the modules. A command whose key is missing here cannot be judged: it is absent."""

    dependent: frozenset[int] = frozenset()
    """Lines of commands whose answer depends on what absent modules would have done."""

    only: int | None = None
    """Number of the one command that is judged; the others prepare it. None for all."""

    lenient: bool = True
    """Whether outcomes that may legitimately differ are excused; see `leniency`."""

    finding: type[Finding] = Finding
    """What its findings are: they say in their own way where they are."""

    features: tuple[str, ...] | None = None
    """The features that it needs; None if `features.toml` has them by the name of the file."""


class Suite(Protocol):
    """A set of scripts. Small enough to be handed to another process."""

    @property
    def title(self) -> str:
        """What it is and which edition, for people."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files, without `.wast`, sorted."""

    def load(self, name: str) -> Script:
        """Read one file and assemble its modules. Raises `InputError` if it cannot be used."""


_PREPARING_NOTHING = frozenset(
    {
        "assert_invalid",
        "assert_malformed",
        "assert_unlinkable",
        "assert_invalid_custom",
        "assert_malformed_custom",
    }
)
"""Commands that change nothing, whatever comes of them."""


@dataclass(frozen=True, slots=True)
class OneCommand:
    """A suite of which one command of each file is judged, after what prepares it."""

    suite: Suite
    index: int

    @property
    def title(self) -> str:
        """What it is and which edition, for people."""
        return self.suite.title

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        return self.suite.names

    def load(self, name: str) -> Script:
        """Read one file, without what the command does not need. Raises `InputError`."""
        return only_command(self.suite.load(name), self.index)


def only_command(script: Script, index: int) -> Script:
    """The script up to one command, without what cannot matter to it.

    Raises `InputError` if there is no such command.
    """
    if not 0 <= index < len(script.commands):
        raise InputError(
            f"{script.name}.wast has no command {index}; they are 0 to {len(script.commands) - 1}"
        )
    before = [item for item in script.commands[:index] if item.type not in _PREPARING_NOTHING]
    return replace(script, commands=(*before, script.commands[index]), only=index)


def parse_script(name: str, data: bytes, modules: Mapping[str, bytes]) -> Script:
    """Read a JSON script.

    `modules` maps the file names that the script uses to bytes. Raises `InputError` for anything
    that is not a script, or holds a command that this kit does not know.
    """
    try:
        items = json.loads(data)["commands"]
        commands = tuple(_command(index, item) for index, item in enumerate(items))
    except (ValueError, KeyError, TypeError, InputError) as error:
        raise InputError(f"the script {name} cannot be read: {error!r}") from error
    return Script(name, commands, modules)


def _command(index: int, item: Mapping[str, Any]) -> Command:
    kind = item["type"]
    if kind not in COMMAND_TYPES:
        raise InputError(f"command {index} is of the unknown type {kind!r}")
    name = item.get("name")
    source = None
    if kind == "module_instance":
        name, source = item.get("instance"), item.get("module")
    elif "filename" in item:
        # A module that the suite quotes as text is given in both forms when it is valid.
        source = item.get("binary_filename", item["filename"])
    action = item.get("action")
    return Command(
        type=kind,
        line=item["line"],
        index=index,
        module=source,
        module_is_text=item.get("module_type") == "text" and "binary_filename" not in item,
        name=name,
        registered_as=item.get("as"),
        action=None if action is None else _action(action),
        expected=parse_patterns(item.get("expected", ())),
        text=item.get("text", ""),
    )


def _action(item: Mapping[str, Any]) -> Action:
    kind = item["type"]
    if kind not in ("invoke", "get"):
        raise InputError(f"an action is of the unknown type {kind!r}")
    return Action(
        kind,
        item["field"],
        item.get("module"),
        tuple(parse_argument(argument) for argument in item.get("args", ())),
    )
