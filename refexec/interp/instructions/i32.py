"""Instructions of i32, one function each: arithmetic, comparison, conversion (4.6.2).

Each takes its operands from `stack`, computes, and leaves its result there. Values are unsigned;
signed instructions say so themselves. Operators longer than an expression are in
`refexec.interp.numerics`; loads and stores are in `refexec.interp.instructions.memory`.
"""

from __future__ import annotations

from typing import Any

from refexec.errors import TrapError
from refexec.interp.machine import Frame
from refexec.interp.numerics import (
    iclz,
    ictz,
    idiv_s,
    iextend,
    irem_s,
    irotl,
    trunc_s,
    trunc_sat_s,
    trunc_sat_u,
    trunc_u,
)
from refexec.interp.values import MASK32, SIGN32, f32_to_bits, signed32
from refexec.trap import TrapCause


def i32_eqz(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.eqz`: rule exec-testop with op-ieqz."""
    stack[-1] = 0 if stack[-1] else 1


def i32_eq(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.eq`: rule exec-relop with op-ieq."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] == right else 0


def i32_ne(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.ne`: rule exec-relop with op-ine."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] != right else 0


def i32_lt_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.lt_s`: rule exec-relop with op-ilt_s."""
    right = stack.pop() ^ SIGN32
    stack[-1] = 1 if stack[-1] ^ SIGN32 < right else 0


def i32_lt_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.lt_u`: rule exec-relop with op-ilt_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] < right else 0


def i32_gt_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.gt_s`: rule exec-relop with op-igt_s."""
    right = stack.pop() ^ SIGN32
    stack[-1] = 1 if stack[-1] ^ SIGN32 > right else 0


def i32_gt_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.gt_u`: rule exec-relop with op-igt_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] > right else 0


def i32_le_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.le_s`: rule exec-relop with op-ile_s."""
    right = stack.pop() ^ SIGN32
    stack[-1] = 1 if stack[-1] ^ SIGN32 <= right else 0


def i32_le_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.le_u`: rule exec-relop with op-ile_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] <= right else 0


def i32_ge_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.ge_s`: rule exec-relop with op-ige_s."""
    right = stack.pop() ^ SIGN32
    stack[-1] = 1 if stack[-1] ^ SIGN32 >= right else 0


def i32_ge_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.ge_u`: rule exec-relop with op-ige_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] >= right else 0


def i32_clz(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.clz`: rule exec-unop with op-iclz."""
    stack[-1] = iclz(stack[-1], 32)


def i32_ctz(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.ctz`: rule exec-unop with op-ictz."""
    stack[-1] = ictz(stack[-1], 32)


def i32_popcnt(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.popcnt`: rule exec-unop with op-ipopcnt."""
    stack[-1] = stack[-1].bit_count()


def i32_add(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.add`: rule exec-binop with op-iadd."""
    right = stack.pop()
    stack[-1] = (stack[-1] + right) & MASK32


def i32_sub(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.sub`: rule exec-binop with op-isub."""
    right = stack.pop()
    stack[-1] = (stack[-1] - right) & MASK32


def i32_mul(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.mul`: rule exec-binop with op-imul."""
    right = stack.pop()
    stack[-1] = (stack[-1] * right) & MASK32


def i32_div_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.div_s`: rule exec-binop with op-idiv_s."""
    right = stack.pop()
    stack[-1] = idiv_s(stack[-1], right, 32)


def i32_div_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.div_u`: rule exec-binop with op-idiv_u."""
    right = stack.pop()
    if not right:
        raise TrapError(TrapCause.DIVIDE_BY_ZERO)
    stack[-1] //= right


def i32_rem_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.rem_s`: rule exec-binop with op-irem_s."""
    right = stack.pop()
    stack[-1] = irem_s(stack[-1], right, 32)


def i32_rem_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.rem_u`: rule exec-binop with op-irem_u."""
    right = stack.pop()
    if not right:
        raise TrapError(TrapCause.DIVIDE_BY_ZERO)
    stack[-1] %= right


def i32_and(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.and`: rule exec-binop with op-iand."""
    right = stack.pop()
    stack[-1] &= right


def i32_or(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.or`: rule exec-binop with op-ior."""
    right = stack.pop()
    stack[-1] |= right


def i32_xor(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.xor`: rule exec-binop with op-ixor."""
    right = stack.pop()
    stack[-1] ^= right


def i32_shl(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.shl`: rule exec-binop with op-ishl."""
    right = stack.pop()
    stack[-1] = stack[-1] << right % 32 & MASK32


def i32_shr_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.shr_s`: rule exec-binop with op-ishr_s."""
    right = stack.pop()
    stack[-1] = signed32(stack[-1]) >> right % 32 & MASK32


def i32_shr_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.shr_u`: rule exec-binop with op-ishr_u."""
    right = stack.pop()
    stack[-1] >>= right % 32


def i32_rotl(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.rotl`: rule exec-binop with op-irotl."""
    right = stack.pop()
    stack[-1] = irotl(stack[-1], right, 32)


def i32_rotr(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.rotr`: rule exec-binop with op-irotr."""
    right = stack.pop()
    stack[-1] = irotl(stack[-1], -right, 32)


def i32_extend8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.extend8_s`: rule exec-unop with op-iextend_s."""
    stack[-1] = iextend(stack[-1], 8, 32)


def i32_extend16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.extend16_s`: rule exec-unop with op-iextend_s."""
    stack[-1] = iextend(stack[-1], 16, 32)


def i32_wrap_i64(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.wrap_i64`: rule exec-cvtop with op-wrap."""
    stack[-1] &= MASK32


def i32_trunc_f32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_f32_s`: rule exec-cvtop with op-trunc_s."""
    stack[-1] = trunc_s(stack[-1], 32)


def i32_trunc_f32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_f32_u`: rule exec-cvtop with op-trunc_u."""
    stack[-1] = trunc_u(stack[-1], 32)


def i32_trunc_f64_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_f64_s`: rule exec-cvtop with op-trunc_s."""
    stack[-1] = trunc_s(stack[-1], 32)


def i32_trunc_f64_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_f64_u`: rule exec-cvtop with op-trunc_u."""
    stack[-1] = trunc_u(stack[-1], 32)


def i32_trunc_sat_f32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_sat_f32_s`: rule exec-cvtop with op-trunc_sat_s."""
    stack[-1] = trunc_sat_s(stack[-1], 32)


def i32_trunc_sat_f32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_sat_f32_u`: rule exec-cvtop with op-trunc_sat_u."""
    stack[-1] = trunc_sat_u(stack[-1], 32)


def i32_trunc_sat_f64_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_sat_f64_s`: rule exec-cvtop with op-trunc_sat_s."""
    stack[-1] = trunc_sat_s(stack[-1], 32)


def i32_trunc_sat_f64_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.trunc_sat_f64_u`: rule exec-cvtop with op-trunc_sat_u."""
    stack[-1] = trunc_sat_u(stack[-1], 32)


def i32_reinterpret_f32(frame: Frame, stack: list[Any], _: None) -> None:
    """`i32.reinterpret_f32`: rule exec-cvtop with op-reinterpret."""
    stack[-1] = f32_to_bits(stack[-1])
