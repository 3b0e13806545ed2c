"""Vector instructions of i8x16, one function each (Execution, vector instructions).

Lanes are read as signed or unsigned numbers, as suits the instruction (`refexec.interp.vectors`);
`refexec.interp.instructions.lanewise` applies a function of lanes to whole vectors. Relaxed
instructions are in `refexec.interp.instructions.relaxed`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions.lanewise import binary, comparison, shift, unary
from refexec.interp.machine import Frame
from refexec.interp.values import MASK32
from refexec.interp.vectors import S8X16, S16X8, U8X16, bitmask, iavgr_u, narrow, swizzle

# -- lanes -----------------------------------------------------------------------------------------


def i8x16_splat(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.splat`: rule exec-vsplat."""
    stack[-1] = U8X16.splat(stack[-1] & 0xFF)


def i8x16_extract_lane_s(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i8x16.extract_lane_s`: rule exec-vextract_lane with op-extend_s."""
    stack[-1] = S8X16.unpack(stack[-1])[lane] & MASK32


def i8x16_extract_lane_u(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i8x16.extract_lane_u`: rule exec-vextract_lane with op-extend_u."""
    stack[-1] = U8X16.unpack(stack[-1])[lane]


def i8x16_replace_lane(frame: Frame, stack: list[Any], lane: int) -> None:
    """`i8x16.replace_lane`: rule exec-vreplace_lane."""
    value = stack.pop() & 0xFF
    stack[-1] = U8X16.replace(stack[-1], lane, value)


def i8x16_shuffle(frame: Frame, stack: list[Any], lanes: tuple[int, ...]) -> None:
    """`i8x16.shuffle`: rule exec-vshuffle."""
    right = stack.pop()
    both = stack[-1] + right
    stack[-1] = bytes(both[lane] for lane in lanes)


def i8x16_swizzle(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.swizzle`: rule exec-vswizzlop."""
    indices = stack.pop()
    stack[-1] = swizzle(stack[-1], indices)


# -- comparison ------------------------------------------------------------------------------------


@comparison(U8X16)
def i8x16_eq(a: int, b: int) -> bool:
    """`i8x16.eq`: rule exec-vrelop with op-ieq."""
    return a == b


@comparison(U8X16)
def i8x16_ne(a: int, b: int) -> bool:
    """`i8x16.ne`: rule exec-vrelop with op-ine."""
    return a != b


@comparison(S8X16)
def i8x16_lt_s(a: int, b: int) -> bool:
    """`i8x16.lt_s`: rule exec-vrelop with op-ilt_s."""
    return a < b


@comparison(U8X16)
def i8x16_lt_u(a: int, b: int) -> bool:
    """`i8x16.lt_u`: rule exec-vrelop with op-ilt_u."""
    return a < b


@comparison(S8X16)
def i8x16_gt_s(a: int, b: int) -> bool:
    """`i8x16.gt_s`: rule exec-vrelop with op-igt_s."""
    return a > b


@comparison(U8X16)
def i8x16_gt_u(a: int, b: int) -> bool:
    """`i8x16.gt_u`: rule exec-vrelop with op-igt_u."""
    return a > b


@comparison(S8X16)
def i8x16_le_s(a: int, b: int) -> bool:
    """`i8x16.le_s`: rule exec-vrelop with op-ile_s."""
    return a <= b


@comparison(U8X16)
def i8x16_le_u(a: int, b: int) -> bool:
    """`i8x16.le_u`: rule exec-vrelop with op-ile_u."""
    return a <= b


@comparison(S8X16)
def i8x16_ge_s(a: int, b: int) -> bool:
    """`i8x16.ge_s`: rule exec-vrelop with op-ige_s."""
    return a >= b


@comparison(U8X16)
def i8x16_ge_u(a: int, b: int) -> bool:
    """`i8x16.ge_u`: rule exec-vrelop with op-ige_u."""
    return a >= b


def i8x16_all_true(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.all_true`: rule exec-vtestop with op-inez."""
    stack[-1] = 1 if all(U8X16.unpack(stack[-1])) else 0


def i8x16_bitmask(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.bitmask`: rule exec-vbitmask."""
    stack[-1] = bitmask(S8X16.unpack(stack[-1]))


# -- arithmetic ------------------------------------------------------------------------------------


@unary(U8X16)
def i8x16_abs(a: int) -> int:
    """`i8x16.abs`: rule exec-vunop with op-iabs. The least number stays."""
    return min(a, -a & 0xFF)


@unary(U8X16)
def i8x16_neg(a: int) -> int:
    """`i8x16.neg`: rule exec-vunop with op-ineg."""
    return -a & 0xFF


@unary(U8X16)
def i8x16_popcnt(a: int) -> int:
    """`i8x16.popcnt`: rule exec-vunop with op-ipopcnt."""
    return a.bit_count()


@shift(U8X16)
def i8x16_shl(a: int, count: int) -> int:
    """`i8x16.shl`: rule exec-vshiftop with op-ishl."""
    return a << count & 0xFF


@shift(S8X16)
def i8x16_shr_s(a: int, count: int) -> int:
    """`i8x16.shr_s`: rule exec-vshiftop with op-ishr_s."""
    return a >> count


@shift(U8X16)
def i8x16_shr_u(a: int, count: int) -> int:
    """`i8x16.shr_u`: rule exec-vshiftop with op-ishr_u."""
    return a >> count


@binary(U8X16)
def i8x16_add(a: int, b: int) -> int:
    """`i8x16.add`: rule exec-vbinop with op-iadd."""
    return a + b & 0xFF


@binary(S8X16)
def i8x16_add_sat_s(a: int, b: int) -> int:
    """`i8x16.add_sat_s`: rule exec-vbinop with op-iadd_sat_s."""
    return S8X16.saturate(a + b)


@binary(U8X16)
def i8x16_add_sat_u(a: int, b: int) -> int:
    """`i8x16.add_sat_u`: rule exec-vbinop with op-iadd_sat_u."""
    return U8X16.saturate(a + b)


@binary(U8X16)
def i8x16_sub(a: int, b: int) -> int:
    """`i8x16.sub`: rule exec-vbinop with op-isub."""
    return a - b & 0xFF


@binary(S8X16)
def i8x16_sub_sat_s(a: int, b: int) -> int:
    """`i8x16.sub_sat_s`: rule exec-vbinop with op-isub_sat_s."""
    return S8X16.saturate(a - b)


@binary(U8X16)
def i8x16_sub_sat_u(a: int, b: int) -> int:
    """`i8x16.sub_sat_u`: rule exec-vbinop with op-isub_sat_u."""
    return U8X16.saturate(a - b)


@binary(S8X16)
def i8x16_min_s(a: int, b: int) -> int:
    """`i8x16.min_s`: rule exec-vbinop with op-imin_s."""
    return min(a, b)


@binary(U8X16)
def i8x16_min_u(a: int, b: int) -> int:
    """`i8x16.min_u`: rule exec-vbinop with op-imin_u."""
    return min(a, b)


@binary(S8X16)
def i8x16_max_s(a: int, b: int) -> int:
    """`i8x16.max_s`: rule exec-vbinop with op-imax_s."""
    return max(a, b)


@binary(U8X16)
def i8x16_max_u(a: int, b: int) -> int:
    """`i8x16.max_u`: rule exec-vbinop with op-imax_u."""
    return max(a, b)


@binary(U8X16)
def i8x16_avgr_u(a: int, b: int) -> int:
    """`i8x16.avgr_u`: rule exec-vbinop with op-iavgr_u."""
    return iavgr_u(a, b)


# -- from i16x8 ------------------------------------------------------------------------------------


def i8x16_narrow_i16x8_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.narrow_i16x8_s`: rule exec-vnarrow with op-narrow_s."""
    right = S16X8.unpack(stack.pop())
    stack[-1] = narrow(S8X16, *S16X8.unpack(stack[-1]), *right)


def i8x16_narrow_i16x8_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i8x16.narrow_i16x8_u`: rule exec-vnarrow with op-narrow_u."""
    right = S16X8.unpack(stack.pop())
    stack[-1] = narrow(U8X16, *S16X8.unpack(stack[-1]), *right)
