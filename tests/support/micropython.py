"""MicroPython, as the package pwasm brings it along, on refexec: a real program of somebody else's.

It raises exceptions by `longjmp`, for which it wants the host's help: it has the host call its
functions, and unwind them. So host functions are on the stack whenever a script runs; the guest is
frozen between scripts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quickjs import FUEL, guest
from refexec import wasm

__all__ = ["MicroPython", "guest"]


class _LongJump(Exception):
    """Unwinds the guest up to the host's innermost call of it."""


class MicroPython:
    """An interpreter of Python."""

    def __init__(self, module: wasm.Module, engine: str, state: bytes | None = None) -> None:
        """Set one up, or thaw it."""
        self.output = b""
        imports: dict[tuple[str, str], Any] = {}
        for item in module.imports:
            assert isinstance(item.type, wasm.FunctionType)
            function = self._function(item.name, item.type)
            imports[item.module, item.name] = wasm.HostFunction(item.type, function)
        if state is not None:
            self.instance = wasm.Instance.thaw(module, state, imports, engine, FUEL)
        else:
            self.instance = wasm.Instance(module, imports, engine=engine, fuel=FUEL)
            self.instance.invoke("_initialize")
            assert self.instance.invoke("mp_sandbox_init", 1 << 18) == [0]

    def _function(self, name: str, type_: wasm.FunctionType) -> Callable[..., Any]:
        if name == "host_write":
            return self._write
        if name == "_emscripten_throw_longjmp":
            return self._throw
        if name.startswith("invoke_"):
            return self._invoke
        return lambda *_: 0 if type_.results else None

    def _write(self, _file: int, address: int, length: int) -> None:
        memory = self.instance.memory
        assert memory is not None
        self.output += memory.read(address, length)

    def _throw(self) -> None:
        raise _LongJump

    def _invoke(self, index: int, *args: int) -> Any:
        exports = self.instance.exports
        pointer = exports["__stack_pointer"]
        table = exports["__indirect_function_table"]
        assert isinstance(pointer, wasm.Global)
        assert isinstance(table, wasm.Table)
        saved = pointer.get()
        function = table.get(index)
        try:
            return function(*args)
        except _LongJump:
            pointer.set(saved)
            self.instance.invoke("setThrew", 1, 0)
            return [0] * len(function.type.results)

    def run(self, script: str) -> int:
        """Run a script; 0 if it has ended well."""
        source = script.encode()
        memory = self.instance.memory
        assert memory is not None
        (address,) = self.instance.invoke("malloc", len(source) + 1)
        memory.write(address, source + b"\0")
        status: int = self.instance.invoke("mp_sandbox_exec", address, len(source))[0]
        return status
