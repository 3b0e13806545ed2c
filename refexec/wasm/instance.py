"""Instances and stores: calling, suspending, freezing.

An `Instance` owns fuel and at most one suspended call. Instances that are linked to each other
share a `Store`. A call made while another runs in the same store (from a host function) is nested:
it counts towards the same depth, is charged to the call below, and cannot be stopped on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from refexec.errors import (
    ConfigError,
    InputError,
    LimitError,
    LinkError,
    OutOfFuelError,
    SnapshotError,
    StateError,
    TrapError,
    WasmExceptionError,
)
from refexec.interp import machine
from refexec.interp import store as s
from refexec.interp.instantiate import instantiate
from refexec.interp.limits import DEFAULT_LIMITS, Limits
from refexec.interp.types import FunctionType
from refexec.record import record
from refexec.trap import TrapCause
from refexec.wasm.engines import engine_for
from refexec.wasm.module import BacktraceFrame, Module, backtrace_of
from refexec.wasm.objects import (
    ExportedFunction,
    External,
    Memory,
    Tag,
    unwrap_external,
    unwrap_function,
    wrap_external,
)
from refexec.wasm.outcomes import Outcome, Returned, Suspended, Threw, Trapped
from refexec.wasm.recursion import recursion_limit
from refexec.wasm.store import Store
from refexec.wasm.values import all_from_python, all_to_python

if TYPE_CHECKING:
    from refexec.observe import Observer
    from refexec.observe.machine import GuestMemory, Session


@record()
class _Call:
    """A call in progress."""

    machine: machine.Machine
    type: FunctionType
    bits: bool
    exhausted: bool = False
    """Whether it stopped because the call stack was full, rather than suspended."""


class Instance:
    """A module brought to life."""

    def __init__(
        self,
        module: Module,
        imports: Mapping[tuple[str, str], Any] | None = None,
        store: Store | None = None,
        engine: str | None = None,
        fuel: int | None = None,
        limits: Limits | None = None,
        start: bool = True,
        observer: Observer | None = None,
    ) -> None:
        """Instantiate a module.

        `imports` maps (module, name) to a `HostFunction` or to an export of another instance.
        `engine` runs it; None for the default one, and for the reference while it is observed.
        `fuel` is what calls may spend together, None for no limit. With `start=False` the start
        function is left to a call of `start`. `observer` watches the instance.

        Raises LinkError for a missing or unfit import, TrapError if instantiation traps,
        OutOfFuelError if fuel runs out in the start function (with `start=False` there would be
        an instance to go on with), ImplementationLimitError, or ConfigError for an unknown engine.
        """
        self._prepare(module, store, engine, fuel, limits)
        self.observe(observer)
        externals = self._externals(imports or {})
        constants = self._new_machine()
        before = constants.fuel
        members = self._store.inner.instances
        known = len(members)
        try:
            instantiate(self._store.inner, module.valid, externals, constants)
        finally:
            self._spend(before - constants.fuel)
            # Even if a segment trapped: what earlier ones wrote elsewhere may refer to it.
            if len(members) > known:
                self._inner = members[-1]
                self._store.add(self)
        if start:
            self._raise_unless_returned(self.start())

    def _prepare(
        self,
        module: Module,
        store: Store | None,
        engine: str | None,
        fuel: int | None,
        limits: Limits | None,
    ) -> None:
        chosen = engine_for(engine, observed=False)
        if store is not None and limits not in (None, store.limits):
            raise ConfigError("limits: an instance has those of its store")
        if fuel is not None and fuel < 0:
            raise ConfigError(f"fuel: expected a number from 0 or None, found {fuel}")
        self.module = module
        self.engine = chosen
        """The engine that runs it."""
        self._asked_for = engine
        self._store = store if store is not None else Store(limits or DEFAULT_LIMITS)
        self._fuel = fuel
        self._spent = 0
        self._call: _Call | None = None
        self._running: machine.Machine | None = None
        self._fuel_before = 0
        """The fuel of the running machine when it began to run."""
        self._interrupted = False
        self._exports: dict[str, External] | None = None
        self._must_start = module.has_start
        self._session: Session | None = None

    def _externals(self, imports: Mapping[tuple[str, str], Any]) -> list[s.ExternalInstance]:
        externals = []
        for entry in self.module.valid.syntax.imports:
            key = entry.module, entry.name
            if key not in imports:
                raise LinkError(f"unknown import {entry.module!r} {entry.name!r}")
            external = unwrap_external(imports[key])
            if external is None:
                raise LinkError(
                    f"import {entry.module!r} {entry.name!r}: expected a HostFunction or an "
                    f"export, found {type(imports[key]).__name__}"
                )
            externals.append(external)
        return externals

    # -- what it offers --------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The store it lives in."""
        return self._store

    @property
    def inner(self) -> s.ModuleInstance:
        """The module instance of the engines."""
        return self._inner

    @property
    def exports(self) -> Mapping[str, External]:
        """What the instance exports, by name."""
        if self._exports is None:
            self._exports = {
                name: wrap_external(external, self)
                for name, external in self._inner.exports.items()
            }
        return self._exports

    @property
    def memory(self) -> Memory | None:
        """The first memory, exported or not; None if there is none."""
        return Memory(self._inner.memories[0], owner=self) if self._inner.memories else None

    @property
    def guest_memory(self) -> Memory | GuestMemory | None:
        """As `memory`, for functions of the host that it calls: an observer learns of them."""
        if self._session is None or not self._inner.memories:
            return self.memory
        from refexec.observe.machine import GuestMemory

        return GuestMemory(self._session, self._inner.memories[0])

    # -- observers and engines -------------------------------------------------------------------

    def observe(self, observer: Observer | None) -> None:
        """Have an observer watch what the instance does from here on; None for nobody.

        It begins at once, also in a suspended call. Raises ConfigError if another engine than the
        reference was asked for, StateError while a call is running.
        """
        self._must_not_run()
        self.engine = engine_for(self._asked_for, observer is not None)
        if observer is None:
            self._session = None
        else:
            from refexec.observe.machine import Session

            self._session = Session(observer, lambda: self.fuel_spent)
        self._change_machine()

    def translate(self) -> None:
        """Translate all functions of the module now, rather than when they turn out to be busy.

        Only the engine `translated` has a use for it.
        """
        from refexec.translate import engine_of

        engine_of(self._store.inner).translate(self.inner)

    def use_engine(self, engine: str) -> None:
        """Go on with another engine, also in a suspended call. Any observer is gone.

        Raises ConfigError for an unknown engine, StateError while a call is running.
        """
        self._must_not_run()
        self.engine = self._asked_for = engine_for(engine, observed=False)
        self._session = None
        self._change_machine()

    @property
    def session(self) -> Session | None:
        """What is kept of the observer, if there is one; for those who move its packets."""
        return self._session

    def _must_not_run(self) -> None:
        if self._store.active:
            raise StateError("a running instance cannot be watched or given another engine")

    def _change_machine(self) -> None:
        """Give a call that can be resumed the machine of this engine."""
        call = self._call
        if call is not None:
            call.machine = self._machine_for(call.machine)

    def _machine_for(self, thread: machine.Machine) -> machine.Machine:
        """A machine that goes on where another stands."""
        if self.engine == "translated":
            from refexec.translate import TranslatedMachine

            return TranslatedMachine.adopt(self._store.inner, thread)
        if self._session is not None:
            from refexec.observe.machine import adopt

            return adopt(thread, self._session)
        fresh = machine.Machine(thread.limits, thread.fuel)
        machine.take_over(fresh, thread)
        return fresh

    # -- fuel and interrupts ---------------------------------------------------------------------

    @property
    def fuel(self) -> int | None:
        """What may still be spent; None if there is no limit. Never below 0."""
        return None if self._fuel is None else max(0, self._fuel - self._unsettled())

    @property
    def fuel_spent(self) -> int:
        """What has been spent since instantiation, before freezing and thawing included.

        A host function may ask too, and finds its own call paid for. In another thread than that
        of a running call the number is some thousands too high at most.
        """
        return self._spent + self._unsettled()

    def _unsettled(self) -> int:
        """What the running call has spent so far."""
        running = self._running
        return 0 if running is None else self._fuel_before - running.fuel_now()

    def add_fuel(self, amount: int) -> None:
        """Allow `amount` more. Raises ConfigError if it is negative."""
        if amount < 0:
            raise ConfigError(f"fuel: expected a number from 0, found {amount}")
        if self._fuel is not None:
            self._fuel += amount

    def set_fuel(self, amount: int | None) -> None:
        """Say anew what may be spent from here on; None for no limit. Not during a call.

        Raises ConfigError if it is negative, StateError while a call is running.
        """
        if amount is not None and amount < 0:
            raise ConfigError(f"fuel: expected a number from 0 or None, found {amount}")
        self._must_not_run()
        self._fuel = amount

    def interrupt(self) -> None:
        """Suspend the running call soon; with none running, the next one at its beginning.

        May be called from any thread and from signal handlers.
        """
        running = self._running
        self._interrupted = True
        if running is not None:
            running.interrupted = True

    @property
    def suspended(self) -> bool:
        """Whether a call waits to be resumed.

        A call that trapped because the call stack was full does not wait, but can be resumed or
        frozen too, until another call is made: with higher limits it goes on.
        """
        return self._call is not None and not self._call.exhausted

    def _new_machine(self) -> machine.Machine:
        fuel = machine.UNLIMITED_FUEL if self._fuel is None else self._fuel
        if self.engine == "translated":
            # Loaded when it is asked for: those who never do start faster.
            from refexec.translate import TranslatedMachine

            return TranslatedMachine(self._store.inner, self._store.limits, fuel)
        if self._session is not None:
            from refexec.observe.machine import ObservedMachine

            return ObservedMachine(self._store.limits, fuel, self._session)
        return machine.Machine(self._store.limits, fuel)

    def _spend(self, amount: int) -> None:
        self._spent += amount
        if self._fuel is not None:
            self._fuel -= amount

    # -- calls -----------------------------------------------------------------------------------

    def start(self) -> Outcome:
        """Call the start function, if there is one that has not been called."""
        index = self.module.valid.syntax.start
        if index is None or not self._must_start:
            return Returned([])
        self._must_start = False
        return self._begin(self._inner.functions[index], [], False)

    @property
    def start_pending(self) -> bool:
        """Whether the start function has yet to be called."""
        return self._must_start

    def call(self, name: str, *args: Any, bits: bool = False) -> Outcome:
        """Call an exported function and tell how the call ended.

        With `bits`, numbers are given and taken as unsigned bit patterns. Raises InputError for
        an unknown function or unfit arguments, StateError if another call is suspended. An
        exception of a host function other than `TrapError`, `WasmExceptionError` and `Restart`
        passes through.
        """
        return self._call_function(self._function(name), args, bits)

    def invoke(self, name: str, *args: Any, bits: bool = False) -> list[Any]:
        """Call an exported function and return its results.

        Like `call`, but raises TrapError, WasmExceptionError, OutOfFuelError, or LimitError for
        an interrupt; after the last two the call can be resumed.
        """
        return self._raise_unless_returned(self.call(name, *args, bits=bits))

    def invoke_function(self, function: ExportedFunction, *args: Any) -> list[Any]:
        """Call a function reached through this instance, like `invoke`."""
        return self._raise_unless_returned(self._call_function(function, args, False))

    def resume(self, bits: bool | None = None) -> Outcome:
        """Go on with the suspended call. Raises StateError if there is none.

        `bits` says how numbers are given back, as for `call`; None as the call was begun, which a
        call that was frozen has forgotten: then as if without.
        """
        call = self._call
        if call is None:
            raise StateError("no call is suspended")
        if bits is not None:
            call.bits = bits
        self._call = None
        call.exhausted = False
        call.machine.fuel = machine.UNLIMITED_FUEL if self._fuel is None else self._fuel
        return self._run(call)

    def abandon(self) -> None:
        """Give up the call that can be resumed, if there is one. What it has done stays done."""
        self._call = None

    def _function(self, name: str) -> ExportedFunction:
        exported = self.exports.get(name)
        if not isinstance(exported, ExportedFunction):
            raise InputError(f"no function is exported as {name!r}")
        return exported

    def _call_function(
        self, function: ExportedFunction, args: tuple[Any, ...], bits: bool
    ) -> Outcome:
        if self.suspended:
            raise StateError("another call is suspended; resume it first")
        self._call = None
        values = all_from_python(args, function.type.params, bits, unwrap_function, "argument")
        return self._begin(function.inner, values, bits)

    def _begin(
        self,
        function: s.FunctionInstance | s.HostFunctionInstance,
        args: list[Any],
        bits: bool,
    ) -> Outcome:
        active = self._store.active
        thread = self._new_machine()
        call = _Call(thread, function.type, bits)
        if active:
            below = active[-1]
            if len(active) > self._store.limits.host_depth:
                return Trapped(TrapCause.CALL_STACK_EXHAUSTED, ())
            thread.unstoppable = True
            thread.base_depth, thread.base_slots = below.usage()
        try:
            thread.invoke(function, args)
        except TrapError as error:
            return self._trapped(error)
        return self._run(call)

    def _run(self, call: _Call) -> Outcome:
        thread = call.machine
        active = self._store.active
        before = thread.fuel
        if not thread.unstoppable:
            self._fuel_before = before
            self._running = thread
            if self._interrupted:
                thread.interrupted = True
        active.append(thread)
        try:
            with recursion_limit(len(active), thread.python_frames):
                ended = thread.run()
        except TrapError as error:
            if error.cause is TrapCause.CALL_STACK_EXHAUSTED and not thread.unstoppable:
                self._call = call
                call.exhausted = True
            return self._trapped(error)
        except machine.UncaughtException as error:
            tag = error.exception.tag
            return Threw(
                Tag(tag, self),
                all_to_python(
                    error.exception.values, tag.type.function.params, call.bits, self._wrap
                ),
                backtrace_of(self.module, error.backtrace),
            )
        finally:
            active.pop()
            spent = before - thread.fuel
            if active:
                active[-1].surcharge += spent
            else:
                self._spend(spent)
                self._running = None
        if ended is machine.Outcome.SUSPENDED:
            if thread.unstoppable:
                raise StateError("a call below another one cannot be suspended by a host function")
            self._interrupted = False
            self._call = call
            return Suspended()
        results = thread.results
        return Returned(all_to_python(results, call.type.results, call.bits, self._wrap))

    def _wrap(self, function: s.FunctionInstance | s.HostFunctionInstance) -> ExportedFunction:
        return ExportedFunction(function, self)

    def _trapped(self, error: TrapError) -> Trapped:
        # What a host function raised for an inner call has its frames described already.
        frames = [item for item in error.backtrace if not isinstance(item, BacktraceFrame)]
        described = tuple(item for item in error.backtrace if isinstance(item, BacktraceFrame))
        return Trapped(error.cause, described + backtrace_of(self.module, frames))

    def _raise_unless_returned(self, outcome: Outcome) -> list[Any]:
        match outcome:
            case Returned(values):
                return values
            case Trapped(cause, backtrace):
                raise TrapError(cause, backtrace)
            case Threw(tag, values, backtrace):
                raise WasmExceptionError(tag, values, backtrace)
            case Suspended():
                if self.fuel == 0:
                    raise OutOfFuelError(f"out of fuel after {self._spent}; add fuel and resume")
                raise LimitError("the call was interrupted; resume() continues it")

    # -- freezing --------------------------------------------------------------------------------

    @property
    def frozen_call(self) -> machine.Machine | None:
        """The machine of the call that can be resumed; only for freezing."""
        return None if self._call is None else self._call.machine

    def freeze_tree(
        self, host: Mapping[str, Any] | None = None, copy: bool = True
    ) -> dict[str, Any]:
        """The state as plain data, with the call that can be resumed if there is one.

        `host` names functions and objects of the host that are held by tables, globals or frames;
        imported functions need no name. Raises SnapshotError if the instance is not alone in its
        store or an object of the host has no name, StateError while a call is running.

        Without `copy`, contents of memories are views of the memories, which saves time for who
        uses them at once.
        """
        self._must_be_alone()
        return self._store.freeze_tree(host, copy)

    def freeze(self, host: Mapping[str, Any] | None = None) -> bytes:
        """The state as bytes; see `freeze_tree`."""
        self._must_be_alone()
        return self._store.freeze(host)

    def _must_be_alone(self) -> None:
        if len(self._store.inner.instances) != 1:
            raise SnapshotError("the instance is not alone in its store; freeze the store instead")

    @classmethod
    def thaw(
        cls,
        module: Module,
        state: bytes | dict[str, Any],
        imports: Mapping[tuple[str, str], Any] | None = None,
        engine: str | None = None,
        fuel: int | None = None,
        limits: Limits | None = None,
        host: Mapping[str, Any] | None = None,
        observer: Observer | None = None,
    ) -> Instance:
        """Build an instance from a frozen state, which is checked against the module.

        `fuel` is what may be spent from now on; `host` is what `freeze` was given, and imported
        memories, tables, globals and tags of the host have to be given anew and get the contents
        that they had. `observer` watches it. Raises SnapshotError if the state is damaged or
        belongs to another module, LinkError if an import is missing or unfit.
        """
        store = Store.thaw(state, [module], imports, host, engine, fuel, limits)
        if len(store.instances) != 1:
            raise SnapshotError("state: expected one instance; thaw the store instead")
        store.instances[0].observe(observer)
        return store.instances[0]

    @classmethod
    def thawing(
        cls,
        module: Module,
        store: Store,
        engine: str | None,
        fuel: int | None,
        spent: int,
        start: bool,
    ) -> Instance:
        """Make the object for an instance that is about to be thawed; only for `Store.thaw`."""
        self = cls.__new__(cls)
        self._prepare(module, store, engine, fuel, None)
        self._spent = spent
        self._must_start = start and module.has_start
        return self

    def thawed(self, inner: s.ModuleInstance, thread: machine.Machine | None) -> None:
        """Take over what was thawed; only for `Store.thaw`."""
        self._inner = inner
        if thread is not None:
            function = thread.pending[0] if thread.pending else thread.frames[0].function
            assert function is not None
            if self.engine == "translated":
                thread = self._machine_for(thread)
            self._call = _Call(thread, function.type, False)

    def state_digest(self) -> str:
        """Hash of everything that the guest could observe, the suspended call included.

        Of all instances, if it is linked to others; see `Store.state_digest`.
        """
        return self._store.state_digest()

    def backtrace(self) -> tuple[BacktraceFrame, ...]:
        """Where the suspended call stands, innermost frame first; empty if there is none."""
        if self._call is None:
            return ()
        frames = [(frame, frame.pc) for frame in reversed(self._call.machine.frames)]
        return backtrace_of(self.module, frames)
