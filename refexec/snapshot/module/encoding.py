"""The binary format in the direction of writing: numbers, sections, constant expressions."""

from __future__ import annotations

import struct
from typing import Any

from refexec.interp import types as t
from refexec.interp.values import f32_to_bits, f64_to_bits

END = b"\x0b"

CUSTOM, TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT = range(8)
START, ELEMENT, CODE, DATA, DATA_COUNT, TAG = range(8, 14)

TYPE_CODES = {t.I32: 0x7F, t.I64: 0x7E, t.F32: 0x7D, t.F64: 0x7C, t.V128: 0x7B}
"""Binary codes of the value types that are no references."""


def unsigned(number: int) -> bytes:
    """An unsigned LEB128 number."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def signed(number: int) -> bytes:
    """A signed LEB128 number."""
    encoded = bytearray()
    while not -0x40 <= number < 0x40:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number & 0x7F)
    return bytes(encoded)


def name(text: str) -> bytes:
    """A name, after its size."""
    encoded = text.encode()
    return unsigned(len(encoded)) + encoded


def section(number: int, content: bytes) -> bytes:
    """A section."""
    return bytes((number,)) + unsigned(len(content)) + content


def custom(title: str, content: bytes) -> bytes:
    """A custom section."""
    return section(CUSTOM, name(title) + content)


def vector(items: list[bytes]) -> bytes:
    """The number of items, and the items."""
    return unsigned(len(items)) + b"".join(items)


def i32_const(bits: int) -> bytes:
    """The instruction that gives an i32, which is given as unsigned."""
    return b"\x41" + signed((bits ^ 1 << 31) - (1 << 31))


def i64_const(bits: int) -> bytes:
    """The instruction that gives an i64, which is given as unsigned."""
    return b"\x42" + signed((bits ^ 1 << 63) - (1 << 63))


def constant(value_type: t.ValueType, value: Any) -> bytes:
    """The expression that gives a value that is no reference, as the machine holds it."""
    if value_type is t.I32:
        return i32_const(value) + END
    if value_type is t.I64:
        return i64_const(value) + END
    if value_type is t.F32:
        return b"\x43" + struct.pack("<I", f32_to_bits(value)) + END
    if value_type is t.F64:
        return b"\x44" + struct.pack("<Q", f64_to_bits(value)) + END
    return b"\xfd\x0c" + bytes(value) + END
