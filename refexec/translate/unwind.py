"""From Python's stack to the machine's: the traceback is the wasm call stack.

When an exception has unwound generated code, every frame of the traceback that is generated code
was a frame of the machine: its code object tells the function, its line the site, its variables
locals and operands. Segments of the machine that run a function for generated code lie between
them. Everything else in a traceback is ours and counts for nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from refexec.errors import TrapError
from refexec.interp.machine import Frame, Machine
from refexec.interp.numerics import canonical
from refexec.interp.store import FunctionInstance, ModuleInstance
from refexec.record import field, record
from refexec.translate.sites import Site, Translation
from refexec.trap import TrapCause

if TYPE_CHECKING:
    from refexec.translate.engine import Engine
    from refexec.translate.machine import TranslatedMachine


@record()
class Place:
    """Where a frame stood; enough of a frame for a backtrace."""

    function: FunctionInstance
    instance: ModuleInstance


@record()
class _Generated:
    """A frame of generated code."""

    translation: Translation
    site: Site | None
    python: FrameType

    @property
    def function(self) -> FunctionInstance:
        instance = self.python.f_globals["instance"]
        function: FunctionInstance = instance.functions[self.translation.function.index]
        return function

    def rebuild(self, machine: TranslatedMachine, begun: bool = True) -> Frame:
        """The machine's frame; with `begun` a call in progress is one that returns to it."""
        site = self.site
        assert site is not None
        function = self.function
        variables = self.python.f_locals
        names = self.python.f_globals
        frame = Frame(machine, function, function.instance, function.code, [])
        frame.locals = self.translation.local_values(variables, names)
        for index in site.loose:
            frame.locals[index] = canonical(frame.locals[index])
        stack, arguments = site.values(variables, names)
        frame.pc = site.pc
        frame.stack = stack
        if site.kind == "call":
            if begun:
                frame.pc += 1
            else:
                frame.stack = stack + arguments
        return frame


@record()
class Unwound:
    """What a traceback tells."""

    engine: Engine
    items: list[_Generated | Machine] = field(default_factory=list)
    """Frames of generated code and segments of the machine, the outermost first."""
    raised_by: Machine | None = None
    """The segment in which the machine itself raised the exception."""
    python: FrameType | None = None
    """The innermost frame of all."""

    @property
    def refund(self) -> int:
        """Fuel that was paid for what is not executed any more."""
        return sum(
            item.site.refund(item.python)
            for item in self.items
            if isinstance(item, _Generated) and item.site is not None
        )

    def places(self, described: bool = False) -> Iterator[tuple[Any, int]]:
        """The backtrace, innermost first; `described`: without what the machine has told."""
        for item in reversed(self.items):
            if isinstance(item, Machine):
                if not (described and item is self.raised_by):
                    yield from item.backtrace()
            elif item.site is not None and item.site.kind != "enter":
                function = item.function
                yield Place(function, function.instance), item.site.pc

    def trap(self, error: BaseException) -> TrapError | None:
        """The trap that an exception means, None if it is not the guest's."""
        if isinstance(error, TrapError):
            return error
        last = self.items[-1] if self.items else None
        if (
            not isinstance(last, _Generated)
            or last.python is not self.python
            or last.site is None
            or last.site.kind not in ("trap", "element")
        ):
            return None
        if last.site.kind == "element":
            if isinstance(error, IndexError):
                return TrapError(TrapCause.UNDEFINED_ELEMENT)
            if isinstance(error, AttributeError):
                return TrapError(TrapCause.UNINITIALIZED_ELEMENT)
            return None
        if isinstance(error, struct.error | IndexError | OverflowError):
            return TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)
        if isinstance(error, ZeroDivisionError):
            return TrapError(TrapCause.DIVIDE_BY_ZERO)
        return None

    def is_crowded(self, error: BaseException) -> bool:
        """Whether an exception means that there was no room for a call."""
        last = self.items[-1] if self.items else None
        return (
            isinstance(error, ValueError)
            and isinstance(last, _Generated)
            and last.python is self.python
            and last.site is not None
            and last.site.kind == "room"
        )

    def rebuild(self, machine: TranslatedMachine, results: list[Any] | None) -> None:
        """Make the machine's frames; `results` are of the call in the innermost one."""
        self._frames(machine, self.items)
        if results is not None:
            machine.frames[-1].stack += results

    def rebuild_before_call(self, machine: TranslatedMachine) -> int:
        """Make the machine's frames, the innermost one before its call. Gives the call's cost."""
        items = [*self.items]
        last = items[-1] if items else None
        if isinstance(last, _Generated) and last.site is not None and last.site.kind == "enter":
            items.pop()
            last = items[-1] if items else None
        if not isinstance(last, _Generated):
            self._frames(machine, items)
            return 0
        self._frames(machine, items[:-1])
        self._frame(machine, last.rebuild(machine, begun=False))
        return 1

    def _frames(self, machine: TranslatedMachine, items: list[_Generated | Machine]) -> None:
        for item in items:
            if isinstance(item, Machine):
                for frame in item.frames:
                    frame.machine = machine
                    self._frame(machine, frame)
            else:
                self._frame(machine, item.rebuild(machine))

    def _frame(self, machine: TranslatedMachine, frame: Frame) -> None:
        machine.frames.append(frame)
        assert frame.function is not None
        machine.slots += frame.function.code.slots
        frame.steps = self.engine.steps(frame)


def walk(traceback: TracebackType | None, engine: Engine) -> Unwound:
    """Read a traceback that begins in the machine that called generated code."""
    from refexec.translate.machine import TranslatedMachine

    segment = TranslatedMachine.segment.__code__
    running = Machine._run.__code__
    codes = engine.codes
    found = Unwound(engine)
    current: Any = None
    while traceback is not None:
        python = traceback.tb_frame
        code = python.f_code
        translation = codes.get(id(code))
        if translation is not None:
            site = translation.sites.get(traceback.tb_lineno)
            current = _Generated(translation, site, python)
            found.items.append(current)
        elif code is segment:
            current = python.f_locals["self"]
            found.items.append(current)
        elif code is running and python.f_locals["self"] is current:
            found.raised_by = current
        found.python = python
        traceback = traceback.tb_next
    return found


@record()
class Segment:
    """Frames and slots of a call stack that is running."""

    depth: int = 0
    slots: int = 0

    @classmethod
    def below(cls, python: FrameType | None, engine: Engine) -> Segment:
        """Count from a Python frame outwards to the machine that runs."""
        from refexec.translate.machine import TranslatedMachine

        self = cls()
        codes = engine.codes
        segment = TranslatedMachine.segment.__code__
        run = TranslatedMachine.run.__code__
        seen = None
        while python is not None:
            code = python.f_code
            translation = codes.get(id(code))
            if translation is not None:
                self.depth += 1
                self.slots += translation.function.slots
            elif code is segment or code is run:
                machine: TranslatedMachine = python.f_locals["self"]
                if machine is not seen and machine.engine is engine:
                    self._add(machine)
                    seen = machine
                if machine is engine.machine:
                    self.depth += machine.base_depth
                    self.slots += machine.base_slots
                    return self
            python = python.f_back
        return self

    def _add(self, machine: Machine) -> None:
        self.depth += len(machine.frames)
        self.slots += machine.slots
