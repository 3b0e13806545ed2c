"""Instructions of f32, one function each: arithmetic, comparison, conversion (4.6.2).

Each takes its operands from `stack`, computes, and leaves its result there. A NaN result of an
arithmetic instruction is the canonical one. Operators longer than an expression are in
`refexec.interp.numerics`; loads and stores are in `refexec.interp.instructions.memory`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.machine import Frame
from refexec.interp.numerics import (
    convert_to_f32,
    fabs32,
    fceil,
    fcopysign32,
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
from refexec.interp.values import f32_from_bits, signed32, signed64


def f32_eq(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.eq`: rule exec-relop with op-feq."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] == right else 0


def f32_ne(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.ne`: rule exec-relop with op-fne."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] != right else 0


def f32_lt(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.lt`: rule exec-relop with op-flt."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] < right else 0


def f32_gt(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.gt`: rule exec-relop with op-fgt."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] > right else 0


def f32_le(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.le`: rule exec-relop with op-fle."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] <= right else 0


def f32_ge(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.ge`: rule exec-relop with op-fge."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] >= right else 0


def f32_abs(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.abs`: rule exec-unop with op-fabs."""
    stack[-1] = fabs32(stack[-1])


def f32_neg(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.neg`: rule exec-unop with op-fneg."""
    stack[-1] = fneg32(stack[-1])


def f32_ceil(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.ceil`: rule exec-unop with op-fceil."""
    stack[-1] = fceil(stack[-1])


def f32_floor(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.floor`: rule exec-unop with op-ffloor."""
    stack[-1] = ffloor(stack[-1])


def f32_trunc(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.trunc`: rule exec-unop with op-ftrunc."""
    stack[-1] = ftrunc(stack[-1])


def f32_nearest(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.nearest`: rule exec-unop with op-fnearest."""
    stack[-1] = fnearest(stack[-1])


def f32_sqrt(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.sqrt`: rule exec-unop with op-fsqrt."""
    stack[-1] = round32(fsqrt(stack[-1]))


def f32_add(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.add`: rule exec-binop with op-fadd."""
    right = stack.pop()
    stack[-1] = round32(stack[-1] + right)


def f32_sub(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.sub`: rule exec-binop with op-fsub."""
    right = stack.pop()
    stack[-1] = round32(stack[-1] - right)


def f32_mul(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.mul`: rule exec-binop with op-fmul."""
    right = stack.pop()
    stack[-1] = round32(stack[-1] * right)


def f32_div(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.div`: rule exec-binop with op-fdiv."""
    right = stack.pop()
    stack[-1] = round32(fdiv(stack[-1], right))


def f32_min(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.min`: rule exec-binop with op-fmin."""
    right = stack.pop()
    stack[-1] = fmin(stack[-1], right)


def f32_max(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.max`: rule exec-binop with op-fmax."""
    right = stack.pop()
    stack[-1] = fmax(stack[-1], right)


def f32_copysign(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.copysign`: rule exec-binop with op-fcopysign."""
    right = stack.pop()
    stack[-1] = fcopysign32(stack[-1], right)


def f32_convert_i32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.convert_i32_s`: rule exec-cvtop with op-convert_s."""
    stack[-1] = convert_to_f32(signed32(stack[-1]))


def f32_convert_i32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.convert_i32_u`: rule exec-cvtop with op-convert_u."""
    stack[-1] = convert_to_f32(stack[-1])


def f32_convert_i64_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.convert_i64_s`: rule exec-cvtop with op-convert_s."""
    stack[-1] = convert_to_f32(signed64(stack[-1]))


def f32_convert_i64_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.convert_i64_u`: rule exec-cvtop with op-convert_u."""
    stack[-1] = convert_to_f32(stack[-1])


def f32_demote_f64(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.demote_f64`: rule exec-cvtop with op-demote."""
    stack[-1] = round32(stack[-1])


def f32_reinterpret_i32(frame: Frame, stack: list[Any], _: None) -> None:
    """`f32.reinterpret_i32`: rule exec-cvtop with op-reinterpret."""
    stack[-1] = f32_from_bits(stack[-1])
