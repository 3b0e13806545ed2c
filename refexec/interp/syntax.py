"""The parts of a module as plain records (Structure 2.5), as the decoder leaves them.

Indices are ints into the index spaces of the module, imports first. Nothing here is checked
against anything else; that is what `refexec.interp.validation` does.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, Literal

from refexec.interp.opcodes import Opcode
from refexec.interp.types import (
    DefinedType,
    FunctionType,
    GlobalType,
    MemoryType,
    ReferenceType,
    TableType,
    TagType,
    ValueType,
)
from refexec.record import field, record

ExternalType = DefinedType | TableType | MemoryType | GlobalType | TagType
"""Type of an import or export. A `DefinedType` stands for a function of that type."""

ExternalKind = Literal["function", "table", "memory", "global", "tag"]
EXTERNAL_KINDS: tuple[ExternalKind, ...] = ("function", "table", "memory", "global", "tag")
"""External kinds in the order of their binary codes."""

SegmentMode = Literal["active", "passive", "declarative"]

Instruction = tuple[Opcode, Any]
"""Opcode and immediates: None, the one immediate, or a tuple of several."""


@record(frozen=True)
class Import:
    """An imported definition."""

    module: str
    name: str
    type: ExternalType

    @property
    def kind(self) -> ExternalKind:
        """Which index space the import belongs to."""
        return kind_of(self.type)


@record(frozen=True)
class Export:
    """A definition made visible under a name."""

    name: str
    kind: ExternalKind
    index: int
    offset: int


@record(frozen=True)
class Expression:
    """A sequence of instructions, its final `end` included."""

    instructions: list[Instruction]
    offsets: array[int]
    """Byte offset in the module of each instruction."""


@record()
class Code:
    """Locals and body of a function that the module defines."""

    locals: list[tuple[int, ValueType]]
    """Declared locals as (count, type) runs."""
    body: Expression
    offset: int
    """Byte offset in the module where the locals begin; stands for the function entry."""


@record(frozen=True)
class Catch:
    """A catch clause of a `try_table`."""

    tag: int | None
    """Tag index, or None for the clauses that catch everything."""
    reference: bool
    """Whether the exception itself is passed on, after its values."""
    label: int


@record(frozen=True)
class MemoryArgument:
    """Immediate of loads and stores."""

    align: int
    """Binary logarithm of the promised alignment."""
    offset: int
    memory: int


@record()
class Table:
    """A table that the module defines, with its initial value if it has one."""

    type: TableType
    init: Expression | None
    offset: int


@record()
class Global:
    """A global that the module defines."""

    type: GlobalType
    init: Expression
    offset: int


@record()
class Element:
    """An element segment: function indices, or one expression for each element."""

    mode: SegmentMode
    type: ReferenceType
    table: int
    start: Expression | None
    """Where an active segment goes."""
    functions: tuple[int, ...] | None
    expressions: tuple[Expression, ...]
    offset: int

    def __len__(self) -> int:
        return len(self.expressions) if self.functions is None else len(self.functions)


@record()
class Data:
    """A data segment."""

    mode: SegmentMode
    memory: int
    start: Expression | None
    """Where an active segment goes."""
    content: bytes
    offset: int


@record(frozen=True)
class Custom:
    """A custom section."""

    name: str
    content: bytes
    offset: int
    """Byte offset of the section's id byte."""
    after: int
    """Id of the last standard section before it; 0 if there is none."""


@record(frozen=True)
class Section:
    """Where a section lies in the bytes of its module."""

    id: int
    offset: int
    """Offset of the id byte."""
    start: int
    """Offset of the content."""
    end: int


@record()
class Module:
    """A decoded module."""

    types: list[DefinedType] = field(default_factory=list)
    type_offsets: list[int] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    import_offsets: list[int] = field(default_factory=list)
    function_types: list[int] = field(default_factory=list)
    """Type index of each function that the module defines."""
    tables: list[Table] = field(default_factory=list)
    memories: list[MemoryType] = field(default_factory=list)
    memory_offsets: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    """Type index of each tag that the module defines."""
    globals: list[Global] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    start: int | None = None
    start_offset: int = 0
    elements: list[Element] = field(default_factory=list)
    data_count: int | None = None
    codes: list[Code] = field(default_factory=list)
    datas: list[Data] = field(default_factory=list)
    customs: list[Custom] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    forms: dict[str, int] = field(default_factory=dict)
    """Encodings that came with a feature: for each feature the offset of the first."""

    def imported(self, kind: ExternalKind) -> Iterator[Import]:
        """The imports of one kind, in order."""
        return (entry for entry in self.imports if entry.kind == kind)


def kind_of(external: ExternalType) -> ExternalKind:
    """The external kind that a type belongs to."""
    match external:
        case DefinedType():
            return "function"
        case TableType():
            return "table"
        case MemoryType():
            return "memory"
        case GlobalType():
            return "global"
        case TagType():
            return "tag"


def function_type_of(defined: DefinedType) -> FunctionType:
    """The function type behind a defined type that is known to be one."""
    composite = defined.composite
    if not isinstance(composite, FunctionType):
        raise TypeError(f"{defined!r} is not a function type")
    return composite
