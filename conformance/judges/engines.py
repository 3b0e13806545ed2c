"""Judge of the fast engine: it must do what the reference machine does, at every cut.

    python -m refexec_conformance.judges.engines --count 1000 --seed 1

Random modules that end by themselves run on both engines of refexec. The start function and every
exported function are called, each in an instance of its own, with random numbers and null
references: uncut, cut at random places and near the end, in slices that are resumed, and in slices
that are frozen and thawed. Every stop must be the same in outcome, backtrace, fuel and state.
Nothing is incomparable: both engines have the same limits.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import click
from refexec_conformance.backends.reference import to_machine
from refexec_conformance.judges.execution import argument
from refexec_conformance.judges.execution import samples as terminating
from refexec_conformance.judges.judging import on_all_cores, seed_and_keep
from refexec_conformance.judges.modules import Sample, tell
from refexec_conformance.judges.stops import ENGINES, Stop, call, told

from refexec import wasm
from refexec.errors import LimitError, SnapshotError, TrapError, WasmExceptionError

FUEL = 200_000
"""What one call may spend. With more it is compared up to there."""

LIMITS = wasm.Limits(call_depth=200, slots=10_000)
"""Low, because random programs like to call themselves: full call stacks are compared often, and
their freezing does not take all the time."""

_CUTS = 4
"""Random places at which each call is cut."""

_LAST = 3
"""Places before the end at which each call is cut."""

_SLICES = 12
"""Stops of a call that is run in slices, at most."""


@dataclass(slots=True)
class Findings:
    """What came out of one module."""

    calls: int = 0
    runs: int = 0
    """Pairs of runs that were compared."""
    trapped: int = 0
    """Calls that trapped or threw."""
    fuel: int = 0
    translated: int = 0
    """Functions that the fast engine does not leave to the machine."""
    functions: int = 0
    differences: list[str] = field(default_factory=list)

    def __add__(self, other: Findings) -> Findings:
        """The sum of two."""
        return Findings(
            self.calls + other.calls,
            self.runs + other.runs,
            self.trapped + other.trapped,
            self.fuel + other.fuel,
            self.translated + other.translated,
            self.functions + other.functions,
            self.differences + other.differences,
        )


@dataclass(slots=True)
class Report:
    """The outcome of a judgement."""

    modules: int = 0
    sum: Findings = field(default_factory=Findings)
    differences: list[tuple[Sample, str]] = field(default_factory=list)

    def add(self, sample: Sample, found: Findings) -> None:
        """Count what came out of one module."""
        self.modules += 1
        self.sum += found
        self.differences += [(sample, difference) for difference in found.differences]

    def __str__(self) -> str:
        found = self.sum
        return (
            f"{self.modules} modules: {found.runs} pairs of runs of {found.calls} calls compared, "
            f"{found.trapped} of the calls trapped or threw, {found.fuel} fuel, "
            f"{found.translated} of {found.functions} functions translated, "
            f"{len(self.differences)} differences"
        )


def run(sample: Sample) -> Findings:
    """Run one module on both engines and compare."""
    found = Findings()
    module = wasm.Module(sample.data)
    found.functions = len(module.valid.functions)
    start = [_start(module, engine) for engine in ENGINES]
    found.runs += 1
    if start[0] != start[1]:
        found.differences.append(_difference("start", start[0], start[1]))
    if start[0][0] != "started":
        return found
    random = Random(sample.name)
    for export in module.exports:
        if isinstance(export.type, wasm.FunctionType):
            args = [argument(random, param) for param in export.type.params]
            if None in args:
                continue  # Only the guest can make such a reference.
            given = [to_machine(item) for item in args if item is not None]
            found.calls += 1
            for difference in compare(module, export.name, given, random, found):
                found.differences.append(difference)
                break  # What follows a difference follows from it.
    found.translated = sum(
        any(not isinstance(item, Exception) for item in (code.translations or {}).values())
        for code in module.valid.functions
    )
    return found


def _start(module: wasm.Module, engine: str) -> Stop:
    try:
        instance = wasm.Instance(module, engine=engine, fuel=FUEL, limits=LIMITS)
    except (TrapError, WasmExceptionError, LimitError) as error:
        return type(error).__name__, str(error)
    return "started", *told(instance, None)


def compare(
    module: wasm.Module, name: str, args: Sequence[Any], random: Random, found: Findings
) -> Iterator[str]:
    """Compare a call on both engines, uncut and cut; tell differences. Counts in `found`."""

    def differ(cuts: Sequence[int], thaw: bool = False, finish: bool = True) -> Iterator[str]:
        found.runs += 1
        stops = []
        for engine in ENGINES:
            try:
                done = call(
                    *(module, engine, name, args, cuts), thaw=thaw, finish=finish, limits=LIMITS
                )
                stops.append(done)
            except SnapshotError as error:
                # What cannot be frozen on one engine cannot be on the other.
                stops.append([("not frozen", str(error))])
        if stops[0] != stops[1]:
            words = f"{name!r} {args} cut {list(cuts)}{' and thawed' if thaw else ''}"
            mine, theirs = next(
                (pair for pair in zip(*stops, strict=False) if pair[0] != pair[1]),
                (len(stops[0]), len(stops[1])),
            )
            yield _difference(words, mine, theirs)

    begun = wasm.Instance(module, engine=ENGINES[0], limits=LIMITS).fuel_spent
    uncut = call(module, ENGINES[0], name, args, [FUEL], finish=False, limits=LIMITS)
    outcome, spent, *_ = uncut[0]
    total = max(0, spent - begun)
    found.fuel += total
    found.trapped += not (isinstance(outcome, tuple) and outcome[0] == "returned")
    if isinstance(outcome, wasm.Suspended):
        # It may not end soon.
        for _ in range(_CUTS):
            yield from differ([begun + random.randrange(total), 1], finish=False)
        yield from differ([FUEL], finish=False)
        return
    yield from differ([FUEL])
    places = {random.randrange(total + 1) for _ in range(_CUTS)}
    places |= {max(0, total - back) for back in range(_LAST)}
    for place in sorted(places):
        yield from differ([begun + place])
    size = max(1, total // _SLICES, random.choice((1, 3, 20)))
    slices = [begun + size] + [size] * min(_SLICES, total // size)
    yield from differ(slices)
    yield from differ(slices, thaw=True)


def _difference(words: str, mine: object, theirs: object) -> str:
    return f"{words}:\n  machine     {mine}\n  translated  {theirs}"


def samples(seed: int, count: int, folder: Path) -> list[Sample]:
    """Make `count` modules that end by themselves, using `folder` for scratch.

    Raises `UnavailableError` if wasm-tools is not installed.
    """
    # The fast engine leaves most functions of modules with objects to the machine.
    some = count // 4
    found: list[Sample] = []
    for number, without in ((some, ()), (count - some, ("gc", "exceptions"))):
        scratch = folder / str(len(found))
        scratch.mkdir()
        found += terminating(seed, number, scratch, without)
    return found


def judge(found: Sequence[Sample]) -> Report:
    """Run every module on both engines, on all cores."""
    report = Report()
    for sample, findings in on_all_cores(run, found, 5):
        report.add(sample, findings)
    return report


@click.command()
@click.option("--count", default=1000, show_default=True, help="How many modules to make.")
@seed_and_keep
def main(count: int, seed: int, keep: Path | None) -> None:
    """Compare the fast engine with the machine on modules made from a seed."""
    with tempfile.TemporaryDirectory(prefix="refexec-") as name:
        report = judge(samples(seed, count, Path(name)))
    click.echo(str(report))
    tell(report.differences, seed, keep)
    sys.exit(1 if report.differences else 0)


if __name__ == "__main__":
    main()
