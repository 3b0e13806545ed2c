"""What an observer is, and what it is told.

Nothing here runs programs: `refexec.observe.machine` calls the methods of observers. Everything
that they are given is a copy or cannot be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from refexec.interp.listing import instruction_text
from refexec.interp.opcodes import Opcode
from refexec.record import record
from refexec.trap import TrapCause

if TYPE_CHECKING:
    from refexec.interp.machine import Frame, Machine
    from refexec.interp.validation import FunctionCode, ValidModule

ENTRY = "entry"
"""Stands for a mnemonic at a function's step 0, which only costs fuel."""


@record(frozen=True, eq=False)
class Place:
    """An instruction of a function, or the function's entry.

    There is one object for each, so that places can be keys, and be compared with `is`.
    """

    function: int
    """Function index in its module."""
    name: str | None
    """The function's name, from the guest: to be escaped where it is shown."""
    step: int
    """Number of the instruction in its function, from 1; 0 is the entry."""
    offset: int
    """Byte offset in the module."""
    mnemonic: str
    """The instruction in the text format, without its immediates; `entry` for the entry."""
    cost: int
    """The fixed part of its fuel."""
    opcode: Opcode | None
    """Its row in the table of opcodes; None for the entry."""
    immediate: Any
    """Its immediates, as the decoder leaves them."""
    code: FunctionCode
    """The function."""
    module: ValidModule
    """The function's module."""

    @property
    def text(self) -> str:
        """The instruction with its immediates, in the text format."""
        return ENTRY if self.opcode is None else instruction_text(self.opcode, self.immediate)

    def __repr__(self) -> str:
        return f"<{self.text} at 0x{self.offset:x}>"


@record(frozen=True)
class Callee:
    """The function that a call calls."""

    index: int | None
    """Index in the module of whoever calls it, or in its own; None if it has none there."""
    name: str | None
    """Its name, from the guest: to be escaped where it is shown."""
    host: bool
    """Whether it is a function of the host."""
    code: FunctionCode | None
    """The function itself, unless it is the host's."""


@record(frozen=True)
class Access:
    """Bytes of a memory that were read or written."""

    memory: int
    """Index of the memory."""
    address: int
    """Where the bytes begin."""
    size: int
    """How many there are, 0 included."""
    write: bool
    """Whether they were written."""
    before: bytes
    """What was there before they were written; empty for a read."""
    host: bool = False
    """Whether a function of the host has done it, for the call at that place."""


class View:
    """The machine as an observer may see it, valid only while a method of the observer runs."""

    __slots__ = ("_machine", "_spent", "place_of")

    def __init__(
        self, machine: Machine, spent: Callable[[], int], place_of: Callable[[Any, int], Place]
    ) -> None:
        self._machine = machine
        self._spent = spent
        self.place_of = place_of
        """Gives the place of a step of a frame; for the machine and for debuggers."""

    @property
    def fuel_spent(self) -> int:
        """Fuel that the instance has spent, as `Instance.fuel_spent`.

        At an instruction, its own cost is not in it yet.
        """
        return self._spent()

    @property
    def depth(self) -> int:
        """Number of activations."""
        return len(self._machine.frames)

    @property
    def stack(self) -> tuple[Any, ...]:
        """Operands of the innermost activation, the last one on top, as the machine holds them."""
        return tuple(self._frame.stack)

    @property
    def locals(self) -> tuple[Any, ...]:
        """Locals of the innermost activation."""
        return tuple(self._frame.locals)

    @property
    def globals(self) -> tuple[Any, ...]:
        """Values of the globals of the innermost activation's module."""
        return tuple(item.value for item in self._frame.instance.globals)

    def operand(self, depth: int = 0) -> Any:
        """One operand, counted from the top of the stack. Raises IndexError if there is none."""
        return self._frame.stack[-1 - depth]

    def backtrace(self) -> tuple[Place, ...]:
        """Where each activation stands, the innermost first.

        That is its next instruction; for those that wait for a call, the call.
        """
        frames = [frame for frame in self._machine.frames if frame.function is not None]
        places = [
            self.place_of(frame, frame.pc if frame is frames[-1] else max(0, frame.pc - 1))
            for frame in frames
        ]
        return tuple(reversed(places))

    def callers(self, most: int) -> list[tuple[Place, tuple[Any, ...], tuple[Any, ...]]]:
        """The activations that wait for a call: the call, locals, operands left; innermost first.

        At most so many.
        """
        frames = [frame for frame in self._machine.frames[-1 - most : -1] if frame.function]
        return [
            (self.place_of(frame, max(0, frame.pc - 1)), tuple(frame.locals), tuple(frame.stack))
            for frame in reversed(frames)
        ]

    def memory_size(self, memory: int = 0) -> int:
        """Bytes of a memory of the innermost activation's module."""
        size: int = self._frame.instance.memories[memory].size
        return size

    def read(self, address: int, size: int, memory: int = 0) -> bytes:
        """Copy bytes out of a memory of the innermost activation's module. Raises TrapError."""
        return self._frame.instance.memories[memory].read(address, size)

    @property
    def _frame(self) -> Frame:
        return self._machine.frames[-1]


class Observer:
    """Watches one instance. Derive from it, and define the methods that are of interest.

    Methods that are not overridden are never called and cost nothing. They are looked up once, when
    the instance is made. What they raise ends the call with an `ObserverError`, never with another
    result.
    """

    def instruction(self, view: View, place: Place) -> None:
        """Take note of an instruction that is about to be executed; its fuel is there."""

    def call(
        self, view: View, place: Place | None, callee: Callee, arguments: tuple[Any, ...]
    ) -> None:
        """Take note of a call: of a function that has been entered, or the host's, before it runs.

        `place` is the instruction that calls; None for a call from outside.
        """

    def return_(self, view: View, place: Place, values: tuple[Any, ...] | None) -> None:
        """Take note of a return, after it; also of the host's functions.

        `place` is the instruction that returned, or the call of a function of the host. `values`
        is None for an activation that an exception has left. A tail call is a return without
        values, then a call.
        """

    def branch(self, view: View, place: Place, target: Place) -> None:
        """Take note of a branch or an `if`, after it: the program goes on at `target`.

        A branch that is not taken goes on at the next instruction.
        """

    def access(self, view: View, place: Place, access: Access) -> None:
        """Take note of memory that `place` has read or written. A trapping access has done neither.

        Loads, stores, and `memory.fill`, `.copy` and `.init`; and what functions of the host write,
        in pieces that differ when a run is replayed.
        """

    def trap(self, view: View, place: Place | None, cause: TrapCause | None) -> None:
        """Take note of a trap; `cause` is None for an exception that nothing caught."""

    def resume(self, view: View) -> None:
        """Take note that a call begins to run, or goes on."""

    def suspend(self, view: View) -> None:
        """Take note that the call has stopped, to be resumed."""

    def received(self, packet: bytes) -> None:
        """Take note of a packet of which the program has now read all."""

    def sent(self, packet: bytes) -> None:
        """Take note of a packet of which the program has now written all."""

    def report(self) -> Any:
        """Give what was found as plain data: None, numbers, text, bytes, lists, string-keyed dicts.

        A worker hands this to the owner of its process, when the program has stopped.
        """
        return None
