"""Vectors as lanes, and the operators that only vectors have (Execution 4.3, vector operations).

A v128 is 16 `bytes` on the operand stack. A shape such as `U16X8` reads those bytes as lanes and
writes lanes back: the specification's `lanes` and its inverse. Integer shapes come signed and
unsigned, so that the operators on lanes are plain arithmetic on Python numbers. What instructions
do with vectors is in `refexec.interp.instructions`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from refexec.interp.values import f32_from_bits, f32_to_bits

# -- shapes --------------------------------------------------------------------------------------


class Shape:
    """A way to read a vector as lanes of one type."""

    __slots__ = ("bits", "count", "maximum", "minimum", "pack", "unpack")

    def __init__(self, code: str) -> None:
        """Make the shape whose lanes have this code of the `struct` module."""
        self.count = 16 // struct.calcsize("<" + code)
        """Number of lanes."""
        self.bits = 128 // self.count
        """Width of a lane."""
        layout = struct.Struct(f"<{self.count}{code}")
        self.pack: Callable[..., bytes] = layout.pack
        """Make a vector of its lanes, given one by one."""
        self.unpack: Callable[[bytes], tuple[Any, ...]] = layout.unpack
        """The lanes of a vector, lowest address first."""
        signed = code.islower()
        self.minimum = -(1 << self.bits - 1) if signed else 0
        """The least number in an integer lane."""
        self.maximum = (1 << self.bits - signed) - 1
        """The greatest number in an integer lane."""

    def saturate(self, number: int) -> int:
        """The nearest number that fits into an integer lane (`sat_s`, `sat_u`)."""
        return min(max(number, self.minimum), self.maximum)

    def splat(self, lane: Any) -> bytes:
        """Make a vector whose lanes are all the same."""
        return self.pack(*(lane,) * self.count)

    def replace(self, vector: bytes, index: int, lane: Any) -> bytes:
        """Make a vector that differs in one lane."""
        lanes = list(self.unpack(vector))
        lanes[index] = lane
        return self.pack(*lanes)


class _SingleShape(Shape):
    """f32x4. Converting a C float would set the quiet bit of a NaN; this keeps all bits."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("f")
        numbers, bits = struct.Struct("<4f"), struct.Struct("<4I")

        def unpack(vector: bytes) -> tuple[float, ...]:
            lanes = numbers.unpack(vector)
            if any(lane != lane for lane in lanes):
                return tuple(map(f32_from_bits, bits.unpack(vector)))
            return lanes

        def pack(*lanes: float) -> bytes:
            if any(lane != lane for lane in lanes):
                return bits.pack(*map(f32_to_bits, lanes))
            return numbers.pack(*lanes)

        self.unpack = unpack
        self.pack = pack


S8X16, U8X16 = Shape("b"), Shape("B")
S16X8, U16X8 = Shape("h"), Shape("H")
S32X4, U32X4 = Shape("i"), Shape("I")
S64X2, U64X2 = Shape("q"), Shape("Q")
F32X4 = _SingleShape()
F64X2 = Shape("d")


# -- operators on lanes --------------------------------------------------------------------------


def iavgr_u(a: int, b: int) -> int:
    """Average, rounded up (`op-iavgr_u`)."""
    return a + b + 1 >> 1


def iq15mulr_sat_s(a: int, b: int) -> int:
    """Multiply signed fixed-point numbers of 15 fraction bits, rounded (`op-iq15mulrsat_s`).

    Only -1 times -1 does not fit; it gives the greatest number below 1.
    """
    return S16X8.saturate(a * b + 0x4000 >> 15)


def fpmin(a: float, b: float) -> float:
    """Pseudo-minimum: b if it is less, else a, bits unchanged (`op-fpmin`)."""
    return b if b < a else a


def fpmax(a: float, b: float) -> float:
    """Pseudo-maximum: b if it is greater, else a, bits unchanged (`op-fpmax`)."""
    return b if a < b else a


# -- operators on vectors ------------------------------------------------------------------------


def bitselect(a: bytes, b: bytes, mask: bytes) -> bytes:
    """Take each bit from `a` where the mask is 1, else from `b` (`op-ibitselect`)."""
    chosen = int.from_bytes(mask)
    other = ~chosen & (1 << 128) - 1
    return (int.from_bytes(a) & chosen | int.from_bytes(b) & other).to_bytes(16)


def bitmask(lanes: Sequence[int]) -> int:
    """Gather the signs of signed lanes into the bits of an i32, lane 0 lowest."""
    return sum(1 << index for index, lane in enumerate(lanes) if lane < 0)


def swizzle(vector: bytes, indices: bytes) -> bytes:
    """Pick bytes by index; 0 for an index that is out of range."""
    return bytes(vector[index] if index < 16 else 0 for index in indices)


def narrow(target: Shape, *lanes: int) -> bytes:
    """Make a vector of lanes that are saturated to its narrower shape (`op-narrow_s`, `_u`)."""
    return target.pack(*map(target.saturate, lanes))


def multiply(a: Iterable[int], b: Iterable[int]) -> list[int]:
    """Multiply lane by lane, without loss."""
    return [left * right for left, right in zip(a, b, strict=True)]


def add_pairs(lanes: Sequence[int]) -> list[int]:
    """Add each two neighbours, without loss."""
    return [left + right for left, right in zip(lanes[::2], lanes[1::2], strict=True)]
