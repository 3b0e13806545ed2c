"""A backend that keeps the state of the reference machine before one command of a script.

From there the command can be carried out again, by this or by another engine, for `cause` to find
where they part.
"""

from __future__ import annotations

from dataclasses import dataclass

from refexec_conformance.backend import (
    Declined,
    Instantiated,
    Interrupted,
    Loaded,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.backends.reference import Machine
from refexec_conformance.script import Command
from refexec_conformance.values import Value
from refexec_conformance.world import Hosts, Kind, Operation, World

from refexec import wasm


@dataclass(frozen=True, slots=True)
class Before:
    """The oracle's state before an operation."""

    kind: Kind
    hosts: tuple[int, ...]
    modules: tuple[wasm.Module, ...]
    state: bytes
    operation: Operation
    spent: int
    """Fuel that the instance has spent."""


class Oracle:
    """The reference machine, with all instances of a script in one world."""

    official_trap_messages = True

    def __init__(self, index: int) -> None:
        """`index` is the number of the command whose beginning is kept."""
        self._index = index
        self._machine = Machine()
        self.before: Before | None = None
        """The state before the command; None if it has run no code yet."""
        self.reset()

    @property
    def version(self) -> str:
        """Version of the engine."""
        return self._machine.version

    def reset(self) -> None:
        """Begin with nothing."""
        self._kind = Kind(self._machine.engine, self._machine.features)
        self._hosts = Hosts()
        self._world = World(self._kind, self._hosts)
        self._registered: dict[str, int] = {}
        self._keeping = False

    def note(self, command: Command) -> None:
        """Take note of the command that begins."""
        self._keeping = command.index == self._index

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Decode and validate a module."""
        return self._machine.load(data)

    def instantiate(
        self, module: wasm.Module
    ) -> Instantiated | Rejected | Trapped | Threw | Declined | Interrupted:
        """Link and instantiate."""
        made = self._world.instantiate(module, self._registered)
        if not isinstance(made, int):
            return made
        if module.has_start:
            outcome = self._operate(Operation(made, None))
            if not isinstance(outcome, Returned):
                return outcome
        return Instantiated(made)

    def register(self, instance: int, name: str) -> None:
        """Let later modules import from an instance."""
        self._registered[name] = instance

    def invoke(
        self, instance: int, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Interrupted:
        """Call an exported function."""
        return self._operate(Operation(instance, name, args))

    def _operate(self, operation: Operation) -> Returned | Trapped | Threw | Interrupted:
        if self._keeping:
            for arg in operation.args:
                self._hosts.to_machine(arg)  # host objects are made when they are first met
            self.before = Before(
                self._kind,
                self._hosts.numbers,
                tuple(self._world.modules),
                self._world.freeze(),
                operation,
                self._world.spent[operation.instance],
            )
        told = self._world.begin(operation)
        if told is None:
            self._world.abandon()
            return Interrupted()
        return told.outcome

    def get(self, instance: int, name: str) -> Returned:
        """Read an exported global."""
        return self._world.get(instance, name)

    def interrupt(self) -> None:
        """Stop whatever runs."""
        self._world.interrupt()
