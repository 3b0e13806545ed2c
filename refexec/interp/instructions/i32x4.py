"""Vector instructions of i32x4, one function each (Execution, vector instructions).

Lanes are read as signed or unsigned numbers, as suits the instruction (`refexec.interp.vectors`);
`refexec.interp.instructions.lanewise` applies a function of lanes to whole vectors. Relaxed
instructions are in `refexec.interp.instructions.relaxed`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, comparison, conversion, shift, unary
from refexec.interp.machine import Frame
from refexec.interp.numerics import trunc_sat_s, trunc_sat_u
from refexec.interp.values import MASK32
from refexec.interp.vectors import (
    F32X4,
    F64X2,
    S16X8,
    S32X4,
    U16X8,
    U32X4,
    add_pairs,
    bitmask,
    multiply,
)

# -- lanes -----------------------------------------------------------------------------------------


def i32x4_splat(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.splat`: rule exec-vsplat."""
    stack[-1] = U32X4.splat(stack[-1])


def i32x4_extract_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i32x4.extract_lane`: rule exec-vextract_lane."""
    stack[-1] = U32X4.unpack(stack[-1])[lane]


def i32x4_replace_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i32x4.replace_lane`: rule exec-vreplace_lane."""
    value = stack.pop()
    stack[-1] = U32X4.replace(stack[-1], lane, value)


# -- comparison ------------------------------------------------------------------------------------


@comparison(U32X4)
def i32x4_eq(a: int, b: int) -> bool:
    """`i32x4.eq`: rule exec-vrelop with op-ieq."""
    return a == b


@comparison(U32X4)
def i32x4_ne(a: int, b: int) -> bool:
    """`i32x4.ne`: rule exec-vrelop with op-ine."""
    return a != b


@comparison(S32X4)
def i32x4_lt_s(a: int, b: int) -> bool:
    """`i32x4.lt_s`: rule exec-vrelop with op-ilt_s."""
    return a < b


@comparison(U32X4)
def i32x4_lt_u(a: int, b: int) -> bool:
    """`i32x4.lt_u`: rule exec-vrelop with op-ilt_u."""
    return a < b


@comparison(S32X4)
def i32x4_gt_s(a: int, b: int) -> bool:
    """`i32x4.gt_s`: rule exec-vrelop with op-igt_s."""
    return a > b


@comparison(U32X4)
def i32x4_gt_u(a: int, b: int) -> bool:
    """`i32x4.gt_u`: rule exec-vrelop with op-igt_u."""
    return a > b


@comparison(S32X4)
def i32x4_le_s(a: int, b: int) -> bool:
    """`i32x4.le_s`: rule exec-vrelop with op-ile_s."""
    return a <= b


@comparison(U32X4)
def i32x4_le_u(a: int, b: int) -> bool:
    """`i32x4.le_u`: rule exec-vrelop with op-ile_u."""
    return a <= b


@comparison(S32X4)
def i32x4_ge_s(a: int, b: int) -> bool:
    """`i32x4.ge_s`: rule exec-vrelop with op-ige_s."""
    return a >= b


@comparison(U32X4)
def i32x4_ge_u(a: int, b: int) -> bool:
    """`i32x4.ge_u`: rule exec-vrelop with op-ige_u."""
    return a >= b


def i32x4_all_true(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.all_true`: rule exec-vtestop with op-inez."""
    stack[-1] = 1 if all(U32X4.unpack(stack[-1])) else 0


