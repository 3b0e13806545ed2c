"""Mixing and arithmetic of 32 and 64 bits."""

from __future__ import annotations

from benchmarks.by_hand import M32, M64


def mix32(n: int) -> int:
    """A hash function of 32 bits."""
    h = 0x9747B28C
    for i in range(n, 0, -1):
        k = i * 0xCC9E2D51 & M32
        k = ((k << 15 | k >> 17) & M32) * 0x1B873593 & M32
        h ^= k
        h = (h << 13 | h >> 19) & M32
        h = (h * 5 + 0xE6546B64) & M32
        h ^= h >> 16
    return h


def mix64(n: int) -> int:
    """A generator of 64 bits, folded."""
    state = total = 0
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & M64
        z = state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M64
        z = (z ^ z >> 27) * 0x94D049BB133111EB & M64
        z ^= z >> 31
        total = ((total << 7 | total >> 57) & M64) ^ z
    return total


def fixed(n: int) -> int:
    """The Mandelbrot formula in fixed point, over an n by n grid."""
    total = 0
    for py in range(n):
        cy = int(py * 2 * 0x1000000 / n) - 0x1000000
        for px in range(n):
            cx = int(px * 3 * 0x1000000 / n) - 0x2000000
            x = y = k = 0
            while k < 40:
                xx = x * x >> 24
                yy = y * y >> 24
                if xx + yy > 0x4000000:
                    break
                y = (x * y >> 24) * 2 + cy
                x = xx - yy + cx
                k += 1
            total = (total * 31 + k) & M32
    return total
