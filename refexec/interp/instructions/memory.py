"""Memory instructions: loads, stores, bulk operations (Execution 4.6.7).

`arg` of a load or store is (offset, memory index). The end of the view is the end of the guest's
memory, so Python's bounds check is the trap. Bulk instructions check first, then pay for their
length, then move.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from refexec.interp import types as t
from refexec.interp.machine import Frame
from refexec.interp.memory import OUT_OF_BOUNDS, out_of_bounds
from refexec.interp.values import MASK32, MASK64, f32_from_bits, f32_to_bits

MemoryArg = tuple[int, int]

_load_i16 = struct.Struct("<h").unpack_from
_load_u16 = struct.Struct("<H").unpack_from
_load_i32 = struct.Struct("<i").unpack_from
_load_u32 = struct.Struct("<I").unpack_from
_load_u64 = struct.Struct("<Q").unpack_from
_load_f32 = struct.Struct("<f").unpack_from
_load_f64 = struct.Struct("<d").unpack_from
_store_u16 = struct.Struct("<H").pack_into
_store_u32 = struct.Struct("<I").pack_into
_store_u64 = struct.Struct("<Q").pack_into
_store_f64 = struct.Struct("<d").pack_into


# -- loads ---------------------------------------------------------------------------------------


def _load(frame: Frame, stack: list[Any], arg: MemoryArg, unpack: Callable[..., Any]) -> Any:
    """Unpack the value at the address on the stack."""
    offset, memory = arg
    try:
        return unpack(frame.instance.memories[memory].view, stack[-1] + offset)[0]
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def i32_load(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.load`: rule exec-load-val."""
    stack[-1] = _load(frame, stack, arg, _load_u32)


