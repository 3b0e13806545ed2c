"""Validation rules of the instructions that need more than a signature (Validation 3.4).

`RULES` maps each such opcode to a function `(validator, immediate)` that checks operands and
writes the side table. `PLAIN` holds the others: operand types, last one first, and result types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from refexec.interp import types as t
from refexec.interp.checker import BOTTOM, Branch, Control, Validator
from refexec.interp.opcodes import BY_MNEMONIC, ELSE, IF, OPCODES, Opcode
from refexec.interp.syntax import MemoryArgument, function_type_of

Rule = Callable[[Validator, Any], None]

PLAIN: dict[Opcode, tuple[tuple[t.NumberType, ...], tuple[t.NumberType, ...]]] = {}
"""Opcodes whose types follow from the table alone: operands from the top down, and results."""

RULES: dict[Opcode, Rule] = {}
"""Every other opcode."""

CONSTANT = frozenset(
    "i32.const i64.const f32.const f64.const v128.const ref.null ref.func global.get end "
    "i32.add i32.sub i32.mul i64.add i64.sub i64.mul ref.i31 struct.new struct.new_default "
    "array.new array.new_default array.new_fixed any.convert_extern extern.convert_any".split()
)
"""Mnemonics that a constant expression may contain."""


def rule(*mnemonics: str) -> Callable[[Rule], Rule]:
    """Enter a function into `RULES`."""

    def enter(function: Rule) -> Rule:
        for mnemonic in mnemonics:
            RULES[BY_MNEMONIC[mnemonic]] = function
        return function

    return enter


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


def _carry(v: Validator, types: tuple[t.ValueType, ...]) -> None:
    """Check the operands of a branch that may not be taken, which then stay."""
    v.pop_all(types)
    v.push_all(types)


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
    _carry(v, control.label)
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
                raise v.fail(
                    f"type mismatch: labels carry {arity} and {len(control.label)} values"
                )
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


def _function(v: Validator, index: int) -> t.DefinedType:
    if index >= len(v.context.functions):
        raise v.fail(f"unknown function {index}")
    return v.context.functions[index]


def _type(v: Validator, index: int) -> t.DefinedType:
    if index >= len(v.context.types):
        raise v.fail(f"unknown type {index}")
    return v.context.types[index]


def _function_type(v: Validator, index: int) -> t.DefinedType:
    defined = _type(v, index)
    if not isinstance(defined.composite, t.FunctionType):
        raise v.fail(f"type {index} is not a function type")
    return defined


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
    _call_type(v, _function(v, index))


@rule("return_call")
def _return_call(v: Validator, index: int) -> None:
    _tail_call_type(v, _function(v, index))


def _indirect(v: Validator, immediate: tuple[int, int]) -> t.DefinedType:
    type_index, table_index = immediate
    table = _table(v, table_index)
    if not t.value_matches(table.element, t.FUNCREF):
        raise v.fail(f"type mismatch: table {table_index} holds {table.element}, not functions")
    defined = _function_type(v, type_index)
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
    defined = _function_type(v, index)
    v.pop(t.ReferenceType(True, defined))
    v.side_table[v.pc] = len(function_type_of(defined).params)
    _call_type(v, defined)


@rule("return_call_ref")
def _return_call_ref(v: Validator, index: int) -> None:
    defined = _function_type(v, index)
    v.pop(t.ReferenceType(True, defined))
    _tail_call_type(v, defined)


# -- exceptions ----------------------------------------------------------------------------------


def _tag(v: Validator, index: int) -> t.FunctionType:
    if index >= len(v.context.tags):
        raise v.fail(f"unknown tag {index}")
    return v.context.tags[index].function


@rule("throw")
def _throw(v: Validator, index: int) -> None:
    v.pop_all(_tag(v, index).params)
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
        carried = _tag(v, catch.tag).params if catch.tag is not None else ()
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


def _table(v: Validator, index: int) -> t.TableType:
    if index >= len(v.context.tables):
        raise v.fail(f"unknown table {index}")
    return v.context.tables[index]


def _element(v: Validator, index: int) -> t.ReferenceType:
    if index >= len(v.context.elements):
        raise v.fail(f"unknown elem segment {index}")
    return v.context.elements[index].type


@rule("table.get")
def _table_get(v: Validator, index: int) -> None:
    table = _table(v, index)
    v.pop(table.address)
    v.push(table.element)


@rule("table.set")
def _table_set(v: Validator, index: int) -> None:
    table = _table(v, index)
    v.pop(table.element)
    v.pop(table.address)


@rule("table.size")
def _table_size(v: Validator, index: int) -> None:
    v.push(_table(v, index).address)


@rule("table.grow")
def _table_grow(v: Validator, index: int) -> None:
    table = _table(v, index)
    v.pop(table.address)
    v.pop(table.element)
    v.push(table.address)


@rule("table.fill")
def _table_fill(v: Validator, index: int) -> None:
    table = _table(v, index)
    v.pop(table.address)
    v.pop(table.element)
    v.pop(table.address)


def _smaller(first: t.NumberType, second: t.NumberType) -> t.NumberType:
    """Address type of a length that must fit two address types."""
    return t.I64 if first is second is t.I64 else t.I32


@rule("table.copy")
def _table_copy(v: Validator, immediate: tuple[int, int]) -> None:
    target, source = (_table(v, index) for index in immediate)
    if not t.value_matches(source.element, target.element):
        raise v.mismatch(target.element, source.element)
    v.pop(_smaller(target.address, source.address))
    v.pop(source.address)
    v.pop(target.address)


@rule("table.init")
def _table_init(v: Validator, immediate: tuple[int, int]) -> None:
    table = _table(v, immediate[1])
    element = _element(v, immediate[0])
    if not t.value_matches(element, table.element):
        raise v.mismatch(table.element, element)
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(table.address)


@rule("elem.drop")
def _elem_drop(v: Validator, index: int) -> None:
    _element(v, index)


# -- memories and data segments ------------------------------------------------------------------


def _memory(v: Validator, index: int) -> t.MemoryType:
    if index >= len(v.context.memories):
        raise v.fail(f"unknown memory {index}")
    return v.context.memories[index]


def _access(opcode: Opcode, lane: bool) -> Rule:
    """Make the rule of a load or store."""
    assert opcode.signature is not None
    width = _access_width(opcode)
    params = tuple(reversed(opcode.signature.params))
    results = opcode.signature.results

    def check(v: Validator, immediate: Any) -> None:
        argument: MemoryArgument = immediate[0] if lane else immediate
        memory = _memory(v, argument.memory)
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
    v.push(_memory(v, index).address)


@rule("memory.grow")
def _memory_grow(v: Validator, index: int) -> None:
    memory = _memory(v, index)
    v.pop(memory.address)
    v.push(memory.address)


@rule("memory.fill")
def _memory_fill(v: Validator, index: int) -> None:
    memory = _memory(v, index)
    v.pop(memory.address)
    v.pop(t.I32)
    v.pop(memory.address)


@rule("memory.copy")
def _memory_copy(v: Validator, immediate: tuple[int, int]) -> None:
    target, source = (_memory(v, index) for index in immediate)
    v.pop(_smaller(target.address, source.address))
    v.pop(source.address)
    v.pop(target.address)


def _data(v: Validator, index: int) -> None:
    if index >= v.context.data_count:
        raise v.fail(f"unknown data segment {index}")


@rule("memory.init")
def _memory_init(v: Validator, immediate: tuple[int, int]) -> None:
    memory = _memory(v, immediate[1])
    _data(v, immediate[0])
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(memory.address)


@rule("data.drop")
def _data_drop(v: Validator, index: int) -> None:
    _data(v, index)


# -- references ----------------------------------------------------------------------------------


@rule("ref.null")
def _ref_null(v: Validator, heap: t.HeapType) -> None:
    v.push(t.ReferenceType(True, heap))


@rule("ref.func")
def _ref_func(v: Validator, index: int) -> None:
    defined = _function(v, index)
    if index not in v.context.declared:
        raise v.fail(f"undeclared function reference {index}")
    v.push(t.ReferenceType(False, defined))


@rule("ref.is_null")
def _ref_is_null(v: Validator, _: None) -> None:
    v.pop_reference()
    v.push(t.I32)


@rule("ref.as_non_null")
def _ref_as_non_null(v: Validator, _: None) -> None:
    v.push(t.ReferenceType(False, v.pop_reference().heap))


@rule("br_on_null")
def _br_on_null(v: Validator, depth: int) -> None:
    reference = v.pop_reference()
    control = v.label(depth)
    _carry(v, control.label)
    v.branch(control, v.side_table, v.pc)
    v.push(t.ReferenceType(False, reference.heap))


@rule("br_on_non_null")
def _br_on_non_null(v: Validator, depth: int) -> None:
    reference = v.pop_reference()
    _branch_with(v, depth, t.ReferenceType(False, reference.heap))


def _branch_with(v: Validator, depth: int, carried: t.ReferenceType) -> Control:
    """Check a branch that carries `carried` on top of operands that stay when it is not taken."""
    control = v.label(depth)
    label = control.label
    if not label or not t.value_matches(carried, label[-1]):
        raise v.mismatch(label[-1] if label else "a label that carries a reference", carried)
    _carry(v, label[:-1])
    v.branch(control, v.side_table, v.pc)
    return control


@rule("br_on_cast", "br_on_cast_fail")
def _br_on_cast(v: Validator, immediate: tuple[int, int, t.HeapType, t.HeapType]) -> None:
    flags, depth, source_heap, target_heap = immediate
    source = t.ReferenceType(bool(flags & 1), source_heap)
    target = t.ReferenceType(bool(flags & 2), target_heap)
    if not t.value_matches(target, source):
        raise v.mismatch(f"a subtype of {source}", target)
    rest = t.ReferenceType(source.nullable and not target.nullable, source.heap)
    on_success = v.opcode.mnemonic == "br_on_cast"
    v.pop(source)
    holder = _Cast(v.side_table, v.pc, target)
    control = v.label(depth)
    label = control.label
    carried, stays = (target, rest) if on_success else (rest, target)
    if not label or not t.value_matches(carried, label[-1]):
        raise v.mismatch(label[-1] if label else "a label that carries a reference", carried)
    _carry(v, label[:-1])
    v.branch(control, holder, "branch")
    v.push(stays)


class _Cast:
    """Lets `Validator.branch` store a branch together with the type that is tested."""

    def __init__(self, side_table: dict[int, Any], pc: int, target: t.ReferenceType) -> None:
        self.side_table = side_table
        self.pc = pc
        self.target = target

    def __setitem__(self, _: str, branch: Branch | None) -> None:
        self.side_table[self.pc] = (branch, self.target)


@rule("ref.test", "ref.test null", "ref.cast", "ref.cast null")
def _cast_or_test(v: Validator, heap: t.HeapType) -> None:
    mnemonic = v.opcode.mnemonic
    target = t.ReferenceType(mnemonic.endswith("null"), heap)
    v.pop(t.ReferenceType(True, t.top_of(heap)))
    v.side_table[v.pc] = target
    v.push(t.I32 if mnemonic.startswith("ref.test") else target)


@rule("ref.eq")
def _ref_eq(v: Validator, _: None) -> None:
    v.pop(t.EQREF)
    v.pop(t.EQREF)
    v.push(t.I32)


@rule("ref.i31")
def _ref_i31(v: Validator, _: None) -> None:
    v.pop(t.I32)
    v.push(t.ReferenceType(False, t.I31))


@rule("i31.get_s", "i31.get_u")
def _i31_get(v: Validator, _: None) -> None:
    v.pop(t.I31REF)
    v.push(t.I32)


@rule("any.convert_extern")
def _any_convert_extern(v: Validator, _: None) -> None:
    reference = v.pop(t.EXTERNREF)
    nullable = isinstance(reference, t.ReferenceType) and reference.nullable
    v.push(t.ReferenceType(nullable, t.ANY))


@rule("extern.convert_any")
def _extern_convert_any(v: Validator, _: None) -> None:
    reference = v.pop(t.ANYREF)
    nullable = isinstance(reference, t.ReferenceType) and reference.nullable
    v.push(t.ReferenceType(nullable, t.EXTERN))


# -- structures and arrays -----------------------------------------------------------------------


def _struct(v: Validator, index: int) -> tuple[t.DefinedType, t.StructType]:
    defined = _type(v, index)
    if not isinstance(defined.composite, t.StructType):
        raise v.fail(f"type {index} is not a structure type")
    return defined, defined.composite


def _array(v: Validator, index: int) -> tuple[t.DefinedType, t.FieldType]:
    defined = _type(v, index)
    if not isinstance(defined.composite, t.ArrayType):
        raise v.fail(f"type {index} is not an array type")
    return defined, defined.composite.element


def _mutable(v: Validator, field: t.FieldType) -> None:
    if not field.mutable:
        raise v.fail("immutable field" if "struct" in str(v.opcode) else
                     "immutable array")


def _default(v: Validator, field: t.FieldType) -> None:
    if not t.is_defaultable(field.unpacked):
        raise v.fail(f"a field of type {field.storage} has no default value")


def _packing(v: Validator, field: t.FieldType) -> None:
    """Packed fields are read with a sign, others without."""
    signed = v.opcode.mnemonic.endswith(("_s", "_u"))
    if signed != isinstance(field.storage, t.PackedType):
        raise v.fail(f"type mismatch: a field of type {field.storage} cannot be read like this")


@rule("struct.new")
def _struct_new(v: Validator, index: int) -> None:
    defined, struct = _struct(v, index)
    v.pop_all([field.unpacked for field in struct.fields])
    v.side_table[v.pc] = defined
    v.push(t.ReferenceType(False, defined))


@rule("struct.new_default")
def _struct_new_default(v: Validator, index: int) -> None:
    defined, struct = _struct(v, index)
    for field in struct.fields:
        _default(v, field)
    v.side_table[v.pc] = defined
    v.push(t.ReferenceType(False, defined))


def _field(v: Validator, immediate: tuple[int, int]) -> tuple[t.DefinedType, t.FieldType]:
    defined, struct = _struct(v, immediate[0])
    if immediate[1] >= len(struct.fields):
        raise v.fail(f"unknown field {immediate[1]}")
    field = struct.fields[immediate[1]]
    v.side_table[v.pc] = (immediate[1], field)
    return defined, field


@rule("struct.get", "struct.get_s", "struct.get_u")
def _struct_get(v: Validator, immediate: tuple[int, int]) -> None:
    defined, field = _field(v, immediate)
    _packing(v, field)
    v.pop(t.ReferenceType(True, defined))
    v.push(field.unpacked)


@rule("struct.set")
def _struct_set(v: Validator, immediate: tuple[int, int]) -> None:
    defined, field = _field(v, immediate)
    _mutable(v, field)
    v.pop(field.unpacked)
    v.pop(t.ReferenceType(True, defined))


@rule("array.new")
def _array_new(v: Validator, index: int) -> None:
    defined, element = _array(v, index)
    v.pop(t.I32)
    v.pop(element.unpacked)
    v.side_table[v.pc] = defined
    v.push(t.ReferenceType(False, defined))


@rule("array.new_default")
def _array_new_default(v: Validator, index: int) -> None:
    defined, element = _array(v, index)
    _default(v, element)
    v.pop(t.I32)
    v.side_table[v.pc] = defined
    v.push(t.ReferenceType(False, defined))


@rule("array.new_fixed")
def _array_new_fixed(v: Validator, immediate: tuple[int, int]) -> None:
    defined, element = _array(v, immediate[0])
    for _ in range(immediate[1]):
        v.pop(element.unpacked)
    v.side_table[v.pc] = (defined, immediate[1])
    v.push(t.ReferenceType(False, defined))


def _from_data(v: Validator, element: t.FieldType, index: int) -> None:
    _data(v, index)
    if isinstance(element.storage, t.ReferenceType):
        raise v.fail("type mismatch: an array of references cannot be made from data")


def _from_elements(v: Validator, element: t.FieldType, index: int) -> None:
    segment = _element(v, index)
    if not isinstance(element.storage, t.ReferenceType) or not t.value_matches(
        segment, element.storage
    ):
        raise v.mismatch(element.storage, segment)


@rule("array.new_data")
def _array_new_data(v: Validator, immediate: tuple[int, int]) -> None:
    defined, element = _array(v, immediate[0])
    _from_data(v, element, immediate[1])
    v.pop(t.I32)
    v.pop(t.I32)
    v.side_table[v.pc] = (defined, immediate[1])
    v.push(t.ReferenceType(False, defined))


@rule("array.new_elem")
def _array_new_elem(v: Validator, immediate: tuple[int, int]) -> None:
    defined, element = _array(v, immediate[0])
    _from_elements(v, element, immediate[1])
    v.pop(t.I32)
    v.pop(t.I32)
    v.side_table[v.pc] = (defined, immediate[1])
    v.push(t.ReferenceType(False, defined))


@rule("array.get", "array.get_s", "array.get_u")
def _array_get(v: Validator, index: int) -> None:
    defined, element = _array(v, index)
    _packing(v, element)
    v.pop(t.I32)
    v.pop(t.ReferenceType(True, defined))
    v.side_table[v.pc] = element
    v.push(element.unpacked)


@rule("array.set")
def _array_set(v: Validator, index: int) -> None:
    defined, element = _array(v, index)
    _mutable(v, element)
    v.pop(element.unpacked)
    v.pop(t.I32)
    v.pop(t.ReferenceType(True, defined))
    v.side_table[v.pc] = element


@rule("array.len")
def _array_len(v: Validator, _: None) -> None:
    v.pop(t.ARRAYREF)
    v.push(t.I32)


@rule("array.fill")
def _array_fill(v: Validator, index: int) -> None:
    defined, element = _array(v, index)
    _mutable(v, element)
    v.pop(t.I32)
    v.pop(element.unpacked)
    v.pop(t.I32)
    v.pop(t.ReferenceType(True, defined))
    v.side_table[v.pc] = element


@rule("array.copy")
def _array_copy(v: Validator, immediate: tuple[int, int]) -> None:
    target, target_element = _array(v, immediate[0])
    source, source_element = _array(v, immediate[1])
    _mutable(v, target_element)
    source_type, target_type = source_element.storage, target_element.storage
    packed = isinstance(source_type, t.PackedType) or isinstance(target_type, t.PackedType)
    if source_type is not target_type and (
        packed or not t.value_matches(source_element.unpacked, target_element.unpacked)
    ):
        raise v.mismatch(target_type, source_type)
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(t.ReferenceType(True, source))
    v.pop(t.I32)
    v.pop(t.ReferenceType(True, target))


@rule("array.init_data")
def _array_init_data(v: Validator, immediate: tuple[int, int]) -> None:
    defined, element = _array(v, immediate[0])
    _mutable(v, element)
    _from_data(v, element, immediate[1])
    _init_operands(v, defined)
    v.side_table[v.pc] = (element, immediate[1])


@rule("array.init_elem")
def _array_init_elem(v: Validator, immediate: tuple[int, int]) -> None:
    defined, element = _array(v, immediate[0])
    _mutable(v, element)
    _from_elements(v, element, immediate[1])
    _init_operands(v, defined)


def _init_operands(v: Validator, defined: t.DefinedType) -> None:
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(t.I32)
    v.pop(t.ReferenceType(True, defined))


# -- vectors and the rest of the table -----------------------------------------------------------


def _lane(opcode: Opcode) -> Rule:
    """Make the rule of an instruction that names a lane."""
    assert opcode.signature is not None
    lanes = int(opcode.mnemonic.partition(".")[0].partition("x")[2])
    params = [param for param in opcode.signature.params if param is not None]
    results = [result for result in opcode.signature.results if result is not None]

    def check(v: Validator, lane: int) -> None:
        if lane >= lanes:
            raise v.fail(f"invalid lane index {lane}")
        v.pop_all(params)
        v.push_all(results)

    return check


def _shuffle(v: Validator, lanes: tuple[int, ...]) -> None:
    if max(lanes) >= 32:
        raise v.fail(f"invalid lane index {max(lanes)}")
    v.pop(t.V128)
    v.pop(t.V128)
    v.push(t.V128)


for _opcode in OPCODES.values():
    if _opcode in RULES or _opcode is ELSE:
        continue
    assert _opcode.signature is not None, _opcode
    if "memarg" in _opcode.immediates:
        RULES[_opcode] = _access(_opcode, "lane" in _opcode.immediates)
    elif _opcode.immediates == ("lane",):
        RULES[_opcode] = _lane(_opcode)
    elif _opcode.immediates == ("lanes",):
        RULES[_opcode] = _shuffle
    else:
        PLAIN[_opcode] = (
            tuple(p for p in reversed(_opcode.signature.params) if p is not None),
            tuple(r for r in _opcode.signature.results if r is not None),
        )
