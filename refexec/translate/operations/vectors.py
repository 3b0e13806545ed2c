"""Vector instructions as Python, but for those that touch memory.

A vector is an int (`refexec.translate.lanes`). Of an expression's bits those in `high` may be set,
which is all of them if that is 0. Where no expression is short enough, a function does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refexec.interp.opcodes import BY_MNEMONIC
from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.lanes import (
    ALL,
    HELPERS,
    HELPERS_OF_BYTES,
    HIGH,
    LOW,
    helper_name,
    repeat,
)
from refexec.translate.operations.registry import OPERATIONS, is_variable, operation_of
from refexec.translate.split import COUNTS, parts_of, split
from refexec.translate.values import Expr

SHAPES = {"i8x16": 8, "i16x8": 16, "i32x4": 32, "i64x2": 64}
"""Shapes of integers, with the width of their lanes."""


def vector(text: str, binds: int, may: int, *parts: Expr) -> Expr:
    """An expression of which only the bits in `may` may be set."""
    return v.combine(text, "v128", binds, 0, 0 if may == ALL else may, *parts)


def constant(value: int) -> Expr:
    """A vector that is known."""
    return Expr(hex(value), "v128", constant=value)


def may_be_set(a: Expr) -> int:
    """Bits of a vector that may be set."""
    return a.constant if a.constant is not None else a.high or ALL


def take(e: Emitter, count: int) -> list[Expr]:
    """Pop operands that are cheap to read twice."""
    for position in range(len(e.stack) - count, len(e.stack)):
        e.simple(position)
    operands = e.stack[len(e.stack) - count :]
    del e.stack[len(e.stack) - count :]
    return operands


def masked(a: Expr, mask: int) -> Expr:
    """`a & mask`, which nothing is to be written for if no other bits can be set."""
    if a.constant is not None:
        return constant(a.constant & mask)
    may = may_be_set(a)
    if may & ~mask == 0:
        return a
    return vector(f"{a.within(v.AND)} & {mask:#x}", v.AND, may & mask, a)


def either(a: Expr, b: Expr, operator: str) -> Expr:
    """`a | b` or `a ^ b`."""
    may = may_be_set(a) | may_be_set(b)
    if a.constant is not None and b.constant is not None:
        return constant(a.constant | b.constant if operator == "|" else a.constant ^ b.constant)
    if a.constant == 0:
        return b
    if b.constant == 0:
        return a
    binds, right = (v.OR, v.XOR) if operator == "|" else (v.XOR, v.AND)
    return vector(f"{a.within(binds)} {operator} {b.within(right)}", binds, may, a, b)


def moved(a: Expr, count: int) -> Expr:
    """The whole vector shifted to the left, or to the right if `count` is negative."""
    if a.constant is not None:
        return constant(a.constant << count if count >= 0 else a.constant >> -count)
    if count == 0:
        return a
    may = may_be_set(a) << count if count > 0 else may_be_set(a) >> -count
    text = f"{a.within(v.SHIFT)} {'<<' if count > 0 else '>>'} {abs(count)}"
    return vector(text, v.SHIFT, may, a)


# -- bits ----------------------------------------------------------------------------------------


@operation_of("v128.const")
def _const(e: Emitter, pc: int, value: bytes) -> None:
    e.push(constant(int.from_bytes(value, "little")))


@operation_of("v128.not")
def _not(e: Emitter, pc: int, arg: Any) -> None:
    e.push(either(e.pop(), constant(ALL), "^"))


@operation_of("v128.or")
def _or(e: Emitter, pc: int, arg: Any) -> None:
    b, a = e.pop(), e.pop()
    e.push(either(a, b, "|"))


@operation_of("v128.xor")
def _xor(e: Emitter, pc: int, arg: Any) -> None:
    b, a = e.pop(), e.pop()
    e.push(either(a, b, "^"))


@operation_of("v128.and")
def _and(e: Emitter, pc: int, arg: Any) -> None:
    b, a = e.pop(), e.pop()
    if a.constant is not None:
        a, b = b, a
    if b.constant is not None:
        e.push(masked(a, b.constant))
    else:
        may = may_be_set(a) & may_be_set(b)
        e.push(vector(f"{a.within(v.AND)} & {b.within(v.SHIFT)}", v.AND, may, a, b))


@operation_of("v128.andnot")
def _andnot(e: Emitter, pc: int, arg: Any) -> None:
    b, a = e.pop(), e.pop()
    if b.constant is not None:
        e.push(masked(a, b.constant ^ ALL))
    else:
        text = f"{a.within(v.AND)} & ~{b.within(v.UNARY)}"
        e.push(vector(text, v.AND, may_be_set(a), a, b))


@operation_of("v128.bitselect", *(f"{shape}.relaxed_laneselect" for shape in SHAPES))
def _bitselect(e: Emitter, pc: int, arg: Any) -> None:
    if e.stack[-1].constant is not None:
        mask = e.pop().constant
        assert mask is not None
        b, a = e.pop(), e.pop()
        e.push(either(masked(a, mask), masked(b, mask ^ ALL), "|"))
        return
    mask_position = len(e.stack) - 1
    for position in (mask_position - 2, mask_position - 1):
        e.simple(position)
    chosen, b, a = e.pop(), e.pop(), e.pop()
    text = f"{b.text} ^ ({a.text} ^ {b.text}) & {chosen.within(v.SHIFT)}"
    e.push(vector(text, v.XOR, may_be_set(a) | may_be_set(b), a, b, chosen))


@operation_of("v128.any_true")
def _any_true(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    text = a.within(v.OR)
    e.push(v.combine(f"{text} != 0", "i32", v.COMPARE, 0, 1, a, truth=f"{text} == 0"))


# -- sums and shifts -----------------------------------------------------------------------------


def _carries(a: int, b: int, bits: int) -> bool:
    """Whether a sum of numbers with such bits may not fit into its lane."""
    full = (1 << bits) - 1
    return any((a >> at & full) + (b >> at & full) > full for at in range(0, 128, bits))


def _bits_of_sum(a: int, b: int, bits: int) -> int:
    """Bits that may be set in a sum that fits into its lanes."""
    full = (1 << bits) - 1
    may = 0
    for at in range(0, 128, bits):
        greatest = (a >> at & full) + (b >> at & full)
        may |= (1 << greatest.bit_length()) - 1 << at
    return may


def added(a: Expr, b: Expr, bits: int) -> Expr:
    """The sum of variables or constants, lane by lane."""
    may_a, may_b = may_be_set(a), may_be_set(b)
    high, low = HIGH[bits], LOW[bits]
    if not _carries(may_a, may_b, bits):
        may = _bits_of_sum(may_a, may_b, bits)
        return vector(f"{a.within(v.PLUS)} + {b.within(v.TIMES)}", v.PLUS, may, a, b)
    lower = f"{masked(a, low).within(v.PLUS)} + {masked(b, low).within(v.TIMES)}"
    total = vector(lower, v.PLUS, ALL, a, b)
    if may_a & high and may_b & high and b.constant is None and a.constant is None:
        text = f"{a.within(v.XOR)} ^ {b.within(v.AND)}"
        upper = masked(vector(text, v.XOR, ALL, a, b), high)
    else:
        upper = either(masked(a, high), masked(b, high), "^")
    return replace_may(either(total, upper, "^"))


def subtracted(a: Expr, b: Expr, bits: int) -> Expr:
    """The difference of variables or constants, lane by lane."""
    high, low = HIGH[bits], LOW[bits]
    if b.constant is not None:
        full = (1 << bits) - 1
        lanes = [-(b.constant >> at & full) & full for at in range(0, 128, bits)]
        negative = sum(lane << index * bits for index, lane in enumerate(lanes))
        return added(a, constant(negative), bits)
    raised = either(a, constant(high), "|")
    lower = f"{raised.within(v.PLUS)} - {masked(b, low).within(v.TIMES)}"
    total = vector(lower, v.PLUS, ALL, a, b)
    if a.constant is not None:
        # The highest bits are those of ~(a ^ b).
        upper = either(masked(b, high), constant(~a.constant & high), "^")
    else:
        text = f"~({a.within(v.XOR)} ^ {b.within(v.AND)})"
        upper = masked(vector(text, v.UNARY, ALL, a, b), high)
    return replace_may(either(total, upper, "^"))


def replace_may(a: Expr) -> Expr:
    """An expression of whose bits nothing is known."""
    return v.replace(a, high=0)


def _sums(shape: str, bits: int) -> None:
    def add(e: Emitter, pc: int, arg: Any) -> None:
        a, b = take(e, 2)
        e.push(added(a, b, bits))

    def subtract(e: Emitter, pc: int, arg: Any) -> None:
        a, b = take(e, 2)
        e.push(subtracted(a, b, bits))

    def negate(e: Emitter, pc: int, arg: Any) -> None:
        (a,) = take(e, 1)
        e.push(subtracted(constant(0), a, bits))

    OPERATIONS[f"{shape}.add"] = add
    OPERATIONS[f"{shape}.sub"] = subtract
    OPERATIONS[f"{shape}.neg"] = negate


def _shifts(shape: str, bits: int) -> None:
    def by_constant(e: Emitter, name: str, count: int) -> None:
        a = e.pop()
        mask = repeat((1 << bits - count) - 1, bits)
        if name == "shl":
            e.push(moved(masked(a, mask), count))
        else:
            e.push(masked(moved(a, -count), mask))

    def shift(name: str) -> Callable[[Emitter, int, Any], None]:
        def operation(e: Emitter, pc: int, arg: Any) -> None:
            count = e.stack[-1].constant
            if count is not None and name != "shr_s":
                e.pop()
                by_constant(e, name, count % bits)
                return
            _call(e, f"{shape}.{name}")

        return operation

    for name in ("shl", "shr_u", "shr_s"):
        OPERATIONS[f"{shape}.{name}"] = shift(name)


def _average(shape: str, bits: int) -> None:
    def operation(e: Emitter, pc: int, arg: Any) -> None:
        a, b = take(e, 2)
        half = masked(vector(f"({a.text} ^ {b.text}) >> 1", v.SHIFT, ALL, a, b), LOW[bits])
        text = f"({a.text} | {b.text}) - ({half.text})"
        e.push(vector(text, v.PLUS, may_be_set(a) | may_be_set(b), a, b))

    OPERATIONS[f"{shape}.avgr_u"] = operation


def _pairs(shape: str, bits: int) -> None:
    """Sums of neighbours that are not negative."""
    half = bits // 2
    mask = repeat((1 << half) - 1, bits)

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        (a,) = take(e, 1)
        even, odd = masked(a, mask), masked(moved(a, -half), mask)
        may = _bits_of_sum(may_be_set(even), may_be_set(odd), bits)
        e.push(vector(f"{even.within(v.PLUS)} + {odd.within(v.TIMES)}", v.PLUS, may, even, odd))

    OPERATIONS[f"{shape}.extadd_pairwise_i{half}x{128 // half}_u"] = operation


def _factor(a: Expr, bits: int) -> Expr | None:
    """The number that is in all lanes, if that is known, and cheap to read twice."""
    if a.constant is not None:
        number = a.constant & (1 << bits) - 1
        return constant(number) if a.constant == repeat(number, bits) else None
    if a.shape is not None and a.shape[:2] == ("splat", bits) and is_variable(a.shape[2]):
        factor: Expr = a.shape[2]
        return factor
    return None


def _products(shape: str, bits: int) -> None:
    """Products; with one number, every other lane at once."""
    even = repeat((1 << bits) - 1, 2 * bits)

    def scaled(a: Expr, factor: Expr) -> Expr:
        lanes = masked(a, even)
        text = f"{lanes.within(v.TIMES)} * {factor.text}"
        return masked(vector(text, v.TIMES, ALL, lanes, factor), even)

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        first = len(e.stack) - 2
        for position, other in ((first + 1, first), (first, first + 1)):
            if _factor(e.stack[position], bits) is None:
                continue
            a = e.simple(other)
            # The number may have been in the place that `a` has now.
            factor = _factor(e.stack[position], bits)
            if factor is not None:
                del e.stack[first:]
                odd = moved(scaled(moved(a, -bits), factor), bits)
                e.push(either(scaled(a, factor), odd, "|"))
                return
        _call(e, f"{shape}.mul")

    OPERATIONS[f"{shape}.mul"] = operation


def spread(a: Expr, half: int, sign: str) -> Expr:
    """The lanes in the lower 64 bits, the others being 0, with twice as many bits."""
    if sign == "s":
        return vector(f"spread_signed_{half}({a.text})", v.ATOM, ALL, a)
    return vector(f"spread_{half}({a.text})", v.ATOM, repeat((1 << half) - 1, 2 * half), a)


def _extensions(shape: str, bits: int) -> None:
    half = bits // 2

    def extend(place: str, sign: str) -> Callable[[Emitter, int, Any], None]:
        def operation(e: Emitter, pc: int, arg: Any) -> None:
            a = e.pop()
            e.push(spread(masked(a, v.M64) if place == "low" else moved(a, -64), half, sign))

        return operation

    for sign in ("s", "u"):
        for place in ("low", "high"):
            OPERATIONS[f"{shape}.extend_{place}_i{half}x{128 // half}_{sign}"] = extend(place, sign)


# -- lanes ---------------------------------------------------------------------------------------


def _scalar(a: Expr, bits: int) -> Expr:
    """The lowest bits of an integer, as a number that is not negative."""
    a = v.number(a)
    full = (1 << bits) - 1
    if a.constant is not None:
        return v.integer(a.constant & full, a.type)
    if a.low >= 0 and a.high <= full:
        return a
    return v.combine(f"{a.within(v.AND)} & {full:#x}", a.type, v.AND, 0, full, a)


def splat(a: Expr, bits: int) -> Expr:
    """A vector of lanes that are all the same number, which fits and is not negative."""
    if a.constant is not None:
        return constant(repeat(a.constant, bits))
    may = repeat((1 << a.high.bit_length()) - 1, bits)
    result = vector(f"{a.within(v.TIMES)} * {repeat(1, bits):#x}", v.TIMES, may, a)
    result.shape = ("splat", bits, a)
    return result


def lane(a: Expr, index: int, bits: int, type_: str) -> Expr:
    """A lane as a number that is not negative."""
    full = (1 << bits) - 1
    if a.constant is not None:
        return v.integer(a.constant >> index * bits & full, type_)
    part = masked(moved(a, -index * bits), full)
    high = (1 << (may_be_set(part) & full).bit_length()) - 1
    return v.combine(part.text, type_, part.binds, 0, high, part)


def with_lane(a: Expr, index: int, bits: int, number: Expr) -> Expr:
    """A vector that differs in one lane, by a number that fits and is not negative."""
    full = (1 << bits) - 1
    others = masked(a, ALL ^ full << index * bits)
    if number.constant is not None:
        return either(others, constant(number.constant << index * bits), "|")
    may = (1 << number.high.bit_length()) - 1
    placed = moved(vector(number.text, number.binds, may or full, number), index * bits)
    return either(others, placed, "|")


def _lanes(shape: str, bits: int) -> None:
    type_ = "i64" if bits == 64 else "i32"

    def make(e: Emitter, pc: int, arg: Any) -> None:
        e.push(splat(_scalar(e.pop(), bits), bits))

    def extract(e: Emitter, pc: int, index: int) -> None:
        e.push(lane(e.pop(), index, bits, type_))

    def extract_signed(e: Emitter, pc: int, index: int) -> None:
        e.push(v.extend(lane(e.pop(), index, bits, type_), bits))

    def replace(e: Emitter, pc: int, index: int) -> None:
        number, a = e.pop(), e.pop()
        e.push(with_lane(a, index, bits, _scalar(number, bits)))

    OPERATIONS[f"{shape}.splat"] = make
    OPERATIONS[f"{shape}.replace_lane"] = replace
    if bits < 32:
        OPERATIONS[f"{shape}.extract_lane_u"] = extract
        OPERATIONS[f"{shape}.extract_lane_s"] = extract_signed
    else:
        OPERATIONS[f"{shape}.extract_lane"] = extract


def _all_true(shape: str, bits: int) -> None:
    high, low = HIGH[bits], LOW[bits]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        (a,) = take(e, 1)
        text = f"(({a.text} & {low:#x}) + {low:#x} | {a.text}) & {high:#x}"
        yes, no = f"{text} == {high:#x}", f"{text} != {high:#x}"
        e.push(v.combine(yes, "i32", v.COMPARE, 0, 1, a, truth=no))

    OPERATIONS[f"{shape}.all_true"] = operation


# -- shuffles ------------------------------------------------------------------------------------

MOST_MOVES = 3
"""Shifts that are cheaper than looking up every byte."""


def _moves(pattern: tuple[int, ...]) -> dict[tuple[int, int], int]:
    """By operand and by how many bits to the left, the bits that go there in a shuffle."""
    found: dict[tuple[int, int], int] = {}
    for target, source in enumerate(pattern):
        key = source >> 4, 8 * (target - (source & 15))
        found[key] = found.get(key, 0) | 0xFF << 8 * target
    return found


def _same_lane(pattern: tuple[int, ...]) -> tuple[int, int] | None:
    """If a shuffle repeats one lane, its width and its place in both operands."""
    for bits in (8, 16, 32, 64):
        size = bits // 8
        first = pattern[0]
        if first % size == 0 and pattern == tuple(first + n % size for n in range(16)):
            return bits, first // size
    return None


def _floats_shuffled(e: Emitter, pattern: tuple[int, ...]) -> bool:
    """Whether lanes of vectors that are split can be picked as they are; then it is done."""
    for type_, count in COUNTS.items():
        size = 16 // count
        starts = pattern[::size]
        if any(pattern[n] != starts[n // size] // size * size + n % size for n in range(16)):
            continue
        places = (len(e.stack) - 2, len(e.stack) - 1)
        if all(parts_of(e.stack[place], type_) is not None for place in places):
            for place in places:
                e.steady_lanes(place, type_)
            lanes = [part for place in places for part in e.lanes(place, type_)]
            del e.stack[-2:]
            e.push(split(type_, [lanes[start // size] for start in starts]))
            return True
    return False


@operation_of("i8x16.shuffle")
def _shuffle(e: Emitter, pc: int, pattern: tuple[int, ...]) -> None:
    if _floats_shuffled(e, pattern):
        return
    a, b = take(e, 2)
    if a.text == b.text:
        pattern = tuple(source & 15 for source in pattern)
    same = _same_lane(pattern)
    if same is not None:
        bits, index = same
        count = 128 // bits
        chosen = a if index < count else b
        number = lane(chosen, index % count, bits, "i64")
        e.push(splat(number, bits))
        return
    moves = _moves(pattern)
    if len(moves) > MOST_MOVES:
        name = e.constant(bytes(pattern))
        e.push(vector(f"shuffle({name}, {a.text}, {b.text})", v.ATOM, ALL, a, b))
        return
    result = constant(0)
    for (operand, count), mask in moves.items():
        source = b if operand else a
        part = moved(masked(source, mask >> count), count) if count > 0 else source
        if count <= 0:
            part = masked(moved(source, count), mask)
        result = either(result, part, "|")
    e.push(result)


# -- functions -----------------------------------------------------------------------------------

_COUNTS = {"i8x16": 16, "i16x8": 8, "i32x4": 4, "i64x2": 2}


def _call(e: Emitter, mnemonic: str) -> None:
    """Write an instruction as a call of its function, whose operands are vectors or counts."""
    signature = BY_MNEMONIC[mnemonic].signature
    assert signature is not None
    count = len(signature.params)
    operands = [v.arithmetic(item) for item in e.stack[len(e.stack) - count :]]
    del e.stack[len(e.stack) - count :]
    if mnemonic in HELPERS_OF_BYTES:
        operands = [v.as_bytes(item) for item in operands]
    text = f"{helper_name(mnemonic)}({', '.join(item.text for item in operands)})"
    if mnemonic in HELPERS_OF_BYTES:
        result = v.combine(f"from_bytes({text}, little)", "v128", v.ATOM, 0, 0, *operands)
        result.shape = ("bytes", text)
        e.push(result)
        return
    type_ = str(signature.results[0])
    high = (1 << _COUNTS[mnemonic[:5]]) - 1 if type_ == "i32" else 0
    e.push(v.combine(text, type_, v.ATOM, 0, high, *operands))


def _function(mnemonic: str) -> None:
    OPERATIONS[mnemonic] = lambda e, pc, arg: _call(e, mnemonic)


for _shape, _bits in SHAPES.items():
    _sums(_shape, _bits)
    _shifts(_shape, _bits)
    _lanes(_shape, _bits)
    _all_true(_shape, _bits)
    if _bits < 32:
        _average(_shape, _bits)
    if _bits > 8:
        _extensions(_shape, _bits)
    if 8 < _bits < 64:
        _pairs(_shape, _bits)
        _products(_shape, _bits)
for _mnemonic in (*HELPERS, *HELPERS_OF_BYTES):
    if _mnemonic not in OPERATIONS:
        _function(_mnemonic)
