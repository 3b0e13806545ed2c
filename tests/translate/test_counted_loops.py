"""Loops that count are `for` loops in generated code, and nobody can tell by anything but the time.

Loops of all forms are put together at random; the reference machine says what must come out.
"""

from __future__ import annotations

import random

import pytest

from assemble import assemble
from differential import compare, run
from refexec import wasm
from refexec.interp.limits import Limits
from refexec.translate.listing import list_python

UP = ("lt_u", "le_u", "lt_s", "le_s", "ne")
DOWN = ("gt_u", "ge_u", "gt_s", "ge_s", "ne")
INVERSE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "ne": "eq"}

BODIES = (
    "(local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $i)))",
    "(i32.store8 (local.get $i) (local.get $sum))",
    "(local.set $sum (i32.xor (local.get $sum) (i32.load8_u offset=3 (local.get $i))))",
    "(if (i32.and (local.get $i) (i32.const 2)) (then (i32.store (i32.const 8) (local.get $sum))))",
    "(local.set $other (i32.sub (local.get $other) (i32.const 5)))",
    "(local.set $f (f64.add (f64.mul (local.get $f) (f64.const 0.5)) (f64.const 1)))",
    "(local.set $sum (i32.div_s (i32.const 9999) (i32.sub (local.get $i) (i32.const 23))))",
    "(global.set $g (i32.add (global.get $g) (local.get $sum)))",
    "(if (i32.gt_s (local.get $sum) (i32.const 900)) (then (local.set $sum (i32.const 1))))",
    "(local.set $other (select (local.get $i) (local.get $sum) (local.get $other)))",
)
EXITS = (
    "(br_if $out (i32.eq (i32.and (local.get $sum) (i32.const 63)) (i32.const 11)))",
    "(if (i32.eq (local.get $i) (i32.const 21)) (then (return (local.get $other))))",
    "(if (i32.eq (local.get $i) (i32.const 22)) (then (br $far)))",
)
STARTS = (0, 1, 9, 37, -1, -7, 40, 65530, 2**31 - 3, -(2**31), -(2**31) + 2)


def _loop(chance: random.Random) -> str:
    """A loop in a block `$out` in a block `$far`."""
    up = chance.random() < 0.6
    amount = chance.choice(["(i32.const 1)", "(i32.const 1)", "(i32.const 3)", "(local.get $step)"])
    operator = chance.choice(UP if up else DOWN)
    if chance.random() < 0.05:
        operator = chance.choice(DOWN if up else UP)
    bound = chance.choice([f"(i32.const {chance.choice(STARTS)})", "(local.get $bound)"] * 2)
    step = f"(i32.{'add' if up else 'sub'} (local.get $i) {amount})"
    body = chance.sample(BODIES, chance.randrange(4))
    if chance.random() < 0.4:
        body.insert(chance.randrange(len(body) + 1), chance.choice(EXITS))
    text = "\n".join(body)
    if chance.random() < 0.5:
        counted = f"(local.tee $i {step})"
        test = f"(i32.{operator} {counted} {bound})"
        if bound.startswith("(i32.const 0") and operator == "ne":
            test = counted
        return f"(loop $turn {text} (br_if $turn {test}))"
    kind, _, sign = operator.partition("_")
    inverse = INVERSE[kind] + (f"_{sign}" if sign else "")
    test = f"(br_if $out (i32.{inverse} (local.get $i) {bound}))"
    return f"(loop $turn {test} {text} (local.set $i {step}) (br $turn))"


def _program(chance: random.Random) -> str:
    loops = [_loop(chance) for _ in range(2)]
    nested = chance.random() < 0.3
    around = (
        "(loop $again {} (local.set $times (i32.add (local.get $times) (i32.const 1)))"
        " (br_if $again (i32.lt_u (local.get $times) (i32.const 3))))"
    )
    parts = [
        f"(block $far (block $out {around.format(loop) if nested else loop}))"
        f" (local.set $i (i32.const {chance.choice(STARTS)}))"
        for loop in loops
    ]
    return f"""(module (memory 1) (global $g (mut i32) (i32.const 0))
      (func (export "run") (param $i i32) (param $bound i32) (param $step i32) (result i32)
        (local $sum i32) (local $other i32) (local $times i32) (local $f f64)
        (if (i32.eqz (local.get $step)) (then (local.set $step (i32.const 1))))
        {" ".join(parts)}
        (i32.add (i32.add (local.get $sum) (local.get $i))
          (i32.add (local.get $other) (i32.trunc_sat_f64_s (local.get $f))))))"""


def _compare(seeds: range, samples: int) -> int:
    """Compare programs; gives how many of them have a `for` in their generated code."""
    rewritten = 0
    for seed in seeds:
        chance = random.Random(seed)
        data = assemble(_program(chance))
        module = wasm.Module(data)
        code = module.valid.functions[0]
        lines = list_python(module.valid, code, Limits())
        rewritten += any(line.text.lstrip().startswith("for ") for line in lines)
        for _ in range(2):
            args = [chance.choice(STARTS), chance.choice([5, 20, 41, 70, 65540]), 1 + seed % 3]
            whole = run(module, "reference", "run", args, [3000], finish=False)
            if whole[-1][1] < 3000:
                compare(module, "run", args, samples=samples, seed=seed)
                continue
            # One that goes on for a long time, perhaps for ever.
            for cuts in ([3000, 1, 40000], [chance.randrange(3000) for _ in range(samples)]):
                for thaw in (False, True):
                    expected = run(module, "reference", "run", args, cuts, thaw=thaw, finish=False)
                    found = run(module, "translated", "run", args, cuts, thaw=thaw, finish=False)
                    assert found == expected
    return rewritten


def test_loops_that_count_are_as_on_the_machine() -> None:
    assert _compare(range(25), samples=8) > 12


@pytest.mark.suspension
def test_many_loops_that_count_are_as_on_the_machine() -> None:
    assert _compare(range(1000, 1400), samples=30) > 200
