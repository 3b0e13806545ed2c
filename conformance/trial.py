"""One store on trial: everything runs whole in one world, and again in pieces in another.

What is linked lives in one store, and each store is a trial of its own. In the second world runs
are cut: at each cut the whole store is frozen to bytes, and what goes on is thawed from them, in a
fresh store and now and then in another process. Results, backtraces, fuel and the digest of the
state must be equal in the end. An engine other than the reference is also followed by the
reference machine in a third world, which stops at the same points and must be in the same state.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from refexec_conformance.backend import (
    Declined,
    Differed,
    Interrupted,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.cuts import Cuts
from refexec_conformance.elsewhere import Job, elsewhere
from refexec_conformance.world import Hosts, Kind, Operation, Told, World

from refexec import wasm
from refexec.errors import RefexecError

STATE_BUDGET = 64 << 20
"""Bytes of frozen state that a run may take along, all cuts together.

Cuts beyond that are left out, evenly, and counted: a full call stack is megabytes at every cut."""

_SEARCH_SECONDS = 20.0
"""How long to look for the one cut that makes a difference."""


class _Difference(Exception):
    """A cut run is not what the uncut one was."""


class _Stopped(Exception):
    """The deadline has come."""


@dataclass(slots=True)
class Session:
    """What the trials of one script share."""

    kind: Kind
    """The engine on trial."""
    choice: Cuts
    random: Random
    hosts: Hosts
    again: str
    """The command that runs the script again, without the choice of cuts."""
    stopped: bool = False
    """Whether the deadline of the operation has come."""
    cuts: int = 0
    """How often a run was frozen and thawed."""
    moves: int = 0
    """How many of these cuts went on in another process."""
    left_out: int = 0
    """Cuts that were not made because the state is large."""


class Trial:
    """A store in its worlds."""

    def __init__(self, session: Session) -> None:
        self._session = session
        kind, hosts = session.kind, session.hosts
        self._oracle = Kind("reference", kind.features)
        self._whole = World(kind, hosts)
        self._cut = World(kind, hosts, wasm.Store())
        self._taken = 0
        """Bytes of frozen state in the present run."""
        self._followed: World | None = None
        if kind != self._oracle:
            self._followed = World(self._oracle, hosts, wasm.Store())

    @property
    def _others(self) -> list[World]:
        return [self._cut] if self._followed is None else [self._cut, self._followed]

    def instantiate(
        self, module: wasm.Module, registered: Mapping[str, int]
    ) -> int | Rejected | Trapped | Declined | Differed:
        """Make an instance in all worlds, without running its start function; its number."""
        made = self._whole.instantiate(module, registered)
        for world in self._others:
            also = world.instantiate(module, registered)
            if also != made:
                return self._differed(f"instantiation: {made} or {also}")
        return made

    def get(self, number: int, name: str) -> Returned | Differed:
        """Read an exported global in all worlds."""
        told = self._whole.get(number, name)
        for world in self._others:
            also = world.get(number, name)
            if also != told:
                return self._differed(f"global: {told} or {also}")
        return told

    def interrupt(self) -> None:
        """Stop whatever runs."""
        for world in (self._whole, *self._others):
            world.interrupt()

    # -- one operation ---------------------------------------------------------------------------

    def operate(self, operation: Operation) -> Returned | Trapped | Threw | Interrupted | Differed:
        """Run it whole and in pieces; its outcome, if that is the same."""
        self._session.stopped = False
        number = operation.instance
        try:
            # A cut between two calls.
            before = self._cut.freeze()
            self._cut = self._thaw(before)
            spent = self._whole.spent[number]
            told = self._whole.begin(operation)
            while told is None:
                if self._session.stopped:
                    raise _Stopped
                # An interrupt that came after the end of an earlier operation.
                told = self._whole.resume(operation)
            end = _End(told, self._whole.spent, self._whole.digest())
            points = self._session.choice.points(end.spent[number] - spent, self._session.random)
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
        self._taken = 0
        for index, stop in enumerate([*stops[1:], last] if stops else [], 1):
            if told is not None:
                break
            # A bulk instruction may have gone beyond this point already.
            if stop < last and self._cut.spent[number] >= stop:
                continue
            if stop < last and self._taken > STATE_BUDGET * index // len(stops):
                self._session.left_out += 1
                continue
            told = self._piece(operation, stop)
            if followed is not None:
                self._compare_cut(told, followed.resume(operation, stop))
        if self._session.stopped:
            raise _Stopped
        end.compare(told, self._cut)

    def _piece(self, operation: Operation, stop: int) -> Told | None:
        """Freeze, and go on elsewhere."""
        state = self._cut.freeze()
        self._taken += len(state)
        self._session.cuts += 1
        if not self._session.choice.moves_now(self._session.random):
            self._cut = self._thaw(state)
            return self._cut.resume(operation, stop)
        self._session.moves += 1
        modules = self._cut.modules
        job = Job(
            self._session.kind,
            tuple(module.data for module in modules),
            self._session.hosts.numbers,
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
        return World.thaw(self._session.kind, self._session.hosts, self._cut.modules, state)

    def _compare_cut(self, told: Told | None, expected: Told | None) -> None:
        """Compare a world that was cut with the reference machine's at the same point."""
        assert self._followed is not None
        if self._session.stopped:
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
        again = (
            f"--cut {cut}"
            if cut
            else f"--cut {self._session.choice.text} --seed {self._session.choice.seed}"
        )
        return Differed(f"{difference}; to see it again: {self._session.again} {again}")

    def _recover(self) -> None:
        """Let all worlds be as the uncut one is, so that what follows is judged by itself."""
        with contextlib.suppress(RefexecError):
            self._whole.abandon()
            state = self._whole.freeze()
            modules = self._whole.modules
            self._cut = World.thaw(self._session.kind, self._session.hosts, modules, state)
            if self._followed is not None:
                self._followed = World.thaw(self._oracle, self._session.hosts, modules, state)


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
