"""Instantiation (Execution 4.7.3): a valid module and its imports become a module instance.

`instantiate` does everything but call the start function, so that the caller can run that as a
call like any other, with fuel and suspension. Which objects stand for which import names is the
business of `refexec.wasm`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refexec.errors import ImplementationLimitError, LinkError, TrapError
from refexec.interp import types as t
from refexec.interp.limits import Limits
from refexec.interp.machine import Machine
from refexec.interp.memory import MemoryInstance, out_of_bounds
from refexec.interp.store import (
    DataInstance,
    ElementInstance,
    ExternalInstance,
    FunctionInstance,
    GlobalInstance,
    HostFunctionInstance,
    ModuleInstance,
    Store,
    TableInstance,
    TagInstance,
)
from refexec.interp.syntax import Import, function_type_of
from refexec.interp.validation import ConstantCode, ValidModule
from refexec.trap import TrapCause


def check_import(entry: Import, external: ExternalInstance) -> None:
    """Check that an object fits an import (rule `valid-externtype` with matching).

    Raises LinkError.
    """
    if not _fits(entry.type, external):
        raise LinkError(
            f"incompatible import type of {entry.module!r} {entry.name!r}: "
            f"expected {_describe(entry.type)}, found {_describe_instance(external)}"
        )


def _fits(expected: Any, external: ExternalInstance) -> bool:
    match expected, external:
        case t.DefinedType(), FunctionInstance() | HostFunctionInstance():
            return external.defined.is_subtype(expected)
        case t.TableType(), TableInstance():
            size = t.Limits(len(external.elements), external.type.limits.maximum)
            return (
                expected.element == external.type.element
                and expected.address is external.type.address
                and t.limits_match(size, expected.limits)
            )
        case t.MemoryType(), MemoryInstance():
            size = t.Limits(external.pages, external.type.limits.maximum)
            return (
                expected.address is external.type.address
                and expected.page_size == external.type.page_size
                and t.limits_match(size, expected.limits)
            )
        case t.GlobalType(), GlobalInstance():
            actual = external.type
            if actual.mutable != expected.mutable:
                return False
            if not t.value_matches(actual.value, expected.value):
                return False
            return not actual.mutable or t.value_matches(expected.value, actual.value)
        case t.TagType(), TagInstance():
            return external.type.defined is expected.defined
    return False


def _describe(expected: Any) -> str:
    if isinstance(expected, t.DefinedType):
        return f"function {expected.composite}"
    return str(expected)


def _describe_instance(external: ExternalInstance) -> str:
    if isinstance(external, FunctionInstance | HostFunctionInstance):
        return f"function {external.type}"
    return str(external.type)


def instantiate(
    store: Store, module: ValidModule, imports: Sequence[ExternalInstance], machine: Machine
) -> ModuleInstance:
    """Allocate an instance, evaluate its initial values, and apply its active segments.

    `imports` has one object for each import, in order. Constant expressions are charged to
    `machine`. Raises LinkError if an import does not fit, TrapError if a segment does not (what
    earlier segments wrote to imported tables and memories stays, as the specification says), and
    ImplementationLimitError if a memory or table begins larger than the limits allow.
    """
    for entry, external in zip(module.syntax.imports, imports, strict=True):
        check_import(entry, external)
    instance = allocate(store, module, imports)
    _initialise(instance, machine)
    store.instances.append(instance)
    for index in range(len(instance.elements)):
        _apply_element(instance, index, machine)
    for index in range(len(instance.datas)):
        _apply_data(instance, index, machine)
    return instance


def allocate(
    store: Store, module: ValidModule, imports: Sequence[ExternalInstance]
) -> ModuleInstance:
    """Make an instance whose globals, tables and segments have no values yet."""
    instance = ModuleInstance(module, store.heap)
    for external in imports:
        match external:
            case FunctionInstance() | HostFunctionInstance():
                instance.functions.append(external)
            case TableInstance():
                instance.tables.append(external)
            case MemoryInstance():
                instance.memories.append(external)
            case GlobalInstance():
                instance.globals.append(external)
            case TagInstance():
                instance.tags.append(external)
    context, syntax, limits = module.context, module.syntax, store.limits
    for code in module.functions:
        defined = context.functions[code.index]
        instance.functions.append(
            FunctionInstance(function_type_of(defined), defined, instance, code)
        )
    for table in syntax.tables:
        instance.tables.append(_new_table(table.type, limits))
    for memory_type in syntax.memories:
        instance.memories.append(new_memory(memory_type, limits))
    for entry in syntax.globals:
        instance.globals.append(GlobalInstance(entry.type, None))
    for tag_type in context.tags[len(instance.tags) :]:
        instance.tags.append(TagInstance(tag_type))
    for element in syntax.elements:
        instance.elements.append(ElementInstance(element.type, []))
    for data in syntax.datas:
        instance.datas.append(DataInstance(data.content))
    for export in syntax.exports:
        instance.exports[export.name] = _exported(instance, export.kind, export.index)
    return instance


def _exported(instance: ModuleInstance, kind: str, index: int) -> ExternalInstance:
    match kind:
        case "function":
            return instance.functions[index]
        case "table":
            return instance.tables[index]
        case "memory":
            return instance.memories[index]
        case "global":
            return instance.globals[index]
        case _:
            return instance.tags[index]


def _new_table(table_type: t.TableType, limits: Limits) -> TableInstance:
    minimum, maximum = table_type.limits.minimum, table_type.limits.maximum
    if minimum > limits.table_entries:
        raise ImplementationLimitError(
            "table_entries",
            f"table of {minimum} entries exceeds the limit of {limits.table_entries}",
        )
    limit = limits.table_entries if maximum is None else min(maximum, limits.table_entries)
    return TableInstance(table_type, [None] * minimum, limit)


def new_memory(memory_type: t.MemoryType, limits: Limits) -> MemoryInstance:
    """Make a memory that keeps to the limits. Raises ImplementationLimitError."""
    most = limits.memory_pages * t.PAGE_SIZE // memory_type.page_size
    if memory_type.limits.minimum > most:
        raise ImplementationLimitError(
            "memory_pages",
            f"memory of {memory_type.limits.minimum} pages exceeds the limit of {most}",
        )
    return MemoryInstance(memory_type, most)


def new_table(table_type: t.TableType, limits: Limits, value: Any) -> TableInstance:
    """Make a table filled with `value`. Raises ImplementationLimitError."""
    table = _new_table(table_type, limits)
    table.elements = [value] * len(table.elements)
    return table


def _initialise(instance: ModuleInstance, machine: Machine) -> None:
    module = instance.module
    syntax = module.syntax

    def evaluate(code: ConstantCode) -> Any:
        return machine.evaluate(instance, code)

    first_table = len(instance.tables) - len(syntax.tables)
    for table, code in zip(instance.tables[first_table:], module.table_inits, strict=True):
        if code is not None:
            table.elements = [evaluate(code)] * len(table.elements)
    first_global = len(instance.globals) - len(syntax.globals)
    for entry, init in zip(instance.globals[first_global:], module.global_inits, strict=True):
        entry.value = evaluate(init)
    for segment, element, codes in zip(
        instance.elements, syntax.elements, module.element_values, strict=True
    ):
        if codes is not None:
            segment.values = [evaluate(code) for code in codes]
        else:
            segment.values = [instance.functions[index] for index in element.functions or ()]


def _apply_element(instance: ModuleInstance, index: int, machine: Machine) -> None:
    """Copy an active element segment into its table, and drop what will not be used again."""
    element = instance.module.syntax.elements[index]
    segment = instance.elements[index]
    start_code = instance.module.element_starts[index]
    if start_code is not None:
        start = machine.evaluate(instance, start_code)
        elements = instance.tables[element.table].elements
        if start + len(segment.values) > len(elements):
            raise TrapError(TrapCause.TABLE_OUT_OF_BOUNDS)
        elements[start : start + len(segment.values)] = segment.values
    if element.mode != "passive":
        segment.values = []


def _apply_data(instance: ModuleInstance, index: int, machine: Machine) -> None:
    """Copy an active data segment into its memory, and drop it."""
    start_code = instance.module.data_starts[index]
    if start_code is None:
        return
    data = instance.datas[index]
    start = machine.evaluate(instance, start_code)
    memory = instance.memories[instance.module.syntax.datas[index].memory]
    if start + len(data.content) > len(memory.view):
        raise out_of_bounds()
    memory.view[start : start + len(data.content)] = data.content
    data.content = b""
