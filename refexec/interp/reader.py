"""Bytes, integers, names and types of the binary format (Binary 5.1-5.3).

A `Reader` walks over the bytes of one module. Everything it refuses is malformed, except type
indices out of range, which are invalid (they are resolved here because every later part needs
the type, not its number). Instructions are read by `refexec.interp.expression`, sections by
`refexec.interp.binary`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeVar

from refexec.errors import InvalidModuleError, MalformedModuleError
from refexec.interp import types as t
from refexec.interp.values import f32_from_bits

T = TypeVar("T")

_NUMBER_TYPES = {0x7F: t.I32, 0x7E: t.I64, 0x7D: t.F32, 0x7C: t.F64, 0x7B: t.V128}

_ABSTRACT_HEAPS = {
    0x74: t.NOEXN,
    0x73: t.NOFUNC,
    0x72: t.NOEXTERN,
    0x71: t.NONE,
    0x70: t.FUNC,
    0x6F: t.EXTERN,
    0x6E: t.ANY,
    0x6D: t.EQ,
    0x6C: t.I31,
    0x6B: t.STRUCT,
    0x6A: t.ARRAY,
    0x69: t.EXN,
}

_VALUE_TYPES: dict[int, t.ValueType] = {
    **_NUMBER_TYPES,
    **{code: t.ReferenceType(True, heap) for code, heap in _ABSTRACT_HEAPS.items()},
}

_F64 = struct.Struct("<d")
_U32 = struct.Struct("<I")

EMPTY_BLOCK = t.FunctionType()


class Reader:
    """A position in the bytes of a module, with the types read so far."""

    __slots__ = (
        "_block_types",
        "data",
        "end",
        "forms",
        "group_size",
        "group_start",
        "pos",
        "types",
    )

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pos = 0
        self.end = len(data)
        """End of what may be read now: of the module, section or function."""
        self.types: list[t.DefinedType] = []
        """Defined types, by index."""
        self.group_start = 0
        self.group_size = 0
        """Range of type indices of the recursive group that is being read."""
        self.forms: dict[str, int] = {}
        """Encodings that came with a feature, though what they say may be older: for each feature
        the offset of the first."""
        self._block_types: dict[int, t.FunctionType] = {
            code: t.FunctionType((), (value,)) for code, value in _VALUE_TYPES.items()
        }
        self._block_types[0x40] = EMPTY_BLOCK

    def part(self, start: int, end: int) -> Reader:
        """Another reader, of a part of the same bytes, with the same types."""
        part: Reader = Reader.__new__(Reader)
        for name in Reader.__slots__:
            setattr(part, name, getattr(self, name))
        part.pos, part.end = start, end
        return part

    # -- bytes -----------------------------------------------------------------------------------

    def malformed(self, message: str, offset: int | None = None) -> MalformedModuleError:
        """Make the error for a fault at `offset`, by default at the current position."""
        return MalformedModuleError(message, self.pos if offset is None else offset)

    def invalid(self, message: str, offset: int) -> InvalidModuleError:
        """Make the error for a type that does not exist."""
        return InvalidModuleError(message, offset)

    def byte(self) -> int:
        """Read one byte."""
        pos = self.pos
        if pos >= self.end:
            raise self.malformed("unexpected end: expected a byte")
        self.pos = pos + 1
        return self.data[pos]

    def take(self, size: int) -> bytes:
        """Read `size` bytes."""
        start = self.pos
        if size > self.end - start:
            raise self.malformed(
                f"length out of bounds: expected {size} bytes, {self.end - start} are left"
            )
        self.pos = start + size
        return self.data[start : self.pos]

    # -- integers --------------------------------------------------------------------------------

    def unsigned(self, bits: int) -> int:
        """Read an unsigned LEB128 integer of at most `bits` bits."""
        start = self.pos
        result = shift = 0
        while True:
            byte = self.byte()
            if shift + 7 > bits and byte >> (bits - shift):
                what = "representation too long" if byte & 0x80 else "too large"
                raise self.malformed(f"integer {what} for {bits} bits", start)
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7

    def signed(self, bits: int) -> int:
        """Read a signed LEB128 integer of at most `bits` bits."""
        start = self.pos
        result = shift = 0
        while True:
            byte = self.byte()
            if shift + 7 > bits:
                if byte & 0x80:
                    raise self.malformed(f"integer representation too long for {bits} bits", start)
                # The bits above the sign bit must repeat it.
                excess = byte >> (bits - shift - 1)
                if excess not in (0, 0x7F >> (bits - shift - 1)):
                    raise self.malformed(f"integer too large for {bits} bits", start)
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result - (1 << shift) if byte & 0x40 else result

    def u32(self) -> int:
        """Read an unsigned 32-bit integer."""
        pos = self.pos
        if pos < self.end and (byte := self.data[pos]) < 0x80:
            self.pos = pos + 1
            return byte
        return self.unsigned(32)

    def i32(self) -> int:
        """Read a 32-bit constant, as an unsigned value."""
        return self.signed(32) & 0xFFFFFFFF

    def i64(self) -> int:
        """Read a 64-bit constant, as an unsigned value."""
        return self.signed(64) & 0xFFFFFFFFFFFFFFFF

    def f32(self) -> float:
        """Read a 32-bit float, every bit kept."""
        (bits,) = _U32.unpack(self.take(4))
        return f32_from_bits(bits)

    def f64(self) -> float:
        """Read a 64-bit float, every bit kept."""
        (value,) = _F64.unpack(self.take(8))
        return float(value)

    # -- names and vectors -----------------------------------------------------------------------

    def name(self) -> str:
        """Read a UTF-8 name."""
        start = self.pos
        raw = self.take(self.u32())
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise self.malformed("malformed UTF-8 encoding of a name", start) from None

    def count(self) -> int:
        """Read the length of a vector whose elements take at least one byte each."""
        start = self.pos
        count = self.u32()
        if count > self.end - self.pos:
            raise self.malformed(
                f"length out of bounds: {count} elements in {self.end - self.pos} bytes", start
            )
        return count

    def vector(self, element: Callable[[], T]) -> list[T]:
        """Read a vector."""
        return [element() for _ in range(self.count())]

    # -- types -----------------------------------------------------------------------------------

    def type_index(self) -> t.DefinedType:
        """Read a type index and resolve it outside any recursive group."""
        start = self.pos
        index = self.u32()
        if index >= len(self.types):
            raise self.invalid(f"unknown type {index}", start)
        return self.types[index]

    def heap_type(self) -> t.HeapType:
        """Read a heap type."""
        start = self.pos
        # The abstract ones are single bytes, not numbers, so that no longer form exists.
        heap = _ABSTRACT_HEAPS.get(self.data[start]) if start < self.end else None
        if heap is not None:
            self.pos = start + 1
            return heap
        number = self.signed(33)
        if number < 0:
            raise self.malformed("malformed heap type", start)
        self.forms.setdefault("function-references", start)
        if number < len(self.types):
            return self.types[number]
        if self.group_start <= number < self.group_start + self.group_size:
            return t.RecursiveIndex(number - self.group_start)
        raise self.invalid(f"unknown type {number}", start)

    def value_type(self) -> t.ValueType:
        """Read a value type."""
        start = self.pos
        byte = self.byte()
        known = _VALUE_TYPES.get(byte)
        if known is not None:
            return known
        if byte in (0x63, 0x64):
            return t.ReferenceType(byte == 0x63, self.heap_type())
        raise self.malformed(f"malformed value type 0x{byte:02x}", start)

    def reference_type(self) -> t.ReferenceType:
        """Read a reference type."""
        start = self.pos
        value = self.value_type()
        if not isinstance(value, t.ReferenceType):
            raise self.malformed(f"malformed reference type {value!r}", start)
        return value

    def block_type(self) -> t.FunctionType:
        """Read a block type, as the function type it stands for."""
        start = self.pos
        if start < self.end:
            short = self._block_types.get(self.data[start])
            if short is not None:
                self.pos = start + 1
                return short
            if self.data[start] in (0x63, 0x64):
                return t.FunctionType((), (self.value_type(),))
        index = self.signed(33)
        if index < 0:
            raise self.malformed("malformed block type", start)
        self.forms.setdefault("multi-value", start)
        if index >= len(self.types):
            raise self.invalid(f"unknown type {index}", start)
        composite = self.types[index].composite
        if not isinstance(composite, t.FunctionType):
            raise self.invalid(f"type {index} of a block is not a function type", start)
        return composite

    def field_type(self) -> t.FieldType:
        """Read the type of a field."""
        storage: t.StorageType
        start = self.pos
        if start < self.end and self.data[start] in (0x77, 0x78):
            storage = t.I8 if self.byte() == 0x78 else t.I16
        else:
            storage = self.value_type()
        return t.FieldType(storage, self.mutability())

    def mutability(self) -> bool:
        """Read a mutability flag."""
        start = self.pos
        flag = self.byte()
        if flag > 1:
            raise self.malformed(f"malformed mutability 0x{flag:02x}", start)
        return flag == 1

    def composite_type(self) -> t.CompositeType:
        """Read a composite type."""
        start = self.pos
        match self.byte():
            case 0x60:
                params = tuple(self.vector(self.value_type))
                return t.FunctionType(params, tuple(self.vector(self.value_type)))
            case 0x5F:
                return t.StructType(tuple(self.vector(self.field_type)))
            case 0x5E:
                return t.ArrayType(self.field_type())
            case other:
                raise self.malformed(f"malformed composite type 0x{other:02x}", start)

    def sub_type(self, index: int) -> t.SubType:
        """Read the type that gets type index `index`."""
        start = self.pos
        if start >= self.end or self.data[start] not in (0x50, 0x4F):
            return t.SubType(True, (), self.composite_type())
        self.forms.setdefault("gc", start)
        final = self.byte() == 0x4F
        supertypes = []
        for number in self.vector(self.u32):
            if number >= index:
                raise self.invalid(f"unknown type {number} as a supertype", start)
            supertypes.append(
                self.types[number]
                if number < len(self.types)
                else t.RecursiveIndex(number - self.group_start)
            )
        if len(supertypes) > 1:
            raise self.invalid("a type may have at most one supertype", start)
        return t.SubType(final, tuple(supertypes), self.composite_type())

    def recursive_group(self) -> None:
        """Read a recursive type group and append its types."""
        self.group_start = len(self.types)
        self.group_size = 1
        if self.pos < self.end and self.data[self.pos] == 0x4E:
            self.forms.setdefault("gc", self.pos)
            self.pos += 1
            self.group_size = self.count()
        subtypes = [
            self.sub_type(self.group_start + position) for position in range(self.group_size)
        ]
        self.group_size = 0
        self.types.extend(t.define_group(subtypes))

    def limits(self) -> tuple[t.Limits, t.NumberType, bool]:
        """Read limits: the range, the address type, and whether a page size follows."""
        start = self.pos
        flags = self.byte()
        if flags & ~0b1101:
            raise self.malformed(f"malformed limits flags 0x{flags:02x}", start)
        address = t.I64 if flags & 4 else t.I32
        minimum = self.unsigned(64)
        maximum = self.unsigned(64) if flags & 1 else None
        return t.Limits(minimum, maximum), address, bool(flags & 8)

    def table_type(self) -> t.TableType:
        """Read a table type."""
        element = self.reference_type()
        start = self.pos
        limits, address, page_size = self.limits()
        if page_size:
            raise self.malformed("malformed limits flags of a table", start)
        return t.TableType(element, limits, address)

    def memory_type(self) -> t.MemoryType:
        """Read a memory type."""
        limits, address, page_size = self.limits()
        if not page_size:
            return t.MemoryType(limits, address)
        start = self.pos
        self.forms.setdefault("custom-page-sizes", start)
        exponent = self.u32()
        if exponent >= 64:
            raise self.malformed(f"malformed page size 2^{exponent}", start)
        return t.MemoryType(limits, address, 1 << exponent)

    def global_type(self) -> t.GlobalType:
        """Read a global type."""
        value = self.value_type()
        return t.GlobalType(value, self.mutability())

    def tag_type(self) -> int:
        """Read a tag type; return its type index."""
        start = self.pos
        attribute = self.byte()
        if attribute != 0:
            raise self.malformed(f"malformed tag attribute 0x{attribute:02x}", start)
        return self.u32()
