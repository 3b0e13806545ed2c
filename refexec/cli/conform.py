"""`refexec conform`: put an engine on trial.

The kit is the package `refexec_conformance`; this file only finds it, shows progress, writes the
reports, and turns its verdict into an exit status. What else is done with reports is in the
subcommands, a file each.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from refexec.cli import conform_runtime
from refexec.cli.conform_diff import diff
from refexec.cli.conform_fill import fill
from refexec.cli.conform_list import core_suite_option, list_suites, suite_argument
from refexec.cli.conform_runtime import Part, Run
from refexec.cli.kit import require_kit
from refexec.cli.text import one_line
from refexec.errors import InputError

if TYPE_CHECKING:
    from refexec_conformance.conduct import Absent
    from refexec_conformance.cuts import Cuts
    from refexec_conformance.verdicts import FileResult, RunResult

DEFAULT_REPORTS = (Path("refexec-conform.html"), Path("refexec-conform.json"))
"""Where the reports go when the command is given nothing else, in the folder that it runs in."""


class Conform(click.Command):
    """The command; words that are no suites lead to other commands."""

    others: ClassVar[dict[str, click.Command]] = {
        "diff": diff,
        "fill": fill,
        "list": list_suites,
    }

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Begin the command that the first word names."""
        other = self.others.get(args[0]) if args else None
        if other is None:
            return super().make_context(info_name, args, parent, **extra)
        return other.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)


def _report(form: str, what: str) -> Callable[[Any], Any]:
    """The option for a file that a form of the report is written to."""
    file = click.File("w", encoding="utf-8", lazy=False)
    return click.option(f"--{form}", f"{form}_file", type=file, metavar="OUT", help=what)


@click.command(cls=Conform)
@suite_argument
@core_suite_option
@click.option(
    "--file",
    "globs",
    multiple=True,
    metavar="GLOB",
    help="Run only the suite files whose names fit (repeatable).",
)
@click.option(
    "--command",
    "index",
    type=click.IntRange(min=0),
    metavar="N",
    help="Judge only the command number N of the one file that --file names, or the run number N, "
    "from 0, of a case of the runtime suite, after what prepares it; a failure of an engine is "
    "shown with the oracle's last instructions.",
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
@_report("json", "Also write the result, with every finding, as JSON.")
@_report("junit", "Also write it as JUnit XML.")
@_report("html", "Also write it as one HTML page that needs no network.")
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
    index: int | None,
    backends: tuple[str, ...],
    commands: tuple[str, ...],
    cut: str | None,
    seed: int,
    jobs: int | None,
    json_file: TextIO | None,
    junit_file: TextIO | None,
    html_file: TextIO | None,
    folder: Path | None,
) -> None:
    """Run the conformance suites and report by backend, by file and by feature.

    SUITE is core (the official core suite, fetched by pip on first use), cases (the kit's own for
    engines), probes (what other engines are known to get wrong), runtime (cases for runtimes of
    suspendable processes), or self-test or runtime-self-test, which try an adapter; `refexec
    conform list SUITE` names its files. Without it, all but the self-tests run.

    With nothing else on the command line, the report is written to refexec-conform.html and
    refexec-conform.json. Exit status: 0 if every file does what is expected of it on every backend,
    1 if not.
    """
    require_kit()
    from refexec_conformance.backend import COMMAND
    from refexec_conformance.reports.document import to_document
    from refexec_conformance.reports.terminal import print_backends, print_report
    from refexec_conformance.verdicts import all_as_expected

    messages = Console(stderr=True)
    chosen = [*backends, *(COMMAND + command for command in commands)]
    narrowed = bool(path or globs or commands or cut)
    parts: list[Part] = []
    if name not in conform_runtime.SUITES:
        parts.append(_run_core(name, path, globs, index, chosen, cut, seed, jobs, folder, messages))
    if name is None and not narrowed and index is None:
        for other in ("cases", "probes"):
            part = _run_core(other, None, (), None, chosen, None, seed, jobs, folder, messages)
            parts.append(part)
    if name in conform_runtime.SUITES or (name is None and not narrowed and index is None):

        def with_progress(run: Run, total: int, backend: str) -> RunResult:
            return _with_progress(run, total, messages, backend)

        wanted = chosen if name else conform_runtime.known_runtimes(backends)
        if wanted or not backends:
            suite = name or "runtime"
            parts.append(
                conform_runtime.run_suite(suite, globs, wanted, jobs, with_progress, index)
            )
    results = [result for part in parts for result in part.results]
    absent = list(dict.fromkeys(item for part in parts for item in part.absent))
    if len(results) == 1 and not absent:
        print_report(results[0], Console())
    else:
        print_backends(results, absent, Console())
    document = to_document(
        results,
        absent,
        configuration={
            "command line": shlex.join(["refexec", *sys.argv[1:]]),
            **{key: text for part in reversed(parts) for key, text in part.configuration.items()},
        },
        stories={case: story for part in parts for case, story in part.stories.items()},
    )
    alone = not (name or narrowed or backends)
    _write_reports(document, json_file, junit_file, html_file, alone)
    if not all_as_expected(results):
        raise click.exceptions.Exit(1)


