"""`refexec run`: run a Gate program from its beginning."""

from __future__ import annotations

from pathlib import Path

import click

from refexec.cli import files, session


@click.command()
@click.argument("program", type=click.Path(path_type=Path))
@session.options
def run(
    program: Path,
    entry: str,
    engine: str,
    fuel: int | None,
    timeout: float | None,
    debug_log: str | None,
    snapshot_: Path | None,
    without_program: bool,
    record: Path | None,
) -> int:
    """Run PROGRAM, a WebAssembly module made for Gate or for WASI.

    The program's service "origin" is connected to standard input and output. Ctrl-C suspends the
    program. A module that is a snapshot goes on where it stopped, as with `refexec resume`.
    """
    data = files.read(program, files.MODULE)
    code, instance, buffers = session.load(program, data, entry)
    options = session.Options(engine, fuel, timeout, debug_log, snapshot_, record, without_program)
    return session.execute(code, instance, buffers, options)
