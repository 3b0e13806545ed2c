"""Vector instructions of i16x8, one function each (Execution, vector instructions).

Lanes are read as signed or unsigned numbers, as suits the instruction (`refexec.interp.vectors`);
`refexec.interp.instructions.lanewise` applies a function of lanes to whole vectors. Relaxed
instructions are in `refexec.interp.instructions.relaxed`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, comparison, shift, unary
from refexec.interp.machine import Frame
from refexec.interp.values import MASK32
from refexec.interp.vectors import (
    S8X16,
    S16X8,
    S32X4,
    U8X16,
    U16X8,
    add_pairs,
    bitmask,
    iavgr_u,
    iq15mulr_sat_s,
    multiply,
    narrow,
)

# -- lanes -----------------------------------------------------------------------------------------


def i16x8_splat(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.splat`: rule exec-vsplat."""
    stack[-1] = U16X8.splat(stack[-1] & 0xFFFF)


def i16x8_extract_lane_s(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i16x8.extract_lane_s`: rule exec-vextract_lane with op-extend_s."""
    stack[-1] = S16X8.unpack(stack[-1])[lane] & MASK32


def i16x8_extract_lane_u(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i16x8.extract_lane_u`: rule exec-vextract_lane with op-extend_u."""
    stack[-1] = U16X8.unpack(stack[-1])[lane]


def i16x8_replace_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i16x8.replace_lane`: rule exec-vreplace_lane."""
    value = stack.pop() & 0xFFFF
    stack[-1] = U16X8.replace(stack[-1], lane, value)


# -- comparison ------------------------------------------------------------------------------------


@comparison(U16X8)
def i16x8_eq(a: int, b: int) -> bool:
    """`i16x8.eq`: rule exec-vrelop with op-ieq."""
    return a == b


@comparison(U16X8)
def i16x8_ne(a: int, b: int) -> bool:
    """`i16x8.ne`: rule exec-vrelop with op-ine."""
    return a != b


@comparison(S16X8)
def i16x8_lt_s(a: int, b: int) -> bool:
    """`i16x8.lt_s`: rule exec-vrelop with op-ilt_s."""
    return a < b


@comparison(U16X8)
def i16x8_lt_u(a: int, b: int) -> bool:
    """`i16x8.lt_u`: rule exec-vrelop with op-ilt_u."""
    return a < b


@comparison(S16X8)
def i16x8_gt_s(a: int, b: int) -> bool:
    """`i16x8.gt_s`: rule exec-vrelop with op-igt_s."""
    return a > b


@comparison(U16X8)
def i16x8_gt_u(a: int, b: int) -> bool:
    """`i16x8.gt_u`: rule exec-vrelop with op-igt_u."""
    return a > b


@comparison(S16X8)
def i16x8_le_s(a: int, b: int) -> bool:
    """`i16x8.le_s`: rule exec-vrelop with op-ile_s."""
    return a <= b


@comparison(U16X8)
def i16x8_le_u(a: int, b: int) -> bool:
    """`i16x8.le_u`: rule exec-vrelop with op-ile_u."""
    return a <= b


@comparison(S16X8)
def i16x8_ge_s(a: int, b: int) -> bool:
    """`i16x8.ge_s`: rule exec-vrelop with op-ige_s."""
    return a >= b


@comparison(U16X8)
def i16x8_ge_u(a: int, b: int) -> bool:
    """`i16x8.ge_u`: rule exec-vrelop with op-ige_u."""
    return a >= b


def i16x8_all_true(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.all_true`: rule exec-vtestop with op-inez."""
    stack[-1] = 1 if all(U16X8.unpack(stack[-1])) else 0


def i16x8_bitmask(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.bitmask`: rule exec-vbitmask."""
    stack[-1] = bitmask(S16X8.unpack(stack[-1]))


# -- arithmetic ------------------------------------------------------------------------------------


@unary(U16X8)
def i16x8_abs(a: int) -> int:
    """`i16x8.abs`: rule exec-vunop with op-iabs. The least number stays."""
    return min(a, -a & 0xFFFF)


@unary(U16X8)
def i16x8_neg(a: int) -> int:
    """`i16x8.neg`: rule exec-vunop with op-ineg."""
    return -a & 0xFFFF


@shift(U16X8)
def i16x8_shl(a: int, count: int) -> int:
    """`i16x8.shl`: rule exec-vshiftop with op-ishl."""
    return a << count & 0xFFFF


@shift(S16X8)
def i16x8_shr_s(a: int, count: int) -> int:
    """`i16x8.shr_s`: rule exec-vshiftop with op-ishr_s."""
    return a >> count


@shift(U16X8)
def i16x8_shr_u(a: int, count: int) -> int:
    """`i16x8.shr_u`: rule exec-vshiftop with op-ishr_u."""
    return a >> count


@binary(U16X8)
def i16x8_add(a: int, b: int) -> int:
    """`i16x8.add`: rule exec-vbinop with op-iadd."""
    return a + b & 0xFFFF


@binary(S16X8)
def i16x8_add_sat_s(a: int, b: int) -> int:
    """`i16x8.add_sat_s`: rule exec-vbinop with op-iadd_sat_s."""
    return S16X8.saturate(a + b)


@binary(U16X8)
def i16x8_add_sat_u(a: int, b: int) -> int:
    """`i16x8.add_sat_u`: rule exec-vbinop with op-iadd_sat_u."""
    return U16X8.saturate(a + b)


@binary(U16X8)
def i16x8_sub(a: int, b: int) -> int:
    """`i16x8.sub`: rule exec-vbinop with op-isub."""
    return a - b & 0xFFFF


@binary(S16X8)
def i16x8_sub_sat_s(a: int, b: int) -> int:
    """`i16x8.sub_sat_s`: rule exec-vbinop with op-isub_sat_s."""
    return S16X8.saturate(a - b)


@binary(U16X8)
def i16x8_sub_sat_u(a: int, b: int) -> int:
    """`i16x8.sub_sat_u`: rule exec-vbinop with op-isub_sat_u."""
    return U16X8.saturate(a - b)


@binary(U16X8)
def i16x8_mul(a: int, b: int) -> int:
    """`i16x8.mul`: rule exec-vbinop with op-imul."""
    return a * b & 0xFFFF


@binary(S16X8)
def i16x8_min_s(a: int, b: int) -> int:
    """`i16x8.min_s`: rule exec-vbinop with op-imin_s."""
    return min(a, b)


@binary(U16X8)
def i16x8_min_u(a: int, b: int) -> int:
    """`i16x8.min_u`: rule exec-vbinop with op-imin_u."""
    return min(a, b)


@binary(S16X8)
def i16x8_max_s(a: int, b: int) -> int:
    """`i16x8.max_s`: rule exec-vbinop with op-imax_s."""
    return max(a, b)


@binary(U16X8)
def i16x8_max_u(a: int, b: int) -> int:
    """`i16x8.max_u`: rule exec-vbinop with op-imax_u."""
    return max(a, b)


@binary(U16X8)
def i16x8_avgr_u(a: int, b: int) -> int:
    """`i16x8.avgr_u`: rule exec-vbinop with op-iavgr_u."""
    return iavgr_u(a, b)


@binary(S16X8)
def i16x8_q15mulr_sat_s(a: int, b: int) -> int:
    """`i16x8.q15mulr_sat_s`: rule exec-vbinop with op-iq15mulrsat_s."""
    return iq15mulr_sat_s(a, b)


# -- from i8x16 ------------------------------------------------------------------------------------


def i16x8_extadd_pairwise_i8x16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extadd_pairwise_i8x16_s`: rule exec-vextunop with op-extend_s."""
    stack[-1] = S16X8.pack(*add_pairs(S8X16.unpack(stack[-1])))


def i16x8_extadd_pairwise_i8x16_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extadd_pairwise_i8x16_u`: rule exec-vextunop with op-extend_u."""
    stack[-1] = U16X8.pack(*add_pairs(U8X16.unpack(stack[-1])))


def i16x8_extend_low_i8x16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extend_low_i8x16_s`: rule exec-vcvtop with op-extend_s."""
    stack[-1] = S16X8.pack(*S8X16.unpack(stack[-1])[:8])


def i16x8_extend_high_i8x16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extend_high_i8x16_s`: rule exec-vcvtop with op-extend_s."""
    stack[-1] = S16X8.pack(*S8X16.unpack(stack[-1])[8:])


def i16x8_extend_low_i8x16_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extend_low_i8x16_u`: rule exec-vcvtop with op-extend_u."""
    stack[-1] = U16X8.pack(*U8X16.unpack(stack[-1])[:8])


def i16x8_extend_high_i8x16_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extend_high_i8x16_u`: rule exec-vcvtop with op-extend_u."""
    stack[-1] = U16X8.pack(*U8X16.unpack(stack[-1])[8:])


def i16x8_extmul_low_i8x16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extmul_low_i8x16_s`: rule exec-vextbinop with op-extend_s and op-imul."""
    right = S8X16.unpack(stack.pop())[:8]
    stack[-1] = S16X8.pack(*multiply(S8X16.unpack(stack[-1])[:8], right))


def i16x8_extmul_high_i8x16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extmul_high_i8x16_s`: rule exec-vextbinop with op-extend_s and op-imul."""
    right = S8X16.unpack(stack.pop())[8:]
    stack[-1] = S16X8.pack(*multiply(S8X16.unpack(stack[-1])[8:], right))


def i16x8_extmul_low_i8x16_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extmul_low_i8x16_u`: rule exec-vextbinop with op-extend_u and op-imul."""
    right = U8X16.unpack(stack.pop())[:8]
    stack[-1] = U16X8.pack(*multiply(U8X16.unpack(stack[-1])[:8], right))


def i16x8_extmul_high_i8x16_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.extmul_high_i8x16_u`: rule exec-vextbinop with op-extend_u and op-imul."""
    right = U8X16.unpack(stack.pop())[8:]
    stack[-1] = U16X8.pack(*multiply(U8X16.unpack(stack[-1])[8:], right))


# -- from i32x4 ------------------------------------------------------------------------------------


def i16x8_narrow_i32x4_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.narrow_i32x4_s`: rule exec-vnarrow with op-narrow_s."""
    right = S32X4.unpack(stack.pop())
    stack[-1] = narrow(S16X8, *S32X4.unpack(stack[-1]), *right)


def i16x8_narrow_i32x4_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.narrow_i32x4_u`: rule exec-vnarrow with op-narrow_u."""
    right = S32X4.unpack(stack.pop())
    stack[-1] = narrow(U16X8, *S32X4.unpack(stack[-1]), *right)
