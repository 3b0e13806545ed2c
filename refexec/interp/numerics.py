"""Operators on numbers that take more than one Python expression (Numerics 4.3).

Names are those of the specification, with the width where it matters. The deterministic profile
is followed: whenever the result of an arithmetic operator is a NaN, it is the positive canonical
one. `abs`, `neg` and `copysign` are not arithmetic and keep every bit. Wrapping integer
arithmetic is written out in the execution functions themselves.
"""

from __future__ import annotations

import math
import struct

from refexec.errors import TrapError
from refexec.interp.values import (
    NAN,
    SIGN32,
    SIGN64,
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
)
from refexec.trap import TrapCause

_F32 = struct.Struct("<f")
_pack_f32 = _F32.pack
_unpack_f32 = _F32.unpack


# -- integers (4.3.2) ----------------------------------------------------------------------------


def iclz(value: int, bits: int) -> int:
    """Count leading zeros (`op-iclz`)."""
    return bits - value.bit_length()


def ictz(value: int, bits: int) -> int:
    """Count trailing zeros (`op-ictz`)."""
    return (value & -value).bit_length() - 1 if value else bits


def irotl(value: int, count: int, bits: int) -> int:
    """Rotate left (`op-irotl`)."""
    count %= bits
    return (value << count | value >> bits - count) & ((1 << bits) - 1)


def idiv_s(dividend: int, divisor: int, bits: int) -> int:
    """Divide signed numbers, given unsigned (`op-idiv`). Raises TrapError."""
    if not divisor:
        raise TrapError(TrapCause.DIVIDE_BY_ZERO)
    sign = 1 << bits - 1
    a = (dividend ^ sign) - sign
    b = (divisor ^ sign) - sign
    if b == -1 and a == -sign:
        raise TrapError(TrapCause.INTEGER_OVERFLOW)
    quotient = abs(a) // abs(b)
    return (quotient if (a < 0) == (b < 0) else -quotient) & ((1 << bits) - 1)


def irem_s(dividend: int, divisor: int, bits: int) -> int:
    """Remainder of signed numbers, with the sign of the dividend (`op-irem`). Raises TrapError."""
    if not divisor:
        raise TrapError(TrapCause.DIVIDE_BY_ZERO)
    sign = 1 << bits - 1
    a = (dividend ^ sign) - sign
    b = (divisor ^ sign) - sign
    remainder = abs(a) % abs(b)
    return (-remainder if a < 0 else remainder) & ((1 << bits) - 1)


def iextend(value: int, width: int, bits: int) -> int:
    """Sign-extend the lower `width` bits to `bits` bits (`op-iextend_s`)."""
    sign = 1 << width - 1
    return (((value & ((1 << width) - 1)) ^ sign) - sign) & ((1 << bits) - 1)


# -- floats (4.3.3) ------------------------------------------------------------------------------


def canonical(value: float) -> float:
    """Make a NaN the canonical one, as arithmetic in f64 must."""
    return value if value == value else NAN


