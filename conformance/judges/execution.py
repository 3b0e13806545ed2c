"""Judge of execution: refexec and wasmtime must agree what modules do.

    python -m refexec_conformance.judges.execution --count 500 --seed 1

Random modules that end by themselves run on both. Every exported function is called twice, in an
instance of its own, with random numbers and null references. Compared are the outcome of each call
(results bit for bit, kind of trap), the fuel of each call that did not trap, and in the end all
memories, globals and sizes of tables. What depends on limits of one engine is incomparable, and
counted. The fuel of instantiation is left out: wasmtime charges for what it cannot do in advance.
"""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import click
from refexec_conformance.assemble import executable
from refexec_conformance.backend import Instantiated, Loaded, Returned, Threw, Trapped
from refexec_conformance.backends import reference, wasmtime
from refexec_conformance.judges.judging import on_all_cores, seed_and_keep
from refexec_conformance.judges.modules import Sample, smith, tell
from refexec_conformance.values import NUMBER_BITS, Number, Reference, Value

from refexec import wasm
from refexec.errors import LimitError, TrapError

FUEL = 3_000_000
"""What one module may spend. More makes it incomparable."""

_WASMTIME_FUEL = 1 << 60

_SETTINGS: dict[str, Any] = {
    "consume_fuel": True,
    "cranelift_nan_canonicalization": True,
    "wasm_relaxed_simd_deterministic": True,
    "parallel_compilation": False,
    "cranelift_opt_level": "none",
    "max_wasm_stack": 2 << 20,
}

_SMITH = (
    *("--ensure-termination", "--fuel", "300"),
    *("--export-everything", "true"),
    *("--max-imports", "0"),
    *("--min-funcs", "6"),
    *("--max-funcs", "12"),
    *("--min-memories", "1"),
    *("--max-memories", "3"),
    *("--max-tables", "3"),
    *("--max-memory32-bytes", str(1 << 20)),
    *("--max-memory64-bytes", str(1 << 20)),
    *("--max-table-elements", "1000"),
    *("--min-types", "4"),
    *("--max-types", "20"),
    *("--max-type-size", "60"),
    *("--max-globals", "10"),
    *("--max-tags", "4"),
    *("--max-data-segments", "5"),
    *("--max-element-segments", "5"),
    *("--max-elements", "10"),
    *("--const-expr-fuel", "10"),
    *("--limit-arrays-in-const-exprs", "true"),
)

# The causes of refexec, by wasmtime's words for the same thing.
_SAME_TRAPS = {
    "undefined element": "out of bounds table access",
    "undefined element: out of bounds table access": "out of bounds table access",
    "null function reference": "null reference",
    "null i31 reference": "null reference",
    "null structure reference": "null reference",
    "null array reference": "null reference",
    "null exception reference": "null reference",
    "wasm `unreachable` instruction executed": "unreachable",
    "unreachable executed": "unreachable",
}

_LIMIT_WORDS = ("allocation", "gc heap", "out of memory", "call stack exhausted")


@dataclass(slots=True)
class Findings:
    """What came out of one module."""

    calls: int = 0
    """Calls that were compared."""
    trapped: int = 0
    """Calls that trapped or threw on both."""
    fuel: int = 0
    """Fuel of the calls that did not."""
    incomparable: Counter[str] = field(default_factory=Counter)
    """What could not be compared, by reason."""
    differences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The outcome of a judgement."""

    modules: int = 0
    calls: int = 0
    trapped: int = 0
    fuel: int = 0
    incomparable: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[Sample, str]] = field(default_factory=list)

    def add(self, sample: Sample, found: Findings) -> None:
        """Count what came out of one module."""
        self.modules += 1
        self.calls += found.calls
        self.trapped += found.trapped
        self.fuel += found.fuel
        self.incomparable += found.incomparable
        self.differences += [(sample, difference) for difference in found.differences]

    def __str__(self) -> str:
        return (
            f"{self.modules} modules: {self.calls} calls compared, {self.trapped} of them trapped "
            f"or threw, {self.fuel} fuel in the others, {self.incomparable.total()} "
            f"incomparable, {len(self.differences)} differences"
        )


class MeteredWasmtime(wasmtime.Wasmtime):
    """wasmtime with fuel, and with what is to be looked at from outside."""

    def __init__(self) -> None:
        super().__init__(*wasmtime.packages(), settings=_SETTINGS)

    def reset(self) -> None:
        """Begin a new store, with refexec's limits and more fuel than anybody spends."""
        super().reset()
        limits = wasm.DEFAULT_LIMITS
        self._store.set_limits(
            memory_size=limits.memory_pages << 16, table_elements=limits.table_entries
        )
        self._store.set_fuel(_WASMTIME_FUEL)

    @property
    def fuel_spent(self) -> int:
        """What has been spent in this store."""
        return _WASMTIME_FUEL - int(self._store.get_fuel())

    def memory(self, instance: Any, name: str) -> bytes:
        """The content of an exported memory."""
        memory = instance.exports(self._store)[name]
        return bytes(memory.read(self._store, 0, memory.data_len(self._store)))

    def table_size(self, instance: Any, name: str) -> int:
        """The size of an exported table."""
        return int(instance.exports(self._store)[name].size(self._store))


