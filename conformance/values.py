"""Values that cross the border between a script and a backend.

They are engine-neutral: numbers are unsigned bit patterns, so that every NaN can be told from
every other; references say what they are without handing out the thing itself. This module does
not say which values are expected; that is `patterns`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

NUMBER_BITS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64, "v128": 128}
"""Number types and their widths in bits."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number or vector by its bits."""

    type: str
    """`i32`, `i64`, `f32`, `f64` or `v128`."""

    bits: int
    """The bit pattern as an unsigned integer; lane 0 of a vector is in the lowest bits."""

    def __str__(self) -> str:
        return number_text(self.type, self.bits)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference, seen from outside."""

    kind: str
    """`func`, `extern`, `any`, `eq`, `i31`, `struct`, `array`, `exn`: the most exact that the
    backend can tell. Empty for a null whose hierarchy the backend cannot tell."""

    null: bool = False
    """Whether it refers to nothing."""

    host: int | None = None
    """The number of a host object that a script made up, if it is one."""

    def __str__(self) -> str:
        if self.null:
            return f"(ref.null {self.kind})" if self.kind else "(ref.null)"
        if self.host is not None:
            return f"(ref.{self.kind} {self.host})"
        return f"(ref.{self.kind})"


Value = Number | Reference


def number_text(type_name: str, bits: int) -> str:
    """Write a number for people: the value, and the bits where the value does not tell them."""
    if type_name == "f32":
        return f"(f32 {_float_text(struct.unpack('<f', struct.pack('<I', bits))[0])} 0x{bits:08x})"
    if type_name == "f64":
        return f"(f64 {_float_text(struct.unpack('<d', struct.pack('<Q', bits))[0])} 0x{bits:016x})"
    if type_name == "v128":
        return f"(v128 0x{bits:032x})"
    width = int(type_name[1:])  # lanes may be i8 and i16
    signed = bits - (1 << width) if bits >> (width - 1) else bits
    return f"({type_name} {signed})"


def _float_text(value: float) -> str:
    return repr(value)


def values_text(values: tuple[Value, ...]) -> str:
    """Write a list of values for people."""
    return " ".join(map(str, values)) if values else "nothing"
