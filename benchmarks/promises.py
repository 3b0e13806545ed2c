"""What is promised about the speed of the fast engine, and whether a run keeps it.

A promise has a bound that must hold, and one that is aimed at. What no kernel can tell is promised
in `slices.py`, `loading.py` and `recovery.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.measure import HAND_WRITTEN, Measurement

OURS = "translated"


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that is measured, and how large it may be."""

    what: str
    must: float
    aim: float
    at_least: bool = False
    """Whether the bounds are lower ones."""

    def kept(self, value: float) -> bool:
        """Whether a value is within the bound that must hold."""
        return value >= self.must if self.at_least else value <= self.must

    def met(self, value: float) -> bool:
        """Whether a value is within the bound that is aimed at."""
        return value >= self.aim if self.at_least else value <= self.aim


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise, and what was measured."""

    promise: Promise
    value: float
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.promise.kept(self.value)


def _mean(slower: str, faster: str) -> Callable[[Measurement], tuple[float, str] | None]:
    def measured(result: Measurement) -> tuple[float, str] | None:
        value = result.ratio(slower, faster)
        return None if value is None else (value, "")

    return measured


def _worst(result: Measurement) -> tuple[float, str] | None:
    ratios = result.ratios(OURS, "pwasm")
    name = max(ratios, key=ratios.__getitem__, default=None)
    return None if name is None else (ratios[name], name)


PROMISES = (
    (Promise("time against pwasm compiling without fuel", 0.85, 0.65), _mean(OURS, "pwasm")),
    (Promise("time against hand-written Python", 1.8, 1.35), _mean(OURS, HAND_WRITTEN)),
    (Promise("pywasm's time against ours", 200, 270, at_least=True), _mean("pywasm", OURS)),
    (Promise("worst kernel against pwasm compiling", 1.15, 0.95), _worst),
)
"""What is promised, and how to measure it."""


def findings(result: Measurement) -> Iterator[Finding]:
    """What a run tells of the promises; nothing about those whose engines did not run."""
    for promise, measured in PROMISES:
        found = measured(result)
        if found is not None:
            value, note = found
            yield Finding(promise, value, note)


def print_findings(found: list[Finding], console: Console) -> None:
    """Print what was promised and what was measured."""
    table = Table(title="Promises", title_justify="left", title_style="bold")
    for name in ("what", "must", "aim", "measured"):
        table.add_column(name, justify="left" if name == "what" else "right")
    table.add_column("")
    for item in found:
        promise = item.promise
        sign = ">=" if promise.at_least else "<="
        verdict = "missed" if not item.kept else "aim met" if promise.met(item.value) else "kept"
        table.add_row(
            promise.what,
            f"{sign} {promise.must:g}",
            f"{promise.aim:g}",
            f"{item.value:.3g}",
            f"{verdict} {item.note and f'({item.note})'}".strip(),
        )
    console.print(table)
