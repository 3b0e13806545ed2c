"""Vectors whose lanes are looked at in several ways.

Engines that compute on many lanes at once know which bits of a vector may be set, or keep the lanes
apart while they are floats. So vectors of which something can be known are used by instructions
that see them as lanes of other sizes, and vectors of floats stay in locals through loops, branches,
calls and memory, and are looked at as integers now and then.

NaNs are replaced by zeros before their bits could be seen, since these may differ.
"""

from __future__ import annotations

import itertools

from refexec_conformance.own.families.texts import Family, Function, boundaries, inputs

_SHAPES = {"i8x16": 8, "i16x8": 16, "i32x4": 32, "i64x2": 64}

_MORE = """
;; Add a vector to the sum; of floats, NaNs as zeros.
(func $v128 (param v128)
  (call $i64 (i64x2.extract_lane 0 (local.get 0))) (call $i64 (i64x2.extract_lane 1 (local.get 0))))
(func $f32x4 (param v128) (call $v128 (call $clean32 (local.get 0))))
(func $f64x2 (param v128) (call $v128 (call $clean64 (local.get 0))))
(func $clean32 (param v128) (result v128)
  (v128.and (local.get 0) (f32x4.eq (local.get 0) (local.get 0))))
(func $clean64 (param v128) (result v128)
  (v128.and (local.get 0) (f64x2.eq (local.get 0) (local.get 0))))
(func $same (param v128) (result v128) (local.get 0))
(func $pair (param v128 i32 v128) (result v128 v128) (local.get 2) (local.get 0))
"""

