"""A store with all of its instances, which can be run piece by piece and moved as a whole.

It works for every engine of refexec, through the public interface. Instances go by number, since
a number means the same before and after a move. What pieces there are is decided in `cutting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from refexec_conformance.backend import (
    Declined,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.backends.reference import HostObject, from_machine, to_machine, trapped
from refexec_conformance.values import Reference, Value

from refexec import wasm
from refexec.errors import (
    ImplementationLimitError,
    LinkError,
    TrapError,
)
from refexec.observe import Observer
from refexec.trap import TrapCause


class Hosts:
    """The host objects of a script; each exists once, and has a name for its moves."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._objects: dict[int, HostObject] = {}
        for number in numbers:
            self._make(number)

    def _make(self, number: int) -> HostObject:
        return self._objects.setdefault(number, HostObject(number))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the objects."""
        return tuple(self._objects)

    @property
    def names(self) -> dict[str, HostObject]:
        """The objects by name."""
        return {f"object {number}": item for number, item in self._objects.items()}

    def to_machine(self, value: Value) -> Any:
        """Give a script's value to an engine."""
        if isinstance(value, Reference) and not value.null and value.host is not None:
            return self._make(value.host)
        return to_machine(value)


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that runs code of an instance."""

    instance: int
    name: str | None
    """The exported function to call; None for the start function."""
    args: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """How an operation ended. It may come from another process."""

    outcome: Returned | Trapped | Threw
    details: tuple[Any, ...] = ()
    """What the outcome leaves out: the backtrace, and what an exception carries."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What runs a world."""

    engine: str
    features: str


class World:
    """A store, run by an engine."""

    def __init__(self, kind: Kind, hosts: Hosts, store: wasm.Store | None = None) -> None:
        """Without a store, begin with an empty one whose instances have fuel without limit."""
        self.kind = kind
        self.hosts = hosts
        self._store = wasm.Store() if store is None else store
        self._allowed = {
            number: instance.fuel_spent for number, instance in enumerate(self._store.instances)
        }
        self._limited = store is not None
        self._running: wasm.Instance | None = None

    # -- moving ----------------------------------------------------------------------------------

    @property
    def modules(self) -> list[wasm.Module]:
        """The module of each instance."""
        return [instance.module for instance in self._store.instances]

    def freeze(self) -> bytes:
        """The whole state."""
        return self._store.freeze(self.hosts.names)

    @classmethod
    def thaw(cls, kind: Kind, hosts: Hosts, modules: list[wasm.Module], state: bytes) -> World:
        """Build a world from a frozen state; what its instances may spend is nothing."""
        store = wasm.Store.thaw(state, modules, host=hosts.names, engine=kind.engine, fuel=0)
        self = cls(kind, hosts, store)
        for instance in store.instances:
            self._translate(instance)
        return self

    def _translate(self, instance: wasm.Instance) -> None:
        if self.kind.engine == "translated":
            # What is called once is to be judged too.
            instance.translate()

    def observe(self, number: int, observer: Observer) -> None:
        """Have an observer watch what an instance does from here on."""
        self._store.instances[number].observe(observer)

    def digest(self) -> str:
        """Hash of the state, fuel excluded."""
        return self._store.state_digest()

    @property
    def spent(self) -> tuple[int, ...]:
        """Fuel that each instance has spent."""
        return tuple(instance.fuel_spent for instance in self._store.instances)

    # -- running ---------------------------------------------------------------------------------

    def instantiate(
        self, module: wasm.Module, registered: Mapping[str, int]
    ) -> int | Rejected | Trapped | Declined:
        """Make an instance without running its start function; its number, or how that failed."""
        imports = {}
        for entry in module.imports:
            if entry.module in registered:
                exports = self._store.instances[registered[entry.module]].exports
                if entry.name in exports:
                    imports[entry.module, entry.name] = exports[entry.name]
        number = len(self._store.instances)
        self._allowed[number] = 0
        fuel = 0 if self._limited else None
        try:
            instance = wasm.Instance(
                module,
                imports,
                store=self._store,
                engine=self.kind.engine,
                fuel=fuel,
                start=False,
            )
            self._translate(instance)
        except ImplementationLimitError as error:
            return Declined(str(error))
        except LinkError as error:
            return Rejected("unlinkable", str(error))
        except TrapError as error:
            return trapped(error.cause)
        return number

    def begin(self, operation: Operation, limit: int | None = None) -> Told | None:
        """Begin an operation.

        It stops, and the answer is None, where its instance has spent `limit` since it was made.
        """
        self._allow(operation, limit)
        with self._run(operation) as instance:
            if operation.name is None:
                outcome = instance.start()
            else:
                args = map(self.hosts.to_machine, operation.args)
                outcome = instance.call(operation.name, *args, bits=True)
        return self._told(operation, outcome)

    def resume(self, operation: Operation, limit: int | None = None) -> Told | None:
        """Go on with an operation that has stopped."""
        self._allow(operation, limit)
        with self._run(operation) as instance:
            outcome = instance.resume(bits=True)
        return self._told(operation, outcome)

    def _allow(self, operation: Operation, limit: int | None) -> None:
        number = operation.instance
        if limit is not None and limit > self._allowed[number]:
            self._store.instances[number].add_fuel(limit - self._allowed[number])
            self._allowed[number] = limit

    @contextmanager
    def _run(self, operation: Operation) -> Iterator[wasm.Instance]:
        """The time for which the instance can be interrupted."""
        self._running = self._store.instances[operation.instance]
        try:
            yield self._running
        finally:
            self._running = None

    def _told(self, operation: Operation, outcome: wasm.Outcome) -> Told | None:
        instance = self._store.instances[operation.instance]
        match outcome:
            case wasm.Suspended():
                return None
            case wasm.Returned(values):
                if operation.name is None:
                    return Told(Returned(()))
                function = instance.exports[operation.name]
                assert isinstance(function, wasm.ExportedFunction)
                return Told(Returned(tuple(map(from_machine, values, function.type.results))))
            case wasm.Threw(tag, values, backtrace):
                carried = map(from_machine, values, tag.type.function.params)
                return Told(Threw(), (*carried, *backtrace))
            case wasm.Trapped(cause, backtrace):
                if cause is TrapCause.CALL_STACK_EXHAUSTED:
                    # It could go on with a larger stack, and will not.
                    instance.abandon()
                return Told(trapped(cause), backtrace)

    def get(self, number: int, name: str) -> Returned:
        """Read an exported global."""
        exported = self._store.instances[number].exports[name]
        assert isinstance(exported, wasm.Global)
        return Returned((from_machine(exported.get(bits=True), exported.type.value),))

    def interrupt(self) -> None:
        """Suspend what runs; for other threads."""
        running = self._running
        if running is not None:
            running.interrupt()

    def abandon(self) -> None:
        """Give up what is suspended."""
        for instance in self._store.instances:
            instance.abandon()
