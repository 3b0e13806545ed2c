"""Sections of the binary format: bytes -> `syntax.Module` (Binary 5.5).

`decode_module` finds everything that makes bytes malformed: wrong magic, section order and sizes,
counts that disagree, trailing bytes, misplaced instructions. What a module means is validated by
`refexec.interp.validation`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refexec.errors import ImplementationLimitError, InvalidModuleError, MalformedModuleError
from refexec.interp import syntax
from refexec.interp import types as t
from refexec.interp.expression import decode_expression
from refexec.interp.limits import Limits
from refexec.interp.reader import Reader

MAGIC = b"\0asm"
VERSION = b"\x01\0\0\0"

SECTION_NAMES = {
    0: "custom section",
    1: "type section",
    2: "import section",
    3: "function section",
    4: "table section",
    5: "memory section",
    6: "global section",
    7: "export section",
    8: "start section",
    9: "element section",
    10: "code section",
    11: "data section",
    12: "data count section",
    13: "tag section",
}

_ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
_RANK = {section: rank for rank, section in enumerate(_ORDER)}

_DATA_INSTRUCTIONS = frozenset({"memory.init", "data.drop", "array.new_data", "array.init_data"})


def decode_module(data: bytes, limits: Limits, *, proven: bool = False) -> syntax.Module:
    """Decode the bytes of a module.

    `proven`: they have been decoded before, so function bodies may be left until they are needed.

    Raises MalformedModuleError, InvalidModuleError (for type indices that do not exist) or
    ImplementationLimitError.
    """
    if len(data) > limits.module_size:
        raise ImplementationLimitError(
            "module_size",
            f"module of {len(data)} bytes exceeds the limit of {limits.module_size} bytes",
        )
    if data[:4] != MAGIC:
        raise MalformedModuleError(
            "not a WebAssembly module: magic header not detected, expected '\\0asm'", 0
        )
    if data[4:8] != VERSION:
        raise MalformedModuleError(
            f"unknown binary version {data[4:8].hex()}, expected 01000000", 4
        )
    return _Decoder(data, limits, proven).decode()


class _Decoder:
    """The module under construction and the reader over its bytes."""

    def __init__(self, data: bytes, limits: Limits, proven: bool) -> None:
        self.proven = proven
        self.reader = Reader(data)
        self.reader.pos = 8
        self.module = syntax.Module(types=self.reader.types, forms=self.reader.forms)
        self.limits = limits

    def decode(self) -> syntax.Module:
        reader, module = self.reader, self.module
        end = reader.end
        last = 0
        while reader.pos < end:
            offset = reader.pos
            section = reader.byte()
            size = reader.u32()
            start = reader.pos
            if size > end - start:
                raise MalformedModuleError(
                    f"section size {size} exceeds the {end - start} bytes left", offset
                )
            if section not in SECTION_NAMES:
                raise MalformedModuleError(f"malformed section id {section}", offset)
            if section and last and _RANK[section] <= _RANK[last]:
                raise MalformedModuleError(
                    f"unexpected {SECTION_NAMES[section]} after the {SECTION_NAMES[last]}",
                    offset,
                )
            reader.end = start + size
            try:
                if section:
                    last = section
                    _SECTIONS[section](self)
                else:
                    self._custom(offset, last)
            except (MalformedModuleError, InvalidModuleError) as error:
                if error.where is None:
                    raise type(error)(error.message, error.offset, SECTION_NAMES[section]) from None
                raise
            if reader.pos != start + size:
                raise MalformedModuleError(
                    f"section size mismatch: {start + size - reader.pos} bytes too many",
                    reader.pos,
                    SECTION_NAMES[section],
                )
            module.sections.append(syntax.Section(section, offset, start, start + size))
            reader.end = end
        self._check_counts()
        return module

    def _check_counts(self) -> None:
        module = self.module
        end = len(self.reader.data)
        if len(module.function_types) != len(module.codes):
            raise MalformedModuleError(
                f"function and code section have inconsistent lengths: "
                f"{len(module.function_types)} and {len(module.codes)}",
                end,
            )
        if module.data_count is not None and module.data_count != len(module.datas):
            raise MalformedModuleError(
                f"data count and data section have inconsistent lengths: "
                f"{module.data_count} and {len(module.datas)}",
                end,
            )

    def _vector(self, element: Callable[[], None]) -> None:
        for _ in range(self.reader.count()):
            element()

    # -- sections, by id -------------------------------------------------------------------------

    def _custom(self, offset: int, last: int) -> None:
        reader = self.reader
        name = reader.name()
        content = reader.take(reader.end - reader.pos)
        self.module.customs.append(syntax.Custom(name, content, offset, last))

    def types(self) -> None:
        def element() -> None:
            offset = self.reader.pos
            self.reader.recursive_group()
            module = self.module
            added = len(module.types) - len(module.type_offsets)
            module.type_offsets.extend([offset] * added)

        self._vector(element)

    def imports(self) -> None:
        reader, module = self.reader, self.module

        def element() -> None:
            offset = reader.pos
            names = reader.name(), reader.name()
            kind = reader.byte()
            external: syntax.ExternalType
            match kind:
                case 0:
                    external = reader.type_index()
                    if not isinstance(external.composite, t.FunctionType):
                        raise InvalidModuleError(
                            "type of a function is not a function type", offset
                        )
                case 1:
                    external = reader.table_type()
                case 2:
                    external = reader.memory_type()
                case 3:
                    external = reader.global_type()
                case 4:
                    external = self._tag(reader.tag_type(), offset)
                case _:
                    raise MalformedModuleError(f"malformed import kind 0x{kind:02x}", offset)
            module.imports.append(syntax.Import(*names, external))
            module.import_offsets.append(offset)

        self._vector(element)

    def _tag(self, index: int, offset: int) -> t.TagType:
        if index >= len(self.module.types):
            raise InvalidModuleError(f"unknown type {index}", offset)
        defined = self.module.types[index]
        if not isinstance(defined.composite, t.FunctionType):
            raise InvalidModuleError("type of a tag is not a function type", offset)
        return t.TagType(defined)

    def functions(self) -> None:
        self.module.function_types = self.reader.vector(self.reader.u32)

    def tables(self) -> None:
        reader = self.reader

        def element() -> None:
            offset = reader.pos
            init = None
            if reader.pos + 1 < reader.end and reader.data[offset] == 0x40:
                reader.pos += 1
                reserved = reader.byte()
                if reserved:
                    raise MalformedModuleError(
                        f"malformed table: reserved byte is 0x{reserved:02x}", offset
                    )
                table_type = reader.table_type()
                init = decode_expression(reader)
            else:
                table_type = reader.table_type()
            self.module.tables.append(syntax.Table(table_type, init, offset))

        self._vector(element)

    def memories(self) -> None:
        def element() -> None:
            self.module.memory_offsets.append(self.reader.pos)
            self.module.memories.append(self.reader.memory_type())

        self._vector(element)

    def tags(self) -> None:
        self.reader.forms.setdefault("exceptions", self.reader.pos)
        self.module.tags = self.reader.vector(self.reader.tag_type)

    def globals(self) -> None:
        reader = self.reader

        def element() -> None:
            offset = reader.pos
            global_type = reader.global_type()
            self.module.globals.append(
                syntax.Global(global_type, decode_expression(reader), offset)
            )

        self._vector(element)

    def exports(self) -> None:
        reader = self.reader

        def element() -> None:
            offset = reader.pos
            name = reader.name()
            kind = reader.byte()
            if kind >= len(syntax.EXTERNAL_KINDS):
                raise MalformedModuleError(f"malformed export kind 0x{kind:02x}", offset)
            self.module.exports.append(
                syntax.Export(name, syntax.EXTERNAL_KINDS[kind], reader.u32(), offset)
            )

        self._vector(element)

    def start(self) -> None:
        self.module.start_offset = self.reader.pos
        self.module.start = self.reader.u32()

    def elements(self) -> None:
        reader = self.reader

        def element() -> None:
            offset = reader.pos
            flags = reader.u32()
            if flags > 7:
                raise MalformedModuleError(f"malformed element segment flags {flags}", offset)
            table, start = 0, None
            mode: syntax.SegmentMode = "active"
            if flags & 1:
                mode = "declarative" if flags & 2 else "passive"
            else:
                if flags & 2:
                    table = reader.u32()
                start = decode_expression(reader)
            element_type = t.ReferenceType(False, t.FUNC)
            if flags & 4:
                element_type = reader.reference_type() if flags & 3 else t.FUNCREF
            elif flags & 3:
                kind = reader.byte()
                if kind:
                    raise MalformedModuleError(
                        f"malformed element kind 0x{kind:02x}", reader.pos - 1
                    )
            functions: tuple[int, ...] | None = None
            expressions: tuple[syntax.Expression, ...] = ()
            if flags & 4:
                expressions = tuple(reader.vector(lambda: decode_expression(reader)))
            else:
                functions = tuple(reader.vector(reader.u32))
            self.module.elements.append(
                syntax.Element(mode, element_type, table, start, functions, expressions, offset)
            )

        self._vector(element)

    def data_count(self) -> None:
        self.module.data_count = self.reader.u32()

    def codes(self) -> None:
        reader, module = self.reader, self.module
        section_end = reader.end
        needs_data_count = False

        def element() -> None:
            nonlocal needs_data_count
            size = reader.u32()
            start = reader.pos
            if size > section_end - start:
                raise MalformedModuleError(
                    f"function body of {size} bytes exceeds the section", start
                )
            if size > self.limits.function_size:
                raise ImplementationLimitError(
                    "function_size",
                    f"function body of {size} bytes exceeds the limit of "
                    f"{self.limits.function_size} bytes",
                    start,
                )
            reader.end = start + size
            if self.proven:
                module.codes.append(_UnreadCode(self._locals(), start, reader))
                reader.pos, reader.end = start + size, section_end
                return
            code = syntax.Code(self._locals(), decode_expression(reader), start)
            if reader.pos != reader.end:
                raise MalformedModuleError(
                    "section size mismatch after a function body", reader.pos
                )
            reader.end = section_end
            module.codes.append(code)
            if module.data_count is None and not needs_data_count:
                needs_data_count = any(
                    opcode.mnemonic in _DATA_INSTRUCTIONS for opcode, _ in code.body.instructions
                )

        imported = sum(1 for _ in module.imported("function"))
        for index in range(reader.count()):
            try:
                element()
            except (MalformedModuleError, InvalidModuleError) as error:
                raise type(error)(
                    error.message, error.offset, f"function {imported + index}"
                ) from None
        if needs_data_count:
            raise MalformedModuleError("data count section required", reader.pos)

    def _locals(self) -> list[tuple[int, t.ValueType]]:
        reader = self.reader
        runs = []
        total = 0
        for _ in range(reader.count()):
            offset = reader.pos
            count = reader.u32()
            total += count
            if total > 0xFFFFFFFF:
                raise MalformedModuleError("too many locals: more than 2^32 - 1", offset)
            runs.append((count, reader.value_type()))
            if total > self.limits.locals:
                raise ImplementationLimitError(
                    "locals",
                    f"{total} locals exceed the limit of {self.limits.locals} for a function",
                    offset,
                )
        return runs

    def datas(self) -> None:
        reader = self.reader

        def element() -> None:
            offset = reader.pos
            flags = reader.u32()
            if flags > 2:
                raise MalformedModuleError(f"malformed data segment flags {flags}", offset)
            memory = reader.u32() if flags == 2 else 0
            start = None if flags == 1 else decode_expression(reader)
            mode: syntax.SegmentMode = "passive" if flags == 1 else "active"
            content = reader.take(reader.u32())
            self.module.datas.append(syntax.Data(mode, memory, start, content, offset))

        self._vector(element)


class _UnreadCode(syntax.Code):
    """A function whose body is read when somebody looks at it."""

    __slots__ = ("_reader",)

    def __init__(self, locals_: list[tuple[int, t.ValueType]], offset: int, reader: Reader) -> None:
        self.locals = locals_
        self.offset = offset
        self._reader = reader.part(reader.pos, reader.end)

    def __getattr__(self, name: str) -> Any:
        # It is called for what has not been set.
        if name != "body":
            raise AttributeError(name)
        self.body = decode_expression(self._reader)
        return self.body


_SECTIONS: dict[int, Callable[[_Decoder], None]] = {
    1: _Decoder.types,
    2: _Decoder.imports,
    3: _Decoder.functions,
    4: _Decoder.tables,
    5: _Decoder.memories,
    6: _Decoder.globals,
    7: _Decoder.exports,
    8: _Decoder.start,
    9: _Decoder.elements,
    10: _Decoder.codes,
    11: _Decoder.datas,
    12: _Decoder.data_count,
    13: _Decoder.tags,
}
