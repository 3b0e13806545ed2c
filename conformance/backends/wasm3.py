"""wasm3, an interpreter in C, by its Python package, in a process of its own.

The package links with host functions only, not with other modules, and floats pass as Python
floats, which cannot tell signalling NaNs: such steps are declined.
"""

from __future__ import annotations

import importlib
import math
import struct
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from refexec_conformance.backend import (
    BackendInfo,
    Declined,
    Instantiated,
    Loaded,
    Rejected,
    Returned,
    Trapped,
)
from refexec_conformance.bridge import run_apart
from refexec_conformance.command import CommandBackend
from refexec_conformance.values import NUMBER_BITS, Number, Value

from refexec import wasm
from refexec.errors import RefexecError, UnavailableError

INFO = BackendInfo(
    name="wasm3",
    summary="wasm3, interpreting in C",
    install="python -m pip install pywasm3",
    rank=13,
)

_STACK = 1 << 18
"""Bytes of its stack."""

_TYPES = {1: "i32", 2: "i64", 3: "f32", 4: "f64"}
_LETTERS = {"i32": "i", "i64": "I", "f32": "f", "f64": "F"}
_QUIET = {"f32": 1 << 22, "f64": 1 << 51}
_FORMATS = {"f32": "<f", "f64": "<d"}


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    if find_spec("wasm3") is None:
        raise UnavailableError(f"wasm3 is not installed; {INFO.install}")
    return run_apart("wasm3")


def engine() -> Wasm3:
    """Start it in this process."""
    return Wasm3()


class Wasm3:
    """The engine, with a runtime for each instance."""

    official_trap_messages = False
    claimed = ("WebAssembly 2.0 without vectors",)
    version = metadata.version("pywasm3") if find_spec("wasm3") else ""

    def __init__(self) -> None:
        self._package = importlib.import_module("wasm3")
        self.reset()

    def reset(self) -> None:
        """Begin a new environment."""
        self._environment = self._package.Environment()
        self._registered: set[str] = set()

    def load(self, data: bytes) -> Loaded | Rejected:
        """Decode a module; it is validated while it is compiled, function by function."""
        try:
            self._environment.parse_module(data)
        except RuntimeError as error:
            return Rejected(None, str(error))
        return Loaded(data)

    def instantiate(self, module: bytes) -> Instantiated | Rejected | Trapped | Declined:
        """Link with functions of `spectest`, and instantiate."""
        try:
            described = wasm.Module(module, features="all")
        except RefexecError as error:
            return Declined(f"its imports are not known: {error}")
        functions = {}
        for item in described.imports:
            if item.module != "spectest" or not isinstance(item.type, wasm.FunctionType):
                return Declined("it links with host functions only")
            letters = "".join(_LETTERS[str(param)] for param in item.type.params)
            functions[item.module, item.name] = f"v({letters})"
        runtime = self._environment.new_runtime(_STACK)
        parsed = self._environment.parse_module(module)
        try:
            runtime.load(parsed)
            for (name, field), signature in functions.items():
                parsed.link_function(name, field, signature, _ignore)
            for export in described.exports:
                # The start function runs when the first function is looked up.
                if isinstance(export.type, wasm.FunctionType):
                    runtime.find_function(export.name)
        except RuntimeError as error:
            return _trapped(error) if "[trap]" in str(error) else Rejected(None, str(error))
        return Instantiated((runtime, parsed, described))

    def register(self, instance: Any, name: str) -> None:
        """Do nothing: others cannot import from it."""

    def invoke(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Declined:
        """Call an exported function."""
        runtime, _, _ = instance
        given = [_give(arg) for arg in args]
        if None in given:
            return Declined("the package cannot pass such an argument")
        try:
            function = runtime.find_function(name)
            result = function(*given)
        except RuntimeError as error:
            return _trapped(error)
        types = [_TYPES[number] for number in function.ret_types]
        return _returned([result] if len(types) == 1 else result or (), types)

    def get(self, instance: Any, name: str) -> Returned | Declined:
        """Read an exported global."""
        _, parsed, described = instance
        (kind,) = (str(item.type.value) for item in described.exports if item.name == name)
        return _returned([parsed.get_global(name)], [kind])

    def interrupt(self) -> None:
        """Do nothing: its process is killed."""


def _ignore(*args: Any) -> None:
    """What the functions of `spectest` do."""


def _trapped(error: RuntimeError) -> Trapped:
    return Trapped(str(error), exhausted="stack overflow" in str(error))


def _give(value: Value) -> int | float | None:
    if not isinstance(value, Number) or value.type == "v128":
        return None
    width = NUMBER_BITS[value.type]
    if value.type not in _FORMATS:
        return value.bits - (value.bits >> (width - 1) << width)
    data = value.bits.to_bytes(width // 8, "little")
    (number,) = struct.unpack(_FORMATS[value.type], data)
    signalling = math.isnan(number) and not value.bits & _QUIET[value.type]
    return None if signalling else float(number)


def _returned(results: Any, types: list[str]) -> Returned | Declined:
    values = []
    for result, kind in zip(results, types, strict=True):
        if kind not in _FORMATS:
            values.append(Number(kind, result & ((1 << NUMBER_BITS[kind]) - 1)))
            continue
        bits = int.from_bytes(struct.pack(_FORMATS[kind], result), "little")
        if math.isnan(result) and bits & (_QUIET[kind] - 1):
            return Declined("the package cannot tell which NaN was returned")
        values.append(Number(kind, bits))
    return Returned(tuple(values))