_MADE = """
v: {A}
and low bytes: (v128.and {A} (v128.const i16x8 255 255 255 255 255 255 255 255))
and low halves: (v128.and (v128.const i32x4 0xffff 0xffff 0xffff 0xffff) {A})
and last lane: (v128.and {A} (v128.const i32x4 0 0 0 -1))
and one bit: (v128.and {A} (v128.const i8x16 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1))
and first lane: (v128.and {A} (v128.const i32x4 -1 0 0 0))
andnot: (v128.andnot {A} (v128.const i64x2 -256 0xffff))
or tops: (v128.or {A} (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000))
not: (v128.not {A})
xor: (v128.xor {A} {B})
bitselect: (v128.bitselect {A} {B} (v128.const i32x4 -1 0xff00 0 0x7fffffff))
shr_u 4: (i8x16.shr_u {A} (i32.const 4))
shr_u 8: (i16x8.shr_u {A} (i32.const 8))
shr_u 31: (i32x4.shr_u {A} (i32.const 31))
shr_u 40: (i64x2.shr_u {A} (i32.const 40))
shr_s 7: (i8x16.shr_s {A} (i32.const 7))
shr_s 9: (i16x8.shr_s {A} (i32.const 9))
shr_s 31: (i32x4.shr_s {A} (i32.const 31))
shr_s 33: (i64x2.shr_s {A} (i32.const 33))
shl 4: (i8x16.shl {A} (i32.const 4))
shl 15: (i16x8.shl {A} (i32.const 15))
shl 16: (i32x4.shl {A} (i32.const 16))
shl y: (i64x2.shl {A} (local.get $y))
eq: (i8x16.eq {A} {B})
lt_s: (i16x8.lt_s {A} {B})
gt_u: (i32x4.gt_u {A} {B})
ge_s: (i64x2.ge_s {A} {B})
test of tests: (v128.and (i16x8.gt_s {A} {B}) (i16x8.ne {A} (v128.const i64x2 0 0)))
splat of a byte: (i16x8.splat (i32.and (local.get $x) (i32.const 255)))
splat of a signed byte: (i32x4.splat (i32.extend8_s (local.get $x)))
splat: (i8x16.splat (local.get $y))
splat of -1 or 0: (i8x16.splat (i32.sub (i32.and (local.get $x) (i32.const 1)) (i32.const 1)))
splat of a test less 1: (i64x2.splat (i64.sub (i64.extend_i32_u (i32.eqz (local.get $x))) (i64.const 1)))
replaced by -1 or 0: (i32x4.replace_lane 1 {A} (i32.sub (i32.eqz (local.get $y)) (i32.const 1)))
splat of 64: (i64x2.splat (local.get $z))
extend_low_u: (i16x8.extend_low_i8x16_u {A})
extend_high_s: (i32x4.extend_high_i16x8_s {A})
extend_low of 32: (i64x2.extend_low_i32x4_u {A})
narrow_u: (i8x16.narrow_i16x8_u {A} {B})
narrow_s: (i16x8.narrow_i32x4_s {A} {B})
avgr: (i8x16.avgr_u {A} {B})
popcnt: (i8x16.popcnt {A})
abs: (i16x8.abs {A})
min_u: (i32x4.min_u {A} (v128.const i32x4 100 255 256 65535))
max_s: (i8x16.max_s {A} (v128.const i64x2 0 0))
add_sat: (i16x8.add_sat_u {A} {B})
add: (i32x4.add {A} {B})
sum of constants: (i32x4.add (v128.const i32x4 1 2 3 -1) (v128.const i32x4 0 7 5 9))
sum of small constants: (i16x8.add (v128.const i16x8 1 2 3 4 5 6 7 8) (v128.const i16x8 2 3 0 1 2 2 0 1))
even part of it: (v128.andnot (i16x8.add (v128.const i16x8 1 2 3 4 5 6 7 8) (v128.const i16x8 2 3 0 1 2 2 0 1)) (v128.const i16x8 1 1 1 1 1 1 1 1))
sum of bytes: (i16x8.add (i16x8.extend_low_i8x16_u {A}) (i16x8.extend_high_i8x16_u {B}))
sub: (i8x16.sub {A} {B})
negated: (i64x2.neg {A})
mul: (i16x8.mul {A} {B})
mul odd: (i16x8.mul (v128.or {A} (v128.const i16x8 1 1 1 1 1 1 1 1)) (v128.or {B} (v128.const i16x8 1 1 1 1 1 1 1 1)))
extmul: (i16x8.extmul_low_i8x16_u {A} {B})
extadd: (i16x8.extadd_pairwise_i8x16_u {A})
dot: (i32x4.dot_i16x8_s {A} {B})
dot most: (i32x4.dot_i16x8_s (i32x4.replace_lane 2 {A} (i32.const 0x80008000)) (i32x4.replace_lane 2 {B} (i32.const 0x80008000)))
q15 most: (i16x8.q15mulr_sat_s (i16x8.replace_lane 5 {A} (i32.const 0x8000)) (i16x8.replace_lane 5 {B} (i32.const 0x8000)))
shuffle: (i8x16.shuffle 0 17 2 19 4 21 6 23 31 30 9 8 11 10 12 12 {A} {B})
shuffle of one: (i8x16.shuffle 15 17 2 19 4 21 13 23 31 30 9 8 11 10 1 12 {A} {A})
lanes of one: (i8x16.shuffle 20 21 22 23 0 1 2 3 28 29 30 31 16 17 18 19 {B} {B})
a lane everywhere: (i8x16.shuffle 22 23 22 23 22 23 22 23 22 23 22 23 22 23 22 23 {A} {B})
shuffle of lanes: (i8x16.shuffle 4 5 6 7 0 1 2 3 24 25 26 27 28 29 30 31 {A} {B})
swizzle: (i8x16.swizzle {A} (v128.const i8x16 0 1 15 14 16 255 7 6 5 4 3 2 1 0 9 9))
load8x8_u: (v128.load8x8_u (i32.and (local.get $x) (i32.const 31)))
load16x4_s: (v128.load16x4_s (i32.and (local.get $x) (i32.const 31)))
load32x2_u: (v128.load32x2_u offset=1 (i32.const 7))
load8_splat: (v128.load8_splat (i32.and (local.get $x) (i32.const 31)))
load32_splat: (v128.load32_splat (i32.const 16))
load32_zero: (v128.load32_zero (i32.and (local.get $x) (i32.const 31)))
load64_zero: (v128.load64_zero (i32.and (local.get $y) (i32.const 24)))
load32_zero stored: (block (result v128) (i64.store (i32.const 80) (i64.or (local.get $z) (i64.const 255))) (v128.store (i32.const 64) (v128.load32_zero (i32.const 9))) (v128.load (i32.const 72)))
load64_zero stored: (block (result v128) (i64.store (i32.const 80) (i64.or (local.get $z) (i64.const 255))) (v128.store (i32.const 64) (v128.load64_zero (i32.const 9))) (v128.load (i32.const 72)))
load a lane: (v128.load16_lane 5 (i32.and (local.get $x) (i32.const 31)) {A})
load: (v128.load (i32.and (local.get $x) (i32.const 16)))
replace a byte: (i8x16.replace_lane 9 {A} (local.get $y))
replace 64: (i64x2.replace_lane 1 (v128.const i64x2 0 0) (local.get $z))
converted: (i32x4.trunc_sat_f32x4_u (f32x4.convert_i32x4_s {A}))
constant: (v128.const i32x4 0x00ff00ff 0x80000000 0x7fffffff 0xffffffff)
select: (select (i8x16.shr_u {A} (i32.const 1)) {B} (local.get $x))
if: (if (result v128) (local.get $y) (then (v128.and {A} (i8x16.splat (i32.const 15)))) (else {B}))
tee: (local.tee $t (i32x4.sub {A} {B}))
block: (block $out (result v128) (i8x16.shr_u {A} (i32.const 4)) (br_if $out (local.get $x)) (drop) {B})
block of three: (block $a (result v128) (block $b (result v128) (i16x8.shr_u {A} (i32.const 9)) (br_table $a $b $a (local.get $y))) (v128.or {B}))
"""


