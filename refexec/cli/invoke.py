"""`refexec invoke`: call one export of a module, without a process and without services.

Numbers are read and printed as their types say; `refexec run` is what runs Gate programs.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from refexec import wasm
from refexec.cli import backtrace, files, numbers
from refexec.cli.main import complain, trap_status
from refexec.errors import InputError, TrapError
from refexec.trap import TrapID

MAX_SHOWN = 20
"""Names of functions in an error at most."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("module", type=click.Path(path_type=Path))
@click.argument("function")
@click.argument("args", nargs=-1)
@click.option(
    "--engine",
    type=click.Choice(sorted(wasm.ENGINES)),
    default=wasm.DEFAULT_ENGINE,
    show_default=True,
    help="What executes the function.",
)
@click.option("--fuel", type=click.IntRange(min=0), metavar="N", help="Stop when N fuel is spent.")
@click.option(
    "--cache/--no-cache",
    "cached",
    default=False,
    show_default=True,
    help="Keep generated code in the user's cache folder, and take it from there.",
)
def invoke(
    module: Path,
    function: str,
    args: tuple[str, ...],
    engine: str,
    fuel: int | None,
    cached: bool,
) -> int:
    """Call the exported FUNCTION of MODULE with ARGS and print its results.

    Each result is a line: its type, a colon and the value, as in i32:42. The module may not
    import anything.
    """
    data = files.read(module, files.MODULE)
    with wasm.CodeCache() if cached else contextlib.nullcontext() as cache:
        return _invoke(module, data, cache, function, args, engine, fuel)


def _invoke(
    module: Path,
    data: bytes,
    cache: wasm.CodeCache | None,
    function: str,
    args: tuple[str, ...],
    engine: str,
    fuel: int | None,
) -> int:
    with files.about(module):
        code = wasm.Module(data, cache=cache)
        type_ = function_type(code, function)
    values = numbers.parse_arguments(function, type_, args)
    with files.about(module):
        try:
            instance = wasm.Instance(code, engine=engine, fuel=fuel)
        except TrapError as error:
            complain(f"trap {error.trap:d} while instantiating: {error}")
            return trap_status(error.trap)
    match instance.call(function, *values, bits=True):
        case wasm.Returned(results):
            for value, of in zip(results, type_.results, strict=True):
                click.echo(f"{of}:{numbers.show(value, of)}")
            return 0
        case wasm.Trapped(trap=trap, message=message, backtrace=places):
            complain(f"trap {trap:d}: {message}")
            backtrace.show(code, [(place.function, place.offset) for place in places])
            return trap_status(trap)
        case wasm.Threw(backtrace=places):
            complain("uncaught wasm exception")
            backtrace.show(code, [(place.function, place.offset) for place in places])
            return trap_status(TrapID.UNREACHABLE)
        case wasm.Suspended():
            complain(f"out of fuel after {instance.fuel_spent}")
            return trap_status(TrapID.SUSPENDED)


def function_type(module: wasm.Module, name: str) -> wasm.FunctionType:
    """Find the type of an exported function. Raises `InputError` if there is none."""
    for export in module.exports:
        if export.name == name:
            if isinstance(export.type, wasm.FunctionType):
                return export.type
            raise InputError(f"export {name!r} is not a function")
    functions = [e.name for e in module.exports if isinstance(e.type, wasm.FunctionType)]
    shown = functions[:MAX_SHOWN] + ["…"] * (len(functions) > MAX_SHOWN)
    raise InputError(
        f"has no export {name!r}; its functions: {', '.join(shown) or 'there are none'}"
    )
