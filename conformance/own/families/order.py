"""Operands with side effects: what was read before a change stays what it was.

A local, a global, memory, a table or the size of memory is read; then a call, a store, a `tee`, a
branch or a trap comes between; then what was read is used. Engines that keep operands as
expressions must notice. Each function also leaves operands lying beneath all this.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import Family, Function, Step, call, get, inputs

_MORE = """
;; Each of these changes something, and gives a number.
(func $change_g (param i32) (result i32)
  (global.set $g (i32.add (global.get $g) (i32.const 13))) (i32.sub (local.get 0) (i32.const 1)))
(func $change_k (result i64)
  (global.set $k (i64.mul (global.get $k) (i64.const -3))) (i64.const 5))
(func $change_memory (param i32) (result i32)
  (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 11)))
  (i32.store8 (i32.const 9) (local.get 0)) (i32.const 2))
(func $grow (result i32) (memory.grow (i32.const 0)))
(func $two (param i32) (result i32 i32) (i32.add (local.get 0) (i32.const 3)) (global.get $g))
(func $three (param i32 i64 i32) (result i64)
  (i64.add (i64.extend_i32_s (local.get 0)) (i64.sub (local.get 1) (i64.extend_i32_u (local.get 2)))))
(func $deep (param i32) (result i32)
  (if (result i32) (i32.eqz (local.get 0)) (then (call $change_g (i32.const 4)))
    (else (i32.add (i32.mul (local.get 0) (i32.const 3))
      (call $deep (i32.sub (local.get 0) (i32.const 1)))))))
(func $halved (param $n i32) (result i32)
  (local.set $n (i32.shr_s (local.get $n) (i32.const 1)))
  (if (i32.lt_s (local.get $n) (i32.const -5))
    (then (local.set $n (i32.sub (local.get $n) (i32.const 3)))))
  (local.get $n))
(func $halved_64 (param $n i64) (result i64)
  (local.set $n (i64.shr_s (local.get $n) (i64.const 1)))
  (if (i64.lt_s (local.get $n) (i64.const -5))
    (then (local.set $n (i64.sub (local.get $n) (i64.const 3)))))
  (local.get $n))
(func $double (param f64) (result f64) (f64.add (local.get 0) (local.get 0)))
(table $other 4 funcref)
(elem $some func $grow $deep $grow)
(elem $others funcref (ref.func $deep) (ref.null func) (item ref.func $grow) (ref.null func))
(data $text "\\01\\02\\ff\\80text")
(type $one (func (param i32) (result i32)))
(table $ones funcref (elem $change_g $change_memory $deep $change_g))
"""

_BESIDE = "\n".join(
    f"(call $i32 (i32.{name} {first} {second}))"
    for name in ("and", "or", "xor", "add", "sub", "mul", "eq", "lt_s", "gt_u", "shl")
    for one, other in (
        ("(call $change_g (local.get $x))", "(global.get $g)"),
        ("(call $change_g (local.get $x))", "(i32.xor (global.get $g) (i32.const -1))"),
        ("(call $change_memory (local.get $x))", "(i32.load (i32.const 64))"),
    )
    for first, second in ((one, other), (other, one))
)
"""A call beside what it changes, on either side of an instruction."""

_BODIES = {
    "a call beside what it changes": f"{_BESIDE}\n(i64.const 1)",
    "results where ways meet": """
(call $i32 (block $out (result i32)
  (call $halved (local.get $x)) (br_if $out (local.get $y)) (i32.add (i32.const 1))))
(call $i64 (i64.extend_i32_u (if (result i32) (local.get $y)
  (then (call $halved (local.get $x))) (else (call $halved (local.get $y))))))
(call $i32 (i32.shr_u (block $out (result i32)
  (call $halved (local.get $x)) (br_table 0 $out (local.get $y))) (i32.const 1)))
(call $i64 (i64.shr_u (block $out (result i64)
  (call $halved_64 (local.get $z)) (br_if $out (local.get $y)) (i64.sub (i64.const 1)))
  (i64.const 1)))
(call $halved (local.get $x))
(local.set $a (i32.const 2))
(loop $turn (param i32) (result i32)
  (i32.sub (i32.const 1))
  (br_if $turn (local.tee $a (i32.sub (local.get $a) (i32.const 1)))))
