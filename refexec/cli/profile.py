"""`refexec profile`: where a program's fuel goes, and which of its source is reached."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from refexec import wasm
from refexec.cli import files, subjects
from refexec.cli.backtrace import lines_of
from refexec.cli.text import escape
from refexec.debugger import profile as profiles
from refexec.debugger.lines import SourceLines
from refexec.errors import InputError

_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"ignore_unknown_options": True})
@subjects.options
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Rows.")
@click.option(
    "--speedscope", type=_OUT, metavar="OUT", help="Write the profile to OUT, for speedscope."
)
@click.option(
    "--lcov", type=_OUT, metavar="OUT", help="Write coverage of the source to OUT, for lcov."
)
def profile(
    file: Path,
    args: tuple[str, ...],
    invoke: str | None,
    entry: str,
    fuel: int | None,
    top: int,
    speedscope: Path | None,
    lcov: Path | None,
) -> int:
    """Tell where the fuel of a program goes.

    FILE is a module whose export is called with --invoke FUNC and ARGS, an input log that
    --record has written, or a program or snapshot, which is run and recorded first.

    The table shows what each function has spent itself, and with all that it has called; and the
    same for lines, where the module tells them. Fuel is counted, not sampled.
    """
    subject = subjects.open_subject(file, args, invoke, entry, fuel)
    module, lines = subject.module, lines_of(subject.module)
    has_lines = lines is not None and bool(lines.files)
    if lcov is not None and not has_lines:
        raise InputError(f"{file}: --lcov needs a module that tells source lines (clang -g)")
    for path in filter(None, (speedscope, lcov)):
        files.check_writable(path)
    profiler = profiles.Profiler()
    subject.watch(wasm.REFERENCE_ENGINE, profiler)
    subject.run()
    if speedscope is not None:
        document = profiles.speedscope(profiler.root, file.name, module, lines)
        speedscope.write_text(json.dumps(document, indent=1) + "\n", encoding="ascii")
    if lcov is not None and lines is not None:
        lcov.write_text("\n".join(profiles.lcov(profiler, module, lines)) + "\n", encoding="utf-8")
    console = Console(highlight=False)
    console.print(_functions(profiler, top))
    if has_lines and lines is not None:
        console.print(_lines(profiler, module, lines, top))
    click.echo(f"{profiler.root.total} fuel; {escape(subject.ending or 'has not ended')}")
    return 0


def _functions(profiler: profiles.Profiler, top: int) -> Table:
    table = Table(title="fuel by function", title_justify="left")
    for title in ("self", "%", "total", "%", "calls"):
        table.add_column(title, justify="right")
    table.add_column("function")
    whole = max(1, profiler.root.total)
    rows = profiles.rows(profiler.root)
    for row in rows[:top]:
        shares = f"{100 * row.fuel / whole:.1f}", f"{100 * row.total / whole:.1f}"
        name = escape(row.name) + (" (host)" if row.host else "")
        table.add_row(
            f"{row.fuel:,}", shares[0], f"{row.total:,}", shares[1], f"{row.calls:,}", Text(name)
        )
    if len(rows) > top:
        table.caption = f"and {len(rows) - top} more"
    return table


def _lines(profiler: profiles.Profiler, module: wasm.Module, lines: SourceLines, top: int) -> Table:
    table = Table(title="fuel by line", title_justify="left")
    for title in ("fuel", "%"):
        table.add_column(title, justify="right")
    table.add_column("line")
    whole = max(1, profiler.root.total)
    for line, spent in profiles.fuel_by_line(profiler, module, lines)[:top]:
        table.add_row(f"{spent:,}", f"{100 * spent / whole:.1f}", Text(escape(str(line))))
    return table
