"""The canonical trace: everything that a program does, as records of plain data.

The tracer is an observer that hands on one record for each instruction, call, return, trap, stop
and packet. Records depend on nothing but the program and what it is given: not on time, Python's
version, or identities of objects. `docs/trace.md` says what is in them, and
`refexec/cli/schemas/trace.schema.json` says it to machines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

from refexec.interp.checker import Branch
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.observe.observer import Access, Callee, Observer, Place, View
from refexec.observe.operands import Effect, effects_of
from refexec.observe.text import value_text
from refexec.record import field, record
from refexec.trap import TrapCause

FORMAT = 1
"""Version of the trace."""

KINDS = ("instruction", "host", "call", "return", "trap", "suspend", "packet")
"""Kinds of records that the tracer makes."""

MAX_BYTES = 256
"""Most bytes of memory that a record shows as they are; of more it shows the SHA-256."""

Record = dict[str, Any]


@record(frozen=True)
class Filter:
    """Which records are wanted. What is None or empty leaves nothing out."""

    kinds: frozenset[str] = frozenset()
    """Kinds of records."""
    functions: frozenset[int] = frozenset()
    """Indices of the functions that records are about."""
    fuel: tuple[int, int] | None = None
    """First and last fuel spent."""
    offsets: tuple[int, int] | None = None
    """First and last byte offset of the instruction."""

    def wants(self, item: Record) -> bool:
        """Whether a record passes."""
        if self.kinds and item["kind"] not in self.kinds:
            return False
        if self.functions and item.get("function") not in self.functions:
            return False
        if self.fuel is not None and not self.fuel[0] <= item["fuel"] <= self.fuel[1]:
            return False
        return self.offsets is None or (
            item.get("offset") is not None and self.offsets[0] <= item["offset"] <= self.offsets[1]
        )


@record()
class _Pending:
    """An instruction that has begun, and whose record is not complete yet."""

    place: Place
    item: Record
    effect: Effect
    accesses: list[Record] = field(default_factory=list)
    global_: tuple[int, Any] | None = None
    target: Place | None = None
    """Where a branch has gone."""


class Line(Protocol):
    """A line of a source file."""

    @property
    def file(self) -> str:
        """Its path."""
        ...

    @property
    def number(self) -> int:
        """Its number, from 1."""
        ...


Lines = Callable[[Place], Line | None]
"""Tells the line of an instruction."""


class Tracer(Observer):
    """Hands on records, in the order in which things happen."""

    def __init__(
        self,
        take: Callable[[Record], None],
        wanted: Filter | None = None,
        lines: Lines | None = None,
    ) -> None:
        self._take = take
        self._filter = Filter() if wanted is None else wanted
        self._lines = lines
        self._pending: _Pending | None = None
        self._effects: dict[int, list[Effect]] = {}
        self._fuel = 0
        self._keep: list[FunctionCode] = []

    # -- what happens ----------------------------------------------------------------------------

    def instruction(self, view: View, place: Place) -> None:
        """Complete the record before, and begin another."""
        self._finish(view)
        self._fuel = view.fuel_spent
        effect = self._effect(place)
        stack = view.stack
        height = len(stack) - len(effect.taken)
        item = self._about("instruction", view, place)
        item["instruction"] = place.text
        item["height"] = len(stack)
        item["take"] = list(map(value_text, stack[height:], effect.taken))
        self._pending = _Pending(place, item, effect)
        if place.mnemonic == "global.set":
            index = place.immediate
            self._pending.global_ = index, view.globals[index]

    def access(self, view: View, place: Place, access: Access) -> None:
        """Add it to the instruction's record; what the host does has one of its own."""
        data = view.read(access.address, access.size, access.memory)
        effect: Record = {"memory": access.memory, "address": access.address, "size": access.size}
        if access.write:
            effect |= _bytes("before", access.before) | _bytes("write", data)
        else:
            effect |= _bytes("read", data)
        if self._pending is not None and not access.host:
            self._pending.accesses.append(effect)
            return
        item = self._about("host", view, place)
        item["effects"] = [effect]
        self._emit(item)

    def branch(self, view: View, place: Place, target: Place) -> None:
        """Note where it went."""
        if self._pending is not None:
            self._pending.item["to"] = target.offset
            self._pending.target = target

    def call(
        self, view: View, place: Place | None, callee: Callee, arguments: tuple[Any, ...]
    ) -> None:
        """Complete the record of the calling instruction, and write one of the call."""
        self._finish(None)
        item = self._about("call", view, place)
        if place is None:
            self._fuel = item["fuel"] = view.fuel_spent
        types = _parameters(place, callee)
        item["callee"] = callee.index
        item["callee_name"] = callee.name
        item["host"] = callee.host
        item["arguments"] = _values(arguments, types)
        self._emit(item)

    def return_(self, view: View, place: Place, values: tuple[Any, ...] | None) -> None:
        """Complete the record of the instruction, and write one of the return."""
        self._finish(None)
        item = self._about("return", view, place)
        item["instruction"] = place.text
        types = place.code.type.results
        if place.mnemonic.startswith("call"):
            types = _called(place).results
        item["values"] = None if values is None else _values(values, types)
        self._emit(item)

    def trap(self, view: View, place: Place | None, cause: TrapCause | None) -> None:
        """Complete the record of the instruction, and write one of the trap."""
        self._finish(None)
        item = self._about("trap", view, place)
        item["cause"] = "uncaught exception" if cause is None else cause.message
        self._emit(item)

    def suspend(self, view: View) -> None:
        """Write that it stops."""
        self._finish(view)
        self._fuel = view.fuel_spent
        backtrace = view.backtrace()
        self._emit(self._about("suspend", view, backtrace[0] if backtrace else None))

    def received(self, packet: bytes) -> None:
        """Write it."""
        self._packet("received", packet)

    def sent(self, packet: bytes) -> None:
        """Write it."""
        self._packet("sent", packet)

    # -- records ---------------------------------------------------------------------------------

    def _about(self, kind: str, view: View, place: Place | None) -> Record:
        item: Record = {"kind": kind, "fuel": self._fuel, "depth": view.depth}
        if place is None:
            return item | {"function": None, "name": None, "offset": None}
        item |= {"function": place.function, "name": place.name, "offset": place.offset}
        line = None if self._lines is None else self._lines(place)
        if line is not None:
            item["file"], item["line"] = line.file, line.number
        return item

    def _packet(self, direction: str, packet: bytes) -> None:
        self._emit(
            {"kind": "packet", "fuel": self._fuel, "direction": direction, "hex": packet.hex()}
        )

    def _finish(self, view: View | None) -> None:
        """Complete the record of the instruction before; `view` if what it has given is there."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        item, given = pending.item, pending.effect.given
        if pending.target is not None:
            given = self._carried(pending.place, pending.target, given)
        values: tuple[Any, ...] = ()
        if view is not None and given:
            values = view.stack[-len(given) :]
        item["give"] = list(map(value_text, values, given))
        if pending.accesses:
            item["effects"] = pending.accesses
        if pending.global_ is not None and view is not None:
            index, before = pending.global_
            of = pending.place.module.context.globals[index].value
            item["global"] = {
                "index": index,
                "before": value_text(before, of),
                "write": value_text(view.globals[index], of),
            }
        self._emit(item)

    def _carried(self, place: Place, target: Place, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """Types that a branch has given; if it was taken, those that it has carried along."""
        argument = place.code.body.side_table.get(place.step)
        candidates = argument if isinstance(argument, list) else [argument]
        for item in candidates:
            branch = (
                item if isinstance(item, Branch) else item[0] if isinstance(item, tuple) else None
            )
            if isinstance(branch, Branch) and branch.target == target.step:
                before = self._effect(target).before
                return before[len(before) - branch.arity :]
        return given

    def _emit(self, item: Record) -> None:
        if self._filter.wants(item):
            self._take(item)

    def _effect(self, place: Place) -> Effect:
        found = self._effects.get(id(place.code))
        if found is None:
            found = self._effects[id(place.code)] = effects_of(place.module, place.code)
            self._keep.append(place.code)
        return found[place.step]


def _values(values: tuple[Any, ...], types: tuple[Any, ...]) -> list[str]:
    return list(map(value_text, values, types))


def _called(place: Place) -> Any:
    """The type of the function that a call instruction calls."""
    module: ValidModule = place.module
    if place.mnemonic.endswith("call"):
        return module.context.functions[place.immediate].composite
    immediate = place.immediate
    return module.context.types[
        immediate[0] if isinstance(immediate, tuple) else immediate
    ].composite


def _parameters(place: Place | None, callee: Callee) -> tuple[Any, ...]:
    if callee.code is not None:
        return callee.code.type.params
    assert place is not None
    params: tuple[Any, ...] = _called(place).params
    return params


def _bytes(name: str, data: bytes) -> Record:
    if len(data) <= MAX_BYTES:
        return {name: data.hex()}
    return {f"{name}_sha256": hashlib.sha256(data).hexdigest()}
