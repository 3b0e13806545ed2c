"""Scatter and gather: arrays of (pointer, length) pairs in guest memory.

Entries are read one by one, only as far as they are needed, so an array that leads outside
memory traps when its first outside entry is reached.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refexec.abi.host import Host

ENTRY_SIZE = 8
"""Bytes of an array entry: u32 pointer, u32 length."""

_ENTRY = struct.Struct("<II")


def signed32(value: int) -> int:
    """Read an unsigned i32 argument as signed."""
    return value - (1 << 32) if value >> 31 else value


def entries(host: Host, vector: int, count: int) -> Iterator[tuple[int, int]]:
    """Address and length of each entry; a `count` that is negative as i32 means none."""
    for index in range(signed32(count)):
        yield _ENTRY.unpack(host.load(vector + index * ENTRY_SIZE, ENTRY_SIZE))


def _first(host: Host, vector: int) -> tuple[int, int]:
    address, length = _ENTRY.unpack(host.load(vector, ENTRY_SIZE))
    return address, length


def has_content(host: Host, vector: int, count: int) -> bool:
    """Whether any entry has a length above 0."""
    # Most arrays have one entry, or none.
    if count <= 1:
        return bool(count and _first(host, vector)[1])
    return any(length for _, length in entries(host, vector, count))


def transfer(
    move: Callable[[int, int], int], host: Host, vector: int, count: int
) -> tuple[int, bool]:
    """Move the buffers in order with `Host.receive` or `Host.send`, up to the first short move.

    Returns the number of bytes moved, and whether a move was short.
    """
    if count == 1:
        address, length = _first(host, vector)
        moved = move(address, length)
        return moved, moved < length
    total = 0
    for address, length in entries(host, vector, count):
        moved = move(address, length)
        total += moved
        if moved < length:
            return total, True
    return total, False