def round32(value: float) -> float:
    """Round an f64 result to f32, ties to even; a NaN becomes the canonical one.

    Computing in f64 and rounding once more is exact for add, sub, mul, div and sqrt, because an
    f64 has more than twice the precision of an f32.
    """
    if value != value:
        return NAN
    try:
        result: float = _unpack_f32(_pack_f32(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return result


def fdiv(dividend: float, divisor: float) -> float:
    """Divide (`op-fdiv`), in f64; the result may be any NaN."""
    try:
        return dividend / divisor
    except ZeroDivisionError:
        if dividend == 0 or dividend != dividend:
            return NAN
        return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


def fsqrt(value: float) -> float:
    """Square root (`op-fsqrt`)."""
    if value != value or value < 0:
        return NAN
    return math.sqrt(value)


def fmin(a: float, b: float) -> float:
    """Minimum; -0 is below +0 (`op-fmin`)."""
    if a != a or b != b:
        return NAN
    if a == b == 0:
        return a if math.copysign(1.0, a) < 0 else b
    return a if a < b else b


def fmax(a: float, b: float) -> float:
    """Maximum; +0 is above -0 (`op-fmax`)."""
    if a != a or b != b:
        return NAN
    if a == b == 0:
        return a if math.copysign(1.0, a) > 0 else b
    return a if a > b else b


def _integral(value: float) -> bool:
    """Whether a float is its own integral value: infinite, zero, or too large for a fraction."""
    return not -4503599627370496.0 < value < 4503599627370496.0 or value == 0


def fceil(value: float) -> float:
    """Round up (`op-fceil`)."""
    if value != value:
        return NAN
    return value if _integral(value) else math.copysign(float(math.ceil(value)), value)


def ffloor(value: float) -> float:
    """Round down (`op-ffloor`)."""
    if value != value:
        return NAN
    return value if _integral(value) else math.copysign(float(math.floor(value)), value)


def ftrunc(value: float) -> float:
    """Round towards zero (`op-ftrunc`)."""
    if value != value:
        return NAN
    return value if _integral(value) else math.copysign(float(math.trunc(value)), value)


def fnearest(value: float) -> float:
    """Round to the nearest integer, ties to even (`op-fnearest`)."""
    if value != value:
        return NAN
    return value if _integral(value) else math.copysign(float(round(value)), value)


def fneg32(value: float) -> float:
    """Flip the sign bit of an f32 (`op-fneg`)."""
    return -value if value == value else f32_from_bits(f32_to_bits(value) ^ SIGN32)


def fneg64(value: float) -> float:
    """Flip the sign bit of an f64 (`op-fneg`)."""
    return -value if value == value else f64_from_bits(f64_to_bits(value) ^ SIGN64)


def fabs32(value: float) -> float:
    """Clear the sign bit of an f32 (`op-fabs`)."""
    return abs(value) if value == value else f32_from_bits(f32_to_bits(value) & ~SIGN32)


def fabs64(value: float) -> float:
    """Clear the sign bit of an f64 (`op-fabs`)."""
    return abs(value) if value == value else f64_from_bits(f64_to_bits(value) & ~SIGN64)


def fcopysign32(magnitude: float, sign: float) -> float:
    """Take the sign bit of another f32 (`op-fcopysign`)."""
    return f32_from_bits(f32_to_bits(magnitude) & ~SIGN32 | f32_to_bits(sign) & SIGN32)


def fcopysign64(magnitude: float, sign: float) -> float:
    """Take the sign bit of another f64 (`op-fcopysign`)."""
    return f64_from_bits(f64_to_bits(magnitude) & ~SIGN64 | f64_to_bits(sign) & SIGN64)


# -- conversions (4.3.4) -------------------------------------------------------------------------


def trunc_s(value: float, bits: int) -> int:
    """Truncate to a signed integer (`op-trunc_s`). Raises TrapError."""
    if value != value:
        raise TrapError(TrapCause.INVALID_CONVERSION)
    bound = 1 << bits - 1
    if math.isinf(value) or not -bound <= (result := math.trunc(value)) < bound:
        raise TrapError(TrapCause.INTEGER_OVERFLOW)
    return result & ((1 << bits) - 1)


def trunc_u(value: float, bits: int) -> int:
    """Truncate to an unsigned integer (`op-trunc_u`). Raises TrapError."""
    if value != value:
        raise TrapError(TrapCause.INVALID_CONVERSION)
    if math.isinf(value) or not 0 <= (result := math.trunc(value)) < 1 << bits:
        raise TrapError(TrapCause.INTEGER_OVERFLOW)
    return result


def trunc_sat_s(value: float, bits: int) -> int:
    """Truncate to the nearest signed integer in range (`op-trunc_sat_s`)."""
    if value != value:
        return 0
    bound = 1 << bits - 1
    if value <= -bound:
        return bound
    if value >= bound:
        return bound - 1
    return math.trunc(value) & ((1 << bits) - 1)


def trunc_sat_u(value: float, bits: int) -> int:
    """Truncate to the nearest unsigned integer in range (`op-trunc_sat_u`)."""
    if value != value or value <= 0:
        return 0
    if value >= 1 << bits:
        return (1 << bits) - 1
    return math.trunc(value)


def convert_to_f32(value: int) -> float:
    """Round an integer of up to 64 bits to f32, once (`op-convert_u`, `op-convert_s`)."""
    if -0x1000000 <= value <= 0x1000000:
        return float(value)
    # Going through f64 would round twice. Keep 24 bits and let the rest decide by stickiness:
    # with 26 bits, of which the last says whether anything was lost, rounding is right.
    magnitude = abs(value)
    shift = max(0, magnitude.bit_length() - 26)
    kept = magnitude >> shift
    if kept << shift != magnitude:
        kept |= 1
    return round32(math.copysign(math.ldexp(float(kept), shift), value))


def promote(value: float) -> float:
    """Turn an f32 into an f64 (`op-promote`)."""
    return value if value == value else NAN
