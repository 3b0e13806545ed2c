"""`python -m benchmarks`: compare engines on the kernels.

The first engine named is the one whose speed is in question; the others are compared with it.
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from benchmarks.engines import engine_names
from benchmarks.kernels import KERNELS
from benchmarks.measure import HAND_WRITTEN, BenchmarkError, measure
from benchmarks.promises import OURS, findings, print_findings
from benchmarks.report import print_report, to_json, wide_console


@click.command()
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice([*engine_names(), HAND_WRITTEN]),
    default=(
        OURS,
        HAND_WRITTEN,
        *sorted(name for name in engine_names() if name != OURS),
    ),
    show_default=True,
    help="Engine to measure (repeatable); the first is compared with the others.",
)
@click.option(
    "--kernel",
    "names",
    multiple=True,
    type=click.Choice([item.name for item in KERNELS]),
    help="Kernel to run (repeatable); default: all.",
)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Multiply the sizes of the kernels.",
)
@click.option(
    "--at-least",
    type=float,
    metavar="RATIO",
    help="Fail unless the first engine is so many times as fast as each of the others.",
)
@click.option("--check", is_flag=True, help="Fail if a promise is not kept.")
@click.option(
    "--json",
    "output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also write everything that was measured as JSON.",
)
def main(
    engines: tuple[str, ...],
    names: tuple[str, ...],
    rounds: int,
    scale: float,
    at_least: float | None,
    check: bool,
    output: Path | None,
) -> None:
    """Compare engines, each measurement in a process of its own, engines taking turns."""
    kernels = [item for item in KERNELS if not names or item.name in names]
    messages = Console(stderr=True)
    try:
        with Progress(console=messages, disable=not messages.is_terminal) as progress:
            task = progress.add_task("", total=rounds * len(kernels) * len(engines))

            def on_cell(engine: str, kernel: str) -> None:
                progress.update(task, advance=1, description=f"{engine} {kernel}")

            result = measure(engines, kernels, rounds=rounds, scale=scale, on_cell=on_cell)
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from error
    console = wide_console()
    print_report(result, console)
    found = list(findings(result))
    if found:
        print_findings(found, console)
    if output is not None:
        output.write_text(to_json(result, found), encoding="utf-8")
    slow = [name for name in engines[1:] if (result.ratio(name, engines[0]) or 0) < (at_least or 0)]
    if slow:
        raise click.ClickException(
            f"{engines[0]} is not {at_least} times as fast as {', '.join(slow)}"
        )
    broken = [item.promise.what for item in found if check and not item.kept]
    if broken:
        raise click.ClickException(f"not kept: {'; '.join(broken)}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
