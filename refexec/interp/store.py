"""The store (Execution 4.2): everything that running programs can change, as plain records.

Instances of functions, tables, memories, globals, tags and segments; structures, arrays and
exceptions; the module instance that ties them together. Reference values are None for null or one
of the classes marked *reference value* below, compared with `is` unless they define equality.
What instructions do with all this is in `refexec.interp.instructions`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from refexec.errors import TrapError
from refexec.interp import types as t
from refexec.interp.limits import Limits
from refexec.interp.memory import MemoryInstance
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.record import field, record
from refexec.trap import TrapCause


@record(eq=False)
class FunctionInstance:
    """A function of a module instance.

    *Reference value.*
    """

    type: t.FunctionType
    defined: t.DefinedType
    instance: ModuleInstance
    code: FunctionCode
    entry: Any = None
    """How another engine calls the function; the machine has no use for it."""


@record(eq=False)
class HostFunctionInstance:
    """A function of the host.

    *Reference value.*
    """

    type: t.FunctionType
    defined: t.DefinedType
    call: Callable[[list[Any]], list[Any]]
    """Takes and gives values as the machine holds them. May raise `TrapError`, `Restart`, or
    `Thrown`; anything else passes through the machine."""
    host: Any = None
    """The caller's own object for this function, by which it is found again."""
    entry: None = None
    """As in `FunctionInstance`; nobody keeps anything here, since stores share such functions."""


@record(eq=False)
class TableInstance:
    """A table."""

    type: t.TableType
    elements: list[Any]
    limit: int
    """Entries that the table can grow to."""


@record(eq=False)
class GlobalInstance:
    """A global."""

    type: t.GlobalType
    value: Any


@record(eq=False)
class TagInstance:
    """An exception tag; identity tells tags apart."""

    type: t.TagType


@record(eq=False)
class ElementInstance:
    """An element segment; empty once dropped."""

    type: t.ReferenceType
    values: list[Any]


@record(eq=False)
class DataInstance:
    """A data segment; empty once dropped."""

    content: bytes


class Heap:
    """Bytes in structures, arrays and exceptions that are alive, with their limit.

    Objects are freed when Python finds them unreachable, cycles included. Reaching the limit
    first looks for unreachable cycles, so whether an allocation succeeds depends only on what is
    reachable, not on when Python last looked.
    """

    __slots__ = ("limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, size: int) -> None:
        """Account for `size` bytes more. Raises TrapError if they would exceed the limit."""
        if self.used + size > self.limit:
            gc.collect()
            if self.used + size > self.limit:
                raise TrapError(TrapCause.GC_HEAP_EXHAUSTED)
        self.used += size


def heap_size(count: int) -> int:
    """Bytes that an object with `count` fields or elements counts for: 32, and 8 for each."""
    return 32 + 8 * count


class HeapObject:
    """What counts towards the heap: it has values, and gives its share back when it is freed."""

    __slots__ = ("_heap", "values")

    _heap: Heap | None
    values: list[Any]

    def __del__(self) -> None:
        # An object whose allocation was refused has nothing to give back.
        heap = getattr(self, "_heap", None)
        if heap is not None:
            heap.used -= heap_size(len(self.values))


class Aggregate(HeapObject):
    """What structures and arrays share."""

    __slots__ = ("type",)

    type: t.DefinedType


class StructInstance(Aggregate):
    """A structure; packed fields hold their bits.

    *Reference value.*
    """

    __slots__ = ()

    def __init__(self, heap: Heap, defined: t.DefinedType, values: list[Any]) -> None:
        heap.take(heap_size(len(values)))
        self._heap = heap
        self.type = defined
        self.values = values


class ArrayInstance(Aggregate):
    """An array; packed elements hold their bits.

    *Reference value.*
    """

    __slots__ = ()

    def __init__(self, heap: Heap, defined: t.DefinedType, count: int, value: Any) -> None:
        """Make `count` equal elements, once it is known that the heap has room for them."""
        heap.take(heap_size(count))
        self._heap = heap
        self.type = defined
        self.values = [value] * count


@record(frozen=True)
class I31:
    """An unboxed scalar: 31 bits, unsigned.

    *Reference value*, equal by value.
    """

    bits: int


@record(frozen=True, eq=False)
class HostReference:
    """An object of the host, of type `extern` or `any`.

    *Reference value.*
    """

    value: Any


@record(frozen=True, eq=False)
class ExternReference:
    """A reference of the `any` hierarchy seen as `extern`.

    *Reference value.*
    """

    inner: Any


class ExceptionInstance(HeapObject):
    """An exception: its tag and what it carries.

    *Reference value.*
    """

    __slots__ = ("tag",)

    def __init__(self, heap: Heap | None, tag: TagInstance, values: list[Any]) -> None:
        """Make an exception. One of the host belongs to no heap before it is thrown into one."""
        if heap is not None:
            heap.take(heap_size(len(values)))
        self._heap = heap
        self.tag = tag
        self.values = values

    def enter(self, heap: Heap) -> None:
        """Count towards a heap from now on, unless it does already. Raises TrapError."""
        if self._heap is None:
            heap.take(heap_size(len(self.values)))
            self._heap = heap


class Thrown(Exception):
    """A host function throws a wasm exception into its caller."""

    def __init__(self, exception: ExceptionInstance) -> None:
        super().__init__("wasm exception")
        self.exception = exception


ExternalInstance = (
    FunctionInstance
    | HostFunctionInstance
    | TableInstance
    | MemoryInstance
    | GlobalInstance
    | TagInstance
)


@record(eq=False)
class ModuleInstance:
    """A module brought to life: its index spaces."""

    module: ValidModule
    heap: Heap
    functions: list[FunctionInstance | HostFunctionInstance] = field(default_factory=list)
    tables: list[TableInstance] = field(default_factory=list)
    memories: list[MemoryInstance] = field(default_factory=list)
    globals: list[GlobalInstance] = field(default_factory=list)
    tags: list[TagInstance] = field(default_factory=list)
    elements: list[ElementInstance] = field(default_factory=list)
    datas: list[DataInstance] = field(default_factory=list)
    exports: dict[str, ExternalInstance] = field(default_factory=dict)


@record(eq=False)
class Store:
    """All module instances that may share things with each other, in order of instantiation."""

    limits: Limits
    heap: Heap
    instances: list[ModuleInstance] = field(default_factory=list)
    engine: Any = None
    """What another engine keeps for the store; the machine has no use for it."""


def new_store(limits: Limits) -> Store:
    """Make an empty store."""
    return Store(limits, Heap(limits.gc_heap))


def heap_type_of(reference: Any) -> t.AbstractHeapType | t.DefinedType:
    """The most precise heap type of a reference that is not null (rules `valid-ref`)."""
    match reference:
        case FunctionInstance() | HostFunctionInstance():
            return reference.defined
        case StructInstance() | ArrayInstance():
            return reference.type
        case I31():
            return t.I31
        case ExceptionInstance():
            return t.EXN
        case _:
            return t.EXTERN


def reference_matches(reference: Any, expected: t.ReferenceType) -> bool:
    """Whether a reference value belongs to a reference type."""
    if reference is None:
        return expected.nullable
    if isinstance(reference, HostReference):
        # The host's objects stand on both sides of the conversion between any and extern.
        return expected.heap in (t.EXTERN, t.ANY)
    return t.heap_matches(heap_type_of(reference), expected.heap)
