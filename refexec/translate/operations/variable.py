"""Constants, locals, globals, `drop` and `select` as Python."""

from __future__ import annotations

import math
from typing import Any

from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.operands import type_name
from refexec.translate.operations.registry import operation_of
from refexec.translate.values import Expr


@operation_of("nop", "block", "loop", "end")
def _nothing(e: Emitter, pc: int, arg: Any) -> None:
    pass


@operation_of("drop")
def _drop(e: Emitter, pc: int, arg: Any) -> None:
    top = e.stack[-1]
    if top.site is not None:
        e.spill(len(e.stack) - 1)
    e.pop()


@operation_of("local.get")
def _local_get(e: Emitter, pc: int, index: int) -> None:
    e.push(e.local(index))


@operation_of("local.set")
def _local_set(e: Emitter, pc: int, index: int) -> None:
    e.set_local(index, e.pop())


@operation_of("local.tee")
def _local_tee(e: Emitter, pc: int, index: int) -> None:
    e.set_local(index, e.pop())
    e.push(e.local(index))


@operation_of("global.get")
def _global_get(e: Emitter, pc: int, index: int) -> None:
    global_type = e.module.context.globals[index]
    name, type_ = f"g{index}", type_name(global_type.value)
    if type_ == "v128":
        e.push(v.from_bytes(f"{name}.value", name))
        return
    value = v.variable(name, type_)
    value.text = f"{name}.value"
    e.push(value)


@operation_of("global.set")
def _global_set(e: Emitter, pc: int, index: int) -> None:
    e.settle()
    e.reduce(len(e.stack) - 1)
    value = e.stored(e.pop())
    e.clobber(f"g{index}")
    e.line(f"g{index}.value = {value.text}")


@operation_of("select", "select t")
def _select(e: Emitter, pc: int, arg: Any) -> None:
    # Python evaluates only one of the two.
    for position in (-2, -3):
        if e.stack[position].site is not None:
            e.spill(len(e.stack) + position)
    condition, second, first = v.truth_of(e.pop()), e.pop(), e.pop()
    known = min(first.zeros, second.zeros)
    if first.type in v.MASKS or first.type == "v128" or known:
        first, second = v.number(first), v.number(second)
    else:
        first, second = e.stored(first), e.stored(second)
    text = f"{first.within(v.NOT)} if {condition.within(v.NOT)} else {second.within(v.NOT)}"
    low, high = min(first.low, second.low), max(first.high, second.high)
    if first.type == "v128":
        high = 0  # which would say what bits may be set
    result = v.combine(text, first.type, v.CHOICE, low, high, first, condition, second)
    result.zeros = known if first.type in v.FLOATS else 0
    e.push(result)


@operation_of("i32.const", "i64.const")
def _integer(e: Emitter, pc: int, value: int) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    e.push(v.integer(value, opcode.mnemonic[:3]))


@operation_of("f32.const", "f64.const")
def _float(e: Emitter, pc: int, value: float) -> None:
    opcode, _ = e.graph.instructions[pc - 1]
    if value != value or math.isinf(value):
        e.push(Expr(e.constant(value), opcode.mnemonic[:3]))
    else:
        negative = math.copysign(1.0, value) < 0
        constant = Expr(repr(value), opcode.mnemonic[:3], v.UNARY if negative else v.ATOM)
        constant.zeros, constant.shape = v.NUMBER, ("finite",)
        e.push(constant)
