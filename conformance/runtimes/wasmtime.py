"""Gate programs on wasmtime: compiled to native code, with refexec's guest interface around it.

It stops programs by wasmtime's epochs, and by its fuel. That is looked at when a function is
entered and when a loop goes round, so it may be later than at the instruction that could not be
paid. What a program has on the native stack cannot be exported: nothing goes on here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import metadata
from types import ModuleType
from typing import Any

from refexec_conformance.backends.wasmtime import packages
from refexec_conformance.runtime.backend import Declined, End, RuntimeInfo, Stage, Start
from refexec_conformance.runtime.hosted import Stopped, play_hosted

from refexec import image, wasm
from refexec.abi import Host
from refexec.errors import TrapError
from refexec.trap import TrapCause

INFO = RuntimeInfo(
    name="wasmtime",
    summary="wasmtime, compiling to native code, with refexec's guest interface and services",
    install="python -m pip install wasmtime",
    rank=30,
    witness=True,
)

_FUEL = 1 << 60

_CAUSES = {
    "STACK_OVERFLOW": TrapCause.CALL_STACK_EXHAUSTED,
    "MEMORY_OUT_OF_BOUNDS": TrapCause.MEMORY_OUT_OF_BOUNDS,
    "TABLE_OUT_OF_BOUNDS": TrapCause.TABLE_OUT_OF_BOUNDS,
    "INDIRECT_CALL_TO_NULL": TrapCause.UNINITIALIZED_ELEMENT,
    "BAD_SIGNATURE": TrapCause.INDIRECT_CALL_TYPE_MISMATCH,
    "INTEGER_OVERFLOW": TrapCause.INTEGER_OVERFLOW,
    "INTEGER_DIVISION_BY_ZERO": TrapCause.DIVIDE_BY_ZERO,
    "BAD_CONVERSION_TO_INTEGER": TrapCause.INVALID_CONVERSION,
    "UNREACHABLE": TrapCause.UNREACHABLE,
    "UNCAUGHT_EXCEPTION": TrapCause.UNREACHABLE,
}

_CAPABILITIES = (
    "suspend",
    "kill",
    "fuel",
    "metering",
    "memory limit",
    "saved buffers",
    "origin",
    "catalog",
    "random",
    "identity",
    "words",
)

# Programs in native code, by their binaries. Every engine here has the same configuration.
_compiled: dict[bytes, bytes] = {}

# The package keeps the exception of a host function in a variable that all threads share.
_one_at_a_time = threading.Lock()


def create() -> WasmtimeRuntime:
    """Start it. Raises `UnavailableError` if the package is not installed."""
    return WasmtimeRuntime(packages()[0])


class WasmtimeRuntime:
    """The runtime; each run has an engine of its own."""

    capabilities = frozenset(_CAPABILITIES)

    def __init__(self, package: ModuleType) -> None:
        self._package = package

    @property
    def version(self) -> str:
        """Version of the package."""
        return metadata.version("wasmtime")

    def play(self, start: Start, stage: Stage) -> End:
        """Run a program once."""
        if start.state is not None:
            raise Declined("a program cannot go on from an export")
        with _one_at_a_time:
            return play_hosted(start, stage, self._make)

    def _make(self, start: Start, program: image.Program) -> WasmtimeProgram:
        return WasmtimeProgram(self._package, start, program)


class WasmtimeProgram:
    """wasmtime with one program, as `hosted` asks for it."""

    def __init__(self, package: ModuleType, start: Start, program: image.Program) -> None:
        self._package = package
        self._program = program
        self._memory = _exported_memory(program.module)
        config = package.Config()
        config.epoch_interruption = True
        config.consume_fuel = True
        config.parallel_compilation = False
        config.cranelift_opt_level = "none"
        self._engine = package.Engine(config)
        self._store = package.Store(self._engine)
        self._store.set_epoch_deadline(1)
        self._fuel = _FUEL if start.fuel is None else start.fuel
        self._store.set_fuel(self._fuel)
        pages = start.policy.memory_pages or wasm.DEFAULT_LIMITS.memory_pages
        self._store.set_limits(memory_size=pages << 16)
        self._whole = False

    @property
    def fuel_spent(self) -> int | None:
        """What has been spent; None if the program was cut short, for then some is lost."""
        return self._fuel - int(self._store.get_fuel()) if self._whole else None

    def interrupt(self) -> None:
        """Have the program stop soon."""
        self._engine.increment_epoch()

    def run(self, entry: str | None, host: Host) -> bool:
        """Run start function and entry."""
        package, program = self._package, self._program
        module = self._compile(program.module.data)
        linker = package.Linker(self._engine)
        for (space, name), function in host.imports(program.resolution).items():
            kind = package.FuncType(
                [_value_type(package, item) for item in function.type.params],
                [_value_type(package, item) for item in function.type.results],
            )
            call = _with_memory(function.callable, host, self._memory)
            linker.define_func(space, name, kind, call, access_caller=True)
        try:
            instance = linker.instantiate(self._store, module)
            value = None
            if entry is not None:
                value = instance.exports(self._store)[entry](self._store)
            self._whole = True
        except package.Trap as trap:
            raise self._meaning(trap) from trap
        return bool(value)

    def _compile(self, data: bytes) -> Any:
        """The program in native code. Many cases share one, and compiling takes longest."""
        if data in _compiled:
            return self._package.Module.deserialize(self._engine, _compiled[data])
        module = self._package.Module(self._engine, data)
        _compiled[data] = module.serialize()
        return module

    def _meaning(self, trap: Any) -> Exception:
        code = "" if trap.trap_code is None else trap.trap_code.name
        if code in ("INTERRUPT", "OUT_OF_FUEL"):
            return Stopped(code)
        return TrapError(_CAUSES[code])


class _CallerMemory:
    """The memory of the program that makes a host call, while it makes it."""

    def __init__(self, caller: Any, name: str) -> None:
        self._caller = caller
        self._memory = caller[name]

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self._memory.data_len(self._caller))

    def read(self, address: int, length: int) -> bytes:
        """Copy bytes out."""
        self._check(address, length)
        return bytes(self._memory.read(self._caller, address, address + length))

    def write(self, address: int, data: bytes) -> None:
        """Copy bytes in."""
        self._check(address, len(data))
        if data:
            self._memory.write(self._caller, data, address)

    def _check(self, address: int, length: int) -> None:
        if address + length > self.size:
            raise TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)


def _with_memory(
    function: Callable[..., Any], host: Host, memory: str | None
) -> Callable[..., int | None]:
    def call(caller: Any, *arguments: int) -> int | None:
        host.bind(None if memory is None else _CallerMemory(caller, memory))
        result: int | None = function(*arguments)
        return result

    return call


def _exported_memory(module: wasm.Module) -> str | None:
    """By what name the program's memory can be reached; None if it has none."""
    for export in module.exports:
        if isinstance(export.type, wasm.MemoryType):
            return export.name
    if module.valid.context.memories:
        raise Declined("the program does not export its memory")
    return None


def _value_type(package: ModuleType, kind: object) -> Any:
    return package.ValType.i64() if kind is wasm.I64 else package.ValType.i32()
