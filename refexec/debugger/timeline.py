"""Time travel: every moment of a program's run, to be gone to, in both directions.

A *moment* is a point between two instructions, just before the second one. Fuel alone does not name
it, since some instructions are free; so a moment is the fuel of the last point at which the program
could have been stopped by fuel, and the number of instructions since then.

To go back, the program is taken back to a *checkpoint* before the moment, and runs forward from
there: on the fast engine up to the fuel, on the reference machine for the last instructions. Both
engines give the same states, and a subject runs the same way every time. Checkpoints are made while
the program goes forward for the first time, at distances that grow with the run, so that there are
never many.
"""

from __future__ import annotations

import bisect
import gc
from collections.abc import Callable
from typing import Final, NamedTuple

from refexec import wasm
from refexec.debugger.subject import Checkpoint, Subject
from refexec.errors import StateError
from refexec.observe.machine import Pause
from refexec.observe.observer import Access, Observer, Place, View

FIRST_DISTANCE: Final = 50_000
"""Fuel between checkpoints, at first."""

MOST_CHECKPOINTS: Final = 24
"""Checkpoints that are kept; when there are more, every second one goes."""

MOST_BYTES: Final = 96 << 20
"""Bytes that checkpoints may take together, about."""

_GARBAGE: Final = 32 << 20
"""Bytes of states that were left, at which Python is asked to look for what is unreachable."""

WINDOW: Final = 500
"""Fuel before a moment within which the one before it is looked for first."""

FAST = "translated"


class Moment(NamedTuple):
    """A point between two instructions."""

    fuel: int
    """Fuel spent at the last point where fuel could have stopped the program."""
    step: int
    """Instructions since then, all but the first of them free."""

    def __str__(self) -> str:
        return f"{self.fuel}" if not self.step else f"{self.fuel}+{self.step}"


class Stop(NamedTuple):
    """Why a run has stopped."""

    reason: str
    """In words; empty if it has come as far as it was to go."""
    place: Place | None = None
    """Where, if a condition was met."""


Predicate = Callable[[View, Place], str]
"""Tells at an instruction why to stop before it, or "" to go on."""


class Conditions:
    """What a run stops for."""

    def __init__(self) -> None:
        self.offsets: dict[int, str] = {}
        """Byte offsets of instructions, with what is said of each."""
        self.watches: list[tuple[int, int]] = []
        """Address and size in memory 0; a write stops the run, after it."""
        self.packets = False
        """Whether a packet that has passed stops it."""
        self.traps = True
        """Whether a trap stops it before the instruction that traps, not at the end."""

    @property
    def any(self) -> bool:
        """Whether there is anything that has to be looked for at each instruction."""
        return bool(self.offsets or self.watches or self.packets)


class _Pacer(Observer):
    """Counts moments; stops at the first for which there is a reason, or keeps the last such.

    `limit` is a moment at which to stop in any case. With `before`, the run is not stopped for
    reasons; the last moment with one, before that, is in `found`.
    """

    def __init__(
        self,
        conditions: Conditions | None = None,
        predicate: Predicate | None = None,
        *,
        skip: int = 0,
        limit: Moment | None = None,
        before: Moment | None = None,
    ) -> None:
        self.moment = Moment(0, 0)
        self.found: tuple[Moment, Stop] | None = None
        self.stop: Stop | None = None
        self.seen = 0
        self.trapped = False
        self._conditions = Conditions() if conditions is None else conditions
        self._predicate = predicate
        self._skip = skip
        self._limit = limit
        self._before = before
        self._happened = ""
        self.last: Moment | None = None

    def instruction(self, view: View, place: Place) -> None:
        """Find out where this is, and whether to stop."""
        if place.cost:
            moment = Moment(view.fuel_spent, 0)
        else:
            moment = Moment(self.moment.fuel, self.moment.step + 1)
        before, self.moment = self.moment, moment
        if self._limit is not None and moment >= self._limit:
            self._consider(view, place)
            self.last = before if self.seen else None
            raise Pause
        if self.seen >= self._skip:
            self._consider(view, place)
            if self.stop is not None:
                raise Pause
        self.seen += 1

    def _consider(self, view: View, place: Place) -> None:
        reason = self._happened or self._conditions.offsets.get(place.offset, "")
        if not reason and self._predicate is not None:
            reason = self._predicate(view, place)
        self._happened = ""
        if not reason:
            return
        if self._before is None:
            self.stop = Stop(reason, place)
        elif self.moment < self._before:
            self.found = self.moment, Stop(reason, place)

    def access(self, view: View, place: Place, access: Access) -> None:
        """Stop after a write that is watched."""
        if not access.write or access.memory:
            return
        for address, size in self._conditions.watches:
            if access.address < address + size and address < access.address + access.size:
                self._happened = f"memory at 0x{address:x} was written at 0x{place.offset:x}"

    def sent(self, packet: bytes) -> None:
        """Stop after it, if wanted."""
        if self._conditions.packets:
            self._happened = f"a packet of {len(packet)} bytes was sent"

    def received(self, packet: bytes) -> None:
        """Stop after it, if wanted."""
        if self._conditions.packets:
            self._happened = f"a packet of {len(packet)} bytes was received"


