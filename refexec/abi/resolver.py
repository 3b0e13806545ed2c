"""Import resolution: which ABI function a module's import means, if any.

Only names and types are looked at; nothing is instantiated. The errors say what a person who
wrote the module would look for: the names as they stand in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refexec.abi.function import ABIFunction, ABIImport, Resolution
from refexec.abi.table import GATE, OLDER_TYPES, PRIMITIVES, WASI
from refexec.errors import ImportResolutionError, LinkError
from refexec.wasm import FunctionType, GlobalType, MemoryType, TableType

if TYPE_CHECKING:
    from refexec.wasm import Module

GATE_MODULE = "gate"
WASI_MODULES = ("wasi_snapshot_preview1", "wasi_unstable")
ALIAS_MODULE = "env"
"""Fields of this module may have the prefix `__gate_` or `__wasi_`, and mean that module then."""

MIN_SIZE_SUFFIX = 65536
"""The smallest packet size that a program may name as its maximum; larger ones change nothing."""


def resolve(module: Module, *, primitives: bool = False) -> Resolution:
    """Find the ABI function behind each import of a module (scenarios 17 and 18).

    Functions are looked at in the order of the module, then globals; the first failure counts.
    Raises `ImportResolutionError` (a program error) for an import that the ABI does not have in
    that form, and `LinkError` for imports that are neither function nor global. `primitives`
    offers the `env.rt_*` test functions too.
    """
    for item in module.imports:
        if not isinstance(item.type, FunctionType | GlobalType):
            raise LinkError(f"import kind not supported: {_kind(item.type)}")

    functions = []
    types: dict[tuple[str, str], FunctionType] = {}
    for item in module.imports:
        if isinstance(item.type, FunctionType):
            function = _find(item.module, item.name, primitives)
            older = OLDER_TYPES.get(function.name)
            wanted = item.type if item.type == older else function.type
            # Where the ABI offers a choice, a name still has one type in a program.
            wanted = types.setdefault((item.module, item.name), wanted)
            if item.type != wanted:
                raise ImportResolutionError(
                    f"function {_escape(item.module)}.{_escape(item.name)} {_signature(wanted)} "
                    f"imported with wrong signature {_signature(item.type)}"
                )
            functions.append(ABIImport(item.module, item.name, item.type, function))

    for item in module.imports:
        if isinstance(item.type, GlobalType):
            raise ImportResolutionError(
                f"import global not supported: {_names(item.module, item.name)}"
            )

    random_get = WASI["random_get"]
    return Resolution(tuple(functions), any(item.function is random_get for item in functions))


def _find(module: str, name: str, primitives: bool) -> ABIFunction:
    """Look up a function by the names that a module uses."""
    meant_module, meant_name = module, name
    if module == ALIAS_MODULE:
        if name.startswith("__gate_"):
            meant_module, meant_name = GATE_MODULE, name.removeprefix("__gate_")
        elif name.startswith("__wasi_"):
            meant_module, meant_name = WASI_MODULES[0], name.removeprefix("__wasi_")

    function = None
    if meant_module == GATE_MODULE:
        base, underscore, suffix = meant_name.rpartition("_")
        function = GATE.get(base) if underscore else None
        if function is not None:
            _check_size(meant_name, suffix)
    elif meant_module in WASI_MODULES:
        function = WASI.get(meant_name)
    elif meant_module == ALIAS_MODULE and primitives:
        function = PRIMITIVES.get(meant_name)

    if function is None:
        raise ImportResolutionError(f"import function not supported: {_names(module, name)}")
    return function


def _check_size(symbol: str, suffix: str) -> None:
    """Check the number that says which packet size the program can take."""
    digits = suffix.isascii() and suffix.isdecimal()
    if not digits or suffix.startswith("0"):
        raise ImportResolutionError(f"invalid size suffix in symbol: {_escape(symbol)}")
    # Compared by length first: a name may hold more digits than Python converts willingly.
    if len(suffix) <= len(str(MIN_SIZE_SUFFIX)) and int(suffix) < MIN_SIZE_SUFFIX:
        raise ImportResolutionError(f"value of symbol size suffix is too small: {_escape(symbol)}")


# -- text of errors ------------------------------------------------------------------------------


def _kind(external_type: object) -> str:
    if isinstance(external_type, MemoryType):
        return "memory"
    return "table" if isinstance(external_type, TableType) else "tag"


def _signature(function_type: FunctionType) -> str:
    """Print a type as `(i32, i64) i32`, or `(i32)` if it has no result."""
    params = f"({', '.join(map(str, function_type.params))})"
    results = ", ".join(map(str, function_type.results))
    if len(function_type.results) > 1:
        results = f"({results})"
    return f"{params} {results}".rstrip()


def _names(module: str, name: str) -> str:
    return f'"{_escape(module)}" "{_escape(name)}"'


def _escape(name: str) -> str:
    """Show a guest's name so that it can not act on the reader's terminal."""
    if name.isprintable() and '"' not in name and "\\" not in name:
        return name
    # For an error message only.
    import json

    return json.dumps(name)[1:-1].replace("\x7f", "\\u007f")
