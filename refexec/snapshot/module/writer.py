"""Writing a module in the form of a snapshot."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from refexec.interp import syntax
from refexec.interp import types as t
from refexec.interp.validation import ValidModule
from refexec.snapshot.module import encoding as e
from refexec.snapshot.module import layout, segments, state
from refexec.snapshot.module.contents import Record, write_buffers, write_record
from refexec.snapshot.module.stack import InitialStack, NativeStack
from refexec.snapshot.records import Buffers

_MAX_PAGES = 32767
"""Pages that Gate lets a memory have at most, whatever the module declares."""

_DATA_OPERANDS = {"memory.init": 0, "data.drop": None, "array.new_data": 1, "array.init_data": 1}
"""Instructions that name a data segment, and which of their immediates that is."""


def write(
    data: bytes,
    module: ValidModule,
    tree: dict[str, Any],
    *,
    record: Record,
    buffers: Buffers,
    stack: InitialStack | NativeStack | None,
    own: state.OwnStack | None,
    hide: bool,
) -> bytes:
    """Make the module form of a program whose machine's state is `tree`.

    `data` are the bytes of `module`. The digest and the state of `own` are filled in here; without
    it they are left out. With `hide` the exports become invisible. Raises `SnapshotError` for what
    cannot be written.
    """
    return _Writer(data, module, tree, hide).write(record, buffers, stack, own)


class _Writer:
    """The module that is copied, and the state that goes into the copy."""

    def __init__(self, data: bytes, module: ValidModule, tree: dict[str, Any], hide: bool) -> None:
        self.data = data
        self.syntax = module.syntax
        self.context = module.context
        self.hide = hide
        self.standard, self.rest = state.take_apart(tree, module.context)
        self.sections = {s.id: s for s in self.syntax.sections if s.id != e.CUSTOM}
        self.named_datas, self.named_functions = self._named_in_code()

    def write(
        self,
        record: Record,
        buffers: Buffers,
        stack: InitialStack | NativeStack | None,
        own: state.OwnStack | None,
    ) -> bytes:
        parts = [
            self.data[:8],
            *map(self._copy, (e.TYPE, e.IMPORT, e.FUNCTION, e.TABLE)),
            self._memories(),
            self._copy(e.TAG),
            self._globals(),
            e.custom(layout.SNAPSHOT, write_record(record)),
            self._exports(),
            self._elements(),
            self._data_count(),
            self._copy(e.CODE),
        ]
        kept = write_buffers(buffers)
        if kept:
            parts.append(e.custom(layout.BUFFER, kept))
        if stack is not None:
            parts.append(e.custom(layout.STACK, stack.encode()))
        if own is not None:
            digest = state.digest_of(b"".join(parts))
            own = dataclasses.replace(own, digest=digest, state=self.rest)
            parts.append(e.custom(layout.OWN_STACK, own.encode()))
        parts += (self._datas(), self._trailer())
        return b"".join(parts)

    def _copy(self, number: int) -> bytes:
        section = self.sections.get(number)
        return b"" if section is None else self.data[section.offset : section.end]

    # -- what has changed ------------------------------------------------------------------------

    def _memories(self) -> bytes:
        memories = self.context.memories
        if not memories:
            return b""
        pairs = zip(memories, self.standard.memories, strict=True)
        return e.section(e.MEMORY, e.vector([_memory(kind, pages) for kind, (pages, _) in pairs]))

    def _globals(self) -> bytes:
        section = self.sections.get(e.GLOBAL)
        if section is None:
            return b""
        entries = self.syntax.globals
        ends = [entry.offset for entry in entries[1:]] + [section.end]
        values = self.standard.globals[len(self.context.globals) - len(entries) :]
        items = []
        for entry, end, value in zip(entries, ends, values, strict=True):
            kind = entry.type.value
            if isinstance(kind, t.ReferenceType):
                # No constant can stand for every reference; the value is in our own section.
                items.append(self.data[entry.offset : end])
            else:
                head = bytes((e.TYPE_CODES[kind], entry.type.mutable))
                items.append(head + e.constant(kind, value))
        return e.section(e.GLOBAL, e.vector(items))

    def _exports(self) -> bytes:
        section = self._copy(e.EXPORT)
        return e.custom(layout.EXPORTS, section) if self.hide and section else section

    def _elements(self) -> bytes:
        """Element segments: those of the module, and perhaps one that only names functions.

        A function may be referred to in code only if it is named outside of it, and perhaps it was
        named in the exports, which are hidden now.
        """
        section = self.sections.get(e.ELEMENT)
        names = sorted(self.named_functions - self._declared()) if self.hide else []
        if not names:
            return self._copy(e.ELEMENT)
        old = b""
        if section is not None and self.syntax.elements:
            old = self.data[self.syntax.elements[0].offset : section.end]
        count = len(self.syntax.elements) + 1
        declarative = b"\x03\x00" + e.vector([e.unsigned(index) for index in names])
        self.rest["elements"] = [*self.rest["elements"], []]
        return e.section(e.ELEMENT, e.unsigned(count) + old + declarative)

    def _data_count(self) -> bytes:
        if not self.named_datas:
            return b""
        count = self.named_datas + len(self.images)
        return e.section(e.DATA_COUNT, e.unsigned(count))

    def _datas(self) -> bytes:
        """Data segments that code can name, as far as they are still there, then the memories."""
        pairs = zip(self.syntax.datas, self.standard.datas, strict=True)
        named = [segments.passive(data.content if alive else b"") for data, alive in pairs]
        return e.section(e.DATA, e.vector(named[: self.named_datas] + self.images))

    @cached_property
    def images(self) -> list[bytes]:
        """Data segments that make up the memories."""
        return [
            segments.active(index, kind.address, offset, content)
            for index, (kind, (_, pages)) in enumerate(
                zip(self.context.memories, self.standard.memories, strict=True)
            )
            for offset, content in segments.runs(pages)
        ]

    def _trailer(self) -> bytes:
        """The custom sections behind everything else."""
        sections = self.syntax.sections
        last = max((i for i, s in enumerate(sections) if s.id != e.CUSTOM), default=-1)
        return b"".join(self.data[s.offset : s.end] for s in sections[last + 1 :])

    # -- what code refers to ---------------------------------------------------------------------

    def _named_in_code(self) -> tuple[int, set[int]]:
        """How many data segments code can name, and the functions that it makes references to."""
        datas, functions = 0, set()
        for code in self.syntax.codes:
            for opcode, immediate in code.body.instructions:
                if opcode.mnemonic == "ref.func":
                    functions.add(immediate)
                elif opcode.mnemonic in _DATA_OPERANDS:
                    position = _DATA_OPERANDS[opcode.mnemonic]
                    index = immediate if position is None else immediate[position]
                    datas = max(datas, index + 1)
        return datas, functions

    def _declared(self) -> set[int]:
        """Functions that are named outside of code and exports."""
        declared: set[int] = set()
        for expression in _expressions(self.syntax):
            declared |= {
                immediate
                for opcode, immediate in expression.instructions
                if opcode.mnemonic == "ref.func"
            }
        for element in self.syntax.elements:
            declared.update(element.functions or ())
        return declared


def _memory(kind: t.MemoryType, pages: int) -> bytes:
    maximum = kind.limits.maximum
    if maximum is not None and kind.address is t.I32 and kind.page_size == t.PAGE_SIZE:
        maximum = max(min(maximum, _MAX_PAGES), pages)
    flags = (maximum is not None) | (kind.address is t.I64) << 2
    custom = kind.page_size != t.PAGE_SIZE
    return b"".join(
        (
            bytes((flags | custom << 3,)),
            e.unsigned(pages),
            b"" if maximum is None else e.unsigned(maximum),
            e.unsigned(kind.page_size.bit_length() - 1) if custom else b"",
        )
    )


def _expressions(module: syntax.Module) -> Iterator[syntax.Expression]:
    """Constant expressions that stay as they are."""
    for entry in module.globals:
        yield entry.init
    for table in module.tables:
        if table.init is not None:
            yield table.init
    for element in module.elements:
        if element.start is not None:
            yield element.start
        yield from element.expressions
