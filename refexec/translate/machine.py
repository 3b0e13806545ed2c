"""The machine that hands over to generated code, and takes over when that stops.

A `TranslatedMachine` is a reference machine whose frames have other steps: where a function or a
loop begins that is translated, it drops the frame and calls generated code. What that returns goes
to the frame below. When generated code has to stop, its frames are rebuilt from the traceback
(`refexec.translate.unwind`), and the machine walks on to the exact stop. Generated code calls a
function that is not translated on a machine of its own, which is a segment of the same call stack.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from types import FrameType
from typing import Any

from refexec.errors import Restart, TrapError
from refexec.interp.limits import Limits
from refexec.interp.machine import SLICE, Machine, Outcome, UncaughtException, take_over
from refexec.interp.store import ExceptionInstance, FunctionInstance, Store
from refexec.interp.validation import FunctionCode
from refexec.translate.deposit import deposit_of
from refexec.translate.engine import UNIT, Carrier, Engine, Enter, Suspend, engine_of
from refexec.translate.room import frames_in, room
from refexec.translate.unwind import Segment, walk
from refexec.trap import TrapCause

PATIENCE = 64
"""Steps that the machine takes by itself after generated code has stopped, at first."""

PLENTY = 1 << 62
"""Fuel of a machine that cannot be stopped."""


class TranslatedMachine(Machine):
    """A machine of a store whose functions are translated."""

    __slots__ = ("_alone", "_patience", "base", "engine", "pure")

    def __init__(self, store: Store, limits: Limits, fuel: int) -> None:
        super().__init__(limits, fuel)
        self.engine: Engine = engine_of(store)
        self.base: int | None = None
        """How full the call stack is below this segment, once it runs."""
        self.pure = False
        """Whether to go on without generated code."""
        self._alone = 0
        """Steps to take without generated code."""
        self._patience = PATIENCE

    @classmethod
    def adopt(cls, store: Store, other: Machine) -> TranslatedMachine:
        """A machine that goes on where another one stands."""
        self = cls(store, other.limits, other.fuel)
        take_over(self, other)
        return self

    # -- running ---------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """As `Machine.run`."""
        engine = self.engine
        below, fuel = engine.machine, engine.take()
        engine.machine = self
        self.base = engine.fullness(self.base_depth, self.base_slots)
        self._patience, self._alone = PATIENCE, 0
        for frame in self.frames:
            if frame.steps is frame.code.steps:
                frame.steps = engine.steps(frame)
        spare = 0
        if self.unstoppable:
            spare = PLENTY - self.fuel
            self.fuel = PLENTY
        try:
            return super().run()
        finally:
            self.fuel -= spare
            engine.machine = below
            engine.put(fuel)

    def _run(self, fuel: int) -> None:
        if self._walked(fuel):
            return
        try:
            Machine._run(self, fuel)
            return
        except Enter:
            pass
        try:
            self._enter()
        except Carrier as carrier:
            self._caught(carrier)
        except BaseException as error:
            self._unwound(error)
        # Even without fuel, go on up to the next step that costs any.
        self._walk(0)

    def _walked(self, fuel: int) -> bool:
        """Take the steps that are to be taken without generated code; False if there are none."""
        steps = min(self._alone, fuel)
        self._alone -= steps
        if steps:
            self._walk(steps)
        return steps > 0

    def _walk(self, fuel: int) -> None:
        """Run without generated code."""
        self.pure = True
        try:
            Machine._run(self, fuel)
        finally:
            self.pure = False

    def _enter(self) -> None:
        """Call generated code in place of the top frame, and hand on what it returns."""
        engine = self.engine
        frame = self.frames[-1]
        function = frame.function
        assert function is not None
        deposit = 0
        if frame.pc:
            entry = engine.loop_entry(frame)
            arguments = frame.locals + frame.stack
        else:
            deposit = deposit_of(function.instance.module, function.code)
            if self.fuel < deposit:
                # No way through the function costs less, so it will be stopped in it.
                self._alone = self.fuel
                return
            entry = engine.entry(function, True)
            arguments = frame.locals[: len(function.type.params)]
        self.drop_frame()
        assert self.base is not None
        full = self.base + engine.fullness(len(self.frames), self.slots)
        engine.put(self.fuel - deposit)
        self.fuel = 0
        try:
            result = _caller(len(arguments))(entry, arguments, room(engine.full - full - UNIT))
        finally:
            self.fuel = engine.take()
        count = len(function.type.results)
        values = [result] if count == 1 else list(result) if count else []
        if self.frames:
            self.frames[-1].stack += values
        else:
            self.results = values

    def _caught(self, carrier: Carrier) -> None:
        """Go on with an exception that generated code has not caught."""
        found = walk(carrier.__traceback__, self.engine)
        self.fuel += found.refund
        gone = carrier.backtrace + tuple(found.places())
        self._throw(carrier.exception, gone)

    def _unwound(self, error: BaseException) -> None:
        """Take over from generated code that was stopped by an exception."""
        found = walk(error.__traceback__, self.engine)
        self.fuel += found.refund
        if isinstance(error, Suspend) or found.is_crowded(error):
            found.rebuild(self, getattr(error, "results", None))
            self._alone = self._patience
            self._patience *= 2
            return
        if isinstance(error, Restart):
            self.fuel += found.rebuild_before_call(self)
            raise error
        trap = found.trap(error)
        if trap is None:
            raise error
        trap.backtrace += tuple(found.places(described=True)) + tuple(self.backtrace())
        if trap.cause is TrapCause.CALL_STACK_EXHAUSTED:
            found.rebuild_before_call(self)
        raise trap

    def fuel_now(self) -> int:
        """As `Machine.fuel_now`: what is left is spread over the cell, segments and frames."""
        engine = self.engine
        codes = engine.codes
        left: int = int(engine.cell.cell_contents) + engine.reserve + self.fuel
        python: FrameType | None = sys._getframe(1)
        while python is not None:
            code = python.f_code
            translation = codes.get(id(code))
            if translation is not None:
                site = translation.sites.get(python.f_lineno)
                left += site.refund(python) if site is not None else 0
            elif code is Machine._run.__code__:
                machine = python.f_locals["self"]
                if getattr(machine, "engine", None) is engine:
                    left += python.f_locals["fuel"]
                    left += machine.fuel if machine is not self else 0
            elif code is TranslatedMachine.run.__code__:
                variables = python.f_locals
                if variables["self"] is self:
                    return left
                if variables["engine"] is engine:
                    # What was found so far belongs to a machine above this one.
                    left = variables["fuel"] + self.fuel
            python = python.f_back
        return left

    # -- calls -----------------------------------------------------------------------------------

    def push_frame(self, function: FunctionInstance, args: list[Any]) -> None:
        """Enter a function with its arguments (rule `exec-invoke`)."""
        super().push_frame(function, args)
        frame = self.frames[-1]
        frame.steps = self.engine.steps(frame)

    def check_room(self, code: FunctionCode, replaced: FunctionCode | None = None) -> None:
        """As `Machine.check_room`."""
        if self.base is None:
            super().check_room(code, replaced)
            return
        engine = self.engine
        full = self.base + engine.fullness(len(self.frames), self.slots) + engine.weight(code)
        if full > engine.full:
            depth, slots = self.usage()
            depth += 1
            slots += code.slots
            if replaced is not None:
                depth -= 1
                slots -= replaced.slots
            self._check(depth, slots)

    def _check(self, depth: int, slots: int) -> None:
        if depth > self.limits.call_depth or slots > self.limits.slots:
            raise TrapError(TrapCause.CALL_STACK_EXHAUSTED)

    @property
    def python_frames(self) -> int:
        """Python frames that running may take for the guest's frames."""
        return 1000 + 8 * self.limits.call_depth

    def usage(self) -> tuple[int, int]:
        """Frames and slots of the whole call stack, exactly."""
        if self.engine.machine is None:
            return super().usage()
        segment = Segment.below(sys._getframe(1), self.engine)
        return segment.depth, segment.slots

    def check_depth(self) -> int:
        """Called by generated code that has begun. Raises TrapError if there was no room for it.

        Otherwise gives how full the call stack really is.
        """
        depth, slots = self.usage()
        self._check(depth, slots)
        return self.engine.fullness(depth, slots)

    def throw(self, exception: ExceptionInstance) -> None:
        """Unwind to the innermost handler for an exception (rule `exec-throw_ref`)."""
        self._throw(exception, ())

    def _throw(self, exception: ExceptionInstance, gone: tuple[Any, ...]) -> None:
        try:
            super().throw(exception)
        except UncaughtException as error:
            error.backtrace[:0] = gone
            raise

    # -- functions that are not translated ---------------------------------------------------------

    @classmethod
    def run_function(
        cls, engine: Engine, function: FunctionInstance, masks: Sequence[int | None], args: Any
    ) -> Any:
        """Run one function for generated code; `masks` make arguments the unsigned numbers."""
        top = engine.machine
        assert top is not None
        self = cls(engine.store, top.limits, 0)
        self.base = engine.full - frames_in(args[-1]) - UNIT
        self.check_room(function.code)
        self.push_frame(
            function, [a if m is None else a & m for a, m in zip(args, masks, strict=False)]
        )
        self.segment()
        results = self.results
        if engine.cell.cell_contents < 0:
            # A bulk instruction may have overdrawn; the caller must not go on before that is known.
            try:
                engine.out()
            except Suspend:
                raise Suspend(results) from None
        count = len(function.type.results)
        return results[0] if count == 1 else tuple(results) if count else None

    def segment(self) -> None:
        """Run the frames of a segment until they have returned."""
        engine = self.engine
        top = engine.machine
        assert top is not None
        self.fuel = engine.take()
        try:
            while self.frames:
                if not top.unstoppable and (self.fuel <= 0 or top.interrupted):
                    raise Suspend
                fuel = SLICE if top.unstoppable else min(self.fuel, SLICE)
                self._part(fuel)
        except UncaughtException as error:
            raise Carrier(error.exception, tuple(error.backtrace)) from None
        finally:
            engine.put(self.fuel)

    def _part(self, fuel: int) -> None:
        if self._walked(fuel):
            return
        try:
            Machine._run(self, fuel)
            return
        except Enter:
            pass
        try:
            self._enter()
        except Carrier as carrier:
            self._caught(carrier)


@cache
def _caller(count: int) -> Any:
    """A function that calls another with so many arguments from a list, and one more.

    Without `*`, which on some versions of Python would use the C stack.
    """
    if count > 64:
        return lambda entry, arguments, full: entry(*arguments, full)
    items = "".join(f"a[{i}], " for i in range(count))
    return eval(f"lambda f, a, d: f({items}d)", {"__builtins__": {}})
