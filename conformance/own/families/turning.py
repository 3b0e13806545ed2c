"""Small loops that do not count.

They go on until a number has become something: by halving, by remainders, by steps through memory.
An engine that pays for several turns at once must give back what was not used, wherever the loop is
left: at its test, by a branch from the middle, by a return, by a trap, or for want of fuel.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import (
    Family,
    Function,
    Step,
    boundaries,
    call,
    get,
    inputs,
)

_LOOPS = {
    "remainders, test at the top": """
(block $out (loop $turn
  (br_if $out (T.eqz {M}))
  (local.set $k {M}) (local.set $m (T.rem_u {N} {M})) (local.set $n (local.get $k))
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br $turn)))""",
    "remainders, test at the bottom": """
(local.set $m (T.or {M} (T.const 1)))
(loop $turn
  (local.set $k {M}) (local.set $m (T.rem_u {N} {M})) (local.set $n (local.get $k))
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br_if $turn (T.ne {M} (T.const 0))))""",
    "bits, test at the top": """
(block $out (loop $turn
  (br_if $out (T.eqz {N}))
  (local.set $m (T.add {M} (T.and {N} (T.const 1)))) (local.set $n (T.shr_u {N} (T.const 1)))
  (br $turn)))""",
    "bits, test in the step": """
(loop $turn
  (local.set $m (T.sub {M} {N})) (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br_if $turn (T.ne (local.tee $n (T.shr_u {N} (T.const 1))) (T.const 0))))""",
    "bits, three at a time": """
(loop $turn
  (local.set $m (T.xor (T.mul {M} (T.const 31)) (T.and {N} (T.const 7))))
  (br_if $turn (T.gt_u (local.tee $n (T.shr_u {N} (T.const 3))) (T.const 2))))""",
    "signed shifts": """
(loop $turn
  (local.set $m (T.add {M} (T.const 1))) (global.set $g (i32.sub (global.get $g) (i32.const 3)))
  (local.set $n (T.shr_s {N} (T.const 1)))
  (br_if $turn (T.gt_u (T.add {N} (T.const 1)) (T.const 1))))""",
    "a way out behind the test": """
(block $out (loop $turn
  (local.set $n (T.shr_u {N} (T.const 1)))
  (local.set $m (T.add (T.shl {M} (T.const 1)) {N}))
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br_if $turn (T.ne {N} (T.const 0)))
  (local.set $m (T.sub {M} (T.const 5)))
  (br $out)))""",
    "a return behind the test": """
(loop $turn
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (local.set $m (T.add {M} (local.tee $n (T.div_u {N} (T.const 3)))))
  (br_if $turn (T.gt_u {N} (T.const 4)))
  (global.set $g (i32.mul (global.get $g) (i32.const 7)))
  (return (i64.add (i64.mul {WIDE} (i64.const 3)) (i64.load (i32.const 8)))))
(unreachable)""",
    "two tests that go on": """
(block $out (loop $turn
  (local.set $n (T.shr_u {N} (T.const 1)))
  (br_if $turn (T.eq (T.and {N} (T.const 1)) (T.const 1)))
  (local.set $m (T.add {M} {N}))
  (br_if $turn (T.gt_u {N} (T.const 6)))
  (local.set $m (T.xor {M} (T.const 99)))))""",
    "two tests that leave": """
(block $out (block $early (loop $turn
  (local.set $n (T.shr_u {N} (T.const 1)))
  (br_if $early (T.eq (T.and {N} (T.const 7)) (T.const 5)))
  (local.set $m (T.add {M} (T.const 1)))
  (br_if $out (T.eqz {N}))
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br $turn)))
  (local.set $m (T.sub (T.const 0) {M})))""",
    "a return from the middle": """
(block $out (loop $turn
  (local.set $n (T.shr_u {N} (T.const 1)))
  (if (T.eq (T.and {N} (T.const 15)) (T.const 9))
    (then (global.set $g (i32.const 1)) (return (i64.sub {WIDE} (i64.const 11)))))
  (local.set $m (T.add {M} (T.const 1)))
  (br_if $out (T.eqz {N}))
  (br $turn)))""",
    "two ways through": """
(local.set $n (T.and {N} (T.const 127)))
(block $out (loop $turn
  (br_if $out (T.le_u {N} (T.const 1)))
  (if (T.eq (T.and {N} (T.const 1)) (T.const 1))
    (then (local.set $n (T.add (T.mul {N} (T.const 3)) (T.const 1)))
      (local.set $m (T.add {M} (T.const 2))))
    (else (local.set $n (T.shr_u {N} (T.const 1)))))
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br $turn)))""",
    "steps through memory": """
