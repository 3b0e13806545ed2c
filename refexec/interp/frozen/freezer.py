"""Freezing: a store and its suspended calls as a tree. The tree is described in `frozen`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from refexec.errors import SnapshotError
from refexec.interp.frozen.shape import CHUNK, STATE_FORMAT
from refexec.interp.machine import Frame, Machine
from refexec.interp.memory import MemoryInstance
from refexec.interp.store import (
    I31,
    ExceptionInstance,
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
)

NameOf = Callable[[Any], str | None]
"""Gives the caller's name for a function, table, memory, global or tag that the host made, or for
the Python object of a `HostReference`."""

_SPACES = ("functions", "tables", "memories", "globals", "tags")


def freeze(store: Store, calls: Iterable[tuple[int, Machine]], name_of: NameOf) -> dict[str, Any]:
    """Write a store, and calls that stand still: (number of the instance, machine) for each.

    Contents of memories are memoryviews that change with the memories: to be written or copied at
    once. Raises SnapshotError for something of another store, or of the host without a name.
    """
    return _Freezer(store, name_of).written(calls)


class _Freezer:
    """Knows where everything is, and numbers objects as they are met."""

    def __init__(self, store: Store, name_of: NameOf) -> None:
        self.store = store
        self.name_of = name_of
        # By identity; where something is first: for what an instance defines, that is there.
        self.places: dict[int, tuple[int, int]] = {}
        self.types: dict[int, tuple[int, int]] = {}
        self.defined: set[int] = set()
        for number, instance in enumerate(store.instances):
            for space in _SPACES:
                imported = _imported(instance, space)
                for index, item in enumerate(getattr(instance, space)):
                    self.places.setdefault(id(item), (number, index))
                    if index >= imported:
                        self.defined.add(id(item))
            for index, defined in enumerate(instance.module.context.types):
                self.types.setdefault(id(defined), (number, index))
        self.externals: dict[int, int] = {}
        self.external_items: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.objects: list[Any] = []

    def written(self, calls: Iterable[tuple[int, Machine]]) -> dict[str, Any]:
        """Write everything."""
        # In this order, which numbers the objects.
        instances = [self.instance(i, item) for i, item in enumerate(self.store.instances)]
        threads = [self.call(i, number, machine) for i, (number, machine) in enumerate(calls)]
        externals = [self.external(i, item) for i, item in enumerate(self.external_items)]
        return {
            "format": STATE_FORMAT,
            "instances": instances,
            "externals": externals,
            "objects": self.written_objects(),
            "calls": threads,
        }

    # -- values ----------------------------------------------------------------------------------

    def value(self, value: Any, where: str) -> Any:
        """Write one value; objects become their numbers."""
        match value:
            case None | int() | float() | bytes():
                return value
            case FunctionInstance() | HostFunctionInstance():
                place = self.places.get(id(value))
                if place is not None:
                    return ["function", *place]
                if isinstance(value, FunctionInstance):
                    raise SnapshotError(f"{where} holds a function of another store")
                return ["host", self.name(value, where, "a function")]
            case I31():
                return ["i31", value.bits]
            case ExternReference():
                return ["extern", self.value(value.inner, where)]
            case HostReference():
                return ["host", self.name(value.value, where, "an object")]
        number = self.numbers.get(id(value))
        if number is None:
            number = len(self.objects)
            self.numbers[id(value)] = number
            self.objects.append(value)
        return ["object", number]

    def values(self, values: Sequence[Any], where: str) -> list[Any]:
        """Write several values."""
        return [self.value(value, where) for value in values]

    def name(self, item: Any, where: str, what: str) -> str:
        """The name of something of the host."""
        name = self.name_of(item)
        if name is None:
            raise SnapshotError(f"{where} holds {what} of the host that has no name")
        return name

    def written_objects(self) -> list[Any]:
        """Write the objects reached so far, which reaches more, until none is new."""
        written: list[Any] = []
        while len(written) < len(self.objects):
            value = self.objects[len(written)]
            where = f"object {len(written)}"
            if isinstance(value, ExceptionInstance):
                tag = self.places.get(id(value.tag)) or (
                    None,
                    self.name(value.tag, where, "an exception with a tag"),
                )
                written.append(["exception", *tag, self.values(value.values, where)])
                continue
            kind = "struct" if isinstance(value, StructInstance) else "array"
            defined = self.types.get(id(value.type))
            if defined is None:
                raise SnapshotError(f"{where} has a type of another store")
            written.append([kind, *defined, self.values(value.values, where)])
        return written

    # -- the store -------------------------------------------------------------------------------

    def instance(self, number: int, instance: ModuleInstance) -> dict[str, Any]:
        """Write what an instance imports, and what it holds itself."""
        imported = {space: iter(getattr(instance, space)) for space in _SPACES}
        imports = []
        for entry in instance.module.syntax.imports:
            where = f"import {entry.module!r} {entry.name!r} of instance {number}"
            imports.append(self.imported(next(imported[_space(entry.kind)]), where))
        where = f"instance {number}, "
        return {
            "imports": imports,
            "globals": [
                self.value(entry.value, f"{where}global {index}")
                for index, entry in _own(instance, "globals")
            ],
            "tables": [
                self.table(table, f"{where}table {index}")
                for index, table in _own(instance, "tables")
            ],
            "memories": [_memory(memory) for _, memory in _own(instance, "memories")],
            "elements": [
                self.values(segment.values, f"{where}element segment {index}")
                for index, segment in enumerate(instance.elements)
            ],
            "datas": [bool(data.content) for data in instance.datas],
        }

    def imported(self, item: Any, where: str) -> Any:
        """Write where an import comes from; what the host made is written as an external."""
        if isinstance(item, HostFunctionInstance):
            name = self.name_of(item)
            return None if name is None else ["host", name]
        if id(item) in self.defined:
            return ["instance", *self.places[id(item)]]
        if isinstance(item, FunctionInstance):
            raise SnapshotError(f"{where} is a function of another store")
        number = self.externals.setdefault(id(item), len(self.external_items))
        if number == len(self.external_items):
            self.external_items.append(item)
        return ["external", number, self.name_of(item)]

    def external(self, number: int, item: Any) -> dict[str, Any]:
        """Write what a table, memory, global or tag of the host holds."""
        where = f"external {number}"
        match item:
            case TableInstance():
                return self.table(item, where)
            case MemoryInstance():
                return _memory(item)
            case GlobalInstance():
                return {"value": self.value(item.value, where)}
            case _:
                assert isinstance(item, TagInstance)
                return {}

    def table(self, table: TableInstance, where: str) -> dict[str, Any]:
        """Write a table without its nulls."""
        return {
            "size": len(table.elements),
            "elements": [
                [position, self.value(reference, where)]
                for position, reference in enumerate(table.elements)
                if reference is not None
            ],
        }

    # -- calls -----------------------------------------------------------------------------------

    def call(self, index: int, number: int, machine: Machine) -> dict[str, Any]:
        """Write a suspended call."""
        pending = None
        if machine.pending is not None:
            function, args = machine.pending
            where = f"the pending call {index}"
            pending = {
                "function": self.value(function, where),
                "args": self.values(args, where),
            }
        frames = [self.frame(f"frame {i}", frame) for i, frame in enumerate(machine.frames)]
        return {"instance": number, "frames": frames, "pending": pending}

    def frame(self, where: str, frame: Frame) -> dict[str, Any]:
        """Write an activation."""
        place = self.places.get(id(frame.function))
        if place is None:
            raise SnapshotError(f"{where} runs a function of another store")
        return {
            "instance": place[0],
            "function": place[1],
            "pc": frame.pc,
            "locals": self.values(frame.locals, where),
            "stack": self.values(frame.stack, where),
        }


def _space(kind: str) -> str:
    """The index space of a module instance for a kind of import."""
    return "memories" if kind == "memory" else f"{kind}s"


def _imported(instance: ModuleInstance, space: str) -> int:
    """Number of imports in an index space, where they come first."""
    return sum(_space(entry.kind) == space for entry in instance.module.syntax.imports)


def _own(instance: ModuleInstance, space: str) -> Iterable[tuple[int, Any]]:
    """Index and item for what an instance defines itself."""
    imported = _imported(instance, space)
    return enumerate(getattr(instance, space)[imported:], imported)


def _memory(memory: MemoryInstance) -> dict[str, Any]:
    return {
        "pages": memory.pages,
        "chunks": [[index, piece] for index, piece in memory.used_pieces(CHUNK)],
    }
