"""Relaxed vector instructions of every shape, one function each (Execution, vector instructions).

Where the specification (Execution 4.3, relaxed operations) lets an implementation choose, this one
always chooses as the deterministic profile does: outcome 0 of every parameter. So a relaxed
instruction does what its strict sibling does, on every machine.

====================  ==============================  =====================================
parameter             decides                         choice
====================  ==============================  =====================================
R_fmadd               is `a * b + c` rounded once?    twice: not fused
R_fmin, R_fmax        NaNs, zeros of unlike sign      as `min` and `max`
R_idot                is the second operand signed?   signed
R_iq15mulr            -1 times -1                     saturates, as `q15mulr_sat_s`
R_trunc_s, R_trunc_u  NaN, numbers out of range       saturate, as `trunc_sat`
R_swizzle             indices from 16 to 127          give 0, as `swizzle`
R_laneselect          what selects                    every bit of the mask, as `bitselect`
====================  ==============================  =====================================
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, conversion, ternary
from refexec.interp.machine import Frame
from refexec.interp.numerics import canonical, fmax, fmin, round32, trunc_sat_s, trunc_sat_u
from refexec.interp.values import MASK32
from refexec.interp.vectors import (
    F32X4,
    F64X2,
    S8X16,
    S16X8,
    U32X4,
    add_pairs,
    bitselect,
    iq15mulr_sat_s,
    multiply,
    swizzle,
)


def _dot(left: bytes, right: bytes) -> list[int]:
    """Multiply signed bytes, add neighbours, and saturate the sums to 16 bits."""
    sums = add_pairs(multiply(S8X16.unpack(left), S8X16.unpack(right)))
    return list(map(S16X8.saturate, sums))


# -- integers --------------------------------------------------------------------------------------


def i8x16_relaxed_swizzle(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.relaxed_swizzle`: rule exec-vswizzlop with op-irelaxed_swizzle.

    An index that is out of range gives 0.
    """
    indices = stack.pop()
    stack[-1] = swizzle(stack[-1], indices)


