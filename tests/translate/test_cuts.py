"""Cuts where they are hardest: while deep recursion unwinds, after calls, and just before the end.

Also under options of Python that change what code objects tell.
"""

from __future__ import annotations

import random

import pytest

from assemble import assemble
from differential import compare, run
from random_programs import Program
from refexec import wasm
from told_runs import Run, tell

UNWINDING = """
(module
  (memory 1) (global $calls (mut i32) (i32.const 0))
  (func $leaf (param i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (result i32) (i32.and (local.get 0) (i32.const 1))
      (then (i32.mul (local.get 0) (i32.const 3)))
      (else (i32.shr_u (local.get 0) (i32.const 1)))))
  ;; What follows the inner call is dear on one way and cheap on the other; both have calls.
  (func $down (export "down") (param i32) (result i32) (local i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 27))))
    (local.set 1 (call $down (i32.sub (local.get 0) (i32.const 1))))
    (if (i32.and (local.get 1) (i32.const 1))
      (then
        (local.set 1 (call $leaf (local.get 1)))
        (i32.store (i32.and (local.get 1) (i32.const 0xfff)) (local.get 0))
        (local.set 1 (i32.add (local.get 1) (i32.load8_u (i32.const 3))))
        (if (i32.and (local.get 1) (i32.const 4))
          (then (local.set 1 (i32.rotl (local.get 1) (i32.const 3))))
          (else
            (local.set 1
              (i32.xor (call $leaf (local.get 0)) (call $leaf (local.get 1)))))))
      (else
        (if (i32.and (local.get 0) (i32.const 2))
          (then (return (i32.add (local.get 1) (i32.const 1)))))))
    (i32.add (local.get 1) (global.get $calls)))
  ;; The same with loops: what follows a call may be a turn more.
  (func $turns (export "turns") (param i32) (result i32) (local i32 i32)
    (local.set 1 (i32.const 3))
    (loop $again
      (if (local.get 0)
        (then
          (local.set 2
            (i32.add (local.get 2) (call $turns (i32.shr_u (local.get 0) (i32.const 1)))))
          (if (i32.and (local.get 2) (i32.const 1))
            (then (local.set 2 (call $leaf (local.get 2)))))))
      (br_if $again (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
    (i32.add (local.get 2) (local.get 0)))
  ;; Unwinding that ends in a trap, at the depth of the argument.
  (func $fall (export "fall") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (i32.div_u
      (call $fall (i32.sub (local.get 0) (i32.const 1)) (local.get 1))
      (i32.sub (local.get 0) (local.get 1)))))
"""
DATA = assemble(UNWINDING)

PROGRAMS = [("down", [150]), ("turns", [40]), ("fall", [200, 170])]


def _whole(name: str, args: list[int]) -> int:
    fuel: int = run(wasm.Module(DATA), "reference", name, args, [10**7])[0][1]
    return fuel


def _compare(name: str, args: list[int], places: list[int]) -> None:
    module = wasm.Module(DATA)
    for place in places:
        expected = run(module, "reference", name, args, [place, 5])
        assert run(module, "translated", name, args, [place, 5]) == expected, place


@pytest.mark.parametrize(("name", "args"), PROGRAMS)
def test_cuts_while_recursion_unwinds(name: str, args: list[int]) -> None:
    whole = _whole(name, args)
    assert whole > 1200
    chance = random.Random(name)
    places = [chance.randrange(whole // 4, whole) for _ in range(12)]
    last = [whole - back for back in range(6)]
    _compare(name, args, sorted({*places, *last, *range(whole - 1000, whole, 67)}))


@pytest.mark.suspension
@pytest.mark.parametrize(("name", "args"), PROGRAMS)
def test_every_cut_in_the_last_1000_fuel(name: str, args: list[int]) -> None:
    whole = _whole(name, args)
    _compare(name, args, list(range(whole - 1000, whole + 2)))


def test_cuts_while_very_deep_recursion_unwinds() -> None:
    whole = _whole("down", [5000])
    _compare("down", [5000], [whole // 3, whole // 2, whole - 1000, whole - 77, whole - 1])


WAITING = """
(module
  (func $scaled (param i32) (result i32)
    (i32.mul (i32.add (local.get 0) (i32.const 3)) (i32.const 5)))
  ;; A sum of two results waits while the third call puts its own where one of them was.
  (func (export "calls") (param i32) (result i32)
    (i32.add
      (i32.add (call $scaled (local.get 0)) (call $scaled (i32.const 2)))
      (call $scaled (i32.const 3))))
  ;; What comes round the loop is changed and compared before it is known what the turn costs.
  (func (export "loops") (param $x i32) (result i32) (local $n i32) (local $most i32)
    (local.set $n (i32.const 5))
    (i32.const 0x3ffffff0)
    (loop $again (param i32)
      (if (i32.lt_s (i32.add (i32.const 20)) (local.get $most))
        (then
          (local.set $most (i32.add (local.get $most) (i32.const 3)))
          (local.set $x (i32.mul (local.get $x) (i32.const 3))))
        (else
          (local.set $most (i32.const 1))
          (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 5)) (i32.const 5)))))
      (i32.mul (local.get $n) (i32.const 0x10000000))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      (drop))
    (local.get $x)))
"""


@pytest.mark.parametrize("name", ["calls", "loops"])
def test_cuts_while_operands_wait(name: str) -> None:
    compare(wasm.Module(assemble(WAITING)), name, [1], samples=200)


def _runs() -> list[Run]:
    runs: list[Run] = []
    chance = random.Random(5)
    for name, args in PROGRAMS:
        whole = _whole(name, args)
        for thaw in (False, True):
            cuts = [chance.randrange(1, whole) for _ in range(3)]
            runs += [(DATA, name, args, [cut, 11, 50], thaw) for cut in [*cuts, whole - 1]]
    for seed in range(3):
        program = Program(seed, 30)
        data = assemble(program.text)
        for cut in (10, 400, 3000):
            runs.append((data, "run", program.arguments(), [cut, 7, 100], False))
    return runs


@pytest.mark.parametrize(
    "options",
    [("-O",), ("-OO", "-X", "no_debug_ranges"), ("-X", "no_debug_ranges")],
    ids=" ".join,
)
def test_options_of_python_change_nothing(options: tuple[str, ...]) -> None:
    runs = _runs()
    expected = tell("reference", runs)
    assert len(expected) == len(runs)
    assert sum("Suspended" in line for line in expected) > len(runs) // 2
    assert tell("translated", runs, *options) == expected
