"""wasmtime, a compiler to native code, by its Python package.

Values pass as raw memory of the engine's C interface, because the package's own conversion would
go through Python floats and lose bits of NaNs, and does not know vectors.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Mapping
from importlib import metadata
from types import ModuleType
from typing import Any

from refexec_conformance.backend import (
    BackendInfo,
    Declined,
    Instantiated,
    Interrupted,
    Loaded,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.values import NUMBER_BITS, Number, Reference, Value

from refexec.errors import UnavailableError

INFO = BackendInfo(
    name="wasmtime",
    summary="wasmtime, compiling to native code",
    install="python -m pip install wasmtime",
    rank=10,
    witness=True,
)

_KINDS = {"i32": 0, "i64": 1, "f32": 2, "f64": 3, "v128": 4, "func": 5, "extern": 6, "any": 7}
_NAMES = {number: name for name, number in _KINDS.items()} | {8: "exn"}
_NULL_OF = {"nofunc": "func", "noextern": "extern", "none": "any"}

_FEATURES = (
    "wasm_tail_call",
    "wasm_reference_types",
    "wasm_simd",
    "wasm_bulk_memory",
    "wasm_multi_value",
    "wasm_multi_memory",
    "wasm_memory64",
    "wasm_relaxed_simd",
    "wasm_exceptions",
    "wasm_function_references",
    "wasm_gc",
)


def create() -> Wasmtime:
    """Start it. Raises `UnavailableError` if the package is not installed."""
    return Wasmtime(*packages())


def packages() -> tuple[ModuleType, ModuleType]:
    """The package and its C interface. Raises `UnavailableError` if it is not installed."""
    try:
        return importlib.import_module("wasmtime"), importlib.import_module("wasmtime._ffi")
    except ImportError as error:
        raise UnavailableError(f"wasmtime is not installed; {INFO.install}") from error


class Wasmtime:
    """The engine, with one store and one linker for each script."""

    official_trap_messages = False

    def __init__(
        self, package: ModuleType, ffi: ModuleType, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Make the engine. `settings` are attributes of its `Config`, beyond all features."""
        self._package = package
        self._ffi = ffi
        config = package.Config()
        config.epoch_interruption = True
        for name, value in (dict.fromkeys(_FEATURES, True) | dict(settings or {})).items():
            setattr(config, name, value)
        self._engine = package.Engine(config)
        self.reset()

    @property
    def version(self) -> str:
        """Version of the package."""
        return metadata.version("wasmtime")

    def reset(self) -> None:
        """Begin a new store and a new linker."""
        self._store = self._package.Store(self._engine)
        self._linker = self._package.Linker(self._engine)
        self._linker.allow_shadowing = True

    def load(self, data: bytes) -> Loaded | Rejected:
        """Compile a module."""
        try:
            return Loaded(self._package.Module(self._engine, data))
        except self._package.WasmtimeError as error:
            return Rejected(None, _first_line(error))

    def instantiate(self, module: Any) -> Instantiated | Rejected | Trapped | Threw | Interrupted:
        """Link and instantiate."""
        self._store.set_epoch_deadline(1)
        try:
            return Instantiated(self._linker.instantiate(self._store, module))
        except self._package.Trap as trap:
            return self._trapped(trap)
        except self._package.WasmtimeError as error:
            # An exception that leaves the start function comes as an error, not as a trap.
            return Threw() if self._thrown() else Rejected("unlinkable", _first_line(error))

    def register(self, instance: Any, name: str) -> None:
        """Define an instance's exports in the linker."""
        self._linker.define_instance(self._store, name, instance)

    def invoke(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Declined | Interrupted:
        """Call an exported function with raw values."""
        function = instance.exports(self._store)[name]
        ffi, context = self._ffi, self._store._context()
        signature = ffi.wasmtime_func_type(context, ctypes.byref(function._func))
        size = ffi.wasm_functype_results(signature).contents.size
        ffi.wasm_functype_delete(signature)
        given = (ffi.wasmtime_val_t * len(args))()
        taken = (ffi.wasmtime_val_t * size)()
        self._store.set_epoch_deadline(1)
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        try:
            for raw, value in zip(given, args, strict=True):
                if not self._give(raw, value):
                    return Declined(f"cannot make the argument {value}")
            error = ffi.wasmtime_func_call(
                context,
                ctypes.byref(function._func),
                given,
                len(args),
                taken,
                size,
                ctypes.byref(trap),
            )
            if error:
                raise self._package.WasmtimeError._from_ptr(error)
            if trap:
                return self._trapped(self._package.Trap._from_ptr(trap))
            return Returned(tuple(self._take(raw) for raw in taken))
        finally:
            for raw in (*given, *taken):
                ffi.wasmtime_val_unroot(ctypes.byref(raw))

    def get(self, instance: Any, name: str) -> Returned:
        """Read an exported global."""
        raw = self._ffi.wasmtime_val_t()
        export = instance.exports(self._store)[name]
        self._ffi.wasmtime_global_get(
            self._store._context(), ctypes.byref(export._global), ctypes.byref(raw)
        )
        try:
            return Returned((self._take(raw),))
        finally:
            self._ffi.wasmtime_val_unroot(ctypes.byref(raw))

    def interrupt(self) -> None:
        """End the deadline of the running call."""
        self._engine.increment_epoch()

    def _trapped(self, trap: Any) -> Trapped | Threw | Interrupted:
        codes = self._package.TrapCode
        if self._thrown():
            return Threw()
        if trap.trap_code == codes.INTERRUPT:
            return Interrupted()
        message = trap.message.rsplit("wasm trap: ", 1)[-1].strip()
        return Trapped(message, exhausted=trap.trap_code == codes.STACK_OVERFLOW)

    def _thrown(self) -> bool:
        """Take the exception that ended the last call, and tell whether there was one."""
        thrown = self._ffi.wasmtime_exnref_t()
        if not self._ffi.wasmtime_context_take_exception(
            self._store._context(), ctypes.byref(thrown)
        ):
            return False
        self._ffi.wasmtime_exnref_unroot(ctypes.byref(thrown))
        return True

    def _give(self, raw: Any, value: Value) -> bool:
        """Write an argument; tell whether the C interface has a way to make it."""
        context = self._store._context()
        if isinstance(value, Number):
            raw.kind = _KINDS[value.type]
            data = value.bits.to_bytes(NUMBER_BITS[value.type] // 8, "little")
            ctypes.memmove(ctypes.addressof(raw.of), data, len(data))
            return True
        kind = _NULL_OF.get(value.kind, value.kind)
        if kind not in ("func", "extern", "any"):
            return False
        raw.kind = _KINDS[kind]
        if value.null:
            raw.of.funcref.store_id = 0
            return True
        if value.host is None or kind == "func":
            return False
        # The interface hands a pointer back unchanged; a host object is its number, plus one so
        # that it is not null.
        made = self._ffi.wasmtime_externref_new(
            context, value.host + 1, _NO_FINALIZER, ctypes.byref(raw.of.externref)
        )
        if made and kind == "any":
            extern = self._ffi.wasmtime_externref_t.from_buffer_copy(raw.of.externref)
            internal = self._ffi.wasmtime_externref_to_raw(context, ctypes.byref(extern))
            self._ffi.wasmtime_anyref_from_raw(context, internal, ctypes.byref(raw.of.anyref))
        return bool(made)

    def _take(self, raw: Any) -> Value:
        name = _NAMES[raw.kind]
        if name in NUMBER_BITS:
            size = NUMBER_BITS[name] // 8
            data = ctypes.string_at(ctypes.addressof(raw.of), size)
            return Number(name, int.from_bytes(data, "little"))
        if not raw.of.funcref.store_id:
            return Reference(name, null=True)
        if name == "extern":
            return Reference(name, host=self._host(raw.of.externref))
        if name == "any":
            return self._take_any(raw.of.anyref)
        return Reference(name)

    def _take_any(self, anyref: Any) -> Reference:
        ffi, context, pointer = self._ffi, self._store._context(), ctypes.byref(anyref)
        for kind in ("struct", "array"):
            if getattr(ffi, f"wasmtime_anyref_is_{kind}")(context, pointer):
                return Reference(kind)
        if ffi.wasmtime_anyref_is_eqref(context, pointer):
            return Reference("i31")
        extern = ffi.wasmtime_externref_t()
        number = ffi.wasmtime_anyref_to_raw(context, pointer)
        ffi.wasmtime_externref_from_raw(context, number, ctypes.byref(extern))
        return Reference("any", host=self._host(extern))

    def _host(self, externref: Any) -> int | None:
        data = self._ffi.wasmtime_externref_data(self._store._context(), ctypes.byref(externref))
        address = ctypes.cast(data, ctypes.c_void_p).value
        return None if not address else address - 1


_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)()


def _first_line(error: Exception) -> str:
    return str(error).strip().replace("\n", ": ", 1).split("\n", 1)[0]
