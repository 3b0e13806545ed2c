"""The machine that is watched: the reference machine with another run loop.

`ObservedMachine` executes the same steps by the same functions, and charges them in the same
order; between them it calls the methods of an observer. Instances without one have the plain
machine, whose loop knows nothing of this. A `Session` is what an instance keeps of its observer:
which methods it has, and the places of each function with what there is to watch at them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refexec.errors import ObserverError, Restart, TrapError
from refexec.interp.limits import Limits
from refexec.interp.machine import (
    Execute,
    Frame,
    Machine,
    Outcome,
    Step,
    UncaughtException,
    take_over,
)
from refexec.interp.memory import MemoryInstance
from refexec.interp.names import NameMap, function_names
from refexec.interp.store import FunctionInstance, HostFunctionInstance
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.observe.accesses import ranges_of
from refexec.observe.observer import ENTRY, Access, Callee, Observer, Place, View
from refexec.observe.splitter import PacketSplitter
from refexec.trap import TrapCause

_CALLS = {"call", "call_indirect", "call_ref"}
_TAIL_CALLS = {f"return_{name}" for name in _CALLS}
_THROWS = {"throw", "throw_ref"}

Watch = Callable[["ObservedMachine", Frame, list[Any], Place, Execute, Any], "bool | None"]
"""Executes a step, and tells the observer about it."""

Mark = tuple[Execute, Any, int, Place, "Watch | None"]
"""A step, its place, and how it is watched, beyond being about to be executed."""


class Pause(Restart):
    """Raised by a debugger in `Observer.instruction`: stop before this instruction."""


class Session:
    """What an instance keeps of its observer."""

    def __init__(self, observer: Observer, spent: Callable[[], int]) -> None:
        """Look the methods up. `spent` tells the fuel that the instance has spent."""
        self.observer = observer
        self.spent = spent
        self.instruction = self._method("instruction")
        self.call = self._method("call")
        self.return_ = self._method("return_")
        self.branch = self._method("branch")
        self.access = self._method("access")
        self.trap = self._method("trap")
        self.resume = self._method("resume")
        self.suspend = self._method("suspend")
        self.calling: tuple[ObservedMachine, Place] | None = None
        """The call of a function of the host that is being made."""
        self.paused = False
        """Whether the observer, a debugger's, has stopped the last run."""
        self.received = self._packets("received")
        self.sent = self._packets("sent")
        self._marks: dict[int, list[Mark]] = {}
        self._keep: list[FunctionCode] = []
        self._names: dict[int, NameMap] = {}

    def _method(self, name: str) -> Any:
        """A method if the observer defines it, made to raise nothing but `ObserverError`."""
        found = getattr(self.observer, name, None)
        if getattr(found, "__func__", None) is getattr(Observer, name):
            return None
        return found

    def _packets(self, name: str) -> Callable[[bytes], None]:
        """What takes bytes of one direction of the packet stream."""
        method = self._method(name)
        if method is None:
            return lambda data: None

        def told(packet: bytes) -> None:
            self.tell(method, packet)

        return PacketSplitter(told).feed

    def tell(self, method: Callable[..., None] | None, *args: Any) -> None:
        """Call a method of the observer, if it has it."""
        if method is None:
            return
        try:
            method(*args)
        except Exception as error:
            raise failed(self.observer, error) from error

    def report(self) -> Any:
        """What the observer reports."""
        try:
            return self.observer.report()
        except Exception as error:
            raise failed(self.observer, error) from error

    # -- places ----------------------------------------------------------------------------------

    def marks(self, frame: Frame) -> list[Mark]:
        """The steps of a frame's function, with what there is to watch at them."""
        code = frame.code
        found = self._marks.get(id(code))
        if found is None:
            assert isinstance(code, FunctionCode)
            found = self._marks[id(code)] = self._mark(frame.instance.module, code, frame.steps)
            self._keep.append(code)
        return found

    def _mark(self, module: ValidModule, code: FunctionCode, steps: list[Step]) -> list[Mark]:
        name = self.names(module).get(code.index)
        entry = Place(code.index, name, 0, code.offset, ENTRY, 1, None, None, code, module)
        marks: list[Mark] = [(*steps[0], entry, None)]
        last = len(steps) - 1
        for step, (opcode, immediate) in enumerate(code.body.instructions, 1):
            mnemonic = opcode.mnemonic.removesuffix(" t").removesuffix(" null")
            offset = code.body.offsets[step - 1]
            cost = steps[step][2]
            place = Place(
                code.index, name, step, offset, mnemonic, cost, opcode, immediate, code, module
            )
            marks.append((*steps[step], place, self._watch(place, step == last)))
        return marks

    def names(self, module: ValidModule) -> NameMap:
        """Names of a module's functions."""
        if id(module) not in self._names:
            self._names[id(module)] = function_names(module.syntax)
        return self._names[id(module)]

    def _watch(self, place: Place, last: bool) -> Watch | None:
        mnemonic = place.mnemonic
        assert place.opcode is not None
        if mnemonic in _CALLS or mnemonic in _TAIL_CALLS:
            # Always: what the host does in it is told with its place.
            return _watch_tail_call if mnemonic in _TAIL_CALLS else _watch_call
        if self.return_ is not None and (mnemonic == "return" or last or mnemonic in _THROWS):
            return _watch_throw if mnemonic in _THROWS else _watch_return
        if self.branch is not None and (mnemonic.startswith("br") or mnemonic == "if"):
            return _watch_branch
        if self.access is not None:
            ranges = ranges_of(place.opcode)
            if ranges is not None:

                def watch_access(
                    machine: ObservedMachine,
                    frame: Frame,
                    stack: list[Any],
                    place: Place,
                    execute: Execute,
                    arg: Any,
                ) -> bool | None:
                    assert ranges is not None
                    accesses = [
                        _access(frame.instance.memories[memory], memory, address, size, write)
                        for memory, address, size, write in ranges(stack, arg)
                    ]
                    changed = execute(frame, stack, arg)
                    for access in accesses:
                        self.tell(self.access, machine.view, place, access)
                    return changed

                return watch_access
        return None

    def callee(self, frame: Frame, function: FunctionInstance | HostFunctionInstance) -> Callee:
        """Describe a function that a frame calls."""
        if isinstance(function, FunctionInstance):
            name = self.names(function.instance.module).get(function.code.index)
            return Callee(function.code.index, name, False, function.code)
        instance = frame.instance
        imported = range(instance.module.imported_functions)
        index = next((i for i in imported if instance.functions[i] is function), None)
        name = None if index is None else self.names(instance.module).get(index)
        return Callee(index, name, True, None)


