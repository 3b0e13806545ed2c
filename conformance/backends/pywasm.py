"""pywasm, an interpreter in pure Python, in a process of its own.

It validates nothing, a trap of its is an assertion that fails, and after one its machine is left
where it stood. So its stacks are emptied by hand after each call, or else everything that follows
a trap would fail.
"""

from __future__ import annotations

import importlib
import io
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from refexec_conformance.backend import (
    BackendInfo,
    Instantiated,
    Loaded,
    Rejected,
    Returned,
    Trapped,
)
from refexec_conformance.bridge import run_apart
from refexec_conformance.command import CommandBackend
from refexec_conformance.values import NUMBER_BITS, Number, Reference, Value

from refexec.errors import UnavailableError

INFO = BackendInfo(
    name="pywasm",
    summary="pywasm, interpreting in Python",
    install="python -m pip install pywasm",
    rank=91,
)

_TYPES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128"}
_CODES = {name: code for code, name in _TYPES.items()} | {"func": 0x70, "extern": 0x6F}
_SIZE = 16
"""Bytes of its values; of a reference, byte 4 tells that it is not null."""


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    require()
    return run_apart("pywasm")


def require() -> None:
    """Raise `UnavailableError` if it is not installed."""
    if find_spec("pywasm") is None:
        raise UnavailableError(f"pywasm is not installed; {INFO.install}")


def engine() -> Pywasm:
    """Start it in this process."""
    return Pywasm()


class Pywasm:
    """The engine, with one machine for each script."""

    official_trap_messages = False
    claimed = ("WebAssembly 2.0 without vectors", "vectors")
    version = metadata.version("pywasm") if find_spec("pywasm") else ""

    def __init__(self) -> None:
        self._package = importlib.import_module("pywasm")
        self.reset()

    def reset(self) -> None:
        """Begin a new machine."""
        self._runtime = self._package.Runtime()
        self._machine = self._runtime.machine

    def load(self, data: bytes) -> Loaded | Rejected:
        """Decode a module."""
        try:
            return Loaded(self._package.ModuleDesc.from_reader(io.BytesIO(data)))
        except Exception as error:
            return Rejected(None, _text(error))

    def instantiate(self, module: Any) -> Instantiated | Rejected | Trapped:
        """Link with what is registered, and instantiate."""
        try:
            externs = [self._runtime.imports[item.module][item.name] for item in module.imps]
        except KeyError as error:
            return Rejected("unlinkable", _text(error))
        try:
            return Instantiated(self._machine.instance(module, externs))
        except AssertionError as error:
            frames = self._machine.stack.frame
            # Imports are compared, by assertions too, before there is a frame.
            return Trapped(_text(error)) if frames else Rejected("unlinkable", _text(error))
        finally:
            self._clear()

    def register(self, instance: Any, name: str) -> None:
        """Let later modules import from `instance`."""
        self._runtime.imports[name] = {item.name: item.data for item in instance.exps}

    def invoke(self, instance: Any, name: str, args: tuple[Value, ...]) -> Returned | Trapped:
        """Call an exported function."""
        (extern,) = (item.data for item in instance.exps if item.name == name)
        try:
            results = self._machine.invocate(extern.data, [self._give(arg) for arg in args])
        except AssertionError as error:
            exhausted = len(self._machine.stack.frame) >= _FRAMES
            return Trapped(_text(error), exhausted)
        finally:
            self._clear()
        return Returned(tuple(_take(result) for result in results))

    def get(self, instance: Any, name: str) -> Returned:
        """Read an exported global."""
        return Returned((_take(self._runtime.exported_global(instance, name).data),))

    def interrupt(self) -> None:
        """Do nothing: its process is killed."""

    def _clear(self) -> None:
        self._machine.stack = self._package.core.Stack()

    def _give(self, value: Value) -> Any:
        if isinstance(value, Number):
            kind, data = value.type, value.bits.to_bytes(_SIZE, "little")
        else:
            kind = value.kind
            number = b"" if value.host is None else value.host.to_bytes(4, "little") + b"\1"
            data = number.ljust(_SIZE, b"\0")
        value_type = self._package.core.ValType(_CODES[kind])
        return self._package.core.ValInst(value_type, bytearray(data))


_FRAMES = 1024
"""Deeper than this it does not go."""


def _take(value: Any) -> Value:
    code, data = value.type.data, bytes(value.data)
    if code in _TYPES:
        name = _TYPES[code]
        return Number(name, int.from_bytes(data[: NUMBER_BITS[name] // 8], "little"))
    kind = "func" if code == _CODES["func"] else "extern"
    if not data[4]:
        return Reference(kind, null=True)
    return Reference(kind, host=int.from_bytes(data[:4], "little") if kind == "extern" else None)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