_MIXED = "(v128.const i32x4 0x01ff8001 0x80007f00 0x00000003 0xfffeff80)"


def _uses() -> list[tuple[str, str]]:
    """Results and texts of all uses of a vector `{P}` beside another, `{B}`."""
    found = []
    for shape, bits in _SHAPES.items():
        operations = ["add", "sub", "eq", "ne", "lt_s", "gt_s", "le_s", "ge_s"]
        if bits < 64:
            operations += ["lt_u", "gt_u", "le_u", "ge_u", "min_s", "min_u", "max_s", "max_u"]
        if bits > 8:
            operations.append("mul")
        if bits < 32:
            operations += ["add_sat_s", "add_sat_u", "sub_sat_s", "sub_sat_u", "avgr_u"]
        for number, name in enumerate(operations):
            pair = "{P} {B}" if number % 2 else "{B} {P}"
            found.append(("v128", f"({shape}.{name} {pair})"))
        found += [("v128", f"({shape}.{name} {{P}})") for name in ("neg", "abs")]
        for name in ("add", "sub", *(("mul",) if bits > 8 else ()), "eq", "lt_s"):
            found.append(("v128", f"({shape}.{name} {{P}} {_MIXED})"))
        ones = f"(v128.const {shape} {' '.join(['1'] * (128 // bits))})"
        found.append(("v128", f"(v128.and {ones} {{P}})"))
        found.append(("v128", f"(v128.andnot {{P}} {ones})"))
        found += [("i32", f"({shape}.{name} {{P}})") for name in ("all_true", "bitmask")]
        for name in ("shl", "shr_s", "shr_u"):
            for count in ("(i32.const 3)", "(local.get $y)", f"(i32.const {bits - 1})"):
                found.append(("v128", f"({shape}.{name} {{P}} {count})"))
        last = 128 // bits - 1
        sign = "_u" if bits < 32 else ""
        kind = "i64" if bits == 64 else "i32"
        found.append((kind, f"({shape}.extract_lane{sign} {last} {{P}})"))
        found.append((kind, f"({shape}.extract_lane{sign.replace('u', 's')} {last // 2} {{P}})"))
        value = "(local.get $z)" if bits == 64 else "(local.get $x)"
        found.append(("v128", f"({shape}.replace_lane {last // 2 + 1} {{P}} {value})"))
        found.append(("", f"(v128.store{bits}_lane {last} (i32.const 67) {{P}})"))
        found.append(("v128", f"(v128.load{bits}_lane {last // 2} (i32.const 9) {{P}})"))
    narrow = (("i8x16", "i16x8"), ("i16x8", "i32x4"))
    for (small, large), sign in itertools.product(narrow, "su"):
        found.append(("v128", f"({small}.narrow_{large}_{sign} {{P}} {{B}})"))
        found.append(("v128", f"({small}.narrow_{large}_{sign} {{B}} {{P}})"))
    for small, large in (*narrow, ("i32x4", "i64x2")):
        for half, sign in itertools.product(("low", "high"), "su"):
            found.append(("v128", f"({large}.extend_{half}_{small}_{sign} {{P}})"))
            found.append(("v128", f"({large}.extmul_{half}_{small}_{sign} {{P}} {{B}})"))
        if large != "i64x2":
            for sign in "su":
                found.append(("v128", f"({large}.extadd_pairwise_{small}_{sign} {{P}})"))
    others = (
        *("(i32x4.dot_i16x8_s {P} {B})", "(i16x8.q15mulr_sat_s {P} {B})", "(i8x16.popcnt {P})"),
        *("(i8x16.swizzle {P} {B})", "(i8x16.swizzle {B} {P})", "(v128.not {P})"),
        *("(v128.and {P} {B})", "(v128.or {P} {B})", "(v128.xor {B} {P})", "(v128.andnot {P} {B})"),
        *("(v128.andnot {B} {P})", "(v128.bitselect {P} {B} {A})", "(v128.bitselect {A} {B} {P})"),
        "(v128.bitselect {A} {P} {B})",
        "(i8x16.shuffle 31 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 {P} {B})",
        "(i8x16.shuffle 8 9 10 11 0 1 2 3 16 17 18 19 28 29 30 31 {P} {B})",
        *("(f32x4.convert_i32x4_s {P})", "(f32x4.convert_i32x4_u {P})"),
        *("(f64x2.convert_low_i32x4_s {P})", "(f64x2.convert_low_i32x4_u {P})"),
        *("(call $same {P})", "(local.tee $t {P})", "(select {P} {B} (local.get $x))"),
    )
    found += [("v128", text) for text in others]
    found += [("i32", "(v128.any_true {P})"), ("", "(v128.store (i32.const 64) {P})")]
    scalars = [(kind, text) for kind, text in found if kind in _BESIDE]
    return found + [
        (kind, use.replace("{S}", text)) for kind, text in scalars for use in _BESIDE[kind]
    ]


