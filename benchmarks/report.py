"""The table for people, and JSON for machines, whose form is `schema.json`."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measurement
from benchmarks.promises import Finding

FORMAT = "refexec-benchmarks/2"
"""Name and version of the JSON form."""


_WIDTH = 110
"""Columns that a table with all engines takes."""


def wide_console() -> Console:
    """A console that is wide enough for all engines; lines that are too long wrap."""
    return Console(width=max(Console().width, _WIDTH))


def print_report(result: Measurement, console: Console) -> None:
    """Print best and median milliseconds, and how many times faster the first engine is."""
    first, others = result.engines[0], result.engines[1:]
    for time in ("best", "median"):
        table = _table(f"Milliseconds, {time}", ["kernel", *result.engines, "Mfuel/s"])
        for kernel in result.kernels:
            cells = [result.cells.get((name, kernel)) for name in result.engines]
            row = ["-" if cell is None else f"{getattr(cell, time) * 1e3:.1f}" for cell in cells]
            ours = cells[0]
            fuel = ours.fuel if ours is not None else None
            speed = f"{fuel / getattr(ours, time) / 1e6:.1f}" if fuel else ""
            table.add_row(kernel, *row, speed)
        console.print(table)
    if not others:
        return
    table = _table(f"Times as fast is {first} as", ["kernel", *others])
    ratios = {name: result.ratios(name, first) for name in others}
    for kernel in result.kernels:
        row = [f"{ratios[name][kernel]:.2f}" if kernel in ratios[name] else "-" for name in others]
        table.add_row(kernel, *row)
    console.print(table)
    for name in others:
        mean = result.ratio(name, first)
        if mean is not None:
            console.print(
                f"{first} is {mean:.2f} times as fast as {name} "
                f"(geometric mean of the best times of {len(ratios[name])} kernels)",
                highlight=False,
            )


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, justify="left" if name == "kernel" else "right", no_wrap=True)
    return table


def to_json(result: Measurement, found: Sequence[Finding]) -> str:
    """Everything that was measured."""
    first = result.engines[0]
    data = {
        "format": FORMAT,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "ratios": {name: result.ratio(name, first) for name in result.engines[1:]},
        "promises": [
            {
                "what": item.promise.what,
                "must": item.promise.must,
                "aim": item.promise.aim,
                "at_least": item.promise.at_least,
                "value": item.value,
                "kept": item.kept,
            }
            for item in found
        ],
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
