"""`python -m benchmarks.loading`: the time from the bytes of a large module to its first answer.

The module is QuickJS, of more than a megabyte, as the package pwasm brings it along; it runs a
script of one line. Importing the engine is left out. Each engine is measured in processes of its
own, engines taking turns. Disk caches of generated code are off, but for `cached`, whose cache has
been filled before.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from rich.table import Table

from benchmarks.loading_cell import ENGINES, PHASES
from benchmarks.promises import OURS, Finding, Promise, print_findings
from benchmarks.report import wide_console

PROMISE = Promise("time to load QuickJS and call it, against pwasm compiling", 2, 1)

_SECONDS = 600


def measure(engine: str, caches: str) -> dict[str, float]:
    """Seconds of each phase, in a new process. Raises `click.ClickException` if that fails.

    `caches` is the folder for disk caches.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.loading_cell", engine],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "XDG_CACHE_HOME": caches},
    )
    if done.returncode:
        raise click.ClickException(f"{engine} fails: {done.stderr.strip().splitlines()[-1:]}")
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


@click.command()
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice(ENGINES),
    default=ENGINES,
    show_default=True,
    help="Engine to measure (repeatable).",
)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--check", is_flag=True, help="Fail if the promise is not kept.")
def main(engines: tuple[str, ...], rounds: int, check: bool) -> None:
    """Measure loading and first calls."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
    with tempfile.TemporaryDirectory(prefix="refexec-") as caches:
        if "cached" in engines:
            measure("cached", caches)
        for _ in range(rounds):
            for name in engines:
                found[name].append(measure(name, caches))
    console = wide_console()
    table = Table(title="Seconds of the best round", title_justify="left", title_style="bold")
    table.add_column("engine")
    for name in (*PHASES, "all", "median of all"):
        table.add_column(name, justify="right")
    best = {}
    for name, times in found.items():
        phases = min(times, key=lambda item: sum(item.values()))
        best[name] = sum(phases.values())
        median = statistics.median(sum(item.values()) for item in times)
        columns = [*(phases[phase] for phase in PHASES), best[name], median]
        table.add_row(name, *(f"{seconds:.3f}" for seconds in columns))
    console.print(table)
    if OURS in best and "pwasm" in best:
        finding = Finding(PROMISE, best[OURS] / best["pwasm"])
        print_findings([finding], console)
        if check and not finding.kept:
            raise click.ClickException(f"not kept: {PROMISE.what}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.loading")