class GuestMemory:
    """Memory 0 of a watched instance, for the functions of the host that it calls."""

    def __init__(self, session: Session, inner: MemoryInstance) -> None:
        self._session = session
        self._inner = inner

    @property
    def size(self) -> int:
        """Current size in bytes."""
        return self._inner.size

    def read(self, address: int, length: int) -> bytes:
        """Copy bytes out. Raises TrapError."""
        return self._inner.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        """Copy bytes in, all or none. Raises TrapError."""
        before = self._inner.read(address, len(data))
        self._inner.write(address, data)
        session = self._session
        if session.access is not None and session.calling is not None:
            machine, place = session.calling
            access = Access(0, address, len(data), True, before, True)
            session.tell(session.access, machine.view, place, access)


class ObservedMachine(Machine):
    """A reference machine that tells an observer what it does."""

    __slots__ = ("_base", "_called", "session", "view")

    def __init__(self, limits: Limits, fuel: int, session: Session) -> None:
        super().__init__(limits, fuel)
        self.session = session
        self.view = View(self, self._spent_now, self.place)
        self._base = session.spent() + fuel
        self._called: tuple[FunctionInstance, list[Any]] | None = None

    def _spent_now(self) -> int:
        return self._base - self.fuel

    def place(self, frame: Frame, step: int) -> Place:
        """The place of a step of a frame."""
        return self.session.marks(frame)[step][3]

    def fuel_now(self) -> int:
        """As `Machine.fuel_now`; here the attribute is always up to date."""
        return self.fuel

    def invoke(self, function: FunctionInstance | HostFunctionInstance, args: list[Any]) -> None:
        """As `Machine.invoke`."""
        super().invoke(function, args)
        if isinstance(function, FunctionInstance):
            self._called = function, args

    # -- running ---------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """As `Machine.run`."""
        session = self.session
        session.paused = False
        self._base = session.spent() + self.fuel
        called, self._called = self._called, None
        if called is not None and session.call is not None:
            callee = session.callee(self.frames[-1], called[0])
            session.tell(session.call, self.view, None, callee, tuple(called[1]))
        session.tell(session.resume, self.view)
        outcome = super().run()
        if outcome is Outcome.SUSPENDED:
            session.tell(session.suspend, self.view)
        return outcome

    def _run(self, fuel: int) -> None:
        """As `Machine._run`, step by step the same, with an observer."""
        session = self.session
        instruction, view = session.instruction, self.view
        frames = self.frames
        left = self.fuel
        floor = left - fuel
        cost, place = 0, None
        try:
            while frames:
                frame = frames[-1]
                marks, stack = session.marks(frame), frame.stack
                while True:
                    pc = frame.pc
                    execute, arg, cost, place, watch = marks[pc]
                    if cost and left <= floor:
                        return
                    if instruction is not None:
                        try:
                            instruction(view, place)
                        except Pause:
                            raise
                        except Exception as error:
                            raise failed(session.observer, error) from error
                    if cost:
                        self.fuel = left = left - 1
                    frame.pc = pc + 1
                    if watch is None:
                        if execute(frame, stack, arg):
                            break
                    elif watch(self, frame, stack, place, execute, arg):
                        break
                self._settle()
                left = self.fuel
        except Pause:
            # Nothing has happened yet.
            session.paused = True
            raise
        except Restart:
            # As if the call had not been begun: it is made again.
            frame.pc = pc
            self.fuel += cost
            raise
        except TrapError as error:
            error.backtrace += tuple(self.backtrace())
            if error.cause is TrapCause.CALL_STACK_EXHAUSTED:
                # Nothing has happened yet: with higher limits the call can be made again.
                frame.pc = pc
            self._settle()
            session.tell(session.trap, view, place, error.cause)
            raise
        except UncaughtException:
            self._settle()
            session.tell(session.trap, view, place, None)
            raise
        finally:
            self._settle()

    def _settle(self) -> None:
        self.fuel -= self.surcharge
        self.surcharge = 0


