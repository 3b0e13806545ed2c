"""Functions that call themselves, or others, in place of themselves.

A tail call of the function itself is a loop to engines that optimise: its arguments become the
parameters, all at once, and its other locals begin anew.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import Family, Function, boundaries, inputs

_MORE = """
(type $short (func (param i32 i64) (result i64)))
(elem (i32.const {room}) $either $anew $other)
;; The second parameter is only handed on, so that an engine may hold it as it likes.
(func $either (param i32 i64) (result i64)
  (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
  (return_call $either (i32.sub (local.get 0) (i32.const 1))
    (i64.sub (i64.extend32_s (local.get 1)) (i64.const 7))))
(func $either32 (param i32 i32) (result i32)
  (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
  (return_call $either32 (i32.sub (local.get 0) (i32.const 1))
    (i32.mul (i32.extend8_s (local.get 1)) (i32.const 3))))
;; Locals that are no parameters are zero again.
(func $anew (param $n i32) (param $sum i64) (result i64) (local $a i32) (local $b i64) (local $f f64)
  (local.set $sum (i64.add (local.get $sum) (i64.add (local.get $b) (i64.extend_i32_s (local.get $a)))))
  (local.set $sum (i64.xor (local.get $sum) (i64.reinterpret_f64 (local.get $f))))
  (br_if 0 (local.get $sum) (i32.eqz (local.get $n))) (drop)
  (local.set $a (i32.sub (i32.const 0) (local.get $n)))
  (local.set $b (i64.const -3))
  (local.set $f (f64.convert_i32_s (local.get $a)))
  (return_call $anew (i32.sub (local.get $n) (i32.const 1))
    (i64.add (local.get $sum) (i64.extend_i32_u (local.get $a)))))
;; Arguments take the places of each other.
(func $swapped (param $n i32) (param $a i32) (param $b i32) (param $c i64) (result i64)
  (if (i32.le_s (local.get $n) (i32.const 0))
    (then (return (i64.add (i64.mul (local.get $c) (i64.extend_i32_s (local.get $a)))
      (i64.extend_i32_u (local.get $b))))))
  (return_call $swapped (i32.sub (local.get $n) (i32.const 2)) (local.get $b)
    (i32.sub (local.get $a) (local.get $b)) (i64.sub (i64.extend_i32_u (local.get $a)) (local.get $c))))
;; From within a loop, and with a number that a test has shown something of.
(func $within (param $n i32) (param $a i32) (result i32) (local $k i32)
  (loop $turn
    (local.set $k (i32.add (local.get $k) (i32.const 1)))
    (if (i32.gt_s (local.get $a) (i32.const 100))
      (then (return_call $within (local.get $n) (i32.sub (i32.shr_s (local.get $a) (i32.const 3)) (i32.const 200)))))
    (if (i32.lt_u (local.get $n) (i32.const 3)) (then (return (i32.add (local.get $a) (local.get $k)))))
    (br_if $turn (i32.lt_u (local.get $k) (i32.const 3))))
  (return_call $within (i32.sub (local.get $n) (i32.const 1)) (i32.sub (local.get $a) (local.get $k))))
(func $even (param $n i32) (param $z i64) (result i64)
  (if (i32.eqz (local.get $n)) (then (return (local.get $z))))
  (return_call $odd (i32.sub (local.get $n) (i32.const 1)) (i64.sub (i64.const 0) (local.get $z))))
(func $odd (param $n i32) (param $z i64) (result i64)
  (if (i32.eqz (local.get $n)) (then (return (i64.add (local.get $z) (i64.const 1)))))
  (return_call $even (i32.sub (local.get $n) (i32.const 1)) (i64.shr_s (local.get $z) (i64.const 1))))
(func $other (param $n i32) (param $z i64) (result i64)
  (global.set $g (i32.add (global.get $g) (i32.const 1)))
  (if (i32.lt_u (local.get $n) (i32.const 2)) (then (return (local.get $z))))
  (return_call_indirect $functions (type $short) (i32.shr_u (local.get $n) (i32.const 1))
    (i64.mul (local.get $z) (i64.const -5))
    (i32.add (i32.const {room}) (i32.rem_u (local.get $n) (i32.const 3)))))
(func $floats (param $n i32) (param $f f64) (param $h f32) (result f64)
  (if (i32.eqz (local.get $n)) (then (return (f64.sub (local.get $f) (f64.promote_f32 (local.get $h))))))
  (return_call $floats (i32.sub (local.get $n) (i32.const 1)) (f64.promote_f32 (local.get $h))
    (f32.demote_f64 (f64.mul (local.get $f) (f64.const -0.5)))))
"""

_N = "(i32.and (local.get $y) (i32.const 15))"

_BODIES = {
    "only handed on": f"(call $either {_N} (local.get $z))",
    "only handed on, compared": f"(i64.extend_i32_u (i64.lt_s (call $either {_N} (local.get $z)) (i64.const 0)))",
    "only handed on, then unsigned": f"""
(call $i32 (i64.lt_u (call $either {_N} (local.get $z)) (i64.const 1000)))
(call $i64 (i64.div_u (call $either {_N} (local.get $z)) (i64.const 3)))
(call $i64 (i64.extend_i32_u (call $either32 {_N} (local.get $x))))
(call $i32 (i32.shr_u (call $either32 {_N} (local.get $x)) (i32.const 3)))
(i64.shr_u (call $either {_N} (local.get $z)) (i64.const 1))""",
    "only handed on, 32 bits": f"(i64.extend_i32_s (call $either32 {_N} (local.get $x)))",
    "locals begin anew": f"(call $anew {_N} (local.get $z))",
    "arguments change places": f"(call $swapped {_N} (local.get $x) (local.get $y) (local.get $z))",
    "from within a loop": f"(i64.extend_i32_u (call $within {_N} (local.get $x)))",
    "each other": f"(call $even {_N} (local.get $z))",
    "through a table": f"(call $other {_N} (local.get $z))",
    "floats": f"(i64.reinterpret_f64 (call $floats {_N} (f64.convert_i32_s (local.get $x)) (f32.const 3)))",
    "with operands beneath": f"""
(i32.add (local.get $x) (i32.const 3)) (i64.sub (local.get $z) (i64.const 9))
(call $either {_N} (local.get $z)) (call $anew {_N} (i64.const 5))
(i64.sub) (i64.mul) (call $i64) (call $i32) (i64.const 0)""",
}


def families() -> list[Family]:
    """The module."""
    numbers, wide = boundaries(32), boundaries(64)
    counts = (0, 1, 2, 3, 7, 12, 15)
    pairs = [(numbers[i * 4 % 15], counts[i % 7], wide[i * 2 % 21]) for i in range(21)]
    functions = [Function(name, body) for name, body in _BODIES.items()]
    return [
        Family(
            name="again",
            title="Tail calls of the function itself, and of others",
            does="Calls functions that end with calls in place of themselves, with arguments that "
            "are made of parameters, and with locals that must begin anew.",
            must="The results are those of functions that begin.",
            rule="Execution: Control Instructions: return_call",
            about="Functions that call themselves, or others, in place of themselves.",
            functions=functions,
            inputs=inputs(pairs),
            more=_MORE.replace("{room}", str(len(functions))),
            features=("tail calls",),
            metered=True,
        )
    ]
