"""Running a recorded run again: the same program, given the same, in this process.

    log = inputlog.read("run.log")
    replay = Replay(log, logged=sys.stdout.buffer.write)
    replay.run()                                  # raises ReplayDivergedError if anything differs

A replay needs no worker: the program reaches nothing but its own memory, and what it was given
comes from the log. It can stop at any fuel, be looked at, remember where it was and go back there,
which is what a debugger needs to travel in time.

The log and the program in it may be hostile: whatever they claim, only errors of the tree are
raised, and the recorded limits must lie within those that the caller allows. How long it takes is
up to the program, as with any run; `run` takes a limit.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from refexec import image, wasm
from refexec.abi.inputlog.container import InputLog
from refexec.abi.inputlog.replayer import Replayer, Sink
from refexec.errors import InputLogError, ReplayDivergedError, StateError, TrapError
from refexec.observe.observer import Observer
from refexec.runtime.course import Course
from refexec.runtime.outcome import EXIT_TRAP
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID

_SUSPENDED: Final = EXIT_TRAP + TrapID.SUSPENDED


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A point of a replay to which one can go back. Made and used by `Replay` alone."""

    tree: dict[str, Any]
    phase: str
    position: int
    talked: bool


class Replay:
    """A recorded run, being run again.

    `sent` and `logged` take what the program writes to the packet stream and to the debug log,
    `received` what it reads from the packet stream. `observer` watches its machine.
    `limits` are the most that a program may be allowed; the recorded ones apply within them.

    Raises `InputLogError`, or what `image.Program` and `image.Instance` raise, if the log does not
    begin with a program that could be run, or was recorded with wider limits.
    """

    program: image.Program
    """The program."""

    machine: wasm.Instance | None
    """The program's machine, to be looked at while `run` is not running it. None if the program
    trapped when it was instantiated, or never began."""

    ended: bool
    """Whether the recorded end has been reached."""

    def __init__(
        self,
        log: InputLog,
        *,
        engine: str | None = None,
        limits: wasm.Limits | None = None,
        sent: Sink | None = None,
        logged: Sink | None = None,
        received: Sink | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.log = log
        self.ended = False
        self._engine = engine
        self._observer = observer
        self._limits = _restrict(wasm.Limits() if limits is None else limits, log)
        self._sent: Sink = _drop if sent is None else sent
        self._received: Sink = _drop if received is None else received
        self._start = log.beginning.snapshot
        if self._start.final or self._start.phase == "terminated":
            raise InputLogError("input log begins with a program that had ended for good")
        self.program, instance = image.Instance.from_snapshot(self._start, limits=self._limits)
        self._replayer = Replayer(
            log,
            self.program.resolution,
            sent=self._note_sent,
            logged=_drop if logged is None else logged,
            received=self._note_received,
        )
        self._entry = instance.entry
        self._course = Course(self._start.phase, self._entry)
        buffers = self._start.buffers
        self._talked = bool(buffers.services or buffers.input or buffers.output)
        self._status: int | None = None
        self.machine = None
        if log.ending is None or log.ending.begun:
            self._load(self._start.state)

    # -- where it is -----------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """How many host calls have been made."""
        return self._replayer.position

    @property
    def fuel_spent(self) -> int:
        """Fuel that the program has spent, earlier runs included."""
        return self._start.fuel_spent if self.machine is None else self.machine.fuel_spent

    @property
    def complete(self) -> bool:
        """Whether the log tells the run to its end, so that the end can be compared."""
        ending = self.log.ending
        return ending is not None and (ending.final is not None or not ending.begun)

    @property
    def last_fuel(self) -> int:
        """How far the log goes, in fuel: to the program's end, or to its last recorded call.

        A call that was interrupted counts, though its fuel was given back.
        """
        ends = [*self.log.fuels[-1:]]
        ending = self.log.ending
        if ending is not None and ending.final is not None:
            ends.append(ending.final.fuel_spent)
        return max(ends, default=self.fuel_spent)

    @property
    def backtrace(self) -> tuple[wasm.BacktraceFrame, ...]:
        """Where the program stood when it trapped, innermost first; empty if it did not."""
        return self._course.backtrace

    # -- running ---------------------------------------------------------------------------------

    def run(self, until: int | None = None) -> bool:
        """Run until the program has spent `until` fuel in all, or to the recorded end.

        Returns whether the recorded end has been reached; then everything about it was compared.
        The end of a log that is not `complete` is behind its last call. A program that is to stop
        at a fuel stops before the first instruction that costs something and finds none left.

        Raises `ReplayDivergedError` if the program does not do what was recorded, and
        `InputLogError` if the log says what cannot be. There is nothing to go on with after that,
        except an earlier checkpoint.
        """
        if self.ended:
            return True
        if self.machine is None:
            self._compare()
            return True
        target = self.last_fuel if until is None else min(until, self.last_fuel)
        self.machine.set_fuel(max(0, target - self.machine.fuel_spent))
        if self._was_stopped_at_once():
            self.machine.interrupt()
        status = self._course.run(self.machine)
        if status == _SUSPENDED and self._replayer.deficiency is not None:
            status += TrapID.ABI_DEFICIENCY - TrapID.SUSPENDED
        session = self.machine.session
        paused = session is not None and session.paused
        if status == _SUSPENDED and (paused or target < self.last_fuel):
            return False
        self._status = status
        self._compare()
        return True

    def watch(self, engine: str, observer: Observer | None = None) -> None:
        """Go on with an engine, and have an observer watch the machine; None for nobody.

        Raises `ConfigError` if they do not go together.
        """
        self._engine, self._observer = engine, observer
        if self.machine is not None:
            self.machine.use_engine(engine)
            self.machine.observe(observer)
            self._replayer.bind(self.machine.guest_memory)

    def _load(self, state: dict[str, Any] | None) -> None:
        """Make the machine; it gets fuel later."""
        module, imports = self.program.module, self._replayer.imports()
        try:
            if state is None:
                machine = wasm.Instance(
                    module,
                    imports,
                    engine=self._engine,
                    fuel=0,
                    limits=self._limits,
                    start=False,
                    observer=self._observer,
                )
            else:
                machine = wasm.Instance.thaw(
                    module,
                    state,
                    imports,
                    engine=self._engine,
                    fuel=0,
                    limits=self._limits,
                    observer=self._observer,
                )
        except TrapError as error:
            self._status = self._course.fail(error)
            return
        self.machine = machine
        self._replayer.bind(machine.guest_memory)
        self._replayer.meter = lambda: machine.fuel_spent

    def _was_stopped_at_once(self) -> bool:
        """Whether the recorded run was suspended before it did anything.

        A run without fuel goes on to the next instruction that costs something, this one did not.
        """
        ending = self.log.ending
        return (
            self.log.beginning.fuel != 0
            and not self.log.fuels
            and ending is not None
            and ending.final is not None
            and ending.status == _SUSPENDED
            and ending.final.fuel_spent == self.fuel_spent
        )

    def _note_sent(self, data: bytes) -> None:
        self._talked = True
        session = None if self.machine is None else self.machine.session
        if session is not None:
            session.sent(data)
        self._sent(data)

    def _note_received(self, data: bytes) -> None:
        session = None if self.machine is None else self.machine.session
        if session is not None:
            session.received(data)
        self._received(data)

    # -- the end ---------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Find that the program has ended as recorded, as far as that is known."""
        ending = self.log.ending
        if self.complete:
            assert ending is not None
            calls = len(self.log.fuels)
            if self.position != calls:
                self._diverge(f"{calls} host calls", f"{self.position}")
            if ending.status is not None and ending.begun:
                self._expect("exit status", ending.status, self._status)
        if ending is not None and ending.final is not None:
            final, machine = ending.final, self.machine
            memory = None if machine is None else machine.memory
            self._expect("fuel", final.fuel_spent, 0 if machine is None else machine.fuel_spent)
            self._expect("phase", final.phase, self._course.phase)
            self._expect("frames", final.frames, self._course.frames)
            self._expect("memory size", final.memory_size, 0 if memory is None else memory.size)
            if machine is not None and final.state_format == machine.freeze_tree(copy=False).get(
                "format"
            ):
                self._expect("state digest", final.digest, machine.state_digest())
        self.ended = True

    def _expect(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self._diverge(f"{what} {expected}", f"{found}")

    def _diverge(self, expected: str, found: str) -> NoReturn:
        raise ReplayDivergedError(
            self.position + 1, self.fuel_spent, expected, found, where="the end"
        )

    def outcome(self) -> tuple[image.Instance, Buffers]:
        """The program at this point, as a process would have left it, and what was on its way.

        At the recorded end both are those of the recorded run. Before it, and at the end of a log
        that is not `complete`, what services knew and what was on its way are not known: a program
        that had to do with services is marked as final then, since it could not go on with others.
        """
        _, instance = image.Instance.from_snapshot(self._start, limits=self._limits)
        ending = self.log.ending
        known = self.ended and self.complete
        final = ending.final if ending is not None and known else None
        memory = None if self.machine is None else self.machine.memory
        if final is not None or not known:
            instance.begin_mutation()
            instance.end_mutation(
                state=None if self.machine is None else self.machine.freeze_tree(),
                phase=self._course.phase,
                stack_usage=self._course.frames,
                memory_size=0 if memory is None else memory.size,
                monotonic_time=(
                    self._start.monotonic_time if final is None else final.monotonic_time
                ),
                fuel_spent=self.fuel_spent,
            )
        if ending is not None and known:
            instance.trap, instance.result = ending.trap, ending.result
            instance.final = instance.phase == "terminated"
            return instance, ending.buffers
        instance.trap, instance.result = TrapID.SUSPENDED, Result()
        instance.final = self._talked or instance.phase == "terminated"
        return instance, Buffers()

    # -- going back ------------------------------------------------------------------------------

    def checkpoint(self) -> Checkpoint:
        """Remember this point. Raises `StateError` at the end, from where nothing goes on."""
        if self.ended or self.machine is None:
            raise StateError("a replay that has ended has no checkpoints")
        return Checkpoint(
            self.machine.freeze_tree(), self._course.phase, self.position, self._talked
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back, or forth, to a point of this log that was remembered."""
        self._course = Course(checkpoint.phase, self._entry)
        self._talked = checkpoint.talked
        self._replayer.position = checkpoint.position
        self._replayer.deficiency = None
        self._status = None
        self.ended = False
        self._load(checkpoint.tree)


def _restrict(allowed: wasm.Limits, log: InputLog) -> wasm.Limits:
    """The recorded limits, if they are within those allowed."""
    recorded = dataclasses.asdict(log.beginning.bounds)
    for name, value in recorded.items():
        if value > getattr(allowed, name):
            raise InputLogError(
                f"input log was recorded with {name} {value}, at most {getattr(allowed, name)} is"
                " allowed here"
            )
    return dataclasses.replace(allowed, **recorded)


def _drop(data: bytes) -> None:
    """Take bytes that nobody wants."""