_BESIDE = {
    "i32": (
        *("(i32.sub {S} (i32.const 1))", "(i32.shr_u (i32.sub {S} (i32.const 128)) (i32.const 1))"),
        *("(i32.add {S} (i32.const 0x7fffff01))", "(i32.add {S} (i32.const 0x7fff0001))"),
        *("(i32.lt_s (i32.add {S} (i32.const 0x7fffffff)) (i32.const 0))", "(i32.mul {S} {S})"),
        *("(i32.lt_s (i32.add {S} (i32.const 0x7fffff81)) (i32.const 0))", "(i32.eqz {S})"),
    ),
    "i64": (
        *("(i64.sub {S} (i64.const 1))", "(i64.shr_u (i64.sub (i64.const 0) {S}) (i64.const 1))"),
        "(i64.extend_i32_u (i64.lt_s (i64.add {S} (i64.const 0x7fffffff00000001)) (i64.const 0)))",
    ),
}
"""Instructions that numbers out of lanes are used by, for which their range may matter."""


_FILL = {
    "{A}": "(local.get $a)",
    "{B}": "(local.get $b)",
}

_BEGIN = """\
(local.set $a (i32x4.replace_lane 2 (i32x4.replace_lane 1 (i64x2.splat (local.get $z))
  (local.get $x)) (local.get $y)))
(local.set $b (i8x16.replace_lane 3 (i64x2.replace_lane 0 (v128.load (i32.const 8))
  (i64.mul (local.get $z) (i64.const 0x100010001))) (local.get $y)))"""


