"""What a store keeps of its generated code: linked functions, the fuel cell, what runs.

`Engine` belongs to one store. It links translations into the namespaces of instances, lazily: a
function is translated when it is first called. All generated code of a store shares one closure
cell with the fuel that may be spent before somebody has to look; the rest is in `reserve`. How
generated code and the machine take turns is in `refexec.translate.machine`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any

from refexec.errors import Restart, TrapError
from refexec.interp.machine import Frame, Step, prepare
from refexec.interp.memory import MemoryInstance
from refexec.interp.store import (
    ExceptionInstance,
    FunctionInstance,
    HostFunctionInstance,
    ModuleInstance,
    Store,
    Thrown,
)
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.translate import namespace
from refexec.translate.compile import FunctionTranslator, memory_bounds, translate
from refexec.translate.deposit import deposit_of
from refexec.translate.errors import Untranslatable
from refexec.translate.graph import loop_starts
from refexec.translate.room import Room, frames_in, room
from refexec.translate.sites import Translation
from refexec.translate.values import MASKS
from refexec.trap import TrapCause

if TYPE_CHECKING:
    from refexec.translate.cache import KeptTranslator, ModuleCache
    from refexec.translate.machine import TranslatedMachine

SLICE = 1 << 19
"""Fuel between two looks at the interrupt flag: some ten thousandths of a second's work."""

UNIT = 1
"""What a frame of few slots counts for in how full the call stack is."""

HOT = 2
"""Turns of a loop on the machine before its translation is entered."""

WARM = 400
"""Calls and turns of loops of a function on the machine before it is translated.

Translating takes as long as the machine takes for some hundred times as many instructions.
"""

SOON = 32
"""The same for a function with vectors, whose instructions take the machine many times as long."""

SMALL = 2048
"""Bytes of code of a module whose functions are translated when they are first called.

It is done in the time that Python takes to start, some 10 microseconds for a byte, and what such
a module is made for is more often to be run than to be looked at.
"""


class Carrier(Exception):
    """A wasm exception on its way through generated code. Every throw makes a new one."""

    def __init__(self, exception: ExceptionInstance, backtrace: tuple[Any, ...] = ()) -> None:
        super().__init__("wasm exception")
        self.exception = exception
        self.backtrace = backtrace
        """Frames that are gone already, the innermost first."""


class Suspend(Exception):
    """Unwinds generated code so that the machine can go on with its frames."""

    def __init__(self, results: list[Any] | None = None) -> None:
        super().__init__("suspend")
        self.results = results
        """What the call in the innermost frame has returned, if it has."""


class Enter(Restart):
    """The machine stands before a step at which generated code can go on."""


class Helper:
    """Stands for a frame when generated code calls an execution function of the machine."""

    __slots__ = ("engine", "instance")

    def __init__(self, engine: Engine, instance: ModuleInstance) -> None:
        self.engine = engine
        self.instance = instance

    @property
    def machine(self) -> TranslatedMachine:
        """The machine that runs."""
        assert self.engine.machine is not None
        return self.engine.machine


Entry = Callable[..., Any]


