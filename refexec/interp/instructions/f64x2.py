"""Vector instructions of f64x2, one function each (Execution, vector instructions).

`refexec.interp.instructions.lanewise` applies a function of lanes to whole vectors. A NaN that
arithmetic gives is the canonical one; `abs`, `neg`, `pmin`, `pmax` and moving lanes keep every
bit. Relaxed instructions are in `refexec.interp.instructions.relaxed`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, comparison, conversion, unary
from refexec.interp.machine import Frame
from refexec.interp.numerics import (
    canonical,
    fabs64,
    fceil,
    fdiv,
    ffloor,
    fmax,
    fmin,
    fnearest,
    fneg64,
    fsqrt,
    ftrunc,
    promote,
)
from refexec.interp.vectors import F32X4, F64X2, S32X4, U32X4, fpmax, fpmin

# -- lanes -----------------------------------------------------------------------------------------


def f64x2_splat(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64x2.splat`: rule exec-vsplat."""
    stack[-1] = F64X2.splat(stack[-1])


def f64x2_extract_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`f64x2.extract_lane`: rule exec-vextract_lane."""
    stack[-1] = F64X2.unpack(stack[-1])[lane]


def f64x2_replace_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`f64x2.replace_lane`: rule exec-vreplace_lane."""
    value = stack.pop()
    stack[-1] = F64X2.replace(stack[-1], lane, value)


# -- comparison ------------------------------------------------------------------------------------


@comparison(F64X2)
def f64x2_eq(a: float, b: float) -> bool:
    """`f64x2.eq`: rule exec-vrelop with op-feq."""
    return a == b


@comparison(F64X2)
def f64x2_ne(a: float, b: float) -> bool:
    """`f64x2.ne`: rule exec-vrelop with op-fne."""
    return a != b


@comparison(F64X2)
def f64x2_lt(a: float, b: float) -> bool:
    """`f64x2.lt`: rule exec-vrelop with op-flt."""
    return a < b


@comparison(F64X2)
def f64x2_gt(a: float, b: float) -> bool:
    """`f64x2.gt`: rule exec-vrelop with op-fgt."""
    return a > b


@comparison(F64X2)
def f64x2_le(a: float, b: float) -> bool:
    """`f64x2.le`: rule exec-vrelop with op-fle."""
    return a <= b


@comparison(F64X2)
def f64x2_ge(a: float, b: float) -> bool:
    """`f64x2.ge`: rule exec-vrelop with op-fge."""
    return a >= b


# -- arithmetic ------------------------------------------------------------------------------------


@unary(F64X2)
def f64x2_abs(a: float) -> float:
    """`f64x2.abs`: rule exec-vunop with op-fabs."""
    return fabs64(a)


@unary(F64X2)
def f64x2_neg(a: float) -> float:
    """`f64x2.neg`: rule exec-vunop with op-fneg."""
    return fneg64(a)


@unary(F64X2)
def f64x2_sqrt(a: float) -> float:
    """`f64x2.sqrt`: rule exec-vunop with op-fsqrt."""
    return fsqrt(a)


@unary(F64X2)
def f64x2_ceil(a: float) -> float:
    """`f64x2.ceil`: rule exec-vunop with op-fceil."""
    return fceil(a)


@unary(F64X2)
def f64x2_floor(a: float) -> float:
    """`f64x2.floor`: rule exec-vunop with op-ffloor."""
    return ffloor(a)


@unary(F64X2)
def f64x2_trunc(a: float) -> float:
    """`f64x2.trunc`: rule exec-vunop with op-ftrunc."""
    return ftrunc(a)


@unary(F64X2)
def f64x2_nearest(a: float) -> float:
    """`f64x2.nearest`: rule exec-vunop with op-fnearest."""
    return fnearest(a)


@binary(F64X2)
def f64x2_add(a: float, b: float) -> float:
    """`f64x2.add`: rule exec-vbinop with op-fadd."""
    return canonical(a + b)


@binary(F64X2)
def f64x2_sub(a: float, b: float) -> float:
    """`f64x2.sub`: rule exec-vbinop with op-fsub."""
    return canonical(a - b)


@binary(F64X2)
def f64x2_mul(a: float, b: float) -> float:
    """`f64x2.mul`: rule exec-vbinop with op-fmul."""
    return canonical(a * b)


@binary(F64X2)
def f64x2_div(a: float, b: float) -> float:
    """`f64x2.div`: rule exec-vbinop with op-fdiv."""
    return canonical(fdiv(a, b))


@binary(F64X2)
def f64x2_min(a: float, b: float) -> float:
    """`f64x2.min`: rule exec-vbinop with op-fmin."""
    return fmin(a, b)


@binary(F64X2)
def f64x2_max(a: float, b: float) -> float:
    """`f64x2.max`: rule exec-vbinop with op-fmax."""
    return fmax(a, b)


@binary(F64X2)
def f64x2_pmin(a: float, b: float) -> float:
    """`f64x2.pmin`: rule exec-vbinop with op-fpmin."""
    return fpmin(a, b)


@binary(F64X2)
def f64x2_pmax(a: float, b: float) -> float:
    """`f64x2.pmax`: rule exec-vbinop with op-fpmax."""
    return fpmax(a, b)


# -- conversion ------------------------------------------------------------------------------------


@conversion(S32X4, F64X2)
def f64x2_convert_low_i32x4_s(a: int) -> float:
    """`f64x2.convert_low_i32x4_s`: rule exec-vcvtop with op-convert_s."""
    return float(a)


@conversion(U32X4, F64X2)
def f64x2_convert_low_i32x4_u(a: int) -> float:
    """`f64x2.convert_low_i32x4_u`: rule exec-vcvtop with op-convert_u."""
    return float(a)


@conversion(F32X4, F64X2)
def f64x2_promote_low_f32x4(a: float) -> float:
    """`f64x2.promote_low_f32x4`: rule exec-vcvtop with op-promote."""
    return promote(a)
