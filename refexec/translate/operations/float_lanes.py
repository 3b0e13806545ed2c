"""Vector instructions of floats as Python: lane by lane, on Python floats.

A result of single floats is rounded by writing it into `z`, a view of four of them, and reading it
from there. NaNs are as in `refexec.translate.operations.floats`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.lanes import HIGH, LOW
from refexec.translate.operations.floats import COMPARISONS
from refexec.translate.operations.registry import OPERATIONS
from refexec.translate.operations.vectors import (
    constant,
    either,
    lane,
    masked,
    vector,
    with_lane,
)
from refexec.translate.split import COUNTS, SHAPES, lane_names, parts_of, split, variables
from refexec.translate.values import Expr

Part = Callable[..., Expr]
"""Makes the expression of a lane of the result, of those of the operands."""

Take = Callable[[Emitter, int, str], Sequence[Expr]]
"""Gives the lanes of an operand, as an instruction needs them."""

_WIDTHS = {"f32": 32, "f64": 64}


def _lanes(e: Emitter, position: int, type_: str) -> Sequence[Expr]:
    """The lanes of an operand, each to be used once."""
    return e.lanes(position, type_)


def _steady_lanes(e: Emitter, position: int, type_: str) -> Sequence[Expr]:
    """The lanes of an operand as variables or constants."""
    return e.steady_lanes(position, type_)


def exact_lanes(e: Emitter, position: int, type_: str) -> Sequence[Expr]:
    """The same, in which every NaN has its bits."""
    parts = e.steady_lanes(position, type_, exact=True)
    if any(part.loose and e.is_wider(part) for part in parts):
        e.spill(position)
        parts = e.lanes(position, type_)
    for name in dict.fromkeys(part.text for part in parts if part.loose):
        e.line(f"if {name} != {name}: {name} = nan")
    exact = [v.replace(part, zeros=v.EXACT) if part.loose else part for part in parts]
    e.stack[position] = split(type_, exact)
    return exact


def _taken(e: Emitter, first: int, type_: str, take: Take) -> list[Sequence[Expr]]:
    """The lanes of all operands from a place on."""
    places = range(first, len(e.stack))
    for place in places:
        take(e, place, type_)
    # Splitting an operand can change how one below it is read.
    return [take(e, place, type_) for place in places]


def _push_rounded(e: Emitter, type_: str, parts: Sequence[Expr]) -> None:
    """Push the results of arithmetic, of which single floats are to be rounded."""
    for part in parts:
        part.zeros = v.LOOSE
    if type_ == "f64":
        e.push(split(type_, parts))
        return
    e.clobber("z")
    for index, part in enumerate(parts):
        e.line(f"z[{index}] = {part.text}")
    position = len(e.stack)
    e.clobber_below(position)
    e.line(f"{', '.join(lane_names(f's{position}', type_))} = z")
    e.push(variables(f"s{position}", type_, v.LOOSE))


def _push_unrounded(e: Emitter, type_: str, parts: Sequence[Expr]) -> None:
    """Push results that are numbers of the type already."""
    e.push(split(type_, parts))


def _lanewise(
    mnemonic: str,
    count: int,
    make: Part,
    take: Take = _steady_lanes,
    push: Callable[[Emitter, str, Sequence[Expr]], None] = _push_unrounded,
) -> None:
    """An operator on the lanes of `count` vectors."""
    type_ = mnemonic[:3]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        first = len(e.stack) - count
        lanes = _taken(e, first, type_, take)
        del e.stack[first:]
        push(e, type_, [make(*operands) for operands in zip(*lanes, strict=True)])

    OPERATIONS[mnemonic] = operation


def _operator(operator: str) -> Part:
    binds, right = (v.TIMES, v.UNARY) if operator == "*" else (v.PLUS, v.TIMES)

    def make(a: Expr, b: Expr) -> Expr:
        text = f"{a.within(binds)} {operator} {b.within(right)}"
        return v.combine(text, a.type, binds, 0, 0, a, b)

    return make


def _quotient(a: Expr, b: Expr) -> Expr:
    text = f"{a.within(v.TIMES)} / {b.within(v.UNARY)}"
    if b.reads or b.zeros != v.NUMBER or not float(b.text):
        text = f"{text} if {b.text} else fdiv64({a.text}, {b.text})"
        return v.combine(text, a.type, v.CHOICE, 0, 0, a, b)
    return v.combine(text, a.type, v.TIMES, 0, 0, a, b)


def _root(a: Expr) -> Expr:
    return v.combine(f"sqrt({a.text}) if {a.text} >= 0 else nan", a.type, v.CHOICE, 0, 0, a)


def _chosen(operator: str, name: str) -> Part:
    """`min` or `max`: quick for numbers that differ."""

    def make(a: Expr, b: Expr) -> Expr:
        first = f"{a.text} if {a.text} {operator} {b.text}"
        second = f"{b.text} if {b.text} {operator} {a.text}"
        text = f"{first} else {second} else {name}({a.text}, {b.text})"
        result = v.combine(text, a.type, v.CHOICE, 0, 0, a, b)
        result.zeros = v.LOOSE
        return result

    return make


def _pseudo(operator: str) -> Part:
    def make(a: Expr, b: Expr) -> Expr:
        left, right = (b, a) if operator == "<" else (a, b)
        text = f"{b.text} if {left.text} < {right.text} else {a.text}"
        return v.combine(text, a.type, v.CHOICE, 0, 0, a, b)

    return make


def _function(name: str) -> Part:
    def make(a: Expr) -> Expr:
        result = v.combine(f"{name}({a.text})", a.type, v.ATOM, 0, 0, a)
        result.zeros = v.LOOSE
        return result

    return make


def _negation(type_: str) -> None:
    """`neg` and `abs`: they look at a bit, also of NaNs."""
    width, shape = _WIDTHS[type_], SHAPES[type_]

    def bit(name: str, make: Part, change: Callable[[Expr], Expr]) -> None:
        def operation(e: Emitter, pc: int, arg: Any) -> None:
            position = len(e.stack) - 1
            if parts_of(e.stack[position], type_) is None:
                e.push(change(e.pop()))
                return
            parts = [make(part) for part in exact_lanes(e, position, type_)]
            e.pop()
            e.push(split(type_, parts))

        OPERATIONS[f"{shape}.{name}"] = operation

    def negative(a: Expr) -> Expr:
        text = f"-{a.within(v.UNARY)} if {a.text} == {a.text} else fneg{width}({a.text})"
        return v.combine(text, type_, v.CHOICE, 0, 0, a)

    def absolute(a: Expr) -> Expr:
        text = f"{a.text} if {a.text} > 0 else fabs{width}({a.text})"
        return v.combine(text, type_, v.CHOICE, 0, 0, a)

    bit("neg", negative, lambda a: either(a, constant(HIGH[width]), "^"))
    bit("abs", absolute, lambda a: masked(a, LOW[width]))


def _comparison(type_: str, name: str, operator: str) -> None:
    width = _WIDTHS[type_]
    full = (1 << width) - 1

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        lanes = _taken(e, len(e.stack) - 2, type_, _lanes)
        del e.stack[-2:]
        result = constant(0)
        for index, (a, b) in enumerate(zip(*lanes, strict=True)):
            mask = full << index * width
            text = f"({mask:#x} if {a.within(v.OR)} {operator} {b.within(v.OR)} else 0)"
            result = either(result, vector(text, v.ATOM, mask, a, b), "|")
        e.push(result)

    OPERATIONS[f"{SHAPES[type_]}.{name}"] = operation


def _single(type_: str) -> None:
    """Instructions that put a number into lanes, or take it from one."""
    shape, width = SHAPES[type_], _WIDTHS[type_]
    integer = "i32" if width == 32 else "i64"

    def make(e: Emitter, pc: int, arg: Any) -> None:
        if e.stack[-1].reads:
            e.simple(len(e.stack) - 1)
        a = e.pop()
        e.push(split(type_, [a] * COUNTS[type_]))

    def extract(e: Emitter, pc: int, index: int) -> None:
        parts = parts_of(e.stack[-1], type_)
        if parts is not None:
            e.pop()
            e.push(parts[index])
            return
        bits = lane(e.pop(), index, width, integer)
        e.push(v.combine(f"{type_}_from_bits({bits.text})", type_, v.ATOM, 0, 0, bits))

    def replace(e: Emitter, pc: int, index: int) -> None:
        position = len(e.stack) - 2
        if e.stack[position].constant is None and parts_of(e.stack[position], type_) is None:
            e.reduce(position + 1)
            a = e.stored(e.pop())
            text = f"{type_}_to_bits({a.text})"
            bits = v.combine(text, integer, v.ATOM, 0, (1 << width) - 1, a)
            e.push(with_lane(e.pop(), index, width, bits))
            return
        if "z" in e.stack[-1].reads:
            e.spill(position + 1)
        number = e.pop()
        parts = [*e.lanes(position, type_)]
        e.pop()
        parts[index] = number
        e.push(split(type_, parts))

    OPERATIONS[f"{shape}.splat"] = make
    OPERATIONS[f"{shape}.extract_lane"] = extract
    OPERATIONS[f"{shape}.replace_lane"] = replace


def _from_integers(mnemonic: str, sign: bool) -> None:
    """Conversions of the lowest lanes of i32x4."""
    type_ = mnemonic[:3]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        if e.stack[-1].constant is None:
            e.simple(len(e.stack) - 1)
        a = e.pop()
        parts = []
        for index in range(COUNTS[type_]):
            number = lane(a, index, 32, "i32")
            number = v.signed(number) if sign else number
            parts.append(v.combine(f"float({number.text})", type_, v.ATOM, 0, 0, number))
        _push_rounded(e, type_, parts)

    OPERATIONS[mnemonic] = operation


def _to_integers(mnemonic: str, type_: str, sign: str) -> None:
    """Truncations, which saturate; lanes that are left over are zero."""

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        parts = e.lanes(len(e.stack) - 1, type_)
        e.pop()
        result = constant(0)
        for index, part in enumerate(parts):
            number = v.combine(f"trunc_sat_{sign}({part.text}, 32)", "i32", v.ATOM, 0, v.M32, part)
            result = with_lane(result, index, 32, number)
        e.push(result)

    OPERATIONS[mnemonic] = operation


def _promote(e: Emitter, pc: int, arg: Any) -> None:
    parts = e.lanes(len(e.stack) - 1, "f32")
    e.pop()
    e.push(split("f64", [v.replace(part, type="f64", zeros=v.LOOSE) for part in parts[:2]]))


def _demote(e: Emitter, pc: int, arg: Any) -> None:
    parts = e.lanes(len(e.stack) - 1, "f64")
    e.pop()
    zero = Expr("0.0", "f32")
    _push_rounded(e, "f32", [*(v.replace(part, type="f32") for part in parts), zero, zero])


def _sum_of_product(type_: str, name: str, negative: bool) -> None:
    """Not fused: the product is rounded, then the sum."""
    shape = SHAPES[type_]

    def negate(a: Expr) -> Expr:
        return v.combine(f"-{a.within(v.UNARY)}", type_, v.UNARY, 0, 0, a)

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        third = len(e.stack) - 1
        e.spill(third)
        addend = e.pop()
        if negative:
            parts = [negate(part) for part in _lanes(e, third - 2, type_)]
            e.stack[third - 2] = split(type_, parts)
        OPERATIONS[f"{shape}.mul"](e, pc, arg)
        e.push(addend)
        OPERATIONS[f"{shape}.add"](e, pc, arg)

    OPERATIONS[f"{shape}.{name}"] = operation


for _type, _shape in SHAPES.items():
    for _name, _symbol in (("add", "+"), ("sub", "-"), ("mul", "*")):
        _lanewise(f"{_shape}.{_name}", 2, _operator(_symbol), _lanes, _push_rounded)
    _lanewise(f"{_shape}.div", 2, _quotient, push=_push_rounded)
    _lanewise(f"{_shape}.sqrt", 1, _root, push=_push_rounded)
    for _name, _symbol in (("min", "<"), ("max", ">")):
        for _prefix in ("", "relaxed_"):
            _lanewise(f"{_shape}.{_prefix}{_name}", 2, _chosen(_symbol, f"f{_name}"))
        _lanewise(f"{_shape}.p{_name}", 2, _pseudo(_symbol), exact_lanes)
    for _name in ("ceil", "floor", "trunc", "nearest"):
        _lanewise(f"{_shape}.{_name}", 1, _function(f"f{_name}"), _lanes)
    for _name, _symbol in COMPARISONS.items():
        _comparison(_type, _name, _symbol)
    _negation(_type)
    _single(_type)
    _sum_of_product(_type, "relaxed_madd", False)
    _sum_of_product(_type, "relaxed_nmadd", True)
for _sign in ("s", "u"):
    _from_integers(f"f32x4.convert_i32x4_{_sign}", _sign == "s")
    _from_integers(f"f64x2.convert_low_i32x4_{_sign}", _sign == "s")
    for _prefix in ("trunc_sat", "relaxed_trunc"):
        _to_integers(f"i32x4.{_prefix}_f32x4_{_sign}", "f32", _sign)
        _to_integers(f"i32x4.{_prefix}_f64x2_{_sign}_zero", "f64", _sign)
OPERATIONS["f64x2.promote_low_f32x4"] = _promote
OPERATIONS["f32x4.demote_f64x2_zero"] = _demote