def i32x4_bitmask(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.bitmask`: rule exec-vbitmask."""
    stack[-1] = bitmask(S32X4.unpack(stack[-1]))


# -- arithmetic ------------------------------------------------------------------------------------


@unary(U32X4)
def i32x4_abs(a: int) -> int:
    """`i32x4.abs`: rule exec-vunop with op-iabs. The least number stays."""
    return min(a, -a & MASK32)


@unary(U32X4)
def i32x4_neg(a: int) -> int:
    """`i32x4.neg`: rule exec-vunop with op-ineg."""
    return -a & MASK32


@shift(U32X4)
def i32x4_shl(a: int, count: int) -> int:
    """`i32x4.shl`: rule exec-vshiftop with op-ishl."""
    return a << count & MASK32


@shift(S32X4)
def i32x4_shr_s(a: int, count: int) -> int:
    """`i32x4.shr_s`: rule exec-vshiftop with op-ishr_s."""
    return a >> count


@shift(U32X4)
def i32x4_shr_u(a: int, count: int) -> int:
    """`i32x4.shr_u`: rule exec-vshiftop with op-ishr_u."""
    return a >> count


@binary(U32X4)
def i32x4_add(a: int, b: int) -> int:
    """`i32x4.add`: rule exec-vbinop with op-iadd."""
    return a + b & MASK32


@binary(U32X4)
def i32x4_sub(a: int, b: int) -> int:
    """`i32x4.sub`: rule exec-vbinop with op-isub."""
    return a - b & MASK32


@binary(U32X4)
def i32x4_mul(a: int, b: int) -> int:
    """`i32x4.mul`: rule exec-vbinop with op-imul."""
    return a * b & MASK32


@binary(S32X4)
def i32x4_min_s(a: int, b: int) -> int:
    """`i32x4.min_s`: rule exec-vbinop with op-imin_s."""
    return min(a, b)


@binary(U32X4)
def i32x4_min_u(a: int, b: int) -> int:
    """`i32x4.min_u`: rule exec-vbinop with op-imin_u."""
    return min(a, b)


@binary(S32X4)
def i32x4_max_s(a: int, b: int) -> int:
    """`i32x4.max_s`: rule exec-vbinop with op-imax_s."""
    return max(a, b)


@binary(U32X4)
def i32x4_max_u(a: int, b: int) -> int:
    """`i32x4.max_u`: rule exec-vbinop with op-imax_u."""
    return max(a, b)


# -- from i16x8 ------------------------------------------------------------------------------------


def i32x4_extadd_pairwise_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extadd_pairwise_i16x8_s`: rule exec-vextunop with op-extend_s."""
    stack[-1] = S32X4.pack(*add_pairs(S16X8.unpack(stack[-1])))


def i32x4_extadd_pairwise_i16x8_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extadd_pairwise_i16x8_u`: rule exec-vextunop with op-extend_u."""
    stack[-1] = U32X4.pack(*add_pairs(U16X8.unpack(stack[-1])))


def i32x4_extend_low_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extend_low_i16x8_s`: rule exec-vcvtop with op-extend_s."""
    stack[-1] = S32X4.pack(*S16X8.unpack(stack[-1])[:4])


def i32x4_extend_high_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extend_high_i16x8_s`: rule exec-vcvtop with op-extend_s."""
    stack[-1] = S32X4.pack(*S16X8.unpack(stack[-1])[4:])


def i32x4_extend_low_i16x8_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extend_low_i16x8_u`: rule exec-vcvtop with op-extend_u."""
    stack[-1] = U32X4.pack(*U16X8.unpack(stack[-1])[:4])


def i32x4_extend_high_i16x8_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extend_high_i16x8_u`: rule exec-vcvtop with op-extend_u."""
    stack[-1] = U32X4.pack(*U16X8.unpack(stack[-1])[4:])


def i32x4_extmul_low_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extmul_low_i16x8_s`: rule exec-vextbinop with op-extend_s and op-imul."""
    right = S16X8.unpack(stack.pop())[:4]
    stack[-1] = S32X4.pack(*multiply(S16X8.unpack(stack[-1])[:4], right))


def i32x4_extmul_high_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extmul_high_i16x8_s`: rule exec-vextbinop with op-extend_s and op-imul."""
    right = S16X8.unpack(stack.pop())[4:]
    stack[-1] = S32X4.pack(*multiply(S16X8.unpack(stack[-1])[4:], right))


def i32x4_extmul_low_i16x8_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extmul_low_i16x8_u`: rule exec-vextbinop with op-extend_u and op-imul."""
    right = U16X8.unpack(stack.pop())[:4]
    stack[-1] = U32X4.pack(*multiply(U16X8.unpack(stack[-1])[:4], right))


def i32x4_extmul_high_i16x8_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.extmul_high_i16x8_u`: rule exec-vextbinop with op-extend_u and op-imul."""
    right = U16X8.unpack(stack.pop())[4:]
    stack[-1] = U32X4.pack(*multiply(U16X8.unpack(stack[-1])[4:], right))


def i32x4_dot_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.dot_i16x8_s`: rule exec-vextbinop with op-imul and op-iadd."""
    right = S16X8.unpack(stack.pop())
    sums = add_pairs(multiply(S16X8.unpack(stack[-1]), right))
    # Only the sum of two times (-32768)^2 is too large, and wraps around.
    stack[-1] = U32X4.pack(*(number & MASK32 for number in sums))


# -- from floats -----------------------------------------------------------------------------------


@conversion(F32X4, U32X4)
def i32x4_trunc_sat_f32x4_s(a: float) -> int:
    """`i32x4.trunc_sat_f32x4_s`: rule exec-vcvtop with op-trunc_sat_s."""
    return trunc_sat_s(a, 32)


@conversion(F32X4, U32X4)
def i32x4_trunc_sat_f32x4_u(a: float) -> int:
    """`i32x4.trunc_sat_f32x4_u`: rule exec-vcvtop with op-trunc_sat_u."""
    return trunc_sat_u(a, 32)


@conversion(F64X2, U32X4)
def i32x4_trunc_sat_f64x2_s_zero(a: float) -> int:
    """`i32x4.trunc_sat_f64x2_s_zero`: rule exec-vcvtop with op-trunc_sat_s."""
    return trunc_sat_s(a, 32)


@conversion(F64X2, U32X4)
def i32x4_trunc_sat_f64x2_u_zero(a: float) -> int:
    """`i32x4.trunc_sat_f64x2_u_zero`: rule exec-vcvtop with op-trunc_sat_u."""
    return trunc_sat_u(a, 32)
