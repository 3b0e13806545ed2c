"""Small loops are written several times, and nobody can tell by anything but the time."""

from __future__ import annotations

import pytest

from assemble import assemble
from differential import compare
from refexec import wasm
from refexec.interp.limits import Limits
from refexec.translate.listing import list_python

LOOPS = """
(module
  (memory 1) (data (i32.const 0) "many happy returns\\00") (data (i32.const 65533) "abc")
  (global $g (mut i32) (i32.const 0))
  (type $unary (func (param i32) (result i32)))
  (func $twice (type $unary) (i32.add (local.get 0) (local.get 0)))
  ;; Looks first and goes on at its end. From 65533 on it traps in its fourth turn.
  (func (export "length") (type $unary)
    (block $out
      (loop $turn
        (br_if $out (i32.eqz (i32.load8_u (local.get 0))))
        (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br $turn)))
    (local.get 0))
  ;; Goes on, or falls out of the end.
  (func (export "halved") (type $unary) (local $turns i32)
    (loop $turn
      (local.set $turns (i32.add (local.get $turns) (i32.const 3)))
      (br_if $turn (local.tee 0 (i32.div_u (local.get 0) (i32.const 2)))))
    (i32.sub (local.get $turns) (i32.const 1)))
  ;; Ways of unlike costs through a turn, and two ways out, one of them a return.
  (func (export "collatz") (type $unary) (local $turns i32)
    (loop $turn
      (if (i32.gt_u (local.get $turns) (i32.const 50)) (then (return (i32.const -1))))
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (if (i32.and (local.get 0) (i32.const 1))
        (then (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1))))
        (else (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))))
      (br_if $turn (i32.ne (local.get 0) (i32.const 1))))
    (local.get $turns))
  ;; A call in each turn, and after it a trap for some.
  (func (export "calls") (type $unary) (local $sum i32)
    (loop $turn
      (global.set $g (i32.add (global.get $g) (call $twice (local.get 0))))
      (local.set $sum (i32.add (local.get $sum)
        (i32.rem_s (global.get $g) (i32.sub (local.get 0) (i32.const 3)))))
      (br_if $turn (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1)))))
    (local.get $sum))
  ;; Costs that are not known before.
  (func (export "fills") (type $unary)
    (loop $turn
      (memory.fill (i32.const 100) (local.get 0) (i32.rem_u (local.get 0) (i32.const 7)))
      (br_if $turn (local.tee 0 (i32.div_u (local.get 0) (i32.const 3)))))
    (i32.load (i32.const 100)))
  ;; Begins turns from its middle, which is left as it is.
  (func (export "middle") (type $unary) (local $sum i32)
    (loop $turn
      (local.set $sum (i32.add (local.get $sum) (local.get 0)))
      (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))
      (br_if $turn (i32.and (local.get 0) (i32.const 1)))
      (local.set $sum (i32.xor (local.get $sum) (i32.const 21)))
      (br_if $turn (local.get 0)))
    (local.get $sum))
  ;; A float comes round, and a block in the turn ends in its middle.
  (func (export "floats") (param i32) (result f64) (local $x f64)
    (local.set $x (f64.convert_i32_u (local.get 0)))
    (loop $turn
      (block $on
        (br_if $on (f64.lt (local.get $x) (f64.const 40)))
        (local.set $x (f64.sub (local.get $x) (f64.const 7))))
      (br_if $turn (f64.gt
        (local.tee $x (f64.sub (f64.mul (local.get $x) (f64.const 0.875)) (f64.const 1)))
        (f64.const 1))))
    (local.get $x)))
"""

CALLS = [
    *(("length", [start]) for start in (0, 11, 15, 16, 17, 18, 65533)),
    *(("halved", [number]) for number in (0, 1, 7, 8, 15, 31, 1 << 20)),
    *(("collatz", [number]) for number in (2, 3, 6, 9, 27)),
    *(("calls", [number]) for number in (1, 2, 3, 7, 40, 99)),
    *(("fills", [number]) for number in (0, 5, 90, 500, 4000)),
    *(("middle", [number]) for number in (0, 9, 37, 1000)),
    *(("floats", [number]) for number in (0, 3, 39, 90)),
]


@pytest.fixture(scope="module")
def module() -> wasm.Module:
    return wasm.Module(assemble(LOOPS))


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_small_loops_are_as_on_the_machine(
    module: wasm.Module, name: str, arguments: list[int]
) -> None:
    compare(module, name, arguments, samples=60)


TURNS = {"b0[": 4, "// 2": 4, ">> 1": 4, "f0(": 4, "n0.fill": 4, "^ 21": 1, "* 0.875": 4}
"""How often what stands once in a turn of the loops stands in their functions, in their order."""


def test_which_loops_are_written_several_times(module: wasm.Module) -> None:
    loops = module.valid.functions[1:]
    assert len(loops) == len(TURNS)
    found = {}
    for text, code in zip(TURNS, loops, strict=True):
        lines = [line.text for line in list_python(module.valid, code, Limits())]
        found[text] = sum(text in line for line in lines)
    assert found == TURNS
