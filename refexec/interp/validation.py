"""Validation of modules (Validation 3.5): `syntax.Module` -> `ValidModule`, or an error.

Everything is decided here, before anything runs: a valid module never meets a Python error at run
time. The rules for instruction sequences are in `refexec.interp.body`. A `ValidModule` belongs to
no store and is never changed; many instances share one.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from refexec.errors import (
    ImplementationLimitError,
    InvalidModuleError,
    ModuleError,
    UnsupportedFeatureError,
)
from refexec.interp import syntax
from refexec.interp import types as t
from refexec.interp.binary import decode_module
from refexec.interp.body import Body, validate_body, validate_constant
from refexec.interp.checker import Context
from refexec.interp.features import DEFAULT_PROFILE, PROFILES, check_features
from refexec.interp.limits import DEFAULT_LIMITS, Limits
from refexec.interp.values import default_value
from refexec.record import field, record


@record(eq=False)
class FunctionCode:
    """A function that a module defines, ready to be executed. Instances share it."""

    index: int
    """Function index in the module."""
    type: t.FunctionType
    local_types: tuple[t.ValueType, ...]
    """Types of all locals, parameters first."""
    defaults: list[Any]
    """Initial values of the locals after the parameters."""
    body: Body
    offset: int
    """Byte offset of the function entry."""
    slots: int
    """Locals and operand slots that a frame takes from `Limits.slots`."""
    steps: list[Any] | None = None
    """The body in the machine's form; made by the machine at the first call."""
    translations: Any = None
    """What another engine has made of the function; the machine has no use for it."""
    signs: Any = None
    """What another engine has found out about its locals; as well."""
    deposits: Any = None
    """What another engine has found out about its fuel; as well."""

    def offset_of(self, pc: int) -> int:
        """Byte offset in the module of step `pc`; step 0 is the function entry."""
        return self.body.offsets[pc - 1] if pc else self.offset


@record(eq=False)
class ConstantCode:
    """A validated constant expression."""

    body: Body
    steps: list[Any] | None = None
    """As in `FunctionCode`."""


@record(eq=False)
class ValidModule:
    """A module that has passed validation."""

    syntax: syntax.Module
    context: Context
    """All index spaces, with their types."""
    functions: list[FunctionCode] = field(default_factory=list)
    """The functions that the module defines, without imported ones."""
    table_inits: list[ConstantCode | None] = field(default_factory=list)
    global_inits: list[ConstantCode] = field(default_factory=list)
    element_starts: list[ConstantCode | None] = field(default_factory=list)
    element_values: list[list[ConstantCode] | None] = field(default_factory=list)
    """Element expressions of each segment; None for a segment of function indices."""
    data_starts: list[ConstantCode | None] = field(default_factory=list)
    cache: Any = None
    """Where another engine keeps what it has made of the functions; the machine has no use for
    it."""

    @property
    def imported_functions(self) -> int:
        """Number of imported functions, which come first in the index space."""
        return len(self.context.functions) - len(self.functions)


def load_module(
    data: bytes,
    limits: Limits = DEFAULT_LIMITS,
    features: frozenset[str] = PROFILES[DEFAULT_PROFILE],
    *,
    proven: bool = False,
) -> ValidModule:
    """Decode and validate a module that needs nothing beyond `features`.

    `proven`: the same has been done before, with success. Then a function's body is decoded and
    validated only when it is needed, which its first call does.

    Raises MalformedModuleError, InvalidModuleError, UnsupportedFeatureError or
    ImplementationLimitError.
    """
    with _without_cycle_collection():
        module = decode_module(data, limits, proven=proven)
        return validate_module(module, limits, features, proven=proven)