def adopt(machine: Machine, session: Session) -> ObservedMachine:
    """A watched machine that goes on where another one stands."""
    watched = ObservedMachine(machine.limits, machine.fuel, session)
    take_over(watched, machine)
    return watched


def failed(observer: Observer, error: Exception) -> ObserverError:
    """Make the error for an observer that raised one."""
    if isinstance(error, ObserverError):
        return error
    name = type(observer).__qualname__
    return ObserverError(f"observer {name} has failed: {type(error).__name__}: {error}")


def _access(memory: MemoryInstance, number: int, address: int, size: int, write: bool) -> Access:
    """Describe an access that is about to come. One beyond the end has nothing before it."""
    before = b""
    if write and address + size <= memory.size:
        before = bytes(memory.view[address : address + size])
    return Access(number, address, size, write, before)


# -- how steps are watched -----------------------------------------------------------------------


def _watch_branch(
    machine: ObservedMachine,
    frame: Frame,
    stack: list[Any],
    place: Place,
    execute: Execute,
    arg: Any,
) -> bool | None:
    changed = execute(frame, stack, arg)
    session = machine.session
    session.tell(session.branch, machine.view, place, machine.place(frame, frame.pc))
    return changed


def _watch_return(
    machine: ObservedMachine,
    frame: Frame,
    stack: list[Any],
    place: Place,
    execute: Execute,
    arg: Any,
) -> bool | None:
    values = tuple(stack[len(stack) - len(place.code.type.results) :])
    changed = execute(frame, stack, arg)
    session = machine.session
    session.tell(session.return_, machine.view, place, values)
    return changed


