"""Vector instructions of i64x2, one function each (Execution, vector instructions).

Lanes are read as signed or unsigned numbers, as suits the instruction (`refexec.interp.vectors`);
`refexec.interp.instructions.lanewise` applies a function of lanes to whole vectors. Relaxed
instructions are in `refexec.interp.instructions.relaxed`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, comparison, shift, unary
from refexec.interp.machine import Frame
from refexec.interp.values import MASK64
from refexec.interp.vectors import S32X4, S64X2, U32X4, U64X2, bitmask, multiply

# -- lanes -----------------------------------------------------------------------------------------


def i64x2_splat(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.splat`: rule exec-vsplat."""
    stack[-1] = U64X2.splat(stack[-1])


def i64x2_extract_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i64x2.extract_lane`: rule exec-vextract_lane."""
    stack[-1] = U64X2.unpack(stack[-1])[lane]


def i64x2_replace_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i64x2.replace_lane`: rule exec-vreplace_lane."""
    value = stack.pop()
    stack[-1] = U64X2.replace(stack[-1], lane, value)


# -- comparison ------------------------------------------------------------------------------------


@comparison(U64X2)
def i64x2_eq(a: int, b: int) -> bool:
    """`i64x2.eq`: rule exec-vrelop with op-ieq."""
    return a == b


@comparison(U64X2)
def i64x2_ne(a: int, b: int) -> bool:
    """`i64x2.ne`: rule exec-vrelop with op-ine."""
    return a != b


@comparison(S64X2)
def i64x2_lt_s(a: int, b: int) -> bool:
    """`i64x2.lt_s`: rule exec-vrelop with op-ilt_s."""
    return a < b


@comparison(S64X2)
def i64x2_gt_s(a: int, b: int) -> bool:
    """`i64x2.gt_s`: rule exec-vrelop with op-igt_s."""
    return a > b


@comparison(S64X2)
def i64x2_le_s(a: int, b: int) -> bool:
    """`i64x2.le_s`: rule exec-vrelop with op-ile_s."""
    return a <= b


@comparison(S64X2)
def i64x2_ge_s(a: int, b: int) -> bool:
    """`i64x2.ge_s`: rule exec-vrelop with op-ige_s."""
    return a >= b


def i64x2_all_true(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.all_true`: rule exec-vtestop with op-inez."""
    stack[-1] = 1 if all(U64X2.unpack(stack[-1])) else 0


def i64x2_bitmask(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.bitmask`: rule exec-vbitmask."""
    stack[-1] = bitmask(S64X2.unpack(stack[-1]))


# -- arithmetic ------------------------------------------------------------------------------------


@unary(U64X2)
def i64x2_abs(a: int) -> int:
    """`i64x2.abs`: rule exec-vunop with op-iabs. The least number stays."""
    return min(a, -a & MASK64)


@unary(U64X2)
def i64x2_neg(a: int) -> int:
    """`i64x2.neg`: rule exec-vunop with op-ineg."""
    return -a & MASK64


@shift(U64X2)
def i64x2_shl(a: int, count: int) -> int:
    """`i64x2.shl`: rule exec-vshiftop with op-ishl."""
    return a << count & MASK64


@shift(S64X2)
def i64x2_shr_s(a: int, count: int) -> int:
    """`i64x2.shr_s`: rule exec-vshiftop with op-ishr_s."""
    return a >> count


@shift(U64X2)
def i64x2_shr_u(a: int, count: int) -> int:
    """`i64x2.shr_u`: rule exec-vshiftop with op-ishr_u."""
    return a >> count


@binary(U64X2)
def i64x2_add(a: int, b: int) -> int:
    """`i64x2.add`: rule exec-vbinop with op-iadd."""
    return a + b & MASK64


@binary(U64X2)
def i64x2_sub(a: int, b: int) -> int:
    """`i64x2.sub`: rule exec-vbinop with op-isub."""
    return a - b & MASK64


@binary(U64X2)
def i64x2_mul(a: int, b: int) -> int:
    """`i64x2.mul`: rule exec-vbinop with op-imul."""
    return a * b & MASK64


# -- from i32x4 ------------------------------------------------------------------------------------


def i64x2_extend_low_i32x4_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extend_low_i32x4_s`: rule exec-vcvtop with op-extend_s."""
    stack[-1] = S64X2.pack(*S32X4.unpack(stack[-1])[:2])


def i64x2_extend_high_i32x4_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extend_high_i32x4_s`: rule exec-vcvtop with op-extend_s."""
    stack[-1] = S64X2.pack(*S32X4.unpack(stack[-1])[2:])


def i64x2_extend_low_i32x4_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extend_low_i32x4_u`: rule exec-vcvtop with op-extend_u."""
    stack[-1] = U64X2.pack(*U32X4.unpack(stack[-1])[:2])


def i64x2_extend_high_i32x4_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extend_high_i32x4_u`: rule exec-vcvtop with op-extend_u."""
    stack[-1] = U64X2.pack(*U32X4.unpack(stack[-1])[2:])


def i64x2_extmul_low_i32x4_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extmul_low_i32x4_s`: rule exec-vextbinop with op-extend_s and op-imul."""
    right = S32X4.unpack(stack.pop())[:2]
    stack[-1] = S64X2.pack(*multiply(S32X4.unpack(stack[-1])[:2], right))


def i64x2_extmul_high_i32x4_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extmul_high_i32x4_s`: rule exec-vextbinop with op-extend_s and op-imul."""
    right = S32X4.unpack(stack.pop())[2:]
    stack[-1] = S64X2.pack(*multiply(S32X4.unpack(stack[-1])[2:], right))


def i64x2_extmul_low_i32x4_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extmul_low_i32x4_u`: rule exec-vextbinop with op-extend_u and op-imul."""
    right = U32X4.unpack(stack.pop())[:2]
    stack[-1] = U64X2.pack(*multiply(U32X4.unpack(stack[-1])[:2], right))


def i64x2_extmul_high_i32x4_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i64x2.extmul_high_i32x4_u`: rule exec-vextbinop with op-extend_u and op-imul."""
    right = U32X4.unpack(stack.pop())[2:]
    stack[-1] = U64X2.pack(*multiply(U32X4.unpack(stack[-1])[2:], right))