@contextmanager
def _without_cycle_collection() -> Iterator[None]:
    """Keep Python from looking for unreachable cycles, of which loading makes none.

    A large module becomes millions of tuples that all stay; walking over them again and again
    would take a third of the time to load.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def validate_module(
    module: syntax.Module,
    limits: Limits = DEFAULT_LIMITS,
    features: frozenset[str] = PROFILES[DEFAULT_PROFILE],
    *,
    proven: bool = False,
) -> ValidModule:
    """Validate a decoded module (rule `valid-module`). `proven` is explained at `load_module`."""
    check_features(module, features)
    return _ModuleValidator(module, limits, features, proven).run()


@contextmanager
def _within(where: str) -> Iterator[None]:
    """Name the place in errors that have none yet."""
    try:
        yield
    except ImplementationLimitError as error:
        if error.where is not None:
            raise
        raise ImplementationLimitError(error.limit, error.message, error.offset, where) from None
    except UnsupportedFeatureError as error:
        raise UnsupportedFeatureError(
            error.feature, error.message, error.offset, error.where or where
        ) from None
    except ModuleError as error:
        if error.where is not None:
            raise
        raise type(error)(error.message, error.offset, where) from None


class _ModuleValidator:
    """Builds the context part by part, in the order in which parts may refer to each other."""

    def __init__(
        self, module: syntax.Module, limits: Limits, features: frozenset[str], proven: bool
    ) -> None:
        self.module = module
        self.proven = proven
        self.limits = limits
        self.context = Context(limits, features)
        self.result = ValidModule(module, self.context)

    def run(self) -> ValidModule:
        self._types()
        self._imports()
        self._functions()
        self._tables_and_memories()
        self._limit("tables", len(self.context.tables), "tables")
        self._limit("memories", len(self.context.memories), "memories")
        self._tags()
        self._declared_functions()
        self._table_inits()
        self._globals()
        self._exports()
        self._start()
        self._elements()
        self._datas()
        self._bodies()
        return self.result

    def _limit(self, name: str, count: int, what: str, offset: int | None = None) -> None:
        allowed = getattr(self.limits, name)
        if count > allowed:
            raise ImplementationLimitError(
                name, f"{count} {what} exceed the limit of {allowed}", offset
            )

    # -- types -----------------------------------------------------------------------------------

    def _types(self) -> None:
        self.context.types = self.module.types
        self._limit("types", len(self.module.types), "types")
        with _within("type section"):
            for defined, offset in zip(self.module.types, self.module.type_offsets, strict=True):
                self._defined_type(defined, offset)

    def _defined_type(self, defined: t.DefinedType, offset: int) -> None:
        composite = defined.composite
        if isinstance(composite, t.FunctionType):
            self._limit("params", len(composite.params), "parameters", offset)
            self._limit("params", len(composite.results), "results", offset)
        elif isinstance(composite, t.StructType):
            self._limit("fields", len(composite.fields), "fields", offset)
        self._limit("subtyping_depth", defined.depth, "levels of subtyping", offset)
        supertype = defined.supertype
        if supertype is None:
            return
        if supertype.final:
            raise InvalidModuleError("sub type: the supertype is final", offset)
        if not t.composite_matches(composite, supertype.composite):
            raise InvalidModuleError(
                f"sub type: {composite} does not match its supertype {supertype.composite}", offset
            )

    def _table_type(self, table: t.TableType, offset: int) -> None:
        self._range(table.limits, 32 if table.address is t.I32 else 64, "table", offset)

    def _memory_type(self, memory: t.MemoryType, offset: int) -> None:
        if memory.page_size not in (1, t.PAGE_SIZE):
            raise InvalidModuleError(
                f"invalid custom page size {memory.page_size}: expected 1 or 65536", offset
            )
        bits = (32 if memory.address is t.I32 else 64) - (memory.page_size.bit_length() - 1)
        self._range(memory.limits, bits, "memory", offset)

    def _range(self, limits: t.Limits, bits: int, what: str, offset: int) -> None:
        # A table or byte-paged memory counts to 2^n - 1, memories in 64 KiB pages to 2^n.
        most = (1 << bits) if bits in (16, 48) else (1 << bits) - 1
        for bound in (limits.minimum, limits.maximum):
            if bound is not None and bound > most:
                raise InvalidModuleError(f"{what} size {bound} must be at most {most}", offset)
        if limits.maximum is not None and limits.minimum > limits.maximum:
            raise InvalidModuleError(
                f"size minimum {limits.minimum} must not be greater than maximum {limits.maximum}",
                offset,
            )

    # -- imports and declarations ----------------------------------------------------------------

    def _imports(self) -> None:
        context = self.context
        with _within("import section"):
            for entry, offset in zip(self.module.imports, self.module.import_offsets, strict=True):
                match entry.type:
                    case t.DefinedType():
                        context.functions.append(entry.type)
                    case t.TableType():
                        self._table_type(entry.type, offset)
                        context.tables.append(entry.type)
                    case t.MemoryType():
                        self._memory_type(entry.type, offset)
                        context.memories.append(entry.type)
                    case t.GlobalType():
                        context.globals.append(entry.type)
                    case t.TagType():
                        self._tag_type(entry.type, offset)
                        context.tags.append(entry.type)

    def _tag_type(self, tag: t.TagType, offset: int | None) -> None:
        if tag.function.results:
            raise InvalidModuleError("non-empty tag result type", offset)

    def _functions(self) -> None:
        functions = self.context.functions
        self._limit("functions", len(functions) + len(self.module.function_types), "functions")
        with _within("function section"):
            for index in self.module.function_types:
                functions.append(self._function_type(index))

    def _function_type(self, index: int) -> t.DefinedType:
        if index >= len(self.module.types):
            raise InvalidModuleError(f"unknown type {index}")
        defined = self.module.types[index]
        if not isinstance(defined.composite, t.FunctionType):
            raise InvalidModuleError(f"type {index} is not a function type")
        return defined

    def _tables_and_memories(self) -> None:
        with _within("table section"):
            for table in self.module.tables:
                self._table_type(table.type, table.offset)
                self.context.tables.append(table.type)
        with _within("memory section"):
            for memory, offset in zip(
                self.module.memories, self.module.memory_offsets, strict=True
            ):
                self._memory_type(memory, offset)
                self.context.memories.append(memory)

    def _tags(self) -> None:
        with _within("tag section"):
            for index in self.module.tags:
                tag = t.TagType(self._function_type(index))
                self._tag_type(tag, None)
                self.context.tags.append(tag)

    # -- constant expressions --------------------------------------------------------------------

    def _constant(self, expression: syntax.Expression, result: t.ValueType) -> ConstantCode:
        return ConstantCode(validate_constant(self.context, expression, result))

    def _declared_functions(self) -> None:
        """Collect the functions named outside of bodies, which `ref.func` may then use."""
        module, declared = self.module, self.context.declared
        expressions = [entry.init for entry in module.globals]
        expressions += [table.init for table in module.tables if table.init is not None]
        for element in module.elements:
            declared.update(element.functions or ())
            expressions += element.expressions
            expressions += [element.start] if element.start is not None else []
        expressions += [data.start for data in module.datas if data.start is not None]
        for expression in expressions:
            for opcode, immediate in expression.instructions:
                if opcode.mnemonic == "ref.func":
                    declared.add(immediate)
        declared.update(e.index for e in module.exports if e.kind == "function")

    def _table_inits(self) -> None:
        with _within("table section"):
            for table in self.module.tables:
                if table.init is None:
                    if not table.type.element.nullable:
                        raise InvalidModuleError(
                            f"type mismatch: a table of {table.type.element} needs an "
                            "initial value",
                            table.offset,
                        )
                    self.result.table_inits.append(None)
                else:
                    self.result.table_inits.append(self._constant(table.init, table.type.element))

    def _globals(self) -> None:
        with _within("global section"):
            for entry in self.module.globals:
                # A global may be initialised from the globals before it, not from itself.
                code = self._constant(entry.init, entry.type.value)
                self.result.global_inits.append(code)
                self.context.globals.append(entry.type)

    # -- exports and start -----------------------------------------------------------------------

    def _exports(self) -> None:
        context = self.context
        sizes = {
            "function": len(context.functions),
            "table": len(context.tables),
            "memory": len(context.memories),
            "global": len(context.globals),
            "tag": len(context.tags),
        }
        seen: set[str] = set()
        with _within("export section"):
            for export in self.module.exports:
                if export.index >= sizes[export.kind]:
                    raise InvalidModuleError(f"unknown {export.kind} {export.index}", export.offset)
                if export.name in seen:
                    raise InvalidModuleError(
                        f"duplicate export name {export.name!r}", export.offset
                    )
                seen.add(export.name)

    def _start(self) -> None:
        index = self.module.start
        if index is None:
            return
        with _within("start section"):
            if index >= len(self.context.functions):
                raise InvalidModuleError(f"unknown function {index}", self.module.start_offset)
            function = syntax.function_type_of(self.context.functions[index])
            if function.params or function.results:
                raise InvalidModuleError(
                    f"start function: expected type () -> (), found {function}",
                    self.module.start_offset,
                )

    # -- segments --------------------------------------------------------------------------------

    def _elements(self) -> None:
        context = self.context
        with _within("element section"):
            for element in self.module.elements:
                for index in element.functions or ():
                    if index >= len(context.functions):
                        raise InvalidModuleError(f"unknown function {index}", element.offset)
                self.result.element_values.append(
                    None
                    if element.functions is not None
                    else [self._constant(e, element.type) for e in element.expressions]
                )
                self.result.element_starts.append(self._element_start(element))
        context.elements = self.module.elements

    def _element_start(self, element: syntax.Element) -> ConstantCode | None:
        if element.start is None:
            return None
        if element.table >= len(self.context.tables):
            raise InvalidModuleError(f"unknown table {element.table}", element.offset)
        table = self.context.tables[element.table]
        if not t.value_matches(element.type, table.element):
            raise InvalidModuleError(
                f"type mismatch: segment of {element.type} in a table of {table.element}",
                element.offset,
            )
        return self._constant(element.start, table.address)

    def _datas(self) -> None:
        context = self.context
        context.data_count = len(self.module.datas)
        with _within("data section"):
            for data in self.module.datas:
                start = None
                if data.start is not None:
                    if data.memory >= len(context.memories):
                        raise InvalidModuleError(f"unknown memory {data.memory}", data.offset)
                    start = self._constant(data.start, context.memories[data.memory].address)
                self.result.data_starts.append(start)

    # -- bodies ----------------------------------------------------------------------------------

    def _bodies(self) -> None:
        self._limit("all_locals", self._count_locals(), "locals of all functions")
        first = len(self.context.functions) - len(self.module.codes)
        for index, code in enumerate(self.module.codes, first):
            with _within(f"function {index}"):
                self.result.functions.append(self._body(index, code))

    def _count_locals(self) -> int:
        """Locals of all functions, counted before any list of them is made."""
        types = self.context.functions[len(self.context.functions) - len(self.module.codes) :]
        return sum(
            len(syntax.function_type_of(defined).params) + sum(count for count, _ in code.locals)
            for defined, code in zip(types, self.module.codes, strict=True)
        )

    def _body(self, index: int, code: syntax.Code) -> FunctionCode:
        function = syntax.function_type_of(self.context.functions[index])
        locals_: list[t.ValueType] = list(function.params)
        for count, value in code.locals:
            locals_.extend([value] * count)
        self._limit("locals", len(locals_), "locals", code.offset)
        defaults = [
            default_value(value) if t.is_defaultable(value) else None
            for value in locals_[len(function.params) :]
        ]

        def validate() -> Body:
            return validate_body(
                self.context, code.body, locals_, len(function.params), function.results
            )

        if self.proven:
            return _UnreadCode(index, function, tuple(locals_), defaults, code.offset, validate)
        body = validate()
        return FunctionCode(
            index,
            function,
            tuple(locals_),
            defaults,
            body,
            code.offset,
            len(locals_) + body.height,
        )


class _UnreadCode(FunctionCode):
    """A function whose body is validated when somebody looks at it."""

    __slots__ = ("_validate",)

    def __init__(
        self,
        index: int,
        function: t.FunctionType,
        local_types: tuple[t.ValueType, ...],
        defaults: list[Any],
        offset: int,
        validate: Callable[[], Body],
    ) -> None:
        self.index = index
        self.type = function
        self.local_types = local_types
        self.defaults = defaults
        self.offset = offset
        self.steps = None
        self.translations = self.signs = self.deposits = None
        self._validate = validate

    def __getattr__(self, name: str) -> Any:
        # It is called for what has not been set.
        if name not in ("body", "slots"):
            raise AttributeError(name)
        self.body = self._validate()
        self.slots = len(self.local_types) + self.body.height
        return getattr(self, name)
