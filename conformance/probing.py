"""Probes: small cases about what is known to go wrong, asked of every engine.

They are ordinary scripts, one question each, which their first comment asks; what an engine answers
is a finding about it, whoever it is. Two things are special. Nothing excuses an answer: a probe may
well ask for more depth than the specification promises. And a comment like

    ;; fuel: invoke "straight" (i32.const 0) at least 50

asks how much fuel a call is charged, of the engines that meter what they run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from refexec_conformance.checkout import CheckoutSuite, checkout_suite
from refexec_conformance.script import Action, Command, Script
from refexec_conformance.values import Number

from refexec.errors import InputError

KIND = "probes"
"""How the suite is called on the command line."""

_FUEL = re.compile(r';; fuel: invoke "(\w+)"((?: \(i32\.const \d+\))*) at least (\d+)')
_ARGUMENT = re.compile(r"\(i32\.const (\d+)\)")


@dataclass(frozen=True, slots=True)
class ProbeSuite:
    """The probes in a folder."""

    folder: CheckoutSuite

    @property
    def title(self) -> str:
        """What it is, for people."""
        return "the kit's probes"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files, sorted."""
        return self.folder.names

    def story(self, name: str) -> str:
        """The question that a file asks."""
        return self.folder.story(name)

    def load(self, name: str) -> Script:
        """Read one file, with its questions about fuel. Raises like any suite."""
        script = self.folder.load(name)
        commands = list(script.commands)
        text = (self.folder.root / f"{name}.wast").read_text("utf-8")
        for line, words in enumerate(text.splitlines(), 1):
            if words.startswith(";; fuel:"):
                commands.append(_fuel_command(words, line, len(commands)))
        return replace(script, commands=tuple(commands), lenient=False)


def _fuel_command(words: str, line: int, index: int) -> Command:
    match = _FUEL.fullmatch(words)
    if match is None:
        raise InputError(f"line {line}: expected a question about fuel, found {words!r:.80}")
    name, arguments, least = match.groups()
    args = tuple(Number("i32", int(number)) for number in _ARGUMENT.findall(arguments))
    return Command(
        "assert_fuel", line, index, action=Action("invoke", name, None, args), text=least
    )


def open_probes() -> ProbeSuite:
    """The probes of the kit."""
    folder = resources.files("refexec_conformance").joinpath("probes")
    return ProbeSuite(checkout_suite(Path(str(folder))))
