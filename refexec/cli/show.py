"""`refexec show`: the instructions of a module beside the types that validation proves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from refexec import wasm
from refexec.cli import files
from refexec.cli.text import escape
from refexec.errors import InputError
from refexec.interp.listing import instruction_text, list_function
from refexec.interp.validation import FunctionCode
from refexec.translate.deposit import deposit_of
from refexec.translate.errors import Untranslatable
from refexec.translate.listing import list_python

INSTRUCTION_WIDTH = 44
"""Columns for offset and instruction; types come after."""


PYTHON_WIDTH = 64
"""Columns for generated code; instructions come after."""


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
@click.option(
    "--python",
    is_flag=True,
    help="Print the Python that the fast engine runs, beside the instructions.",
)
def show(module: Path, function: str | None, features: str, python: bool) -> None:
    """Print the functions of MODULE, or only FUNCTION, an index or a name.

    Each line has the byte offset, the instruction, and the types of the operands after it, the
    last one on top. A dash stands for a point that cannot be reached.

    With --python, each line has the Python of the fast engine, and behind it the byte offset and
    the last instruction that it carries out. Functions that are not translated say why.
    """
    data = files.read(module, files.MODULE)
    with files.about(module):
        code = wasm.Module(data, features=features)
    for number, chosen in enumerate(_chosen(code, function)):
        if number:
            click.echo()
        for line in _python(code, chosen) if python else _lines(code, chosen):
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


def _title(module: wasm.Module, code: FunctionCode) -> str:
    name = module.function_names.get(code.index)
    title = f"function {code.index}" + ("" if name is None else f" {escape(name)}")
    return f"{title} {code.type}"


def _python(module: wasm.Module, code: FunctionCode) -> Iterator[str]:
    yield _title(module, code)
    try:
        lines = list(list_python(module.valid, code, wasm.DEFAULT_LIMITS))
    except Untranslatable as error:
        yield f"not translated: {error}"
        return
    yield f"# direct callers have paid {deposit_of(module.valid, code)}"
    for line in lines:
        text = line.text.replace(" ", "    ", len(line.text) - len(line.text.lstrip()))
        if not line.step:
            yield text
            continue
        opcode, immediate = code.body.instructions[line.step - 1]
        beside = f"# {code.offset_of(line.step):06x}  {instruction_text(opcode, immediate)}"
        if opcode.mnemonic in ("call", "return_call") and immediate in module.function_names:
            beside += f" ({escape(module.function_names[immediate])})"
        yield f"{text:<{PYTHON_WIDTH}}  {beside}"


def _lines(module: wasm.Module, code: FunctionCode) -> Iterator[str]:
    yield _title(module, code)
    extra = code.local_types[len(code.type.params) :]
    if extra:
        yield f"locals {' '.join(map(repr, extra))}"
    for line in list_function(module.valid, code):
        types = "-" if line.operands is None else " ".join(map(repr, line.operands))
        text = f"{line.offset:06x}  {'  ' * line.depth}{line.text}"
        yield f"{text:<{INSTRUCTION_WIDTH}}  {types}".rstrip()
