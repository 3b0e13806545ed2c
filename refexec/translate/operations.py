"""How single instructions become Python expressions and statements.

`OPERATIONS` maps mnemonics to functions that take the emitter, the step, and what the machine's
execution function would take. An instruction that is not in it runs through the machine's own
execution function (`generic`), on operands put into a list. What an instruction means is defined
in `refexec.interp.instructions`; the names used by the texts are in `refexec.translate.namespace`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from refexec.interp import types as t
from refexec.interp.opcodes import Opcode
from refexec.interp.syntax import function_type_of
from refexec.translate import values as v
from refexec.translate.emit import Emitter, type_name
from refexec.translate.errors import Untranslatable
from refexec.translate.graph import Node
from refexec.translate.sites import Site
from refexec.translate.tree import If, Line
from refexec.translate.values import Expr

Operation = Callable[[Emitter, int, Any], None]

OPERATIONS: dict[str, Operation] = {}


def _operation(*mnemonics: str) -> Callable[[Operation], Operation]:
    def register(function: Operation) -> Operation:
        for mnemonic in mnemonics:
            OPERATIONS[mnemonic] = function
        return function

    return register


# -- parametric and variable -----------------------------------------------------------------------


@_operation("nop", "block", "loop", "end")
def _nothing(e: Emitter, pc: int, arg: Any) -> None:
    pass


@_operation("drop")
def _drop(e: Emitter, pc: int, arg: Any) -> None:
    top = e.stack[-1]
    if top.site is not None:
        e.spill(len(e.stack) - 1)
    e.pop()


@_operation("local.get")
def _local_get(e: Emitter, pc: int, index: int) -> None:
    e.push(e.local(index))


@_operation("local.set")
def _local_set(e: Emitter, pc: int, index: int) -> None:
    e.set_local(index, e.pop())


@_operation("local.tee")
def _local_tee(e: Emitter, pc: int, index: int) -> None:
    e.set_local(index, e.pop())
    e.push(e.local(index))


@_operation("global.get")
def _global_get(e: Emitter, pc: int, index: int) -> None:
    global_type = e.module.context.globals[index]
    name = f"g{index}"
    value = v.variable(name, type_name(global_type.value))
    value.text = f"{name}.value"
    e.push(value)


@_operation("global.set")
def _global_set(e: Emitter, pc: int, index: int) -> None:
    e.settle()
    e.reduce(len(e.stack) - 1)
    value = e.stored(e.pop())
    e.clobber(f"g{index}")
    e.line(f"g{index}.value = {value.text}")


@_operation("select", "select t")
def _select(e: Emitter, pc: int, arg: Any) -> None:
    # Python evaluates only one of the two.
    for position in (-2, -3):
        if e.stack[position].site is not None:
            e.spill(len(e.stack) + position)
    condition, second, first = v.truth_of(e.pop()), e.pop(), e.pop()
    loose = first.loose and second.loose
    if first.type in v.MASKS or loose:
        first, second = v.number(first), v.number(second)
    else:
        first, second = e.stored(first), e.stored(second)
    text = f"{first.within(v.NOT)} if {condition.within(v.NOT)} else {second.within(v.NOT)}"
    low, high = min(first.low, second.low), max(first.high, second.high)
    result = v.combine(text, first.type, v.CHOICE, low, high, first, condition, second)
    result.loose = loose
    e.push(result)


@_operation("i32.const", "i64.const")
def _integer(e: Emitter, pc: int, value: int) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    e.push(v.integer(value, opcode.mnemonic[:3]))


@_operation("f32.const", "f64.const")
def _float(e: Emitter, pc: int, value: float) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    if value != value or math.isinf(value):
        e.push(Expr(e.constant(value), opcode.mnemonic[:3]))
    else:
        negative = math.copysign(1.0, value) < 0
        e.push(Expr(repr(value), opcode.mnemonic[:3], v.UNARY if negative else v.ATOM))


# -- integers --------------------------------------------------------------------------------------


def _binary(mnemonic: str, function: Callable[[Expr, Expr], Expr]) -> None:
    def operation(e: Emitter, pc: int, arg: Any) -> None:
        right = e.pop()
        left = e.pop()
        e.push(function(left, right))

    OPERATIONS[mnemonic] = operation


def _comparison(mnemonic: str, operator: str, sign: bool) -> None:
    _binary(mnemonic, lambda a, b: v.less(operator, a, b, sign))


for _type in ("i32", "i64"):
    _binary(f"{_type}.add", v.add)
    _binary(f"{_type}.sub", v.sub)
    _binary(f"{_type}.mul", v.mul)
    _binary(f"{_type}.and", v.and_)
    _binary(f"{_type}.or", v.or_)
    _binary(f"{_type}.xor", lambda a, b: v.or_(a, b, "^"))
    _binary(f"{_type}.shl", v.shl)
    _binary(f"{_type}.shr_u", v.shr_u)
    _binary(f"{_type}.shr_s", v.shr_s)
    _binary(f"{_type}.eq", lambda a, b: v.equal("==", a, b))
    _binary(f"{_type}.ne", lambda a, b: v.equal("!=", a, b))
    for _name, _operator in (("lt", "<"), ("gt", ">"), ("le", "<="), ("ge", ">=")):
        _comparison(f"{_type}.{_name}_s", _operator, True)
        _comparison(f"{_type}.{_name}_u", _operator, False)


@_operation("i32.eqz", "i64.eqz")
def _eqz(e: Emitter, pc: int, arg: Any) -> None:
    e.push(v.truth_of(e.pop(), False))


def _extension(mnemonic: str, bits: int) -> None:
    OPERATIONS[mnemonic] = lambda e, pc, arg: e.push(v.extend(e.pop(), bits))


_extension("i32.extend8_s", 8)
_extension("i32.extend16_s", 16)
_extension("i64.extend8_s", 8)
_extension("i64.extend16_s", 16)
_extension("i64.extend32_s", 32)


@_operation("i32.rotl", "i32.rotr", "i64.rotl", "i64.rotr")
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


@_operation("i32.clz", "i64.clz")
def _clz(e: Emitter, pc: int, arg: Any) -> None:
    a = v.unsigned(v.number(e.pop()))
    width = v.WIDTHS[a.type]
    text = f"{width} - {a.within(v.ATOM) if a.constant is None else f'({a.text})'}.bit_length()"
    e.push(v.combine(text, a.type, v.PLUS, 0, width, a))


@_operation("i32.popcnt", "i64.popcnt")
def _popcnt(e: Emitter, pc: int, arg: Any) -> None:
    a = v.unsigned(v.number(e.pop()))
    text = f"{a.within(v.ATOM) if a.constant is None else f'({a.text})'}.bit_count()"
    e.push(v.combine(text, a.type, v.ATOM, 0, v.WIDTHS[a.type], a))


@_operation("i32.ctz", "i64.ctz")
def _ctz(e: Emitter, pc: int, arg: Any) -> None:
    a = v.unsigned(v.number(e.pop()))
    width = v.WIDTHS[a.type]
    e.push(v.combine(f"ictz({a.text}, {width})", a.type, v.ATOM, 0, width, a))


def _wide(value: Expr, type_: str) -> Expr:
    return v.replace(value, type=type_, shape=None)


@_operation("i32.wrap_i64")
def _wrap(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    if a.constant is not None:
        e.push(v.integer(a.constant & v.M32, "i32"))
    else:
        e.push(v.bounded(_wide(a, "i32")))


@_operation("i64.extend_i32_u")
def _extend_unsigned(e: Emitter, pc: int, arg: Any) -> None:
    e.push(_wide(v.unsigned(v.number(e.pop())), "i64"))


@_operation("i64.extend_i32_s")
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


# -- floats ----------------------------------------------------------------------------------------


def _float_comparison(mnemonic: str, operator: str) -> None:
    def compare(a: Expr, b: Expr) -> Expr:
        text = f"{a.within(v.OR)} {operator} {b.within(v.OR)}"
        return v.combine(text, "i32", v.COMPARE, 0, 1, a, b, truth=f"not {text}")

    _binary(mnemonic, compare)


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


def _is_variable(a: Expr) -> bool:
    return a.text in a.reads


@_operation("f64.div")
def _divide(e: Emitter, pc: int, arg: Any) -> None:
    e.simple(len(e.stack) - 1)
    b, a = e.pop(), e.pop()
    if _is_variable(b):
        text = f"{a.within(v.TIMES)} / {b.text} if {b.text} else fdiv64({a.text}, {b.text})"
        result = v.combine(text, "f64", v.CHOICE, 0, 0, a, b)
        result.loose = True
    else:
        result = v.combine(f"fdiv64({a.text}, {b.text})", "f64", v.ATOM, 0, 0, a, b)
    e.push(result)


@_operation("f64.sqrt")
def _square_root(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    if _is_variable(a):
        text = f"sqrt({a.text}) if {a.text} >= 0 else nan"
        e.push(v.combine(text, "f64", v.CHOICE, 0, 0, a))
    else:
        e.push(v.combine(f"fsqrt({a.text})", "f64", v.ATOM, 0, 0, a))


@_operation("f64.promote_f32")
def _promote(e: Emitter, pc: int, arg: Any) -> None:
    e.push(v.replace(e.pop(), type="f64", loose=True))


@_operation("f32.neg", "f64.neg")
def _negate(e: Emitter, pc: int, arg: Any) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    type_ = opcode.mnemonic[:3]
    a = e.stored(e.pop())
    name = f"fneg{type_[1:]}"
    if _is_variable(a):
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


# -- memory ----------------------------------------------------------------------------------------

_LOADS: dict[str, tuple[str, int, int]] = {
    "i32.load": ("u32", 0, v.M32),
    "i64.load": ("u64", 0, v.M64),
    "f64.load": ("f64", 0, 0),
    "i32.load16_s": ("i16", -0x8000, 0x7FFF),
    "i32.load16_u": ("u16", 0, 0xFFFF),
    "i64.load16_s": ("i16", -0x8000, 0x7FFF),
    "i64.load16_u": ("u16", 0, 0xFFFF),
    "i64.load32_s": ("i32", -0x80000000, 0x7FFFFFFF),
    "i64.load32_u": ("u32", 0, v.M32),
}
"""How to unpack, and the interval of the result."""

_STORES = {
    "i32.store": "u32",
    "i64.store": "u64",
    "f64.store": "f64",
    "i32.store16": "u16",
    "i64.store16": "u16",
    "i64.store32": "u32",
}
_LENGTHS = {"u16": 0xFFFF, "u32": v.M32, "u64": v.M64}


_VIEWS = {"u16": ("h", 1), "u32": ("w", 2), "u64": ("q", 3), "f64": ("p", 3)}
"""Views by whole words, with the binary logarithm of their length."""


def _address(a: Expr, offset: int) -> str:
    a = v.unsigned(v.arithmetic(a))
    if not offset:
        return a.text
    if a.constant is not None:
        return str(a.constant + offset)
    return f"{a.within(v.PLUS)} + {offset}"


def _place(e: Emitter, name: str, a: Expr, offset: int, memory: int) -> tuple[str, str, str]:
    """Where a word lies: its address, its place in the view by words, and when that is right.

    The condition is empty if the address is known to be a multiple of the length; there is no
    place if there is no such view.
    """
    if name not in _VIEWS or e.module.context.memories[memory].page_size % 8:
        return _address(a, offset), "", ""
    view, shift = _VIEWS[name]
    length = 1 << shift
    a = v.unsigned(v.arithmetic(a))
    if a.constant is not None:
        address = a.constant + offset
        return str(address), "" if address % length else f"{view}{memory}[{address >> shift}]", ""
    text = _address(a, offset)
    if a.zeros >= shift and offset % length == 0:
        inner = text if not offset and a.binds > v.SHIFT else f"({text})"
        return text, f"{view}{memory}[{inner} >> {shift}]", ""
    if offset or not _is_variable(a):
        e.line(f"a = {text}", a.site)
        text = "a"
    return text, f"{view}{memory}[{text} >> {shift}]", f"{text} & {length - 1}"


def _load(mnemonic: str) -> None:
    name, low, high = _LOADS[mnemonic]

    def operation(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
        e.settle()
        offset, memory = arg
        a = e.pop()
        address, place, odd = _place(e, name, a, offset, memory)
        text, binds = f"load_{name}(b{memory}, {address})[0]", v.ATOM
        if place and odd:
            text, binds = f"{text} if {odd} else {place}", v.CHOICE
        elif place:
            text = place
        result = v.combine(text, mnemonic[:3], binds, low, high, a)
        result.reads |= {"a"}
        result.site = e.trap(pc)
        e.push(result)

    OPERATIONS[mnemonic] = operation


for _mnemonic in _LOADS:
    _load(_mnemonic)


@_operation("i32.load8_u", "i64.load8_u", "i32.load8_s", "i64.load8_s")
def _load_byte(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    e.settle()
    offset, memory = arg
    a = e.pop()
    sign = opcode.mnemonic.endswith("s")
    view = f"{'c' if sign else 'b'}{memory}"
    low, high = (-0x80, 0x7F) if sign else (0, 0xFF)
    text = f"{view}[{_address(a, offset)}]"
    result = v.combine(text, opcode.mnemonic[:3], v.ATOM, low, high, a)
    result.site = e.trap(pc)
    e.push(result)


@_operation("f32.load")
def _load_f32(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    a = e.pop()
    text = f"load_f32(b{memory}, {_address(a, offset)})"
    result = v.combine(text, "f32", v.ATOM, 0, 0, a)
    result.site = e.trap(pc)
    e.push(result)


def _store(mnemonic: str) -> None:
    name = _STORES[mnemonic]

    def operation(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
        e.settle()
        offset, memory = arg
        value, a = e.pop(), e.pop()
        if name in _LENGTHS:
            value = v.arithmetic(value)
            if value.low < 0 or value.high > _LENGTHS[name]:
                text = f"{value.within(v.AND)} & {_LENGTHS[name]:#x}"
                value = v.combine(text, value.type, v.AND, 0, _LENGTHS[name], value)
        else:
            value = e.stored(value)
        address, place, odd = _place(e, name, a, offset, memory)
        packed = f"store_{name}(b{memory}, {address}, {value.text})"
        if not place:
            e.line(packed, e.trap(pc))
        elif not odd:
            e.line(f"{place} = {value.text}", e.trap(pc))
        else:
            site = e.trap(pc)
            choice = If(odd, f"not {odd}", [Line(packed, site)], [])
            choice.otherwise = [Line(f"{place} = {value.text}", site)]
            e.out.append(choice)

    OPERATIONS[mnemonic] = operation


for _mnemonic in _STORES:
    _store(_mnemonic)


@_operation("f32.store")
def _store_f32(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    value, a = e.pop(), e.pop()
    e.line(f"store_u32(b{memory}, {_address(a, offset)}, f32_to_bits({value.text}))", e.trap(pc))


@_operation("i32.store8", "i64.store8")
def _store_byte(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    value, a = v.arithmetic(e.pop()), e.pop()
    if value.constant is not None:
        value = v.integer(value.constant & 0xFF, value.type)
    elif value.low < 0 or value.high > 0xFF:
        value = v.combine(f"{value.within(v.AND)} & 255", value.type, v.AND, 0, 255, value)
    e.line(f"b{memory}[{_address(a, offset)}] = {value.text}", e.trap(pc))


@_operation("memory.size")
def _memory_size(e: Emitter, pc: int, index: int) -> None:
    e.settle()
    type_ = str(e.module.context.memories[index].address)
    position = len(e.stack)
    e.push(v.variable(f"n{index}", type_))
    e.stack[position].text = f"n{index}.pages"
    e.spill(position)


# -- calls -----------------------------------------------------------------------------------------


def _call_site(e: Emitter, pc: int, above: int, count: int) -> Site:
    """The site of a call whose `count` arguments lie below `above` more operands."""
    end = len(e.stack)
    start = end - above - count
    return Site(pc, e.paid, "call", e.recipe(e.stack[:start]), e.recipe(e.stack[start:]))


def _call(e: Emitter, pc: int, callee: str, function: t.FunctionType, above: int) -> None:
    """Write a call."""
    count = len(function.params)
    for position in range(len(e.stack) - above - count, len(e.stack) - above):
        e.reduce(position)
    site = _call_site(e, pc, above, count)
    e.calls = True
    del e.stack[len(e.stack) - above :]
    arguments = e.stack[len(e.stack) - count :]
    del e.stack[len(e.stack) - count :]
    operands = ", ".join([*(e.stored(item).text for item in arguments), "d"])
    results = [type_name(item) for item in function.results]
    first = len(e.stack)
    names = [f"s{first + i}" for i in range(len(results))]
    for name in names:
        e.clobber(name)
    target = f"{', '.join(names)} = " if names else ""
    e.line(f"{target}{callee}({operands})", site)
    for name, type_ in zip(names, results, strict=True):
        e.push(v.variable(name, type_))


def _prepare_call(e: Emitter) -> None:
    e.settle()
    e.clobber_globals()


@_operation("call")
def _direct(e: Emitter, pc: int, index: int) -> None:
    _prepare_call(e)
    function = function_type_of(e.module.context.functions[index])
    _call(e, pc, f"f{index}", function, 0)


@_operation("call_indirect")
def _indirect(e: Emitter, pc: int, arg: tuple[t.DefinedType, int]) -> None:
    _prepare_call(e)
    defined, table = arg
    function = function_type_of(defined)
    index = v.unsigned(v.number(e.simple(len(e.stack) - 1)))
    name = e.constant(defined)
    if _is_variable(index) or index.constant is not None:
        site = Site(pc, e.paid, "element")
        e.line(f"c = t{table}.elements[{index.text}]", site)
        slow = f"element(t{table}, {index.text}, {name})"
        e.line(f"c = c.defined is {name} and c.entry or {slow}", site)
    else:
        e.line(f"c = element(t{table}, {index.text}, {name})", e.trap(pc))
    _call(e, pc, "c", function, 1)


@_operation("call_ref")
def _referenced(e: Emitter, pc: int, arg: Any) -> None:
    _prepare_call(e)
    _, immediate = e.graph.instructions[pc - 1]
    function = function_type_of(e.module.context.types[immediate])
    e.line(f"c = referenced({e.stack[-1].text})", e.trap(pc))
    _call(e, pc, "c", function, 1)


# -- references ------------------------------------------------------------------------------------


@_operation("ref.null")
def _ref_null(e: Emitter, pc: int, arg: Any) -> None:
    e.push(Expr("None", "ref"))


@_operation("ref.is_null")
def _ref_is_null(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    text = f"{a.within(v.OR)} is"
    e.push(v.combine(f"{text} None", "i32", v.COMPARE, 0, 1, a, truth=f"{text} not None"))


def reference_condition(e: Emitter, mnemonic: str, node: Node, arg: Any) -> Expr:
    """The condition of a branch on a reference, which stays on the stack as either way needs."""
    raise Untranslatable(mnemonic)


# -- everything else -------------------------------------------------------------------------------

# fmt: off
_GIVING = frozenset({
    "table.get", "table.size", "table.grow", "memory.grow", "ref.func", "ref.as_non_null",
    "ref.eq", "ref.test", "ref.test null", "ref.cast", "ref.cast null", "ref.i31", "i31.get_s",
    "i31.get_u", "any.convert_extern", "extern.convert_any",
})
"""Instructions without a signature of their own that give one result."""
# fmt: on


def generic(e: Emitter, pc: int, opcode: Opcode, arg: Any) -> None:
    """Execute an instruction as the machine does."""
    if opcode.feature == "gc":
        raise Untranslatable(opcode.mnemonic)
    e.settle()
    e.clobber_globals()
    if opcode.signature is not None:
        count = len(opcode.signature.params)
        results = [
            str(item if item is not None else _address_type(e, opcode, arg))
            for item in opcode.signature.results
        ]
    else:
        before = e.operands_before(pc)
        after = e.operands_before(pc + 1)
        given = opcode.mnemonic in _GIVING
        results = [type_name(after[-1])] if given else []
        count = len(before) - len(after) + len(results)
    operands = e.stack[len(e.stack) - count :]
    del e.stack[len(e.stack) - count :]
    first = len(e.stack)
    names = [f"s{first + i}" for i in range(len(results))]
    for name in names:
        e.clobber(name)
    execute = f"o{opcode.code}"
    argument = "None" if arg is None else e.constant(arg)
    texts = ", ".join(e.stored(item).text for item in operands)
    target = f"{', '.join(names)}{',' if len(names) == 1 else ''} = " if names else ""
    metered = opcode.metered
    step = "meter" if metered else "step"
    e.line(f"{target}{step}({execute}, {argument}, [{texts}])", e.trap(pc))
    for name, type_ in zip(names, results, strict=True):
        e.push(v.variable(name, type_))
    if metered:
        e.line("if fuel < 0: out()", e.safepoint(pc + 1))


def _address_type(e: Emitter, opcode: Opcode, arg: Any) -> t.NumberType:
    memory = arg[1] if isinstance(arg, tuple) else arg
    address = e.module.context.memories[memory].address
    assert isinstance(address, t.NumberType)
    return address
