"""Instructions on structures and arrays (Execution 4.6.4).

Packed fields and elements hold their bits unsigned; reading extends them. Instructions that move
many elements check first, then pay for their length, then move.
"""

from __future__ import annotations

import struct
from typing import Any

from refexec.errors import TrapError
from refexec.interp import types as t
from refexec.interp.machine import Frame
from refexec.interp.memory import out_of_bounds
from refexec.interp.numerics import iextend
from refexec.interp.store import ArrayInstance, StructInstance
from refexec.interp.values import default_value, f32_from_bits
from refexec.trap import TrapCause

_ELEMENT_BYTES = {t.I8: 1, t.I16: 2, t.I32: 4, t.I64: 8, t.F32: 4, t.F64: 8, t.V128: 16}


def _pack(field: t.FieldType, value: Any) -> Any:
    """Keep the bits that a field has room for."""
    storage = field.storage
    return value & ((1 << storage.bits) - 1) if isinstance(storage, t.PackedType) else value


def _default(field: t.FieldType) -> Any:
    return default_value(field.unpacked)


def _bits(field: t.FieldType) -> int:
    """Width of a packed field."""
    assert isinstance(field.storage, t.PackedType)
    return field.storage.bits


# -- structures ----------------------------------------------------------------------------------


def struct_new(frame: Frame, stack: list[Any], defined: t.DefinedType) -> None:
    """`struct.new`: rule exec-struct.new."""
    assert isinstance(defined.composite, t.StructType)
    fields = defined.composite.fields
    start = len(stack) - len(fields)
    values = list(map(_pack, fields, stack[start:]))
    stack[start:] = [StructInstance(frame.instance.heap, defined, values)]


def struct_new_default(frame: Frame, stack: list[Any], defined: t.DefinedType) -> None:
    """`struct.new_default`: rule exec-struct.new_default."""
    assert isinstance(defined.composite, t.StructType)
    values = list(map(_default, defined.composite.fields))
    stack.append(StructInstance(frame.instance.heap, defined, values))


def _structure(reference: Any) -> list[Any]:
    if reference is None:
        raise TrapError(TrapCause.NULL_STRUCTURE)
    values: list[Any] = reference.values
    return values


def struct_get(frame: Frame, stack: list[Any], arg: tuple[int, t.FieldType]) -> None:
    """`struct.get`: rule exec-struct.get."""
    stack[-1] = _structure(stack[-1])[arg[0]]


struct_get_u = struct_get


def struct_get_s(frame: Frame, stack: list[Any], arg: tuple[int, t.FieldType]) -> None:
    """`struct.get_s`: rule exec-struct.get."""
    stack[-1] = iextend(_structure(stack[-1])[arg[0]], _bits(arg[1]), 32)


def struct_set(frame: Frame, stack: list[Any], arg: tuple[int, t.FieldType]) -> None:
    """`struct.set`: rule exec-struct.set."""
    value = stack.pop()
    _structure(stack.pop())[arg[0]] = _pack(arg[1], value)


# -- making arrays -------------------------------------------------------------------------------


def _element_type(defined: t.DefinedType) -> t.FieldType:
    assert isinstance(defined.composite, t.ArrayType)
    return defined.composite.element


def _make(frame: Frame, defined: t.DefinedType, value: Any, count: int) -> ArrayInstance:
    """Make an array of `count` equal elements, accounting before the list is made."""
    array = ArrayInstance(frame.instance.heap, defined, count, value)
    frame.machine.surcharge = count
    return array


def array_new(frame: Frame, stack: list[Any], defined: t.DefinedType) -> bool:
    """`array.new`: rule exec-array.new."""
    count = stack.pop()
    stack[-1] = _make(frame, defined, _pack(_element_type(defined), stack[-1]), count)
    return True


def array_new_default(frame: Frame, stack: list[Any], defined: t.DefinedType) -> bool:
    """`array.new_default`: rule exec-array.new_default."""
    stack[-1] = _make(frame, defined, _default(_element_type(defined)), stack[-1])
    return True


def array_new_fixed(frame: Frame, stack: list[Any], arg: tuple[t.DefinedType, int]) -> None:
    """`array.new_fixed`: rule exec-array.new_fixed."""
    defined, count = arg
    element = _element_type(defined)
    start = len(stack) - count
    values = [_pack(element, value) for value in stack[start:]]
    array = ArrayInstance(frame.instance.heap, defined, count, None)
    array.values[:] = values
    stack[start:] = [array]


def _data_values(element: t.FieldType, content: bytes) -> list[Any]:
    """Read elements from the bytes of a data segment."""
    storage = element.storage
    match storage:
        case t.I8:
            return list(content)
        case t.F32:
            return [f32_from_bits(bits) for (bits,) in struct.iter_unpack("<I", content)]
        case t.V128:
            return [content[i : i + 16] for i in range(0, len(content), 16)]
    code = {t.I16: "<H", t.I32: "<I", t.I64: "<Q", t.F64: "<d"}[storage]
    return [value for (value,) in struct.iter_unpack(code, content)]