def _put(text: str, **more: str) -> str:
    for name, value in {**{f"{{{k}}}": v for k, v in more.items()}, **_FILL}.items():
        text = text.replace(name, value)
    return text


def _integers() -> list[Function]:
    uses = _uses()
    found = []
    for number, line in enumerate(filter(None, _MADE.splitlines())):
        name, made = line.split(": ", 1)
        made = _put(made)
        body = [_BEGIN, f"(local.set $p {made})"]
        for position, (result, text) in enumerate(uses):
            if (position * 3 + number) % 5:
                continue
            operand = "(local.get $p)" if (position + number) % 2 else made
            text = _put(text, P=operand)
            body.append(f"(call ${result} {text})" if result else text)
        body += ["(call $v128 (local.get $t))", "(i64.load (i32.const 64))"]
        locals_ = "".join(f" (local ${n} v128)" for n in "abpt")
        found.append(Function(name, "\n".join(body), locals_))
    return found


_FLOAT_BEGIN = """\
(local.set $a (S.convertA))
(local.set $b (S.replace_lane 1 (S.splat (T.const 2.5)) (T.convert_i32_s (local.get $y))))
(local.set $c (S.replace_lane 0 (S.splat (T.const -0.0)) (T.reinterpret_iI {BITS})))"""

_FLOAT_MADE = """
converted: {A}
splat: (S.splat (T.convert_i64_s (local.get $z)))
any bits: {C}
sum: (S.add {A} {B})
product: (S.mul {A} {C})
quotient: (S.div {A} {B})
root: (S.sqrt {A})
absolute: (S.abs {C})
negated: (S.neg {C})
least: (S.min {A} {C})
greatest: (S.max {B} {C})
pmin: (S.pmin {C} {A})
pmax: (S.pmax {A} {C})
floor: (S.floor (S.mul {A} (S.splat (T.const 0.3))))
nearest: (S.nearest (S.div {A} (S.splat (T.const 2))))
replaced: (S.replace_lane 1 {A} (T.const inf))
chosen: (v128.bitselect {A} {B} (S.lt {A} {B}))
bits: (v128.and {A} (v128.const i64x2 0x7fffffff7fffffff 0x7fffffff7fffffff))
sign bits: (v128.xor {B} (v128.const i32x4 0 0x80000000 0 0x80000000))
shuffled: (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 {A} {B})
loaded: (v128.load (i32.const 8))
if: (if (result v128) (local.get $y) (then (S.sub {A} {B})) (else {C}))
"""

_FLOAT_USES = """
F (S.add {P} {B})
F (S.sub {A} {P})
F (S.mul {P} {B})
F (S.div {B} {P})
F (S.div {P} {B})
F (S.sqrt {P})
F (S.abs {P})
F (S.neg {P})
F (S.min {P} {B})
F (S.max {C} {P})
F (S.pmin {P} {C})
F (S.pmax {P} {B})
F (S.ceil {P})
F (S.floor {P})
F (S.trunc {P})
F (S.nearest {P})
v128 (S.eq {P} {B})
v128 (S.ne {P} {P})
v128 (S.lt {P} {A})
v128 (S.gt {P} {C})
v128 (S.le {B} {P})
v128 (S.ge {P} {B})
F (S.splat (S.extract_lane 1 {P}))
F (S.replace_lane 0 {P} (S.extract_lane 1 {B}))
v128 (i32x4.trunc_sat_E_s{ZERO} {P})
v128 (i32x4.trunc_sat_E_u{ZERO} {P})
O (E2 {P})
v128 (i32x4.add (call $cleanI {P}) (i32x4.splat (i32.const 1)))
v128 (i64x2.shr_u (call $cleanI {P}) (i32.const 3))
v128 (v128.not (call $cleanI {P}))
i32 (i8x16.bitmask (call $cleanI {P}))
F (call $same {P})
F (local.tee $t {P})
F (select {P} {B} (i32.lt_s (local.get $x) (local.get $y)))
F (v128.bitselect (call $cleanI {P}) {B} (v128.const i64x2 -1 0))
"""

