"""Vector instructions of v128, one function each (Execution, vector and memory instructions).

`arg` of a load or store is (offset, memory index), and the lane index for those of a lane. The end
of the view is the end of the guest's memory, so Python's bounds check is the trap. Bytes and
lanes are both little-endian, so most of these instructions never look at lanes.
"""

from __future__ import annotations

import struct
from typing import Any

from refexec.interp.instructions.lanewise import binary
from refexec.interp.machine import Frame
from refexec.interp.memory import OUT_OF_BOUNDS, out_of_bounds
from refexec.interp.vectors import S16X8, S32X4, S64X2, U16X8, U32X4, U64X2, bitselect

MemoryArg = tuple[int, int]
LaneArg = tuple[int, int, int]

_BYTES = {width: struct.Struct(f"{width}s") for width in (1, 2, 4, 8, 16)}
_S8, _U8 = struct.Struct("<8b"), struct.Struct("<8B")
_S16, _U16 = struct.Struct("<4h"), struct.Struct("<4H")
_S32, _U32 = struct.Struct("<2i"), struct.Struct("<2I")


def _load(frame: Frame, address: int, arg: MemoryArg, layout: struct.Struct) -> tuple[Any, ...]:
    """Unpack what is at an address."""
    offset, memory = arg
    try:
        return layout.unpack_from(frame.instance.memories[memory].view, address + offset)
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def _store(frame: Frame, address: int, arg: MemoryArg, value: bytes) -> None:
    """Copy bytes to an address."""
    offset, memory = arg
    try:
        _BYTES[len(value)].pack_into(frame.instance.memories[memory].view, address + offset, value)
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def _load_lane(frame: Frame, stack: list[Any], arg: LaneArg, width: int) -> None:
    """Replace a lane of `width` bytes of the vector on the stack."""
    offset, memory, lane = arg
    vector = stack.pop()
    (value,) = _load(frame, stack[-1], (offset, memory), _BYTES[width])
    start = lane * width
    stack[-1] = vector[:start] + value + vector[start + width :]


def _store_lane(frame: Frame, stack: list[Any], arg: LaneArg, width: int) -> None:
    """Store a lane of `width` bytes of the vector on the stack."""
    offset, memory, lane = arg
    vector = stack.pop()
    start = lane * width
    _store(frame, stack.pop(), (offset, memory), vector[start : start + width])


# -- loads -----------------------------------------------------------------------------------------


def v128_load(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load`: rule exec-vload-val."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[16])[0]


def v128_load8x8_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load8x8_s`: rule exec-vload-pack with op-extend_s."""
    stack[-1] = S16X8.pack(*_load(frame, stack[-1], arg, _S8))


def v128_load8x8_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load8x8_u`: rule exec-vload-pack with op-extend_u."""
    stack[-1] = U16X8.pack(*_load(frame, stack[-1], arg, _U8))


def v128_load16x4_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load16x4_s`: rule exec-vload-pack with op-extend_s."""
    stack[-1] = S32X4.pack(*_load(frame, stack[-1], arg, _S16))


def v128_load16x4_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load16x4_u`: rule exec-vload-pack with op-extend_u."""
    stack[-1] = U32X4.pack(*_load(frame, stack[-1], arg, _U16))


def v128_load32x2_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load32x2_s`: rule exec-vload-pack with op-extend_s."""
    stack[-1] = S64X2.pack(*_load(frame, stack[-1], arg, _S32))


def v128_load32x2_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load32x2_u`: rule exec-vload-pack with op-extend_u."""
    stack[-1] = U64X2.pack(*_load(frame, stack[-1], arg, _U32))


def v128_load8_splat(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load8_splat`: rule exec-vload-splat."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[1])[0] * 16


def v128_load16_splat(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load16_splat`: rule exec-vload-splat."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[2])[0] * 8


def v128_load32_splat(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load32_splat`: rule exec-vload-splat."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[4])[0] * 4


def v128_load64_splat(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load64_splat`: rule exec-vload-splat."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[8])[0] * 2


def v128_load32_zero(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load32_zero`: rule exec-vload-zero."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[4])[0] + bytes(12)


def v128_load64_zero(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.load64_zero`: rule exec-vload-zero."""
    stack[-1] = _load(frame, stack[-1], arg, _BYTES[8])[0] + bytes(8)


def v128_load8_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.load8_lane`: rule exec-vload_lane."""
    _load_lane(frame, stack, arg, 1)


def v128_load16_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.load16_lane`: rule exec-vload_lane."""
    _load_lane(frame, stack, arg, 2)


def v128_load32_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.load32_lane`: rule exec-vload_lane."""
    _load_lane(frame, stack, arg, 4)


def v128_load64_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.load64_lane`: rule exec-vload_lane."""
    _load_lane(frame, stack, arg, 8)


# -- stores ----------------------------------------------------------------------------------------


def v128_store(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`v128.store`: rule exec-vstore."""
    value = stack.pop()
    _store(frame, stack.pop(), arg, value)


def v128_store8_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.store8_lane`: rule exec-vstore_lane."""
    _store_lane(frame, stack, arg, 1)


def v128_store16_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.store16_lane`: rule exec-vstore_lane."""
    _store_lane(frame, stack, arg, 2)


def v128_store32_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.store32_lane`: rule exec-vstore_lane."""
    _store_lane(frame, stack, arg, 4)


def v128_store64_lane(frame: Frame, stack: list[Any], arg: LaneArg) -> None:
    """`v128.store64_lane`: rule exec-vstore_lane."""
    _store_lane(frame, stack, arg, 8)


# -- constants and bits ----------------------------------------------------------------------------


def v128_const(frame: Frame, stack: list[Any], value: bytes) -> None:
    """`v128.const`: rule exec-vconst."""
    stack.append(value)


def v128_not(frame: Frame, stack: list[Any], _: None) -> None:
    """`v128.not`: rule exec-vvunop with op-inot."""
    stack[-1] = bytes(byte ^ 0xFF for byte in stack[-1])


@binary(U64X2)
def v128_and(a: int, b: int) -> int:
    """`v128.and`: rule exec-vvbinop with op-iand."""
    return a & b


@binary(U64X2)
def v128_andnot(a: int, b: int) -> int:
    """`v128.andnot`: rule exec-vvbinop with op-iandnot."""
    return a & ~b


@binary(U64X2)
def v128_or(a: int, b: int) -> int:
    """`v128.or`: rule exec-vvbinop with op-ior."""
    return a | b


@binary(U64X2)
def v128_xor(a: int, b: int) -> int:
    """`v128.xor`: rule exec-vvbinop with op-ixor."""
    return a ^ b


def v128_bitselect(frame: Frame, stack: list[Any], _: None) -> None:
    """`v128.bitselect`: rule exec-vvternop with op-ibitselect."""
    mask, right = stack.pop(), stack.pop()
    stack[-1] = bitselect(stack[-1], right, mask)


def v128_any_true(frame: Frame, stack: list[Any], _: None) -> None:
    """`v128.any_true`: rule exec-vvtestop with op-inez."""
    stack[-1] = 1 if any(stack[-1]) else 0
