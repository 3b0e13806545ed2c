"""Instructions of i64, one function each: arithmetic, comparison, conversion (4.6.2).

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
from refexec.interp.values import MASK64, SIGN64, f64_to_bits, signed32, signed64
from refexec.trap import TrapCause


def i64_eqz(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.eqz`: rule exec-testop with op-ieqz."""
    stack[-1] = 0 if stack[-1] else 1


def i64_eq(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.eq`: rule exec-relop with op-ieq."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] == right else 0


def i64_ne(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.ne`: rule exec-relop with op-ine."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] != right else 0


def i64_lt_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.lt_s`: rule exec-relop with op-ilt_s."""
    right = stack.pop() ^ SIGN64
    stack[-1] = 1 if stack[-1] ^ SIGN64 < right else 0


def i64_lt_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.lt_u`: rule exec-relop with op-ilt_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] < right else 0


def i64_gt_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.gt_s`: rule exec-relop with op-igt_s."""
    right = stack.pop() ^ SIGN64
    stack[-1] = 1 if stack[-1] ^ SIGN64 > right else 0


def i64_gt_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.gt_u`: rule exec-relop with op-igt_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] > right else 0


def i64_le_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.le_s`: rule exec-relop with op-ile_s."""
    right = stack.pop() ^ SIGN64
    stack[-1] = 1 if stack[-1] ^ SIGN64 <= right else 0


def i64_le_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.le_u`: rule exec-relop with op-ile_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] <= right else 0


def i64_ge_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.ge_s`: rule exec-relop with op-ige_s."""
    right = stack.pop() ^ SIGN64
    stack[-1] = 1 if stack[-1] ^ SIGN64 >= right else 0


def i64_ge_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.ge_u`: rule exec-relop with op-ige_u."""
    right = stack.pop()
    stack[-1] = 1 if stack[-1] >= right else 0


def i64_clz(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.clz`: rule exec-unop with op-iclz."""
    stack[-1] = iclz(stack[-1], 64)


