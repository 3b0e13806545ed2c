"""The machine: a configuration of plain data, and how it takes a step (Execution 4.3, 4.4).

A running program is a list of frames; a frame is a function, the number of the next step, locals
and an operand stack. Nothing else holds guest state: no Python stack, generator or closure. So a
program can stop between any two instructions, be copied out, and go on elsewhere.

A function's *steps* are its instructions preceded by step 0, the function entry. A step is
`(execute, arg, cost)`: the function that executes the instruction, what it needs to know, and its
fuel. Execution functions are called with `(frame, stack, arg)`, and return True when the top frame
has changed or extra fuel is due (`Machine.surcharge`); they live in `refexec.interp.instructions`.

The machine does not know the wasm embedding interface (`refexec.wasm`) nor how state is written
down (`refexec.interp.frozen`).
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from refexec.errors import Restart, TrapError
from refexec.interp.limits import Limits
from refexec.interp.opcodes import END, Opcode
from refexec.interp.store import (
    ExceptionInstance,
    FunctionInstance,
    HostFunctionInstance,
    ModuleInstance,
    TagInstance,
    Thrown,
)
from refexec.interp.validation import ConstantCode, FunctionCode
from refexec.trap import TrapCause

Execute = Callable[["Frame", list[Any], Any], "bool | None"]
Step = tuple[Execute, Any, int]

UNLIMITED_FUEL = 1 << 62
"""Fuel that no program can use up."""

SLICE = 4096
"""Paid steps between two looks at the interrupt flag; a few thousandths of a second."""


class Frame:
    """An activation of a function."""

    __slots__ = ("code", "function", "instance", "locals", "machine", "pc", "stack", "steps")

    def __init__(
        self,
        machine: Machine,
        function: FunctionInstance | None,
        instance: ModuleInstance,
        code: FunctionCode | ConstantCode,
        locals_: list[Any],
    ) -> None:
        self.machine = machine
        self.function = function
        """The function, or None for a constant expression."""
        self.instance = instance
        self.code = code
        self.steps: list[Step] = code.steps if code.steps is not None else prepare(code)
        self.pc = 0
        """Number of the next step."""
        self.locals = locals_
        self.stack: list[Any] = []


class Outcome(enum.Enum):
    """How `Machine.run` came to an end without a trap or exception."""

    RETURNED = "returned"
    SUSPENDED = "suspended"


class UncaughtException(Exception):
    """No handler of the guest caught an exception. The frames are gone; see `backtrace`."""

    def __init__(self, exception: ExceptionInstance, backtrace: list[tuple[Frame, int]]) -> None:
        super().__init__("uncaught wasm exception")
        self.exception = exception
        self.backtrace = backtrace


class Machine:
    """One thread of execution in a store."""

    __slots__ = (
        "base_depth",
        "base_slots",
        "frames",
        "fuel",
        "interrupted",
        "limits",
        "pending",
        "results",
        "slots",
        "surcharge",
        "unstoppable",
    )

    def __init__(self, limits: Limits, fuel: int = UNLIMITED_FUEL) -> None:
        self.limits = limits
        self.frames: list[Frame] = []
        """Activations, the innermost last."""
        self.pending: tuple[HostFunctionInstance, list[Any]] | None = None
        """A call of a function of the host, from outside, that has yet to be made; it has no
        frame."""
        self.fuel = fuel
        """What may still be spent. Below zero after a bulk instruction that cost more."""
        self.surcharge = 0
        """Fuel used by the current step beyond its fixed cost."""
        self.results: list[Any] = []
        """What the outermost function returned."""
        self.slots = 0
        """Locals and operand slots of all frames."""
        self.interrupted = False
        """Set from any thread or signal handler to stop soon."""
        self.unstoppable = False
        """Whether a host function waits below this machine, so that stopping must wait too."""
        self.base_depth = 0
        self.base_slots = 0
        """Frames and slots of the machines below, which count towards the same limits."""

    # -- running ---------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Run until the outermost function returns, fuel runs out, or an interrupt is noticed.

        Raises TrapError with the frames left as they are, UncaughtException, or what a host
        function raised.
        """
        while self.frames or self.pending is not None:
            if not self.unstoppable:
                if self.interrupted:
                    self.interrupted = False
                    return Outcome.SUSPENDED
                size = max(0, min(self.fuel, SLICE))
            else:
                size = SLICE
            try:
                if self.pending is not None:
                    self._call_pending()
                else:
                    self._run(size)
            except Restart:
                return Outcome.SUSPENDED
            if self.fuel <= 0 and self.frames and not self.unstoppable:
                return Outcome.SUSPENDED
        return Outcome.RETURNED

    def _call_pending(self) -> None:
        """Make the call from outside of a function of the host. It costs nothing itself."""
        assert self.pending is not None
        function, args = self.pending
        self.pending = None
        try:
            self.results = function.call(args)
        except Restart:
            self.pending = function, args
            raise
        except Thrown as thrown:
            raise UncaughtException(thrown.exception, []) from None
        finally:
            self.fuel -= self.surcharge
            self.surcharge = 0

    def fuel_now(self) -> int:
        """What may still be spent, to the unit also in a host function that the machine calls.

        That function's call is paid for already. The number is in a local variable of `_run`,
        where counting is cheap; it is looked up there on the rare occasion that somebody asks. In
        another thread than the machine's it is up to a slice too low.
        """
        kept = self.fuel
        caller: FrameType | None = sys._getframe(1)
        while caller is not None:
            if caller.f_code is Machine._run.__code__:
                found = caller.f_locals
                if found["self"] is self:
                    left: int = found["fuel"]
                    return kept + left
            caller = caller.f_back
        return kept

    def _run(self, fuel: int) -> None:
        """Run until the next step would cost more than is left of `fuel`."""
        self.fuel -= fuel
        frames = self.frames
        cost = 0
        try:
            while frames:
                frame = frames[-1]
                steps = frame.steps
                stack = frame.stack
                while True:
                    pc = frame.pc
                    execute, arg, cost = steps[pc]
                    if cost:
                        if fuel <= 0:
                            return
                        fuel -= 1
                    frame.pc = pc + 1
                    if execute(frame, stack, arg):
                        break
                fuel -= self.surcharge
                self.surcharge = 0
        except Restart:
            # As if the call had not been begun: it is made again.
            frame.pc = pc
            fuel += cost
            raise
        except TrapError as error:
            error.backtrace += tuple(self.backtrace())
            if error.cause is TrapCause.CALL_STACK_EXHAUSTED:
                # Nothing has happened yet: with higher limits the call can be made again.
                frame.pc = pc
            raise
        finally:
            self.fuel += fuel - self.surcharge
            self.surcharge = 0

    def step(self) -> None:
        """Execute the next step alone, whatever fuel there is."""
        frame = self.frames[-1]
        pc = frame.pc
        execute, arg, cost = frame.steps[pc]
        self.fuel -= cost
        frame.pc = pc + 1
        try:
            execute(frame, frame.stack, arg)
        except Restart:
            frame.pc = pc
            self.fuel += cost
            raise
        finally:
            self.fuel -= self.surcharge
            self.surcharge = 0

    # -- calls -----------------------------------------------------------------------------------

    def invoke(self, function: FunctionInstance | HostFunctionInstance, args: list[Any]) -> None:
        """Begin a call from outside; `run` carries it out."""
        if isinstance(function, HostFunctionInstance):
            self.pending = function, args
            return
        self.check_room(function.code)
        self.push_frame(function, args)

    def evaluate(self, instance: ModuleInstance, code: ConstantCode) -> Any:
        """Evaluate a constant expression (Execution 4.4.12).

        One that is a single instruction costs nothing; others cost what a function would.
        """
        frame = Frame(self, None, instance, code, [])
        self.frames.append(frame)
        try:
            if len(code.body.instructions) == 2:
                execute, arg, _ = frame.steps[1]
                execute(frame, frame.stack, arg)
                self.surcharge = 0
                return frame.stack[-1]
            while self.frames:
                self.step()
            return self.results[0]
        finally:
            self.frames.clear()

    @property
    def python_frames(self) -> int:
        """Python frames that running may take for the guest's frames: none."""
        return 0

    def usage(self) -> tuple[int, int]:
        """Frames, and slots of all frames, with those of the machines below."""
        return len(self.frames) + self.base_depth, self.slots + self.base_slots

    def check_room(self, code: FunctionCode, replaced: FunctionCode | None = None) -> None:
        """Trap if a frame of `code`, perhaps in place of another, would exceed the limits."""
        depth = len(self.frames) + self.base_depth + 1
        slots = self.slots + self.base_slots + code.slots
        if replaced is not None:
            depth -= 1
            slots -= replaced.slots
        if depth > self.limits.call_depth or slots > self.limits.slots:
            raise TrapError(TrapCause.CALL_STACK_EXHAUSTED)

    def push_frame(self, function: FunctionInstance, args: list[Any]) -> None:
        """Enter a function with its arguments (rule `exec-invoke`)."""
        code = function.code
        self.slots += code.slots
        self.frames.append(Frame(self, function, function.instance, code, args + code.defaults))

    def drop_frame(self) -> None:
        """Leave the top frame without results."""
        frame = self.frames.pop()
        if frame.function is not None:
            self.slots -= frame.function.code.slots

    def pop_frame(self, values: list[Any]) -> None:
        """Leave the top frame and hand `values` to the frame below, or to the outside."""
        self.drop_frame()
        if self.frames:
            self.frames[-1].stack += values
        else:
            self.results = values

    # -- exceptions ------------------------------------------------------------------------------

    def throw(self, exception: ExceptionInstance) -> None:
        """Unwind to the innermost handler for an exception (rule `exec-throw_ref`)."""
        backtrace = self.backtrace()
        while self.frames:
            frame = self.frames[-1]
            # The step number has already moved past the instruction that throws or calls.
            if self._catch(frame, frame.pc - 1, exception):
                return
            self.drop_frame()
        raise UncaughtException(exception, backtrace)

    def _catch(self, frame: Frame, pc: int, exception: ExceptionInstance) -> bool:
        tags: list[TagInstance] = frame.instance.tags
        for start, end, clauses in frame.code.body.handlers:
            if not start <= pc < end:
                continue
            for tag, reference, branch in clauses:
                if tag is not None and tags[tag] is not exception.tag:
                    continue
                stack = frame.stack
                del stack[branch.height :]
                if tag is not None:
                    stack += exception.values
                if reference:
                    stack.append(exception)
                frame.pc = branch.target
                return True
        return False

    def backtrace(self) -> list[tuple[Frame, int]]:
        """(frame, number of the step in progress) for each frame, the innermost first."""
        return [(frame, max(0, frame.pc - 1)) for frame in reversed(self.frames)]


