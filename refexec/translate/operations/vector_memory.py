"""Loads and stores of vectors as Python.

Those of one lane, and those that fill a vector with one number, are loads and stores of that
number, as `refexec.translate.operations.memory` writes them.
"""

from __future__ import annotations

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.operations.float_lanes import exact_lanes
from refexec.translate.operations.memory import byte_at, word_place
from refexec.translate.operations.registry import OPERATIONS, operation_of
from refexec.translate.operations.vectors import lane, splat, spread, vector, with_lane
from refexec.translate.split import SHAPES, parts_of
from refexec.translate.values import Expr

_LOADS = {16: "i32.load16_u", 32: "i32.load", 64: "i64.load"}
_STORES = {8: "i32.store8", 16: "i32.store16", 32: "i32.store", 64: "i64.store"}
"""Instructions for a number of so many bits."""


@operation_of("v128.load")
def _load(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    a = e.pop()
    place = word_place(e, a, offset, 16, memory)
    text = f"load_v128({place})[0]"
    result = v.combine(f"from_bytes({text}, little)", "v128", v.ATOM, 0, 0, a)
    result.reads |= {"a"}
    result.site = e.trap(pc)
    result.shape = ("load", text, place)
    e.push(result)


@operation_of("v128.store")
def _store(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    if _store_lanes(e, pc, arg):
        return
    value, a = v.as_bytes(e.pop()), e.pop()
    e.line(f"store_v128({word_place(e, a, offset, 16, memory)}, {value.text})", e.trap(pc))


def _store_lanes(e: Emitter, pc: int, arg: tuple[int, int]) -> bool:
    """Whether a vector that is split can be stored as it is; then it is done."""
    offset, memory = arg
    for type_, shape in SHAPES.items():
        parts = parts_of(e.stack[-1], type_)
        # Packing a single float does not keep the bits of every NaN.
        if parts is None or (type_ == "f32" and any(part.zeros == v.EXACT for part in parts)):
            continue
        texts = [part.text for part in exact_lanes(e, len(e.stack) - 1, type_)]
        e.pop()
        place = word_place(e, e.pop(), offset, 16, memory)
        e.line(f"store_{shape}({place}, {', '.join(texts)})", e.trap(pc))
        return True
    return False


def _number(e: Emitter, pc: int, bits: int, arg: tuple[int, int]) -> Expr:
    """Load a number that is not negative, whose address is on the stack."""
    if bits > 8:
        OPERATIONS[_LOADS[bits]](e, pc, arg)
        return e.pop()
    e.settle()
    offset, memory = arg
    a = e.pop()
    result = v.combine(byte_at(e, a, offset, memory), "i32", v.ATOM, 0, 0xFF, a)
    result.reads |= {"a"}
    result.site = e.trap(pc)
    return result


def _splat(bits: int) -> None:
    def operation(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
        e.push(splat(_number(e, pc, bits, arg), bits))

    OPERATIONS[f"v128.load{bits}_splat"] = operation


def _zero(bits: int) -> None:
    def operation(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
        number = _number(e, pc, bits, arg)
        e.push(vector(number.text, number.binds, (1 << bits) - 1, number))

    OPERATIONS[f"v128.load{bits}_zero"] = operation


def _extended(mnemonic: str, half: int, sign: str) -> None:
    """Load eight bytes, and double the width of each lane in them."""

    def operation(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
        e.push(spread(_number(e, pc, 64, arg), half, sign))

    OPERATIONS[mnemonic] = operation


def _load_lane(bits: int) -> None:
    def operation(e: Emitter, pc: int, arg: tuple[int, int, int]) -> None:
        offset, memory, index = arg
        e.settle()
        # The vector lies above the address; it is in a variable or has no effects.
        a = e.pop()
        number = _number(e, pc, bits, (offset, memory))
        e.push(with_lane(a, index, bits, number))

    OPERATIONS[f"v128.load{bits}_lane"] = operation


def _store_lane(bits: int) -> None:
    type_ = "i64" if bits == 64 else "i32"

    def operation(e: Emitter, pc: int, arg: tuple[int, int, int]) -> None:
        offset, memory, index = arg
        e.push(lane(e.pop(), index, bits, type_))
        OPERATIONS[_STORES[bits]](e, pc, (offset, memory))

    OPERATIONS[f"v128.store{bits}_lane"] = operation


for _bits in (8, 16, 32, 64):
    _splat(_bits)
    _load_lane(_bits)
    _store_lane(_bits)
_zero(32)
_zero(64)
for _sign in ("s", "u"):
    _extended(f"v128.load8x8_{_sign}", 8, _sign)
    _extended(f"v128.load16x4_{_sign}", 16, _sign)
    _extended(f"v128.load32x2_{_sign}", 32, _sign)
