"""Types of WebAssembly 3.0 and the relations between them (Structure 2.3, Validation 3.2-3.3).

Value types are compared with `==`; number types and defined types are unique objects, so `is`
works for them too. Recursive type groups are made unique when they are built: two groups that the
specification calls equivalent are the *same* Python objects, which turns the equivalence of
defined types into identity. Whether a type is well-formed is the validator's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from weakref import WeakValueDictionary

from refexec.record import record

PAGE_SIZE = 65536
"""Bytes of a memory page, unless a module chooses a custom page size."""


class NumberType:
    """A number type or the vector type. There is one object for each."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


I32 = NumberType("i32")
I64 = NumberType("i64")
F32 = NumberType("f32")
F64 = NumberType("f64")
V128 = NumberType("v128")


class PackedType:
    """A type that only fields of structures and arrays can have."""

    __slots__ = ("bits", "name")

    def __init__(self, name: str, bits: int) -> None:
        self.name = name
        self.bits = bits

    def __repr__(self) -> str:
        return self.name


I8 = PackedType("i8", 8)
I16 = PackedType("i16", 16)


class AbstractHeapType:
    """A heap type that the specification names."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


ANY = AbstractHeapType("any")
EQ = AbstractHeapType("eq")
I31 = AbstractHeapType("i31")
STRUCT = AbstractHeapType("struct")
ARRAY = AbstractHeapType("array")
NONE = AbstractHeapType("none")
FUNC = AbstractHeapType("func")
NOFUNC = AbstractHeapType("nofunc")
EXTERN = AbstractHeapType("extern")
NOEXTERN = AbstractHeapType("noextern")
EXN = AbstractHeapType("exn")
NOEXN = AbstractHeapType("noexn")

BOTTOM_HEAP = AbstractHeapType("bot")
"""Matches every heap type. Occurs only in unreachable code while validating."""


@record(frozen=True)
class RecursiveIndex:
    """Stands for "type number i of the recursive group being defined"."""

    index: int


HeapType: TypeAlias = "AbstractHeapType | DefinedType | RecursiveIndex"


@record(frozen=True)
class ReferenceType:
    """A reference type: nullable or not, to a heap type."""

    nullable: bool
    heap: HeapType

    def __repr__(self) -> str:
        if self.nullable and self.heap in _SHORT_NAMES:
            return _SHORT_NAMES[self.heap]
        return f"(ref {'null ' if self.nullable else ''}{self.heap!r})"


ValueType = NumberType | ReferenceType
StorageType = NumberType | ReferenceType | PackedType

FUNCREF = ReferenceType(True, FUNC)
EXTERNREF = ReferenceType(True, EXTERN)
ANYREF = ReferenceType(True, ANY)
EQREF = ReferenceType(True, EQ)
I31REF = ReferenceType(True, I31)
STRUCTREF = ReferenceType(True, STRUCT)
ARRAYREF = ReferenceType(True, ARRAY)
EXNREF = ReferenceType(True, EXN)

_SHORT_NAMES: dict[HeapType, str] = {
    FUNC: "funcref",
    EXTERN: "externref",
    ANY: "anyref",
    EQ: "eqref",
    I31: "i31ref",
    STRUCT: "structref",
    ARRAY: "arrayref",
    EXN: "exnref",
    NONE: "nullref",
    NOFUNC: "nullfuncref",
    NOEXTERN: "nullexternref",
    NOEXN: "nullexnref",
}


# -- composite types -----------------------------------------------------------------------------


@record(frozen=True)
class FunctionType:
    """Parameters and results of a function."""

    params: tuple[ValueType, ...] = ()
    results: tuple[ValueType, ...] = ()

    def __str__(self) -> str:
        def row(types: Sequence[ValueType]) -> str:
            return "(" + ", ".join(map(repr, types)) + ")"

        return f"{row(self.params)} -> {row(self.results)}"


@record(frozen=True)
class FieldType:
    """A field of a structure, or the element of an array."""

    storage: StorageType
    mutable: bool

    @property
    def unpacked(self) -> ValueType:
        """The type that the field's value has on the operand stack."""
        return I32 if isinstance(self.storage, PackedType) else self.storage

    def __repr__(self) -> str:
        return f"(mut {self.storage!r})" if self.mutable else repr(self.storage)


@record(frozen=True)
class StructType:
    """The fields of a structure."""

    fields: tuple[FieldType, ...]

    def __str__(self) -> str:
        return f"struct {{{', '.join(map(repr, self.fields))}}}"


@record(frozen=True)
class ArrayType:
    """The element of an array."""

    element: FieldType

    def __str__(self) -> str:
        return f"array {self.element!r}"


CompositeType = FunctionType | StructType | ArrayType