(local.set $at (i32.and {SMALL} (i32.const 31)))
(loop $turn
  (local.set $m (T.add (T.mul {M} (T.const 3)) (T.load8_u (local.get $at))))
  (local.set $at (i32.and (i32.add (i32.mul (local.get $at) (i32.const 5)) (i32.const 3))
    (i32.const 31)))
  (br_if $turn (i32.ne (local.get $at) (i32.and {SMALL} (i32.const 31)))))""",
    "writes to memory": """
(loop $turn
  (T.store offset=64 (i32.and {SMALL} (i32.const 8)) {N})
  (local.set $n (T.shr_u {N} (T.const 2)))
  (br_if $turn (T.ne {N} (T.const 0))))""",
    "a call": """
(loop $turn
  (call $T {N})
  (br_if $turn (T.ne (local.tee $n (T.shr_u {N} (T.const 5))) (T.const 0))))""",
    "a loop within": """
(block $out (loop $turn
  (br_if $out (T.eqz {N}))
  (local.set $k (T.and {N} (T.const 31)))
  (loop $inner
    (local.set $m (T.add (T.mul {M} (T.const 5)) (local.get $k)))
    (br_if $inner (T.ne (local.tee $k (T.shr_u (local.get $k) (T.const 1))) (T.const 0))))
  (local.set $n (T.shr_u {N} (T.const 5)))
  (br $turn)))""",
    "a branch out of two": """
(block $out (loop $turn
  (local.set $k (T.or {N} (T.const 1)))
  (loop $inner
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (br_if $out (T.eq (T.and (local.get $k) (T.const 7)) (T.const 4)))
    (br_if $inner (T.ne (local.tee $k (T.shr_u (local.get $k) (T.const 1))) (T.const 0))))
  (local.set $n (T.shr_u {N} (T.const 3)))
  (local.set $m (T.add {M} (T.const 1)))
  (br_if $turn (T.ne {N} (T.const 0)))))""",
    "to the outer loop": """
(block $out (loop $turn
  (local.set $n (T.shr_u {N} (T.const 4)))
  (br_if $out (T.eqz {N}))
  (local.set $k (T.and {N} (T.const 63)))
  (loop $inner
    (local.set $m (T.add {M} (local.get $k)))
    (br_if $turn (T.eqz (local.get $k)))
    (local.set $k (T.shr_u (local.get $k) (T.const 1)))
    (br $inner))))""",
    "three loops": """
(loop $turn
  (local.set $k (T.and {N} (T.const 63)))
  (loop $inner
    (local.set $at (i32.const 5))
    (loop $innermost
      (local.set $m (T.add (T.mul {M} (T.const 3)) (local.get $k)))
      (global.set $g (i32.add (global.get $g) (local.get $at)))
      (br_if $innermost (local.tee $at (i32.shr_u (local.get $at) (i32.const 1)))))
    (br_if $inner (T.ne (local.tee $k (T.shr_u (local.get $k) (T.const 2))) (T.const 0))))
  (local.set $n (T.shr_u {N} (T.const 4)))
  (br_if $turn (T.ne {N} (T.const 0))))""",
    "operands that stay": """
(call $T (loop $turn (param) (result T)
  (local.set $n (T.shr_u {N} (T.const 1)))
  (local.set $m (T.rotl {M} (T.const 3)))
  (T.add {M} {N})
  (br_if $turn (T.gt_u {N} (T.const 9)))))""",
    "operands that go round": """
{N}
(loop $turn (param T) (result T)
  (local.set $m (T.add {M} (T.const 1)))
  (T.shr_u (T.const 1))
  (local.tee $k)
  (br_if $turn (T.ne (local.get $k) (T.const 0)))
  (T.add {M}))
(local.set $m)""",
    "a test of the number with itself": """
(loop $turn
  (local.set $m (T.add {M} {N}))
  (local.set $n (T.add {N} (T.const 1)))
  (br_if $turn (T.lt_u {N} {N})))
(loop $turn
  (local.set $m (T.sub {M} (T.const 3)))
  (local.set $n (T.sub {N} (T.const 1)))
  (br_if $turn (T.ne {N} {N})))""",
    "floats": """
(local.set $f (f64.convert_T_u {N}))
(loop $turn
  (local.set $f (f64.sub (f64.mul (local.get $f) (f64.const 0.4375)) (f64.const 1.5)))
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (br_if $turn (f64.gt (local.get $f) (f64.const 10))))
(call $i64 (i64.reinterpret_f64 (local.get $f)))""",
    "a long body": """
