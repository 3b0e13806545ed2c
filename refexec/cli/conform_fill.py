"""`refexec conform fill`: derive the expectations of the runtime suite, or check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from refexec.cli.kit import require_kit
from refexec.cli.text import one_line

if TYPE_CHECKING:
    from refexec_conformance.runtime.fill import Filled


@click.command("fill")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: see that the reference still comes to what the cases say, and ask the "
    "installed witnesses again.",
)
@click.option(
    "--file",
    "globs",
    multiple=True,
    metavar="GLOB",
    help="Only the cases whose names fit (repeatable).",
)
@click.option(
    "--cases",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The cases in this folder instead of the kit's.",
)
def fill(check: bool, globs: tuple[str, ...], folder: Path | None) -> None:
    """Derive what must come of the runtime suite's cases from the reference machine.

    A case is refused without a witness: a derivation by hand that names its rule, the official
    suite, or an independent runtime that came to the same. Exit status: 0 if no case is refused,
    1 if one is.
    """
    require_kit()
    from refexec_conformance.runtime.conduct import choose_cases
    from refexec_conformance.runtime.fill import fill_cases
    from refexec_conformance.runtime.library import read_cases

    cases = choose_cases(globs, among=None if folder is None else read_cases(folder))
    results = fill_cases(cases, check=check, on_filled=_tell)
    refused = sum(bool(result.refusals) for result in results)
    asked = sum(bool(result.asked) for result in results)
    written = 0 if check else sum(result.changed and not result.refusals for result in results)
    click.echo(
        f"{len(results)} cases: {asked} confirmed by an independent runtime, {refused} refused"
        f"{'' if check else f', {written} written'}"
    )
    if refused:
        raise click.exceptions.Exit(1)


def _tell(filled: Filled) -> None:
    for refusal in filled.refusals:
        first, *others = refusal.splitlines()
        click.echo(f"{one_line(filled.case.name)}: {one_line(first)}")
        for line in others:
            click.echo(f"    {one_line(line)}")
