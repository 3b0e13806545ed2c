"""`refexec view`: a run as one HTML page, to be stepped through in both directions."""

from __future__ import annotations

from pathlib import Path

import click

from refexec.cli import files, subjects
from refexec.cli.backtrace import lines_of
from refexec.debugger.page import to_page
from refexec.debugger.timeline import Timeline
from refexec.debugger.viewing import STEPS, record_run


@click.command(context_settings={"ignore_unknown_options": True})
@subjects.options
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OUT",
    help="Write the page to OUT; to FILE.html otherwise, in the current folder.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1, max=1_000_000),
    default=STEPS,
    show_default=True,
    help="Moments that the page holds at most: the last ones, unless --from is given.",
)
@click.option("--from", "begin", type=click.IntRange(min=0), metavar="FUEL", help="Begin there.")
@subjects.source_option
def view(
    file: Path,
    args: tuple[str, ...],
    invoke: str | None,
    entry: str,
    fuel: int | None,
    output: Path | None,
    steps: int,
    begin: int | None,
    folders: tuple[Path, ...],
) -> int:
    """Write one HTML page on which a run can be stepped through, forwards and backwards.

    FILE is a module whose export is called with --invoke FUNC and ARGS, an input log that
    --record has written, or a program or snapshot, which is run and recorded first. The page
    needs no server and no network.
    """
    out = Path(f"{file.name}.html") if output is None else output
    files.check_writable(out)
    subject = subjects.open_subject(file, args, invoke, entry, fuel)
    places = list(folders) or [file.parent, file.parent.parent]
    lines = lines_of(subject.module)
    document = record_run(Timeline(subject), file.name, lines, places, steps, begin)
    out.write_text(to_page(document), encoding="utf-8")
    count = len(document["steps"])
    click.echo(f"{out}: {count} moments, {out.stat().st_size:,} bytes")
    return 0
