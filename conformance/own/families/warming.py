"""Functions that are called often, beside others that are not.

Engines that optimise take over what runs often while it runs, and leave the rest as it is: then one
part of a call runs in one way, one in another. Here loops of many turns call functions that are new,
and those call what has been called often, through tables, references, recursion, traps and
exceptions.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import (
    Family,
    Function,
    Step,
    call,
    get,
    inputs,
)

_MORE = """
(type $number (func (param i32) (result i32)))
(tag $thrown (param i32))
(table $ways 6 funcref)
(elem (table $ways) (i32.const 0) func $hot $slow $back $failing $throwing $nested)
;; Called often: a number for a number.
(func $hot (param i32) (result i32)
  (i32.xor (i32.mul (local.get 0) (i32.const 7)) (i32.shr_u (local.get 0) (i32.const 3))))
;; Called seldom: some turns, each of which can be seen.
(func $slow (param $n i32) (result i32)
  (loop $turn
    (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 3)) (local.get $n)))
    (i32.store8 offset=64 (i32.and (local.get $n) (i32.const 15)) (global.get $g))
    (br_if $turn (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (global.get $g))
;; Called seldom, and calls what is called often.
(func $back (param $n i32) (result i32)
  (local $m i32)
  (loop $turn
    (local.set $m (i32.add (call $hot (local.get $m)) (local.get $n)))
    (global.set $g (call $hot (i32.add (global.get $g) (i32.const 1))))
    (br_if $turn (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 2))) (i32.const 0))))
  (local.get $m))
(func $deep (param $n i32) (param $f f64) (result i64)
  (if (result i64) (i32.eqz (local.get $n))
    (then (i64.reinterpret_f64 (local.get $f)))
    (else
      (global.set $g (i32.add (global.get $g) (local.get $n)))
      (i64.add (i64.extend_i32_u (call $hot (local.get $n)))
        (call $deep (i32.sub (local.get $n) (i32.const 1))
          (f64.mul (local.get $f) (f64.const -1.5)))))))
(func $failing (param $n i32) (result i32)
  (global.set $g (i32.sub (global.get $g) (call $slow (local.get $n))))
  (i32.div_u (local.get $n) (i32.and (local.get $n) (i32.const 0x100))))
(func $throwing (param $n i32) (result i32)
  (throw $thrown (call $slow (local.get $n))))