(i64.extend_i32_u)
(if (result i64) (local.get $y)
  (then (call $halved_64 (local.get $z))) (else (i64.const -7)))
(i64.div_u (i64.const 3)) (i64.sub)""",
    "conditions that choose nothing": """
(if (i32.lt_s (local.get $x) (local.get $y))
  (then (call $i32 (local.get $x)))
  (else (if (i32.div_u (local.get $x) (i32.or (local.get $y) (i32.const 1))) (then) (else))))
(block $out
  (if (i32.and (local.get $x) (i32.const 1))
    (then (local.set $a (i32.const 3)))
    (else (br_if $out (i32.rem_s (local.get $y) (i32.or (local.get $x) (i32.const 1)))))))
(block $out
  (if (i32.gt_u (local.get $x) (local.get $y))
    (then (call $i32 (local.get $y)))
    (else (br_if $out (i32.load (i32.and (local.get $x) (i32.const 63)))))))
(block $out
  (if (local.get $x) (then (call $i32 (i32.const 5)))
    (else (br_if $out (call $change_g (local.get $y))))))
(i64.extend_i32_u (i32.sub (global.get $g) (local.get $a)))""",
    "local then set": """
(i32.sub (local.get $x) (block (result i32) (local.set $x (local.get $y)) (local.get $x)))
(i64.extend_i32_u)""",
    "local then tee": """
(i64.extend_i32_s (i32.sub (i32.mul (local.get $x) (i32.const 3))
  (i32.add (local.tee $x (i32.add (local.get $x) (i32.const 7))) (local.get $x))))
(call $i32 (local.get $x))""",
    "tee of tee": """
(local.set $a (i32.add (local.tee $x (local.tee $y (i32.shr_s (local.get $x) (i32.const 3))))
  (i32.sub (local.get $x) (local.get $y))))
(call $i32 (local.get $a)) (call $i32 (local.get $x)) (call $i32 (local.get $y)) (i64.const 1)""",
    "swap": """
(local.get $x) (local.get $y) (local.set $x) (local.set $y)
(call $i32 (i32.sub (local.get $x) (local.get $y)))
(local.get $x) (i32.add (local.get $y) (i32.const 1)) (local.set $x) (local.set $y)
(i64.sub (i64.extend_i32_u (local.get $x)) (i64.extend_i32_s (local.get $y)))""",
    "global then call": """
(i64.extend_i32_u (i32.sub (global.get $g) (call $change_g (global.get $g))))
(call $i32 (global.get $g))""",
    "global then set": """
(call $i32 (i32.sub (global.get $g) (block (result i32)
  (global.set $g (local.get $x)) (i32.mul (global.get $g) (i32.const 5)))))
(i64.sub (global.get $k) (block (result i64) (global.set $k (local.get $z)) (i64.const 9)))""",
    "global of 64 bits then call": """
(i64.sub (i64.add (global.get $k) (i64.const 1)) (i64.mul (call $change_k) (global.get $k)))""",
    "globals in a loop": """
