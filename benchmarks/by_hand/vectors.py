"""What the modules with vectors compute, without them."""

from __future__ import annotations

from benchmarks.by_hand import M32

_QUARTERS = (
    *((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)),
    *((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)),
)


def chacha(n: int) -> int:
    """N blocks of the ChaCha20 key stream, folded."""
    begin = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    begin += [0x03020100, 0x07060504, 0x0B0A0908, 0x0F0E0D0C]
    begin += [0x13121110, 0x17161514, 0x1B1A1918, 0x1F1E1D1C]
    begin += [1, 0x09000000, 0x4A000000, 0]
    total = 0
    for _ in range(n):
        state = begin[:]
        for _ in range(10):
            for i, j, k, m in _QUARTERS:
                a, b, c, d = state[i], state[j], state[k], state[m]
                a = (a + b) & M32
                d ^= a
                d = (d << 16 | d >> 16) & M32
                c = (c + d) & M32
                b ^= c
                b = (b << 12 | b >> 20) & M32
                a = (a + b) & M32
                d ^= a
                d = (d << 8 | d >> 24) & M32
                c = (c + d) & M32
                b ^= c
                b = (b << 7 | b >> 25) & M32
                state[i], state[j], state[k], state[m] = a, b, c, d
        for first, word in zip(begin, state, strict=True):
            total ^= (first + word) & M32
        begin[12] = (begin[12] + 1) & M32
    return total


def blend(n: int) -> int:
    """Two pictures of 1,024 bytes blended n times, their differences summed up."""
    data = bytearray(2048)
    x = 3
    for i in range(2048):
        x = (x * 1664525 + 1013904223) & M32
        data[i] = x >> 24
    total = 0
    for turn in range(n, 0, -1):
        for i in range(1024):
            a, b = data[i], data[i + 1024]
            total += abs(a - b)
            data[i] = ((a + b + 1 >> 1) + turn) & 255
    return total & M32