@cache
def metered_engine() -> MeteredWasmtime:
    """The one engine of this process."""
    # The package cannot free an engine that outlives it.
    atexit.register(metered_engine.cache_clear)
    return MeteredWasmtime()


def argument(random: Random, value_type: wasm.ValueType) -> Value | None:
    """Make an argument; None if none can be made from outside."""
    if not isinstance(value_type, wasm.ReferenceType):
        name = str(value_type)
        bits = NUMBER_BITS[name]
        if random.random() < 0.5:
            return Number(name, random.getrandbits(bits))
        return Number(name, random.choice((0, 1, 2, 16, (1 << bits) - 1, 1 << (bits - 1))))
    text = str(value_type)
    if not value_type.nullable or "exn" in text:
        return None
    kind = next((kind for kind in ("func", "extern") if kind in text), "any")
    return Reference(kind, null=True)


def _seen(value: Value) -> object:
    """What of a value both engines can tell."""
    return value if isinstance(value, Number) else value.null


def _told(outcome: object) -> object:
    """An outcome in words that are the same for both engines."""
    match outcome:
        case Returned(values):
            return [_seen(value) for value in values]
        case Trapped(message):
            return _SAME_TRAPS.get(message, message)
        case _:
            return type(outcome).__name__


def _limited(*outcomes: object) -> str | None:
    """Why outcomes cannot be compared, if an engine's limit is involved."""
    for outcome in outcomes:
        if isinstance(outcome, Trapped):
            if outcome.exhausted:
                return "call stack exhausted"
            if any(words in outcome.message for words in _LIMIT_WORDS):
                return outcome.message
        elif not isinstance(outcome, Returned | Threw):
            return str(outcome)
    return None


def run(sample: Sample) -> Findings:
    """Run one module on both engines and compare."""
    found = Findings()
    theirs = metered_engine()
    theirs.reset()
    compiled = theirs.load(sample.data)
    if not isinstance(compiled, Loaded):
        found.incomparable[f"wasmtime: {compiled}"] += 1
        return found
    module = wasm.Module(sample.data)
    names: list[str | None] = [
        e.name for e in module.exports if isinstance(e.type, wasm.FunctionType)
    ]
    for name in names or [None]:
        for difference in _Comparison(sample, found, module, compiled.module).run(name):
            found.differences.append(difference)
            break  # What follows a difference follows from it.
    return found


