"""Float instructions as Python, and conversions from and to floats.

Python computes in f64. A result is rounded to f32 by writing it into `z`, a view of one f32, and
reading it from there.
"""

from __future__ import annotations

from typing import Any

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.operations.registry import OPERATIONS, binary, is_variable, operation_of
from refexec.translate.values import Expr

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
"""Operators of Python by the names of instructions."""


def _float_comparison(mnemonic: str, operator: str) -> None:
    def compare(a: Expr, b: Expr) -> Expr:
        text = f"{a.within(v.OR)} {operator} {b.within(v.OR)}"
        return v.combine(text, "i32", v.COMPARE, 0, 1, a, b, truth=f"not {text}")

    binary(mnemonic, compare)


def _float_call(mnemonic: str, name: str, count: int, type_: str, exact: bool = False) -> None:
    """An operator that is a function; `exact` if it looks at the bits of a NaN."""

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        if exact:
            for position in range(len(e.stack) - count, len(e.stack)):
                e.reduce(position)
        operands = e.stack[len(e.stack) - count :]
        del e.stack[len(e.stack) - count :]
        text = f"{name}({', '.join(item.text for item in operands)})"
        e.push(v.combine(text, type_, v.ATOM, 0, 0, *operands))

    OPERATIONS[mnemonic] = operation


def _is_finite(a: Expr) -> bool:
    return a.shape == _FINITE


_FINITE = ("finite",)
"""Shape of a float that is neither infinite nor a NaN."""


def _push(e: Emitter, result: Expr, *parts: Expr) -> None:
    """Push an arithmetic result, in which any NaN stands for the canonical one.

    Of finite `parts`, if there are any, it makes no NaN.
    """
    known = bool(parts) and all(_is_finite(part) for part in parts)
    result.zeros = v.NUMBER if known else v.LOOSE
    if result.type == "f32":
        e.clobber("z")
        e.line(f"z[0] = {result.text}", result.site)
        rounded = Expr("z[0]", "f32", reads=frozenset("z"))
        rounded.zeros = result.zeros
        result = rounded
    e.push(result)


def _float_binary(mnemonic: str, operator: str) -> None:
    """An operator of Python."""

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        b, a = e.pop(), e.pop()
        binds = v.PLUS if operator in "+-" else v.TIMES
        right = v.TIMES if operator in "+-" else v.UNARY
        text = f"{a.within(binds)} {operator} {b.within(right)}"
        _push(e, v.combine(text, mnemonic[:3], binds, 0, 0, a, b), a, b)

    OPERATIONS[mnemonic] = operation


@operation_of("f32.div", "f64.div")
def _divide(e: Emitter, pc: int, arg: Any) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    type_ = opcode.mnemonic[:3]
    b = e.stack[-1]
    if _is_finite(b) and b.depth == 0 and b.text not in _ZEROS:
        # A constant.
        e.pop()
        a = e.pop()
        text = f"{a.within(v.TIMES)} / {b.within(v.UNARY)}"
        _push(e, v.combine(text, type_, v.TIMES, 0, 0, a, b), a, b)
        return
    e.simple(len(e.stack) - 1)
    e.simple(len(e.stack) - 2)
    b, a = e.pop(), e.pop()
    text = f"{a.within(v.TIMES)} / {b.text} if {b.text} else fdiv64({a.text}, {b.text})"
    _push(e, v.combine(text, type_, v.CHOICE, 0, 0, a, b))


_ZEROS = ("0.0", "-0.0")


@operation_of("f64.sqrt")
def _square_root(e: Emitter, pc: int, arg: Any) -> None:
    e.simple(len(e.stack) - 1)
    a = e.pop()
    text = f"sqrt({a.text}) if {a.text} >= 0 else nan"
    e.push(v.combine(text, "f64", v.CHOICE, 0, 0, a))


