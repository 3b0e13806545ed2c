"""pwasm, which compiles to Python, in a process of its own.

Numbers pass as its internal values, because its conversions go through Python floats. Its cache on
disk is switched off.
"""

from __future__ import annotations

import importlib
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
from refexec_conformance.values import Number, Reference, Value

from refexec.errors import UnavailableError

INFO = BackendInfo(
    name="pwasm",
    summary="pwasm, compiling to Python",
    install="python -m pip install pwasm",
    rank=90,
)


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    require()
    return run_apart("pwasm", PWASM_CACHE_DIR="")


def require() -> None:
    """Raise `UnavailableError` if it is not installed."""
    if find_spec("pwasm") is None:
        raise UnavailableError(f"pwasm is not installed; {INFO.install}")


def engine() -> Pwasm:
    """Start it in this process."""
    return Pwasm()


class HostObject:
    """What stands for a host object."""

    def __init__(self, number: int) -> None:
        self.number = number


class Pwasm:
    """The engine."""

    official_trap_messages = False
    claimed = ("WebAssembly 2.0 without vectors",)
    version = metadata.version("pwasm") if find_spec("pwasm") else ""

    def __init__(self) -> None:
        self._package = importlib.import_module("pwasm")
        self._executor = importlib.import_module("pwasm.executor")
        self._numeric = importlib.import_module("pwasm.numeric")
        self.reset()

    def reset(self) -> None:
        """Forget what is registered."""
        self._registered: dict[str, Any] = {}

    def load(self, data: bytes) -> Loaded | Rejected:
        """Decode a module."""
        try:
            return Loaded(self._package.decode_module(data))
        except self._package.WasmError as error:
            return Rejected(None, str(error))

    def instantiate(self, module: Any) -> Instantiated | Rejected | Trapped:
        """Link with what is registered, and instantiate."""
        return self._instantiate(module)

    def _instantiate(self, module: Any, **options: Any) -> Instantiated | Rejected | Trapped:
        try:
            return Instantiated(self._package.instantiate(module, self._registered, **options))
        except self._package.TrapError as error:
            return Trapped(str(error))
        except self._package.LinkError as error:
            return Rejected("unlinkable", str(error))

    def register(self, instance: Any, name: str) -> None:
        """Let later modules import from `instance`."""
        self._registered[name] = instance.exports

    def invoke(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Declined:
        """Call an exported function."""
        function = instance.exports[name].func
        try:
            result = self._executor.invoke(function, [self._give(arg) for arg in args])
        except RecursionError:
            return Trapped("call stack exhausted", exhausted=True)
        except self._package.TrapError as error:
            return Trapped(str(error))
        types = function.type.results
        results = [result] if len(types) == 1 else result or []
        return Returned(tuple(map(self._take, results, types)))

    def get(self, instance: Any, name: str) -> Returned:
        """Read an exported global."""
        item = instance.exports[name]
        return Returned((self._take(item._value, item.type.valtype),))

    def interrupt(self) -> None:
        """Do nothing: its process is killed."""

    def _give(self, value: Value) -> Any:
        if isinstance(value, Reference):
            return None if value.host is None else HostObject(value.host)
        if value.type == "f32":
            return self._numeric.f32_from_bits(value.bits)
        if value.type == "f64":
            return struct.unpack("<d", value.bits.to_bytes(8, "little"))[0]
        return value.bits

    def _take(self, value: Any, kind: str) -> Value:
        if kind == "f32":
            return Number(kind, self._numeric.f32_to_bits(value))
        if kind == "f64":
            return Number(kind, int.from_bytes(struct.pack("<d", value), "little"))
        if kind in ("i32", "i64"):
            return Number(kind, int(value))  # it may be a bool
        kind = kind.removesuffix("ref")
        if value is None:
            return Reference(kind, null=True)
        return Reference(kind, host=value.number if isinstance(value, HostObject) else None)
