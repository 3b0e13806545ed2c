"""What `trace`, `profile`, `debug` and `view` look into, from what the command line names.

That is a call of an export of a module, a recorded run, or a program: a module or snapshot that is
run and recorded first, with its output on standard error.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from refexec import image, snapshot, wasm
from refexec.abi.inputlog import container
from refexec.cli import files, numbers, session
from refexec.cli.invoke import function_type
from refexec.debugger.subject import FunctionSubject, RunSubject
from refexec.errors import InputError, StateError

ANY = f"{files.MODULE}, {files.SNAPSHOT} or {files.INPUT_LOG}"

Subject = FunctionSubject | RunSubject


source_option = click.option(
    "--source",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to look for source files in; the program's own otherwise.",
)
"""The option for folders with the source files that lines are shown of."""


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the arguments that `open_subject` takes."""
    for option in reversed(
        [
            click.argument("file", type=click.Path(path_type=Path)),
            click.argument("args", nargs=-1),
            click.option(
                "--invoke", metavar="FUNC", help="Call this export of a module, with ARGS."
            ),
            click.option(
                "--entry", metavar="NAME", default="", help="Entry function of a program."
            ),
            click.option(
                "--fuel",
                type=click.IntRange(min=0),
                metavar="N",
                help="Stop when N units of fuel are spent.",
            ),
        ]
    ):
        command = option(command)
    return command


def open_subject(
    file: Path, args: tuple[str, ...], invoke: str | None, entry: str, fuel: int | None
) -> Subject:
    """Make something that can be run again. Raises `InputError` and other errors of the tree."""
    data = files.read(file, ANY)
    if invoke is not None:
        if files.kind_of(data) != files.MODULE:
            raise InputError(f"{file}: --invoke needs {files.MODULE}")
        return _function(file, data, invoke, args, fuel)
    if args:
        raise InputError(f"{args[0]}: arguments are for --invoke")
    if files.kind_of(data) != files.INPUT_LOG:
        data = _record(file, data, entry, fuel)
    elif entry or fuel is not None:
        raise InputError(
            f"{file}: is a run that is recorded already; --entry and --fuel are not for it"
        )
    with files.about(file):
        return RunSubject(container.load(io.BytesIO(data)))


def _function(
    file: Path, data: bytes, name: str, args: tuple[str, ...], fuel: int | None
) -> FunctionSubject:
    with files.about(file):
        module = wasm.Module(data)
        type_ = function_type(module, name)
    values = numbers.parse_arguments(name, type_, args)
    with files.about(file):
        return FunctionSubject(module, name, values, fuel=fuel)


def _record(file: Path, data: bytes, entry: str, fuel: int | None) -> bytes:
    """Run a program, and give the input log of that."""
    if files.kind_of(data) == files.SNAPSHOT:
        with files.about(file):
            kept = snapshot.file.decode(data)
            if kept.final:
                raise StateError("the program has ended for good, expected one that can go on")
            code, instance = image.Instance.from_snapshot(kept)
            if entry:
                instance.set_entry(entry)
        loaded = code, instance, kept.buffers
    else:
        loaded = session.load(file, data, entry)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        log = Path(folder) / "run.log"
        session.execute(*loaded, session.Options("translated", fuel, None, None, None, log, False))
        return log.read_bytes()
