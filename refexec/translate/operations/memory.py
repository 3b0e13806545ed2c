"""Loads and stores as Python: views of words where the address is aligned, else `struct`."""

from __future__ import annotations

from collections.abc import Callable

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.operations.registry import OPERATIONS, is_variable, operation_of
from refexec.translate.tree import If, Line
from refexec.translate.values import Expr

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


_VIEWS = {"u16": ("h", 1), "u32": ("w", 2), "u64": ("q", 3), "f32": ("r", 2), "f64": ("p", 3)}
"""Views by whole words, with the binary logarithm of their length."""

_SIZES = {"u16": 2, "i16": 2, "u32": 4, "i32": 4, "f32": 4, "u64": 8, "f64": 8}


def _address(a: Expr, offset: int) -> str:
    if not offset:
        return a.text
    if a.constant is not None:
        return str(a.constant + offset)
    return f"{a.within(v.PLUS)} + {offset}"


def _ready(e: Emitter, a: Expr) -> Expr:
    """An address as the unsigned number, in a variable if that is the cheapest way."""
    a = v.arithmetic(a)
    if v.fits(a, v.UNSIGNED) or not v.is_near(a) or a.constant is not None or is_variable(a):
        return v.unsigned(a)
    return e.assign("a", a, v.UNSIGNED)


def _place(e: Emitter, name: str, a: Expr, offset: int, memory: int) -> tuple[str, str, str]:
    """Where a word lies: its address, its place in the view by words, and when that is right.

    The condition is empty if the address is known to be a multiple of the length; there is no
    place if there is no such view.
    """
    if name not in _VIEWS or e.module.context.memories[memory].page_size % 8:
        return _address(_ready(e, a), offset), "", ""
    view, shift = _VIEWS[name]
    length = 1 << shift
    a = _ready(e, a)
    if a.constant is not None:
        address = a.constant + offset
        return str(address), "" if address % length else f"{view}{memory}[{address >> shift}]", ""
    text = _address(a, offset)
    if a.zeros >= shift and offset % length == 0:
        inner = text if not offset and a.binds > v.SHIFT else f"({text})"
        return text, f"{view}{memory}[{inner} >> {shift}]", ""
    if offset or not is_variable(a):
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
        e.reached(a, e.bounds[memory] - offset - _SIZES[name])
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


