"""Every case is a suspension test: a backend that runs each operation whole, and again in pieces.

Two worlds do all that a script demands. In the first, calls run to their end. In the second they
are cut: at each cut the whole store is frozen to bytes, and what goes on is thawed from them, in a
fresh store and now and then in another process. Results, backtraces, fuel and the digest of the
state must be equal in the end. An engine other than the reference is also followed by the
reference machine in a third world, which stops at the same points and must be in the same state.

Where the cuts are is decided in `cuts`. A difference is told with the amount of fuel at which a
cut makes it, and the command that shows it again.
"""

from __future__ import annotations

import contextlib
import time
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
from refexec_conformance.elsewhere import Job, elsewhere
from refexec_conformance.values import Value
from refexec_conformance.world import Hosts, Kind, Operation, Told, World

from refexec import wasm
from refexec.errors import ConfigError, RefexecError

_SEARCH_SECONDS = 20.0
"""How long to look for the one cut that makes a difference."""


class _Difference(Exception):
    """A cut run is not what the uncut one was."""


class _Stopped(Exception):
    """The deadline has come."""


def cut_backend(name: str, backend: Backend, cuts: Cuts, file: str) -> CutBackend:
    """Have a backend's runs cut. `file` is the suite file that it is to run.

    Raises ConfigError if it is not an engine of refexec, which nobody else's snapshots are from.
    """
    if not isinstance(backend, Machine):
        raise ConfigError(f"the backend {name} cannot be cut: expected an engine of refexec")
    again = f"refexec conform --backend {name} --file {file}"
    return CutBackend(backend, cuts, file, again)


