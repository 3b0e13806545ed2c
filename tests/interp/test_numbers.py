"""Scalar instructions by example: borders, signs, NaNs, rounding. The official suite tries more.

A case is an instruction, its operands and its result, all as bit patterns where a float could hide
something. Expected values were worked out by hand or with exact integers and fractions.
"""

from __future__ import annotations

import struct
from functools import cache

import pytest

from assemble import assemble
from refexec import wasm
from refexec.interp.opcodes import OPCODES
from refexec.trap import TrapCause

M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
S32, S64 = 1 << 31, 1 << 63
NAN32, NAN64 = 0x7FC00000, 0x7FF8000000000000
INF32, INF64 = 0x7F800000, 0x7FF0000000000000
SIGNALLING32, SIGNALLING64 = 0x7FA00001, 0x7FF4000000000001
BITS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}

TABLE = {
    opcode.mnemonic: opcode
    for opcode in OPCODES.values()
    if opcode.signature is not None
    and not opcode.immediates
    and {str(p) for p in (*opcode.signature.params, *opcode.signature.results)} <= set(BITS)
    and opcode.mnemonic not in ("nop", "drop")
}


@cache
def instance() -> wasm.Instance:
    """One exported function for each instruction."""
    functions = []
    for mnemonic, opcode in TABLE.items():
        assert opcode.signature is not None
        params = " ".join(str(param) for param in opcode.signature.params)
        results = " ".join(str(result) for result in opcode.signature.results)
        gets = " ".join(f"(local.get {index})" for index in range(len(opcode.signature.params)))
        functions.append(
            f'(func (export "{mnemonic}") (param {params}) (result {results}) {gets} {mnemonic})'
        )
    module = wasm.Module(assemble(f"(module {' '.join(functions)})"), features="all")
    return wasm.Instance(module)


def call(mnemonic: str, *args: int) -> object:
    outcome = instance().call(mnemonic, *args, bits=True)
    match outcome:
        case wasm.Returned(values):
            return values[0] if len(values) == 1 else tuple(values)
        case wasm.Trapped():
            return outcome.cause
    return outcome


def f32(value: float) -> int:
    return int(struct.unpack("<I", struct.pack("<f", value))[0])


def f64(value: float) -> int:
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


INTEGERS: dict[str, list[tuple[tuple[int, ...], int | TrapCause]]] = {
    # {n} is the width; the numbers are for 32 bits, and are widened by the test.
    "eqz": [((0,), 1), ((1,), 0)],
    "eq": [((5, 5), 1), ((5, -5), 0)],
    "ne": [((5, 5), 0), ((5, -5), 1)],
    "lt_s": [((-1, 0), 1), ((0, -1), 0), ((3, 3), 0)],
    "lt_u": [((-1, 0), 0), ((0, -1), 1), ((3, 3), 0)],
    "gt_s": [((-1, 0), 0), ((0, -1), 1), ((3, 3), 0)],
    "gt_u": [((-1, 0), 1), ((0, -1), 0), ((3, 3), 0)],
    "le_s": [((-1, 0), 1), ((0, -1), 0), ((3, 3), 1)],
    "le_u": [((-1, 0), 0), ((0, -1), 1), ((3, 3), 1)],
    "ge_s": [((-1, 0), 0), ((0, -1), 1), ((3, 3), 1)],
    "ge_u": [((-1, 0), 1), ((0, -1), 0), ((3, 3), 1)],
    "popcnt": [((0,), 0), ((0x55,), 4)],
    "add": [((1, 2), 3), ((-1, 1), 0)],
    "sub": [((1, 2), -1), ((0, 1), -1)],
    "mul": [((-3, 5), -15), ((1 << 20, 1 << 11), 1 << 31)],
    "div_s": [
        *[((7, 2), 3), ((-7, 2), -3), ((7, -2), -3), ((-7, -2), 3)],
        ((1, 0), TrapCause.DIVIDE_BY_ZERO),
    ],
    "div_u": [((7, 2), 3), ((5, -1), 0), ((1, 0), TrapCause.DIVIDE_BY_ZERO)],
    "rem_s": [
        *[((7, 2), 1), ((-7, 2), -1), ((7, -2), 1), ((-7, -2), -1)],
        ((1, 0), TrapCause.DIVIDE_BY_ZERO),
    ],
    "rem_u": [((7, 2), 1), ((5, -1), 5), ((1, 0), TrapCause.DIVIDE_BY_ZERO)],
    "and": [((12, 10), 8)],
    "or": [((12, 10), 14)],
    "xor": [((12, 10), 6), ((-1, 1), -2)],
    "shl": [((1, 3), 8), ((-1, 0), -1)],
    "shr_s": [((-8, 1), -4), ((8, 1), 4)],
    "shr_u": [((8, 1), 4)],
    "rotl": [((5, 1), 10), ((5, 0), 5)],
    "rotr": [((10, 1), 5), ((5, 0), 5)],
    "extend8_s": [((0x7F,), 0x7F), ((0x180,), -128)],
    "extend16_s": [((0x7FFF,), 0x7FFF), ((0x18000,), -0x8000)],
}


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("name", INTEGERS)
def test_integers_of_both_widths(name: str, bits: int) -> None:
    mask = (1 << bits) - 1
    for args, expected in INTEGERS[name]:
        given = [arg & mask for arg in args]
        found = call(f"i{bits}.{name}", *given)
        assert found == (expected & mask if isinstance(expected, int) else expected), args


