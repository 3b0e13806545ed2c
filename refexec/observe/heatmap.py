"""Which parts of memory a program uses most, as an observer."""

from __future__ import annotations

from collections import Counter
from typing import Any

from refexec.observe.observer import Access, Observer, Place, View


class MemoryHeatMap(Observer):
    """Counts reads and writes of memory by blocks of equal size.

    An access that touches several blocks counts in each of them.
    """

    def __init__(self, block: int = 64) -> None:
        self.block = block
        """Bytes of a block."""
        self.reads: Counter[tuple[int, int]] = Counter()
        """Times by memory, and number of the block in it."""
        self.writes: Counter[tuple[int, int]] = Counter()
        """Likewise."""

    def access(self, view: View, place: Place, access: Access) -> None:
        """Count it in each block that it touches."""
        if not access.size:
            return
        first = access.address // self.block
        last = (access.address + access.size - 1) // self.block
        counts = self.writes if access.write else self.reads
        for number in range(first, last + 1):
            counts[access.memory, number] += 1

    def report(self) -> dict[str, Any]:
        """Give rows of memory, address, reads and writes, in order."""
        rows = [
            [memory, number * self.block, self.reads[memory, number], self.writes[memory, number]]
            for memory, number in sorted(self.reads.keys() | self.writes.keys())
        ]
        return {"block": self.block, "rows": rows}