# Vectors of floats in locals, through all that can happen to a local.
_FLOAT_COURSES = {
    "in a loop": """
(loop $turn
  (local.set $a (S.add (S.mul {A} (S.splat (T.const 0.5))) {B}))
  (local.set $n (i32.add (local.get $n) (i32.const 1)))
  (br_if $turn (i32.lt_u (local.get $n) (i32.and (local.get $x) (i32.const 7)))))
(call $S {A})""",
    "in a loop with bits": """
(local.set $a (call $cleanI {A}))
(loop $turn
  (local.set $a (S.sub {A} {B}))
  (local.set $a (v128.and {A} (S.eq {A} {A})))
  (local.set $t (v128.xor {A} {T}))
  (local.set $n (i32.add (local.get $n) (i32.const 1)))
  (br_if $turn (i32.lt_u (local.get $n) (i32.const 5))))
(call $v128 {T}) (call $S {A})""",
    "two ways": """
(if (i32.lt_s (local.get $x) (local.get $y))
  (then (local.set $a (S.max {A} {B})) (local.set $t {A}))
  (else (local.set $a (v128.load (i32.const 8))) (local.set $b (S.neg {A}))))
(call $S {A}) (call $S {B}) (call $S {T})""",
    "across a call": """
(local.set $a (S.add {A} {B}))
(call $S (S.mul {A} (call $same (S.sub {A} {C}))))
(call $pair {A} (local.get $x) (S.sqrt {B}))
(local.set $b) (local.set $a)
(call $S {A}) (call $S {B})""",
    "in memory": """
(local.set $a (S.div {A} {B}))
(v128.store (i32.const 64) (call $cleanI {A}))
(local.set $b (v128.load (i32.const 64)))
(call $S (S.add {B} {A}))
(v128.store64_lane 1 (i32.const 64) (call $cleanI {B}))""",
    "as the result of a block": """
(call $S (block $out (result v128)
  (br_if $out (S.add {A} {B}) (local.get $y))
  (drop)
  (local.set $a (S.abs {A}))
  (br_if $out (S.mul {A} {A}) (i32.lt_s (local.get $x) (i32.const 0)))
  (local.set $t)
  (S.min {T} {A})))""",
    "beneath others": """
(S.add {A} {B}) {A} {B}
(local.set $a (S.neg {A})) (local.set $b (i32x4.splat (local.get $x)))
(call $v128 {B})
(local.set $n (i32.const 4)) (S.sub) (S.mul) (call $S) (call $S {A})""",
    "lane by lane": """
(local.set $a (S.replace_lane 0 {A} (T.add (S.extract_lane 1 {B}) (T.const 1))))
(local.set $b (S.replace_lane 1 {A} (S.extract_lane 0 {C})))
(local.set $t (S.splat (T.mul (S.extract_lane 0 {A}) (S.extract_lane 1 {A}))))
(call $S {A}) (call $S {B}) (call $S {T})
(call $i32 (T.lt (S.extract_lane 0 {A}) (S.extract_lane 1 {A})))""",
    "never assigned": """
(call $S (S.add {T} {T}))
(call $v128 {T})
(if (local.get $y) (then (local.set $t (S.sub {B} {A}))))
(call $S {T})""",
    "left in several places": """
(block $out
  (loop $turn
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (local.set $t (S.add {T} {B}))
    (br_if $out (i32.eq (local.get $n) (i32.and (local.get $x) (i32.const 3))))
    (if (i32x4.all_true (S.gt {T} {A})) (then (local.set $t {C}) (br $out)))
    (local.set $a (S.sub {A} (S.splat (T.const 1))))
    (br_if $turn (i32.lt_u (local.get $n) (i32.const 6))))
  (local.set $t (S.div {T} {B})))
(call $S {T}) (call $S {A})""",
    "tests of tests": """
(local.set $t (v128.or (S.lt {A} {B}) (v128.andnot (S.ge {A} {C}) (S.eq {B} {C}))))
(call $i32 (v128.any_true {T})) (call $i32 (i32x4.all_true {T})) (call $i32 (i32x4.bitmask {T}))
(call $S (v128.bitselect {A} {B} {T}))
(call $S (v128.and {A} {T}))""",
}


