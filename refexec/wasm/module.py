"""A module as its user sees it: bytes, digest, imports, exports, backtrace names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from refexec.interp import types as t
from refexec.interp.features import DEFAULT_PROFILE, features_of
from refexec.interp.limits import DEFAULT_LIMITS, Limits
from refexec.interp.names import function_names
from refexec.interp.syntax import ExternalType, function_type_of
from refexec.interp.validation import ValidModule, load_module
from refexec.record import record

if TYPE_CHECKING:
    from refexec.translate.cache import CodeCache

PublicType = t.FunctionType | t.TableType | t.MemoryType | t.GlobalType | t.TagType
"""Type of an import or export."""


@record(frozen=True)
class ImportType:
    """What a module wants to be given."""

    module: str
    name: str
    type: PublicType


@record(frozen=True)
class ExportType:
    """What a module offers."""

    name: str
    type: PublicType


@record(frozen=True)
class BacktraceFrame:
    """A line of a wasm backtrace."""

    function: int
    """Function index in its module."""
    name: str | None
    """Name from the guest, to be escaped where it is shown."""
    offset: int
    """Byte offset in the module of the instruction in progress."""

    def __str__(self) -> str:
        name = "" if self.name is None else f" {self.name!r}"
        return f"function {self.function}{name} at 0x{self.offset:x}"


class Module:
    """A decoded and validated module. Never changes; many instances share it."""

    def __init__(
        self,
        data: bytes,
        limits: Limits = DEFAULT_LIMITS,
        features: str | Iterable[str] = DEFAULT_PROFILE,
        *,
        proven: bool = False,
        cache: CodeCache | None = None,
    ) -> None:
        """Decode and validate.

        `features` is the name of a profile (`refexec.wasm.PROFILES`) or the names of the features
        that the module may need. `proven`: these very bytes have been loaded before, with the same
        limits and features, by somebody who is trusted; then functions are decoded and validated
        only when they are called, which saves most of the time. `cache` keeps what the fast engine
        makes of the module.

        Raises MalformedModuleError or InvalidModuleError, both with the byte offset;
        UnsupportedFeatureError, which names the feature; ImplementationLimitError, which names the
        limit; or ConfigError for an unknown profile or feature.
        """
        self.data = bytes(data)
        """The bytes of the module."""
        self._valid = load_module(self.data, limits, features_of(features), proven=proven)
        if cache is not None:
            self._valid.cache = cache.of(self._valid, self.digest)

    @property
    def valid(self) -> ValidModule:
        """The validated form, for the engines."""
        return self._valid

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def imports(self) -> tuple[ImportType, ...]:
        """Descriptions of the imports, in order."""
        return tuple(
            ImportType(entry.module, entry.name, _public(entry.type))
            for entry in self._valid.syntax.imports
        )

    @cached_property
    def exports(self) -> tuple[ExportType, ...]:
        """Descriptions of the exports, in order."""
        context = self._valid.context
        spaces: dict[str, list[Any]] = {
            "function": context.functions,
            "table": context.tables,
            "memory": context.memories,
            "global": context.globals,
            "tag": context.tags,
        }
        return tuple(
            ExportType(export.name, _public(spaces[export.kind][export.index]))
            for export in self._valid.syntax.exports
        )

    @property
    def has_start(self) -> bool:
        """Whether instantiation calls a start function."""
        return self._valid.syntax.start is not None

    @cached_property
    def function_names(self) -> dict[int, str]:
        """Names of functions by index, as far as the module tells. Guest text."""
        return function_names(self._valid.syntax)


def _public(external: ExternalType) -> PublicType:
    return function_type_of(external) if isinstance(external, t.DefinedType) else external


def backtrace_of(module: Module, frames: Iterable[tuple[Any, int]]) -> tuple[BacktraceFrame, ...]:
    """Describe the machine's backtrace; frames of other modules are named by themselves."""
    names: dict[int, dict[int, str]] = {id(module.valid): module.function_names}
    lines = []
    for frame, pc in frames:
        if frame.function is None:
            continue
        valid = frame.instance.module
        if id(valid) not in names:
            names[id(valid)] = function_names(valid.syntax)
        code = frame.function.code
        lines.append(
            BacktraceFrame(code.index, names[id(valid)].get(code.index), code.offset_of(pc))
        )
    return tuple(lines)
