"""Validation rules of control instructions: blocks, branches, calls, exceptions."""

from __future__ import annotations

from typing import Any

from refexec.interp import types as t
from refexec.interp.checker import BOTTOM, Branch, Validator
from refexec.interp.opcodes import IF
from refexec.interp.rules.registry import (
    carry,
    function_at,
    function_type_at,
    rule,
    table_at,
    tag_at,
)
from refexec.interp.syntax import function_type_of

# -- parametric and control ----------------------------------------------------------------------


@rule("unreachable")
def _unreachable(v: Validator, _: None) -> None:
    v.unreachable()


@rule("drop")
def _drop(v: Validator, _: None) -> None:
    v.pop_any()


@rule("select")
def _select(v: Validator, _: None) -> None:
    v.pop(t.I32)
    second = v.pop_any()
    first = v.pop_any()
    if isinstance(first, t.ReferenceType) or isinstance(second, t.ReferenceType):
        raise v.fail("type mismatch: a select of references needs a type")
    if first is not second and BOTTOM not in (first, second):
        raise v.mismatch(first, second)
    v.push(second if first is BOTTOM else first)


@rule("select t")
def _select_typed(v: Validator, types: tuple[t.ValueType, ...]) -> None:
    if len(types) != 1:
        raise v.fail(f"invalid result arity: expected 1 type, found {len(types)}")
    v.pop(t.I32)
    v.pop(types[0])
    v.pop(types[0])
    v.push(types[0])


@rule("block", "loop")
def _block(v: Validator, block: t.FunctionType) -> None:
    v.pop_all(block.params)
    v.open(v.opcode, block)


@rule("if")
def _if(v: Validator, block: t.FunctionType) -> None:
    v.pop(t.I32)
    v.pop_all(block.params)
    v.open(IF, block)


@rule("else")
def _else(v: Validator, _: None) -> None:
    v.block_else()


@rule("end")
def _end(v: Validator, _: None) -> None:
    v.block_end()


@rule("br")
def _br(v: Validator, depth: int) -> None:
    control = v.label(depth)
    v.pop_all(control.label)
    v.branch(control, v.side_table, v.pc)
    v.unreachable()


@rule("br_if")
def _br_if(v: Validator, depth: int) -> None:
    v.pop(t.I32)
    control = v.label(depth)
    carry(v, control.label)
    v.branch(control, v.side_table, v.pc)


@rule("br_table")
def _br_table(v: Validator, immediate: tuple[tuple[int, ...], int]) -> None:
    depths, default = immediate
    v.pop(t.I32)
    arity = len(v.label(default).label)
    branches: list[Branch | None] = [None] * (len(depths) + 1)
    v.side_table[v.pc] = branches
    seen: set[int] = set()
    for position, depth in enumerate((*depths, default)):
        control = v.label(depth)
        if depth not in seen:
            seen.add(depth)
            if len(control.label) != arity:
                raise v.fail(f"type mismatch: labels carry {arity} and {len(control.label)} values")
            popped = [v.pop(expected) for expected in reversed(control.label)]
            v.push_all(popped[::-1])
        v.branch(control, branches, position)
    v.pop_all(v.label(default).label)
    v.unreachable()


@rule("return")
def _return(v: Validator, _: None) -> None:
    v.pop_all(v.results)
    v.side_table[v.pc] = len(v.results)
    v.unreachable()


# -- calls ---------------------------------------------------------------------------------------


def _call_type(v: Validator, defined: t.DefinedType) -> None:
    function = function_type_of(defined)
    v.pop_all(function.params)
    v.push_all(function.results)


def _tail_call_type(v: Validator, defined: t.DefinedType) -> None:
    function = function_type_of(defined)
    if not t.results_match(function.results, v.results):
        raise v.fail(
            f"type mismatch: the callee gives {list(function.results)}, "
            f"this function {list(v.results)}"
        )
    v.pop_all(function.params)
    v.unreachable()


@rule("call")
def _call(v: Validator, index: int) -> None:
    _call_type(v, function_at(v, index))


@rule("return_call")
def _return_call(v: Validator, index: int) -> None:
    _tail_call_type(v, function_at(v, index))


def _indirect(v: Validator, immediate: tuple[int, int]) -> t.DefinedType:
    type_index, table_index = immediate
    table = table_at(v, table_index)
    if not t.value_matches(table.element, t.FUNCREF):
        raise v.fail(f"type mismatch: table {table_index} holds {table.element}, not functions")
    defined = function_type_at(v, type_index)
    v.pop(table.address)
    v.side_table[v.pc] = (defined, table_index)
    return defined


@rule("call_indirect")
def _call_indirect(v: Validator, immediate: tuple[int, int]) -> None:
    _call_type(v, _indirect(v, immediate))


@rule("return_call_indirect")
def _return_call_indirect(v: Validator, immediate: tuple[int, int]) -> None:
    _tail_call_type(v, _indirect(v, immediate))


@rule("call_ref")
def _call_ref(v: Validator, index: int) -> None:
    defined = function_type_at(v, index)
    v.pop(t.ReferenceType(True, defined))
    v.side_table[v.pc] = len(function_type_of(defined).params)
    _call_type(v, defined)


@rule("return_call_ref")
def _return_call_ref(v: Validator, index: int) -> None:
    defined = function_type_at(v, index)
    v.pop(t.ReferenceType(True, defined))
    _tail_call_type(v, defined)


# -- exceptions ----------------------------------------------------------------------------------


@rule("throw")
def _throw(v: Validator, index: int) -> None:
    v.pop_all(tag_at(v, index).params)
    v.unreachable()


@rule("throw_ref")
def _throw_ref(v: Validator, _: None) -> None:
    v.pop(t.EXNREF)
    v.unreachable()


@rule("try_table")
def _try_table(v: Validator, immediate: tuple[t.FunctionType, tuple[Any, ...]]) -> None:
    block, catches = immediate
    v.pop_all(block.params)
    clauses: list[tuple[int | None, bool, Branch]] = []
    for catch in catches:
        control = v.label(catch.label)
        carried = tag_at(v, catch.tag).params if catch.tag is not None else ()
        if catch.reference:
            carried = (*carried, t.ReferenceType(False, t.EXN))
        if not t.results_match(carried, control.label):
            raise v.mismatch(list(control.label), list(carried))
        clause = _Clause(clauses, len(clauses))
        clauses.append((catch.tag, catch.reference, Branch(0, 0, 0)))
        v.branch(control, clause, "branch")
    opened = v.open(v.opcode, block)
    opened.catches = clauses


class _Clause:
    """Lets `Validator.branch` store the branch of a catch clause, which sits inside a tuple."""

    def __init__(self, clauses: list[tuple[int | None, bool, Branch]], position: int) -> None:
        self.clauses = clauses
        self.position = position

    def __setitem__(self, _: str, branch: Branch | None) -> None:
        if branch is not None:
            tag, reference, _unset = self.clauses[self.position]
            self.clauses[self.position] = (tag, reference, branch)
