"""NaNs that arithmetic gives, held in every way until their bits are looked at.

In the specification's deterministic profile arithmetic gives one NaN for each type: the positive
canonical one. What only moves a float, or its sign, keeps every bit. Engines may compute with
whatever NaN the host's arithmetic gives as long as nobody sees it, so results are held in locals,
through branches, loops, calls and memory, and are used by other instructions before they are seen.
"""

from __future__ import annotations

from refexec_conformance.features import DETERMINISTIC
from refexec_conformance.own.families.texts import Family, Function, Input, inputs

_MORE = """
(table $calls 4 funcref)
(elem (table $calls) (i32.const 0) func $same $negated $sum $again)
(type $unary (func (param F) (result F)))
(global $kept (mut F) (F.const 0))
;; Add a float to the sum by its bits.
(func $bits (param F)
  (call $add (I.reinterpret_F (local.get 0))))
(func $add (param I) {ADD})
(func $same (param F) (result F) (local.get 0))
(func $negated (param F) (result F) (F.neg (local.get 0)))
(func $sum (param F) (result F) (F.add (local.get 0) (F.const 1)))
(func $difference (param F F) (result F) (F.sub (local.get 0) (local.get 1)))
;; A tail call of the function itself, in which a float changes.
(func $again (param $f F) (result F)
  (if (result F) (F.gt (F.abs (local.get $f)) (F.const 2))
    (then (local.get $f))
    (else (return_call $more (F.mul (local.get $f) (F.const -3)) (i32.const 3)))))
(func $more (param $f F) (param $n i32) (result F)
  (if (i32.eqz (local.get $n)) (then (return (local.get $f))))
  (return_call $more (F.sub (local.get $f) (F.const 1)) (i32.sub (local.get $n) (i32.const 1))))
(func $pair (param $f F) (result F F) (F.add (local.get $f) (local.get $f)) (local.get $f))
"""

_MAKERS = """
add: (F.add {A} {B})
sub: (F.sub {A} {B})
mul: (F.mul {B} {A})
div: (F.div {A} {B})
div by a constant: (F.div {A} (F.const 3))
min: (F.min {A} {B})
max: (F.max {B} {A})
sqrt: (F.sqrt {A})
ceil: (F.ceil {A})
floor: (F.floor {A})
trunc: (F.trunc {A})
nearest: (F.nearest {A})
converted: {CONVERTED}
add twice: (F.add (F.sub {A} {B}) {B})
add one: (F.add {A} (F.const 1))
times zero: (F.mul {A} (F.const 0))
neg of a sum: (F.neg (F.add {A} {B}))
sum of neg: (F.sub {B} (F.neg {A}))
abs of a product: (F.abs (F.mul {A} {B}))
copysign to a sum: (F.copysign (F.add {A} {B}) {B})
copysign of a sum: (F.copysign {A} (F.add {A} {B}))
called: (call $difference {A} {B})
called in place: (call $again {A})
not made, moved: (select {A} {B} (local.get $y))
neg: (F.neg {A})
abs: (F.abs {A})
copysign: (F.copysign {A} {B})
itself: {A}
"""

