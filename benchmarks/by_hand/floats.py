"""Floats in locals and in memory."""

from __future__ import annotations

from math import sqrt


def mandelbrot(n: int) -> float:
    """The Mandelbrot formula over an n by n grid."""
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


def matmul(n: int) -> float:
    """The product of two n by n matrices, and the sum of its diagonal."""
    size = n * n
    a = memoryview(bytearray(8 * size)).cast("d")
    b = memoryview(bytearray(8 * size)).cast("d")
    c = memoryview(bytearray(8 * size)).cast("d")
    for i in range(size):
        a[i] = 8 * i % 97 / 7.0
        b[i] = 8 * i % 89 - 40.0
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


def heat(n: int) -> float:
    """512 single floats become the means of their neighbours, n times."""
    old = memoryview(bytearray(2048)).cast("f")
    new = memoryview(bytearray(2048)).cast("f")
    for i in range(512):
        old[i] = new[i] = 4 * i * 37 % 101
    for _ in range(n):
        for i in range(1, 511):
            new[i] = (old[i - 1] + old[i + 1]) * 0.5
        old, new = new, old
    total = 0.0
    for value in old:
        total = total * 0.75 + value
    return total


def nbody(n: int) -> float:
    """N steps of five bodies; a body is place, velocity and mass."""
    data = memoryview(bytearray(280)).cast("d")
    for i in range(5):
        at = 7 * i
        data[at] = i * 4.5 - 3
        data[at + 1] = i * i * 0.7 - 2
        data[at + 2] = i * 0.3
        data[at + 3] = (2.0 - i) * 0.1
        data[at + 4] = i * 0.05
        data[at + 5] = 0.01
        data[at + 6] = 39.0 / (1 + i * i * 9)
    for _ in range(n):
        _advance(data, 0.01)
    total = 0.0
    for value in data:
        total = total * 0.5 + value
    return total


def _advance(data: memoryview[float], dt: float) -> None:
    for a in range(0, 35, 7):
        for b in range(a + 7, 35, 7):
            dx = data[a] - data[b]
            dy = data[a + 1] - data[b + 1]
            dz = data[a + 2] - data[b + 2]
            square = dx * dx + dy * dy + dz * dz
            force = dt / (square * sqrt(square))
            mass = data[b + 6] * force
            data[a + 3] -= dx * mass
            data[a + 4] -= dy * mass
            data[a + 5] -= dz * mass
            mass = data[a + 6] * force
            data[b + 3] += dx * mass
            data[b + 4] += dy * mass
            data[b + 5] += dz * mass
    for a in range(0, 35, 7):
        data[a] += dt * data[a + 3]
        data[a + 1] += dt * data[a + 4]
        data[a + 2] += dt * data[a + 5]


_COS, _SIN = 0.9996988186962042, -0.024541228522912288


def fft(n: int) -> float:
    """N times the Fourier transform of 256 numbers."""
    # Real parts, imaginary parts.
    data = memoryview(bytearray(4096)).cast("d")
    cosines = memoryview(bytearray(1024)).cast("d")
    sines = memoryview(bytearray(1024)).cast("d")
    c, s = 1.0, 0.0
    for i in range(128):
        cosines[i], sines[i] = c, s
        c, s = c * _COS - s * _SIN, c * _SIN + s * _COS
    for i in range(256):
        data[i] = 8 * i * 29 % 67
    for _ in range(n):
        _reverse(data)
        _transform(data, cosines, sines)
        for i in range(512):
            data[i] *= 0.0625
    total = 0.0
    for value in data:
        total = total * 0.75 + value
    return total


def _reverse(data: memoryview[float]) -> None:
    j = 0
    for i in range(256):
        if i < j:
            data[i], data[j] = data[j], data[i]
            data[i + 256], data[j + 256] = data[j + 256], data[i + 256]
        bit = 128
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit


def _transform(
    data: memoryview[float], cosines: memoryview[float], sines: memoryview[float]
) -> None:
    half, step = 1, 128
    while half < 256:
        for start in range(0, 256, 2 * half):
            root = 0
            for a in range(start, start + half):
                b = a + half
                c, s = cosines[root], sines[root]
                re = data[b] * c - data[b + 256] * s
                im = data[b] * s + data[b + 256] * c
                data[b] = data[a] - re
                data[b + 256] = data[a + 256] - im
                data[a] += re
                data[a + 256] += im
                root += step
        half, step = 2 * half, step >> 1
