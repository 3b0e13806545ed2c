"""Validation rules of instructions on references, structures and arrays."""

from __future__ import annotations

from typing import Any

from refexec.errors import ImplementationLimitError
from refexec.interp import types as t
from refexec.interp.checker import Branch, Control, Validator
from refexec.interp.rules.registry import carry, check_data, element_at, function_at, rule, type_at

# -- references ----------------------------------------------------------------------------------


@rule("ref.null")
def _ref_null(v: Validator, heap: t.HeapType) -> None:
    v.push(t.ReferenceType(True, heap))


@rule("ref.func")
def _ref_func(v: Validator, index: int) -> None:
    defined = function_at(v, index)
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
    carry(v, control.label)
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
    carry(v, label[:-1])
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
    carry(v, label[:-1])
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
    defined = type_at(v, index)
    if not isinstance(defined.composite, t.StructType):
        raise v.fail(f"type {index} is not a structure type")
    return defined, defined.composite


def _array(v: Validator, index: int) -> tuple[t.DefinedType, t.FieldType]:
    defined = type_at(v, index)
    if not isinstance(defined.composite, t.ArrayType):
        raise v.fail(f"type {index} is not an array type")
    return defined, defined.composite.element


def _mutable(v: Validator, field: t.FieldType) -> None:
    if not field.mutable:
        raise v.fail("immutable field" if "struct" in str(v.opcode) else "immutable array")


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
    allowed = v.context.limits.array_new_fixed
    if immediate[1] > allowed:
        # Unreachable code could otherwise ask for four thousand million operands at once.
        raise ImplementationLimitError(
            "array_new_fixed", f"{immediate[1]} elements exceed the limit of {allowed}", v.offset
        )
    for _ in range(immediate[1]):
        v.pop(element.unpacked)
    v.side_table[v.pc] = (defined, immediate[1])
    v.push(t.ReferenceType(False, defined))


def _from_data(v: Validator, element: t.FieldType, index: int) -> None:
    check_data(v, index)
    if isinstance(element.storage, t.ReferenceType):
        raise v.fail("type mismatch: an array of references cannot be made from data")


def _from_elements(v: Validator, element: t.FieldType, index: int) -> None:
    segment = element_at(v, index)
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
