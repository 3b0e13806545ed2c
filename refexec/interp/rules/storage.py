"""Validation rules of instructions on locals, globals, tables and memories."""

from __future__ import annotations

import re
from typing import Any

from refexec.interp import types as t
from refexec.interp.checker import Validator
from refexec.interp.opcodes import Opcode
from refexec.interp.rules.registry import Rule, check_data, element_at, memory_at, rule, table_at
from refexec.interp.syntax import MemoryArgument

# -- variables -----------------------------------------------------------------------------------


@rule("local.get")
def _local_get(v: Validator, index: int) -> None:
    value = v.local(index)
    if v.unset and index in v.unset:
        raise v.fail(f"uninitialized local {index}")
    v.push(value)


@rule("local.set")
def _local_set(v: Validator, index: int) -> None:
    v.pop(v.local(index))
    v.initialise(index)


@rule("local.tee")
def _local_tee(v: Validator, index: int) -> None:
    value = v.local(index)
    v.pop(value)
    v.initialise(index)
    v.push(value)


def _global(v: Validator, index: int) -> t.GlobalType:
    if index >= len(v.context.globals):
        raise v.fail(f"unknown global {index}")
    return v.context.globals[index]


@rule("global.get")
def _global_get(v: Validator, index: int) -> None:
    v.push(_global(v, index).value)


@rule("global.set")
def _global_set(v: Validator, index: int) -> None:
    global_type = _global(v, index)
    if not global_type.mutable:
        raise v.fail(f"global {index} is immutable")
    v.pop(global_type.value)


# -- tables and element segments -----------------------------------------------------------------


@rule("table.get")
def _table_get(v: Validator, index: int) -> None:
    table = table_at(v, index)
    v.pop(table.address)
    v.push(table.element)


@rule("table.set")
def _table_set(v: Validator, index: int) -> None:
    table = table_at(v, index)
    v.pop(table.element)
    v.pop(table.address)


@rule("table.size")
def _table_size(v: Validator, index: int) -> None:
    v.push(table_at(v, index).address)


@rule("table.grow")
def _table_grow(v: Validator, index: int) -> None:
    table = table_at(v, index)
    v.pop(table.address)
    v.pop(table.element)
    v.push(table.address)


@rule("table.fill")
def _table_fill(v: Validator, index: int) -> None:
    table = table_at(v, index)
    v.pop(table.address)
    v.pop(table.element)
    v.pop(table.address)


def _smaller(first: t.NumberType, second: t.NumberType) -> t.NumberType:
    """Address type of a length that must fit two address types."""
    return t.I64 if first is second is t.I64 else t.I32


@rule("table.copy")
def _table_copy(v: Validator, immediate: tuple[int, int]) -> None:
    target, source = (table_at(v, index) for index in immediate)
    if not t.value_matches(source.element, target.element):
        raise v.mismatch(target.element, source.element)
    v.pop(_smaller(target.address, source.address))
    v.pop(source.address)
    v.pop(target.address)


@rule("table.init")
def _table_init(v: Validator, immediate: tuple[int, int]) -> None:
    table = table_at(v, immediate[1])
    element = element_at(v, immediate[0])
    if not t.value_matches(element, table.element):
        raise v.mismatch(table.element, element)
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(table.address)


@rule("elem.drop")
def _elem_drop(v: Validator, index: int) -> None:
    element_at(v, index)


# -- memories and data segments ------------------------------------------------------------------


def access(opcode: Opcode, lane: bool) -> Rule:
    """Make the rule of a load or store."""
    assert opcode.signature is not None
    width = _access_width(opcode)
    params = tuple(reversed(opcode.signature.params))
    results = opcode.signature.results

    def check(v: Validator, immediate: Any) -> None:
        argument: MemoryArgument = immediate[0] if lane else immediate
        memory = memory_at(v, argument.memory)
        if 1 << argument.align > width:
            raise v.fail(
                f"alignment 2^{argument.align} must not be larger than natural ({width} bytes)"
            )
        if memory.address is t.I32 and argument.offset > 0xFFFFFFFF:
            raise v.fail(f"offset {argument.offset} is out of range for a 32-bit memory")
        if lane and immediate[1] >= 16 // width:
            raise v.fail(f"invalid lane index {immediate[1]}")
        for param in params:
            v.pop(memory.address if param is None else param)
        for result in results:
            v.push(memory.address if result is None else result)
        v.side_table[v.pc] = (
            (argument.offset, argument.memory, immediate[1])
            if lane
            else (argument.offset, argument.memory)
        )

    return check


def _access_width(opcode: Opcode) -> int:
    """Bytes that a load or store touches, from its mnemonic."""
    vector = re.fullmatch(
        r"v128\.(?:load|store)(?:(\d+)x(\d+)_[su]|(\d+)(?:_splat|_zero|_lane))?", opcode.mnemonic
    )
    if vector:
        if vector[1]:
            return int(vector[1]) * int(vector[2]) // 8
        return int(vector[3]) // 8 if vector[3] else 16
    scalar = re.fullmatch(r"[if](\d+)\.(?:load|store)(\d*)(?:_[su])?", opcode.mnemonic)
    assert scalar is not None, opcode.mnemonic
    return int(scalar[2] or scalar[1]) // 8


@rule("memory.size")
def _memory_size(v: Validator, index: int) -> None:
    v.push(memory_at(v, index).address)


@rule("memory.grow")
def _memory_grow(v: Validator, index: int) -> None:
    memory = memory_at(v, index)
    v.pop(memory.address)
    v.push(memory.address)


@rule("memory.fill")
def _memory_fill(v: Validator, index: int) -> None:
    memory = memory_at(v, index)
    v.pop(memory.address)
    v.pop(t.I32)
    v.pop(memory.address)


@rule("memory.copy")
def _memory_copy(v: Validator, immediate: tuple[int, int]) -> None:
    target, source = (memory_at(v, index) for index in immediate)
    v.pop(_smaller(target.address, source.address))
    v.pop(source.address)
    v.pop(target.address)


@rule("memory.init")
def _memory_init(v: Validator, immediate: tuple[int, int]) -> None:
    memory = memory_at(v, immediate[1])
    check_data(v, immediate[0])
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(memory.address)


@rule("data.drop")
def _data_drop(v: Validator, index: int) -> None:
    check_data(v, index)
