"""Vector instructions of f32x4, one function each (Execution, vector instructions).

`refexec.interp.instructions.lanewise` applies a function of lanes to whole vectors. A NaN that
arithmetic gives is the canonical one; `abs`, `neg`, `pmin`, `pmax` and moving lanes keep every
bit. Relaxed instructions are in `refexec.interp.instructions.relaxed`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, comparison, conversion, unary
from refexec.interp.machine import Frame
from refexec.interp.numerics import (
    convert_to_f32,
    fabs32,
    fceil,
    fdiv,
    ffloor,
    fmax,
    fmin,
    fnearest,
    fneg32,
    fsqrt,
    ftrunc,
    round32,
)
from refexec.interp.vectors import F32X4, F64X2, S32X4, U32X4, fpmax, fpmin

# -- lanes -----------------------------------------------------------------------------------------


def f32x4_splat(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32x4.splat`: rule exec-vsplat."""
    stack[-1] = F32X4.splat(stack[-1])


def f32x4_extract_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`f32x4.extract_lane`: rule exec-vextract_lane."""
    stack[-1] = F32X4.unpack(stack[-1])[lane]


def f32x4_replace_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`f32x4.replace_lane`: rule exec-vreplace_lane."""
    value = stack.pop()
    stack[-1] = F32X4.replace(stack[-1], lane, value)


# -- comparison ------------------------------------------------------------------------------------


@comparison(F32X4)
def f32x4_eq(a: float, b: float) -> bool:
    """`f32x4.eq`: rule exec-vrelop with op-feq."""
    return a == b


@comparison(F32X4)
def f32x4_ne(a: float, b: float) -> bool:
    """`f32x4.ne`: rule exec-vrelop with op-fne."""
    return a != b


@comparison(F32X4)
def f32x4_lt(a: float, b: float) -> bool:
    """`f32x4.lt`: rule exec-vrelop with op-flt."""
    return a < b


@comparison(F32X4)
def f32x4_gt(a: float, b: float) -> bool:
    """`f32x4.gt`: rule exec-vrelop with op-fgt."""
    return a > b


@comparison(F32X4)
def f32x4_le(a: float, b: float) -> bool:
    """`f32x4.le`: rule exec-vrelop with op-fle."""
    return a <= b


@comparison(F32X4)
def f32x4_ge(a: float, b: float) -> bool:
    """`f32x4.ge`: rule exec-vrelop with op-fge."""
    return a >= b


# -- arithmetic ------------------------------------------------------------------------------------


@unary(F32X4)
def f32x4_abs(a: float) -> float:
    """`f32x4.abs`: rule exec-vunop with op-fabs."""
    return fabs32(a)


@unary(F32X4)
def f32x4_neg(a: float) -> float:
    """`f32x4.neg`: rule exec-vunop with op-fneg."""
    return fneg32(a)


@unary(F32X4)
def f32x4_sqrt(a: float) -> float:
    """`f32x4.sqrt`: rule exec-vunop with op-fsqrt."""
    return round32(fsqrt(a))


@unary(F32X4)
def f32x4_ceil(a: float) -> float:
    """`f32x4.ceil`: rule exec-vunop with op-fceil."""
    return fceil(a)


@unary(F32X4)
def f32x4_floor(a: float) -> float:
    """`f32x4.floor`: rule exec-vunop with op-ffloor."""
    return ffloor(a)


@unary(F32X4)
def f32x4_trunc(a: float) -> float:
    """`f32x4.trunc`: rule exec-vunop with op-ftrunc."""
    return ftrunc(a)


@unary(F32X4)
def f32x4_nearest(a: float) -> float:
    """`f32x4.nearest`: rule exec-vunop with op-fnearest."""
    return fnearest(a)


@binary(F32X4)
def f32x4_add(a: float, b: float) -> float:
    """`f32x4.add`: rule exec-vbinop with op-fadd."""
    return round32(a + b)


@binary(F32X4)
def f32x4_sub(a: float, b: float) -> float:
    """`f32x4.sub`: rule exec-vbinop with op-fsub."""
    return round32(a - b)


@binary(F32X4)
def f32x4_mul(a: float, b: float) -> float:
    """`f32x4.mul`: rule exec-vbinop with op-fmul."""
    return round32(a * b)


@binary(F32X4)
def f32x4_div(a: float, b: float) -> float:
    """`f32x4.div`: rule exec-vbinop with op-fdiv."""
    return round32(fdiv(a, b))


@binary(F32X4)
def f32x4_min(a: float, b: float) -> float:
    """`f32x4.min`: rule exec-vbinop with op-fmin."""
    return fmin(a, b)


@binary(F32X4)
def f32x4_max(a: float, b: float) -> float:
    """`f32x4.max`: rule exec-vbinop with op-fmax."""
    return fmax(a, b)


@binary(F32X4)
def f32x4_pmin(a: float, b: float) -> float:
    """`f32x4.pmin`: rule exec-vbinop with op-fpmin."""
    return fpmin(a, b)


@binary(F32X4)
def f32x4_pmax(a: float, b: float) -> float:
    """`f32x4.pmax`: rule exec-vbinop with op-fpmax."""
    return fpmax(a, b)


# -- conversion ------------------------------------------------------------------------------------


@conversion(S32X4, F32X4)
def f32x4_convert_i32x4_s(a: int) -> float:
    """`f32x4.convert_i32x4_s`: rule exec-vcvtop with op-convert_s."""
    return convert_to_f32(a)


@conversion(U32X4, F32X4)
def f32x4_convert_i32x4_u(a: int) -> float:
    """`f32x4.convert_i32x4_u`: rule exec-vcvtop with op-convert_u."""
    return convert_to_f32(a)


@conversion(F64X2, F32X4)
def f32x4_demote_f64x2_zero(a: float) -> float:
    """`f32x4.demote_f64x2_zero`: rule exec-vcvtop with op-demote."""
    return round32(a)
