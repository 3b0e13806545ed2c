"""`python -m benchmarks.slices`: what it costs to suspend a tight loop every 10,000 fuel.

The same number of turns is run at once and in slices, in one process, in turns.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
from refexec_conformance.assemble import assemble
from rich.console import Console

from benchmarks.promises import Finding, Promise, print_findings
from refexec import wasm

PROMISE = Promise("time in slices of 10,000 fuel against the uncut run", 4, 2)

_SLICE = 10_000
_FUEL = 20_000_000


def _seconds(module: wasm.Module, fuel: int) -> float:
    """Seconds for so much fuel at a time until all is spent."""
    instance = wasm.Instance(module, engine="translated", fuel=fuel)
    begun = time.perf_counter()
    outcome = instance.call("run")
    for _ in range(_FUEL // fuel - 1):
        instance.add_fuel(fuel)
        outcome = instance.resume()
    elapsed = time.perf_counter() - begun
    if not isinstance(outcome, wasm.Suspended) or instance.fuel_spent != _FUEL:
        raise click.ClickException(f"{outcome} after {instance.fuel_spent} fuel")
    return elapsed


@click.command()
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--check", is_flag=True, help="Fail if the promise is not kept.")
def main(rounds: int, check: bool) -> None:
    """Measure what it costs to suspend."""
    path = Path(__file__).parent / "lasting" / "loop.wat"
    (data,) = assemble([path.read_text(encoding="utf-8")])
    module = wasm.Module(data)
    _seconds(module, _FUEL)
    uncut, sliced = [], []
    for _ in range(rounds):
        uncut.append(_seconds(module, _FUEL))
        sliced.append(_seconds(module, _SLICE))
    console = Console()
    console.print(
        f"{_FUEL:,} fuel: {min(uncut) * 1e3:.1f} ms uncut, {min(sliced) * 1e3:.1f} ms in slices, "
        f"{(min(sliced) - min(uncut)) / (_FUEL / _SLICE) * 1e6:.1f} us a slice",
        highlight=False,
    )
    finding = Finding(PROMISE, min(sliced) / min(uncut))
    print_findings([finding], console)
    if check and not finding.kept:
        raise click.ClickException(f"not kept: {PROMISE.what}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.slices")
