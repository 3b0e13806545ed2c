"""Instructions of f64, one function each: arithmetic, comparison, conversion (4.6.2).

Each takes its operands from `stack`, computes, and leaves its result there. A NaN result of an
arithmetic instruction is the canonical one. Operators longer than an expression are in
`refexec.interp.numerics`; loads and stores are in `refexec.interp.instructions.memory`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.machine import Frame
from refexec.interp.numerics import (
    fabs64,
    fceil,
    fcopysign64,
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
from refexec.interp.values import NAN, f64_from_bits, signed32, signed64


def f64_eq(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.eq`: rule exec-relop with op-feq."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] == right else 0


def f64_ne(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.ne`: rule exec-relop with op-fne."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] != right else 0


def f64_lt(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.lt`: rule exec-relop with op-flt."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] < right else 0


def f64_gt(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.gt`: rule exec-relop with op-fgt."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] > right else 0


def f64_le(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.le`: rule exec-relop with op-fle."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] <= right else 0


def f64_ge(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.ge`: rule exec-relop with op-fge."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] >= right else 0


def f64_abs(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.abs`: rule exec-unop with op-fabs."""
    stack[-1] = fabs64(stack[-1])


def f64_neg(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.neg`: rule exec-unop with op-fneg."""
    stack[-1] = fneg64(stack[-1])


def f64_ceil(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.ceil`: rule exec-unop with op-fceil."""
    stack[-1] = fceil(stack[-1])


def f64_floor(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.floor`: rule exec-unop with op-ffloor."""
    stack[-1] = ffloor(stack[-1])


def f64_trunc(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.trunc`: rule exec-unop with op-ftrunc."""
    stack[-1] = ftrunc(stack[-1])


def f64_nearest(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.nearest`: rule exec-unop with op-fnearest."""
    stack[-1] = fnearest(stack[-1])


def f64_sqrt(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.sqrt`: rule exec-unop with op-fsqrt."""
    stack[-1] = fsqrt(stack[-1])


def f64_add(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.add`: rule exec-binop with op-fadd."""
    right = stack.pop()
    result = stack[-1] + right
    stack[-1] = result if result == result else NAN


def f64_sub(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.sub`: rule exec-binop with op-fsub."""
    right = stack.pop()
    result = stack[-1] - right
    stack[-1] = result if result == result else NAN


def f64_mul(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.mul`: rule exec-binop with op-fmul."""
    right = stack.pop()
    result = stack[-1] * right
    stack[-1] = result if result == result else NAN


def f64_div(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.div`: rule exec-binop with op-fdiv."""
    right = stack.pop()
    result = fdiv(stack[-1], right)
    stack[-1] = result if result == result else NAN


def f64_min(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.min`: rule exec-binop with op-fmin."""
    right = stack.pop()
    stack[-1] = fmin(stack[-1], right)


def f64_max(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.max`: rule exec-binop with op-fmax."""
    right = stack.pop()
    stack[-1] = fmax(stack[-1], right)


def f64_copysign(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.copysign`: rule exec-binop with op-fcopysign."""
    right = stack.pop()
    stack[-1] = fcopysign64(stack[-1], right)


def f64_convert_i32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.convert_i32_s`: rule exec-cvtop with op-convert_s."""
    stack[-1] = float(signed32(stack[-1]))


def f64_convert_i32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.convert_i32_u`: rule exec-cvtop with op-convert_u."""
    stack[-1] = float(stack[-1])


def f64_convert_i64_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.convert_i64_s`: rule exec-cvtop with op-convert_s."""
    stack[-1] = float(signed64(stack[-1]))


def f64_convert_i64_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.convert_i64_u`: rule exec-cvtop with op-convert_u."""
    stack[-1] = float(stack[-1])


def f64_promote_f32(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.promote_f32`: rule exec-cvtop with op-promote."""
    stack[-1] = promote(stack[-1])


def f64_reinterpret_i64(frame: Frame, stack: list[Any], _: None) -> None:
    """`f64.reinterpret_i64`: rule exec-cvtop with op-reinterpret."""
    stack[-1] = f64_from_bits(stack[-1])
