"""`refexec conform fill`: derive the expectations of the kit's cases, or check them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from refexec.cli.kit import require_kit
from refexec.cli.text import one_line

if TYPE_CHECKING:
    from refexec_conformance.filled import Filled
    from refexec_conformance.own import case as own
    from refexec_conformance.runtime import case as runtime

SUITES = ("cases", "runtime")
"""The suites whose expectations are derived."""


@click.command("fill")
@click.argument("name", metavar="[SUITE]", type=click.Choice(SUITES), required=False)
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
    help="Only the cases whose names fit (repeatable); of one suite.",
)
@click.option(
    "--cases",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The cases in this folder instead of the kit's; of one suite.",
)
def fill(name: str | None, check: bool, globs: tuple[str, ...], folder: Path | None) -> None:
    """Derive from the reference machine what must come of cases.

    SUITE is cases (the kit's own for engines) or runtime; without it both. A case is refused
    without a witness: a derivation by hand that names its rule, the official suite, or an
    independent engine or runtime that came to the same. Exit status: 0 if no case is refused, 1 if
    one is.
    """
    require_kit()
    if name is None and (globs or folder):
        raise click.UsageError(f"--file and --cases need a suite: {' or '.join(SUITES)}")
    refused = 0
    if name != "runtime":
        refused += _summary(_fill_own(check, globs, folder), check, "engine")
    if name != "cases":
        refused += _summary(_fill_runtime(check, globs, folder), check, "runtime")
    if refused:
        raise click.exceptions.Exit(1)


def _fill_own(check: bool, globs: tuple[str, ...], folder: Path | None) -> list[Filled[own.Case]]:
    from refexec_conformance.own.fill import fill_cases
    from refexec_conformance.own.suite import cases_in, open_cases
    from refexec_conformance.suites import choose_files

    suite = open_cases(folder)
    cases = cases_in(suite.root)
    chosen = [cases[item] for item in choose_files(suite, globs) if item in cases]
    return fill_cases(chosen, check=check, on_filled=_tell)


def _fill_runtime(
    check: bool, globs: tuple[str, ...], folder: Path | None
) -> list[Filled[runtime.Case]]:
    from refexec_conformance.runtime.conduct import choose_cases
    from refexec_conformance.runtime.fill import fill_cases
    from refexec_conformance.runtime.library import read_cases

    chosen = choose_cases(globs, among=None if folder is None else read_cases(folder))
    return fill_cases(chosen, check=check, on_filled=_tell)


def _summary(results: Sequence[Filled[Any]], check: bool, who: str) -> int:
    """Print what became of cases; how many are refused."""
    refused = sum(bool(result.refusals) for result in results)
    asked = sum(bool(result.asked) for result in results)
    written = 0 if check else sum(result.changed and not result.refusals for result in results)
    click.echo(
        f"{len(results)} cases: {asked} confirmed by an independent {who}, {refused} refused"
        f"{'' if check else f', {written} written'}"
    )
    return refused


def _tell(filled: Filled[Any]) -> None:
    for refusal in filled.refusals:
        first, *others = refusal.splitlines()
        click.echo(f"{one_line(filled.case.name)}: {one_line(first)}")
        for line in others:
            click.echo(f"    {one_line(line)}")
