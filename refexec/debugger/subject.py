"""What can be looked into: something that can be run again, always the same.

A `FunctionSubject` is a call of an exported function of a module that imports nothing. A
`RunSubject` is a recorded run of a Gate program. Both run to any fuel on either engine, tell how
they ended, and go back to checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from refexec import wasm
from refexec.abi.inputlog.container import InputLog
from refexec.errors import InputError, StateError, TrapError
from refexec.observe.observer import Observer
from refexec.observe.splitter import PacketSplitter
from refexec.observe.text import value_text
from refexec.runtime.replay import Replay
from refexec.trap import TrapID


class Checkpoint(NamedTuple):
    """A point to go back to."""

    fuel: int
    """Fuel spent there."""
    size: int
    """Bytes that it takes, about."""
    state: Any
    """What the subject needs to know."""


class Packet(NamedTuple):
    """A packet that has passed."""

    fuel: int
    """Fuel spent at the call that moved its last byte."""
    direction: str
    """"sent" or "received"."""
    data: bytes
    """Without padding."""


class Subject(Protocol):
    """Something that can be run again."""

    @property
    def module(self) -> wasm.Module:
        """The program's module."""
        ...

    @property
    def machine(self) -> wasm.Instance | None:
        """The program's machine, while it does not run. None if it trapped when it was made."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the end has been reached."""
        ...

    @property
    def ending(self) -> str:
        """How it ended, in words; empty before."""
        ...

    @property
    def trapped(self) -> bool:
        """Whether it ended by a trap, or by an exception that nothing caught."""
        ...

    @property
    def fuel_spent(self) -> int:
        """Fuel that the program has spent."""
        ...

    def packets(self) -> list[Packet]:
        """The packets that have passed so far, in order; of a called function none."""
        ...

    def run(self, until: int | None = None) -> bool:
        """Run until so much fuel is spent in all, or to the end. Returns whether that is reached.

        It stops before the first instruction that costs something and finds none left.
        """
        ...

    def watch(self, engine: str, observer: Observer | None = None) -> None:
        """Go on with an engine, and an observer or none."""
        ...

    def checkpoint(self) -> Checkpoint:
        """Remember this point. Raises StateError at the end."""
        ...

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to a point that was remembered."""
        ...


class FunctionSubject:
    """A call of an exported function. The module may import nothing.

    `args` are as `wasm.Instance.call` takes them with `bits=True`. With `fuel`, the run ends where
    so much is spent.
    """

    def __init__(
        self,
        module: wasm.Module,
        function: str,
        args: Sequence[Any],
        *,
        fuel: int | None = None,
        engine: str | None = None,
        observer: Observer | None = None,
    ) -> None:
        if module.imports:
            entry = module.imports[0]
            raise InputError(
                f"imports {entry.module}.{entry.name}; a module whose functions are called by name"
                " may not import anything"
            )
        self.module = module
        self.machine: wasm.Instance | None = None
        self.outcome: wasm.Outcome | None = None
        self._function = function
        self._args = list(args)
        self._limit = fuel
        self._phase = "fresh"
        try:
            self.machine = wasm.Instance(
                module, engine=engine, observer=observer, fuel=0, start=False
            )
        except TrapError as error:
            self.outcome = wasm.Trapped(error.cause, ())

    @property
    def ended(self) -> bool:
        """Whether the call has ended."""
        return self.outcome is not None

    @property
    def ending(self) -> str:
        """How it ended."""
        match self.outcome:
            case None:
                return ""
            case wasm.Returned(values):
                types = self._types() if self._phase == "entry" else ()
                shown = [value_text(_held(v, of), of) for v, of in zip(values, types, strict=True)]
                return "returned " + (", ".join(shown) or "nothing")
            case wasm.Trapped(cause=cause):
                return f"trap {cause.trap:d}: {cause.message}"
            case wasm.Suspended():
                return f"out of fuel after {self.fuel_spent}"
            case _:
                return "uncaught wasm exception"

    @property
    def trapped(self) -> bool:
        """Whether it ended by a trap, or by an exception that nothing caught."""
        return isinstance(self.outcome, wasm.Trapped | wasm.Threw)

    def packets(self) -> list[Packet]:
        """None: a function that is called by name has no services."""
        return []

    def _types(self) -> tuple[Any, ...]:
        for export in self.module.exports:
            if export.name == self._function and isinstance(export.type, wasm.FunctionType):
                return export.type.results
        raise InputError(f"no function is exported as {self._function!r}")

    @property
    def fuel_spent(self) -> int:
        """Fuel that the call has spent."""
        return 0 if self.machine is None else self.machine.fuel_spent

    def run(self, until: int | None = None) -> bool:
        """Run until so much fuel is spent in all, or to the end."""
        machine = self.machine
        if self.ended or machine is None:
            return True
        limits = [limit for limit in (until, self._limit) if limit is not None]
        machine.set_fuel(max(0, min(limits) - machine.fuel_spent) if limits else None)
        outcome = self._step(machine)
        if isinstance(outcome, wasm.Suspended) and not self._is_spent(machine, until):
            return False
        self.outcome = outcome
        return True

    def _is_spent(self, machine: wasm.Instance, until: int | None) -> bool:
        """Whether a call has stopped because all fuel is spent that it was given in all."""
        session = machine.session
        if self._limit is None or (session is not None and session.paused):
            return False
        return machine.fuel_spent >= self._limit and (until is None or until > self._limit)

    def _step(self, machine: wasm.Instance) -> wasm.Outcome:
        """Start function, then the function, each if it is still due."""
        outcome: wasm.Outcome = wasm.Returned([])
        if self._phase == "fresh":
            self._phase = "start"
            outcome = machine.start()
        elif machine.suspended:
            outcome = machine.resume(bits=True)
        if self._phase == "entry" or not isinstance(outcome, wasm.Returned):
            return outcome
        self._phase = "entry"
        return machine.call(self._function, *self._args, bits=True)

    def watch(self, engine: str, observer: Observer | None = None) -> None:
        """Go on with an engine, and an observer or none."""
        if self.machine is not None:
            self.machine.use_engine(engine)
            self.machine.observe(observer)

    def checkpoint(self) -> Checkpoint:
        """Remember this point."""
        if self.machine is None or self.ended:
            raise StateError("a call that has ended has no checkpoints")
        tree = self.machine.freeze_tree()
        return Checkpoint(self.fuel_spent, size_of(tree), (tree, self._phase))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to a point that was remembered."""
        assert self.machine is not None
        tree, self._phase = checkpoint.state
        session = self.machine.session
        self.machine = wasm.Instance.thaw(
            self.module,
            tree,
            engine=self.machine.engine,
            fuel=0,
            observer=None if session is None else session.observer,
        )
        self.outcome = None