def _data_slice(frame: Frame, element: t.FieldType, data: int, start: int, count: int) -> bytes:
    content = frame.instance.datas[data].content
    width = _ELEMENT_BYTES[element.storage]
    if start + count * width > len(content):
        raise out_of_bounds()
    return content[start : start + count * width]


def _element_slice(frame: Frame, segment: int, start: int, count: int) -> list[Any]:
    values = frame.instance.elements[segment].values
    if start + count > len(values):
        raise TrapError(TrapCause.TABLE_OUT_OF_BOUNDS)
    return values[start : start + count]


def array_new_data(frame: Frame, stack: list[Any], arg: tuple[t.DefinedType, int]) -> bool:
    """`array.new_data`: rule exec-array.new_data."""
    defined, data = arg
    count, start = stack.pop(), stack.pop()
    element = _element_type(defined)
    content = _data_slice(frame, element, data, start, count)
    array = _make(frame, defined, None, count)
    array.values[:] = _data_values(element, content)
    stack.append(array)
    return True


def array_new_elem(frame: Frame, stack: list[Any], arg: tuple[t.DefinedType, int]) -> bool:
    """`array.new_elem`: rule exec-array.new_elem."""
    defined, segment = arg
    count, start = stack.pop(), stack.pop()
    values = _element_slice(frame, segment, start, count)
    array = _make(frame, defined, None, count)
    array.values[:] = values
    stack.append(array)
    return True


# -- using arrays --------------------------------------------------------------------------------


def _array(reference: Any) -> list[Any]:
    if reference is None:
        raise TrapError(TrapCause.NULL_ARRAY)
    values: list[Any] = reference.values
    return values


def _check(values: list[Any], start: int, count: int) -> None:
    if start + count > len(values):
        raise TrapError(TrapCause.ARRAY_OUT_OF_BOUNDS)


def array_get(frame: Frame, stack: list[Any], element: t.FieldType) -> None:
    """`array.get`: rule exec-array.get."""
    index = stack.pop()
    values = _array(stack[-1])
    _check(values, index, 1)
    stack[-1] = values[index]


array_get_u = array_get


def array_get_s(frame: Frame, stack: list[Any], element: t.FieldType) -> None:
    """`array.get_s`: rule exec-array.get."""
    array_get(frame, stack, element)
    stack[-1] = iextend(stack[-1], _bits(element), 32)


def array_set(frame: Frame, stack: list[Any], element: t.FieldType) -> None:
    """`array.set`: rule exec-array.set."""
    value, index = stack.pop(), stack.pop()
    values = _array(stack.pop())
    _check(values, index, 1)
    values[index] = _pack(element, value)


def array_len(frame: Frame, stack: list[Any], _: None) -> None:
    """`array.len`: rule exec-array.len."""
    stack[-1] = len(_array(stack[-1]))


def array_fill(frame: Frame, stack: list[Any], element: t.FieldType) -> bool:
    """`array.fill`: rule exec-array.fill."""
    count, value, start = stack.pop(), stack.pop(), stack.pop()
    values = _array(stack.pop())
    _check(values, start, count)
    frame.machine.surcharge = count
    values[start : start + count] = [_pack(element, value)] * count
    return True


def array_copy(frame: Frame, stack: list[Any], _: Any) -> bool:
    """`array.copy`: rule exec-array.copy. Overlapping ranges are copied as if at once."""
    count, source_start, source = stack.pop(), stack.pop(), stack.pop()
    start, target = stack.pop(), stack.pop()
    target_values, source_values = _array(target), _array(source)
    _check(target_values, start, count)
    _check(source_values, source_start, count)
    frame.machine.surcharge = count
    target_values[start : start + count] = source_values[source_start : source_start + count]
    return True


def array_init_data(frame: Frame, stack: list[Any], arg: tuple[t.FieldType, int]) -> bool:
    """`array.init_data`: rule exec-array.init_data."""
    element, data = arg
    count, source, start = stack.pop(), stack.pop(), stack.pop()
    values = _array(stack.pop())
    _check(values, start, count)
    content = _data_slice(frame, element, data, source, count)
    frame.machine.surcharge = count
    values[start : start + count] = _data_values(element, content)
    return True


def array_init_elem(frame: Frame, stack: list[Any], arg: tuple[int, int]) -> bool:
    """`array.init_elem`: rule exec-array.init_elem."""
    count, source, start = stack.pop(), stack.pop(), stack.pop()
    values = _array(stack.pop())
    _check(values, start, count)
    items = _element_slice(frame, arg[1], source, count)
    frame.machine.surcharge = count
    values[start : start + count] = items
    return True
