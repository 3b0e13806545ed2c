"""`python -m benchmarks.recovery`: how soon a thawed program is as fast as before.

Programs that go on for ever are stopped in the middle, frozen, and thawed in another process, in
which nothing is translated yet. There they are interrupted four times a second to look at what they
have spent. Their speed is compared with that of a run that nothing interrupts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from refexec_conformance.assemble import assemble
from rich.table import Table

from benchmarks.promises import Finding, Promise, print_findings
from benchmarks.recovery_cell import WINDOW, Window
from benchmarks.report import wide_console

PROMISE = Promise(
    "part of its speed a thawed program has within a second", 0.8, 0.95, at_least=True
)

_FOLDER = Path(__file__).parent / "lasting"
_SECONDS = 300


def _cell(what: str, data: bytes, state: Path) -> list[Window]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.recovery_cell", what, str(state)],
        input=data,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    if done.returncode:
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        raise click.ClickException(f"{what}: {words[-1:]}")
    return [(seconds, fuel) for seconds, fuel in json.loads(done.stdout)]


def measure(data: bytes) -> tuple[float, list[float]]:
    """The speed of a program in fuel a second, and parts of it that it has after a thaw."""
    with tempfile.TemporaryDirectory(prefix="refexec-") as folder:
        state = Path(folder) / "state"
        _cell("begin", data, state)
        *speeds, speed = (fuel / seconds for seconds, fuel in _cell("thawed", data, state))
    return speed, [item / speed for item in speeds]


@click.command()
@click.option("--check", is_flag=True, help="Fail if the promise is not kept.")
def main(check: bool) -> None:
    """Measure how soon thawed programs are as fast as before."""
    paths = sorted(_FOLDER.glob("*.wat"))
    modules = assemble([path.read_text(encoding="utf-8") for path in paths])
    console = wide_console()
    table = Table(title="Speed after a thaw, by time", title_justify="left", title_style="bold")
    table.add_column("program")
    table.add_column("Mfuel/s uncut", justify="right")
    found: list[Finding] = []
    for path, data in zip(paths, modules, strict=True):
        speed, parts = measure(data)
        if not found:
            for number in range(1, len(parts) + 1):
                table.add_column(f"{number * WINDOW:g} s", justify="right")
        table.add_row(path.stem, f"{speed / 1e6:.1f}", *(f"{part:.0%}" for part in parts))
        first_second = parts[: round(1 / WINDOW)]
        found.append(Finding(PROMISE, max(first_second), path.stem))
    console.print(table)
    print_findings(found, console)
    if check and not all(item.kept for item in found):
        raise click.ClickException(f"not kept: {PROMISE.what}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.recovery")