class CutBackend:
    """A backend that compares runs with cut runs, for one script."""

    cuts: int
    """How often a run was frozen and thawed so far."""

    moves: int
    """How many of these cuts went on in another process."""

    def __init__(self, machine: Machine, cuts: Cuts, file: str, again: str) -> None:
        self._machine = machine
        self._choice = cuts
        self._file = file
        self._again = again
        self._kind = Kind(machine.engine, machine.features)
        self._oracle = Kind("reference", machine.features)
        self.cuts = self.moves = 0
        self.reset()

    @property
    def version(self) -> str:
        """Version of the engine."""
        return self._machine.version

    @property
    def official_trap_messages(self) -> bool:
        """As the engine does it."""
        return self._machine.official_trap_messages

    # -- what a script demands -------------------------------------------------------------------

    def reset(self) -> None:
        """Begin with empty worlds."""
        self._machine.reset()
        self._random = Random(f"{self._choice.seed} {self._file}")
        self._hosts = Hosts()
        self._registered: dict[str, int] = {}
        self._stopped = False
        self._whole = World(self._kind, self._hosts)
        self._cut = World(self._kind, self._hosts, wasm.Store())
        self._followed: World | None = None
        if self._kind != self._oracle:
            self._followed = World(self._oracle, self._hosts, wasm.Store())

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Decode and validate a module."""
        return self._machine.load(data)

    def instantiate(
        self, module: wasm.Module
    ) -> Instantiated | Rejected | Trapped | Threw | Declined | Interrupted | Differed:
        """Link and instantiate in all worlds; cut the start function."""
        made = self._whole.instantiate(module, self._registered)
        for world in self._others:
            also = world.instantiate(module, self._registered)
            if also != made:
                return self._differed(f"instantiation: {made} or {also}")
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
    ) -> Returned | Trapped | Threw | Declined | Interrupted | Differed:
        """Call an exported function: whole, and cut."""
        return self._operate(Operation(instance, name, args))

    def get(self, instance: int, name: str) -> Returned | Differed:
        """Read an exported global."""
        told = self._whole.get(instance, name)
        for world in self._others:
            also = world.get(instance, name)
            if also != told:
                return self._differed(f"global: {told} or {also}")
        return told

    def interrupt(self) -> None:
        """Stop whatever runs."""
        self._stopped = True
        for world in (self._whole, *self._others):
            world.interrupt()

    @property
    def _others(self) -> list[World]:
        return [self._cut] if self._followed is None else [self._cut, self._followed]

    # -- one operation ---------------------------------------------------------------------------

    def _operate(self, operation: Operation) -> Returned | Trapped | Threw | Interrupted | Differed:
        """Run it whole and in pieces; its outcome, if that is the same."""
        self._stopped = False
        number = operation.instance
        try:
            # A cut between two calls.
            before = self._cut.freeze()
            self._cut = self._thaw(before)
            spent = self._whole.spent[number]
            told = self._whole.begin(operation)
            while told is None:
                if self._stopped:
                    raise _Stopped
                # An interrupt that came after the end of an earlier operation.
                told = self._whole.resume(operation)
            end = _End(told, self._whole.spent, self._whole.digest())
            points = self._choice.points(end.spent[number] - spent, self._random)
            stops = [spent + point for point in points]
            try:
                self._run_cut(operation, stops, end)
            except (_Difference, RefexecError) as error:
                return self._tell(operation, before, stops, end, error)
        except _Stopped:
            self._recover()
            return Interrupted()
        except RefexecError as error:
            self._recover()
            return self._differed(f"between two calls: {_text(error)}")
        return told.outcome

    def _run_cut(
        self, operation: Operation, stops: Sequence[int], end: _End, follow: bool = True
    ) -> None:
        """Run an operation in pieces. Raises _Difference, or what else goes wrong."""
        number = operation.instance
        followed = self._followed if follow else None
        last = end.spent[number]
        told = self._cut.begin(operation, stops[0] if stops else last)
        if followed is not None:
            self._compare_cut(told, followed.begin(operation, stops[0] if stops else last))
        for stop in [*stops[1:], last] if stops else []:
            if told is not None:
                break
            # A bulk instruction may have gone beyond this point already.
            if stop < last and self._cut.spent[number] >= stop:
                continue
            told = self._piece(operation, stop)
            if followed is not None:
                self._compare_cut(told, followed.resume(operation, stop))
        if self._stopped:
            raise _Stopped
        end.compare(told, self._cut)

    def _piece(self, operation: Operation, stop: int) -> Told | None:
        """Freeze, and go on elsewhere."""
        state = self._cut.freeze()
        self.cuts += 1
        if not self._choice.moves_now(self._random):
            self._cut = self._thaw(state)
            return self._cut.resume(operation, stop)
        self.moves += 1
        modules = self._cut.modules
        job = Job(
            self._kind,
            tuple(module.data for module in modules),
            self._hosts.numbers,
            state,
            operation,
            stop,
        )
        answer = elsewhere().go_on(job)
        if answer.fault:
            raise _Difference(f"in another process: {answer.fault}")
        self._cut = self._thaw(answer.state)
        return answer.told

    def _thaw(self, state: bytes) -> World:
        return World.thaw(self._kind, self._hosts, self._cut.modules, state)

    def _compare_cut(self, told: Told | None, expected: Told | None) -> None:
        """Compare a world that was cut with the reference machine's at the same point."""
        assert self._followed is not None
        if self._stopped:
            raise _Stopped
        _End(expected, self._followed.spent, self._followed.digest()).compare(told, self._cut)

    # -- differences -----------------------------------------------------------------------------

    def _tell(
        self,
        operation: Operation,
        before: bytes,
        stops: Sequence[int],
        end: _End,
        error: Exception,
    ) -> Differed:
        """Find out which cut makes a difference, and put it in words."""
        begun = time.monotonic()
        spent = self._thaw(before).spent[operation.instance]
        try:
            for stop in stops:
                if time.monotonic() - begun > _SEARCH_SECONDS:
                    break
                self._cut = self._thaw(before)
                try:
                    self._run_cut(operation, [stop], end, follow=False)
                except (_Difference, RefexecError) as found:
                    point = stop - spent
                    return self._differed(f"cut at {point} fuel: {_text(found)}", str(point))
            return self._differed(f"no single cut but all of them: {_text(error)}")
        finally:
            self._recover()

    def _differed(self, difference: str, cut: str | None = None) -> Differed:
        again = f"--cut {cut}" if cut else f"--cut {self._choice.text} --seed {self._choice.seed}"
        return Differed(f"{difference}; to see it again: {self._again} {again}")

    def _recover(self) -> None:
        """Let all worlds be as the uncut one is, so that what follows is judged by itself."""
        with contextlib.suppress(RefexecError):
            self._whole.abandon()
            state = self._whole.freeze()
            modules = self._whole.modules
            self._cut = World.thaw(self._kind, self._hosts, modules, state)
            if self._followed is not None:
                self._followed = World.thaw(self._oracle, self._hosts, modules, state)


@dataclass(frozen=True, slots=True)
class _End:
    """Where a run must come to, or a part of one."""

    told: Told | None
    spent: tuple[int, ...]
    digest: str

    def compare(self, told: Told | None, world: World) -> None:
        """Raise _Difference if another run came to something else."""
        if told != self.told:
            raise _Difference(f"outcome: {_outcome(told)}, expected {_outcome(self.told)}")
        if world.spent != self.spent:
            raise _Difference(f"fuel of the instances: {world.spent}, expected {self.spent}")
        if world.digest() != self.digest:
            raise _Difference("state: another digest")


def _outcome(told: Told | None) -> str:
    if told is None:
        return "no end"
    details = " ".join(map(str, told.details[:10]))
    return f"{told.outcome} {details}".rstrip()


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, _Difference) else f"{type(error).__name__}: {error}"
