"""The numbers in saved states of services: unsigned LEB128, at most 2^31 - 1.

Longer forms than necessary are accepted, as long as the value fits. What comes in may be hostile:
a number is refused at the first byte that makes it too large.
"""

from __future__ import annotations

from typing import Final

from refexec.errors import StreamError

MAX_VARINT: Final = 2**31 - 1
"""Largest number that can be encoded."""

_MAX_BYTES: Final = 32  # zeros may follow without end otherwise


def put_varint(value: int) -> bytes:
    """Encode a number from 0 to `MAX_VARINT`; `ValueError` for any other."""
    if not 0 <= value <= MAX_VARINT:
        raise ValueError(f"varint value {value} is out of range")
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def get_varint(source: bytes) -> tuple[int, bytes]:
    """Decode a number at the start of `source`; return it and the rest.

    Raises `StreamError` if the bytes end too early or the number is too large.
    """
    value = 0
    for i, byte in enumerate(source[:_MAX_BYTES]):
        value |= (byte & 0x7F) << 7 * i
        if value > MAX_VARINT:
            raise StreamError("varint value out of range")
        if byte < 0x80:
            return value, source[i + 1 :]
    if len(source) >= _MAX_BYTES:
        raise StreamError("varint value out of range")
    raise StreamError("end of data while decoding varint")