BORDERS: list[tuple[str, tuple[int, ...], object]] = [
    *[("i32.clz", (0,), 32), ("i32.clz", (1,), 31), ("i32.clz", (S32,), 0)],
    *[("i64.clz", (0,), 64), ("i64.clz", (1,), 63), ("i64.clz", (S64,), 0)],
    *[("i32.ctz", (0,), 32), ("i32.ctz", (S32,), 31), ("i32.ctz", (1,), 0)],
    *[("i64.ctz", (0,), 64), ("i64.ctz", (S64,), 63), ("i64.ctz", (1,), 0)],
    *[("i32.popcnt", (M32,), 32), ("i64.popcnt", (M64,), 64)],
    *[("i32.add", (M32, M32), M32 - 1), ("i64.add", (M64, M64), M64 - 1)],
    *[("i32.mul", (M32, M32), 1), ("i64.mul", (M64, M64), 1)],
    ("i32.div_s", (S32, M32), TrapCause.INTEGER_OVERFLOW),
    ("i64.div_s", (S64, M64), TrapCause.INTEGER_OVERFLOW),
    *[("i32.rem_s", (S32, M32), 0), ("i64.rem_s", (S64, M64), 0)],
    *[("i32.shl", (1, 32), 1), ("i32.shl", (1, 33), 2), ("i64.shl", (1, 65), 2)],
    *[("i32.shr_s", (S32, 31), M32), ("i64.shr_s", (S64, 127), M64)],
    *[("i32.shr_u", (M32, 63), 1), ("i64.shr_u", (M64, 127), 1)],
    *[("i32.rotl", (S32 | 1, 33), 3), ("i64.rotl", (S64 | 1, 65), 3)],
    *[("i32.rotr", (3, 33), S32 | 1), ("i64.rotr", (3, 65), S64 | 1)],
    *[("i64.extend32_s", (S32,), M64 ^ 0x7FFFFFFF), ("i64.extend32_s", (7 << 32 | 5,), 5)],
    *[("i32.wrap_i64", (7 << 32 | 5,), 5), ("i64.extend_i32_s", (M32,), M64)],
    ("i64.extend_i32_u", (M32,), M32),
    *[("i32.reinterpret_f32", (SIGNALLING32,), SIGNALLING32)],
    *[("f32.reinterpret_i32", (SIGNALLING32,), SIGNALLING32)],
    *[("i64.reinterpret_f64", (SIGNALLING64,), SIGNALLING64)],
    *[("f64.reinterpret_i64", (SIGNALLING64,), SIGNALLING64)],
    ("i64.add128", (M64, 0, 1, 0), (0, 1)),
    ("i64.add128", (M64, M64, M64, M64), (M64 - 1, M64)),
    ("i64.sub128", (0, 0, 1, 0), (M64, M64)),
    ("i64.mul_wide_u", (M64, M64), (1, M64 - 1)),
    ("i64.mul_wide_s", (M64, M64), (1, 0)),
    ("i64.mul_wide_s", (M64, 1), (M64, M64)),
]


@pytest.mark.parametrize(("name", "args", "expected"), BORDERS)
def test_integers_at_their_borders(name: str, args: tuple[int, ...], expected: object) -> None:
    assert call(name, *args) == expected