_HELD = """
(call $bits {M})
(local.set $f {M}) (call $bits (local.get $f))
(local.set $f {A}) (if (local.get $y) (then (local.set $f {M}))) (call $bits (local.get $f))
(if (local.get $y) (then (local.set $f {M})) (else (local.set $f {B}))) (call $bits (local.get $f))
(if (local.get $y) (then (local.set $f {M})) (else (local.set $f (F.sub {B} {A}))))
(call $bits (local.get $f))
(call $bits (if (result F) (local.get $y) (then {M}) (else {A})))
(call $bits (block $out (result F) {M} (br_if $out (local.get $y)) (drop) {B}))
(call $bits (block $one (result F) (block $two (result F)
  {M} (br_table $one $two $one (local.get $y))) (F.add (F.const 1))))
(call $bits (select {M} {A} (local.get $y)))
(call $bits (F.neg {M})) (call $bits (F.abs {M}))
(call $bits (F.copysign {M} {A})) (call $bits (F.copysign {B} {M}))
(call $bits (call $same {M})) (call $bits (call $negated {M})) (call $bits (call $sum {M}))
(call $bits (call_indirect $calls (type $unary) {M} (i32.and (local.get $y) (i32.const 3))))
(global.set $kept {M}) (call $bits (global.get $kept))
(F.store (i32.const 64) {M}) (call $add (I.load (i32.const 64)))
(F.store (i32.const 72) {A}) (call $bits (F.add (F.load (i32.const 72)) {M}))
(call $i32 (F.lt {M} {B})) (call $i32 (F.ne {M} {M})) (call $i32 (F.ge {A} {M}))
(call $bits {MOVED}) (call $i64 (i64.reinterpret_f64 {WIDE})) (call $bits {M}) (call $bits {A})
(local.set $f {A}) (call $i64 (i64.reinterpret_f64 {WIDE_F})) (call $bits (local.get $f))
(local.set $f {A}) (f64.store (i32.const 72) {WIDE_F}) (call $bits (local.get $f))
(call $pair {M}) (call $bits) (call $bits)
(local.set $f {M}) (local.set $g (local.get $f)) (local.set $f (F.neg (local.get $g)))
(call $bits (local.get $g)) (call $bits (local.get $f)) (call $bits (F.add (local.get $f) {A}))
(call $bits (local.tee $f {M})) (call $bits (F.copysign (F.const 2) (local.get $f)))
(local.set $f {A}) (local.set $n (i32.const 5))
(loop $turn
  (local.set $f (F.add (local.get $f) {M}))
  (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
(call $bits (local.get $f))
(local.set $f {A}) (local.set $g {B}) (local.set $n (i32.const 0))
(loop $turn
  (if (i32.and (local.get $n) (i32.const 1))
    (then (local.set $g (F.neg (local.get $f))) (call $bits (local.get $g)))
    (else (local.set $f {M})))
  (local.set $n (i32.add (local.get $n) (i32.const 1)))
  (br_if $turn (i32.lt_u (local.get $n) (i32.const 6))))
(call $bits (local.get $f)) (call $bits (local.get $g))
(local.set $f {M}) (local.set $n (i32.const 9))
(block $out
  (loop $turn
    (br_if $out (i32.eqz (local.get $n)))
    (local.set $n (i32.sub (local.get $n) (i32.const 3)))
    (local.set $g (local.get $f))
    (local.set $f (F.mul (local.get $g) (F.const -1.5)))
    (br_if $turn (F.lt (local.get $f) {B}))
    (br $turn)))
(call $bits (local.get $f)) (call $bits (local.get $g))
"""

_OBJECT_MORE = """
(type $box (struct (field (mut F)) (field F)))
(type $row (array (mut F)))
(tag $thrown (param F))
(global $box (mut (ref null $box)) (ref.null $box))
(elem declare func $same $negated)
(func $throw (param F) (throw $thrown (local.get 0)))
"""

