"""Vector instructions as functions of 128-bit ints, for generated code.

Generated code holds a v128 as an int from 0 to 2^128-1, lane 0 in its lowest bits. An operation on
such an int works on all lanes at once, as long as nothing is carried from one lane into the next:
that is what the masks are for, of which `H` has the highest bit of every lane and `L` all others.

`HELPERS` has a function for each instruction for which `refexec.translate.operations.vectors` has
no expression, by mnemonic. `HELPERS_OF_BYTES` are those that unpack the lanes in any case; the
rarest are the machine's own functions. Instructions of floats and of memory are not here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from operator import mul
from typing import Any

from refexec.interp.instructions import EXECUTE
from refexec.interp.opcodes import BY_MNEMONIC
from refexec.interp.values import NAN, f32_from_bits, f32_to_bits
from refexec.interp.vectors import S16X8, S32X4, U16X8, U32X4

Helper = Callable[..., Any]

ALL = (1 << 128) - 1
"""The vector whose bits are all set."""


def repeat(lane: int, bits: int) -> int:
    """The vector whose lanes of so many bits are all the same."""
    return lane * (ALL // ((1 << bits) - 1))


HIGH = {bits: repeat(1 << bits - 1, bits) for bits in (8, 16, 32, 64)}
"""By the width of lanes, the highest bit of each."""

LOW = {bits: high ^ ALL for bits, high in HIGH.items()}
"""By the width of lanes, all bits but the highest of each."""

_from_bytes = int.from_bytes


def shuffle(pattern: bytes, a: int, b: int) -> int:
    """Pick bytes of two vectors."""
    return _from_bytes(pattern.translate((a | b << 128).to_bytes(256, "little")), "little")


def swizzle(a: int, indices: int) -> int:
    """Pick bytes of a vector. Beyond it, the table has zeros."""
    table = a.to_bytes(256, "little")
    return _from_bytes(indices.to_bytes(16, "little").translate(table), "little")


# -- all lanes at once ---------------------------------------------------------------------------


def _comparisons(bits: int) -> dict[str, Helper]:
    """Comparisons.

    The highest bit of a lane of `(a | H) - (b & L)` tells whether the lower bits of `b` had to
    borrow; with the highest bits of `a` and `b` it tells which is greater.
    """
    H, L, top = HIGH[bits], LOW[bits], bits - 1

    def eq(a: int, b: int) -> int:
        x = a ^ b
        g = ((x & L) + L | x) & H ^ H
        return (g << 1) - (g >> top)

    def ne(a: int, b: int) -> int:
        x = a ^ b
        g = ((x & L) + L | x) & H
        return (g << 1) - (g >> top)

    def ge_u(a: int, b: int) -> int:
        n = b ^ ALL
        g = (a & n | (a ^ n) & (a | H) - (b & L)) & H
        return (g << 1) - (g >> top)

    def ge_s(a: int, b: int) -> int:
        n = a ^ ALL
        g = (b & n | (b ^ n) & (a | H) - (b & L)) & H
        return (g << 1) - (g >> top)

    found = {"eq": eq, "ne": ne}
    for sign, ge in (("u", ge_u), ("s", ge_s)):
        found.update({f"{name}_{sign}": item for name, item in _orders(ge).items()})
    return found


def _orders(ge: Helper) -> dict[str, Helper]:
    return {
        "ge": ge,
        "lt": lambda a, b: ge(a, b) ^ ALL,
        "gt": lambda a, b: ge(b, a) ^ ALL,
        "le": lambda a, b: ge(b, a),
    }


def _choices(bits: int) -> dict[str, Helper]:
    """The lesser or the greater, and unsigned sums that saturate, which rest on them.

    What is borrowed from a lane when the whole vectors are subtracted shows in the bit above it.
    A lane may owe something to the one below and so seem to be less when it is equal; but then
    either may be chosen.
    """
    H = HIGH[bits]
    above = repeat(1, bits) << bits

    def min_u(a: int, b: int) -> int:
        x = a ^ b
        g = (x ^ a - b) & above
        return b ^ x & g - (g >> bits)

    def max_u(a: int, b: int) -> int:
        x = a ^ b
        g = (x ^ a - b) & above
        return a ^ x & g - (g >> bits)

    def min_s(a: int, b: int) -> int:
        x = a ^ b
        g = (x ^ (a ^ H) - (b ^ H)) & above
        return b ^ x & g - (g >> bits)

    def max_s(a: int, b: int) -> int:
        x = a ^ b
        g = (x ^ (a ^ H) - (b ^ H)) & above
        return a ^ x & g - (g >> bits)

    def add_sat_u(a: int, b: int) -> int:
        n = a ^ ALL
        x = n ^ b
        g = (x ^ b - n) & above
        return a + (n ^ x & g - (g >> bits))

    def sub_sat_u(a: int, b: int) -> int:
        x = a ^ b
        g = (x ^ a - b) & above
        return (a ^ x & g - (g >> bits)) - b

    return {
        "min_u": min_u,
        "max_u": max_u,
        "min_s": min_s,
        "max_s": max_s,
        "add_sat_u": add_sat_u,
        "sub_sat_u": sub_sat_u,
    }


def _sums(bits: int) -> dict[str, Helper]:
    """Signed sums and differences that saturate, and absolute values."""
    H, L, top = HIGH[bits], LOW[bits], bits - 1
    ones = H >> top

    def add_sat_s(a: int, b: int) -> int:
        x = a ^ b
        total = (a & L) + (b & L) ^ x & H
        # Where the terms have one sign and the sum the other.
        g = (a ^ total) & (x ^ ALL) & H
        nearest = L + (a >> top & ones)
        return total ^ (total ^ nearest) & (g << 1) - (g >> top)

    def sub_sat_s(a: int, b: int) -> int:
        x = a ^ b
        total = (a | H) - (b & L) ^ (x ^ ALL) & H
        g = (a ^ total) & x & H
        nearest = L + (a >> top & ones)
        return total ^ (total ^ nearest) & (g << 1) - (g >> top)

    def absolute(a: int) -> int:
        sign = a >> top & ones
        return (a ^ (sign << bits) - sign) + sign

    return {"add_sat_s": add_sat_s, "sub_sat_s": sub_sat_s, "abs": absolute}


def _shifts(bits: int) -> dict[str, Helper]:
    """Shifts, by a number that is taken modulo the width of a lane."""
    H, last = HIGH[bits], bits - 1
    kept = [repeat((1 << bits - count) - 1, bits) for count in range(bits)]

    def shl(a: int, count: int) -> int:
        count &= last
        return (a & kept[count]) << count

    def shr_u(a: int, count: int) -> int:
        count &= last
        return a >> count & kept[count]

    def shr_s(a: int, count: int) -> int:
        count &= last
        g = a & H
        return a >> count & kept[count] | (g << 1) - (g >> count)

    return {"shl": shl, "shr_u": shr_u, "shr_s": shr_s}


def _gather_8(a: int) -> int:
    """`i8x16.bitmask`: pairs of bits first, so that no two products meet."""
    a = a >> 7 & 0x01010101010101010101010101010101
    a = (a | a >> 7) & 0x00030003000300030003000300030003
    return (a * 0x0004001000400100040010004001) >> 98 & 0xFFFF


def _bitmask(bits: int) -> Helper:
    """Gather the highest bits of lanes: a product has them side by side."""
    count = 128 // bits
    ones = repeat(1, bits)
    factor = sum(1 << (bits - 1) * index for index in range(count))
    place = (bits - 1) * (count - 1)
    full = (1 << count) - 1
    return lambda a: (a >> bits - 1 & ones) * factor >> place & full


# -- other widths --------------------------------------------------------------------------------


_M = {size: repeat((1 << size) - 1, 2 * size) for size in (8, 16, 32)}
_M8, _M16, _M32 = _M[8], _M[16], _M[32]


def _spread_8(x: int) -> int:
    x = (x | x << 32) & _M32
    x = (x | x << 16) & _M16
    return (x | x << 8) & _M8


def _spread_16(x: int) -> int:
    x = (x | x << 32) & _M32
    return (x | x << 16) & _M16


def _spread_32(x: int) -> int:
    return (x | x << 32) & _M32


SPREAD: dict[int, Callable[[int], int]] = {8: _spread_8, 16: _spread_16, 32: _spread_32}
"""By the width of lanes, what doubles that of those in 64 bits. All else is 0."""


def _spread_signed(half: int) -> Callable[[int], int]:
    spread, sign = SPREAD[half], repeat(1 << half - 1, 2 * half)
    above = (2 << half) - 2

    def signed(x: int) -> int:
        x = spread(x)
        return x | (x & sign) * above

    return signed


SPREAD_SIGNED = {half: _spread_signed(half) for half in SPREAD}
"""The same for signed lanes."""


def _halves(bits: int) -> dict[str, Helper]:
    """Instructions from lanes of half as many bits, by what follows the shape."""
    half = bits // 2
    name = f"extadd_pairwise_i{half}x{128 // half}_s"
    mask, middle = _M[half], HIGH.get(half, 0)
    # The lanes are made positive, and what they are too much is subtracted from the sums.
    back, top = LOW[bits] ^ mask, HIGH[bits]

    def pairwise(a: int) -> int:
        a ^= middle
        return (a & mask) + (a >> half & mask) + back ^ top

    return {name: pairwise}


def _products(bits: int) -> dict[str, Helper]:
    """Products of lanes of half as many bits, of vectors as `bytes`."""
    half = bits // 2
    count = 128 // bits
    codes = {8: "b", 16: "h", 32: "i", 64: "q"}
    found: dict[str, Helper] = {}
    for sign in ("s", "u"):
        narrow, wide = (codes[n] if sign == "s" else codes[n].upper() for n in (half, bits))
        pack = struct.Struct(f"<{count}{wide}").pack
        for place, layout in (("low", f"<{count}{narrow}8x"), ("high", f"<8x{count}{narrow}")):
            name = f"extmul_{place}_i{half}x{2 * count}_{sign}"
            found[name] = _extended_product(struct.Struct(layout).unpack, pack)
    return found


def _extended_product(unpack: Helper, pack: Helper) -> Helper:
    return lambda a, b: pack(*map(mul, unpack(a), unpack(b)))


def _narrow(bits: int) -> dict[str, Helper]:
    """Halve lanes of so many bits, saturating; both vectors at once, in an int of 256 bits."""
    half = bits // 2
    top = bits - 1
    twice = 1 | 1 << 128
    H, L = HIGH[bits] * twice, LOW[bits] * twice
    over = repeat((1 << top) - (1 << half), bits) * twice
    """Added to a number that is not negative, it reaches the highest bit if that is too large."""
    bias = repeat(1 << half - 1, bits) * twice
    upper = repeat((1 << bits) - (1 << half), bits) * twice
    whole = (1 << 256) - 1
    lower = whole ^ upper
    ones = repeat(1, bits) * twice
    largest = repeat((1 << half - 1) - 1, bits) * twice
    count = 128 // bits
    pick, pack = struct.Struct("<" + "H2x" * 8).unpack, U16X8.pack

    def picked(x: int) -> int:
        data = x.to_bytes(32, "little")
        return _from_bytes(data[::2] if half == 8 else pack(*pick(data)), "little")

    def narrow_u(a: int, b: int) -> int:
        x = a | b << 128
        if x & upper:
            g = x & H
            x &= (g << 1) - (g >> top) ^ whole
            g = x + over & H
            x |= (g << 1) - (g >> top)
        return picked(x)

    def narrow_s(a: int, b: int) -> int:
        x = a | b << 128
        far = ((x & L) + bias ^ x & H) & upper
        if far:
            g = ((far & L) + L | far) & H
            nearest = largest + (x >> top & ones)
            x ^= (x ^ nearest) & (g << 1) - (g >> top)
        return picked(x & lower)

    name = f"narrow_i{bits}x{count}"
    return {f"{name}_s": narrow_s, f"{name}_u": narrow_u}


# -- lane by lane --------------------------------------------------------------------------------

_u16 = U16X8.unpack
_pack_u16 = U16X8.pack


_EVEN = repeat(0xFFFF, 32)


def _mul_16(a: int, b: int) -> int:
    factor = b & 0xFFFF
    if b == factor * 0x00010001000100010001000100010001:
        # All lanes are multiplied by one number.
        return (a & _EVEN) * factor & _EVEN | ((a >> 16 & _EVEN) * factor & _EVEN) << 16
    a0, a1, a2, a3, a4, a5, a6, a7 = _u16(a.to_bytes(16, "little"))
    b0, b1, b2, b3, b4, b5, b6, b7 = _u16(b.to_bytes(16, "little"))
    product = _pack_u16(
        a0 * b0 & 0xFFFF,
        a1 * b1 & 0xFFFF,
        a2 * b2 & 0xFFFF,
        a3 * b3 & 0xFFFF,
        a4 * b4 & 0xFFFF,
        a5 * b5 & 0xFFFF,
        a6 * b6 & 0xFFFF,
        a7 * b7 & 0xFFFF,
    )
    return _from_bytes(product, "little")


def _mul_32(a: int, b: int) -> int:
    return (
        (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF) & 0xFFFFFFFF
        | ((a >> 32 & 0xFFFFFFFF) * (b >> 32 & 0xFFFFFFFF) & 0xFFFFFFFF) << 32
        | ((a >> 64 & 0xFFFFFFFF) * (b >> 64 & 0xFFFFFFFF) & 0xFFFFFFFF) << 64
        | ((a >> 96) * (b >> 96) & 0xFFFFFFFF) << 96
    )


def _mul_64(a: int, b: int) -> int:
    low = (a & 0xFFFFFFFFFFFFFFFF) * (b & 0xFFFFFFFFFFFFFFFF) & 0xFFFFFFFFFFFFFFFF
    return low | ((a >> 64) * (b >> 64) & 0xFFFFFFFFFFFFFFFF) << 64


def _q15mulr_sat_s(a: bytes, b: bytes) -> bytes:
    lanes = [p + 0x4000 >> 15 for p in map(mul, S16X8.unpack(a), S16X8.unpack(b))]
    try:
        return S16X8.pack(*lanes)
    except struct.error:
        # Only the product of the two least numbers does not fit.
        return S16X8.pack(*map(S16X8.saturate, lanes))


def _dot_16(a: bytes, b: bytes) -> bytes:
    p0, p1, p2, p3, p4, p5, p6, p7 = map(mul, S16X8.unpack(a), S16X8.unpack(b))
    try:
        return S32X4.pack(p0 + p1, p2 + p3, p4 + p5, p6 + p7)
    except struct.error:
        # Only the greatest of all sums does not fit.
        return U32X4.pack(*(n & 0xFFFFFFFF for n in (p0 + p1, p2 + p3, p4 + p5, p6 + p7)))


_COUNTS = bytes(byte.bit_count() for byte in range(256))


def _popcnt_8(a: bytes) -> bytes:
    return a.translate(_COUNTS)


# -- floats --------------------------------------------------------------------------------------

_SINGLES, _SINGLE_BITS, _DOUBLES = struct.Struct("<4f"), struct.Struct("<4I"), struct.Struct("<2d")


def unpack_f32x4(data: bytes) -> tuple[float, ...]:
    """The lanes of a vector that the machine has, with all bits of NaNs."""
    a, b, c, d = found = _SINGLES.unpack(data)
    if a == a and b == b and c == c and d == d:
        return found
    return tuple(map(f32_from_bits, _SINGLE_BITS.unpack(data)))


def pack_f32x4(a: float, b: float, c: float, d: float) -> bytes:
    """A vector as the machine has it, with all bits of NaNs."""
    if a == a and b == b and c == c and d == d:
        return _SINGLES.pack(a, b, c, d)
    return _SINGLE_BITS.pack(*map(f32_to_bits, (a, b, c, d)))


def canonical_f32x4(*parts: float) -> bytes:
    """The same of lanes in which any NaN stands for the canonical one."""
    return _SINGLES.pack(*(part if part == part else NAN for part in parts))


def canonical_f64x2(a: float, b: float) -> bytes:
    """The same for lanes of doubles."""
    return _DOUBLES.pack(a if a == a else NAN, b if b == b else NAN)


# -- as the machine does -------------------------------------------------------------------------


def _executed(mnemonic: str) -> Helper:
    """The machine's own function, of an instruction that takes nothing but vectors."""
    execute: Any = EXECUTE[BY_MNEMONIC[mnemonic]]

    def helper(*operands: bytes) -> bytes:
        stack = [*operands]
        execute(None, stack, None)
        return stack[0]

    return helper


