"""Where a program stood when it trapped, for people: functions by name, and lines of source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from refexec import wasm
from refexec.cli.main import complain
from refexec.cli.text import escape
from refexec.debugger.lines import SourceLines

MAX_SHOWN = 20
"""Activations that are shown."""


def lines_of(module: wasm.Module) -> SourceLines | None:
    """The source lines of a module; says so, once, if it has some that cannot be read."""
    lines, problem = SourceLines.of_module(module)
    if problem:
        complain(problem)
    return lines


def show(module: wasm.Module, places: Iterable[tuple[int, int]]) -> None:
    """Write a backtrace on standard error: function and byte offset of each activation."""
    for line in describe(module, list(places)):
        click.echo(line, err=True)


def describe(module: wasm.Module, places: list[tuple[int, int]]) -> Iterator[str]:
    """Say where each activation stands, the innermost first."""
    if not places:
        return
    lines = lines_of(module)
    for number, (function, offset) in enumerate(places[:MAX_SHOWN]):
        name = module.function_names.get(function)
        text = f"  #{number} function {function}"
        if name is not None:
            text += f" {escape(name)}"
        text += f" at 0x{offset:x}"
        line = None if lines is None else lines.at(offset)
        if line is not None:
            text += f"  {escape(str(line))}"
        yield text
    if len(places) > MAX_SHOWN:
        yield "  … and more"