_OBJECT_HELD = """
(call $bits (struct.get $box 0 (struct.new $box {M} {A})))
(call $bits (struct.get $box 1 (struct.new $box {A} {M})))
(global.set $box (struct.new $box {A} {B})) (struct.set $box 0 (global.get $box) {M})
(call $bits (struct.get $box 0 (global.get $box)))
(call $bits (array.get $row (array.new $row {M} (i32.const 3)) (i32.const 2)))
(call $bits (array.get $row (array.new_fixed $row 2 {M} {A}) (i32.and (local.get $y) (i32.const 1))))
(local.set $row (array.new_default $row (i32.const 4)))
(array.set $row (local.get $row) (i32.const 1) {M})
(array.fill $row (local.get $row) (i32.const 2) {M} (i32.const 2))
(array.copy $row $row (local.get $row) (i32.const 0) (local.get $row) (i32.const 1) (i32.const 2))
(call $bits (array.get $row (local.get $row) (i32.const 0)))
(call $bits (array.get $row (local.get $row) (i32.const 3)))
(call $bits (block $caught (result F)
  (try_table (catch $thrown $caught) (throw $thrown {M})) (F.const 0)))
(call $bits (block $caught (result F)
  (try_table (catch $thrown $caught) (call $throw {M})) (F.const 0)))
(local.set $f {M})
(block $all
  (try_table (catch_all $all)
    (local.set $f (F.neg (local.get $f))) (call $throw (local.get $f))))
(call $bits (local.get $f))
(call $bits (call_ref $unary {M} (ref.func $same)))
(call $bits (F.add {A} (call_ref $unary {M} (ref.func $negated))))
"""

_VECTOR_MORE = """
;; Add a vector to the sum.
(func $v128 (param v128)
  (call $i64 (i64x2.extract_lane 0 (local.get 0))) (call $i64 (i64x2.extract_lane 1 (local.get 0))))
(func $same (param v128) (result v128) (local.get 0))
"""

_VECTOR_MAKERS = """
add: (S.add {A} {B})
sub: (S.sub {A} {B})
mul: (S.mul {A} {B})
div: (S.div {B} {A})
min: (S.min {A} {B})
max: (S.max {A} {B})
sqrt: (S.sqrt {A})
ceil: (S.ceil {A})
nearest: (S.nearest {B})
converted: {CONVERTED}
add twice: (S.sub (S.add {A} {B}) {A})
neg of a sum: (S.neg (S.add {A} {B}))
abs of a product: (S.abs (S.mul {A} {B}))
pmin: (S.pmin {A} {B})
pmax of sums: (S.pmax (S.add {A} {B}) {B})
neg: (S.neg {A})
itself: {A}
loaded: (v128.load (i32.const 16))
with a constant: (S.sub (v128.const i32x4 0x7f800000 0x7fa00001 0 0xfff00000) {A})
a constant: (v128.const i32x4 0x7f800000 0x7fa00001 0 0xfff00000)
an infinity: (S.mul {A} (v128.const i32x4 0x7f800000 0xff800000 0 0x7ff00000))
replaced: (S.replace_lane 1 (S.add {A} {B}) (F.sub (S.extract_lane 0 {A}) (S.extract_lane 1 {B})))
splat: (S.splat (F.mul (S.extract_lane 0 {A}) (S.extract_lane 0 {B})))
"""

_VECTOR_HELD = """
(call $v128 {M})
(local.set $v {M}) (call $v128 (local.get $v))
(local.set $v {A}) (if (local.get $y) (then (local.set $v {M}))) (call $v128 (local.get $v))
(call $v128 (if (result v128) (local.get $y) (then {M}) (else {B})))
(call $v128 (select {M} {A} (local.get $y)))
(local.set $v {M}) (call $I (I.reinterpret_F (S.extract_lane 1 (local.get $v))))
(if (local.get $y) (then (local.set $v {B}) (call $v128 (local.get $v))))
(call $I (I.reinterpret_F (S.extract_lane 0 (local.get $v)))) (call $v128 (local.get $v))
(call $v128 (f64x2.promote_low_f32x4 {M})) (call $v128 {A})
(call $i64 (i64.reinterpret_f64 {WIDE})) (call $v128 {A})
(call $v128 (S.neg {M})) (call $v128 (S.abs {M})) (call $v128 (S.add {M} {M}))
(call $v128 (call $same {M}))
(call $v128 (v128.xor {M} {A})) (call $v128 (v128.bitselect {M} {A} {B}))
(v128.store (i32.const 64) {M}) (call $i64 (i64.load (i32.const 68)))
(call $I (I.reinterpret_F (S.extract_lane 1 {M})))
(call $I (I.reinterpret_F (F.neg (S.extract_lane 0 {M}))))
(call $v128 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 16 17 18 19 {M} {A}))
(call $v128 (S.lt {M} {B})) (call $v128 (i32x4.add {M} {A}))
(local.set $v {A}) (local.set $n (i32.const 3))
(loop $turn
  (local.set $v (S.sub {M} (local.get $v)))
  (F.store (i32.const 64) (S.extract_lane 1 (local.get $v)))
  (if (i32.and (local.get $n) (i32.const 1)) (then (call $v128 (v128.load (i32.const 64)))))
  (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
(call $v128 (local.get $v))
"""

