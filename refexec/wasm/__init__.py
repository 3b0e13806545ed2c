"""Embedding WebAssembly without processes: modules, instances, calls, freezing.

    module = wasm.Module(data)
    instance = wasm.Instance(module, fuel=1_000_000)
    instance.invoke("fib", 24)

`Module` decodes and validates; `Instance` runs; a call ends as `Returned`, `Trapped`, `Threw` or
`Suspended`, and a suspended one can be resumed, or frozen and thawed elsewhere. Everything else in
refexec that runs WebAssembly is built on this package. Processes, packets and the Gate ABI are
not part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refexec.errors import Restart
from refexec.interp.features import DEFAULT_PROFILE, PROFILES
from refexec.interp.limits import DEFAULT_LIMITS, Limits
from refexec.interp.types import (
    ANYREF,
    ARRAYREF,
    EQREF,
    EXNREF,
    EXTERNREF,
    F32,
    F64,
    FUNCREF,
    I31REF,
    I32,
    I64,
    STRUCTREF,
    V128,
    FunctionType,
    GlobalType,
    MemoryType,
    ReferenceType,
    TableType,
    TagType,
    ValueType,
)
from refexec.interp.types import Limits as SizeLimits
from refexec.wasm.engines import DEFAULT_ENGINE, ENGINES, REFERENCE_ENGINE, engine_for
from refexec.wasm.instance import Instance
from refexec.wasm.module import BacktraceFrame, ExportType, ImportType, Module
from refexec.wasm.objects import ExportedFunction, Global, HostFunction, Memory, Table, Tag
from refexec.wasm.outcomes import Outcome, Returned, Suspended, Threw, Trapped
from refexec.wasm.store import Store
from refexec.wasm.values import Reference

if TYPE_CHECKING:
    from refexec.translate.cache import CodeCache as CodeCache

__all__ = [
    "ANYREF",
    "ARRAYREF",
    "DEFAULT_ENGINE",
    "DEFAULT_LIMITS",
    "DEFAULT_PROFILE",
    "ENGINES",
    "EQREF",
    "EXNREF",
    "EXTERNREF",
    "F32",
    "F64",
    "FUNCREF",
    "I31REF",
    "I32",
    "I64",
    "PROFILES",
    "REFERENCE_ENGINE",
    "STRUCTREF",
    "V128",
    "BacktraceFrame",
    "CodeCache",
    "ExportType",
    "ExportedFunction",
    "FunctionType",
    "Global",
    "GlobalType",
    "HostFunction",
    "ImportType",
    "Instance",
    "Limits",
    "Memory",
    "MemoryType",
    "Module",
    "Outcome",
    "Reference",
    "ReferenceType",
    "Restart",
    "Returned",
    "SizeLimits",
    "Store",
    "Suspended",
    "Table",
    "TableType",
    "Tag",
    "TagType",
    "Threw",
    "Trapped",
    "ValueType",
    "engine_for",
]


def __getattr__(name: str) -> Any:
    """Import the cache on its first use (PEP 562): workers have none."""
    if name != "CodeCache":
        raise AttributeError(f"module 'refexec.wasm' has no attribute {name!r}")
    from refexec.translate.cache import CodeCache

    return CodeCache
