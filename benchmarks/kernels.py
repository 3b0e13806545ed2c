"""The kernels: each a module in `kernels/`, and the same computation by hand in `by_hand/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.by_hand import M32, M64, calls, floats, integers, memory, vectors


@dataclass(frozen=True, slots=True)
class Kernel:
    """One program: exports `run`, which takes an i32 and gives one value."""

    name: str
    what: str
    """What it exercises."""

    size: int
    """The argument: chosen so that the module executes about a million instructions; vectors count
    for several."""

    result: str
    """Type of the result: `i32`, `i64` or `f64`."""

    python: Callable[[int], int | float]

    @property
    def text(self) -> str:
        """The module as text."""
        path = Path(__file__).parent / "kernels" / f"{self.name}.wat"
        return path.read_text(encoding="utf-8")

    @property
    def features(self) -> frozenset[str]:
        """What of WebAssembly it needs that some engines do not have: `vectors` or nothing."""
        return frozenset({"vectors"} if "v128" in self.text else ())

    def normal(self, value: int | float) -> int | float:
        """A result in one form for all engines: integers unsigned, floats as they are."""
        if self.result == "i32":
            return int(value) & M32
        if self.result == "i64":
            return int(value) & M64
        return float(value)


KERNELS = (
    Kernel("fib", "calls and recursion", 22, "i32", calls.fib),
    Kernel("tak", "recursion with three arguments", 18, "i32", calls.tak),
    Kernel("queens", "recursion out of a loop", 9, "i32", calls.queens),
    Kernel("indirect", "calls through a table, globals", 50_000, "i32", calls.indirect),
    Kernel("xorshift", "globals of 32 and 64 bits", 28_000, "i64", calls.xorshift),
    Kernel("dispatch", "br_table dispatch", 1_000, "i32", calls.dispatch),
    Kernel("mix32", "32-bit mixing", 35_000, "i32", integers.mix32),
    Kernel("mix64", "64-bit mixing", 30_000, "i64", integers.mix64),
    Kernel("fixed", "signed numbers, small functions", 36, "i32", integers.fixed),
    Kernel("sieve", "byte memory traffic", 30_000, "i32", memory.sieve),
    Kernel("crc32", "byte scanning, a table", 35_000, "i32", memory.crc32),
    Kernel("base64", "bytes to bytes", 6_000, "i32", memory.base64),
    Kernel("sort", "word memory", 2_500, "i32", memory.sort),
    Kernel("levenshtein", "words and bytes, choices", 160, "i32", memory.levenshtein),
    Kernel("hashtable", "64-bit keys in memory", 20_000, "i64", memory.hashtable),
    Kernel("bulk", "bulk memory", 800, "i32", memory.bulk),
    Kernel("mandelbrot", "floats", 40, "f64", floats.mandelbrot),
    Kernel("matmul", "float memory", 36, "f64", floats.matmul),
    Kernel("heat", "memory of single floats", 100, "f64", floats.heat),
    Kernel("nbody", "records of floats, square roots", 500, "f64", floats.nbody),
    Kernel("fft", "arrays of floats", 12, "f64", floats.fft),
    Kernel("chacha", "vectors of words", 100, "i32", vectors.chacha),
    Kernel("blend", "vectors of bytes in memory", 50, "i32", vectors.blend),
)
"""All kernels, in the order of the table."""


def kernel(name: str) -> Kernel:
    """The kernel of that name. Raises `KeyError` if there is none."""
    return {item.name: item for item in KERNELS}[name]
