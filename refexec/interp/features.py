"""Features of WebAssembly by name, and profiles: the sets of features to accept.

The opcode table says which feature brings an instruction; what else betrays a feature (types,
sections, counts, forms of definitions) is found here by looking over the decoded module. A module
that needs a feature outside the chosen set is refused with `UnsupportedFeatureError`, which names
it. What the features mean is the business of decoder, validator and machine, which always know
all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from refexec.errors import ConfigError, UnsupportedFeatureError
from refexec.interp import syntax
from refexec.interp import types as t
from refexec.interp.opcodes import OPCODES

_WASM1 = frozenset({"mvp", "mutable-globals"})

_GATE = _WASM1 | {"sign-extension", "saturating-float-to-int", "bulk-memory-opt"}

_WASM2 = _GATE | {"multi-value", "bulk-memory", "reference-types", "simd"}

_WASM3 = _WASM2 | {
    "exceptions",
    "extended-const",
    "function-references",
    "gc",
    "memory64",
    "multi-memory",
    "relaxed-simd",
    "tail-call",
}

PROFILES: dict[str, frozenset[str]] = {
    "mvp": frozenset({"mvp"}),
    "gate": _GATE,
    "wasm1": _WASM1,
    "wasm2": _WASM2,
    "wasm3": _WASM3,
    "all": _WASM3 | {"custom-page-sizes", "wide-arithmetic"},
}
"""Sets of features by name.

