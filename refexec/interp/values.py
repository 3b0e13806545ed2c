"""Values as the machine holds them, and their passage to and from plain Python values.

On the operand stack, in locals and in globals an i32 or i64 is an unsigned int below 2^32 or
2^64, an f32 or f64 a Python float, a v128 16 bytes, and a reference is None for null or one of
the objects of `refexec.interp.store`.

A float keeps every bit, NaN payloads included. Python's floats are 64 bits wide: an f32 is held
as the f64 of the same value, and an f32 NaN as the f64 NaN whose upper payload bits are those of
the f32, so that its quiet bit and payload survive (Numerics 4.3.3, deterministic profile).
"""

from __future__ import annotations

import math
import struct
from typing import Any

from refexec.interp import types as t

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
SIGN32 = 0x80000000
SIGN64 = 0x8000000000000000

NAN = math.nan
"""The positive canonical NaN: what an arithmetic instruction gives for any NaN result."""

_F32 = struct.Struct("<f")
_F64 = struct.Struct("<d")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


def f64_to_bits(value: float) -> int:
    """The 64 bits of an f64."""
    bits: int = _U64.unpack(_F64.pack(value))[0]
    return bits


def f64_from_bits(bits: int) -> float:
    """The f64 with these 64 bits."""
    value: float = _F64.unpack(_U64.pack(bits))[0]
    return value


def f32_to_bits(value: float) -> int:
    """The 32 bits of an f32."""
    if value == value:
        bits: int = _U32.unpack(_F32.pack(value))[0]
        return bits
    # Python converts through a C float, which would set the quiet bit of a signalling NaN.
    wide = f64_to_bits(value)
    return wide >> 32 & SIGN32 | 0x7F800000 | wide >> 29 & 0x7FFFFF


def f32_from_bits(bits: int) -> float:
    """The f32 with these 32 bits."""
    if bits & 0x7F800000 == 0x7F800000 and bits & 0x7FFFFF:
        return f64_from_bits((bits & SIGN32) << 32 | 0x7FF0000000000000 | (bits & 0x7FFFFF) << 29)
    value: float = _F32.unpack(_U32.pack(bits))[0]
    return value


def signed32(value: int) -> int:
    """Read an i32 as a signed number."""
    return value - 0x100000000 if value & SIGN32 else value


def signed64(value: int) -> int:
    """Read an i64 as a signed number."""
    return value - 0x10000000000000000 if value & SIGN64 else value


def default_value(value_type: t.ValueType) -> Any:
    """The default value of a type that has one (rule `default-val`)."""
    if isinstance(value_type, t.ReferenceType):
        return None
    if value_type is t.V128:
        return bytes(16)
    return 0.0 if value_type in (t.F32, t.F64) else 0
