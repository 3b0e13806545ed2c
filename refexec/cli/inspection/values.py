"""Wasm values, references and bytes as JSON objects.

Numbers are written in the notation of `refexec.cli.numbers`, in strings, since most readers of
JSON keep no more than 53 bits of a number. A value that does not belong to its type is written as
what it is, without a type.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from refexec.cli import numbers
from refexec.cli.inspection import JSON
from refexec.interp import types as t
from refexec.interp.values import f32_from_bits, f32_to_bits, f64_to_bits

MAX_BYTES: Final = 256
"""Bytes that are written out at most."""

_LANES: Final = {
    "i8x16": ("<16b", None),
    "i16x8": ("<8h", None),
    "i32x4": ("<4i", None),
    "i64x2": ("<2q", None),
    "f32x4": ("<4I", t.F32),
    "f64x2": ("<2Q", t.F64),
}
"""Name of a shape: format, and the type if the lanes are floats."""

_UNKNOWN_LENGTH: Final = 60


def blob(data: bytes, limit: int = MAX_BYTES) -> JSON:
    """Describe bytes: how many, and the first of them."""
    return {"size": len(data), "hex": data[:limit].hex(), "truncated": len(data) > limit}


def number(value: int) -> str:
    """Write a number that may be too large for readers of JSON."""
    return str(int(value))


def describe_value(
    value: Any,
    of: t.StorageType | None,
    reference: Callable[[Any], JSON],
    type_text: Callable[[t.StorageType], str] = repr,
) -> JSON:
    """Describe a value of the machine state that should be of type `of`, None if unknown.

    `reference` describes a reference that is not null, `type_text` writes the type.
    """
    described = None
    match of:
        case t.ReferenceType():
            described = _reference(value, reference)
        case t.PackedType():
            if _is_number(value, of.bits):
                described = {"value": str(value), "hex": f"0x{value:0{of.bits // 4}x}"}
        case t.NumberType():
            described = _number(value, of)
    if of is None or described is None:
        shown = repr(value[:_UNKNOWN_LENGTH] if isinstance(value, str | bytes) else value)
        return {"type": None, "value": shown[:_UNKNOWN_LENGTH]}
    return {"type": type_text(of), **described}


def _is_number(value: Any, bits: int) -> bool:
    return type(value) is int and 0 <= value < 1 << bits


def _reference(value: Any, reference: Callable[[Any], JSON]) -> JSON | None:
    if value is None:
        return {"value": "null", "reference": None}
    if not isinstance(value, list | tuple):
        return None
    described = reference(value)
    return {"value": described.pop("text"), "reference": described}


def _number(value: Any, of: t.NumberType) -> JSON | None:
    if of is t.V128:
        return _vector(value) if type(value) is bytes and len(value) == 16 else None
    if of is t.I32 or of is t.I64:
        bits = 32 if of is t.I32 else 64
        if not _is_number(value, bits):
            return None
        pattern: int = value
    elif type(value) is not float:
        return None
    elif of is t.F64:
        bits, pattern = 64, f64_to_bits(value)
    else:
        try:
            bits, pattern = 32, f32_to_bits(value)
        except OverflowError:
            return None
        if f64_to_bits(f32_from_bits(pattern)) != f64_to_bits(value):
            return None
    return {"value": numbers.show(pattern, of), "hex": f"0x{pattern:0{bits // 4}x}"}


def _vector(value: bytes) -> JSON:
    lanes = {
        shape: [
            str(lane) if of is None else numbers.show(lane, of)
            for lane in struct.unpack(form, value)
        ]
        for shape, (form, of) in _LANES.items()
    }
    return {
        "value": numbers.show(value, t.V128),
        "hex": numbers.show(value, t.V128),
        "lanes": lanes,
    }