class Engine:
    """The generated code of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.machine: TranslatedMachine | None = None
        """The machine that runs, without those that only run one function for generated code."""
        self.reserve = 0
        """Fuel that is not in the cell."""
        self.cell = CellType(0.0)
        limits = store.limits
        self.full = limits.call_depth * UNIT
        """How full the call stack may be."""
        self._per_slot = self.full / limits.slots if limits.slots else self.full + 1
        self.codes: dict[int, Translation] = {}
        """Linked translations by the identity of their code objects."""
        self._namespaces: dict[int, dict[str, Any]] = {}
        self._hosts: dict[int, Entry] = {}
        self._steps: dict[int, list[Step]] = {}
        self._keep: list[Any] = []
        self._loops: dict[tuple[int, int], Entry | None] = {}
        self._warmth: dict[int, int] = {}
        self._cold: dict[tuple[int, bool], Entry] = {}
        self._paid: dict[int, Entry] = {}
        """Callables for callers who have paid the deposit."""
        self.out = self._make_out()

    # -- fuel ------------------------------------------------------------------------------------

    def take(self) -> int:
        """Take all fuel that is left away from generated code."""
        fuel = int(self.cell.cell_contents) + self.reserve
        self.cell.cell_contents, self.reserve = 0.0, 0
        return fuel

    def put(self, fuel: int) -> None:
        """Give fuel to generated code."""
        first = min(fuel, SLICE)
        self.cell.cell_contents = float(first)
        self.reserve = fuel - first

    def _make_out(self) -> Callable[[], None]:
        def out() -> None:
            """Called when the cell is below zero: fill it up, or stop."""
            self._refill()
            if self.cell.cell_contents < 0:
                raise Suspend

        return out

    def _refill(self) -> None:
        """Bring a slice of the reserve into the cell. Raises Suspend if there is an interrupt."""
        cell = self.cell
        machine = self.machine
        assert machine is not None
        if machine.interrupted and not machine.unstoppable:
            raise Suspend
        more = min(self.reserve, max(SLICE - int(cell.cell_contents), 0))
        cell.cell_contents += more
        self.reserve -= more

    # -- how full the call stack is --------------------------------------------------------------

    def weight(self, code: FunctionCode) -> int:
        """What a frame counts for, so that a sum up to `full` exceeds no limit."""
        return max(UNIT, -int(-code.slots * self._per_slot // 1))

    def fullness(self, depth: int, slots: int) -> int:
        """How full the call stack is with so many frames and slots."""
        return max(depth * UNIT, -int(-slots * self._per_slot // 1))

    # -- linking ---------------------------------------------------------------------------------

    def translator(
        self, instance: ModuleInstance, code: FunctionCode
    ) -> FunctionTranslator | KeptTranslator:
        """The translations of a function. Raises Untranslatable."""
        weight = self.weight(code)
        known = code.translations
        if known is None:
            known = code.translations = {}
        key = self._key(code)
        found = known.get(key)
        if found is None:
            cache: ModuleCache | None = instance.module.cache
            try:
                pages = self.store.limits.memory_pages
                if cache is not None:
                    found = cache.translator(code, weight, pages)
                else:
                    bounds = memory_bounds(instance.module, pages)
                    found = translate(instance.module, code, weight, bounds)
            except Untranslatable as error:
                found = error.again()
            known[key] = found
        if isinstance(found, Untranslatable):
            raise found.again()
        translator: FunctionTranslator | KeptTranslator = found
        return translator

    def _key(self, code: FunctionCode) -> tuple[int, int]:
        """What translations of a function depend on."""
        return self.weight(code), self.store.limits.memory_pages

    def names(self, instance: ModuleInstance) -> dict[str, Any]:
        """The namespace of an instance."""
        found = self._namespaces.get(id(instance))
        if found is None:
            found = self._namespaces[id(instance)] = namespace.fresh(self._helpers(instance))
            self._keep.append(instance)
        return found

    def link(self, instance: ModuleInstance, translation: Translation) -> Entry:
        """Make a callable of a translation for an instance."""
        names = self.names(instance)
        code = translation.code
        self.codes[id(code)] = translation
        names.update(translation.constants)
        for name in code.co_names:
            if name not in names:
                found = self._resolve(instance, names, name)
                if found is not None:
                    names[name] = found
        closure = tuple(self.cell for _ in code.co_freevars)
        return FunctionType(code, names, code.co_name, None, closure)

    def _resolve(self, instance: ModuleInstance, names: dict[str, Any], name: str) -> Any:
        """What a name of the allow-list means; None for names of attributes."""
        kind, digits = name[0], name[1:]
        if not digits.isdigit():
            return None
        number = int(digits)
        if kind == "f":
            return self.callee(instance, names, number)
        if kind in "bchwqpr":
            memory = instance.memories[number]
            self._watch(memory, names, name, kind)
            return namespace.view(memory, kind)
        if kind == "n":
            return instance.memories[number]
        if kind == "t":
            return instance.tables[number]
        if kind == "g":
            return instance.globals[number]
        if kind == "o":
            return namespace.execution(number)
        return None

    def _watch(self, memory: MemoryInstance, names: dict[str, Any], name: str, kind: str) -> None:
        def renew(grown: MemoryInstance) -> None:
            names[name] = namespace.view(grown, kind)

        memory.watchers.append(renew)

    def callee(self, instance: ModuleInstance, names: dict[str, Any], index: int) -> Entry:
        """What a call of a function by index calls at first."""
        function = instance.functions[index]
        if isinstance(function, HostFunctionInstance):
            return self.host_entry(function)
        paid = index >= instance.module.imported_functions
        found = self._linked(function, paid)
        if found is not None:
            return found
        name = f"f{index}"

        def first(*args: Any) -> Any:
            entry = self.callable(function, paid)
            if self._linked(function, paid) is not None:
                names[name] = entry
            return entry(*args)

        return first

    def _linked(self, function: FunctionInstance, paid: bool) -> Entry | None:
        """The callable of a function that is translated, or never will be."""
        entry: Entry | None = self._paid.get(id(function)) if paid else function.entry
        return entry

    def is_warm(self, function: FunctionInstance) -> bool:
        """Note a call or a turn of a loop, and tell whether to translate the function now."""
        code = function.code
        known = code.translations
        if known is not None and self._key(code) in known:
            return True
        cache: ModuleCache | None = function.instance.module.cache
        if cache is not None and cache.has(code, *self._key(code)):
            return True
        count = self._warmth.get(id(code))
        if count is None:
            count = WARM if _is_small(function.instance.module, code) else 0
        count += 1
        if count == SOON and _has_vectors(code):
            count = WARM + 1
        self._warmth[id(code)] = count
        return count > WARM

    def translate(self, instance: ModuleInstance) -> None:
        """Translate all functions that the module of an instance defines."""
        for function in instance.functions:
            if isinstance(function, FunctionInstance) and function.instance is instance:
                self.entry(function, True)

    def entry(self, function: FunctionInstance, paid: bool) -> Entry:
        """The callable of a function: its translation, or a bridge to the machine.

        `paid`: for callers who have paid the deposit.
        """
        found = self._linked(function, paid)
        if found is None:
            try:
                translator = self.translator(function.instance, function.code)
                found = self.link(function.instance, translator.whole(paid))
            except Untranslatable:
                found = self._bridge(function, paid)
            if paid:
                self._keep.append(function)
                self._paid[id(function)] = found
            else:
                function.entry = found
        return found

    def is_translated(self, function: FunctionInstance) -> bool:
        """Whether generated code can run the function."""
        return id(getattr(self.entry(function, True), "__code__", None)) in self.codes

    def loop_entry(self, frame: Frame) -> Entry | None:
        """The callable that goes on at the head of a loop, if there is one."""
        function = frame.function
        assert function is not None
        key = id(function), frame.pc
        if key not in self._loops:
            self._keep.append(function)
            try:
                translator = self.translator(function.instance, function.code)
                translation = translator.at_loop(frame.pc)
                self._loops[key] = self.link(function.instance, translation)
            except Untranslatable:
                self._loops[key] = None
        return self._loops[key]

    def _as_proved(self, frame: Frame) -> bool:
        """Whether locals are in the intervals that a loop's translation relies on.

        They are, unless the frame comes from a snapshot of a state that cannot be reached.
        """
        translator = self.translator(frame.instance, frame.function.code)  # type: ignore[union-attr]
        values = frame.locals
        for index, low, high, zeros, width in translator.at_loop(frame.pc).requires:
            value = values[index]
            if low < 0 and value > high:
                value -= 1 << width
            if not low <= value <= high or value & (1 << zeros) - 1:
                return False
        return True

    def _has_room(self, frame: Frame) -> bool:
        """Whether a frame can be given to generated code and call a function from there."""
        machine: Any = frame.machine
        assert isinstance(frame.code, FunctionCode)
        below = self.fullness(len(machine.frames) - 1, machine.slots - frame.code.slots)
        full: bool = machine.base + below + self.weight(frame.code) + UNIT <= self.full
        return full

    def _bridge(self, function: FunctionInstance, paid: bool) -> Entry:
        from refexec.translate.machine import TranslatedMachine

        masks = [MASKS.get(str(type_)) for type_ in function.type.params]
        cell = self.cell
        deposit = deposit_of(function.instance.module, function.code) if paid else 0

        def bridge(*args: Any) -> Any:
            # The machine charges each step by itself.
            cell.cell_contents += deposit
            return TranslatedMachine.run_function(self, function, masks, args)

        return bridge

    def host_entry(self, function: HostFunctionInstance) -> Entry:
        """The callable of a host function."""
        found = self._hosts.get(id(function))
        if found is not None:
            return found
        cell = self.cell

        def host(*args: Any) -> Any:
            machine = self.machine
            assert machine is not None
            try:
                results = function.call(list(args[:-1]))
            except Thrown as thrown:
                thrown.exception.enter(self.store.heap)
                raise Carrier(thrown.exception) from None
            finally:
                if machine.surcharge:
                    cell.cell_contents -= machine.surcharge
                    machine.surcharge = 0
            if cell.cell_contents < 0:
                try:
                    self.out()
                except Suspend:
                    raise Suspend(results) from None
            if len(results) == 1:
                return results[0]
            return tuple(results) if results else None

        self._keep.append(function)
        self._hosts[id(function)] = host
        return host

    # -- steps of the machine --------------------------------------------------------------------

    def steps(self, frame: Frame) -> list[Step]:
        """The steps of a function with those replaced at which generated code can go on."""
        code = frame.code
        assert isinstance(code, FunctionCode)
        assert frame.function is not None
        found = self._steps.get(id(code))
        if found is not None:
            return found
        found = [*(code.steps if code.steps is not None else prepare(code))]
        for pc in (0, *loop_starts(code)):
            _execute, arg, cost = found[pc]
            found[pc] = (self._hook(found, pc), arg, cost)
        self._keep.append(code)
        self._steps[id(code)] = found
        return found

    def _hook(self, steps: list[Step], pc: int) -> Any:
        """What to execute where a function or a turn of a loop begins."""
        step = steps[pc]
        execute, _, _ = step
        ready = False
        turns = 0

        def hooked(frame: Frame, stack: list[Any], arg: Any) -> bool | None:
            nonlocal ready, turns
            machine: Any = frame.machine
            function: Any = frame.function
            if machine.pure:
                return execute(frame, stack, arg)
            if not ready:
                if not self.is_warm(function):
                    return execute(frame, stack, arg)
                if not pc and not self.is_translated(function):
                    steps[pc] = step
                    return execute(frame, stack, arg)
                ready = True
            if pc:
                turns += 1
                if turns < HOT:
                    return execute(frame, stack, arg)
                frame.pc = pc
                found = self.loop_entry(frame)
                if found is None:
                    steps[pc] = step
                if found is None or not self._has_room(frame) or not self._as_proved(frame):
                    frame.pc = pc + 1
                    return execute(frame, stack, arg)
            raise Enter

        return hooked

    # -- helpers of generated code ---------------------------------------------------------------

    def _helpers(self, instance: ModuleInstance) -> dict[str, Any]:
        cell = self.cell
        helper: Any = Helper(self, instance)

        def step(execute: Any, arg: Any, stack: list[Any]) -> list[Any]:
            execute(helper, stack, arg)
            return stack

        def meter(execute: Any, arg: Any, stack: list[Any]) -> list[Any]:
            execute(helper, stack, arg)
            machine = helper.machine
            cell.cell_contents -= machine.surcharge
            machine.surcharge = 0
            return stack

        def element(table: Any, index: int, defined: Any) -> Entry:
            try:
                function = table.elements[index]
            except IndexError:
                raise TrapError(TrapCause.UNDEFINED_ELEMENT) from None
            if function is None:
                raise TrapError(TrapCause.UNINITIALIZED_ELEMENT)
            if function.defined is not defined and not function.defined.is_subtype(defined):
                raise TrapError(TrapCause.INDIRECT_CALL_TYPE_MISMATCH)
            return self.callable(function)

        def referenced(function: Any) -> Entry:
            if function is None:
                raise TrapError(TrapCause.NULL_FUNCTION)
            return self.callable(function)

        def throw(index: int, values: list[Any]) -> None:
            raise Carrier(ExceptionInstance(instance.heap, instance.tags[index], values))

        def throw_ref(exception: Any) -> None:
            if exception is None:
                raise TrapError(TrapCause.NULL_EXCEPTION)
            raise Carrier(exception)

        def unreachable() -> None:
            raise TrapError(TrapCause.UNREACHABLE)

        def turns(planned: range, cost: int) -> range:
            """As many turns of a loop as there is fuel for, when all have been charged in vain."""
            cell.cell_contents += cost * len(planned)
            self._refill()
            possible = planned[: int(cell.cell_contents) // cost]
            if not possible:
                raise Suspend
            cell.cell_contents -= cost * len(possible)
            return possible

        def deeper(d: Room, more: int) -> Room:
            """Make room for a frame that counts as more than one, once it has begun."""
            left = frames_in(d) - more
            if left < 0:
                machine = self.machine
                assert machine is not None
                left = self.full - machine.check_depth()
            return room(left)

        return {
            "instance": instance,
            "out": self.out,
            "step": step,
            "meter": meter,
            "element": element,
            "referenced": referenced,
            "throw": throw,
            "throw_ref": throw_ref,
            "unreachable": unreachable,
            "deeper": deeper,
            "turns": turns,
        }

    def callable(
        self, function: FunctionInstance | HostFunctionInstance, paid: bool = False
    ) -> Entry:
        """The callable of any function; `paid` as for `entry`."""
        if isinstance(function, HostFunctionInstance):
            return self.host_entry(function)
        entry = self._linked(function, paid)
        if entry is not None:
            return entry
        if self.is_warm(function):
            return self.entry(function, paid)
        cold = self._cold.get((id(function), paid))
        if cold is None:
            self._keep.append(function)
            cold = self._cold[id(function), paid] = self._bridge(function, paid)
        return cold


def _has_vectors(code: FunctionCode) -> bool:
    return any(opcode.feature == "simd" for opcode, _ in code.body.instructions)


def _is_small(module: ValidModule, code: FunctionCode) -> bool:
    # The last function may not have been decoded yet; it is asked about when it is called.
    first, last = module.functions[0], module.functions[-1]
    return last.offset - first.offset + len(code.body.instructions) < SMALL


def engine_of(store: Store) -> Engine:
    """The engine of a store, made when it is first asked for."""
    if store.engine is None:
        store.engine = Engine(store)
    engine: Engine = store.engine
    return engine
