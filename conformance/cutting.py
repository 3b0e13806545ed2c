"""Every case is a suspension test: a backend that runs each operation whole, and again in pieces.

Where the cuts are is decided in `cuts`; what is compared, in `trial`. Here a script's instances are
put into stores: those that are linked, or could be, share one, and every other instance has a
store of its own, so that freezing the store does not take along what is not concerned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from refexec_conformance.backend import (
    Backend,
    Declined,
    Differed,
    Instantiated,
    Interrupted,
    Loaded,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.backends.reference import Machine
from refexec_conformance.cuts import Cuts
from refexec_conformance.script import Command, Script
from refexec_conformance.trial import Session, Trial
from refexec_conformance.values import Value
from refexec_conformance.world import Hosts, Kind, Operation

from refexec import wasm
from refexec.errors import ConfigError


def cut_backend(name: str, backend: Backend, cuts: Cuts, script: Script) -> CutBackend:
    """Have a backend's runs cut, for one script.

    Raises ConfigError if it is not an engine of refexec, which nobody else's snapshots are from.
    """
    if not isinstance(backend, Machine):
        raise ConfigError(f"the backend {name} cannot be cut: expected an engine of refexec")
    return CutBackend(backend, cuts, script, f"refexec conform --backend {name}")


@dataclass(frozen=True, slots=True)
class Placed:
    """An instance: the store that it is in, and its number there."""

    trial: Trial
    number: int


class CutBackend:
    """A backend that compares runs with cut runs."""

    def __init__(self, machine: Machine, cuts: Cuts, script: Script, again: str) -> None:
        self._machine = machine
        self._choice = cuts
        self._script = script
        self._again = f"{again} --file {script.name}"
        self._linked = linked_modules(script.commands)
        self.reset()

    @property
    def version(self) -> str:
        """Version of the engine."""
        return self._machine.version

    @property
    def official_trap_messages(self) -> bool:
        """As the engine does it."""
        return self._machine.official_trap_messages

    @property
    def cuts(self) -> int:
        """How often a run was frozen and thawed so far."""
        return self._session.cuts

    @property
    def moves(self) -> int:
        """How many of these cuts went on in another process."""
        return self._session.moves

    @property
    def left_out(self) -> int:
        """How many cuts were not made because the state is large."""
        return self._session.left_out

    def reset(self) -> None:
        """Begin with nothing."""
        self._machine.reset()
        self._session = Session(
            kind=Kind(self._machine.engine, self._machine.features),
            choice=self._choice,
            random=Random(f"{self._choice.seed} {self._script.name}"),
            hosts=Hosts(),
            again=self._again,
        )
        self._shared = Trial(self._session)
        self._running = self._shared
        self._registered: dict[str, int] = {}
        self._command: Command | None = None

    def note(self, command: Command) -> None:
        """Take note of the command that begins."""
        self._command = command

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Decode and validate a module."""
        return self._machine.load(data)

    def instantiate(
        self, module: wasm.Module
    ) -> Instantiated | Rejected | Trapped | Threw | Declined | Interrupted | Differed:
        """Link and instantiate; cut the start function."""
        alone = (
            self._command is not None
            and self._command.index not in self._linked
            and not module.imports
        )
        trial = Trial(self._session) if alone else self._shared
        made = trial.instantiate(module, self._registered)
        if not isinstance(made, int):
            return made
        placed = Placed(trial, made)
        if module.has_start:
            outcome = self._operate(placed, None, ())
            if not isinstance(outcome, Returned):
                return outcome
        return Instantiated(placed)

    def register(self, instance: Placed, name: str) -> None:
        """Let later modules import from an instance."""
        assert instance.trial is self._shared
        self._registered[name] = instance.number

    def invoke(
        self, instance: Placed, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Declined | Interrupted | Differed:
        """Call an exported function: whole, and cut."""
        return self._operate(instance, name, args)

    def _operate(
        self, instance: Placed, name: str | None, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Interrupted | Differed:
        self._session.stopped = False
        self._running = instance.trial
        return instance.trial.operate(Operation(instance.number, name, args))

    def get(self, instance: Placed, name: str) -> Returned | Differed:
        """Read an exported global."""
        return instance.trial.get(instance.number, name)

    def interrupt(self) -> None:
        """Stop whatever runs."""
        self._session.stopped = True
        self._running.interrupt()


def linked_modules(commands: Sequence[Command]) -> frozenset[int]:
    """Numbers of the commands whose instances others import from."""
    latest: int | None = None
    named: dict[str, int] = {}
    linked = set()
    for command in commands:
        if command.type in ("module", "module_instance"):
            latest = command.index
            if command.name is not None:
                named[command.name] = command.index
        elif command.type == "register":
            found = latest if command.name is None else named.get(command.name)
            if found is not None:
                linked.add(found)
    return frozenset(linked)
