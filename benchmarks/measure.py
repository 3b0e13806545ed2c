"""The whole table: every engine runs every kernel, several times, in turns.

Machines grow warm and are shared; so engines take turns within each round, and the ratio of two
engines comes from the same run. Every result is checked against the hand-written Python.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from refexec_conformance.assemble import assemble

from benchmarks.engines import engine
from benchmarks.kernels import Kernel

HAND_WRITTEN = "python"
"""The engine that is no engine: the kernel in Python by hand."""

_SECONDS = 600


class BenchmarkError(Exception):
    """A cell could not be measured, or gave a wrong result."""


@dataclass(slots=True)
class Cell:
    """All measurements of one engine on one kernel."""

    engine: str
    kernel: str
    seconds: list[float] = field(default_factory=list)

    fuel: int | None = None
    """Fuel of one call, if the engine counts."""

    @property
    def best(self) -> float:
        """The shortest time: the one with the least disturbance."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The time in the middle."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A whole run."""

    engines: tuple[str, ...]
    kernels: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]
    """By engine and kernel, without what an engine cannot run."""

    def ratios(self, slower: str, faster: str) -> dict[str, float]:
        """How many times faster on each kernel that both can run, by the best times."""
        cells = self.cells
        return {
            name: cells[slower, name].best / cells[faster, name].best
            for name in self.kernels
            if (slower, name) in cells and (faster, name) in cells
        }

    def ratio(self, slower: str, faster: str) -> float | None:
        """How many times faster: geometric mean of `ratios`. None if there are none."""
        logs = [math.log(item) for item in self.ratios(slower, faster).values()]
        return math.exp(statistics.fmean(logs)) if logs else None


def measure(
    engines: Sequence[str],
    kernels: Sequence[Kernel],
    *,
    rounds: int,
    scale: float = 1.0,
    on_cell: Callable[[str, str], None] | None = None,
) -> Measurement:
    """Measure.

    `scale` multiplies the kernels' sizes. `on_cell` is told of each cell before it is measured.
    Raises `BenchmarkError` if an engine fails, or gives a wrong result.
    """
    modules = assemble([item.text for item in kernels])
    sizes = [max(2, round(item.size * scale)) for item in kernels]
    expected = [item.normal(item.python(size)) for item, size in zip(kernels, sizes, strict=True)]
    cells = {
        (name, item.name): Cell(name, item.name)
        for item in kernels
        for name in engines
        if name == HAND_WRITTEN or not item.features & engine(name).LACKS
    }
    for _ in range(rounds):
        for item, data, size, value in zip(kernels, modules, sizes, expected, strict=True):
            for name in engines:
                if on_cell is not None:
                    on_cell(name, item.name)
                if (name, item.name) in cells:
                    _measure(cells[name, item.name], data, size, value)
    return Measurement(tuple(engines), tuple(item.name for item in kernels), cells)


def _measure(cell: Cell, data: bytes, size: int, expected: int | float) -> None:
    done = _run(cell.engine, cell.kernel, size, data)
    if done.returncode:
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        hint = f" ({engine(cell.engine).INSTALL})" if cell.engine != HAND_WRITTEN else ""
        raise BenchmarkError(f"{cell.engine}{hint} fails on {cell.kernel}: {words[-1:]}")
    answer = json.loads(done.stdout)
    if answer["value"] != expected:
        raise BenchmarkError(
            f"{cell.engine} computes {answer['value']} on {cell.kernel}, expected {expected}"
        )
    cell.seconds.append(answer["seconds"])
    cell.fuel = answer["fuel"]


def _run(name: str, kernel_name: str, size: int, data: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "benchmarks.cell", name, kernel_name, str(size)]
    return subprocess.run(
        command,
        input=data,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
