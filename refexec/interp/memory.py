"""Linear memory (Execution 4.2.9, 4.6.10): bytes whose end is exactly the guest's end.

`view` is a memoryview of exactly the current size, so that Python's own bounds check is the
guest's. It is a slice of an anonymous mapping that is as large as the memory may ever become:
growing copies nothing, and pages that were never touched cost nothing. Instructions are in
`refexec.interp.instructions.memory`.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable

from refexec.errors import TrapError
from refexec.interp import types as t
from refexec.trap import TrapCause

OUT_OF_BOUNDS = (struct.error, IndexError, OverflowError)
"""What Python raises for an access beyond a memoryview, depending on how it is made."""


def out_of_bounds() -> TrapError:
    """Make the trap for an access beyond the end of a memory."""
    return TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)


_BLOCK = 1 << 20
"""Bytes that `fill` writes at a time."""

_FIRST = 64
"""Bytes to look at before a whole piece is compared with zeros."""


class MemoryInstance:
    """A memory of a store."""

    __slots__ = ("_mapping", "limit", "pages", "type", "view", "watchers")

    def __init__(self, memory_type: t.MemoryType, limit: int) -> None:
        """Make a zeroed memory of the minimum size that can grow to `limit` pages.

        `limit` is in pages of the memory's own page size and at least the minimum.
        """
        self.type = memory_type
        maximum = memory_type.limits.maximum
        self.limit = limit if maximum is None else min(limit, maximum)
        """Pages that the memory can grow to."""
        self.pages = memory_type.limits.minimum
        # A mapping of no bytes does not exist.
        self._mapping = mmap.mmap(-1, max(1, self.limit * memory_type.page_size))
        self.view = memoryview(self._mapping)[: self.pages * memory_type.page_size]
        """The bytes of the guest, replaced when the memory grows."""
        self.watchers: list[Callable[[MemoryInstance], None]] = []
        """Called after the memory has grown, by those who keep views of their own."""

    @property
    def size(self) -> int:
        """Current size in bytes."""
        return len(self.view)

    def grow(self, pages: int) -> bool:
        """Add pages; tell whether that was possible."""
        if pages > self.limit - self.pages:
            return False
        self.pages += pages
        self.view = memoryview(self._mapping)[: self.pages * self.type.page_size]
        for watcher in self.watchers:
            watcher(self)
        return True

    def fill(self, address: int, value: int, count: int) -> None:
        """Write the low byte of `value` `count` times. Raises TrapError, writing nothing."""
        end = address + count
        if end > len(self.view):
            raise out_of_bounds()
        # In pieces, so that filling a gigabyte does not take another one.
        block = bytes((value & 0xFF,)) * min(count, _BLOCK)
        while end - address > _BLOCK:
            self.view[address : address + _BLOCK] = block
            address += _BLOCK
        self.view[address:end] = block[: end - address]

    def copy(self, address: int, source: MemoryInstance, start: int, count: int) -> None:
        """Copy bytes of a memory to here, as if at once. Raises TrapError, writing nothing."""
        if address + count > len(self.view) or start + count > len(source.view):
            raise out_of_bounds()
        self.view[address : address + count] = source.view[start : start + count]

    def read(self, address: int, length: int) -> bytes:
        """Copy bytes out. Raises TrapError if any lies outside."""
        if address < 0 or length < 0 or address + length > len(self.view):
            raise out_of_bounds()
        return bytes(self.view[address : address + length])

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copy bytes in. Raises TrapError, writing nothing, if any would lie outside."""
        if address < 0 or address + len(data) > len(self.view):
            raise out_of_bounds()
        self.view[address : address + len(data)] = data

    def used_pieces(self, size: int) -> list[tuple[int, memoryview]]:
        """The pieces of `size` bytes that are not all zero, as (index, bytes).

        They are views: what they show changes with the memory.
        """
        zero = bytes(size)
        pieces = []
        for index in range((len(self.view) + size - 1) // size):
            piece = self.view[index * size : (index + 1) * size]
            # Comparing bytes is one call of memcmp, comparing memoryviews is a slow loop, which
            # most pieces with contents leave at once.
            if piece[:_FIRST] != zero[:_FIRST] or bytes(piece) != zero[: len(piece)]:
                pieces.append((index, piece))
        return pieces
