"""Write docs/specification.md: from each rule of the specification to the Python that follows it.

`python docs/generate_specification.py` writes the page, `--check` fails if it is not up to date.
Everything on the page comes from the code: the opcode table, the labels of rules in docstrings
(`exec-…`, `valid-…`, `match-…`, `op-…`), and the measured record of which case executes what.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from refexec_conformance.executed import executed

import refexec.interp
from refexec.interp.instructions import EXECUTE
from refexec.interp.opcodes import OPCODES
from refexec.interp.rules import RULES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "specification.md"
SHOWN_CASES = 3

LABEL = re.compile(r"\b(?:exec|valid|match|op|default)-[A-Za-z0-9_.]*[A-Za-z0-9_]")

HEADER = """\
---
hide: [navigation, toc]
---

# From the specification to the code

This page is made by `docs/generate_specification.py` from the code itself. Labels are the anchors
of the WebAssembly specification, without the leading underscore.

Each instruction is one row of the table in [opcodes.py](../refexec/interp/opcodes.py) or
[opcodes_vector.py](../refexec/interp/opcodes_vector.py), is executed by one function, and is
validated by the function named last; "signature" means that the types in its row are the whole
rule. Cases are files of the official core suite, or of `conformance/cases/`, that execute it.
"""


def modules() -> list[ModuleType]:
    """All modules of the reference machine."""
    found = pkgutil.walk_packages(refexec.interp.__path__, "refexec.interp.")
    return [importlib.import_module(info.name) for info in found]


def link(function: Any) -> str:
    """Link to the file of a function, named after the function."""
    # Not the module's own file: that may be an installed copy.
    path = Path(*function.__module__.split("."))
    file = path.with_suffix(".py") if (ROOT / path.with_suffix(".py")).exists() else path
    return f"[{function.__name__}](../{file.as_posix()})"


def cases(mnemonic: str) -> str:
    """Name some of the cases that execute an instruction."""
    names = executed()[mnemonic]
    more = f" and {len(names) - SHOWN_CASES} more" if len(names) > SHOWN_CASES else ""
    return ", ".join(names[:SHOWN_CASES]) + more


def instruction_rows() -> list[str]:
    """One row for each instruction, by rule."""
    rows = []
    for opcode in sorted(OPCODES.values(), key=lambda o: (o.rule, o.code)):
        validated = link(RULES[opcode]) if opcode in RULES else "signature"
        if opcode in RULES and RULES[opcode].__name__ == "check":
            validated = "[access or lane](../refexec/interp/rules/__init__.py)"
        rows.append(
            f"| `exec-{opcode.rule}` | `{opcode.mnemonic}` | {opcode.feature} | "
            f"{link(EXECUTE[opcode])} | {validated} | {cases(opcode.mnemonic)} |"
        )
    return rows


def other_rows() -> list[str]:
    """One row for each other label that a docstring names."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    instruction_functions = {id(function) for function in EXECUTE.values()}
    for module in modules():
        for _, item in inspect.getmembers(module):
            if getattr(item, "__module__", None) != module.__name__:
                continue
            members = [item]
            if inspect.isclass(item):
                members += [m for _, m in inspect.getmembers(item, inspect.isfunction)]
            for member in members:
                if id(member) in instruction_functions or not callable(member):
                    continue
                for label in LABEL.findall(inspect.getdoc(member) or ""):
                    places[label].add(link(member))
    return [f"| `{label}` | {', '.join(sorted(places[label]))} |" for label in sorted(places)]


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            HEADER,
            "## Instructions",
            "",
            "| rule | instruction | feature | executed by | validated by | cases |",
            "|---|---|---|---|---|---|",
            *instruction_rows(),
            "",
            "## Other rules",
            "",
            "| rule | where |",
            "|---|---|",
            *other_rows(),
            "",
        ]
    )


@click.command()
@click.option("--check", is_flag=True, help="Only tell whether the page is up to date.")
def main(check: bool) -> None:
    """Write the page, or check it."""
    text = page()
    if not check:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        sys.exit("docs/specification.md is out of date: run python docs/generate_specification.py")


if __name__ == "__main__":
    main()
