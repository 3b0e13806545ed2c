"""Expressions of a known range, used by every instruction.

Engines that optimise know that `x & 255` needs no mask, that a byte has no sign, and which end of
an interval moves where. So each expression whose range can be known is used by each instruction,
both at once and through locals that are used as signed numbers, as unsigned ones, or as both.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import Family, Function, boundaries, inputs

_MADE = """
x: {X}
and 1: (T.and {X} (T.const 1))
and 127: (T.and {X} (T.const 127))
and 255: (T.and {X} (T.const 255))
and 65535: (T.and (T.const 65535) {X})
and -256: (T.and {X} (T.const -256))
and -2: (T.and {X} (T.const -2))
and half: (T.and {X} (T.const {HALF}))
and top: (T.and {X} (T.const {TOP}))
and y: (T.and {X} {Y})
and byte y: (T.and (T.shr_u {X} (T.const 3)) (T.load8_u (i32.and (local.get $y) (i32.const 31))))
and of negatives: (T.and (T.sub (T.and {X} (T.const 255)) (T.const 250)) (T.and {Y} (T.const 0xfff)))
or 255: (T.or {X} (T.const 255))
or -1: (T.or {X} (T.const -1))
or top: (T.or (T.shr_u {X} (T.const 1)) (T.const {TOP}))
or -128: (T.or (T.and {X} (T.const 127)) (T.const -128))
xor -1: (T.xor {X} (T.const -1))
xor top: (T.xor (T.const {TOP}) {X})
xor y: (T.xor (T.and {X} (T.const 0xfff0)) (T.shr_s {Y} (T.const 4)))
shl 1: (T.shl {X} (T.const 1))
shl 8: (T.shl (T.and {X} (T.const 255)) (T.const 8))
shl most: (T.shl {X} (T.const {LAST}))
shl y: (T.shl (T.and {X} (T.const 15)) {Y})
shl negative: (T.shl (T.sub (T.and {X} (T.const 15)) (T.const 20)) (T.and {Y} (T.const 3)))
shr_u 1: (T.shr_u {X} (T.const 1))
shr_u 8: (T.shr_u {X} (T.const 8))
shr_u most: (T.shr_u {X} (T.const {LAST}))
shr_u y: (T.shr_u {X} {Y})
shr_s 1: (T.shr_s {X} (T.const 1))
shr_s 8: (T.shr_s {X} (T.const 8))
shr_s most: (T.shr_s {X} (T.const {LAST}))
shr_s y: (T.shr_s {X} (T.and {Y} (T.const 7)))
sign of a byte: (T.shr_s (T.shl {X} (T.const {BYTE})) (T.const {BYTE}))
other shifts: (T.shr_s (T.shl {X} (T.const {BYTE})) (T.const 5))
shl shr_u: (T.shr_u (T.shl {X} (T.const 3)) (T.const 3))
shr_u shl: (T.shl (T.shr_u {X} (T.const 3)) (T.const 3))
extend8_s: (T.extend8_s {X})
extend16_s: (T.extend16_s {X})
load8_u: (T.load8_u (i32.and (local.get $x) (i32.const 31)))
load8_s: (T.load8_s (i32.and (local.get $x) (i32.const 31)))
load16_u: (T.load16_u (i32.and (local.get $x) (i32.const 30)))
load16_s: (T.load16_s offset=1 (i32.and (local.get $x) (i32.const 31)))
load: (T.load (i32.and (local.get $x) (i32.const 24)))
rem_u 10: (T.rem_u {X} (T.const 10))
rem_s 7: (T.rem_s {X} (T.const 7))
rem_s -8: (T.rem_s {X} (T.const -8))
div_u 10: (T.div_u {X} (T.const 10))
div_s 7: (T.div_s {X} (T.const 7))
div_s -8: (T.div_s {X} (T.const -8))
div_s y: (T.div_s {X} (T.or (T.and {Y} (T.const {HALF})) (T.const 1)))
clz: (T.clz {X})
ctz: (T.ctz {X})
popcnt: (T.popcnt {X})
rotl 5: (T.rotl {X} (T.const 5))
rotl y: (T.rotl {X} {Y})
rotr 9: (T.rotr {X} (T.const 9))
mul 3: (T.mul {X} (T.const 3))
mul -1: (T.mul {X} (T.const -1))
mul large: (T.mul {X} (T.const {HALF}))
mul y: (T.mul {X} {Y})
add 1: (T.add {X} (T.const 1))
add -1: (T.add {X} (T.const -1))
add top: (T.add (T.const {TOP}) {X})
add add: (T.add (T.add {X} (T.const -7)) (T.const 20))
add y: (T.add {X} {Y})
sub 1: (T.sub (T.and {X} (T.const 255)) (T.const 1))
sub y: (T.sub {X} {Y})
negated: (T.sub (T.const 0) {X})
constant less: (T.sub (T.const 255) (T.and {X} (T.const 255)))
half and 1: (T.add (T.and {X} (T.const {HALF})) (T.const 1))
half and 2: (T.add (T.shr_u {X} (T.const 1)) (T.const 2))
half less: (T.sub (T.const {TOP}) (T.and {X} (T.const {HALF})))
below all: (T.sub (T.shr_s (T.or {X} (T.const {TOP})) (T.const 0)) (T.const 1))
sum of halves: (T.add (T.and {X} (T.const {HALF})) (T.and {Y} (T.const {HALF})))
difference of halves: (T.sub (T.and {X} (T.const {HALF})) (T.and {Y} (T.const {HALF})))
product of bytes: (T.mul (T.and {X} (T.const 255)) (T.sub (T.and {Y} (T.const 127)) (T.const 128)))
select: (select (T.and {X} (T.const 255)) (T.shr_s {Y} (T.const 1)) (i32.lt_s (local.get $x) (local.get $y)))
tee: (local.tee $t (T.sub {X} (T.const 3)))
if: (if (result T) (i32.and (local.get $y) (i32.const 1)) (then (T.const -3)) (else (T.and {X} (T.const 7))))
constants: (T.add (T.mul (T.const {TOP}) (T.const 3)) (T.shr_s (T.const {TOP}) (T.const 3)))
global: (global.get {G})
"""

_MADE_32 = """
eqz: (i32.eqz (local.get $x))
eq: (i32.eq (local.get $x) (local.get $y))
lt_s: (i32.lt_s (local.get $x) (local.get $y))
ge_u: (i32.ge_u (local.get $x) (i32.const 128))
sum of tests: (i32.add (i32.lt_u (local.get $x) (local.get $y)) (i32.eqz (local.get $y)))
both tests: (i32.and (i32.gt_s (local.get $x) (i32.const -1)) (i32.ne (local.get $y) (i32.const 0)))
wrap: (i32.wrap_i64 (local.get $z))
wrap shifted: (i32.wrap_i64 (i64.shr_u (local.get $z) (i64.const 31)))
i64.eqz: (i64.eqz (local.get $z))
i64.lt_u: (i64.lt_u (local.get $z) (i64.extend_i32_s (local.get $x)))
memory.size: (memory.size)
"""

_MADE_64 = """
extend_i32_u: (i64.extend_i32_u (local.get $x))
extend_i32_s: (i64.extend_i32_s (local.get $x))
extended test: (i64.extend_i32_u (i32.lt_s (local.get $x) (local.get $y)))
extended sum: (i64.extend_i32_u (i32.add (local.get $x) (local.get $y)))
extend32_s: (i64.extend32_s (local.get $z))
load32_u: (i64.load32_u (i32.and (local.get $x) (i32.const 28)))
load32_s: (i64.load32_s (i32.and (local.get $x) (i32.const 31)))
"""

# Uses: S as a signed number, U as an unsigned one, N as any.
_USED = """
N T (T.add {P} {Y})
N T (T.add {P} (T.const 1))
N T (T.add {P} (T.const {TOP}))
N T (T.sub {P} (T.const 1))
S T (T.add {P} (T.const -1))
U T (T.sub {P} (T.const 1))
N T (T.sub {P} {Y})
N T (T.sub {Y} {P})
N T (T.sub (T.const 100) {P})
N T (T.mul {P} {Y})
N T (T.mul {P} (T.const 5))
N T (T.mul {P} (T.const -1))
N T (T.and {P} {Y})
U T (T.and {P} (T.const 255))
N T (T.or {P} (T.const 0xff00))
N T (T.or {Y} {P})
N T (T.xor {P} {Y})
S T (T.xor {P} (T.const -1))
N T (T.shl {P} (T.const 4))
N T (T.shl {P} {Y})
N T (T.shl {Y} {P})
U T (T.shr_u {P} (T.const 3))
U T (T.shr_u {P} {Y})
U T (T.shr_u {Y} {P})
S T (T.shr_s {P} (T.const 3))
S T (T.shr_s {P} {Y})
S T (T.shr_s {Y} {P})
U T (T.rotl {P} (T.const 3))
U T (T.rotr {P} {Y})
U T (T.rotl {Y} {P})
U T (T.div_u {P} (T.const 7))
U T (T.rem_u {P} (T.or {Y} (T.const 1)))
U T (T.rem_u {P} (T.const 16))
U T (T.div_u {Y} (T.or {P} (T.const 1)))
S T (T.div_s {P} (T.const 7))
S T (T.rem_s {P} (T.const 16))
S T (T.rem_s {P} (T.or {Y} (T.const 1)))
S T (T.rem_s {Y} (T.or {P} (T.const 1)))
S T (T.div_s {P} (T.or (T.and {Y} (T.const {HALF})) (T.const 1)))
N i32 (T.eq {P} {Y})
N i32 (T.ne {P} (T.const -1))
N i32 (T.eqz {P})
S i32 (T.lt_s {P} {Y})
S i32 (T.ge_s {P} (T.const 0))
S i32 (T.gt_s {Y} {P})
S i32 (T.le_s {P} (T.const -128))
U i32 (T.lt_u {P} {Y})
U i32 (T.ge_u {P} (T.const 255))
U i32 (T.gt_u {P} (T.const {HALF}))
U i32 (T.le_u {Y} {P})
S T (T.extend8_s {P})
S T (T.extend16_s {P})
N T (T.shr_s (T.shl {P} (T.const 8)) (T.const 8))
N T (T.shr_u (T.shl {P} (T.const 8)) (T.const 8))
N T (T.clz {P})
N T (T.ctz {P})
N T (T.popcnt {P})
S i64 (i64.reinterpret_f64 (f64.convert_T_s {P}))
U i64 (i64.reinterpret_f64 (f64.convert_T_u {P}))
S i32 (i32.reinterpret_f32 (f32.convert_T_s {P}))
U i32 (i32.reinterpret_f32 (f32.convert_T_u {P}))
N T (select {P} {Y} (i32.lt_u (local.get $x) (local.get $y)))
N T (block (result T) (br_if 0 {P} (local.get $y)) (drop) {Y})
N T (if (result T) (i32.and (local.get $y) (i32.const 2)) (then {P}) (else (T.const 1)))
N T (call $same_T {P})
N T (local.tee $t {P})
N - (T.store (i32.const 64) {P})
N - (T.store8 (i32.const 73) {P})
N - (T.store16 (i32.const 75) {P})
N - (global.set {G} {P})
"""

_USED_32 = """
N T (select {Y} (i32.const 9) {P})
N T (if (result i32) {P} (then {Y}) (else (i32.const 6)))
N T (block (result i32) (br_if 0 {Y} {P}) (drop) (i32.const 5))
U T (block $c (result i32) (block $b (block $a (br_table $a $b $b $a $b {P})) (br $c (i32.const 2))) (i32.const 4))
U T (i32.load8_u (i32.and {P} (i32.const 63)))
U T (i32.load16_s offset=3 (i32.and {P} (i32.const 62)))
S i64 (i64.extend_i32_s {P})
U i64 (i64.extend_i32_u {P})
N i64 (i64.shl (i64.extend_i32_u {P}) (i64.const 40))
N i64 (i64.add (i64.extend_i32_s {P}) (local.get $z))
N - (i32.store8 (i32.and {P} (i32.const 63)) (local.get $y))
N - (i32.store offset=2 (i32.and {P} (i32.const 60)) {P})
"""

_USED_64 = """
N i32 (i32.wrap_i64 {P})
N i32 (i32.add (i32.wrap_i64 {P}) (local.get $y))
N i32 (i32.wrap_i64 (i64.shr_u {P} (i64.const 32)))
S T (i64.extend32_s {P})
N T (i64.extend_i32_s (i32.wrap_i64 {P}))
N T (i64.and {P} (i64.const 0xffffffff))
N - (i64.store32 (i32.const 68) {P})
"""

_MORE = """
;; Numbers, as arguments and results.
(func $same_i32 (param i32) (result i32) (local.get 0))
(func $same_i64 (param i64) (result i64) (local.get 0))
"""


def _filled(text: str, type_: str) -> str:
    bits = int(type_[1:])
    half = (1 << bits - 1) - 1
    values = {
        "{X}": "(local.get $x)" if bits == 32 else "(local.get $z)",
        "{Y}": "(local.get $y)" if bits == 32 else "(local.get $w)",
        "{G}": "$g" if bits == 32 else "$k",
        "{HALF}": hex(half),
        "{TOP}": hex(half + 1),
        "{LAST}": str(bits - 1),
        "{BYTE}": str(bits - 8),
        "(T.": f"({type_}.",
        "(result T)": f"(result {type_})",
        "$same_T": f"$same_{type_}",
        "convert_T": f"convert_{type_}",
    }
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _functions(type_: str) -> list[Function]:
    small = type_ == "i32"
    made = [*filter(None, (_MADE + (_MADE_32 if small else _MADE_64)).splitlines())]
    used = [*filter(None, (_USED + (_USED_32 if small else _USED_64)).splitlines())]
    found = []
    for number, line in enumerate(made):
        name, expression = line.split(": ", 1)
        expression = _filled(expression, type_)
        body = [] if small else ["(local.set $w (i64.extend_i32_s (local.get $y)))"]
        body += [f"(local.set ${kind} {expression})" for kind in "nsu"]
        for position, use in enumerate(used):
            kind, result, text = use.split(" ", 2)
            # The same uses are not always through a local.
            through = (position + number) % 2 == 0
            operand = f"(local.get ${kind.lower()})" if through else expression
            text = _filled(text, type_).replace("{P}", operand)
            result = type_ if result == "T" else result
            body.append(text if result == "-" else f"(call ${result} {text})")
        body.append(f"(call ${type_} (local.get $t))")
        body.append("(i64.load (i32.const 64))")
        locals_ = f" (local $n {type_}) (local $s {type_}) (local $u {type_}) (local $t {type_})"
        found.append(
            Function(
                f"{type_} {name}", "\n".join(body), locals_ + ("" if small else " (local $w i64)")
            )
        )
    return found


def families() -> list[Family]:
    """The modules."""
    others = (0, 1, -1, 8, 0x80000000)
    pairs = [(a, others[i * 2 % 5], a + i) for i, a in enumerate(boundaries(32))]
    pairs += [(a, others[(i * 2 + 3) % 5], a - i) for i, a in enumerate(boundaries(32))]
    wide = [(a & 0xFFFFFFFF, others[i % 5], a) for i, a in enumerate(boundaries(64))]
    wide += [(a >> 5, others[(i + 2) % 5], a) for i, a in enumerate(boundaries(64)[6:18])]
    made = []
    for type_, numbers in (("i32", pairs), ("i64", wide)):
        made.append(
            Family(
                name=f"ranges_{type_}",
                title=f"Numbers of a known range, used by every instruction ({type_})",
                does="Computes expressions whose range an engine may know, at the ends of ranges, "
                "and has each instruction use them, at once and through locals.",
                must="The results are those of instructions that know nothing of each other.",
                rule="Execution: Integer Operations",
                about=f"Expressions of {type_} whose range can be known, used by every instruction.",
                functions=_functions(type_),
                inputs=inputs(numbers),
                more=_MORE,
            )
        )
    return made