(loop $turn
  (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (global.get $g)
  (global.set $g (i32.add (global.get $g) (local.get $a)))
  (call $i32 (i32.sub (global.get $g)))
  (br_if $turn (i32.lt_u (local.get $a) (i32.const 9))))
(i64.extend_i32_u (global.get $g))""",
    "memory then store": """
(i32.store (i32.const 64) (local.get $x))
(call $i32 (i32.sub (i32.load (i32.const 64)) (block (result i32)
  (i32.store (i32.const 64) (local.get $y)) (i32.load (i32.const 64)))))
(i64.load (i32.const 64))
(i64.store (i32.const 68) (local.get $z))
(i64.add (i64.load (i32.const 64)))""",
    "memory then call": """
(i64.extend_i32_u (i32.sub (i32.load (i32.const 64))
  (i32.mul (call $change_memory (local.get $x)) (i32.load8_s (i32.const 9)))))
(call $i32 (i32.load (i32.const 8)))""",
    "memory then bulk": """
(i64.load (i32.const 8))
(memory.fill (i32.const 8) (local.get $x) (i32.const 5))
(i64.load (i32.const 8))
(memory.copy (i32.const 10) (i32.const 16) (i32.const 5))
(i64.add (i64.sub (i64.load (i32.const 8))))
(i64.store (i32.const 8) (local.get $z))""",
    "narrow stores": """
(i64.load (i32.const 16))
(i32.store8 (i32.const 17) (local.get $x)) (i64.load (i32.const 16))
(i32.store16 (i32.const 19) (local.get $y)) (i64.load (i32.const 16))
(i64.store32 (i32.const 21) (local.get $z)) (i64.load (i32.const 16))
(i64.store8 (i32.const 16) (local.get $z)) (i64.load (i32.const 16))
(i64.store16 (i32.const 22) (local.get $z)) (i64.load (i32.const 16))
(call $i64) (call $i64) (call $i64) (call $i64) (call $i64)""",
    "size then grow": """
(i32.sub (memory.size) (i32.mul (memory.grow (i32.const 0)) (memory.size)))
(i64.extend_i32_s (i32.add (call $grow)))""",
    "address then local": """
(i32.load (i32.and (local.get $x) (i32.const 28)))
(local.set $x (i32.const 12))
(call $i32 (i32.sub (i32.load (local.get $x))))
(i32.and (local.get $y) (i32.const 63))
(local.set $y (i32.const 77))
(i32.store (local.get $y))
(i64.load (i32.const 16))""",
    "select evaluates both": """
(call $i32 (select (call $change_g (i32.const 1)) (call $change_memory (i32.const 3)) (local.get $x)))
(call $i64 (select (local.get $z) (call $change_k) (i32.lt_s (local.get $x) (local.get $y))))
(i64.extend_i32_u (select (local.get $x) (local.tee $x (local.get $y)) (local.tee $y (local.get $x))))""",
    "arguments in order": """
(call $three (call $change_g (local.get $x)) (i64.add (global.get $k) (call $change_k))
  (call $change_memory (global.get $g)))
(call $i64 (call $three (global.get $g) (local.get $z) (call $change_g (local.get $y))))""",
    "several results": """
(call $two (local.get $x)) (call $two (local.get $y))
(i32.sub) (i32.mul) (i32.xor)
(call $two (i32.const 5)) (local.set $x) (local.set $a)
(i64.extend_i32_u (i32.add (i32.sub (local.get $x) (local.get $a))))""",
    "recursion with operands": """
(i32.mul (local.get $x) (i32.const 5))
(i64.mul (local.get $z) (i64.const 3))
(call $i32 (i32.sub (call $deep (i32.and (local.get $y) (i32.const 7))) (local.get $x)))
(i64.extend_i32_s (i32.add (i32.wrap_i64)))""",
    "indirect index last": """
(call $i32 (i32.sub (global.get $g) (call_indirect $ones (type $one)
  (call $change_g (local.get $x)) (i32.and (call $change_g (local.get $y)) (i32.const 1)))))
(i64.extend_i32_u (call_indirect $ones (type $one) (i32.and (local.get $x) (i32.const 3))
  (i32.and (local.get $y) (i32.const 3))))""",
    "table then set": """
(ref.is_null (table.get $other (i32.and (local.get $x) (i32.const 3))))
(table.set $other (i32.and (local.get $x) (i32.const 3)) (ref.func $deep))
(i32.shl (ref.is_null (table.get $other (i32.and (local.get $x) (i32.const 3)))) (i32.const 4))
(table.set $other (i32.and (local.get $y) (i32.const 3)) (ref.null func))
(ref.is_null (table.get $other (i32.and (local.get $x) (i32.const 3))))
(table.fill $other (i32.const 0) (ref.null func) (i32.const 4))
(i32.sub (i32.xor))
(i64.extend_i32_s (i32.add (table.size $other)))""",
    "segments": """
(ref.is_null (table.get $other (i32.const 1)))
(table.init $other $others (i32.const 1) (i32.const 1) (i32.and (local.get $x) (i32.const 1)))
(table.init $other $some (i32.const 2) (i32.const 0) (i32.and (local.get $y) (i32.const 2)))
(ref.is_null (table.get $other (i32.const 2))) (i32.load (i32.const 64))
(memory.init $text (i32.const 64) (i32.and (local.get $x) (i32.const 3)) (i32.const 4))
(i32.sub (i32.load (i32.const 64))) (i32.shl (i32.const 2)) (i32.xor)
(table.fill $other (i32.const 0) (ref.null func) (i32.const 4))
(i64.extend_i32_u (i32.sub))""",
    "operands beneath if": """
(i32.add (local.get $x) (i32.const 1)) (i64.shr_s (local.get $z) (i64.const 3))
(if (result i32) (i32.lt_s (local.get $y) (i32.const 5))
  (then (local.set $x (i32.const 9)) (local.set $z (i64.const 4)) (i32.const 1))
  (else (local.set $x (call $change_g (i32.const 6))) (i32.mul (local.get $y) (i32.const 2))))
(i64.extend_i32_s) (i64.add) (i64.mul (local.get $z)) (call $i64)
(i64.extend_i32_u (i32.sub (local.get $x)))""",
    "operands beneath loop": """
(i32.xor (local.get $x) (i32.const -1)) (i64.and (local.get $z) (i64.const 0xffff))
(loop $turn (result i32)
  (local.set $x (i32.add (local.get $x) (i32.const 1)))
  (local.set $z (i64.add (local.get $z) (i64.const 9)))
  (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (br_if $turn (i32.le_u (local.get $a) (i32.const 4)))
  (local.get $x))
(i64.extend_i32_u) (i64.sub) (call $i64)
(i64.add (i64.extend_i32_s) (local.get $z))""",
    "loop with operands": """
(local.get $x) (i64.const 3) (i32.and (local.get $y) (i32.const 7))
(loop $turn (param i32 i64 i32) (result i32 i64)
  (local.set $a) (local.set $w)
  (i32.add (i32.const 5)) (i64.mul (local.get $w) (i64.const 3)) (i32.sub (local.get $a) (i32.const 1))
  (br_if $turn (i32.gt_s (local.get $a) (i32.const 0)))
  (drop))
(local.set $w) (call $i32)
(local.get $w)""",
    "branch with values": """
(block $b (result i32 i64)
  (i32.add (local.get $x) (i32.const 4)) (i64.xor (local.get $z) (i64.const 7))
  (br_if $b (i32.lt_u (local.get $x) (local.get $y)))
  (local.set $w) (local.set $a)
  (i32.sub (local.get $a) (local.get $y)) (local.get $w)
  (br_if $b (i64.lt_s (local.get $w) (i64.const 0)))
  (i64.add (i64.const 100)))
(local.set $w) (call $i32) (local.get $w)""",
    "switch with values": """
(block $d (result i32) (block $c (result i32) (block $b (result i32) (block $a (result i32)
  (i32.mul (local.get $x) (i32.const 3)) (local.get $y)
  (br_table $a $b $c $a $d $c $b $a $c $d $b))
  (i32.add (i32.const 1)) (br $d))
  (i32.sub (i32.const 2)) (local.set $x (i32.const 5)) (br $c))
  (i32.xor (local.get $x)))
(call $i32)
(i64.extend_i32_s (local.get $x))""",
    "switch in a loop": """
(loop $turn
  (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (block $d (block $c (block $b
    (br_table $b $c $d $turn $c $b (i32.rem_u (i32.add (local.get $a) (local.get $x)) (i32.const 7))))
    (local.set $w (i64.add (local.get $w) (i64.const 1))) (br_if $turn (i32.lt_u (local.get $a) (i32.const 9))))
    (local.set $w (i64.mul (local.get $w) (i64.const 5))))
  (local.set $w (i64.sub (local.get $w) (i64.extend_i32_u (local.get $a))))
  (br_if $turn (i32.lt_u (local.get $a) (i32.const 14))))
(call $i32 (local.get $a)) (local.get $w)""",
    "out of several loops": """
(block $out
  (loop $outer
    (local.set $a (i32.add (local.get $a) (i32.const 1)))
    (loop $middle
      (local.set $w (i64.add (local.get $w) (i64.const 3)))
      (loop $inner
        (local.set $x (i32.add (local.get $x) (i32.const 17)))
        (br_if $out (i32.gt_u (local.get $a) (i32.const 5)))
        (br_if $outer (i32.eqz (i32.and (local.get $x) (i32.const 12))))
        (br_if $middle (i32.eqz (i32.and (local.get $x) (i32.const 3))))
        (br_if $inner (i32.and (local.get $x) (i32.const 16)))
        (if (i64.gt_u (local.get $w) (i64.const 40)) (then (br $out))))
      (br_if $middle (i32.and (local.get $x) (i32.const 2))))
    (br_if $outer (i32.lt_u (local.get $a) (i32.const 4))))
  (call $i32 (i32.const 1)))
(call $i32 (local.get $x)) (call $i32 (local.get $a)) (local.get $w)""",
    "loops at once within each other": """
(block $out (block (br_if 0 (local.get $y)) (local.set $w (i64.const 5)))
(loop $outermost (loop $outer (loop $middle (loop $inner
  (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (local.set $w (i64.add (i64.mul (local.get $w) (i64.const 3)) (i64.extend_i32_u (local.get $a))))
  (br_if $out (i32.gt_u (local.get $a) (i32.const 30)))
  (br_if $inner (i32.and (i32.add (local.get $a) (local.get $x)) (i32.const 1)))
  (br_if $middle (i32.and (local.get $a) (i32.const 2)))
  (br_if $outer (i32.and (local.get $a) (i32.const 4)))
  (br_if $outermost (i32.and (local.get $a) (i32.const 8))))
  (local.set $x (i32.sub (local.get $x) (i32.const 3)))
  (br_if $middle (i32.lt_u (local.get $a) (i32.const 20))))
  (br_if $outer (i32.eq (i32.and (local.get $a) (i32.const 3)) (i32.const 1))))
  (br_if $outermost (i32.lt_s (local.get $x) (i32.const 0)))))
(call $i32 (local.get $x)) (local.get $w)""",
    "loops behind each other": """
(loop $one (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (br_if $one (i32.lt_u (local.get $a) (i32.const 4))))
(loop $two (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (loop $three (local.set $w (i64.sub (local.get $w) (i64.extend_i32_u (local.get $a))))
    (br_if $three (i64.gt_s (local.get $w) (i64.const -30)))
    (br_if $two (i32.lt_u (local.get $a) (i32.const 9)))))
(local.get $w)""",
    "tests and nothing else": """
(block $out
  (loop $turn
    (local.set $a (i32.add (local.get $a) (i32.const 1)))
    (block $p
      (block $q
        (if (i32.lt_s (local.get $x) (local.get $y))
          (then (if (i32.eqz (local.get $x)) (then (br $p))) (br_if $q (i32.lt_u (local.get $a) (i32.const 3))))
          (else (br_if $turn (i32.lt_u (local.get $a) (i32.const 5)))
            (if (i32.lt_u (local.get $a) (i32.const 9)) (then (br $q)) (else (br $p)))))
        (br_if $p (i32.eq (local.get $x) (i32.const 3))))
      (if (i32.and (local.get $a) (i32.const 1))
        (then (if (local.get $x) (then (br_if $out (i32.gt_u (local.get $a) (i32.const 20))))))
        (else (if (local.get $y)
          (then (if (i32.gt_u (local.get $a) (i32.const 6)) (then (br $p))))
          (else (if (i32.gt_u (local.get $a) (i32.const 8)) (then (br $turn)) (else (br $p)))))
          (br_if $turn (i32.lt_u (local.get $a) (i32.const 11)))))
      (local.set $w (i64.add (local.get $w) (i64.const 1))))
    (if (i32.lt_u (local.get $a) (i32.const 15))
      (then (br $turn))
      (else (if (i32.lt_s (local.get $y) (i32.const 0)) (then (br $out)))
        (br_if $turn (i32.lt_u (local.get $a) (i32.const 18)))))
    (local.set $w (i64.mul (local.get $w) (i64.const 3)))
    (br_if $turn (i32.lt_u (local.get $a) (i32.const 23)))))
(call $i32 (local.get $a)) (local.get $w)""",
    "return from within": """
(i64.const 3) (local.get $x)
(if (i32.gt_s (local.get $y) (i32.const 3)) (then (return (i64.add (local.get $z) (i64.const 1)))))
(loop $turn
  (local.set $a (i32.add (local.get $a) (i32.const 1)))
  (if (i32.eq (local.get $a) (i32.and (local.get $x) (i32.const 7)))
    (then (return (i64.extend_i32_u (local.get $a)))))
  (br_if $turn (i32.lt_u (local.get $a) (i32.const 5))))
(i64.extend_i32_s) (i64.sub)""",
    "nothing follows": """
(block $b (result i64)
  (br $b (i64.const 4)) (i32.add) (drop) (unreachable))
(block $c (br_if $c (i32.const 1)) (unreachable))
(if (result i64) (local.get $x)
  (then (return (i64.sub (i64.const 8) (local.get $z))) (i64.mul)) (else (local.get $z)))
(i64.add)""",
    "many operands": """
(local.get $x) (i32.const 1) (local.get $y) (i32.add (local.get $x) (local.get $y))
(i32.shl (local.get $x) (i32.const 2)) (i32.eqz (local.get $y)) (i32.lt_s (local.get $x) (i32.const 4))
(i32.shr_s (local.get $y) (i32.const 1)) (global.get $g) (i32.load (i32.const 8)) (memory.size)
(local.set $x (call $change_g (local.get $x))) (local.set $y (i32.const 5))
(i32.sub) (i32.add) (i32.mul) (i32.sub) (i32.xor) (i32.add) (i32.sub) (i32.or) (i32.sub) (i32.add)
(i64.extend_i32_u)""",
    "floats across a call": """
(f64.add (f64.convert_i32_s (local.get $x)) (f64.const 0.5))
(f64.mul (f64.convert_i64_s (local.get $z)) (f64.const 3))
(call $double (f64.convert_i32_u (local.get $y)))
(local.set $x (call $change_g (i32.const 1)))
(f64.sub (f64.sub))
(i64.reinterpret_f64)""",
    "a test kept": """
(i32.lt_s (local.get $x) (local.get $y)) (i64.eqz (local.get $z)) (i32.eqz (local.get $x))
(local.set $x (i32.const 1)) (local.set $y (call $change_g (i32.const 2))) (local.set $z (i64.const 3))
(i32.add) (i32.add) (local.tee $a) (i32.mul (i32.const 7)) (i64.extend_i32_u)
(if (local.get $a) (then (call $i32 (i32.const 3))))""",
    "a deep expression": "(i64.extend_i32_u "
    + "(i32.add (i32.const 3) (i32.xor (local.get $y) (i32.mul (i32.const 5) (i32.sub (local.get $x) "
    * 16
    + "(call $change_g (local.get $x))"
    + ")" * 65,
}

_TRAPPING = {
    "store then divide": """
(i32.store (i32.const 64) (local.get $x))
(i32.store (i32.const 68) (i32.div_s (local.get $x) (local.get $y)))
(i64.load (i32.const 64))""",
    "divide then store": """
(i32.div_u (local.get $x) (local.get $y)) (global.set $g (i32.const 1)) (drop) (i64.const 1)""",
    "divide, not used": """
(global.set $g (i32.const 2)) (drop (i32.rem_s (local.get $x) (local.get $y)))
(global.set $g (i32.const 3)) (i64.const 1)""",
    "divide twice": """
(i32.add (i32.div_u (local.get $x) (local.get $y)) (i32.load (local.get $x))) (i64.extend_i32_u)""",
    "load twice": """
(i32.add (i32.load (local.get $x)) (i32.div_u (local.get $x) (local.get $y))) (i64.extend_i32_u)""",
    "value then address": """
(i32.store (local.get $x) (i32.div_s (local.get $x) (local.get $y))) (i64.const 1)""",
    "divide, then a call": """
(i32.sub (i32.div_s (local.get $x) (local.get $y)) (call $change_g (i32.const 5))) (i64.extend_i32_u)""",
    "a call, then divide": """
(i32.sub (call $change_g (i32.const 5)) (i32.div_s (local.get $x) (local.get $y))) (i64.extend_i32_u)""",
    "half of a store": """
(i64.store (local.get $x) (i64.const -1)) (i32.store8 offset=65535 (local.get $y) (i32.const 5)) (i64.const 3)""",
    "a dropped load": """
(drop (i64.load offset=65528 (local.get $x))) (global.set $g (i32.const 6))
(drop (i32.load16_u offset=65534 (local.get $y))) (global.set $g (i32.const 7)) (i64.const 1)""",
    "a local at a trap": """
(local.set $a (i32.div_u (local.tee $x (i32.const 0)) (local.get $y))) (global.set $g (local.get $a))
(i64.extend_i32_u (i32.div_u (i32.const 1) (local.get $x)))""",
    "through a table": """
(call_indirect $ones (type $one) (call $change_g (local.get $x)) (local.get $y)) (i64.extend_i32_u)""",
    "float to integer": """
(global.set $g (i32.const 8))
(drop (i32.trunc_f64_s (f64.mul (f64.convert_i32_s (local.get $x)) (f64.convert_i32_s (local.get $y)))))
(global.set $g (i32.const 9)) (i64.const 2)""",
    "in a loop": """
(loop $turn
  (global.set $g (local.get $a))
  (call $i32 (i32.load offset=65520 (local.get $a)))
  (local.set $a (i32.add (local.get $a) (local.get $x)))
  (i32.store8 (i32.const 64) (local.get $a))
  (call $i32 (i32.rem_s (i32.const 100) (i32.sub (local.get $y) (local.get $a))))
  (br_if $turn (i32.lt_u (local.get $a) (i32.const 40))))
(i64.load (i32.const 64))""",
    "on one way": """
(if (result i32) (i32.lt_s (local.get $x) (i32.const 0))
  (then (i32.div_s (local.get $x) (local.get $y)))
  (else (global.set $g (i32.const 4)) (i32.load (local.get $y))))
(i64.extend_i32_u)""",
    "select of both": """
(select (i32.div_u (i32.const 8) (local.get $x)) (i32.div_u (i32.const 9) (local.get $y)) (i32.const 1))
(i64.extend_i32_u)""",
}

_TRAP_INPUTS = (
    (0, 0),
    (1, 0),
    (8, 2),
    (-0x80000000, -1),
    (-1, -1),
    (65536, 1),
    (65533, 3),
    (3, 70000),
)


def _functions() -> list[Function]:
    locals_ = " (local $a i32) (local $w i64)"
    found = []
    for name, body in {**_BODIES, **_TRAPPING}.items():
        beneath = "(i64.add (local.get $z) (i64.const 1)) (local.get $y)"
        found.append(
            Function(
                name,
                f"{beneath}\n{body.strip()}\n(call $i64) (call $i32) (call $i64)\n(i64.const 0)",
                locals_,
            )
        )
    return found


def _calls() -> list[Step]:
    steps = []
    for name in _TRAPPING:
        for x, y in _TRAP_INPUTS:
            args = (f"i32:{x & 0xFFFFFFFF}", f"i32:{y & 0xFFFFFFFF}", "i64:3")
            steps += [call("reset"), call(name, *args), get("i32"), get("sum")]
    return steps


def _stops() -> list[Step]:
    steps: list[Step] = []
    names = (
        *("global then call", "arguments in order", "recursion with operands", "switch in a loop"),
        *("globals in a loop", "select evaluates both", "out of several loops", "in a loop"),
    )
    for name in names:
        args = ("i32:2", "i32:5", "i64:3")
        for fuel in (*range(3, 33, 3), *range(37, 120, 9)):
            steps += [call("reset"), call(name, *args, fuel=fuel), get("i32"), get("sum")]
    return steps


def families() -> list[Family]:
    """The module."""
    numbers = (0, 1, -1, 3, 5, 9, -7, 1000, 0x7FFFFFFF, -0x80000000)
    pairs = [
        (x, numbers[(i * 3 + j) % 10], x * 77 - 5) for i, x in enumerate(numbers) for j in (1, 4)
    ]
    whole = [(number, 0, len(pairs)) for number in range(len(_BODIES))]
    return [
        Family(
            name="order",
            title="What was read before a change stays what it was",
            does="Reads locals, globals, memory and tables, changes them before it uses what was "
            "read, by stores, calls and branches, and traps in between.",
            must="Operands are what they were when they were read, and all that was done before a "
            "trap has been done.",
            rule="Execution: Instructions are executed one after the other; operands are values",
            about="Operands with side effects.",
            functions=_functions(),
            inputs=inputs(pairs),
            more=_MORE,
            sweeps=whole,
            calls=_calls(),
            metered=True,
            exact_calls=_stops(),
            derivation="A call stops before the very instruction that it cannot pay; the global and "
            "the sum show which earlier ones were executed, by the costs of PROTOCOL.md.",
        )
    ]