@record(frozen=True)
class SubType:
    """A composite type with its place in the subtype hierarchy."""

    final: bool
    supertypes: tuple[DefinedType | RecursiveIndex, ...]
    composite: CompositeType


class DefinedType:
    """A type that a module defines: one member of a recursive group. Unique, compared with `is`."""

    __slots__ = ("__weakref__", "composite", "depth", "final", "group", "index", "supertype")

    group: RecursiveGroup
    """The group, which keeps the other members alive."""

    index: int
    """Position in the group."""

    final: bool
    """Whether subtypes are forbidden."""

    supertype: DefinedType | None
    """The declared supertype, or None."""

    depth: int
    """Number of declared supertypes above this one."""

    composite: CompositeType
    """What it is made of; references to members of the group are resolved."""

    def __init__(self, group: RecursiveGroup, index: int) -> None:
        self.group = group
        self.index = index

    def is_subtype(self, other: DefinedType) -> bool:
        """Whether this type is `other` or declared, directly or not, to be a subtype of it."""
        current: DefinedType | None = self
        while current is not None:
            if current is other:
                return True
            current = current.supertype
        return False

    def __repr__(self) -> str:
        # What it is made of may lead back to this very type, so it is not printed here.
        if isinstance(self.composite, FunctionType):
            return "func type"
        return "struct type" if isinstance(self.composite, StructType) else "array type"


class RecursiveGroup:
    """The members of one recursive type group, in order."""

    __slots__ = ("__weakref__", "members")

    members: tuple[DefinedType, ...]


_groups: WeakValueDictionary[tuple[SubType, ...], RecursiveGroup] = WeakValueDictionary()


def define_group(subtypes: Sequence[SubType]) -> tuple[DefinedType, ...]:
    """Return the unique defined types of a recursive group.

    `subtypes` refer to members of their own group by `RecursiveIndex` (closed, iso-recursive
    form) and to earlier types by their `DefinedType`.
    """
    key = tuple(subtypes)
    group = _groups.get(key)
    if group is None:
        group = RecursiveGroup()
        members = tuple(DefinedType(group, index) for index in range(len(key)))
        group.members = members
        for member, subtype in zip(members, key, strict=True):
            member.final = subtype.final
            member.composite = _substitute(subtype.composite, members)
            # A member may not declare a supertype at or after itself; the validator has checked.
            supers = [
                members[s.index] if isinstance(s, RecursiveIndex) else s for s in subtype.supertypes
            ]
            member.supertype = supers[0] if supers else None
            member.depth = supers[0].depth + 1 if supers else 0
        _groups[key] = group
    return group.members


def define_function(function_type: FunctionType) -> DefinedType:
    """Return the unique defined type of a function type that stands alone."""
    return define_group([SubType(True, (), function_type)])[0]


def _substitute(composite: CompositeType, members: tuple[DefinedType, ...]) -> CompositeType:
    def value(t: ValueType) -> ValueType:
        if isinstance(t, ReferenceType) and isinstance(t.heap, RecursiveIndex):
            return ReferenceType(t.nullable, members[t.heap.index])
        return t

    def field(t: FieldType) -> FieldType:
        if isinstance(t.storage, PackedType):
            return t
        return FieldType(value(t.storage), t.mutable)

    if isinstance(composite, FunctionType):
        return FunctionType(
            tuple(map(value, composite.params)), tuple(map(value, composite.results))
        )
    if isinstance(composite, StructType):
        return StructType(tuple(map(field, composite.fields)))
    return ArrayType(field(composite.element))


# -- external types ------------------------------------------------------------------------------


@record(frozen=True)
class Limits:
    """Size range of a table (entries) or memory (pages)."""

    minimum: int
    maximum: int | None = None

    def __str__(self) -> str:
        return f"{self.minimum}" if self.maximum is None else f"{self.minimum}..{self.maximum}"


@record(frozen=True)
class TableType:
    """Type of a table."""

    element: ReferenceType
    limits: Limits
    address: NumberType = I32

    def __str__(self) -> str:
        return f"table {self.address!r} {self.limits} {self.element!r}"


@record(frozen=True)
class MemoryType:
    """Type of a memory."""

    limits: Limits
    address: NumberType = I32
    page_size: int = PAGE_SIZE

    def __str__(self) -> str:
        pages = "" if self.page_size == PAGE_SIZE else f" pagesize {self.page_size}"
        return f"memory {self.address!r} {self.limits}{pages}"


@record(frozen=True)
class GlobalType:
    """Type of a global."""

    value: ValueType
    mutable: bool = False

    def __str__(self) -> str:
        return f"global (mut {self.value!r})" if self.mutable else f"global {self.value!r}"


@record(frozen=True)
class TagType:
    """Type of an exception tag: the parameters are what an exception carries."""

    defined: DefinedType

    @property
    def function(self) -> FunctionType:
        """The tag's type as a function type without results."""
        assert isinstance(self.defined.composite, FunctionType)
        return self.defined.composite

    def __str__(self) -> str:
        return f"tag {self.function}"


