"""`refexec show`: the instructions of a module beside the types that validation proves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from refexec import wasm
from refexec.cli import files
from refexec.cli.text import escape
from refexec.errors import InputError
from refexec.interp.listing import list_function
from refexec.interp.validation import FunctionCode

INSTRUCTION_WIDTH = 44
"""Columns for offset and instruction; types come after."""


@click.command()
@click.argument("module", type=click.Path(path_type=Path))
@click.argument("function", required=False)
@click.option(
    "--features",
    type=click.Choice(sorted(wasm.PROFILES)),
    default=wasm.DEFAULT_PROFILE,
    show_default=True,
    help="Feature profile that the module must keep to.",
)
def show(module: Path, function: str | None, features: str) -> None:
    """Print the functions of MODULE, or only FUNCTION, an index or a name.

    Each line has the byte offset, the instruction, and the types of the operands after it, the
    last one on top. A dash stands for a point that cannot be reached.
    """
    data = files.read(module, files.MODULE)
    with files.about(module):
        code = wasm.Module(data, features=features)
    for number, chosen in enumerate(_chosen(code, function)):
        if number:
            click.echo()
        for line in _lines(code, chosen):
            click.echo(line)


def _chosen(module: wasm.Module, function: str | None) -> list[FunctionCode]:
    functions = module.valid.functions
    if function is None:
        return functions
    first = module.valid.imported_functions
    if function.isdecimal():
        index = int(function)
        if not first <= index < first + len(functions):
            raise InputError(
                f"{function}: expected the index of a function that the module defines, from "
                f"{first} to {first + len(functions) - 1}"
            )
        return [functions[index - first]]
    named = [f for f in functions if module.function_names.get(f.index) == function]
    exported = [e.index for e in module.valid.syntax.exports if e.name == function]
    named += [f for f in functions if f.index in exported and f not in named]
    if not named:
        raise InputError(f"{escape(function)}: no function that the module defines has this name")
    return named


def _lines(module: wasm.Module, code: FunctionCode) -> Iterator[str]:
    name = module.function_names.get(code.index)
    title = f"function {code.index}" + ("" if name is None else f" {escape(name)}")
    yield f"{title} {code.type}"
    extra = code.local_types[len(code.type.params) :]
    if extra:
        yield f"locals {' '.join(map(repr, extra))}"
    for line in list_function(module.valid, code):
        types = "-" if line.operands is None else " ".join(map(repr, line.operands))
        text = f"{line.offset:06x}  {'  ' * line.depth}{line.text}"
        yield f"{text:<{INSTRUCTION_WIDTH}}  {types}".rstrip()