def i8x16_relaxed_laneselect(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.relaxed_laneselect`: rule exec-vternop with op-irelaxed_laneselect.

    Every bit of the mask counts.
    """
    mask, right = stack.pop(), stack.pop()
    stack[-1] = bitselect(stack[-1], right, mask)


def i16x8_relaxed_laneselect(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.relaxed_laneselect`: rule exec-vternop with op-irelaxed_laneselect.

    Every bit of the mask counts.
    """
    mask, right = stack.pop(), stack.pop()
    stack[-1] = bitselect(stack[-1], right, mask)


def i32x4_relaxed_laneselect(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.relaxed_laneselect`: rule exec-vternop with op-irelaxed_laneselect.

    Every bit of the mask counts.
    """
    mask, right = stack.pop(), stack.pop()
    stack[-1] = bitselect(stack[-1], right, mask)


def i64x2_relaxed_laneselect(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.relaxed_laneselect`: rule exec-vternop with op-irelaxed_laneselect.

    Every bit of the mask counts.
    """
    mask, right = stack.pop(), stack.pop()
    stack[-1] = bitselect(stack[-1], right, mask)


@binary(S16X8)
def i16x8_relaxed_q15mulr_s(a: int, b: int) -> int:
    """`i16x8.relaxed_q15mulr_s`: rule exec-vbinop with op-irelaxed_q15mulr_s.

    -1 times -1 saturates.
    """
    return iq15mulr_sat_s(a, b)


def i16x8_relaxed_dot_i8x16_i7x16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i16x8.relaxed_dot_i8x16_i7x16_s`: rule exec-vextbinop with op-irelaxed_dot_mul.

    Both operands are signed.
    """
    right = stack.pop()
    stack[-1] = S16X8.pack(*_dot(stack[-1], right))


def i32x4_relaxed_dot_i8x16_i7x16_add_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32x4.relaxed_dot_i8x16_i7x16_add_s`: rule exec-vextternop with op-irelaxed_dot_mul.

    Both operands are signed, and so are the sums of pairs, which saturate before they are added.
    """
    addend, right = U32X4.unpack(stack.pop()), stack.pop()
    sums = add_pairs(_dot(stack[-1], right))
    stack[-1] = U32X4.pack(*(a + b & MASK32 for a, b in zip(sums, addend, strict=True)))


# -- conversion ------------------------------------------------------------------------------------


@conversion(F32X4, U32X4)
def i32x4_relaxed_trunc_f32x4_s(a: float) -> int:
    """`i32x4.relaxed_trunc_f32x4_s`: rule exec-vcvtop with op-relaxed_trunc_s.

    NaN gives 0, a number out of range the nearest one in range.
    """
    return trunc_sat_s(a, 32)


@conversion(F32X4, U32X4)
def i32x4_relaxed_trunc_f32x4_u(a: float) -> int:
    """`i32x4.relaxed_trunc_f32x4_u`: rule exec-vcvtop with op-relaxed_trunc_u.

    NaN gives 0, a number out of range the nearest one in range.
    """
    return trunc_sat_u(a, 32)


@conversion(F64X2, U32X4)
def i32x4_relaxed_trunc_f64x2_s_zero(a: float) -> int:
    """`i32x4.relaxed_trunc_f64x2_s_zero`: rule exec-vcvtop with op-relaxed_trunc_s.

    NaN gives 0, a number out of range the nearest one in range.
    """
    return trunc_sat_s(a, 32)


@conversion(F64X2, U32X4)
def i32x4_relaxed_trunc_f64x2_u_zero(a: float) -> int:
    """`i32x4.relaxed_trunc_f64x2_u_zero`: rule exec-vcvtop with op-relaxed_trunc_u.

    NaN gives 0, a number out of range the nearest one in range.
    """
    return trunc_sat_u(a, 32)


# -- floats ----------------------------------------------------------------------------------------


@ternary(F32X4)
def f32x4_relaxed_madd(a: float, b: float, c: float) -> float:
    """`f32x4.relaxed_madd`: rule exec-vternop with op-frelaxed_madd.

    Not fused: the product is rounded, then the sum.
    """
    return round32(round32(a * b) + c)


@ternary(F32X4)
def f32x4_relaxed_nmadd(a: float, b: float, c: float) -> float:
    """`f32x4.relaxed_nmadd`: rule exec-vternop with op-frelaxed_nmadd.

    Not fused: the product is rounded, then the sum.
    """
    return round32(round32(-a * b) + c)


@binary(F32X4)
def f32x4_relaxed_min(a: float, b: float) -> float:
    """`f32x4.relaxed_min`: rule exec-vbinop with op-frelaxed_min.

    As `f32x4.min`, also for NaNs and zeros.
    """
    return fmin(a, b)


@binary(F32X4)
def f32x4_relaxed_max(a: float, b: float) -> float:
    """`f32x4.relaxed_max`: rule exec-vbinop with op-frelaxed_max.

    As `f32x4.max`, also for NaNs and zeros.
    """
    return fmax(a, b)


@ternary(F64X2)
def f64x2_relaxed_madd(a: float, b: float, c: float) -> float:
    """`f64x2.relaxed_madd`: rule exec-vternop with op-frelaxed_madd.

    Not fused: the product is rounded, then the sum.
    """
    return canonical(a * b + c)


@ternary(F64X2)
def f64x2_relaxed_nmadd(a: float, b: float, c: float) -> float:
    """`f64x2.relaxed_nmadd`: rule exec-vternop with op-frelaxed_nmadd.

    Not fused: the product is rounded, then the sum.
    """
    return canonical(-a * b + c)


@binary(F64X2)
def f64x2_relaxed_min(a: float, b: float) -> float:
    """`f64x2.relaxed_min`: rule exec-vbinop with op-frelaxed_min.

    As `f64x2.min`, also for NaNs and zeros.
    """
    return fmin(a, b)


@binary(F64X2)
def f64x2_relaxed_max(a: float, b: float) -> float:
    """`f64x2.relaxed_max`: rule exec-vbinop with op-frelaxed_max.

    As `f64x2.max`, also for NaNs and zeros.
    """
    return fmax(a, b)