(loop $turn
  (local.set $m (T.add {M} {N})) (local.set $k (T.xor {M} (T.const 21)))
  (local.set $m (T.sub (local.get $k) {N})) (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (local.set $m (T.rotl {M} (T.const 5))) (local.set $k (T.add (local.get $k) {M}))
  (local.set $m (T.mul {M} (T.const 7))) (local.set $k (T.and (local.get $k) (T.const 0xfff)))
  (local.set $m (T.or {M} (local.get $k))) (local.set $k (T.sub {M} (local.get $k)))
  (local.set $m (T.add {M} (local.get $k))) (local.set $k (T.shr_s (local.get $k) (T.const 1)))
  (local.set $m (T.xor {M} (local.get $k))) (local.set $k (T.shl (local.get $k) (T.const 1)))
  (T.store (i32.const 64) {M}) (T.store (i32.const 72) (local.get $k))
  (local.set $m (T.add {M} (T.load (i32.const 68)))) (local.set $m (T.sub {M} (local.get $k)))
  (local.set $n (T.shr_u {N} (T.const 2)))
  (br_if $turn (T.ne {N} (T.const 0))))""",
    "a division that traps": """
(loop $turn
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (local.set $n (T.shr_u {N} (T.const 2)))
  (local.set $m (T.add {M} (T.div_u (T.const 1000) {N})))
  (br $turn))
(unreachable)""",
    "a load that traps": """
(local.set $at (i32.or (i32.and {SMALL} (i32.const 7)) (i32.const 1)))
(loop $turn
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (local.set $at (i32.mul (local.get $at) (i32.const 3)))
  (local.set $m (T.add {M} (T.load8_u (local.get $at))))
  (br_if $turn (local.get $at)))""",
    "a trap on one way": """
(loop $turn
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (local.set $n (T.shr_u {N} (T.const 1)))
  (if (T.lt_u {N} (T.const 3)) (then (unreachable)))
  (local.set $m (T.add {M} {N}))
  (br_if $turn (T.ne {M} (T.const 0))))""",
}

_TRAPS = "trap"
"""A word in the names of loops that always end so."""

_NUMBERS = (0, 1, 2, 5, 9, 0x48, 0x1234, 0x9D5B)

_FUELS = (*range(3, 40, 5), 47, 61, 75, 90)


def _function(type_: str, name: str, body: str) -> Function:
    small = type_ == "i32"
    begin = (
        "(local.set $n (local.get $x)) (local.set $m (local.get $y))"
        if small
        else "(local.set $n (local.get $z)) (local.set $m (i64.extend_i32_s (local.get $y)))"
    )
    end = "(call $T {M})\n(call $T {N})\n{WIDE}"
    values = {
        "{WIDE}": "(i64.extend_i32_u (local.get $n))" if small else "(local.get $m)",
        "{SMALL}": "(local.get $x)",
        "{N}": "(local.get $n)",
        "{M}": "(local.get $m)",
        "$T": f"${type_}",
        "(T.": f"({type_}.",
        " T)": f" {type_})",
        "convert_T": f"convert_{type_}",
    }
    text = f"{begin}\n{body.strip()}\n{end}"
    for key, value in values.items():
        text = text.replace(key, value)
    locals_ = (
        f" (local $n {type_}) (local $m {type_}) (local $k {type_}) (local $at i32) (local $f f64)"
    )
    return Function(f"{type_} {name}", text, locals_)


def _stops(type_: str) -> list[Step]:
    """Calls that are cut short at many places, and some that trap, each followed by what was done."""
    found: list[Step] = []
    for number, name in enumerate(_LOOPS):
        chosen = (_NUMBERS[-1 - number % 2], _NUMBERS[4 + number % 2])
        for n in chosen:
            args = (f"i32:{n}", f"i32:{n >> 3}", f"i64:{n * 5}")
            called = f"{type_} {name}"
            found += [call("reset"), call(called, *args, fuel=1_000_000), get("i32")]
            for fuel in _FUELS[:: 1 if n == chosen[0] else 3]:
                found += [call("reset"), call(called, *args, fuel=fuel), get("i32")]
    return found


def families() -> list[Family]:
    """The modules."""
    found = []
    for type_, bits in (("i32", 32), ("i64", 64)):
        functions = [_function(type_, name, body) for name, body in _LOOPS.items()]
        edges = boundaries(bits)
        pairs = [(n, (n >> 1) + 3, n * 0x10001) for n in _NUMBERS]
        pairs += [(a & 0xFFFFFFFF, edges[-1 - i], a) for i, a in enumerate(edges)]
        ending = [n for n, name in enumerate(_LOOPS) if _TRAPS not in name]
        found.append(
            Family(
                name=f"turning_{type_}",
                title=f"Small loops that do not count ({type_})",
                does="Goes through loops until a number has become something, and leaves them at "
                "the test, from the middle, by a return, and by traps.",
                must="They turn as often as their tests say, and leave nothing undone or done twice.",
                rule="Execution: Control Instructions: loop, br_if",
                about=f"Small loops that do not count, with an {type_}.",
                functions=functions,
                inputs=inputs(pairs),
                sweeps=[(n, 0, len(pairs)) for n in ending],
                metered=True,
                exact_calls=_stops(type_),
                derivation="Each turn stops before the very instruction that it cannot pay, and what "
                "traps has paid for what it has begun: the costs of PROTOCOL.md, added up along the "
                "loop.",
            )
        )
    return found