def i64_ctz(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.ctz`: rule exec-unop with op-ictz."""
    stack[-1] = ictz(stack[-1], 64)


def i64_popcnt(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.popcnt`: rule exec-unop with op-ipopcnt."""
    stack[-1] = stack[-1].bit_count()


def i64_add(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.add`: rule exec-binop with op-iadd."""
    right = stack.pop()
    stack[-1] = (stack[-1] + right) & MASK64


def i64_sub(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.sub`: rule exec-binop with op-isub."""
    right = stack.pop()
    stack[-1] = (stack[-1] - right) & MASK64


def i64_mul(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.mul`: rule exec-binop with op-imul."""
    right = stack.pop()
    stack[-1] = (stack[-1] * right) & MASK64


def i64_div_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.div_s`: rule exec-binop with op-idiv_s."""
    right = stack.pop()
    stack[-1] = idiv_s(stack[-1], right, 64)


def i64_div_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.div_u`: rule exec-binop with op-idiv_u."""
    right = stack.pop()
    if not right:
        raise TrapError(TrapCause.DIVIDE_BY_ZERO)
    stack[-1] //= right


def i64_rem_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.rem_s`: rule exec-binop with op-irem_s."""
    right = stack.pop()
    stack[-1] = irem_s(stack[-1], right, 64)


def i64_rem_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.rem_u`: rule exec-binop with op-irem_u."""
    right = stack.pop()
    if not right:
        raise TrapError(TrapCause.DIVIDE_BY_ZERO)
    stack[-1] %= right


def i64_and(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.and`: rule exec-binop with op-iand."""
    right = stack.pop()
    stack[-1] &= right


def i64_or(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.or`: rule exec-binop with op-ior."""
    right = stack.pop()
    stack[-1] |= right


def i64_xor(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.xor`: rule exec-binop with op-ixor."""
    right = stack.pop()
    stack[-1] ^= right


def i64_shl(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.shl`: rule exec-binop with op-ishl."""
    right = stack.pop()
    stack[-1] = stack[-1] << right % 64 & MASK64


def i64_shr_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.shr_s`: rule exec-binop with op-ishr_s."""
    right = stack.pop()
    stack[-1] = signed64(stack[-1]) >> right % 64 & MASK64


def i64_shr_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.shr_u`: rule exec-binop with op-ishr_u."""
    right = stack.pop()
    stack[-1] >>= right % 64


def i64_rotl(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.rotl`: rule exec-binop with op-irotl."""
    right = stack.pop()
    stack[-1] = irotl(stack[-1], right, 64)


def i64_rotr(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.rotr`: rule exec-binop with op-irotr."""
    right = stack.pop()
    stack[-1] = irotl(stack[-1], -right, 64)


def i64_extend8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.extend8_s`: rule exec-unop with op-iextend_s."""
    stack[-1] = iextend(stack[-1], 8, 64)


def i64_extend16_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.extend16_s`: rule exec-unop with op-iextend_s."""
    stack[-1] = iextend(stack[-1], 16, 64)


def i64_extend32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.extend32_s`: rule exec-unop with op-iextend_s."""
    stack[-1] = iextend(stack[-1], 32, 64)


def i64_extend_i32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.extend_i32_s`: rule exec-cvtop with op-extend_s."""
    stack[-1] = signed32(stack[-1]) & MASK64


def i64_extend_i32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.extend_i32_u`: rule exec-cvtop with op-extend_u."""
    # Unsigned values of i32 and i64 are held alike.


def i64_trunc_f32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_f32_s`: rule exec-cvtop with op-trunc_s."""
    stack[-1] = trunc_s(stack[-1], 64)


def i64_trunc_f32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_f32_u`: rule exec-cvtop with op-trunc_u."""
    stack[-1] = trunc_u(stack[-1], 64)


def i64_trunc_f64_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_f64_s`: rule exec-cvtop with op-trunc_s."""
    stack[-1] = trunc_s(stack[-1], 64)


def i64_trunc_f64_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_f64_u`: rule exec-cvtop with op-trunc_u."""
    stack[-1] = trunc_u(stack[-1], 64)


def i64_trunc_sat_f32_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_sat_f32_s`: rule exec-cvtop with op-trunc_sat_s."""
    stack[-1] = trunc_sat_s(stack[-1], 64)


def i64_trunc_sat_f32_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_sat_f32_u`: rule exec-cvtop with op-trunc_sat_u."""
    stack[-1] = trunc_sat_u(stack[-1], 64)


def i64_trunc_sat_f64_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_sat_f64_s`: rule exec-cvtop with op-trunc_sat_s."""
    stack[-1] = trunc_sat_s(stack[-1], 64)


def i64_trunc_sat_f64_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.trunc_sat_f64_u`: rule exec-cvtop with op-trunc_sat_u."""
    stack[-1] = trunc_sat_u(stack[-1], 64)


def i64_reinterpret_f64(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.reinterpret_f64`: rule exec-cvtop with op-reinterpret."""
    stack[-1] = f64_to_bits(stack[-1])


def i64_add128(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.add128`: rule exec-binop with wide arithmetic add128."""
    high, low = stack.pop(), stack.pop()
    wide = (stack[-1] << 64 | stack[-2]) + (high << 64 | low)
    stack[-2:] = [wide & MASK64, wide >> 64 & MASK64]


def i64_sub128(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.sub128`: rule exec-binop with wide arithmetic sub128."""
    high, low = stack.pop(), stack.pop()
    wide = (stack[-1] << 64 | stack[-2]) - (high << 64 | low)
    stack[-2:] = [wide & MASK64, wide >> 64 & MASK64]


def i64_mul_wide_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.mul_wide_s`: rule exec-binop with wide arithmetic mul_wide_s."""
    wide = signed64(stack[-1]) * signed64(stack[-2])
    stack[-2:] = [wide & MASK64, wide >> 64 & MASK64]


def i64_mul_wide_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64.mul_wide_u`: rule exec-binop with wide arithmetic mul_wide_u."""
    wide = stack[-1] * stack[-2]
    stack[-2:] = [wide & MASK64, wide >> 64]
