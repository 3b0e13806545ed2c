"""The registry that validation rules enter themselves into, and look-ups that many share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refexec.interp import types as t
from refexec.interp.checker import Validator
from refexec.interp.opcodes import BY_MNEMONIC, Opcode

Rule = Callable[[Validator, Any], None]
"""Checks an instruction with its immediate; operands and side table are the validator's."""

RULES: dict[Opcode, Rule] = {}
"""Rules of the opcodes that need more than a signature."""


def rule(*mnemonics: str) -> Callable[[Rule], Rule]:
    """Enter a function into `RULES`."""

    def enter(function: Rule) -> Rule:
        for mnemonic in mnemonics:
            RULES[BY_MNEMONIC[mnemonic]] = function
        return function

    return enter


def function_at(v: Validator, index: int) -> t.DefinedType:
    """The type of a function index."""
    if index >= len(v.context.functions):
        raise v.fail(f"unknown function {index}")
    return v.context.functions[index]


def type_at(v: Validator, index: int) -> t.DefinedType:
    """The type of a type index."""
    if index >= len(v.context.types):
        raise v.fail(f"unknown type {index}")
    return v.context.types[index]


def function_type_at(v: Validator, index: int) -> t.DefinedType:
    """The type of a type index that must be a function type."""
    defined = type_at(v, index)
    if not isinstance(defined.composite, t.FunctionType):
        raise v.fail(f"type {index} is not a function type")
    return defined


def tag_at(v: Validator, index: int) -> t.FunctionType:
    """What exceptions of a tag index carry."""
    if index >= len(v.context.tags):
        raise v.fail(f"unknown tag {index}")
    return v.context.tags[index].function


def table_at(v: Validator, index: int) -> t.TableType:
    """The type of a table index."""
    if index >= len(v.context.tables):
        raise v.fail(f"unknown table {index}")
    return v.context.tables[index]


def element_at(v: Validator, index: int) -> t.ReferenceType:
    """The type of an element segment index."""
    if index >= len(v.context.elements):
        raise v.fail(f"unknown elem segment {index}")
    return v.context.elements[index].type


def memory_at(v: Validator, index: int) -> t.MemoryType:
    """The type of a memory index."""
    if index >= len(v.context.memories):
        raise v.fail(f"unknown memory {index}")
    return v.context.memories[index]


def check_data(v: Validator, index: int) -> None:
    """Check a data segment index."""
    if index >= v.context.data_count:
        raise v.fail(f"unknown data segment {index}")


def carry(v: Validator, types: tuple[t.ValueType, ...]) -> None:
    """Check the operands of a branch that may not be taken, which then stay."""
    v.pop_all(types)
    v.push_all(types)
