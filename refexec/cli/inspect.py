"""`refexec inspect`: tell all about a module or a snapshot, without running anything.

What is told is made in `refexec.cli.inspection`, and its form is that of docs/inspect.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import click

from refexec import snapshot
from refexec.cli import files
from refexec.cli.inspection.layout import lay_out
from refexec.cli.inspection.modules import describe_module
from refexec.cli.inspection.snapshots import describe_snapshot
from refexec.cli.main import BAD_INPUT, complain

_PIECES_AT_ONCE = 1000


def _print_schema(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        schema = resources.files("refexec.cli") / "schemas" / "inspect.schema.json"
        click.echo(schema.read_text("utf-8"), nl=False)
        ctx.exit()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of that document, and nothing else.",
)
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The program of a snapshot that does not hold it.",
)
def inspect(file: Path, as_json: bool, program: Path | None) -> int:
    """Tell all about FILE, a WebAssembly module or a snapshot.

    A snapshot whose state does not fit its module is shown as far as possible; what is wrong is
    said on standard error too, and the exit status is 2.
    """
    data = files.read(file, files.EITHER)
    binary = None if program is None else files.read(program, files.MODULE)
    with files.about(file):
        if files.kind_of(data) == files.MODULE:
            tree = describe_module(data)
        else:
            record = snapshot.file.decode(data)
            if binary is not None:
                record = record.with_module(binary)
            tree = describe_snapshot(record, len(data))
    tree = _as_text(tree)
    if as_json:
        # ASCII only: nothing in it can be taken for a terminal command.
        _print_pieces(json.JSONEncoder(indent=2).iterencode(tree))
    else:
        click.echo(lay_out(tree), nl=False)
    problems = (tree if "problems" in tree else tree["snapshot"] or {}).get("problems", [])
    for problem in problems:
        complain(f"{file}: {problem['where']}: {problem['what']}")
    return BAD_INPUT if problems else 0


def _print_pieces(pieces: Iterable[str]) -> None:
    """Print many small pieces a line."""
    waiting: list[str] = []
    for piece in (*pieces, "\n"):
        waiting.append(piece)
        if len(waiting) == _PIECES_AT_ONCE or piece == "\n":
            click.echo("".join(waiting), nl=False)
            waiting.clear()


def _as_text(tree: Any) -> Any:
    r"""Make each string one that JSON can hold: bytes that are not UTF-8 become \xff."""
    if isinstance(tree, dict):
        return {key: _as_text(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_as_text(value) for value in tree]
    if not isinstance(tree, str) or tree.isascii():
        return tree
    try:
        data = tree.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A lone surrogate that stands for no byte.
        data = tree.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")
