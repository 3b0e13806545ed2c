"""`refexec conform diff`: what became different between two reports."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from refexec.cli.kit import require_kit
from refexec.cli.text import one_line

WORSE = 1
"""Exit status if anything is broken or gone."""


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Compare two reports that --json has written, OLD and NEW.

    Tells what was fixed, what was broken, what is new, and what is gone or not judged any more.
    Exit status: 0 if nothing is broken or gone, 1 if anything is, 2 for files that are no reports.
    """
    require_kit()
    from refexec_conformance.reports.difference import KINDS, difference
    from refexec_conformance.reports.document import read_document

    found = difference(read_document(old), read_document(new))
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
    else:
        for note in found.notes:
            click.echo(f"note: {one_line(note)}")
        for change in found.changes:
            click.echo(one_line(str(change)))
        counts = Counter(change.kind for change in found.changes)
        click.echo(", ".join(f"{counts[kind]} {kind}" for kind in KINDS))
    if found.bad:
        raise click.exceptions.Exit(WORSE)