_RELAXED = """
min: (S.relaxed_min {A} {B})
max: (S.relaxed_max {A} {B})
"""

_RELAXED_OTHERS = """
swizzle: (i8x16.relaxed_swizzle {A} {B})
trunc_s: (i32x4.relaxed_trunc_f32x4_s {A})
trunc_u: (i32x4.relaxed_trunc_f32x4_u {A})
trunc_s_zero: (i32x4.relaxed_trunc_f64x2_s_zero {A})
trunc_u_zero: (i32x4.relaxed_trunc_f64x2_u_zero {A})
laneselect 8: (i8x16.relaxed_laneselect {A} {B} {C})
laneselect 16: (i16x8.relaxed_laneselect {A} {B} {C})
laneselect 32: (i32x4.relaxed_laneselect {A} {B} {C})
laneselect 64: (i64x2.relaxed_laneselect {A} {B} {C})
q15mulr: (i16x8.relaxed_q15mulr_s {A} {B})
dot: (i16x8.relaxed_dot_i8x16_i7x16_s {A} {B})
dot and add: (i32x4.relaxed_dot_i8x16_i7x16_add_s {A} {B} {C})
"""

_MADD = """
madd: (S.relaxed_madd {A} {B} {C})
nmadd: (S.relaxed_nmadd {A} {B} {C})
mul and add: (S.add (S.mul {A} {B}) {C})
"""

_VECTORS = {
    "{A}": "(i64x2.replace_lane 1 (i64x2.splat (local.get $z)) (i64.const {second}))",
    "{B}": "(i32x4.replace_lane 0 (i32x4.splat (local.get $x)) (local.get $y))",
    "{C}": "(i64x2.replace_lane 0 (i64x2.splat (i64.const 0x3ff0000180000001)) (local.get $z))",
}


def _named(text: str) -> list[tuple[str, str]]:
    return [(name, made) for name, _, made in (x.partition(": ") for x in text.split("\n") if x)]


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


_OBJECT_FEATURES = ("garbage collection", "exceptions")


