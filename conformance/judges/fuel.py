"""Judge of fuel: the official suite must cost on wasmtime what it costs here.

    python -m refexec_conformance.judges.fuel

Every script of the suite runs on both, command by command. Compared is the fuel of each call that
came back with results, and of each instantiation of a module without segments and initial values:
what those cost depends on what wasmtime can prepare in advance. Wasmtime also books fuel in blocks
and loses what it had not booked at a trap, so calls that trap or throw are not compared. Results
are judged elsewhere.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import click
from refexec_conformance.archive import fetch_suite
from refexec_conformance.backend import (
    Declined,
    Instantiated,
    Interrupted,
    Loaded,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.backends import reference
from refexec_conformance.judges.execution import metered_engine
from refexec_conformance.judges.modules import split
from refexec_conformance.runner import run_script
from refexec_conformance.spectest import spectest_for
from refexec_conformance.values import Value, values_text

from refexec import wasm

_PREPARED = frozenset({6, 9, 11})
"""Sections with globals, element segments and data segments."""

_STARTER = 2
"""Wasmtime calls a start function from a function of its own: its entry, and the call."""

_TABLES, _WITH_VALUE = 4, b"\x40\x00"


@dataclass(slots=True)
class Findings:
    """What came out of one script or of several."""

    calls: int = 0
    """Calls that were compared."""
    instantiations: int = 0
    """Instantiations that were compared."""
    fuel: int = 0
    """Fuel of both."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What was not compared, by reason."""
    differences: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Count those of another script."""
        self.calls += other.calls
        self.instantiations += other.instantiations
        self.fuel += other.fuel
        self.skipped += other.skipped
        self.differences += other.differences

    def __str__(self) -> str:
        return (
            f"{self.calls} calls and {self.instantiations} instantiations compared, "
            f"{self.fuel} fuel, {self.skipped.total()} not compared, "
            f"{len(self.differences)} differences"
        )


@dataclass(frozen=True, slots=True)
class _Module:
    """A module on both engines."""

    ours: wasm.Module
    theirs: Any
    """None if wasmtime refuses it."""


@dataclass(frozen=True, slots=True)
class _Instance:
    """An instance on both engines."""

    ours: wasm.Instance
    theirs: Any


class Both:
    """A backend whose answers are refexec's, and which counts the fuel of both engines."""

    version = "both"
    official_trap_messages = True

    def __init__(self, file: str) -> None:
        self.found = Findings()
        self._file = file
        self._ours = reference.create()
        self._theirs = metered_engine()

    def reset(self) -> None:
        """Begin a new script on both."""
        self._ours.reset()
        self._theirs.reset()

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Load on both."""
        ours = self._ours.load(data)
        theirs = self._theirs.load(data)
        if not isinstance(ours, Loaded):
            return ours
        return Loaded(_Module(ours.module, theirs.module if isinstance(theirs, Loaded) else None))

    def instantiate(
        self, module: _Module
    ) -> Instantiated | Rejected | Trapped | Threw | Declined | Interrupted:
        """Instantiate on both, and compare what that cost."""
        ours = self._ours.instantiate(module.ours)
        if module.theirs is None:
            self.found.skipped["wasmtime refuses the module"] += 1
        before = self._theirs.fuel_spent
        theirs = None if module.theirs is None else self._theirs.instantiate(module.theirs)
        if not isinstance(ours, Instantiated):
            if theirs is not None:
                self.found.skipped["an instantiation that does not succeed"] += 1
            return ours
        if not isinstance(theirs, Instantiated):
            if theirs is not None:
                self.found.skipped[f"instantiation on wasmtime: {theirs}"] += 1
            return Instantiated(_Instance(ours.instance, None))
        if _has_initial_values(module.ours.data):
            self.found.skipped["an instantiation with segments or initial values"] += 1
            return Instantiated(_Instance(ours.instance, theirs.instance))
        self.found.instantiations += 1
        self._compare(
            f"instantiation of {module.ours.digest[:12]}",
            ours.instance.fuel_spent,
            self._theirs.fuel_spent - before - (_STARTER if module.ours.has_start else 0),
        )
        return Instantiated(_Instance(ours.instance, theirs.instance))

    def register(self, instance: _Instance, name: str) -> None:
        """Register on both."""
        self._ours.register(instance.ours, name)
        if instance.theirs is not None:
            self._theirs.register(instance.theirs, name)

    def invoke(
        self, instance: _Instance, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Declined | Interrupted:
        """Call on both, and compare what that cost."""
        before = instance.ours.fuel_spent
        ours = self._ours.invoke(instance.ours, name, args)
        spent = instance.ours.fuel_spent - before
        if instance.theirs is None:
            self.found.skipped["a call of an instance that wasmtime does not have"] += 1
            return ours
        before = self._theirs.fuel_spent
        theirs = self._theirs.invoke(instance.theirs, name, args)
        if not isinstance(ours, Returned):
            self.found.skipped["a call that traps or throws"] += 1
        elif not isinstance(theirs, Returned):
            self.found.skipped[f"a call that wasmtime does not make: {theirs}"] += 1
        else:
            self.found.calls += 1
            call = f"{name!r} {values_text(args) if args else ''}".rstrip()
            self._compare(call, spent, self._theirs.fuel_spent - before)
        return ours

    def _compare(self, what: str, ours: int, theirs: int) -> None:
        self.found.fuel += ours
        if ours != theirs:
            self.found.differences.append(
                f"{self._file}: {what}: refexec {ours}, wasmtime {theirs}"
            )

    def get(self, instance: _Instance, name: str) -> Returned:
        """Read a global of ours."""
        return self._ours.get(instance.ours, name)

    def interrupt(self) -> None:
        """Stop both."""
        self._ours.interrupt()
        self._theirs.interrupt()


def _has_initial_values(data: bytes) -> bool:
    return any(
        number in _PREPARED or (number == _TABLES and _WITH_VALUE in content)
        for number, content in split(data)
    )


def run(name: str) -> Findings:
    """Run one script of the suite on both engines."""
    script = fetch_suite().load(name)
    both = Both(name)
    run_script(script, both, spectest_for(script))
    return both.found


def judge(names: Sequence[str]) -> Findings:
    """Run scripts on all cores."""
    found = Findings()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        for findings in workers.map(run, names):
            found.add(findings)
    return found


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Compare the fuel of the official suite, or of the files NAMES of it, with wasmtime's."""
    found = judge(names or fetch_suite().names)
    click.echo(str(found))
    for reason, number in found.skipped.most_common():
        click.echo(f"{number} not compared: {reason}")
    for difference in found.differences:
        click.echo(difference)
    sys.exit(1 if found.differences else 0)


if __name__ == "__main__":
    main()
