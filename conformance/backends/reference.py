"""refexec's reference machine, through its public interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refexec_conformance.backend import (
    BackendInfo,
    Declined,
    Instantiated,
    Interrupted,
    Loaded,
    Outcome,
    OutOfFuel,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.features import DETERMINISTIC, FUEL_PROMISES, LIMITS
from refexec_conformance.values import Number, Reference, Value

from refexec import __version__, wasm
from refexec.errors import (
    ImplementationLimitError,
    InvalidModuleError,
    LimitError,
    LinkError,
    MalformedModuleError,
    TrapError,
    UnsupportedFeatureError,
    WasmExceptionError,
)
from refexec.trap import TrapCause

INFO = BackendInfo(
    name="reference",
    summary="refexec's reference machine",
    install="python -m pip install refexec",
)

_KINDS = {
    wasm.ANYREF.heap: "any",
    wasm.EQREF.heap: "eq",
    wasm.I31REF.heap: "i31",
    wasm.STRUCTREF.heap: "struct",
    wasm.ARRAYREF.heap: "array",
    wasm.FUNCREF.heap: "func",
    wasm.EXTERNREF.heap: "extern",
    wasm.EXNREF.heap: "exn",
}
"""Heap types that tell their hierarchy without a module."""


def create() -> Machine:
    """Start it."""
    return Machine()


@dataclass(frozen=True, slots=True)
class HostObject:
    """What stands for a host object that a script made up."""

    number: int


class Machine:
    """The reference machine, with one store for each script."""

    official_trap_messages = True
    promises: tuple[str, ...] = (*FUEL_PROMISES, DETERMINISTIC, LIMITS)
    engine = "reference"
    eager = False
    """Whether functions are translated before their first call, so that each is judged."""

    features = wasm.DEFAULT_PROFILE

    def __init__(self, limits: wasm.Limits | None = None) -> None:
        self._limits = wasm.Limits() if limits is None else limits
        self.reset()

    @property
    def version(self) -> str:
        """Version of refexec."""
        return __version__

    def reset(self) -> None:
        """Begin a new store."""
        self._store = wasm.Store(self._limits)
        self._registered: dict[str, wasm.Instance] = {}
        self._running: wasm.Instance | None = None

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Decode and validate a module."""
        try:
            return Loaded(wasm.Module(data, features=self.features))
        except ImplementationLimitError as error:
            return Declined(str(error))
        except (MalformedModuleError, UnsupportedFeatureError) as error:
            # To the specification, the encoding of a proposal is no encoding at all.
            return Rejected("malformed", str(error))
        except InvalidModuleError as error:
            return Rejected("invalid", str(error))

    def instantiate(
        self, module: wasm.Module
    ) -> Instantiated | Rejected | Trapped | Threw | Declined | Interrupted:
        """Link with what is registered, and instantiate."""
        imports = {}
        for entry in module.imports:
            exporter = self._registered.get(entry.module)
            if exporter is not None and entry.name in exporter.exports:
                imports[entry.module, entry.name] = exporter.exports[entry.name]
        try:
            instance = wasm.Instance(module, imports, store=self._store, engine=self.engine)
            if self.eager:
                instance.translate()
        except ImplementationLimitError as error:
            return Declined(str(error))
        except LinkError as error:
            return Rejected("unlinkable", str(error))
        except TrapError as error:
            return trapped(error.cause)
        except WasmExceptionError as error:
            return Threw(str(error))
        except LimitError:
            return Interrupted()
        return Instantiated(instance)

    def register(self, instance: wasm.Instance, name: str) -> None:
        """Let later modules import from `instance`."""
        self._registered[name] = instance

    def invoke(
        self, instance: wasm.Instance, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Declined | Interrupted:
        """Call an exported function."""
        function = instance.exports[name]
        assert isinstance(function, wasm.ExportedFunction)
        self._running = instance
        try:
            outcome = instance.call(name, *map(to_machine, args), bits=True)
        finally:
            self._running = None
        match outcome:
            case wasm.Returned(values):
                types = function.type.results
                return Returned(tuple(map(from_machine, values, types)))
            case wasm.Trapped():
                return trapped(outcome.cause)
            case wasm.Threw():
                return Threw()
            case wasm.Suspended():
                # What follows in the script is about the instance as the call has left it.
                instance.abandon()
                return Interrupted()

    def invoke_metered(
        self, instance: wasm.Instance, name: str, args: tuple[Value, ...]
    ) -> tuple[Outcome, int]:
        """Call an exported function, and tell what it was charged."""
        before = instance.fuel_spent
        outcome = self.invoke(instance, name, args)
        return outcome, instance.fuel_spent - before

    def invoke_within(
        self, instance: wasm.Instance, name: str, args: tuple[Value, ...], fuel: int
    ) -> tuple[Outcome, int]:
        """Call an exported function, which may spend so much."""
        instance.set_fuel(fuel)
        try:
            outcome, spent = self.invoke_metered(instance, name, args)
        finally:
            instance.set_fuel(None)
        return OutOfFuel() if isinstance(outcome, Interrupted) else outcome, spent

    def get(self, instance: wasm.Instance, name: str) -> Returned:
        """Read an exported global."""
        exported = instance.exports[name]
        assert isinstance(exported, wasm.Global)
        return Returned((from_machine(exported.get(bits=True), exported.type.value),))

    def interrupt(self) -> None:
        """Suspend the running call."""
        running = self._running
        if running is not None:
            running.interrupt()


def trapped(cause: TrapCause) -> Trapped:
    """A trap of an engine, as the kit's outcome."""
    return Trapped(cause.message, exhausted=cause is TrapCause.CALL_STACK_EXHAUSTED)


def to_machine(value: Value) -> Any:
    """Give a script's value to an engine of refexec, numbers as bits."""
    if isinstance(value, Reference):
        return None if value.null or value.host is None else HostObject(value.host)
    return value.bits.to_bytes(16, "little") if value.type == "v128" else value.bits


def from_machine(value: Any, value_type: wasm.ValueType) -> Value:
    """Take a value, numbers as bits, from an engine of refexec."""
    if not isinstance(value_type, wasm.ReferenceType):
        bits = int.from_bytes(value, "little") if value_type is wasm.V128 else value
        return Number(str(value_type), bits)
    kind = _KINDS.get(value_type.heap, "")
    if value is None:
        return Reference(kind, null=True)
    if isinstance(value, HostObject):
        return Reference(kind, host=value.number)
    if isinstance(value, wasm.Reference):
        return Reference(value.kind)
    return Reference("func")