@operation_of("i32.load8_u", "i64.load8_u", "i32.load8_s", "i64.load8_s")
def _load_byte(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    e.settle()
    offset, memory = arg
    a = e.pop()
    sign = opcode.mnemonic.endswith("s")
    view = f"{'c' if sign else 'b'}{memory}"
    low, high = (-0x80, 0x7F) if sign else (0, 0xFF)
    text = f"{view}[{_address(_ready(e, a), offset)}]"
    e.reached(a, e.bounds[memory] - offset - 1)
    result = v.combine(text, opcode.mnemonic[:3], v.ATOM, low, high, a)
    result.reads |= {"a"}
    result.site = e.trap(pc)
    e.push(result)


@operation_of("f32.load")
def _load_f32(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    if not is_variable(e.stack[-1]):
        # It is needed again for a NaN, whose bits a view does not keep.
        e.spill(len(e.stack) - 1)
    a = e.pop()
    address, place, odd = _place(e, "f32", a, offset, memory)
    careful = f"load_f32(b{memory}, {address})"
    e.reached(a, e.bounds[memory] - offset - 4)
    result = v.combine(careful, "f32", v.ATOM, 0, 0, a)
    result.site = e.trap(pc)
    if place:
        result.text = f"{careful} if {odd} else {place}" if odd else place
        result.reads |= {"a"}
    e.push(result)
    if place:
        e.stack.pop()
        name = f"s{len(e.stack)}"
        e.clobber(name)
        # The address may be in the operand's own place.
        found = "y" if name in result.reads else name
        e.line(f"{found} = {result.text}", result.site)
        e.line(f"if {found} != {found}: {found} = {careful}")
        if found != name:
            e.line(f"{name} = {found}")
        e.push(v.variable(name, "f32"))


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
            value = e.exact(value)
        address, place, odd = _place(e, name, a, offset, memory)
        packed = f"store_{name}(b{memory}, {address}, {value.text})"
        site = e.trap(pc)
        e.reached(a, e.bounds[memory] - offset - _SIZES[name])
        if not place:
            e.line(packed, site)
        elif not odd:
            e.line(f"{place} = {value.text}", site)
        else:
            choice = If(odd, f"not {odd}", [Line(packed, site)], [])
            choice.otherwise = [Line(f"{place} = {value.text}", site)]
            e.out.append(choice)

    OPERATIONS[mnemonic] = operation


for _mnemonic in _STORES:
    _store(_mnemonic)


@operation_of("f32.store")
def _store_f32(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    # A view does not keep the bits of a NaN, unless it is the canonical one.
    kept = e.stack[-1].zeros != v.EXACT
    if not kept:
        e.simple(len(e.stack) - 1)
    value, a = e.exact(e.pop()), e.pop()
    address, place, odd = _place(e, "f32", a, offset, memory)
    site = e.trap(pc)
    careful = Line(f"store_u32(b{memory}, {address}, f32_to_bits({value.text}))", site, pc=pc)
    e.reached(a, e.bounds[memory] - offset - 4)
    if not place:
        e.out.append(careful)
        return
    conditions = [] if kept else [f"{value.text} != {value.text}"]
    if odd:
        conditions.insert(0, odd)
    quick = Line(f"{place} = {value.text}", site, pc=pc)
    if conditions:
        text = " or ".join(conditions)
        e.out.append(If(text, f"not ({text})", [careful], [quick]))
    else:
        e.out.append(quick)


@operation_of("i32.store8", "i64.store8")
def _store_byte(e: Emitter, pc: int, arg: tuple[int, int]) -> None:
    e.settle()
    offset, memory = arg
    value, a = v.arithmetic(e.pop()), e.pop()
    if value.constant is not None:
        value = v.integer(value.constant & 0xFF, value.type)
    elif value.low < 0 or value.high > 0xFF:
        value = v.combine(f"{value.within(v.AND)} & 255", value.type, v.AND, 0, 255, value)
    e.line(f"b{memory}[{_address(_ready(e, a), offset)}] = {value.text}", e.trap(pc))
    e.reached(a, e.bounds[memory] - offset - 1)


@operation_of("memory.fill")
def _fill(e: Emitter, pc: int, memory: int) -> None:
    _bulk(e, pc, 3, lambda a: f"n{memory}.fill({a[0]}, {a[1]}, {a[2]})")


@operation_of("memory.copy")
def _copy(e: Emitter, pc: int, memories: tuple[int, int]) -> None:
    target, source = memories
    _bulk(e, pc, 3, lambda a: f"n{target}.copy({a[0]}, n{source}, {a[1]}, {a[2]})")


def _bulk(e: Emitter, pc: int, count: int, call: Callable[[list[str]], str]) -> None:
    """Write an instruction that costs what its last operand says, after it was executed."""
    e.settle()
    e.clobber_globals()
    e.reduce(len(e.stack) - 1)
    length = v.number(e.simple(len(e.stack) - 1))
    operands = [e.stored(item).text for item in e.stack[len(e.stack) - count :]]
    del e.stack[len(e.stack) - count :]
    e.line(call(operands), e.trap(pc))
    paid = e.stored(length)
    e.line(f"if (fuel := fuel - {paid.within(v.TIMES)}) < 0.0: out()", e.safepoint(pc + 1))


@operation_of("memory.size")
def _memory_size(e: Emitter, pc: int, index: int) -> None:
    e.settle()
    type_ = str(e.module.context.memories[index].address)
    position = len(e.stack)
    e.push(v.variable(f"n{index}", type_))
    e.stack[position].text = f"n{index}.pages"
    e.spill(position)


def byte_at(e: Emitter, a: Expr, offset: int, memory: int) -> str:
    """A byte of a memory; to be used before anything else is written."""
    address = _address(_ready(e, a), offset)
    e.reached(a, e.bounds[memory] - offset - 1)
    return f"b{memory}[{address}]"


def word_place(e: Emitter, a: Expr, offset: int, size: int, memory: int) -> str:
    """Arguments of a call that unpacks or packs so many bytes, likewise."""
    address = _address(_ready(e, a), offset)
    e.reached(a, e.bounds[memory] - offset - size)
    return f"b{memory}, {address}"