def _scalars(bits: int, objects: bool = False) -> Family:
    wide = bits == 64
    other = (
        "(F.promote_f32 (f32.demote_f64 {A}))" if wide else "(F.demote_f64 (f64.promote_f32 {A}))"
    )
    first = "(F.reinterpret_i64 (local.get $z))" if wide else "(F.reinterpret_i32 (local.get $x))"
    second = (
        "(F.reinterpret_i64 (i64.or (i64.shl (i64.extend_i32_u (local.get $x)) (i64.const 32))"
        " (i64.extend_i32_u (local.get $y))))"
        if wide
        else "(F.reinterpret_i32 (i32.wrap_i64 (i64.shr_u (local.get $z) (i64.const 32))))"
    )
    moved = (
        "(f64.promote_f32 (f32.demote_f64 {M}))"
        if wide
        else "(f32.demote_f64 (f64.promote_f32 {M}))"
    )
    wider = "(f64.neg {M})" if wide else "(f64.promote_f32 {M})"
    moves = {
        "{MOVED}": moved,
        "{WIDE}": wider,
        "{WIDE_F}": wider.replace("{M}", "(local.get $f)"),
    }
    values = {
        "{CONVERTED}": other,
        "{ADD}": "(call $i64 (local.get 0))" if wide else "(call $i32 (local.get 0))",
        "{A}": "(local.get $a)",
        "{B}": "(local.get $b)",
    }
    types = {
        "F.": f"f{bits}.",
        "_F": f"_f{bits}",
        " F": f" f{bits}",
        "I.": f"i{bits}.",
        " I)": f" i{bits})",
    }
    functions = []
    for name, made in _named(_MAKERS):
        uses = (_OBJECT_HELD if objects else _HELD).strip()
        body = f"(local.set $a {first}) (local.set $b {second})\n{uses}\n(local.get $z)"
        text = _fill(_fill(body, {**moves, "{M}": made}), values)
        held = "(local $a F) (local $b F) (local $f F) (local $g F) (local $n i32)"
        held += " (local $row (ref null $row))" if objects else ""
        functions.append(Function(name, _fill(text, types), " " + _fill(held, types)))
    places = "structures, arrays, exceptions and references" if objects else "calls and memory"
    return Family(
        name=f"nans_{'objects_' if objects else ''}f{bits}",
        title=f"The one NaN of arithmetic (f{bits}{', in objects' if objects else ''})",
        does="Makes NaNs by arithmetic on NaNs of all kinds, infinities and numbers, holds them in "
        f"locals, through branches, loops, {places}, and looks at their bits.",
        must="Arithmetic gives the positive canonical NaN, and what moves floats keeps every bit.",
        rule=_RULE,
        about=f"Functions that make NaNs of f{bits}, hold them, and look at their bits.",
        functions=functions,
        inputs=_inputs(bits),
        more=_fill(_fill(_MORE + (_OBJECT_MORE if objects else ""), values), types),
        features=("tail calls", *(_OBJECT_FEATURES if objects else ()), DETERMINISTIC),
    )


_RULE = "Appendix: Profiles: Deterministic Profile"


def _vectors(bits: int) -> Family:
    converted = "(f64x2.promote_low_f32x4 {A})" if bits == 64 else "(f32x4.demote_f64x2_zero {A})"
    makers = _named(_VECTOR_MAKERS)
    functions = [_vector_function(bits, name, made, converted) for name, made in makers]
    return Family(
        name=f"nans_{_shape(bits)}",
        title=f"The one NaN of arithmetic ({_shape(bits)})",
        does="Makes vectors with NaNs by arithmetic on NaNs of all kinds, infinities and numbers, "
        "holds them in every way, and looks at their bits.",
        must="Arithmetic gives the positive canonical NaN, and what moves lanes keeps every bit.",
        rule=_RULE,
        about=f"Functions that make NaNs of {_shape(bits)}, hold them, and look at their bits.",
        functions=functions,
        inputs=_inputs(bits),
        more=_VECTOR_MORE,
        features=("vectors", DETERMINISTIC),
    )


def _relaxed() -> Family:
    functions = [_vector_function(32, name, made, "") for name, made in _named(_RELAXED_OTHERS)]
    for bits in (32, 64):
        for name, made in _named(_RELAXED):
            functions.append(_vector_function(bits, f"{_shape(bits)} {name}", made, ""))
    return Family(
        name="nans_relaxed",
        title="Relaxed vector instructions of the deterministic profile",
        does="Executes every relaxed instruction with lanes for which engines may choose.",
        must="Each result is the first of those from which engines may choose.",
        rule=_RULE,
        about="Functions that execute relaxed vector instructions, and hold their results.",
        functions=functions,
        inputs=[*_inputs(32), *_inputs(64)],
        more=_VECTOR_MORE,
        features=("vectors", "relaxed vectors", DETERMINISTIC),
    )