class _Comparison:
    """One instance on each engine, and a function to call."""

    def __init__(self, sample: Sample, found: Findings, module: wasm.Module, compiled: Any) -> None:
        self.found = found
        self.module = module
        self.compiled = compiled
        self.random = Random(sample.name)
        self.machine = reference.create()
        self.engine = metered_engine()
        self.incomparable = False
        """Whether the two have parted ways because of a limit."""

    def run(self, name: str | None) -> Iterator[str]:
        """Instantiate, call the function of that name twice, compare; tell differences."""
        self.engine.reset()
        their_start = self.engine.instantiate(self.compiled)
        their_outcome = Returned(()) if isinstance(their_start, Instantiated) else their_start
        our_outcome: object
        try:
            instance = wasm.Instance(
                self.module, engine=wasm.REFERENCE_ENGINE, fuel=FUEL, start=False
            )
            our_outcome = _outcome_of_start(instance.start())
        except TrapError as error:
            our_outcome = Trapped(error.cause.message)
        except LimitError as error:
            our_outcome = error
        if self._incomparable(our_outcome, their_outcome):
            return
        if _told(our_outcome) != _told(their_outcome):
            yield f"start: refexec {our_outcome}, wasmtime {their_outcome}"
        if not isinstance(their_start, Instantiated) or not isinstance(our_outcome, Returned):
            return
        if name is not None:
            yield from self._call(name, instance, their_start.instance)
            yield from self._call(name, instance, their_start.instance)
        if self.incomparable:
            return
        yield from self._state(instance, their_start.instance)

    def _incomparable(self, *outcomes: object) -> bool:
        reason = _limited(*outcomes)
        if reason is not None:
            self.found.incomparable[reason] += 1
            self.incomparable = True
        return self.incomparable

    def _call(self, name: str, instance: wasm.Instance, their_instance: Any) -> Iterator[str]:
        function = instance.exports[name]
        assert isinstance(function, wasm.ExportedFunction)
        given = [argument(self.random, param) for param in function.type.params]
        args = tuple(value for value in given if value is not None)
        if self.incomparable:
            return
        if len(args) != len(given):
            self.found.incomparable["a parameter that only the guest can make"] += 1
            self.incomparable = True
            return
        before = instance.fuel_spent, self.engine.fuel_spent
        our_outcome = self.machine.invoke(instance, name, args)
        their_outcome = self.engine.invoke(their_instance, name, args)
        if self._incomparable(our_outcome, their_outcome):
            return
        self.found.calls += 1
        call = f"{name!r} {' '.join(map(str, args))}"
        if _told(our_outcome) != _told(their_outcome):
            yield f"{call}: refexec {our_outcome}, wasmtime {their_outcome}"
        if not isinstance(our_outcome, Returned):
            self.found.trapped += 1
            return
        fuel = instance.fuel_spent - before[0]
        their_fuel = self.engine.fuel_spent - before[1]
        self.found.fuel += fuel
        if fuel != their_fuel:
            yield f"{call}: fuel refexec {fuel}, wasmtime {their_fuel}"

    def _state(self, instance: wasm.Instance, their_instance: Any) -> Iterator[str]:
        engine = self.engine
        for name, export in instance.exports.items():
            match export:
                case wasm.Memory():
                    if export.read(0, export.size) != engine.memory(their_instance, name):
                        yield f"memory {name!r} differs in the end"
                case wasm.Global():
                    mine = _told(self.machine.get(instance, name))
                    other = _told(engine.get(their_instance, name))
                    if mine != other:
                        yield f"global {name!r}: refexec {mine}, wasmtime {other}"
                case wasm.Table():
                    size = engine.table_size(their_instance, name)
                    if len(export) != size:
                        yield f"table {name!r}: refexec {len(export)} entries, wasmtime {size}"


def _outcome_of_start(outcome: wasm.Outcome) -> object:
    match outcome:
        case wasm.Returned():
            return Returned(())
        case wasm.Trapped(cause):
            return Trapped(cause.message, exhausted="exhausted" in cause.message)
        case wasm.Threw():
            return Threw()
    return outcome


def samples(seed: int, count: int, folder: Path, without: Collection[str] = ()) -> list[Sample]:
    """Make `count` modules that end by themselves, `without` some features of WebAssembly.

    `folder` is for scratch.

    Raises `UnavailableError` if wasm-tools is not installed.
    """
    executable()

    def make(index: int) -> Sample:
        random = Random(f"{seed}/{index}")
        scratch = folder / f"{seed}-{index}"
        scratch.mkdir()
        # Without traps a run gets further; with them there are traps to compare.
        calm = ("--disallow-traps", "true" if random.random() < 0.6 else "false")
        long = ("--max-instructions", str(random.choice((50, 200, 1000))))
        options = (*_SMITH, *calm, *long)
        data = smith(random, scratch, options, most=30_000, without=without)
        less = f", without {' and '.join(without)}" if without else ""
        return Sample(f"seed {seed}, module {index}{less}", data)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(make, range(count)))


def judge(found: Sequence[Sample]) -> Report:
    """Run every module on both engines, on all cores."""
    report = Report()
    for sample, findings in on_all_cores(run, found, 10):
        report.add(sample, findings)
    return report


@click.command()
@click.option("--count", default=500, show_default=True, help="How many modules to make.")
@seed_and_keep
def main(count: int, seed: int, keep: Path | None) -> None:
    """Compare refexec with wasmtime on modules made from a seed."""
    with tempfile.TemporaryDirectory(prefix="refexec-") as name:
        report = judge(samples(seed, count, Path(name)))
    click.echo(str(report))
    for reason, number in report.incomparable.most_common():
        click.echo(f"{number} incomparable: {reason}")
    tell(report.differences, seed, keep)
    sys.exit(1 if report.differences else 0)


if __name__ == "__main__":
    main()
