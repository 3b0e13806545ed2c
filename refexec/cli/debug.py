"""`refexec debug`: step through a run in both directions, in a terminal or by a script."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from refexec.cli import subjects
from refexec.cli.backtrace import lines_of
from refexec.cli.main import complain
from refexec.cli.text import escape
from refexec.debugger.commands import Debugger
from refexec.errors import InputError, StateError, UnavailableError

WRONG = 1
"""Exit status for a script with a command that could not be carried out."""


@click.command(context_settings={"ignore_unknown_options": True})
@subjects.options
@subjects.source_option
@click.option("--plain", is_flag=True, help="Commands and text, also on a terminal.")
def debug(
    file: Path,
    args: tuple[str, ...],
    invoke: str | None,
    entry: str,
    fuel: int | None,
    folders: tuple[Path, ...],
    plain: bool,
) -> int:
    """Step through a run, forwards and backwards.

    FILE is a module whose export is called with --invoke FUNC and ARGS, an input log that
    --record has written, or a program or snapshot, which is run and recorded first.

    On a terminal it opens panes for code, values, memory, frames and packets (extra "debug").
    Otherwise commands are read from standard input, one a line; "help" lists them.
    """
    interactive = sys.stdin is not None and sys.stdin.isatty()
    subject = subjects.open_subject(file, args, invoke, entry, fuel)
    places = list(folders) or [file.parent, file.parent.parent]
    debugger = Debugger(subject, lines_of(subject.module), places)
    if interactive and not plain and sys.stdout.isatty():
        try:
            from refexec.debugger.terminal import run
        except ImportError:
            raise UnavailableError(
                "the panes need textual: pip install 'refexec[debug]', or use --plain"
            ) from None
        run(debugger, escape)
        return 0
    return _commands(debugger, prompt=interactive)


def _commands(debugger: Debugger, prompt: bool) -> int:
    """Carry out the commands of standard input."""
    status = 0
    _tell(debugger.do_where())
    with _interrupts(debugger):
        while not debugger.finished:
            if prompt:
                click.echo("> ", nl=False)
            line = sys.stdin.readline()
            if not line:
                break
            try:
                _tell(debugger.execute(line))
            except (InputError, StateError) as error:
                complain(str(error))
                status = 0 if prompt else WRONG
    return status


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(escape(line))


@contextlib.contextmanager
def _interrupts(debugger: Debugger) -> Iterator[None]:
    """Have Ctrl-C stop a long run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(signum: int, frame: object) -> None:
        debugger.timeline.interrupted = True

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