def take_over(machine: Machine, other: Machine) -> None:
    """Have a machine that has done nothing yet go on where another one stands."""
    machine.frames = other.frames
    machine.pending = other.pending
    machine.slots = other.slots
    for frame in machine.frames:
        frame.machine = machine
        frame.steps = frame.code.steps if frame.code.steps is not None else prepare(frame.code)


# -- steps ---------------------------------------------------------------------------------------


def enter(frame: Frame, stack: list[Any], _: None) -> None:
    """Step 0 of every function: it only costs fuel."""


def prepare(code: FunctionCode | ConstantCode) -> list[Step]:
    """Make the steps of a function, and keep them."""
    # Imported late: the execution functions need `Frame` and `Machine`.
    from refexec.interp.instructions import EXECUTE
    from refexec.interp.instructions.control import end_function

    body = code.body
    steps: list[Step] = [(enter, None, 1)]
    side_table = body.side_table
    functions: dict[Opcode, Execute] = EXECUTE
    for number, (opcode, immediate) in enumerate(body.instructions, 1):
        arg = side_table.get(number, immediate)
        steps.append((functions[opcode], arg, opcode.fuel))
    steps[-1] = (end_function, body.results, END.fuel)
    code.steps = steps
    return steps


def call_host(
    machine: Machine, function: HostFunctionInstance, stack: list[Any], above: int
) -> None:
    """Call a function of the host with the arguments below `above` further operands.

    All of them are replaced by the results, but only once the function has returned, so that a
    call that is to be made again finds everything as it was.
    """
    end = len(stack) - above
    start = end - len(function.type.params)
    try:
        results = function.call(stack[start:end])
    except Thrown as thrown:
        thrown.exception.enter(machine.frames[-1].instance.heap)
        machine.throw(thrown.exception)
    else:
        stack[start:] = results