def _helpers() -> dict[str, Helper]:
    found: dict[str, Helper] = {}
    for bits in (8, 16, 32, 64):
        shape = f"i{bits}x{128 // bits}"
        parts = {**_comparisons(bits), **_choices(bits), **_sums(bits), **_shifts(bits)}
        parts["bitmask"] = _gather_8 if bits == 8 else _bitmask(bits)
        if bits > 8:
            parts.update(_halves(bits))
        found.update({f"{shape}.{name}": helper for name, helper in parts.items()})
        if 8 <= bits // 2 < 32:
            target = f"i{bits // 2}x{256 // bits}"
            found.update({f"{target}.{name}": item for name, item in _narrow(bits).items()})
    found["i16x8.mul"] = _mul_16
    found["i32x4.mul"] = _mul_32
    found["i64x2.mul"] = _mul_64
    found["i8x16.swizzle"] = found["i8x16.relaxed_swizzle"] = swizzle
    return {mnemonic: helper for mnemonic, helper in found.items() if mnemonic in BY_MNEMONIC}


def _helpers_of_bytes() -> dict[str, Helper]:
    found: dict[str, Helper] = {}
    for bits in (16, 32, 64):
        shape = f"i{bits}x{128 // bits}"
        found.update({f"{shape}.{name}": helper for name, helper in _products(bits).items()})
    found["i16x8.q15mulr_sat_s"] = found["i16x8.relaxed_q15mulr_s"] = _q15mulr_sat_s
    found["i32x4.dot_i16x8_s"] = _dot_16
    found["i8x16.popcnt"] = _popcnt_8
    for mnemonic in ("i16x8.relaxed_dot_i8x16_i7x16_s", "i32x4.relaxed_dot_i8x16_i7x16_add_s"):
        found[mnemonic] = _executed(mnemonic)
    return found


HELPERS = _helpers()
"""Functions of ints by the mnemonics of instructions."""

HELPERS_OF_BYTES = _helpers_of_bytes()
"""Functions that take and give vectors as the machine has them, for they unpack the lanes."""


def helper_name(mnemonic: str) -> str:
    """What generated code calls the function of an instruction."""
    return mnemonic.replace(".", "_")


NAMES: dict[str, Helper] = {
    **{helper_name(mnemonic): item for mnemonic, item in HELPERS.items()},
    **{helper_name(mnemonic): item for mnemonic, item in HELPERS_OF_BYTES.items()},
    **{f"spread_{half}": item for half, item in SPREAD.items()},
    **{f"spread_signed_{half}": item for half, item in SPREAD_SIGNED.items()},
    "shuffle": shuffle,
}
"""All that generated code may call, by name."""
