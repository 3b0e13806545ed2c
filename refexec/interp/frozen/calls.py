"""Reading suspended calls: every frame as validation has proved that it can be.

Each frame stands before an instruction that can be reached, with operands and locals of the types
that validation found there; each but the innermost has just made a call, and the next one is what
it called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refexec.errors import SnapshotError
from refexec.interp import types as t
from refexec.interp.body import Situation, situations_at
from refexec.interp.checker import Context
from refexec.interp.frozen.shape import field, listed, number
from refexec.interp.machine import Machine
from refexec.interp.store import FunctionInstance, HostFunctionInstance, Store
from refexec.interp.syntax import function_type_of
from refexec.interp.validation import FunctionCode

_CALLS = frozenset({"call", "call_indirect", "call_ref"})

ReadValue = Callable[[str, Any, t.ValueType], Any]
"""Reads a value of a type, given where it stands."""


class CallReader:
    """Reads the calls of one store."""

    def __init__(self, store: Store, value: ReadValue) -> None:
        self.store = store
        self.value = value

    def call(self, where: str, written: Any) -> tuple[int, Machine]:
        """Read a call. Raises SnapshotError, or TrapError if it exceeds the limits."""
        instances = self.store.instances
        owner = number(where, field(where, written, "instance"), len(instances))
        machine = Machine(self.store.limits)
        items = listed(f"{where}, frames", field(where, written, "frames"))
        pending = field(where, written, "pending")
        if (pending is None) != bool(items):
            raise SnapshotError(f"{where}: expected frames, or a pending call, and not both")
        if pending is not None:
            self._pending(f"{where}, pending", machine, pending)
        self._frames(where, machine, items)
        return owner, machine

    def _pending(self, where: str, machine: Machine, written: Any) -> None:
        """Read the call of a function of the host that stands in place of frames."""
        function = self.value(where, field(where, written, "function"), t.FUNCREF)
        if not isinstance(function, HostFunctionInstance):
            raise SnapshotError(f"{where}: expected a function of the host")
        types = function.type.params
        args = listed(where, field(where, written, "args"), len(types))
        machine.pending = (
            function,
            [self.value(where, arg, param) for arg, param in zip(args, types, strict=True)],
        )

    def _frames(self, call: str, machine: Machine, items: list[Any]) -> None:
        places = [self._place(f"{call}, frame {depth}", item) for depth, item in enumerate(items)]
        situations = _situations(places)
        expected: tuple[t.ValueType, ...] | None = None
        for depth, (item, (function, pc)) in enumerate(zip(items, places, strict=True)):
            where = f"{call}, frame {depth}"
            code = function.code
            if expected is not None and not t.results_match(function.type.results, expected):
                raise SnapshotError(f"{where}: function {code.index} is not what its caller called")
            situation = situations[id(function)][pc]
            if situation is None:
                raise SnapshotError(f"{where}: step {pc} cannot be reached")
            types = situation.operands
            if depth < len(items) - 1:
                expected = _awaited(where, function, pc)
                types = types[: len(types) - len(expected)]
            machine.check_room(code)
            machine.push_frame(function, [])
            frame = machine.frames[-1]
            frame.pc = pc
            frame.locals = self._locals(where, item, code.local_types, situation.unset)
            stack = listed(f"{where}, stack", field(where, item, "stack"), len(types))
            frame.stack = [
                self.value(where, value, value_type)
                for value, value_type in zip(stack, types, strict=True)
            ]

    def _place(self, where: str, item: Any) -> tuple[FunctionInstance, int]:
        """Which function a frame runs, and the number of its next step."""
        instances = self.store.instances
        instance = instances[number(where, field(where, item, "instance"), len(instances))]
        functions = instance.functions
        index = number(where, field(where, item, "function"), len(functions))
        function = functions[index]
        if not isinstance(function, FunctionInstance):
            raise SnapshotError(f"{where}: function {index} is one of the host")
        steps = 1 + len(function.code.body.instructions)
        return function, number(where, field(where, item, "pc"), steps)

    def _locals(
        self, where: str, item: Any, types: Sequence[t.ValueType], unset: frozenset[int]
    ) -> list[Any]:
        values = listed(f"{where}, locals", field(where, item, "locals"), len(types))
        return [
            # A local without a default value holds null until it is first set.
            None if value is None and index in unset else self.value(where, value, value_type)
            for index, (value, value_type) in enumerate(zip(values, types, strict=True))
        ]


def _situations(
    places: list[tuple[FunctionInstance, int]],
) -> dict[int, dict[int, Situation | None]]:
    """What is known at each place, by identity of the function.

    Every function is gone through once, however many frames it has.
    """
    steps: dict[int, tuple[FunctionInstance, set[int]]] = {}
    for function, pc in places:
        steps.setdefault(id(function), (function, set()))[1].add(pc)
    return {
        key: situations_at(
            function.instance.module.context,
            function.code.body,
            function.code.local_types,
            len(function.type.params),
            function.type.results,
            wanted,
        )
        for key, (function, wanted) in steps.items()
    }


def _awaited(where: str, function: FunctionInstance, pc: int) -> tuple[t.ValueType, ...]:
    """The results that a frame waits for, whose last step was a call."""
    callee = _callee(function.instance.module.context, function.code, pc - 1)
    if callee is None:
        raise SnapshotError(f"{where}: step {pc} does not follow a call")
    return callee.results


def _callee(context: Context, code: FunctionCode, pc: int) -> t.FunctionType | None:
    """Type of the function that the call in step `pc` calls."""
    if pc < 1:
        return None
    opcode, immediate = code.body.instructions[pc - 1]
    if opcode.mnemonic not in _CALLS:
        return None
    if opcode.mnemonic == "call":
        return function_type_of(context.functions[immediate])
    index = immediate[0] if opcode.mnemonic == "call_indirect" else immediate
    return function_type_of(context.types[index])