# -- matching (Validation 3.3) -------------------------------------------------------------------

_ABSTRACT_SUPERTYPES: dict[AbstractHeapType, frozenset[AbstractHeapType]] = {
    ANY: frozenset({ANY}),
    EQ: frozenset({EQ, ANY}),
    I31: frozenset({I31, EQ, ANY}),
    STRUCT: frozenset({STRUCT, EQ, ANY}),
    ARRAY: frozenset({ARRAY, EQ, ANY}),
    NONE: frozenset({NONE, I31, STRUCT, ARRAY, EQ, ANY}),
    FUNC: frozenset({FUNC}),
    NOFUNC: frozenset({NOFUNC, FUNC}),
    EXTERN: frozenset({EXTERN}),
    NOEXTERN: frozenset({NOEXTERN, EXTERN}),
    EXN: frozenset({EXN}),
    NOEXN: frozenset({NOEXN, EXN}),
}


def abstract_of(defined: DefinedType) -> AbstractHeapType:
    """The abstract heap type directly above a defined type: func, struct or array."""
    if isinstance(defined.composite, FunctionType):
        return FUNC
    return STRUCT if isinstance(defined.composite, StructType) else ARRAY


def heap_matches(actual: HeapType, expected: HeapType) -> bool:
    """Heap type matching (rule `match-heaptype`)."""
    if actual is expected or actual is BOTTOM_HEAP:
        return True
    if isinstance(actual, DefinedType):
        if isinstance(expected, DefinedType):
            return actual.is_subtype(expected)
        return heap_matches(abstract_of(actual), expected)
    if isinstance(actual, AbstractHeapType):
        if isinstance(expected, AbstractHeapType):
            return expected in _ABSTRACT_SUPERTYPES.get(actual, ())
        if isinstance(expected, DefinedType):
            bottom = NOFUNC if isinstance(expected.composite, FunctionType) else NONE
            return actual is bottom
    return False


def top_of(heap: HeapType) -> AbstractHeapType:
    """The top of the hierarchy that a heap type belongs to."""
    abstract = abstract_of(heap) if isinstance(heap, DefinedType) else heap
    for top in (ANY, FUNC, EXTERN, EXN):
        if heap_matches(abstract, top):
            return top
    raise ValueError(f"{heap!r} has no top type")


def value_matches(actual: ValueType, expected: ValueType) -> bool:
    """Value type matching (rules `match-numtype`, `match-vectype`, `match-reftype`)."""
    if actual is expected:
        return True
    if isinstance(actual, ReferenceType) and isinstance(expected, ReferenceType):
        if actual.nullable and not expected.nullable:
            return False
        return heap_matches(actual.heap, expected.heap)
    return False


def results_match(actual: Sequence[ValueType], expected: Sequence[ValueType]) -> bool:
    """Result type matching (rule `match-resulttype`)."""
    return len(actual) == len(expected) and all(map(value_matches, actual, expected))


def function_matches(actual: FunctionType, expected: FunctionType) -> bool:
    """Function type matching: parameters the other way round (rule `match-functype`)."""
    return results_match(expected.params, actual.params) and results_match(
        actual.results, expected.results
    )


def field_matches(actual: FieldType, expected: FieldType) -> bool:
    """Field type matching: mutable fields must be the same in both directions."""
    if actual.mutable != expected.mutable:
        return False
    if isinstance(actual.storage, PackedType) or isinstance(expected.storage, PackedType):
        return actual.storage is expected.storage
    if not value_matches(actual.storage, expected.storage):
        return False
    return not actual.mutable or value_matches(expected.storage, actual.storage)


def composite_matches(actual: CompositeType, expected: CompositeType) -> bool:
    """Composite type matching (rule `match-comptype`)."""
    if isinstance(actual, FunctionType) and isinstance(expected, FunctionType):
        return function_matches(actual, expected)
    if isinstance(actual, StructType) and isinstance(expected, StructType):
        return len(actual.fields) >= len(expected.fields) and all(
            map(field_matches, actual.fields, expected.fields)
        )
    if isinstance(actual, ArrayType) and isinstance(expected, ArrayType):
        return field_matches(actual.element, expected.element)
    return False


def limits_match(actual: Limits, expected: Limits) -> bool:
    """Limits matching (rule `match-limits`)."""
    if actual.minimum < expected.minimum:
        return False
    if expected.maximum is None:
        return True
    return actual.maximum is not None and actual.maximum <= expected.maximum


def is_defaultable(value_type: ValueType) -> bool:
    """Whether a type has a default value: zero, or null."""
    return not isinstance(value_type, ReferenceType) or value_type.nullable
