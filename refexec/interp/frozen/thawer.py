"""Thawing: a tree becomes a store again, if it is one that valid code could have left behind.

The tree is described in `frozen`; how suspended calls are read is in `frozen.calls`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from refexec.errors import LinkError, RefexecError, SnapshotError
from refexec.interp import types as t
from refexec.interp.frozen.calls import CallReader
from refexec.interp.frozen.shape import CHUNK, STATE_FORMAT, field, listed, number, unfit
from refexec.interp.instantiate import allocate, check_import
from refexec.interp.machine import Machine
from refexec.interp.memory import MemoryInstance
from refexec.interp.store import (
    I31,
    ArrayInstance,
    ExceptionInstance,
    ExternalInstance,
    ExternReference,
    FunctionInstance,
    GlobalInstance,
    HostFunctionInstance,
    HostReference,
    ModuleInstance,
    Store,
    StructInstance,
    TableInstance,
    TagInstance,
    reference_matches,
)
from refexec.interp.syntax import Import
from refexec.interp.validation import ValidModule
from refexec.interp.values import f64_to_bits
from refexec.record import record


@record(frozen=True)
class Embedder:
    """What is not in a tree, and has to be given by whoever thaws it."""

    given: Callable[[int, Import], ExternalInstance]
    """For an import of the instance of a number. Raises LinkError if there is nothing."""

    named: Mapping[str, Any]
    """Objects of the host by name: functions, tables, memories, globals and tags as the store has
    them, and anything else as a `HostReference`."""


def thaw(
    store: Store, modules: Sequence[ValidModule], embedder: Embedder, tree: Any
) -> list[tuple[int, Machine]]:
    """Build all instances of a tree in an empty store, each of its module.

    The answer is one machine for each suspended call, with the number of the instance through
    which it was made. Raises SnapshotError for anything that valid code could not have left
    behind, and LinkError if an import is missing or does not fit.
    """
    return _Thawer(store, embedder).build(modules, tree)


class _Thawer:
    """Reads the tree against the modules."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self.store = store
        self.embedder = embedder
        self.external_count = 0
        self.externals: dict[int, ExternalInstance] = {}
        self.objects: list[Any] = []

    def build(self, modules: Sequence[ValidModule], tree: Any) -> list[tuple[int, Machine]]:
        """Read everything: first what others refer to, then what refers to it."""
        version = field("state", tree, "format")
        if version != STATE_FORMAT:
            raise SnapshotError(f"state has format {version!r:.20}, expected {STATE_FORMAT}")
        instances = listed("instances", field("state", tree, "instances"), len(modules))
        externals = listed("externals", field("state", tree, "externals"))
        self.external_count = len(externals)
        try:
            for index, (module, written) in enumerate(zip(modules, instances, strict=True)):
                self.store.instances.append(self._allocate(index, module, written))
            self._objects(field("state", tree, "objects"))
            for index, written in enumerate(instances):
                self._contents(index, written)
            for index, written in enumerate(externals):
                self._external(index, written)
            reader = CallReader(self.store, self.value)
            calls = listed("calls", field("state", tree, "calls"))
            return [reader.call(f"call {index}", item) for index, item in enumerate(calls)]
        except (SnapshotError, LinkError):
            raise
        except RefexecError as error:
            raise SnapshotError(f"state cannot be restored: {error}") from error

    # -- imports and sizes -----------------------------------------------------------------------

    def _allocate(self, index: int, module: ValidModule, written: Any) -> ModuleInstance:
        """Make an instance with its imports, and memories and tables as large as they were."""
        where = f"instance {index}"
        entries = module.syntax.imports
        items = listed(f"{where}, imports", field(where, written, "imports"), len(entries))
        imports = []
        for entry, item in zip(entries, items, strict=True):
            external = self._import(index, entry, item)
            check_import(entry, external)
            imports.append(external)
        instance = allocate(self.store, module, imports)
        for spot, memory, item in _own(where, "memories", instance, written):
            self._size_memory(spot, memory, item)
        for spot, table, item in _own(where, "tables", instance, written):
            self._size_table(spot, table, item)
        return instance

    def _import(self, index: int, entry: Import, item: Any) -> ExternalInstance:
        where = f"import {entry.module!r} {entry.name!r} of instance {index}"
        match item:
            case None:
                external = self.embedder.given(index, entry)
                if not isinstance(external, HostFunctionInstance):
                    raise LinkError(f"{where}: expected a function of the host")
                return external
            case ["host", name]:
                function: HostFunctionInstance = self._named(where, name, HostFunctionInstance)
                return function
            case ["instance", place, position]:
                owner = self.store.instances[number(where, place, len(self.store.instances))]
                space: list[ExternalInstance] = getattr(owner, _SPACES[entry.kind])
                return space[number(where, position, len(space))]
            case ["external", place, name]:
                return self._given(where, index, entry, place, name)
        raise unfit(where, "where it comes from", item)

    def _given(
        self, where: str, index: int, entry: Import, place: Any, name: Any
    ) -> ExternalInstance:
        """What the host has made for an external, the same one wherever it is imported."""
        key = number(where, place, self.external_count)
        if key not in self.externals:
            external = (
                self.embedder.given(index, entry)
                if name is None
                else self._named(where, name, ExternalInstance)
            )
            if isinstance(external, FunctionInstance | HostFunctionInstance):
                raise LinkError(f"{where}: expected a {entry.kind} of the host")
            if any(external is other for other in self.externals.values()):
                raise LinkError(f"{where}: was given what stands for another import")
            self.externals[key] = external
        return self.externals[key]

    def _named(self, where: str, name: Any, kind: Any) -> Any:
        if type(name) is not str:
            raise unfit(where, "a name", name)
        if name not in self.embedder.named:
            raise SnapshotError(f"{where}: nothing is given for the host's {name!r}")
        item = self.embedder.named[name]
        if not isinstance(item, kind):
            raise unfit(f"{where}, {name!r}", "an object of another kind", item)
        return item

    def _size_memory(self, where: str, memory: MemoryInstance, item: Any) -> None:
        pages = number(where, field(where, item, "pages"), memory.limit + 1)
        if pages < memory.pages:
            raise SnapshotError(f"{where}: {pages} pages are below the declared minimum")
        memory.grow(pages - memory.pages)

    def _size_table(self, where: str, table: TableInstance, item: Any) -> None:
        size = number(where, field(where, item, "size"), table.limit + 1)
        if size < table.type.limits.minimum:
            raise SnapshotError(f"{where}: size {size} is below the declared minimum")
        table.elements = [None] * size

    # -- values ----------------------------------------------------------------------------------

    def value(self, where: str, written: Any, expected: t.ValueType) -> Any:
        """Read a value of an expected type."""
        if isinstance(expected, t.ReferenceType):
            reference = self._reference(where, written)
            if not reference_matches(reference, expected):
                raise unfit(where, repr(expected), written)
            return reference
        if expected is t.I32:
            return number(where, written, 1 << 32)
        if expected is t.I64:
            return number(where, written, 1 << 64)
        if expected is t.V128:
            if type(written) is not bytes or len(written) != 16:
                raise unfit(where, "16 bytes", written)
            return written
        if type(written) is not float:
            raise unfit(where, "a float", written)
        if expected is t.F32 and f64_to_bits(written) & 0x1FFFFFFF:
            # An f32 has 29 bits of precision less than the float that holds it.
            raise unfit(where, "a 32-bit float", written)
        return written

    def _reference(self, where: str, written: Any) -> Any:
        match written:
            case None:
                return None
            case ["function", place, index]:
                owner = self.store.instances[number(where, place, len(self.store.instances))]
                return owner.functions[number(where, index, len(owner.functions))]
            case ["host", name]:
                return self._named(where, name, HostFunctionInstance | HostReference)
            case ["i31", bits]:
                return I31(number(where, bits, 1 << 31))
            case ["object", index]:
                return self.objects[number(where, index, len(self.objects))]
            # Never one inside of another, so this goes no deeper.
            case ["extern", ["function" | "host" | "i31" | "object", *_] as inner]:
                reference = self._reference(where, inner)
                if reference_matches(reference, t.ReferenceType(False, t.ANY)):
                    return ExternReference(reference)
        raise unfit(where, "a reference", written)

    def _objects(self, written: Any) -> None:
        items = [
            listed(f"object {i}", item, 4) for i, item in enumerate(listed("objects", written))
        ]
        # References go in any direction, so all objects are made before any is filled.
        types = [self._made(f"object {i}", *item) for i, item in enumerate(items)]
        for index, ((_, _, _, values), fields) in enumerate(zip(items, types, strict=True)):
            where = f"object {index}"
            contents = listed(where, values, len(fields))
            self.objects[index].values[:] = [
                self._stored(where, content, entry)
                for content, entry in zip(contents, fields, strict=True)
            ]

    def _made(
        self, where: str, kind: Any, owner: Any, place: Any, values: Any
    ) -> list[t.FieldType]:
        """Make an object without its values, and tell the types of those."""
        count = len(listed(where, values))
        heap = self.store.heap
        if kind == "exception":
            tag = self._tag(where, owner, place)
            self.objects.append(ExceptionInstance(heap, tag, [None] * count))
            return [t.FieldType(param, False) for param in tag.type.function.params]
        instances = self.store.instances
        context = instances[number(where, owner, len(instances))].module.context
        defined = context.types[number(where, place, len(context.types))]
        composite = defined.composite
        if kind == "struct" and isinstance(composite, t.StructType):
            self.objects.append(StructInstance(heap, defined, [None] * count))
            return list(composite.fields)
        if kind == "array" and isinstance(composite, t.ArrayType):
            self.objects.append(ArrayInstance(heap, defined, count, None))
            return [composite.element] * count
        raise unfit(where, f"an object of type {defined!r}", kind)

    def _tag(self, where: str, owner: Any, place: Any) -> TagInstance:
        tag: TagInstance
        if owner is None:
            tag = self._named(where, place, TagInstance)
        else:
            instances = self.store.instances
            tags = instances[number(where, owner, len(instances))].tags
            tag = tags[number(where, place, len(tags))]
        return tag

    def _stored(self, where: str, written: Any, entry: t.FieldType) -> Any:
        if isinstance(entry.storage, t.PackedType):
            return number(where, written, 1 << entry.storage.bits)
        return self.value(where, written, entry.storage)

    # -- contents --------------------------------------------------------------------------------

    def _contents(self, index: int, written: Any) -> None:
        """Fill what an instance defines itself."""
        instance = self.store.instances[index]
        where = f"instance {index}"
        for spot, entry, item in _own(where, "globals", instance, written):
            self._global(spot, entry, item)
        for spot, table, item in _own(where, "tables", instance, written):
            self._fill_table(spot, table, item)
        for spot, memory, item in _own(where, "memories", instance, written):
            self._fill_memory(spot, memory, item)
        counts = [len(element) for element in instance.module.syntax.elements]
        for (spot, segment, values), count in zip(
            _own(where, "elements", instance, written), counts, strict=True
        ):
            items = listed(spot, values)
            if len(items) not in (0, count):
                raise unfit(spot, "all of its elements, or none", values)
            segment.values = [self.value(spot, item, segment.type) for item in items]
        for spot, data, alive in _own(where, "datas", instance, written):
            if type(alive) is not bool:
                raise unfit(spot, "whether it is still there", alive)
            if not alive:
                data.content = b""

    def _external(self, index: int, written: Any) -> None:
        """Fill what the host has made."""
        where = f"external {index}"
        match self.externals.get(index):
            case GlobalInstance() as variable:
                self._global(where, variable, field(where, written, "value"))
            case TableInstance() as table:
                self._size_table(where, table, written)
                self._fill_table(where, table, written)
            case MemoryInstance() as memory:
                self._size_memory(where, memory, written)
                self._fill_memory(where, memory, written)
            case None:
                raise SnapshotError(f"{where} is not imported")

    def _global(self, where: str, variable: GlobalInstance, written: Any) -> None:
        variable.value = self.value(where, written, variable.type.value)

    def _fill_table(self, where: str, table: TableInstance, item: Any) -> None:
        elements: list[Any] = table.elements
        for pair in listed(where, field(where, item, "elements")):
            position, reference = listed(where, pair, 2)
            elements[number(where, position, len(elements))] = self.value(
                where, reference, table.type.element
            )
        if not table.type.element.nullable and None in elements:
            raise SnapshotError(f"{where}: an element is missing")

    def _fill_memory(self, where: str, memory: MemoryInstance, item: Any) -> None:
        for pair in listed(where, field(where, item, "chunks")):
            index, content = listed(where, pair, 2)
            start = number(where, index, memory.size // CHUNK + 1) * CHUNK
            size = min(CHUNK, memory.size - start)
            if not isinstance(content, bytes | memoryview) or len(content) != size:
                raise unfit(f"{where}, chunk {index}", f"{size} bytes", content)
            memory.write(start, content)


_SPACES = {
    "function": "functions",
    "table": "tables",
    "memory": "memories",
    "global": "globals",
    "tag": "tags",
}
"""Index spaces of an instance that imports are in, by kind."""

_NOUNS = {
    "globals": "global",
    "tables": "table",
    "memories": "memory",
    "elements": "element segment",
    "datas": "data segment",
}


def _own(
    where: str, key: str, instance: ModuleInstance, written: Any
) -> list[tuple[str, Any, Any]]:
    """What an instance defines itself, each with where it is and what is written about it."""
    items: list[Any] = getattr(instance, key)
    entries = instance.module.syntax.imports
    first = sum(_SPACES[entry.kind] == key for entry in entries)
    found = listed(f"{where}, {key}", field(where, written, key), len(items) - first)
    return [
        (f"{where}, {_NOUNS[key]} {index}", items[index], item)
        for index, item in enumerate(found, first)
    ]
