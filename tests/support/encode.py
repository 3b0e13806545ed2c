"""The binary format, written by hand: for modules that no assembler would make."""

from __future__ import annotations

EMPTY = b"\0asm\1\0\0\0"
"""A module without sections."""


def leb(number: int, size: int = 1) -> bytes:
    """An unsigned LEB128 number in at least `size` bytes."""
    encoded = bytearray()
    while number >= 0x80 or len(encoded) + 1 < size:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def vector(*items: bytes) -> bytes:
    """A vector: the number of items, and the items."""
    return leb(len(items)) + b"".join(items)


def sized(content: bytes) -> bytes:
    """Bytes after their number."""
    return leb(len(content)) + content


def section(number: int, *items: bytes) -> bytes:
    """A section that holds a vector."""
    return bytes((number,)) + sized(vector(*items))


def module(*sections: bytes) -> bytes:
    """A module of sections that are encoded already."""
    return EMPTY + b"".join(sections)


def body(code: bytes, local_runs: bytes = b"\0") -> bytes:
    """A function body; the `end` is added."""
    return sized(local_runs + code + b"\x0b")


def function(
    code: bytes, *before: bytes, types: tuple[bytes, ...] = (), runs: bytes = b"\0"
) -> bytes:
    """A module with one function without parameters and results, type 0.

    `before` are further sections, to be put in their places; `types` further types.
    """
    sections = [
        section(1, b"\x60\0\0", *types),
        section(3, b"\0"),
        section(10, body(code, runs)),
        *before,
    ]
    order = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
    return module(*sorted(sections, key=lambda encoded: order.index(encoded[0])))