@operation_of("f64.promote_f32")
def _promote(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    e.push(v.replace(a, type="f64", zeros=max(a.zeros, v.LOOSE)))


@operation_of("f32.demote_f64")
def _demote(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    _push(e, v.combine(a.text, "f32", a.binds, 0, 0, a))


@operation_of("f32.neg", "f64.neg")
def _negate(e: Emitter, pc: int, arg: Any) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    type_ = opcode.mnemonic[:3]
    e.reduce(len(e.stack) - 1)
    a = e.pop()
    name = f"fneg{type_[1:]}"
    if a.zeros == v.NUMBER:
        result = v.combine(f"-{a.within(v.UNARY)}", type_, v.UNARY, 0, 0, a)
        result.zeros, result.shape = v.NUMBER, a.shape
        e.push(result)
    elif is_variable(a):
        text = f"-{a.text} if {a.text} == {a.text} else {name}({a.text})"
        e.push(v.combine(text, type_, v.CHOICE, 0, 0, a))
    else:
        e.push(v.combine(f"{name}({a.text})", type_, v.ATOM, 0, 0, a))


for _type in ("f32", "f64"):
    for _name, _operator in COMPARISONS.items():
        _float_comparison(f"{_type}.{_name}", _operator)
    for _name, _operator in (("add", "+"), ("sub", "-"), ("mul", "*")):
        _float_binary(f"{_type}.{_name}", _operator)
    for _name in ("ceil", "floor", "trunc", "nearest"):
        _float_call(f"{_type}.{_name}", f"f{_name}", 1, _type)
    for _name in ("min", "max"):
        _float_call(f"{_type}.{_name}", f"f{_name}", 2, _type)
    _float_call(f"{_type}.abs", f"fabs{_type[1:]}", 1, _type, exact=True)
    _float_call(f"{_type}.copysign", f"fcopysign{_type[1:]}", 2, _type, exact=True)
_float_call("f32.sqrt", "fsqrt32", 1, "f32")


def _conversion(mnemonic: str, sign: bool) -> None:
    """From an integer to a float."""
    # An i64 would be rounded twice, first to f64.
    direct = mnemonic.startswith("f32.convert_i64")

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        a = v.number(e.pop())
        a = v.signed(a) if sign else v.unsigned(a)
        name = "convert_to_f32" if direct else "float"
        result = v.combine(f"{name}({a.text})", mnemonic[:3], v.ATOM, 0, 0, a)
        result.zeros, result.shape = v.NUMBER, _FINITE
        if mnemonic.startswith("f32") and not direct:
            _push(e, result, result)
        else:
            e.push(result)

    OPERATIONS[mnemonic] = operation


def _truncation(mnemonic: str) -> None:
    """From a float to an integer."""
    saturating = "_sat_" in mnemonic
    sign = mnemonic[-1]
    type_ = mnemonic[:3]
    width = v.WIDTHS[type_]
    name = f"trunc_sat_{sign}" if saturating else f"trunc_{sign}"

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        e.settle()
        a = e.pop()
        text = f"{name}({a.text}, {width})"
        result = v.combine(text, type_, v.ATOM, 0, v.MASKS[type_], a)
        if not saturating:
            result.site = e.trap(pc)
        e.push(result)

    OPERATIONS[mnemonic] = operation


for _integer_type in ("i32", "i64"):
    for _sign in ("s", "u"):
        _conversion(f"f32.convert_{_integer_type}_{_sign}", _sign == "s")
        _conversion(f"f64.convert_{_integer_type}_{_sign}", _sign == "s")
        for _float_type in ("f32", "f64"):
            _truncation(f"{_integer_type}.trunc_{_float_type}_{_sign}")
            _truncation(f"{_integer_type}.trunc_sat_{_float_type}_{_sign}")


def _reinterpretation(mnemonic: str, name: str) -> None:
    type_ = mnemonic[:3]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        e.reduce(len(e.stack) - 1)
        a = e.stored(e.pop())
        e.push(v.combine(f"{name}({a.text})", type_, v.ATOM, 0, v.MASKS.get(type_, 0), a))

    OPERATIONS[mnemonic] = operation


_reinterpretation("i32.reinterpret_f32", "f32_to_bits")
_reinterpretation("i64.reinterpret_f64", "f64_to_bits")
_reinterpretation("f32.reinterpret_i32", "f32_from_bits")
_reinterpretation("f64.reinterpret_i64", "f64_from_bits")
