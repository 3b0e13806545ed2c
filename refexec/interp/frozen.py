"""Machine state <-> plain data: what is frozen is exactly what a configuration holds.

`freeze` turns a module instance, and the machine of its suspended call if there is one, into a
tree of dicts, lists, ints, floats, bytes, strings and None. `thaw` builds both again and trusts
nothing: every step number, operand, local, reference and size is checked against the module, so
that a state that is accepted is one that valid code could have reached. How the tree is written
to bytes is the business of `refexec.snapshot`.

Structures, arrays and exceptions are numbered in the order in which they are reached from the
globals, tables, segments and frames; the walk is iterative, so depth does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NoReturn

from refexec.errors import RefexecError, SnapshotError
from refexec.interp import types as t
from refexec.interp.body import operands_at
from refexec.interp.instantiate import allocate, check_import
from refexec.interp.limits import Limits
from refexec.interp.machine import Frame, Machine
from refexec.interp.store import (
    I31,
    ArrayInstance,
    DataInstance,
    ElementInstance,
    ExceptionInstance,
    ExternalInstance,
    ExternReference,
    FunctionInstance,
    HostFunctionInstance,
    HostReference,
    ModuleInstance,
    Store,
    StructInstance,
    reference_matches,
)
from refexec.interp.syntax import function_type_of
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.interp.values import f64_to_bits

STATE_FORMAT = 1
"""Version of the tree."""

_PAGE = t.PAGE_SIZE

_CALLS = frozenset({"call", "call_indirect", "call_ref"})


# -- freezing ------------------------------------------------------------------------------------


class _Freezer:
    """Numbers objects and writes values."""

    def __init__(self, instance: ModuleInstance) -> None:
        self.instance = instance
        self.functions = {id(f): i for i, f in reversed(list(enumerate(instance.functions)))}
        self.types = {id(d): i for i, d in reversed(list(enumerate(instance.module.context.types)))}
        self.tags = {id(tag): i for i, tag in enumerate(instance.tags)}
        self.numbers: dict[int, int] = {}
        self.objects: list[Any] = []

    def value(self, value: Any, where: str) -> Any:
        """Write one value; objects become their numbers."""
        match value:
            case None | int() | float() | bytes():
                return value
            case FunctionInstance() | HostFunctionInstance():
                index = self.functions.get(id(value))
                if index is None:
                    raise SnapshotError(f"{where} holds a function of another instance")
                return ["function", index]
            case I31():
                return ["i31", value.bits]
            case ExternReference():
                return ["extern", self.value(value.inner, where)]
            case HostReference():
                raise SnapshotError(f"{where} holds an object of the host that has no name")
        number = self.numbers.get(id(value))
        if number is None:
            number = len(self.objects)
            self.numbers[id(value)] = number
            self.objects.append(value)
        return ["object", number]

    def values(self, values: Sequence[Any], where: str) -> list[Any]:
        """Write several values."""
        return [self.value(value, where) for value in values]

    def written_objects(self) -> list[Any]:
        """Write the objects reached so far, which reaches more, until none is new."""
        written: list[Any] = []
        while len(written) < len(self.objects):
            value = self.objects[len(written)]
            where = f"object {len(written)}"
            if isinstance(value, ExceptionInstance):
                index = self.tags.get(id(value.tag))
                if index is None:
                    raise SnapshotError(f"{where} is an exception with a foreign tag")
                written.append(["exception", index, self.values(value.values, where)])
                continue
            kind = "struct" if isinstance(value, StructInstance) else "array"
            index = self.types.get(id(value.type))
            if index is None:
                raise SnapshotError(f"{where} has a type of another module")
            written.append([kind, index, self.values(value.values, where)])
        return written


def freeze(instance: ModuleInstance, machine: Machine | None) -> dict[str, Any]:
    """Write an instance that is alone in its store, with its suspended call if there is one.

    Raises SnapshotError if state is shared with, or held by, something outside.
    """
    syntax = instance.module.syntax
    for entry in syntax.imports:
        if entry.kind != "function":
            raise SnapshotError(
                f"import {entry.module!r} {entry.name!r} is a {entry.kind} that is shared with "
                "the outside; freeze the store instead"
            )
    freezer = _Freezer(instance)
    tree: dict[str, Any] = {
        "format": STATE_FORMAT,
        "globals": [
            freezer.value(entry.value, f"global {index}")
            for index, entry in enumerate(instance.globals)
        ],
        "tables": [
            {
                "size": len(table.elements),
                "elements": [
                    [position, freezer.value(reference, f"table {index}")]
                    for position, reference in enumerate(table.elements)
                    if reference is not None
                ],
            }
            for index, table in enumerate(instance.tables)
        ],
        "memories": [
            {"pages": memory.pages, "chunks": [list(piece) for piece in memory.used_pages()]}
            for memory in instance.memories
        ],
        "elements": [
            freezer.values(segment.values, f"element segment {index}")
            for index, segment in enumerate(instance.elements)
        ],
        "datas": [bool(data.content) for data in instance.datas],
        "frames": [
            {
                "function": _own_function(freezer, frame),
                "pc": frame.pc,
                "locals": freezer.values(frame.locals, f"frame {index}"),
                "stack": freezer.values(frame.stack, f"frame {index}"),
            }
            for index, frame in enumerate(machine.frames if machine is not None else ())
        ],
    }
    if machine is not None and machine.pending is not None:
        function, args = machine.pending
        tree["pending"] = {
            "function": freezer.value(function, "the call of the host")[1],
            "args": freezer.values(args, "the call of the host"),
        }
    tree["objects"] = freezer.written_objects()
    return tree


def _own_function(freezer: _Freezer, frame: Frame) -> int:
    index = freezer.functions.get(id(frame.function))
    if index is None or frame.instance is not freezer.instance:
        raise SnapshotError("the suspended call runs in another instance; freeze the store instead")
    return index


# -- thawing -------------------------------------------------------------------------------------


def thaw(
    store: Store,
    module: ValidModule,
    imports: Sequence[ExternalInstance],
    tree: Any,
    machine: Machine,
) -> ModuleInstance:
    """Build the instance, and the frames of its suspended call into `machine`.

    Raises SnapshotError for anything that valid code could not have left behind, and LinkError
    if an import does not fit.
    """
    for entry, external in zip(module.syntax.imports, imports, strict=True):
        check_import(entry, external)
    return _Thawer(store, module, imports, machine).build(tree)


def _refuse(where: str, expected: str, found: Any) -> NoReturn:
    raise SnapshotError(f"{where}: expected {expected}, found {type(found).__name__} {found!r:.60}")


def _list(where: str, value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list | tuple) or length not in (None, len(value)):
        _refuse(where, "a list" if length is None else f"{length} items", value)
    return list(value)


def _number(where: str, value: Any, below: int) -> int:
    if type(value) is not int or not 0 <= value < below:
        _refuse(where, f"a number below {below}", value)
    return value


def _field(where: str, tree: Any, key: str) -> Any:
    if not isinstance(tree, dict) or key not in tree:
        raise SnapshotError(f"{where}: {key} is missing")
    return tree[key]


class _Thawer:
    """Reads the tree against the module."""

    def __init__(
        self,
        store: Store,
        module: ValidModule,
        imports: Sequence[ExternalInstance],
        machine: Machine,
    ) -> None:
        self.limits: Limits = store.limits
        self.store = store
        self.module = module
        self.machine = machine
        self.instance = allocate(store, module, imports)
        self.objects: list[Any] = []

    def build(self, tree: Any) -> ModuleInstance:
        version = _field("state", tree, "format")
        if version != STATE_FORMAT:
            raise SnapshotError(f"state has format {version!r:.20}, expected {STATE_FORMAT}")
        try:
            self._objects(_field("state", tree, "objects"))
            self._globals(_field("state", tree, "globals"))
            self._tables(_field("state", tree, "tables"))
            self._memories(_field("state", tree, "memories"))
            self._segments(_field("state", tree, "elements"), _field("state", tree, "datas"))
            self._frames(_field("state", tree, "frames"))
            if "pending" in tree:
                self._pending(tree["pending"])
        except SnapshotError:
            raise
        except RefexecError as error:
            raise SnapshotError(f"state cannot be restored: {error}") from error
        self.store.instances.append(self.instance)
        return self.instance

    # -- values ----------------------------------------------------------------------------------

    def value(self, where: str, written: Any, expected: t.ValueType) -> Any:
        """Read a value of an expected type."""
        if isinstance(expected, t.ReferenceType):
            reference = self._reference(where, written)
            if not reference_matches(reference, expected):
                _refuse(where, repr(expected), written)
            return reference
        if expected is t.I32:
            return _number(where, written, 1 << 32)
        if expected is t.I64:
            return _number(where, written, 1 << 64)
        if expected is t.V128:
            if type(written) is not bytes or len(written) != 16:
                _refuse(where, "16 bytes", written)
            return written
        if type(written) is not float:
            _refuse(where, "a float", written)
        if expected is t.F32 and f64_to_bits(written) & 0x1FFFFFFF:
            # An f32 has 29 bits of precision less than the float that holds it.
            _refuse(where, "a 32-bit float", written)
        return written

    def _reference(self, where: str, written: Any) -> Any:
        if written is None:
            return None
        kind, payload = _list(where, written, 2)
        if kind == "function":
            functions = self.instance.functions
            return functions[_number(where, payload, len(functions))]
        if kind == "i31":
            return I31(_number(where, payload, 1 << 31))
        if kind == "object":
            return self.objects[_number(where, payload, len(self.objects))]
        if kind == "extern":
            # Never one inside of another, so this goes no deeper.
            if not isinstance(payload, list | tuple) or "extern" in payload:
                _refuse(where, "a reference to any", payload)
            inner = self._reference(where, payload)
            if not reference_matches(inner, t.ReferenceType(False, t.ANY)):
                _refuse(where, "a reference to any", payload)
            return ExternReference(inner)
        _refuse(where, "a reference", written)

    def _objects(self, written: Any) -> None:
        items = [_list(f"object {i}", item, 3) for i, item in enumerate(_list("objects", written))]
        # References go in any direction, so all objects are made before any is filled.
        types: list[list[t.FieldType] | None] = []
        heap = self.instance.heap
        for number, (kind, index, values) in enumerate(items):
            where = f"object {number}"
            contents = _list(where, values)
            if kind == "exception":
                tag = self.instance.tags[_number(where, index, len(self.instance.tags))]
                self.objects.append(ExceptionInstance(heap, tag, [None] * len(contents)))
                types.append([t.FieldType(p, False) for p in tag.type.function.params])
                continue
            context = self.module.context
            defined = context.types[_number(where, index, len(context.types))]
            composite = defined.composite
            if kind == "struct" and isinstance(composite, t.StructType):
                self.objects.append(StructInstance(heap, defined, [None] * len(contents)))
                types.append(list(composite.fields))
            elif kind == "array" and isinstance(composite, t.ArrayType):
                self.objects.append(ArrayInstance(heap, defined, len(contents), None))
                types.append([composite.element] * len(contents))
            else:
                _refuse(where, f"an object of type {defined!r}", kind)
        for number, (_, _, values) in enumerate(items):
            where = f"object {number}"
            fields = types[number] or []
            contents = _list(where, values, len(fields))
            self.objects[number].values[:] = [
                self._stored(where, content, field)
                for content, field in zip(contents, fields, strict=True)
            ]

    def _stored(self, where: str, written: Any, field: t.FieldType) -> Any:
        if isinstance(field.storage, t.PackedType):
            return _number(where, written, 1 << field.storage.bits)
        return self.value(where, written, field.storage)

    # -- the store -------------------------------------------------------------------------------

    def _globals(self, written: Any) -> None:
        entries = self.instance.globals
        for index, (entry, value) in enumerate(
            zip(entries, _list("globals", written, len(entries)), strict=True)
        ):
            entry.value = self.value(f"global {index}", value, entry.type.value)

    def _tables(self, written: Any) -> None:
        tables = self.instance.tables
        for index, (table, item) in enumerate(
            zip(tables, _list("tables", written, len(tables)), strict=True)
        ):
            where = f"table {index}"
            size = _number(where, _field(where, item, "size"), table.limit + 1)
            if size < table.type.limits.minimum:
                raise SnapshotError(f"{where}: size {size} is below the declared minimum")
            elements: list[Any] = [None] * size
            for pair in _list(where, _field(where, item, "elements")):
                position, reference = _list(where, pair, 2)
                elements[_number(where, position, size)] = self.value(
                    where, reference, table.type.element
                )
            if not table.type.element.nullable and None in elements:
                raise SnapshotError(f"{where}: an element is missing")
            table.elements = elements

    def _memories(self, written: Any) -> None:
        memories = self.instance.memories
        for index, (memory, item) in enumerate(
            zip(memories, _list("memories", written, len(memories)), strict=True)
        ):
            where = f"memory {index}"
            pages = _number(where, _field(where, item, "pages"), memory.limit + 1)
            if pages < memory.pages:
                raise SnapshotError(f"{where}: {pages} pages are below the declared minimum")
            memory.grow(pages - memory.pages)
            for pair in _list(where, _field(where, item, "chunks")):
                number, content = _list(where, pair, 2)
                start = _number(where, number, memory.size // _PAGE + 1) * _PAGE
                if type(content) is not bytes or len(content) != min(_PAGE, memory.size - start):
                    _refuse(f"{where}, chunk {number}", "the bytes of a page", content)
                memory.write(start, content)

    def _segments(self, elements: Any, datas: Any) -> None:
        segments: list[ElementInstance] = self.instance.elements
        syntax = self.module.syntax
        for index, (segment, values) in enumerate(
            zip(segments, _list("element segments", elements, len(segments)), strict=True)
        ):
            where = f"element segment {index}"
            items = _list(where, values)
            if len(items) not in (0, len(syntax.elements[index])):
                _refuse(where, "all of its elements, or none", values)
            segment.values = [self.value(where, item, segment.type) for item in items]
        blobs: list[DataInstance] = self.instance.datas
        for index, (data, alive) in enumerate(
            zip(blobs, _list("data segments", datas, len(blobs)), strict=True)
        ):
            if type(alive) is not bool:
                _refuse(f"data segment {index}", "whether it is still there", alive)
            if not alive:
                data.content = b""

    # -- frames ----------------------------------------------------------------------------------

    def _frames(self, written: Any) -> None:
        items = _list("frames", written)
        places = [self._place(f"frame {depth}", item) for depth, item in enumerate(items)]
        operands = self._operands(places)
        expected: tuple[t.ValueType, ...] | None = None
        for depth, (item, (function, pc)) in enumerate(zip(items, places, strict=True)):
            where = f"frame {depth}"
            code = function.code
            if expected is not None and not t.results_match(function.type.results, expected):
                raise SnapshotError(f"{where}: function {code.index} is not what its caller called")
            types = operands[code][pc]
            if types is None:
                raise SnapshotError(f"{where}: step {pc} cannot be reached")
            if depth < len(items) - 1:
                expected = self._awaited(where, code, pc)
                types = types[: len(types) - len(expected)]
            self.machine.check_room(code)
            self.machine.push_frame(function, [])
            frame = self.machine.frames[-1]
            frame.pc = pc
            frame.locals = self._locals(where, _field(where, item, "locals"), code.local_types)
            stack = _list(where, _field(where, item, "stack"), len(types))
            frame.stack = [
                self.value(where, value, value_type)
                for value, value_type in zip(stack, types, strict=True)
            ]

    def _place(self, where: str, item: Any) -> tuple[FunctionInstance, int]:
        """Which function a frame runs, and the number of its next step."""
        functions = self.instance.functions
        index = _number(where, _field(where, item, "function"), len(functions))
        function = functions[index]
        if not isinstance(function, FunctionInstance) or function.instance is not self.instance:
            raise SnapshotError(f"{where}: function {index} is imported")
        steps = 1 + len(function.code.body.instructions)
        return function, _number(where, _field(where, item, "pc"), steps)

    def _operands(
        self, places: list[tuple[FunctionInstance, int]]
    ) -> dict[FunctionCode, dict[int, list[t.ValueType] | None]]:
        """Operand types at each place. Every function is gone through once, however deep."""
        steps: dict[FunctionCode, set[int]] = {}
        for function, pc in places:
            steps.setdefault(function.code, set()).add(pc)
        return {
            code: operands_at(
                self.module.context,
                code.body,
                code.local_types,
                len(code.type.params),
                code.type.results,
                wanted,
            )
            for code, wanted in steps.items()
        }

    def _pending(self, written: Any) -> None:
        """Read the call of a function of the host that stands in place of frames."""
        where = "pending call"
        functions = self.instance.functions
        function = functions[_number(where, _field(where, written, "function"), len(functions))]
        if not isinstance(function, HostFunctionInstance) or self.machine.frames:
            raise SnapshotError(f"{where}: expected a function of the host, and no frames")
        types = function.type.params
        args = _list(where, _field(where, written, "args"), len(types))
        self.machine.pending = (
            function,
            [self.value(where, arg, param) for arg, param in zip(args, types, strict=True)],
        )

    def _locals(self, where: str, written: Any, types: Sequence[t.ValueType]) -> list[Any]:
        values = _list(where, written, len(types))
        return [
            # A local without a default value holds null until it is first set; that it was set
            # where it matters is proved for code, not for states, and null only traps.
            None
            if value is None and isinstance(value_type, t.ReferenceType)
            else self.value(where, value, value_type)
            for value, value_type in zip(values, types, strict=True)
        ]

    def _awaited(self, where: str, code: FunctionCode, pc: int) -> tuple[t.ValueType, ...]:
        """The results that a frame waits for, whose last step was a call."""
        callee = self._callee(code, pc - 1)
        if callee is None:
            raise SnapshotError(f"{where}: step {pc} does not follow a call")
        return callee.results

    def _callee(self, code: FunctionCode, pc: int) -> t.FunctionType | None:
        """Type of the function that the call in step `pc` calls."""
        if pc < 1:
            return None
        opcode, immediate = code.body.instructions[pc - 1]
        if opcode.mnemonic not in _CALLS:
            return None
        context = self.module.context
        if opcode.mnemonic == "call":
            return function_type_of(context.functions[immediate])
        index = immediate[0] if opcode.mnemonic == "call_indirect" else immediate
        return function_type_of(context.types[index])


# -- digest --------------------------------------------------------------------------------------


def digest(tree: dict[str, Any]) -> str:
    """SHA-256 of a canonical encoding of a state, in hexadecimal."""
    hasher = hashlib.sha256()
    pending: list[Any] = [tree]
    while pending:
        item = pending.pop()
        match item:
            case None:
                hasher.update(b"n")
            case bool():
                hasher.update(b"t" if item else b"f")
            case int():
                hasher.update(b"i%d;" % item)
            case float():
                hasher.update(b"d%016x" % f64_to_bits(item))
            case bytes():
                hasher.update(b"b%d;" % len(item) + item)
            case str():
                encoded = item.encode()
                hasher.update(b"s%d;" % len(encoded) + encoded)
            case dict():
                hasher.update(b"m%d;" % len(item))
                for key in sorted(item, reverse=True):
                    pending += (item[key], key)
            case list() | tuple():
                hasher.update(b"l%d;" % len(item))
                pending.extend(reversed(item))
            case _:
                raise TypeError(f"no plain data: {item!r}")
    return hasher.hexdigest()
