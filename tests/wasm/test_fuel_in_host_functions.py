"""What a host function learns about fuel while its guest waits for it: the exact number."""

from __future__ import annotations

import itertools
import threading

import pytest

from assemble import assemble
from refexec import wasm

LOOP = """(module
  (import "" "tick" (func $tick (param i32)))
  (memory 2)
  (func $inner (param $i i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get $i))
    (call $tick (local.get $i)))
  (func (export "main") (param $n i32)
    (local $i i32)
    (loop $again
      (call $inner (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n)))))
  (func (export "direct") (call $tick (i32.const 0)) (call $tick (i32.const 1))))"""

TICK = wasm.FunctionType((wasm.I32,), ())


def ticks(engine: str, name: str, *args: int, fuel: int | None = None) -> list[int]:
    """What `fuel_spent` is at each call of the host."""
    seen: list[int] = []
    imports = {("", "tick"): wasm.HostFunction(TICK, lambda _: seen.append(instance.fuel_spent))}
    instance = wasm.Instance(wasm.Module(assemble(LOOP)), imports, engine=engine, fuel=fuel)
    instance.invoke(name, *args)
    seen.append(instance.fuel_spent)
    return seen


@pytest.mark.parametrize("engine", wasm.ENGINES)
def test_the_call_itself_is_paid_for(engine: str) -> None:
    # Function entry, constant and call; constant and call; nothing for the end.
    assert ticks(engine, "direct") == [3, 5, 5]


@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize("fuel", [None, 10_000_000])
def test_it_is_what_running_to_that_call_alone_costs(engine: str, fuel: int | None) -> None:
    # Many slices of fuel, and bulk instructions that cost more than one.
    seen = ticks(engine, "main", 1500, fuel=fuel)
    steps = [after - before for before, after in itertools.pairwise(seen)]
    assert steps[:-1] == [steps[0] + i for i in range(len(steps) - 1)]
    assert seen[-1] > 1_000_000


@pytest.mark.parametrize("engine", wasm.ENGINES)
def test_fuel_that_is_left_goes_down_as_well(engine: str) -> None:
    left: list[int | None] = []
    imports = {("", "tick"): wasm.HostFunction(TICK, lambda _: left.append(instance.fuel))}
    instance = wasm.Instance(wasm.Module(assemble(LOOP)), imports, engine=engine, fuel=100)
    instance.invoke("direct")
    assert [*left, instance.fuel] == [97, 95, 95]


def test_another_thread_may_ask_and_is_told_about_right() -> None:
    seen: list[int] = []

    def tick(_: int) -> None:
        thread = threading.Thread(target=lambda: seen.append(instance.fuel_spent))
        thread.start()
        thread.join()

    imports = {("", "tick"): wasm.HostFunction(TICK, tick)}
    instance = wasm.Instance(wasm.Module(assemble(LOOP)), imports)
    instance.invoke("direct")
    assert len(seen) == 2
    assert all(0 <= found <= 10_000 for found in seen)
