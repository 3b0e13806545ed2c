"""Table instructions (Execution 4.6.6). Bulk ones check first, then pay, then move."""

from __future__ import annotations

from typing import Any

from refexec.errors import TrapError
from refexec.interp import types as t
from refexec.interp.machine import Frame
from refexec.interp.values import MASK32, MASK64
from refexec.trap import TrapCause


def _out_of_bounds() -> TrapError:
    return TrapError(TrapCause.TABLE_OUT_OF_BOUNDS)


def table_get(frame: Frame, stack: list[Any], index: int) -> None:
    """`table.get`: rule exec-table.get."""
    elements = frame.instance.tables[index].elements
    if stack[-1] >= len(elements):
        raise _out_of_bounds()
    stack[-1] = elements[stack[-1]]


def table_set(frame: Frame, stack: list[Any], index: int) -> None:
    """`table.set`: rule exec-table.set."""
    elements = frame.instance.tables[index].elements
    reference, position = stack.pop(), stack.pop()
    if position >= len(elements):
        raise _out_of_bounds()
    elements[position] = reference


def table_size(frame: Frame, stack: list[Any], index: int) -> None:
    """`table.size`: rule exec-table.size."""
    stack.append(len(frame.instance.tables[index].elements))


def table_grow(frame: Frame, stack: list[Any], index: int) -> bool:
    """`table.grow`: rule exec-table.grow. Refused exactly at the limit of the table."""
    table = frame.instance.tables[index]
    count, reference = stack.pop(), stack.pop()
    before = len(table.elements)
    if count > table.limit - before:
        stack.append(MASK32 if table.type.address is t.I32 else MASK64)
        return True
    frame.machine.surcharge = count
    table.elements += [reference] * count
    stack.append(before)
    return True


def table_fill(frame: Frame, stack: list[Any], index: int) -> bool:
    """`table.fill`: rule exec-table.fill."""
    elements = frame.instance.tables[index].elements
    count, reference, start = stack.pop(), stack.pop(), stack.pop()
    if start + count > len(elements):
        raise _out_of_bounds()
    frame.machine.surcharge = count
    elements[start : start + count] = [reference] * count
    return True


def table_copy(frame: Frame, stack: list[Any], indices: tuple[int, int]) -> bool:
    """`table.copy`: rule exec-table.copy. Overlapping ranges are copied as if at once."""
    target, source = (frame.instance.tables[index].elements for index in indices)
    count, start, position = stack.pop(), stack.pop(), stack.pop()
    if position + count > len(target) or start + count > len(source):
        raise _out_of_bounds()
    frame.machine.surcharge = count
    target[position : position + count] = source[start : start + count]
    return True


def table_init(frame: Frame, stack: list[Any], indices: tuple[int, int]) -> bool:
    """`table.init`: rule exec-table.init."""
    values = frame.instance.elements[indices[0]].values
    elements = frame.instance.tables[indices[1]].elements
    count, start, position = stack.pop(), stack.pop(), stack.pop()
    if position + count > len(elements) or start + count > len(values):
        raise _out_of_bounds()
    frame.machine.surcharge = count
    elements[position : position + count] = values[start : start + count]
    return True


def elem_drop(frame: Frame, stack: list[Any], index: int) -> None:
    """`elem.drop`: rule exec-elem.drop."""
    frame.instance.elements[index].values = []
