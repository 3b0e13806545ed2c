"""Integer instructions as Python, and conversions between integers."""

from __future__ import annotations

from typing import Any

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.operations.registry import OPERATIONS, binary, operation_of
from refexec.translate.values import Expr


def _comparison(mnemonic: str, operator: str, sign: bool) -> None:
    def operation(e: Emitter, pc: int, arg: Any) -> None:
        for position in (len(e.stack) - 2, len(e.stack) - 1):
            e.reduce(position, v.SIGNED if sign else v.UNSIGNED)
        b, a = e.pop(), e.pop()
        e.push(v.less(operator, a, b, sign))

    OPERATIONS[mnemonic] = operation


for _type in ("i32", "i64"):
    binary(f"{_type}.add", v.add)
    binary(f"{_type}.sub", v.sub)
    binary(f"{_type}.mul", v.mul)
    binary(f"{_type}.and", v.and_)
    binary(f"{_type}.or", v.or_)
    binary(f"{_type}.xor", lambda a, b: v.or_(a, b, "^"))
    binary(f"{_type}.shl", v.shl)
    binary(f"{_type}.shr_u", v.shr_u)
    binary(f"{_type}.shr_s", v.shr_s)
    binary(f"{_type}.eq", lambda a, b: v.equal("==", a, b))
    binary(f"{_type}.ne", lambda a, b: v.equal("!=", a, b))
    for _name, _operator in (("lt", "<"), ("gt", ">"), ("le", "<="), ("ge", ">=")):
        _comparison(f"{_type}.{_name}_s", _operator, True)
        _comparison(f"{_type}.{_name}_u", _operator, False)


@operation_of("i32.eqz", "i64.eqz")
def _eqz(e: Emitter, pc: int, arg: Any) -> None:
    e.push(v.truth_of(e.pop(), False))


def _extension(mnemonic: str, bits: int) -> None:
    OPERATIONS[mnemonic] = lambda e, pc, arg: e.push(v.extend(e.pop(), bits))


_extension("i32.extend8_s", 8)
_extension("i32.extend16_s", 16)
_extension("i64.extend8_s", 8)
_extension("i64.extend16_s", 16)
_extension("i64.extend32_s", 32)


@operation_of("i32.rotl", "i32.rotr", "i64.rotl", "i64.rotr")
def _rotate(e: Emitter, pc: int, arg: Any) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    type_ = opcode.mnemonic[:3]
    right = opcode.mnemonic.endswith("r")
    count = e.stack[-1]
    if count.constant is not None:
        e.pop()
        position = len(e.stack) - 1
        e.stack[position] = v.unsigned(v.number(e.stack[position]))
        operand = e.simple(position)
        e.pop()
        e.push(v.rotl(operand, -count.constant if right else count.constant))
        return
    count, operand = v.arithmetic(e.pop()), v.unsigned(v.number(e.pop()))
    turned = f"-({count.text})" if right else count.text
    text = f"irotl({operand.text}, {turned}, {v.WIDTHS[type_]})"
    e.push(v.combine(text, type_, v.ATOM, 0, v.MASKS[type_], operand, count))


@operation_of("i32.clz", "i64.clz")
def _clz(e: Emitter, pc: int, arg: Any) -> None:
    a = v.unsigned(v.number(e.pop()))
    width = v.WIDTHS[a.type]
    text = f"{width} - {a.within(v.ATOM) if a.constant is None else f'({a.text})'}.bit_length()"
    e.push(v.combine(text, a.type, v.PLUS, 0, width, a))


@operation_of("i32.popcnt", "i64.popcnt")
def _popcnt(e: Emitter, pc: int, arg: Any) -> None:
    a = v.unsigned(v.number(e.pop()))
    text = f"{a.within(v.ATOM) if a.constant is None else f'({a.text})'}.bit_count()"
    e.push(v.combine(text, a.type, v.ATOM, 0, v.WIDTHS[a.type], a))


@operation_of("i32.ctz", "i64.ctz")
def _ctz(e: Emitter, pc: int, arg: Any) -> None:
    a = v.unsigned(v.number(e.pop()))
    width = v.WIDTHS[a.type]
    e.push(v.combine(f"ictz({a.text}, {width})", a.type, v.ATOM, 0, width, a))


def _wide(value: Expr, type_: str) -> Expr:
    return v.replace(value, type=type_, shape=None)


@operation_of("i32.wrap_i64")
def _wrap(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    if a.constant is not None:
        e.push(v.integer(a.constant & v.M32, "i32"))
    else:
        e.push(v.bounded(_wide(a, "i32")))


@operation_of("i64.extend_i32_u")
def _extend_unsigned(e: Emitter, pc: int, arg: Any) -> None:
    e.push(_wide(v.unsigned(v.number(e.pop())), "i64"))


@operation_of("i64.extend_i32_s")
def _extend_signed(e: Emitter, pc: int, arg: Any) -> None:
    a = v.signed(v.number(e.pop()))
    if a.constant is not None:
        e.push(v.integer(a.constant & v.M64, "i64"))
    else:
        e.push(_wide(a, "i64"))


def _division(mnemonic: str) -> None:
    type_ = mnemonic[:3]
    width = v.WIDTHS[type_]

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        e.settle()
        b, a = v.arithmetic(e.pop()), v.arithmetic(e.pop())
        positive = b.constant is not None and 0 < b.constant < 1 << width - 1
        if mnemonic.endswith("_u") or (positive and a.low >= 0 and v.is_signed(a)):
            a, b = v.unsigned(a), v.unsigned(b)
            operator = "//" if ".div" in mnemonic else "%"
            low, high = (0, a.high) if operator == "//" else (0, max(min(a.high, b.high), 0))
            if b.constant:
                high = a.high // b.constant if operator == "//" else min(a.high, b.constant - 1)
            text = f"{a.within(v.TIMES)} {operator} {b.within(v.UNARY)}"
            result = v.combine(text, type_, v.TIMES, low, high, a, b)
            safe = bool(b.constant)
        else:
            a, b = v.unsigned(a), v.unsigned(b)
            name = "idiv_s" if ".div" in mnemonic else "irem_s"
            text = f"{name}({a.text}, {b.text}, {width})"
            result = v.combine(text, type_, v.ATOM, 0, v.MASKS[type_], a, b)
            safe = positive
        if not safe:
            result.site = e.trap(pc)
        e.push(result)

    OPERATIONS[mnemonic] = operation


for _type in ("i32", "i64"):
    for _name in ("div_s", "div_u", "rem_s", "rem_u"):
        _division(f"{_type}.{_name}")
