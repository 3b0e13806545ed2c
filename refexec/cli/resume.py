"""`refexec resume`: let a program go on that was suspended into a snapshot file."""

from __future__ import annotations

from pathlib import Path

import click

from refexec import image, snapshot
from refexec.cli import files, session
from refexec.errors import InputError, StateError
from refexec.snapshot import module


@click.command()
@click.argument("file", metavar="SNAPSHOT", type=click.Path(path_type=Path))
@session.options
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The program, for a snapshot that was made --without-program.",
)
def resume(
    file: Path,
    entry: str,
    engine: str,
    fuel: int | None,
    timeout: float | None,
    debug_log: str | None,
    snapshot_: Path | None,
    without_program: bool,
    record: Path | None,
    program: Path | None,
) -> int:
    """Let the program in SNAPSHOT go on where it stopped.

    SNAPSHOT is a file that --snapshot has written, or a WebAssembly module that is a snapshot. If
    the program had returned, --entry names the function to call next; globals and memory are those
    that it left behind.
    """
    data = files.read(file, files.EITHER)
    if program is not None and files.kind_of(data) == files.MODULE:
        raise InputError(f"{file}: is {files.MODULE}, which has its program inside of it")
    options = session.Options(engine, fuel, timeout, debug_log, snapshot_, record, without_program)
    if files.kind_of(data) == files.MODULE:
        if not module.is_form(data):
            raise InputError(
                f"{file}: is {files.MODULE}, expected {files.SNAPSHOT} (see refexec run --help)"
            )
        return session.execute(*session.load(file, data, entry), options)
    with files.about(file):
        kept = snapshot.file.decode(data)
        if kept.final:
            raise StateError("the program has ended for good, expected one that can go on")
        if program is not None:
            kept = kept.with_module(files.read(program, files.MODULE))
        elif kept.module is None:
            raise InputError(
                f"the program was left out: name the one with SHA-256 {kept.digest} with --program"
            )
        code, instance = image.Instance.from_snapshot(kept)
        if entry:
            instance.set_entry(entry)
    return session.execute(code, instance, kept.buffers, options)