def _madd() -> Family:
    functions = [
        _vector_function(bits, f"{_shape(bits)} {name}", made, "")
        for bits in (32, 64)
        for name, made in _named(_MADD)
    ]
    return Family(
        name="nans_madd",
        title="Products and sums of the deterministic profile",
        does="Multiplies and adds by one relaxed instruction, and by two instructions.",
        must="The results are the same: both round the product, then the sum.",
        rule="Execution: Relaxed Operations: frelaxedmadd",
        about="Functions that multiply and add, and hold the results.",
        functions=functions,
        inputs=[*_inputs(32), *_inputs(64), *inputs(_INEXACT)],
        more=_VECTOR_MORE,
        features=("vectors", "relaxed vectors", DETERMINISTIC),
        derivation="In the deterministic profile R_fmadd is 0, which chooses the sum of the product.",
    )


_INEXACT = [(0x3F800001, 0x3F8003FF, n * 0x0010000100000003 + 0x3FF0000180000001) for n in range(8)]
"""Numbers whose products have more bits than their type."""


_WIDE = {
    32: "(f64.promote_f32 (f32x4.extract_lane 2 {M}))",
    64: "(f64.abs (f64x2.extract_lane 1 {M}))",
}


def _shape(bits: int) -> str:
    return "f64x2" if bits == 64 else "f32x4"


def _vector_function(bits: int, name: str, made: str, converted: str) -> Function:
    second = 0xFFF0000000000000 if bits == 64 else 0x7F8000003FC00000
    set_ = " ".join(f"(local.set ${k[1].lower()} {v})" for k, v in _VECTORS.items())
    set_ += " (v128.store (i32.const 16) (local.get $a))"
    body = f"{set_}\n{_VECTOR_HELD.strip()}\n(local.get $z)".replace("{second}", hex(second))
    values = {
        "{WIDE}": _WIDE[bits],
        "{M}": made,
        "{CONVERTED}": converted,
        **{name: f"(local.get ${name[1].lower()})" for name in _VECTORS},
        "(S.": f"({_shape(bits)}.",
        "(F.": f"(f{bits}.",
        "(I.": f"(i{bits}.",
        "_F ": f"_f{bits} ",
        "$I ": f"$i{bits} ",
    }
    locals_ = " (local $a v128) (local $b v128) (local $c v128) (local $v v128) (local $n i32)"
    return Function(name, _fill(body, values), locals_)


def _inputs(bits: int) -> list[Input]:
    """NaNs, infinities, zeros and numbers beside each other."""
    if bits == 64:
        first = (
            *(0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001, 0xFFFC0000DEADBEEF),
            *(0x7FF0000000000001, 0xFFF7FFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000),
            *(0, 1 << 63, 0x3FF8000000000000, 0xC000000000000000, 1, 0x7FEFFFFFFFFFFFFF),
        )
        second = (0x7FF00000, 0xFFF00000, 0x7FF80001, 0xFFF40000, 0, 0xBFF00000, 0x7FF80000)
        numbers = [(second[i * 3 % 7], i % 3 % 2, z) for i, z in enumerate(first)]
        return inputs([*numbers, *((second[i % 7], 2, z) for i, z in enumerate(first))])
    first = (
        *(0x7FC00000, 0xFFC00000, 0x7FC00001, 0xFFEADBEE, 0x7F800001, 0xFFBFFFFF, 0x7F800000),
        *(0xFF800000, 0, 0x80000000, 0x3FC00000, 0xC0000000, 1, 0x7F7FFFFF),
    )
    other = (0x7F800000, 0xFF800000, 0x7FC00001, 0xFFA00000, 0, 0xBF800000, 0x7FC00000)
    numbers = [(x, i % 3 % 2, other[i * 3 % 7] << 32 | x) for i, x in enumerate(first)]
    return inputs([*numbers, *((x, 2, other[i % 7] << 32 | 7) for i, x in enumerate(first))])


def families() -> list[Family]:
    """The modules."""
    scalars, vectors = ([make(bits) for bits in (32, 64)] for make in (_scalars, _vectors))
    objects = [_scalars(bits, objects=True) for bits in (32, 64)]
    return [*scalars, *objects, *vectors, _relaxed(), _madd()]