def _float_text(text: str, shape: str) -> str:
    narrow = shape == "f32x4"
    other = "f64x2" if narrow else "f32x4"
    values = {
        "{ZERO}": "" if narrow else "_zero",
        "(E2 ": f"({other}.{'promote_low_f32x4' if narrow else 'demote_f64x2_zero'} ",
        "_E_": f"_{shape}_",
        "(S.convertA)": (
            "(f32x4.convert_i32x4_s (i32x4.replace_lane 1 (i64x2.splat (local.get $z)) (local.get $x)))"
            if narrow
            else "(f64x2.replace_lane 1 (f64x2.splat (f64.convert_i64_s (local.get $z))) "
            "(f64.convert_i32_s (local.get $x)))"
        ),
        "(T.reinterpret_iI {BITS})": (
            "(f32.reinterpret_i32 (local.get $x))"
            if narrow
            else "(f64.reinterpret_i64 (local.get $z))"
        ),
        "$cleanI": "$clean32" if narrow else "$clean64",
        "(S.": f"({shape}.",
        "$S": f"${shape}",
        "(T.": "(f32." if narrow else "(f64.",
        "{C}": "(local.get $c)",
        "{T}": "(local.get $t)",
    }
    for name, value in values.items():
        text = text.replace(name, value)
    return _put(text)


def _floats(shape: str) -> list[Function]:
    other = "f64x2" if shape == "f32x4" else "f32x4"
    locals_ = "".join(f" (local ${n} v128)" for n in "abcpt") + " (local $n i32)"
    begin = _float_text(_FLOAT_BEGIN, shape)
    found = []
    uses = [*filter(None, _FLOAT_USES.splitlines())]
    for number, line in enumerate(filter(None, _FLOAT_MADE.splitlines())):
        name, made = line.split(": ", 1)
        made = _float_text(made, shape)
        body = [begin, f"(local.set $p {made})"]
        for position, use in enumerate(uses):
            result, text = use.split(" ", 1)
            result = {"F": shape, "O": other}.get(result, result)
            operand = "(local.get $p)" if (position + number) % 2 else made
            body.append(f"(call ${result} {_float_text(text, shape).replace('{P}', operand)})")
        body += [f"(call ${shape} (local.get $t))", "(i64.const 0)"]
        found.append(Function(f"{shape} {name}", "\n".join(body), locals_))
    for name, text in _FLOAT_COURSES.items():
        body = [begin, _float_text(text.strip(), shape), "(i64.load (i32.const 64))"]
        found.append(Function(f"{shape} {name}", "\n".join(body), locals_))
    return found


def families() -> list[Family]:
    """The modules."""
    numbers = boundaries(64)
    bits = (0x7F7F7F7F, 0x80808080, 0x00FF00FF, 0x7FC00001, 0xFFA00000, 0xFF800000, 0x00000001)
    others = (*boundaries(32)[:12:2], *bits)
    integers = [(others[i * 5 % 13], others[i * 3 % 13], n) for i, n in enumerate(numbers)]
    wide = (0x7FF8000000000001, 0xFFF0000000000000, 0x7FF0000000000123, 0x3FF8000000000000, 1)
    floats = [
        (others[i * 5 % 13], (0, 1, 3, -2, 100)[i % 5], n)
        for i, n in enumerate([*wide, *numbers[::2]])
    ]
    made = [("integers", _integers(), integers)]
    made += [(shape, _floats(shape), floats) for shape in ("f32x4", "f64x2")]
    return [
        Family(
            name=f"lanes_{name}",
            title=f"Vectors whose lanes are looked at in several ways ({name})",
            does="Makes vectors of whose lanes something can be known, and has instructions use "
            "them that see lanes of another kind, at once, through locals, and across branches.",
            must="The results are those of instructions that know nothing of each other.",
            rule="Execution: Vector Operations",
            about=f"Vectors made and used as lanes of several kinds: {name}.",
            functions=functions,
            inputs=inputs(numbers_),
            more=_MORE,
            features=("vectors",),
        )
        for name, functions, numbers_ in made
    ]