`mvp` is the first release of 2017; `wasm1`, `wasm2` and `wasm3` are the versions of the
specification; `gate` is what Gate's own compiler accepts; `all` adds the proposals that refexec
knows beyond the specification.
"""

DEFAULT_PROFILE = "wasm3"


def features_of(choice: str | Iterable[str]) -> frozenset[str]:
    """The set of features that a profile name or a collection of feature names stands for.

    Raises ConfigError for a name that is unknown.
    """
    if isinstance(choice, str):
        if choice not in PROFILES:
            raise ConfigError(
                f"unknown feature profile {choice!r}, expected one of {', '.join(PROFILES)}"
            )
        return PROFILES[choice]
    chosen = frozenset(choice)
    unknown = chosen - PROFILES["all"]
    if unknown:
        known = ", ".join(sorted(PROFILES["all"]))
        raise ConfigError(f"unknown feature {min(unknown)!r}, expected some of {known}")
    return chosen | {"mvp"}


def check_features(module: syntax.Module, features: frozenset[str]) -> None:
    """Refuse a module that needs more than `features`, other than by its instructions.

    Raises UnsupportedFeatureError. Instructions are checked while they are validated, by
    `refexec.interp.rules.tables_for`.
    """
    if features >= PROFILES["all"]:
        return
    check = _Checker(features)
    check.definitions(module)
    check.types(module)
    check.segments(module)


def features_used(module: syntax.Module) -> list[str]:
    """Name the features that a valid module needs beyond the first release, sorted."""
    collector = _Collector()
    collector.definitions(module)
    collector.types(module)
    collector.segments(module)
    expressions = [code.body for code in module.codes]
    expressions += [variable.init for variable in module.globals]
    expressions += [table.init for table in module.tables if table.init is not None]
    starts = [*(s.start for s in module.elements), *(s.start for s in module.datas)]
    expressions += [start for start in starts if start is not None]
    for segment in module.elements:
        expressions += segment.expressions
    for expression in expressions:
        for opcode, immediate in expression.instructions:
            collector.found.add(opcode.feature)
            if opcode.immediates[:1] in (("block",), ("handlers",)):
                collector.block(immediate[0] if isinstance(immediate, tuple) else immediate, 0)
    return sorted(collector.found - PROFILES["mvp"])


def check_block_type(block: t.FunctionType, features: frozenset[str], offset: int) -> None:
    """Refuse a block type that needs more than `features`. Raises UnsupportedFeatureError."""
    _Checker(features).block(block, offset)


class _Checker:
    """Compares what is found with what is allowed."""

    def __init__(self, features: frozenset[str]) -> None:
        self.features = features

    def need(self, feature: str, what: str, offset: int | None) -> None:
        """Refuse `what` unless its feature is allowed."""
        if feature not in self.features:
            raise UnsupportedFeatureError(feature, f"{what} needs the feature {feature}", offset)

    def value(self, value: t.StorageType, offset: int | None) -> None:
        """Check the feature of a value type."""
        if value is t.V128:
            self.need("simd", "the type v128", offset)
        if not isinstance(value, t.ReferenceType):
            return
        if value.heap in (t.EXN, t.NOEXN):
            self.need("exceptions", f"the type {value!r}", offset)
        elif value in (t.FUNCREF, t.EXTERNREF):
            self.need("reference-types", f"the type {value!r}", offset)
        elif value.heap in (t.FUNC, t.EXTERN) or isinstance(value.heap, t.DefinedType):
            self.need("function-references", f"the type {value!r}", offset)
        else:
            self.need("gc", f"the type {value!r}", offset)

    def block(self, block: t.FunctionType, offset: int | None) -> None:
        """Check a block type."""
        if block.params or len(block.results) > 1:
            self.need("multi-value", "a block type with parameters or several results", offset)
        for value in (*block.params, *block.results):
            self.value(value, offset)

    def types(self, module: syntax.Module) -> None:
        """Check the type section and the types of locals."""
        for defined, offset in zip(module.types, module.type_offsets, strict=True):
            composite = defined.composite
            if not isinstance(composite, t.FunctionType):
                self.need(
                    "gc",
                    f"a {'struct' if isinstance(composite, t.StructType) else 'array'} type",
                    offset,
                )
            elif not defined.final or defined.supertype or len(defined.group.members) > 1:
                self.need("gc", "a recursive group or subtype", offset)
            else:
                if len(composite.results) > 1:
                    self.need("multi-value", "a function type with several results", offset)
                for value in (*composite.params, *composite.results):
                    self.value(value, offset)
        for code in module.codes:
            for _, value in code.locals:
                self.value(value, code.offset)

    def definitions(self, module: syntax.Module) -> None:
        """Check tables, memories, globals and tags, imported ones included."""
        tables = memories = 0
        mutable: list[bool] = []
        for entry, offset in zip(module.imports, module.import_offsets, strict=True):
            match entry.type:
                case t.TableType():
                    tables += 1
                    self._table(entry.type, offset)
                case t.MemoryType():
                    memories += 1
                    self._memory(entry.type, offset)
                case t.GlobalType():
                    self._global(entry.type, offset)
                    mutable.append(entry.type.mutable)
                    if entry.type.mutable:
                        self.need("mutable-globals", "an imported mutable global", offset)
                case t.TagType():
                    self.need("exceptions", "an imported tag", offset)
        imported = len(mutable)
        for table in module.tables:
            self._table(table.type, table.offset)
            if table.init is not None:
                self.need("function-references", "a table with an initial value", table.offset)
        for memory, offset in zip(module.memories, module.memory_offsets, strict=True):
            self._memory(memory, offset)
        for feature, offset in module.forms.items():
            self.need(feature, "an encoding", offset)
        for variable in module.globals:
            self._global(variable.type, variable.offset)
            self._constant(variable.init, imported)
            mutable.append(variable.type.mutable)
        if tables + len(module.tables) > 1:
            self.need("reference-types", "more than one table", None)
        if memories + len(module.memories) > 1:
            self.need("multi-memory", "more than one memory", None)
        for export in module.exports:
            if export.kind == "global" and export.index < len(mutable) and mutable[export.index]:
                self.need("mutable-globals", "an exported mutable global", export.offset)

    def _table(self, table: t.TableType, offset: int) -> None:
        if table.element != t.FUNCREF:
            self.value(table.element, offset)
        if table.address is t.I64:
            self.need("memory64", "a table with 64-bit addresses", offset)

    def _memory(self, memory: t.MemoryType, offset: int) -> None:
        if memory.address is t.I64:
            self.need("memory64", "a memory with 64-bit addresses", offset)

    def _global(self, variable: t.GlobalType, offset: int) -> None:
        self.value(variable.value, offset)

    def _constant(self, expression: syntax.Expression | None, imported: int) -> None:
        """Check a constant expression; `imported` globals are there for every version."""
        if expression is None:
            return
        for (opcode, immediate), offset in zip(
            expression.instructions, expression.offsets, strict=True
        ):
            if opcode.signature is not None and opcode.signature.params:
                self.need("extended-const", f"{opcode.mnemonic} in a constant expression", offset)
            if opcode.mnemonic == "global.get" and immediate >= imported:
                self.need("gc", "a constant expression that reads a global of the module", offset)

    def segments(self, module: syntax.Module) -> None:
        """Check element and data segments."""
        imported = sum(1 for _ in module.imported("global"))
        if module.data_count is not None:
            self.need("bulk-memory", "a data count section", None)
        for data in module.datas:
            if data.mode == "passive":
                self.need("bulk-memory", "a passive data segment", data.offset)
            self._constant(data.start, imported)
        for element in module.elements:
            if element.mode != "active":
                feature = "bulk-memory" if element.mode == "passive" else "reference-types"
                self.need(feature, f"a {element.mode} element segment", element.offset)
            if element.functions is None:
                self.need("reference-types", "an element segment of expressions", element.offset)
                self.value(element.type, element.offset)
            self._constant(element.start, imported)


class _Collector(_Checker):
    """Notes what is found, and refuses nothing."""

    def __init__(self) -> None:
        super().__init__(frozenset())
        self.found: set[str] = set()

    def need(self, feature: str, what: str, offset: int | None) -> None:
        """Note a feature."""
        self.found.add(feature)


def _known() -> frozenset[str]:
    return frozenset(opcode.feature for opcode in OPCODES.values())


if not _known() <= PROFILES["all"]:
    raise LookupError(f"features of no profile: {sorted(_known() - PROFILES['all'])}")