class Timeline:
    """The moments of one run. Begins at the first."""

    now: Moment
    """Where the program stands; of no meaning at the end."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.interrupted = False
        """Set, from a signal handler perhaps, to have a long run stop soon."""
        self._distance = FIRST_DISTANCE
        self._checkpoints: list[Checkpoint] = []
        self._near: Checkpoint | None = None
        self._farthest = 0
        self._left = 0
        if subject.machine is None:
            self.now = self.first = Moment(0, 0)
            return
        self._first_fuel = subject.fuel_spent
        subject.run(subject.fuel_spent)
        self.now = self.first = Moment(subject.fuel_spent, 0)
        if not subject.ended:
            self._keep()

    @property
    def ended(self) -> bool:
        """Whether the program stands at its end, after the last instruction."""
        return self.subject.ended

    # -- going to a moment -------------------------------------------------------------------

    def goto(self, moment: Moment) -> None:
        """Go to a moment of the run. Raises StateError if there is no such."""
        if moment < self.first:
            raise StateError(f"the run begins at {self.first}")
        if moment == self.now and not self.ended:
            return
        self._to_fuel(moment.fuel)
        if self.ended or self.subject.fuel_spent != moment.fuel:
            raise StateError(f"there is no moment {moment}")
        self.now = Moment(moment.fuel, 0)
        if moment.step:
            self._pace(_Pacer(limit=moment))
            if self.now != moment:
                raise StateError(f"there is no moment {moment}")

    def goto_fuel(self, fuel: int) -> None:
        """Go to the first moment at which so much fuel is spent, or to the end."""
        if fuel < self.first.fuel:
            raise StateError(f"the run begins at {self.first}")
        self._to_fuel(fuel)
        self.now = Moment(self.subject.fuel_spent, 0)

    def _to_fuel(self, fuel: int) -> None:
        """Stand where the program stops with so much fuel, or at its end."""
        subject = self.subject
        here = self.now
        if self.ended or here.step or here.fuel > fuel:
            self._restore(self._checkpoint_before(fuel))
        else:
            best = self._checkpoint_before(fuel)
            if best.fuel > here.fuel:
                self._restore(best)
        subject.watch(FAST)
        self._run_keeping(fuel)

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.subject.restore(checkpoint)
        # The instance that was left is part of cycles, and Python does not know how large it is.
        self._left += checkpoint.size
        if self._left > _GARBAGE:
            self._left = 0
            gc.collect()
        self.now = Moment(checkpoint.fuel, 0)

    def _checkpoint_before(self, fuel: int) -> Checkpoint:
        """The last checkpoint at a fuel, or before it."""
        index = bisect.bisect_right([c.fuel for c in self._checkpoints], fuel)
        if not index:
            raise StateError("the program trapped when it was made: there is nothing before that")
        best = self._checkpoints[index - 1]
        near = self._near
        return near if near is not None and best.fuel < near.fuel <= fuel else best

    def _run_keeping(self, fuel: int | None) -> bool:
        """Run to a fuel, or to the end, with checkpoints on the way. Returns whether it is there.

        It also returns, with False, when it is interrupted, or when an observer stops it.
        """
        subject = self.subject
        while not subject.ended:
            target = max(subject.fuel_spent, self._farthest) + self._distance
            if fuel is not None and fuel <= target:
                subject.run(fuel)
                return True
            before = subject.fuel_spent
            if subject.run(target):
                return True
            session = None if subject.machine is None else subject.machine.session
            if (session is not None and session.paused) or self.interrupted:
                return False
            if subject.fuel_spent == before:
                continue
            self._keep()
        return True

    def _keep(self) -> None:
        """Make a checkpoint here, beyond all others."""
        checkpoint = self.subject.checkpoint()
        if self._checkpoints and checkpoint.fuel <= self._checkpoints[-1].fuel:
            return
        self._checkpoints.append(checkpoint)
        self._farthest = checkpoint.fuel
        while len(self._checkpoints) > 2 and (
            len(self._checkpoints) > MOST_CHECKPOINTS
            or sum(c.size for c in self._checkpoints) > MOST_BYTES
        ):
            # The first stays, and every second one of the others.
            self._checkpoints[1:] = self._checkpoints[2::2]
            self._distance *= 2

    # -- instructions ------------------------------------------------------------------------

    def _pace(self, pacer: _Pacer, keeping: bool = False) -> None:
        """Run with a pacer on the reference machine, from here to where it stops or to the end."""
        pacer.moment = Moment(self.now.fuel, self.now.step - 1)
        self.subject.watch(wasm.REFERENCE_ENGINE, pacer)
        if keeping:
            self._run_keeping(None)
        else:
            self.subject.run()
        self.now = pacer.moment
        if not self.ended and not self._stands_at(pacer.moment):
            self.now = Moment(self.subject.fuel_spent, 0)

    def _stands_at(self, moment: Moment) -> bool:
        machine = self.subject.machine
        session = None if machine is None else machine.session
        return session is not None and session.paused

    def step(self, count: int = 1) -> Stop:
        """Execute so many instructions."""
        if self.ended:
            return Stop(self.subject.ending)
        pacer = _Pacer(predicate=lambda view, place: "step", skip=count)
        self._pace(pacer)
        return Stop(self.subject.ending)

    def step_back(self, count: int = 1) -> Stop:
        """Take back so many instructions."""
        for _ in range(count):
            if self.now == self.first and not self.ended:
                return Stop("the run begins here")
            self.goto(self._before_now())
        return Stop("")

    def _before_now(self) -> Moment:
        """The moment before this one; at the end, that before the last instruction."""
        if self.ended:
            return self._last_before(None)
        if self.now.step:
            return Moment(self.now.fuel, self.now.step - 1)
        return self._last_before(self.now)

    def _last_before(self, limit: Moment | None) -> Moment:
        """The last moment before another, or before the end."""
        fuel = self.subject.fuel_spent if limit is None else limit.fuel
        window = WINDOW
        while True:
            begin = max(self.first.fuel, fuel - window)
            self._to_fuel(begin)
            if not self.ended and (limit is None or self.subject.fuel_spent < fuel):
                break
            if begin == self.first.fuel:
                self._restore(self._checkpoints[0])
                break
            # One instruction has cost more than that.
            window *= 16
        self.now = Moment(self.subject.fuel_spent, 0)
        # First the old one goes: both would be large together.
        self._near = None
        self._near = self.subject.checkpoint()
        pacer = _Pacer(limit=limit)
        self._pace(pacer)
        found = pacer.moment if limit is None else pacer.last
        assert found is not None
        return found

    # -- running -----------------------------------------------------------------------------

    def run(self, conditions: Conditions, predicate: Predicate | None = None) -> Stop:
        """Run until a condition is met, or to the end."""
        if self.ended:
            return Stop(self.subject.ending)
        self.interrupted = False
        begun = self.now
        pacer = _Pacer(conditions, predicate, skip=1)
        if conditions.any or predicate is not None:
            self._pace(pacer, keeping=True)
        else:
            # To the next point where fuel can stop it, then fast.
            self._to_whole(begun)
            self.subject.watch(FAST)
            self._run_keeping(None)
            self.now = Moment(self.subject.fuel_spent, 0)
        if pacer.stop is not None:
            return pacer.stop
        if not self.subject.ended:
            return Stop("interrupted")
        ending = self.subject.ending
        if conditions.traps and self.subject.trapped:
            last = self._last_before(None)
            if last > begun:
                self.goto(last)
            else:
                self.to_end()
        return Stop(ending)

    def _to_whole(self, begun: Moment) -> None:
        """Leave a moment behind a free instruction for the next that has a fuel of its own."""
        if begun.step:
            self._pace(_Pacer(limit=Moment(begun.fuel + 1, 0)))

    def to_end(self) -> Stop:
        """Run to the end, past everything."""
        quiet = Conditions()
        quiet.traps = False
        return self.run(quiet)

    def run_back(self, conditions: Conditions, predicate: Predicate | None = None) -> Stop:
        """Go back to the last moment before this one at which a condition was met."""
        if self.now == self.first and not self.ended:
            return Stop("the run begins here")
        limit = self.now if not self.ended else None
        now = Moment(1 << 63, 0) if limit is None else limit
        fuel = self.subject.fuel_spent if limit is None else limit.fuel
        starts = [c for c in self._checkpoints if c.fuel <= fuel and Moment(c.fuel, 0) < now]
        upper = limit
        for checkpoint in reversed(starts):
            self._restore(checkpoint)
            pacer = _Pacer(conditions, predicate, limit=upper, before=now)
            self._pace(pacer)
            if pacer.found is not None:
                moment, stop = pacer.found
                self.goto(moment)
                return stop
            upper = Moment(checkpoint.fuel, 0)
        self.goto(self.first)
        return Stop("the run begins here")


def within(depth: int) -> Predicate:
    """Stops where there are no more than so many activations."""
    return lambda view, place: "step" if view.depth <= depth else ""
