"""The table for people, and JSON for machines."""

from __future__ import annotations

import json
import platform

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measurement

FORMAT = "refexec-benchmarks/1"
"""Name and version of the JSON form."""


def print_report(result: Measurement, console: Console) -> None:
    """Print best and median milliseconds, and how many times faster the first engine is."""
    first, others = result.engines[0], result.engines[1:]
    table = Table(title="Milliseconds: best (median)", title_justify="left", title_style="bold")
    table.add_column("kernel")
    for name in result.engines:
        table.add_column(name, justify="right")
    for name in others:
        table.add_column(f"{name} /\n{first}", justify="right")
    table.add_column("Mfuel/s\n" + first, justify="right")
    for kernel in result.kernels:
        cells = [result.cells[name, kernel] for name in result.engines]
        row = [f"{cell.best * 1e3:.1f} ({cell.median * 1e3:.1f})" for cell in cells]
        row += [f"{cell.best / cells[0].best:.2f}" for cell in cells[1:]]
        fuel = cells[0].fuel
        row.append("" if fuel is None else f"{fuel / cells[0].best / 1e6:.2f}")
        table.add_row(kernel, *row)
    console.print(table)
    for name in others:
        console.print(
            f"{first} is {result.ratio(name, first):.2f} times as fast as {name} "
            "(geometric mean of the best times)",
            highlight=False,
        )


def to_json(result: Measurement) -> str:
    """Everything that was measured."""
    first = result.engines[0]
    data = {
        "format": FORMAT,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "ratios": {name: result.ratio(name, first) for name in result.engines[1:]},
        "cells": [
            {
                "engine": cell.engine,
                "kernel": cell.kernel,
                "seconds": cell.seconds,
                "best": cell.best,
                "median": cell.median,
                "fuel": cell.fuel,
            }
            for cell in result.cells.values()
        ],
    }
    return json.dumps(data, indent=2) + "\n"