def _watch_throw(
    machine: ObservedMachine,
    frame: Frame,
    stack: list[Any],
    place: Place,
    execute: Execute,
    arg: Any,
) -> bool | None:
    depth = len(machine.frames)
    try:
        return execute(frame, stack, arg)
    finally:
        _tell_unwound(machine, place, depth)


def _tell_unwound(machine: ObservedMachine, place: Place, depth: int) -> None:
    """Tell about the activations above those that are left."""
    session = machine.session
    for _ in range(depth - len(machine.frames)):
        session.tell(session.return_, machine.view, place, None)


def _callee_of(
    frame: Frame, stack: list[Any], mnemonic: str, arg: Any
) -> FunctionInstance | HostFunctionInstance | None:
    """The function that a call is about to call; None if it is going to trap."""
    found: FunctionInstance | HostFunctionInstance | None
    functions: list[FunctionInstance | HostFunctionInstance] = frame.instance.functions
    if mnemonic.endswith("call"):
        return functions[int(arg)]
    if mnemonic.endswith("ref"):
        found = stack[-1]
    else:
        elements = frame.instance.tables[arg[1]].elements
        found = elements[stack[-1]] if stack[-1] < len(elements) else None
        if found is not None and not found.defined.is_subtype(arg[0]):
            return None
    return found


def _arguments_of(
    function: FunctionInstance | HostFunctionInstance, stack: list[Any], mnemonic: str
) -> tuple[Any, ...]:
    """What a call is about to take, below the operand that says what to call, if there is one."""
    end = len(stack) - (not mnemonic.endswith("call"))
    return tuple(stack[end - len(function.type.params) : end])


def _watch_call(
    machine: ObservedMachine,
    frame: Frame,
    stack: list[Any],
    place: Place,
    execute: Execute,
    arg: Any,
) -> bool | None:
    session, depth = machine.session, len(machine.frames)
    function = _callee_of(frame, stack, place.mnemonic, arg)
    if function is None:
        return execute(frame, stack, arg)
    args = _arguments_of(function, stack, place.mnemonic)
    if isinstance(function, FunctionInstance):
        changed = execute(frame, stack, arg)
        if session.call is not None:
            callee = session.callee(frame, function)
            session.tell(session.call, machine.view, place, callee, args)
        return changed
    if session.call is not None:
        callee = session.callee(frame, function)
        session.tell(session.call, machine.view, place, callee, args)
    outer, session.calling = session.calling, (machine, place)
    values: tuple[Any, ...] | None = None
    try:
        changed = execute(frame, stack, arg)
        if len(machine.frames) == depth and frame.pc == place.step + 1:
            values = tuple(stack[len(stack) - len(function.type.results) :])
        return changed
    except TrapError:
        values = ()
        raise
    finally:
        session.calling = outer
        session.tell(session.return_, machine.view, place, values)
        _tell_unwound(machine, place, depth)


def _watch_tail_call(
    machine: ObservedMachine,
    frame: Frame,
    stack: list[Any],
    place: Place,
    execute: Execute,
    arg: Any,
) -> bool | None:
    session, depth = machine.session, len(machine.frames)
    function = _callee_of(frame, stack, place.mnemonic, arg)
    if function is None:
        return execute(frame, stack, arg)
    args = _arguments_of(function, stack, place.mnemonic)
    callee = session.callee(frame, function)
    if isinstance(function, FunctionInstance):
        changed = execute(frame, stack, arg)
        session.tell(session.return_, machine.view, place, ())
        session.tell(session.call, machine.view, place, callee, args)
        return changed
    session.tell(session.call, machine.view, place, callee, args)
    outer, session.calling = session.calling, (machine, place)
    try:
        return execute(frame, stack, arg)
    finally:
        session.calling = outer
        session.tell(session.return_, machine.view, place, None)
        _tell_unwound(machine, place, depth)