def floats(kind: str) -> dict[str, int]:
    """Named floats of a width, as bits."""
    convert = f32 if kind == "f32" else f64
    values = {"0": 0.0, "1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0, "1.5": 1.5, "2.5": 2.5, "0.5": 0.5}
    named = {name: convert(value) for name, value in values.items()}
    named |= {
        "inf": INF32 if kind == "f32" else INF64,
        "nan": NAN32 if kind == "f32" else NAN64,
        "snan": SIGNALLING32 if kind == "f32" else SIGNALLING64,
        "tiny": 1,
        "max": 0x7F7FFFFF if kind == "f32" else 0x7FEFFFFFFFFFFFFF,
        "big": convert(2.0 ** (23 if kind == "f32" else 52) + 1),
    }
    sign = S32 if kind == "f32" else S64
    return named | {f"-{name}": bits | sign for name, bits in named.items()}


FLOATS = {
    "eq": "1 1 yes|0 -0 yes|nan nan no|1 2 no",
    "ne": "1 1 no|0 -0 no|nan nan yes|1 2 yes",
    "lt": "1 2 yes|2 1 no|-0 0 no|nan 1 no|-inf inf yes",
    "gt": "1 2 no|2 1 yes|-0 0 no|1 nan no",
    "le": "1 2 yes|2 1 no|-0 0 yes|nan nan no",
    "ge": "1 2 no|2 1 yes|-0 0 yes|nan nan no",
    "abs": "-1 1|1 1|-0 0|-snan snan|-inf inf",
    "neg": "-1 1|1 -1|0 -0|snan -snan|-nan nan|inf -inf",
    "ceil": "1.5 2|-1.5 -1|-0.5 -0|0 0|-0 -0|inf inf|snan nan|big big|-tiny -0|tiny 1",
    "floor": "1.5 1|-1.5 -2|0.5 0|-0 -0|-inf -inf|snan nan|big big|-tiny -1",
    "trunc": "1.5 1|-1.5 -1|-0.5 -0|0.5 0|-snan nan|-big -big|inf inf",
    "nearest": "1.5 2|2.5 2|-1.5 -2|0.5 0|-0.5 -0|-0 -0|snan nan|big big|inf inf",
    "sqrt": "4 2|-1 nan|-0 -0|inf inf|-inf nan|snan nan|0 0",
    "add": "1 2 3|inf -inf nan|max max inf|-0 -0 -0|1 -1 0|snan 1 nan|0 -0 0",
    "sub": "3 2 1|inf inf nan|-max max -inf|0 0 0|1 -nan nan|-0 0 -0",
    "mul": "2 1.5 3|0 inf nan|max max inf|-0 1 -0|tiny 0.5 0|-tiny 0.5 -0|snan 1 nan",
    "div": "3 2 1.5|1 0 inf|-1 0 -inf|1 -0 -inf|0 0 nan|nan 0 nan|inf inf nan|1 inf 0|-inf 0 -inf",
    "min": "1 2 1|2 1 1|0 -0 -0|-0 0 -0|nan 1 nan|1 -snan nan|-inf inf -inf",
    "max": "1 2 2|2 1 2|0 -0 0|-0 0 0|nan 1 nan|1 -snan nan|-inf inf inf|-0 -0 -0",
    "copysign": "1 -2 -1|-1 2 1|snan -0 -snan|-snan 1 snan|0 -nan -0",
}


@pytest.mark.parametrize("kind", ["f32", "f64"])
@pytest.mark.parametrize("name", FLOATS)
def test_floats_of_both_widths(name: str, kind: str) -> None:
    named = floats(kind) | {"yes": 1, "no": 0}
    for case in FLOATS[name].split("|"):
        *args, expected = (named[word] for word in case.split())
        assert call(f"{kind}.{name}", *args) == expected, case


def test_f32_arithmetic_rounds_once() -> None:
    # 1 + 2^-24 is a tie, which goes to even; a bit more does not.
    assert call("f32.add", f32(1), f32(2**-24)) == f32(1)
    assert call("f32.add", f32(1), f32(2**-24 + 2**-47)) == f32(1) + 1
    # A product that is subnormal is rounded to the bits that are left.
    assert call("f32.mul", 0x00800001, f32(0.5)) == 0x00400000
    assert call("f32.mul", 0x00800003, f32(0.5)) == 0x00400002
    assert call("f32.div", 0x00000003, f32(2)) == 2
    assert call("f32.sqrt", f32(2)) == 0x3FB504F3


CONVERSIONS: list[tuple[str, int, object]] = [
    *[("f32.convert_i32_s", M32, f32(-1)), ("f32.convert_i32_u", M32, f32(2.0**32))],
    *[("f64.convert_i32_s", M32, f64(-1)), ("f64.convert_i32_u", M32, f64(2.0**32 - 1))],
    *[("f64.convert_i64_s", S64, f64(-(2.0**63))), ("f64.convert_i64_u", M64, f64(2.0**64))],
    *[("f32.convert_i64_s", M64, f32(-1)), ("f32.convert_i64_u", M64, f32(2.0**64))],
    # Rounding to f64 first would make a tie of these, and lose the last bit that breaks it.
    ("f32.convert_i64_s", 0x4000004000000001, 0x5E800001),
    ("f32.convert_i64_u", 0x8000008000000001, 0x5F000001),
    ("f32.convert_i64_s", 0x7FFFFF4000000001, 0x5EFFFFFF),
    ("f32.convert_i64_s", -0x4000004000000001 & M64, 0xDE800001),
    ("f32.convert_i32_s", 0x1000001, f32(16777216)),
    ("f32.convert_i32_s", 0x1000003, f32(16777220)),
    *[("f32.demote_f64", f64(1e300), INF32), ("f32.demote_f64", f64(-1e300), INF32 | S32)],
    *[("f32.demote_f64", SIGNALLING64, NAN32), ("f32.demote_f64", f64(2.0**-149), 1)],
    ("f32.demote_f64", f64(2.0**-150), 0),
    *[("f64.promote_f32", SIGNALLING32, NAN64), ("f64.promote_f32", f32(1.5), f64(1.5))],
    ("f64.promote_f32", 1, f64(2.0**-149)),
]


@pytest.mark.parametrize(("name", "given", "expected"), CONVERSIONS)
def test_conversions_to_floats(name: str, given: int, expected: object) -> None:
    assert call(name, given) == expected


@pytest.mark.parametrize("source", ["f32", "f64"])
@pytest.mark.parametrize("target", ["i32", "i64"])
@pytest.mark.parametrize("sign", ["s", "u"])
def test_truncation_traps_or_saturates(source: str, target: str, sign: str) -> None:
    bits = BITS[target]
    convert = f32 if source == "f32" else f64
    low = -(1 << bits - 1) if sign == "s" else 0
    high = (1 << bits - 1) if sign == "s" else 1 << bits
    mask = (1 << bits) - 1
    plain, saturating = f"{target}.trunc_{source}_{sign}", f"{target}.trunc_sat_{source}_{sign}"
    for value in (0.0, -0.0, 1.9, -0.9, 100.5):
        for name in (plain, saturating):
            assert call(name, convert(value)) == int(value) & mask
    assert call(plain, convert(float(low))) == low & mask
    for value, nearest in (
        *((float(high), high - 1), (float(high) * 2, high - 1), (float("inf"), high - 1)),
        *((float(low) * 2 - 1 - 2.0**43, low), (float("-inf"), low)),
    ):
        assert call(plain, convert(value)) is TrapCause.INTEGER_OVERFLOW, value
        assert call(saturating, convert(value)) == nearest & mask, value
    for nan in (NAN32, SIGNALLING32 | S32) if source == "f32" else (NAN64, SIGNALLING64 | S64):
        assert call(plain, nan) is TrapCause.INVALID_CONVERSION
        assert call(saturating, nan) == 0
    if sign == "s":
        assert call(plain, convert(-1.9)) == mask
        assert call(saturating, convert(-1.9)) == mask


def test_every_scalar_instruction_is_tried() -> None:
    tried = {f"i{bits}.{name}" for bits in (32, 64) for name in INTEGERS}
    tried |= {f"{kind}.{name}" for kind in ("f32", "f64") for name in FLOATS}
    tried |= {name for name, *_ in (*BORDERS, *CONVERSIONS)}
    tried |= {
        f"{target}.{how}_{source}_{sign}"
        for target in ("i32", "i64")
        for how in ("trunc", "trunc_sat")
        for source in ("f32", "f64")
        for sign in ("s", "u")
    }
    assert set(TABLE) - tried == set()
