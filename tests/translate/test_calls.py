"""Direct calls: what callers pay for, how deep they may go, and results that are used at once."""

from __future__ import annotations

import pytest

from assemble import assemble
from differential import compare
from refexec import wasm
from refexec.translate import room as rooms
from refexec.translate.deposit import deposit_for
from refexec.translate.room import frames_in, room

CALLS = """
(module
  (import "h" "f" (func $host (param i32) (result i32)))
  (memory 1) (global $g (mut i32) (i32.const 3)) (tag $e)
  (type $unary (func (param i32) (result i32)))
  (table funcref (elem $plain $looping $failing $catching))
  (func $plain (export "plain") (type $unary)
    (i32.add (local.get 0) (global.get $g)))
  (func $looping (export "looping") (type $unary) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $failing (export "failing") (type $unary)
    (if (i32.eqz (local.get 0)) (then (unreachable)))
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.load (i32.mul (local.get 0) (i32.const 4))))
  (func $catching (export "catching") (type $unary)
    (block $caught
      (try_table (catch $e $caught)
        (br_if $caught (i32.and (local.get 0) (i32.const 1)))
        (throw $e)))
    (i32.sub (local.get 0) (i32.const 7)))
  (func $turning (export "turning") (type $unary)
    (if (i32.gt_u (local.get 0) (i32.const 9))
      (then (return_call $turning (i32.shr_u (local.get 0) (i32.const 1)))))
    (local.get 0))
  (func $choosing (export "choosing") (type $unary)
    (block $c (block $b (block $a
      (br_table $a $b $c (local.get 0)))
      (return (i32.const 5)))
      (return (i32.mul (local.get 0) (i32.const 3))))
    (i32.add (i32.mul (local.get 0) (i32.const 5)) (i32.const 11)))
  (func $nothing (export "nothing"))
  (func $void (export "void") (param i32)
    (if (local.get 0) (then (return)))
    (call $nothing) (global.set $g (i32.const 0)))
  (func (export "all") (type $unary) (local $sum i32)
    (loop $again
      (call $void (i32.and (local.get 0) (i32.const 3)))
      ;; Results of calls are terms of sums, several in one expression.
      (local.set $sum
        (i32.mul
          (i32.add
            (i32.sub (call $plain (local.get 0))
              (call $turning (i32.shl (local.get 0) (i32.const 4))))
            (i32.add (call $looping (local.get 0)) (i32.xor (local.get $sum) (i32.const -1))))
          (i32.const 3)))
      (local.set $sum (i32.sub (i32.const 5) (call $catching (local.get $sum))))
      (local.set $sum (i32.and (local.get $sum)
        (i32.xor (call $choosing (i32.and (local.get 0) (i32.const 3))) (i32.const -1))))
      (local.set $sum (i32.add (call $host (local.get $sum))
        (call_indirect (type $unary) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))
      (local.set $sum (i32.add (local.get $sum) (call $failing (local.get 0))))
      (br_if $again (i32.ge_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0))))
    (local.get $sum))
  ;; The cheapest way is paid for, the other begins behind both tests.
  (func $doubtful (param i32 i32)
    (block $work
      (br_if $work (local.get 0))
      (br_if $work (local.get 1))
      (return))
    (global.set $g (i32.sub (global.get $g) (local.get 1)))
    (loop $again
      (global.set $g (i32.add (global.get $g) (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get 0) (local.get 1))))
    (global.set $g (i32.mul (global.get $g) (i32.const 3))))
  (func (export "doubted") (type $unary)
    (call $doubtful (local.get 0) (i32.const 0))
    (call $doubtful (i32.const 0) (local.get 0))
    (call $doubtful (i32.const 0) (i32.const 0))
    (global.get $g))
  (func $deep (export "deep") (type $unary)
    (if (i32.eqz (local.get 0)) (then (return (global.get $g))))
    (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1)))
      (i32.mul (local.get 0) (call $plain (local.get 0))))))
"""


@pytest.fixture(scope="module")
def module() -> wasm.Module:
    return wasm.Module(assemble(CALLS))


def _imports() -> dict[tuple[str, str], wasm.HostFunction]:
    unary = wasm.FunctionType((wasm.I32,), (wasm.I32,))
    return {("h", "f"): wasm.HostFunction(unary, lambda x: x // 2)}


def test_callers_pay_for_the_cheapest_way(module: wasm.Module) -> None:
    found = {
        item.name: deposit_for(module.valid, item.index)
        for item in module.valid.syntax.exports
        if item.name not in ("all", "doubted")
    }
    # Entering costs 1, returning nothing. Loops, and ways that end in a trap, are not counted.
    assert found == {
        "plain": 4,
        "looping": 1,
        "failing": 12,
        "catching": 1,
        "turning": 6,
        "choosing": 4,
        "nothing": 1,
        "void": 3,
        "deep": 5,
    }
    assert deposit_for(module.valid, 0) == 0, "nobody knows what the host charges"


@pytest.mark.parametrize("argument", [0, 3, 9])
def test_every_cut_of_calls(module: wasm.Module, argument: int) -> None:
    assert compare(module, "all", [argument], imports=_imports, samples=150) > 90


@pytest.mark.parametrize("argument", [0, 1, 2, 5])
def test_every_cut_behind_several_tests(module: wasm.Module, argument: int) -> None:
    compare(module, "doubted", [argument], imports=_imports, samples=150)


def test_rooms_are_counted_by_tuples() -> None:
    assert [frames_in(room(n)) for n in (0, 1, 2, 700, 10_000)] == [0, 1, 2, 700, 10_000]
    (below,) = room(42)
    assert below is room(41)
    assert room(-3) is room(0)
    assert frames_in(room(rooms.LONGEST + 5)) == rooms.LONGEST


@pytest.mark.parametrize("depth", [29, 30, 31, 200])
def test_calls_deeper_than_the_largest_room(
    module: wasm.Module, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "LONGEST", 30)
    compare(module, "deep", [depth], imports=_imports, samples=20)