(func $even (param $n i32) (result i32)
  (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
  (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
(func $odd (param $n i32) (result i32)
  (global.set $g (i32.add (global.get $g) (i32.const 2)))
  (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
  (return_call $even (i32.sub (local.get $n) (i32.const 1))))
(elem declare func $slow $back $nested)
;; More loops in each other than some engines translate.
(func $nested (param $n i32) (result i32)
{NESTED}
  (global.get $g))
"""

_LOOPS = 30
"""How many loops are in each other."""

_WARM = """
(local.set $n (i32.const 450))
(loop $warm
  (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
  (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
"""

_SMALL = "(i32.and (local.get $x) (i32.const 15))"

_BODIES = {
    "a new function": f"(call $i32 (call $slow {_SMALL}))",
    "one that calls back": f"(call $i32 (call $back {_SMALL})) (call $i32 (call $back (i32.const 9)))",
    "through the table": f"""
(call $i32 (call_indirect $ways (type $number) {_SMALL} (i32.const 1)))
(call $i32 (call_indirect $ways (type $number) {_SMALL}
  (i32.rem_u (local.get $y) (i32.const 3))))""",
    "by reference": f"(call $i32 (call_ref $number {_SMALL} (ref.func $slow)))",
    "recursion": f"(call $i64 (call $deep {_SMALL} (f64.convert_i32_s (local.get $y))))",
    "a trap": f"(call $i32 (call $failing {_SMALL}))",
    "an exception": f"""
(call $i32 (block $caught (result i32)
  (try_table (catch $thrown $caught) (drop (call $throwing {_SMALL}))) (i32.const 0)))
(call $i32 (block $caught (result i32)
  (try_table (catch $thrown $caught)
    (drop (call_indirect $ways (type $number) {_SMALL} (i32.const 4)))) (i32.const 0)))""",
    "many loops in each other": f"""
(call $i32 (call $nested {_SMALL}))
(call $i32 (call_indirect $ways (type $number) {_SMALL} (i32.const 5)))
(call $i32 (call_ref $number {_SMALL} (ref.func $nested)))""",
    "tail calls": f"(call $i32 (call $even (i32.add {_SMALL} (i32.const 20))))",
    "operands that wait": f"""
(i64.add (i64.mul (local.get $z) (i64.const 3)) (i64.extend_i32_u (call $slow {_SMALL})))
(i32.sub (i32.load (i32.const 64)) (call $back {_SMALL}))
(call $i32) (call $i64)""",
    "now and then": """
(local.set $n (i32.const 500))
(loop $turn
  (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 97)))
    (then (call $i32 (call $slow (i32.const 3))))
    (else (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))))
  (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))""",
    "taken over in the middle": """
(local.set $n (i32.const 700))
(local.set $f (f64.convert_i32_s (local.get $y))) (local.set $h (f32.const 0.5))
(loop $turn
  (local.set $w (i64.add (i64.rotl (local.get $w) (i64.const 5)) (local.get $z)))
  (local.set $f (f64.sub (f64.mul (local.get $f) (f64.const 0.75))
    (f64.convert_i32_u (local.get $n))))
  (local.set $h (f32.add (f32.neg (local.get $h)) (f32.demote_f64 (local.get $f))))
  (if (i32.eq (local.get $n) (i32.const 300)) (then (call $i32 (call $slow (i32.const 2)))))
  (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
(call $i64 (local.get $w)) (call $i64 (i64.reinterpret_f64 (local.get $f)))
(call $i32 (i32.reinterpret_f32 (local.get $h)))""",
}

_LOCALS = " (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)"

_DENSE = "one that calls back"
"""The function that is stopped at every instruction of some turns."""

_FUELS = (*range(60, 600, 180), *range(8080, 8640, 29), *range(8700, 20000, 1211))


def _nested() -> str:
    """Loops in each other, of which the innermost and some around it turn again."""
    text = "(global.set $g (i32.add (global.get $g) (local.get $n)))"
    for number in range(_LOOPS):
        again = "(br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0)))"
        never = "(br_if 0 (i32.gt_s (local.get $n) (i32.const 0)))"
        text += f"\n{never if number % 4 else again}"
        text = f"(loop\n{text})"
    return text


def families() -> list[Family]:
    """The module."""
    functions = [
        Function(name, f"{_WARM}{body.strip()}\n(i64.extend_i32_u (local.get $m))", _LOCALS)
        for name, body in _BODIES.items()
    ]
    pairs = [(0, 0, 1), (1, 1, -1), (5, 2, 1 << 40), (15, 3, 77), (10, 4, -(1 << 62)), (12, 6, 0)]
    ending = [number for number, name in enumerate(_BODIES) if "trap" not in name]
    stops: list[Step] = []
    for function in functions:
        args = ("i32:13", "i32:7", "i64:99")
        stops += [call("reset"), call(function.name, *args, fuel=100_000), get("i32")]
        for fuel in _FUELS if function.name != _DENSE else range(8090, 8160):
            stops += [call("reset"), call(function.name, *args, fuel=fuel), get("i32")]
    return [
        Family(
            name="warming",
            title="Functions that are called often, beside others",
            does="Goes through loops of many turns, then calls functions that are new, which call "
            "others that have been called often.",
            must="The results do not depend on how often something was called before.",
            rule="Execution: Control Instructions: call",
            about="Functions that are called often, beside others that are not.",
            functions=functions,
            inputs=inputs(pairs),
            sweeps=[(number, 0, len(pairs)) for number in ending],
            features=("tail calls", "exceptions", "typed function references"),
            more=_MORE.replace("{NESTED}", _nested()),
            metered=True,
            exact_calls=stops,
            derivation="Each call stops before the very instruction that it cannot pay, however often "
            "a function was called before: the costs of PROTOCOL.md, added up along the calls.",
        )
    ]