def i64_load(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load`: rule exec-load-val."""
    stack[-1] = _load(frame, stack, arg, _load_u64)


def f32_load(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`f32.load`: rule exec-load-val."""
    value = _load(frame, stack, arg, _load_f32)
    if value != value:
        # Unpacking a float sets the quiet bit of a NaN; its bits do not.
        value = f32_from_bits(_load(frame, stack, arg, _load_u32))
    stack[-1] = value


def f64_load(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`f64.load`: rule exec-load-val."""
    stack[-1] = _load(frame, stack, arg, _load_f64)


def i32_load8_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.load8_s`: rule exec-load-pack."""
    offset, memory = arg
    try:
        byte = frame.instance.memories[memory].view[stack[-1] + offset]
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None
    stack[-1] = byte if byte < 0x80 else byte - 0x100 & MASK32


def i32_load8_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.load8_u`: rule exec-load-pack."""
    offset, memory = arg
    try:
        stack[-1] = frame.instance.memories[memory].view[stack[-1] + offset]
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def i32_load16_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.load16_s`: rule exec-load-pack."""
    stack[-1] = _load(frame, stack, arg, _load_i16) & MASK32


def i32_load16_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.load16_u`: rule exec-load-pack."""
    stack[-1] = _load(frame, stack, arg, _load_u16)


def i64_load8_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load8_s`: rule exec-load-pack."""
    offset, memory = arg
    try:
        byte = frame.instance.memories[memory].view[stack[-1] + offset]
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None
    stack[-1] = byte if byte < 0x80 else byte - 0x100 & MASK64


def i64_load8_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load8_u`: rule exec-load-pack."""
    offset, memory = arg
    try:
        stack[-1] = frame.instance.memories[memory].view[stack[-1] + offset]
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def i64_load16_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load16_s`: rule exec-load-pack."""
    stack[-1] = _load(frame, stack, arg, _load_i16) & MASK64


def i64_load16_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load16_u`: rule exec-load-pack."""
    stack[-1] = _load(frame, stack, arg, _load_u16)


def i64_load32_s(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load32_s`: rule exec-load-pack."""
    stack[-1] = _load(frame, stack, arg, _load_i32) & MASK64


def i64_load32_u(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.load32_u`: rule exec-load-pack."""
    stack[-1] = _load(frame, stack, arg, _load_u32)


# -- stores --------------------------------------------------------------------------------------


def _store(
    frame: Frame, stack: list[Any], arg: MemoryArg, pack: Callable[..., None], value: Any
) -> None:
    """Pack a value at the address on top of the stack, and drop the address."""
    offset, memory = arg
    try:
        pack(frame.instance.memories[memory].view, stack.pop() + offset, value)
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def i32_store(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.store`: rule exec-store-val."""
    _store(frame, stack, arg, _store_u32, stack.pop())


def i64_store(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.store`: rule exec-store-val."""
    _store(frame, stack, arg, _store_u64, stack.pop())


def f32_store(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`f32.store`: rule exec-store-val."""
    _store(frame, stack, arg, _store_u32, f32_to_bits(stack.pop()))


def f64_store(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`f64.store`: rule exec-store-val."""
    _store(frame, stack, arg, _store_f64, stack.pop())


def i32_store8(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.store8`: rule exec-store-pack."""
    offset, memory = arg
    value = stack.pop()
    try:
        frame.instance.memories[memory].view[stack.pop() + offset] = value & 0xFF
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def i32_store16(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i32.store16`: rule exec-store-pack."""
    _store(frame, stack, arg, _store_u16, stack.pop() & 0xFFFF)


def i64_store8(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.store8`: rule exec-store-pack."""
    offset, memory = arg
    value = stack.pop()
    try:
        frame.instance.memories[memory].view[stack.pop() + offset] = value & 0xFF
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None


def i64_store16(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.store16`: rule exec-store-pack."""
    _store(frame, stack, arg, _store_u16, stack.pop() & 0xFFFF)


def i64_store32(frame: Frame, stack: list[Any], arg: MemoryArg) -> None:
    """`i64.store32`: rule exec-store-pack."""
    _store(frame, stack, arg, _store_u32, stack.pop() & MASK32)


# -- size and bulk -------------------------------------------------------------------------------


def memory_size(frame: Frame, stack: list[Any], index: int) -> None:
    """`memory.size`: rule exec-memory.size."""
    stack.append(frame.instance.memories[index].pages)


def memory_grow(frame: Frame, stack: list[Any], index: int) -> bool:
    """`memory.grow`: rule exec-memory.grow. Refused exactly at the limit of the memory."""
    memory = frame.instance.memories[index]
    pages = stack[-1]
    before = memory.pages
    if memory.grow(pages):
        frame.machine.surcharge = pages
        stack[-1] = before
    else:
        stack[-1] = MASK32 if memory.type.address is t.I32 else MASK64
    return True


def memory_fill(frame: Frame, stack: list[Any], index: int) -> bool:
    """`memory.fill`: rule exec-memory.fill."""
    count, value, address = stack.pop(), stack.pop(), stack.pop()
    frame.instance.memories[index].fill(address, value, count)
    frame.machine.surcharge = count
    return True


def memory_copy(frame: Frame, stack: list[Any], indices: tuple[int, int]) -> bool:
    """`memory.copy`: rule exec-memory.copy. Overlapping ranges are copied as if at once."""
    target, source = (frame.instance.memories[index] for index in indices)
    count, start, address = stack.pop(), stack.pop(), stack.pop()
    target.copy(address, source, start, count)
    frame.machine.surcharge = count
    return True


def memory_init(frame: Frame, stack: list[Any], indices: tuple[int, int]) -> bool:
    """`memory.init`: rule exec-memory.init."""
    data, memory = frame.instance.datas[indices[0]], frame.instance.memories[indices[1]]
    count, start, address = stack.pop(), stack.pop(), stack.pop()
    if address + count > len(memory.view) or start + count > len(data.content):
        raise out_of_bounds()
    frame.machine.surcharge = count
    memory.view[address : address + count] = data.content[start : start + count]
    return True


def data_drop(frame: Frame, stack: list[Any], index: int) -> None:
    """`data.drop`: rule exec-data.drop."""
    frame.instance.datas[index].content = b""