def _run_core(
    name: str | None,
    path: Path | None,
    globs: tuple[str, ...],
    index: int | None,
    chosen: list[str],
    cut: str | None,
    seed: int,
    jobs: int | None,
    folder: Path | None,
    messages: Console,
) -> Part:
    """Run the core suite, the kit's own cases, the probes, or the scripts that test adapters."""
    from refexec_conformance.areas import stories
    from refexec_conformance.backend import default_backends
    from refexec_conformance.conduct import conduct, find_absent
    from refexec_conformance.cuts import parse_cuts
    from refexec_conformance.suites import (
        choose_files,
        one_command,
        open_suite,
    )

    cuts = None if cut is None else parse_cuts(cut, seed)
    with messages.status("fetching the core suite"):
        suite = open_suite(name or "core", path)
    files = choose_files(suite, globs)
    if index is not None:
        suite = one_command(suite, files, index)
    chosen = list(chosen)
    if not chosen and cuts is not None:
        chosen = ["reference"]  # others cannot be cut
    absent: list[Absent] = []
    if not chosen:
        for backend in default_backends(name or "core"):
            missing = find_absent(backend)
            if missing is None:
                chosen.append(backend)
            else:
                absent.append(missing)
    if name == "self-test":
        jobs = 1  # whether a reset forgets shows only in one process

    again = (
        "refexec",
        "conform",
        name or "core",
        *(() if path is None else ("--suite", str(path))),
    )
    results = []
    for backend in chosen:

        def run(on_result: Callable[[FileResult], None], backend: str = backend) -> RunResult:
            return conduct(
                suite,
                files,
                backend,
                jobs=jobs,
                on_result=on_result,
                cuts=cuts,
                kind=name or "core",
                again=again,
            )

        results.append(_with_progress(run, len(files), messages, backend))
        if folder is not None:
            _write_expectations(folder, results[-1])
    return Part(
        results,
        absent,
        _configuration(suite.title, len(files), jobs, cuts),
        stories(suite, name or "core", files),
    )


def _configuration(suite: str, files: int, jobs: int | None, cuts: Cuts | None) -> dict[str, str]:
    """How the run was asked for, for people."""
    from refexec_conformance.conduct import default_jobs
    from refexec_conformance.runner import COMMAND_SECONDS, CUT_SECONDS

    seconds = COMMAND_SECONDS if cuts is None else CUT_SECONDS
    return {
        "suite": suite,
        "files": str(files),
        "processes": str(jobs or default_jobs()),
        "deadline of a command": f"{seconds:.0f} s",
        **({} if cuts is None else {"cuts": str(cuts)}),
    }


def _write_reports(
    document: dict[str, Any],
    json_file: TextIO | None,
    junit_file: TextIO | None,
    html_file: TextIO | None,
    alone: bool,
) -> None:
    """Write the reports that were asked for, or the two that are written if nothing is said."""
    from refexec_conformance.reports.document import to_json
    from refexec_conformance.reports.junit import to_junit
    from refexec_conformance.reports.page import to_page

    if json_file is not None:
        json_file.write(to_json(document))
    if junit_file is not None:
        junit_file.write(to_junit(document))
    if html_file is not None:
        html_file.write(to_page(document))
    if alone and not (json_file or junit_file or html_file):
        for path, text in zip(DEFAULT_REPORTS, (to_page(document), to_json(document)), strict=True):
            _write_text(path, text)
        click.echo(f"Report:   {' and '.join(map(str, DEFAULT_REPORTS))}")


def _write_text(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error


def _write_expectations(folder: Path, result: RunResult) -> None:
    """Write the file of a backend of the kit; the others have nothing that would read one."""
    from refexec_conformance.expectations import expectations_text

    if result.backend.isidentifier():
        if result.kind != "core":
            folder = folder / result.kind
        folder.mkdir(exist_ok=True, parents=True)
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