class RunSubject:
    """A recorded run of a Gate program."""

    def __init__(
        self,
        log: InputLog,
        *,
        engine: str | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._passed: dict[int, list[tuple[str, bytes]]] = {}
        """Bytes by the number of the host call that moved them, and direction."""
        self._known = 0
        """Calls up to this one have been made before, and what they moved is known."""
        self.replay = Replay(
            log,
            engine=engine,
            observer=observer,
            sent=lambda data: self._note("sent", data),
            received=lambda data: self._note("received", data),
        )

    def _note(self, direction: str, data: bytes) -> None:
        call = self.replay.position
        if call > self._known:
            self._passed.setdefault(call, []).append((direction, data))

    def packets(self) -> list[Packet]:
        """The packets that have passed so far, in order."""
        found: list[Packet] = []
        fuel = 0

        def take(direction: str) -> Callable[[bytes], None]:
            return lambda data: found.append(Packet(fuel, direction, data))

        splitters = {name: PacketSplitter(take(name)) for name in ("sent", "received")}
        for call in sorted(self._passed):
            if call > self.replay.position:
                break
            fuel = self.replay.log.fuels[call - 1]
            for direction, data in self._passed[call]:
                splitters[direction].feed(data)
        return found

    @property
    def module(self) -> wasm.Module:
        """The program's module."""
        return self.replay.program.module

    @property
    def machine(self) -> wasm.Instance | None:
        """The program's machine."""
        return self.replay.machine

    @property
    def ended(self) -> bool:
        """Whether the recorded end has been reached."""
        return self.replay.ended

    @property
    def ending(self) -> str:
        """How the run ended."""
        if not self.ended:
            return ""
        ending = self.replay.log.ending
        if ending is None:
            return "the log goes no further"
        if ending.error:
            return f"{ending.trap}: {ending.error}"
        if ending.trap == TrapID.EXIT:
            return f"exit: {ending.result}"
        return f"trap {ending.trap:d}: {ending.trap}"

    @property
    def trapped(self) -> bool:
        """Whether it ended by a trap, or by an exception that nothing caught."""
        return self.ended and bool(self.replay.backtrace)

    @property
    def fuel_spent(self) -> int:
        """Fuel that the program has spent, earlier runs included."""
        return self.replay.fuel_spent

    def run(self, until: int | None = None) -> bool:
        """Run until so much fuel is spent in all, or to the recorded end."""
        return self.replay.run(until)

    def watch(self, engine: str, observer: Observer | None = None) -> None:
        """Go on with an engine, and an observer or none."""
        self.replay.watch(engine, observer)

    def checkpoint(self) -> Checkpoint:
        """Remember this point."""
        state = self.replay.checkpoint()
        return Checkpoint(self.fuel_spent, size_of(state.tree), state)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to a point that was remembered."""
        self._known = max(self._known, *self._passed, 0)
        self.replay.restore(checkpoint.state)


def _held(value: Any, of: Any) -> Any:
    """A value given as bits, as the machine holds it."""
    from refexec.interp.values import f32_from_bits, f64_from_bits

    if of is wasm.F32:
        return f32_from_bits(value)
    return f64_from_bits(value) if of is wasm.F64 else value


def size_of(tree: Any) -> int:
    """Bytes that plain data take, about."""
    total, waiting = 0, [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, bytes | str):
            total += len(item)
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list | tuple):
            waiting += item
        total += 50
    return total
