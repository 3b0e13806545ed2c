"""Float instructions as Python, and conversions from and to floats."""

from __future__ import annotations

from typing import Any

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.operations.registry import OPERATIONS, binary, is_variable, operation_of
from refexec.translate.values import Expr


def _float_comparison(mnemonic: str, operator: str) -> None:
    def compare(a: Expr, b: Expr) -> Expr:
        text = f"{a.within(v.OR)} {operator} {b.within(v.OR)}"
        return v.combine(text, "i32", v.COMPARE, 0, 1, a, b, truth=f"not {text}")

    binary(mnemonic, compare)


def _float_call(mnemonic: str, name: str, count: int, type_: str, exact: bool = False) -> None:
    """An operator that is a function; `exact` if it looks at the bits of a NaN."""

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        operands = e.stack[len(e.stack) - count :]
        del e.stack[len(e.stack) - count :]
        if exact:
            operands = [e.stored(item) for item in operands]
        text = f"{name}({', '.join(item.text for item in operands)})"
        e.push(v.combine(text, type_, v.ATOM, 0, 0, *operands))

    OPERATIONS[mnemonic] = operation


def _float_binary(mnemonic: str, operator: str) -> None:
    """An operator of Python, whose result is rounded to f32, or any NaN in f64."""
    type_ = mnemonic[:3]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        b, a = e.pop(), e.pop()
        binds = v.PLUS if operator in "+-" else v.TIMES
        right = v.TIMES if operator in "+-" else v.UNARY
        text = f"{a.within(binds)} {operator} {b.within(right)}"
        if type_ == "f32":
            e.push(v.combine(f"round32({text})", type_, v.ATOM, 0, 0, a, b))
        else:
            result = v.combine(text, type_, binds, 0, 0, a, b)
            result.loose = True
            e.push(result)

    OPERATIONS[mnemonic] = operation


@operation_of("f64.div")
def _divide(e: Emitter, pc: int, arg: Any) -> None:
    e.simple(len(e.stack) - 1)
    b, a = e.pop(), e.pop()
    if is_variable(b):
        text = f"{a.within(v.TIMES)} / {b.text} if {b.text} else fdiv64({a.text}, {b.text})"
        result = v.combine(text, "f64", v.CHOICE, 0, 0, a, b)
        result.loose = True
    else:
        result = v.combine(f"fdiv64({a.text}, {b.text})", "f64", v.ATOM, 0, 0, a, b)
    e.push(result)


@operation_of("f64.sqrt")
def _square_root(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    if is_variable(a):
        text = f"sqrt({a.text}) if {a.text} >= 0 else nan"
        e.push(v.combine(text, "f64", v.CHOICE, 0, 0, a))
    else:
        e.push(v.combine(f"fsqrt({a.text})", "f64", v.ATOM, 0, 0, a))


@operation_of("f64.promote_f32")
def _promote(e: Emitter, pc: int, arg: Any) -> None:
    e.push(v.replace(e.pop(), type="f64", loose=True))


@operation_of("f32.neg", "f64.neg")
def _negate(e: Emitter, pc: int, arg: Any) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    type_ = opcode.mnemonic[:3]
    a = e.stored(e.pop())
    name = f"fneg{type_[1:]}"
    if is_variable(a):
        text = f"-{a.text} if {a.text} == {a.text} else {name}({a.text})"
        e.push(v.combine(text, type_, v.CHOICE, 0, 0, a))
    else:
        e.push(v.combine(f"{name}({a.text})", type_, v.ATOM, 0, 0, a))


for _type in ("f32", "f64"):
    for _name, _operator in (
        ("eq", "=="),
        ("ne", "!="),
        ("lt", "<"),
        ("gt", ">"),
        ("le", "<="),
        ("ge", ">="),
    ):
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
_float_call("f32.div", "fdiv32", 2, "f32")
_float_call("f32.demote_f64", "round32", 1, "f32")


def _conversion(mnemonic: str, name: str, sign: bool) -> None:
    """From an integer to a float."""

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        a = v.number(e.pop())
        a = v.signed(a) if sign else v.unsigned(a)
        e.push(v.combine(f"{name}({a.text})", mnemonic[:3], v.ATOM, 0, 0, a))

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
        _conversion(f"f32.convert_{_integer_type}_{_sign}", "convert_to_f32", _sign == "s")
        _conversion(f"f64.convert_{_integer_type}_{_sign}", "float", _sign == "s")
        for _float_type in ("f32", "f64"):
            _truncation(f"{_integer_type}.trunc_{_float_type}_{_sign}")
            _truncation(f"{_integer_type}.trunc_sat_{_float_type}_{_sign}")


def _reinterpretation(mnemonic: str, name: str) -> None:
    type_ = mnemonic[:3]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        a = e.stored(e.pop())
        e.push(v.combine(f"{name}({a.text})", type_, v.ATOM, 0, v.MASKS.get(type_, 0), a))

    OPERATIONS[mnemonic] = operation


_reinterpretation("i32.reinterpret_f32", "f32_to_bits")
_reinterpretation("i64.reinterpret_f64", "f64_to_bits")
_reinterpretation("f32.reinterpret_i32", "f32_from_bits")
_reinterpretation("f64.reinterpret_i64", "f64_from_bits")
