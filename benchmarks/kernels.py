"""The kernels: each a module in `kernels/`, and the same computation written in Python by hand.

The Python gives the result that every engine is checked against, and a yardstick. Integers are
unsigned here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

M32 = 0xFFFFFFFF
M64 = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class Kernel:
    """One program: exports `run`, which takes an i32 and gives one value."""

    name: str
    what: str
    """What it exercises."""

    size: int
    """The argument: chosen so that the module executes about a million instructions."""

    result: str
    """Type of the result: `i32`, `i64` or `f64`."""

    python: Callable[[int], int | float]

    @property
    def text(self) -> str:
        """The module as text."""
        path = Path(__file__).parent / "kernels" / f"{self.name}.wat"
        return path.read_text(encoding="utf-8")

    def normal(self, value: int | float) -> int | float:
        """A result in one form for all engines: integers unsigned, floats as they are."""
        if self.result == "i32":
            return int(value) & M32
        if self.result == "i64":
            return int(value) & M64
        return float(value)


def _fib(n: int) -> int:
    return n if n < 2 else _fib(n - 1) + _fib(n - 2)


def _sieve(n: int) -> int:
    struck = bytearray(n)
    count = 0
    for i in range(2, n):
        if not struck[i]:
            count += 1
            for j in range(i + i, n, i):
                struck[j] = 1
    return count


def _sort(n: int) -> int:
    x = 12345
    words = []
    for _ in range(n):
        x = (x * 1103515245 + 12345) & M32
        words.append(x >> 1)
    gap = n >> 1
    while gap:
        for i in range(gap, n):
            x = words[i]
            j = i
            while j >= gap and words[j - gap] > x:
                words[j] = words[j - gap]
                j -= gap
            words[j] = x
        gap >>= 1
    h = 0
    for word in words:
        h = ((h << 5 | h >> 27) & M32) ^ word
    return h


def _mix32(n: int) -> int:
    h = 0x9747B28C
    for i in range(n, 0, -1):
        k = i * 0xCC9E2D51 & M32
        k = ((k << 15 | k >> 17) & M32) * 0x1B873593 & M32
        h ^= k
        h = (h << 13 | h >> 19) & M32
        h = (h * 5 + 0xE6546B64) & M32
        h ^= h >> 16
    return h


def _mix64(n: int) -> int:
    state = total = 0
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & M64
        z = state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M64
        z = (z ^ z >> 27) * 0x94D049BB133111EB & M64
        z ^= z >> 31
        total = ((total << 7 | total >> 57) & M64) ^ z
    return total


def _mandelbrot(n: int) -> float:
    total = 0.0
    for py in range(n):
        for px in range(n):
            cx = px * 3.0 / n - 2.0
            cy = py * 2.0 / n - 1.0
            x = y = 0.0
            k = 0
            while k < 40:
                x, y = x * x - y * y + cx, 2.0 * x * y + cy
                if x * x + y * y > 4.0:
                    break
                k += 1
            total = total * 0.999 + k
    return total


def _matmul(n: int) -> float:
    size = n * n * 8
    a = [float(i % 97) / 7.0 for i in range(0, size, 8)]
    b = [float(i % 89) - 40.0 for i in range(0, size, 8)]
    c = [0.0] * (n * n)
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i * n + k] * b[k * n + j]
            c[i * n + j] = total
    total = 0.0
    for i in range(n):
        total += c[i * n + i]
    return total


def _dispatch(n: int) -> int:
    a = 7
    codes = []
    for _ in range(64):
        a = (a * 13 + 5) & 255
        codes.append(a >> 3 & 7)
    a, b = 1, 0
    for _ in range(n):
        for code in codes:
            if code == 0:
                a = (a + b) & M32
            elif code == 1:
                b ^= a
            elif code == 2:
                a = a * 31 & M32
            elif code == 3:
                b = (b - a) & M32
            elif code == 4:
                a = (a << 3 | a >> 29) & M32
            elif code == 5:
                b = (b + 1) & M32
            elif code == 6:
                a ^= b >> 2
            else:
                a, b = b, a
    return a ^ b


def _bulk(n: int) -> int:
    memory = bytearray(65536)
    h = 0
    for turn in range(n, 0, -1):
        memory[0:4096] = bytes([turn & 255]) * 4096
        memory[4000:8096] = memory[0:4096]
        memory[16384:20480] = memory[3000:7096]
        place = 5000 + (turn & 1023)
        memory[place : place + 4] = h.to_bytes(4, "little")
        memory[20001:22049] = memory[4500:6548]
        for i in range(20001, 22049, 32):
            h = (h * 16777619 + memory[i]) & M32
    return h


def _indirect(n: int) -> int:
    calls = 0

    def add(x: int) -> int:
        return (x + calls) & M32

    def twist(x: int) -> int:
        return (x << 9 | x >> 23) & M32

    def scale(x: int) -> int:
        return x * 2654435761 & M32

    def fold(x: int) -> int:
        return x ^ x >> 11

    table = [add, twist, scale, fold]
    x = 1
    while calls < n:
        x = table[calls & 3](x)
        calls += 1
    return x


KERNELS = (
    Kernel("fib", "calls and recursion", 22, "i32", _fib),
    Kernel("indirect", "calls through a table, globals", 50_000, "i32", _indirect),
    Kernel("sieve", "byte memory traffic", 30_000, "i32", _sieve),
    Kernel("sort", "word memory", 2_500, "i32", _sort),
    Kernel("mix32", "32-bit mixing", 35_000, "i32", _mix32),
    Kernel("mix64", "64-bit mixing", 30_000, "i64", _mix64),
    Kernel("mandelbrot", "floats", 40, "f64", _mandelbrot),
    Kernel("matmul", "float memory", 36, "f64", _matmul),
    Kernel("dispatch", "br_table dispatch", 1_000, "i32", _dispatch),
    Kernel("bulk", "bulk memory", 800, "i32", _bulk),
)
"""All kernels, in the order of the table."""


def kernel(name: str) -> Kernel:
    """The kernel of that name. Raises `KeyError` if there is none."""
    return {item.name: item for item in KERNELS}[name]
