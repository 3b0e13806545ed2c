"""Functions, recursion, dispatch, variables that live on."""

from __future__ import annotations

from benchmarks.by_hand import M32, M64


def fib(n: int) -> int:
    """Fibonacci numbers by the definition."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def tak(n: int) -> int:
    """The Takeuchi function of n, two thirds of n and a third of n."""
    return _tak(n, 2 * n // 3, n // 3)


def _tak(x: int, y: int, z: int) -> int:
    if y >= x:
        return z
    return _tak(_tak(x - 1, y, z), _tak(y - 1, z, x), _tak(z - 1, x, y))


def queens(n: int) -> int:
    """The ways to place n queens on a board."""
    return _place((1 << n) - 1, 0, 0, 0)


def _place(every: int, columns: int, left: int, right: int) -> int:
    if columns == every:
        return 1
    count = 0
    free = every & ~(columns | left | right)
    while free:
        bit = free & -free
        free ^= bit
        count += _place(every, columns | bit, (left | bit) << 1 & M32, (right | bit) >> 1)
    return count


def indirect(n: int) -> int:
    """Calls through a table: four functions take turns."""
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


def xorshift(n: int) -> int:
    """A generator whose state outlives its calls."""
    x, y, z, w = 123456789, 362436069, 521288629, 88675123
    total = 0

    def step() -> None:
        nonlocal x, y, z, w, total
        t = x ^ x << 11 & M32
        x, y, z = y, z, w
        w ^= w >> 19 ^ t ^ t >> 8
        total = (total * 3 + w) & M64

    for _ in range(n):
        step()
    return total


def dispatch(n: int) -> int:
    """A machine with eight codes executes a fixed program n times."""
    a = 7
    codes = bytearray(64)
    for i in range(64):
        a = (a * 13 + 5) & 255
        codes[i] = a >> 3 & 7
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
