"""Translating a function: analysis, emission, Python's compiler.

The result is shared by all instances of the module; `refexec.translate.engine` links it. Whatever
makes a function unfit is told by `Untranslatable`, and the machine runs it.
"""

from __future__ import annotations

from types import CodeType

from refexec.interp import types as t
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.translate import values as v
from refexec.translate.counted import count
from refexec.translate.deposit import deposit_for, deposit_of
from refexec.translate.emit import Emitter, Found
from refexec.translate.errors import Untranslatable
from refexec.translate.graph import Graph
from refexec.translate.operands import type_name
from refexec.translate.plan import Plan
from refexec.translate.shared import share
from refexec.translate.signs import choose_signs
from refexec.translate.sites import Site, Translation
from refexec.translate.split import SHAPES, choose_split
from refexec.translate.tree import Printer
from refexec.translate.unrolled import unroll

_ATTEMPTS = 4
"""Times that a function is gone through to find what holds at the heads of its loops."""

LARGEST = 60_000
"""Instructions of a function that is translated; for more, Python's compiler takes too long."""

MOST_LOCALS = 4_000
"""Locals of a function that is translated."""


class FunctionTranslator:
    """The translations of one function: from its beginning, and from the heads of its loops."""

    def __init__(
        self, module: ValidModule, code: FunctionCode, weight: int, bounds: list[int]
    ) -> None:
        """Prepare. Raises Untranslatable."""
        if len(code.body.instructions) > LARGEST or len(code.local_types) > MOST_LOCALS:
            raise Untranslatable("too large")
        if not _plain(module, code):
            raise Untranslatable("references that the heap counts")
        self.module = module
        self.code = code
        self.weight = weight
        self.bounds = bounds
        self._plan = Plan(Graph(code, lambda index: deposit_for(module, index)))
        self.signs = choose_signs(code)
        self.splits = choose_split(code)
        self._found = Found()
        self._loops: dict[int, Translation | Untranslatable] = {}
        self._beginnings: dict[bool, Translation] = {}
        if self._plan.graph.bodies:
            # What is found to come round the loops holds at their heads the second time.
            try:
                self._found = self._around_loops(self._plan)
            except RecursionError:
                raise Untranslatable("nested too deeply") from None

    def whole(self, paid: bool) -> Translation:
        """The translation of the whole function. Raises Untranslatable.

        `paid`: for callers who have paid the deposit.
        """
        if paid not in self._beginnings:
            self._beginnings[paid] = self._translate(self._plan, paid)
        return self._beginnings[paid]

    def at_loop(self, pc: int) -> Translation:
        """The translation that begins at a loop. Raises Untranslatable."""
        found = self._loops.get(pc)
        if found is None:
            try:
                if pc not in self._plan.graph.bodies:
                    raise Untranslatable("a loop to whose beginning nothing goes back")
                found = self._translate(Plan(self._plan.graph.entered_at(pc)))
            except Untranslatable as error:
                found = error.again()
            self._loops[pc] = found
        if isinstance(found, Untranslatable):
            raise found.again()
        return found

    def _translate(self, plan: Plan, paid: bool = False) -> Translation:
        try:
            emitter = self._emitter(plan, self._found, paid)
            tree = emitter.emit()
            if emitter.unlike:
                emitter = self._emitter(plan, _careful(self._found), paid)
                tree = emitter.emit()
            tree = share(unroll(count(tree, emitter.local_types)))
            printer = Printer()
            self._begin(printer, emitter, plan.graph)
            printer.write(tree, 2)
        except RecursionError:
            raise Untranslatable("nested too deeply") from None
        source = "\n".join(printer.lines) + "\n"
        try:
            outer = compile(source, "<wasm>", "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, RecursionError, MemoryError, OverflowError) as error:
            raise Untranslatable(f"Python refuses it: {error}") from None
        sites: dict[int, Site] = {n + 1: site for n, site in printer.sites.items()}
        return Translation(
            self.code,
            _inner(_inner(outer)),
            sites,
            source,
            tuple(_recipe(emitter, i) for i in range(len(emitter.local_types))),
            {n + 1: pc for n, pc in printer.steps.items()},
            emitter.constants,
            emitter.requires(),
        )

    def _emitter(self, plan: Plan, found: Found, paid: bool = False) -> Emitter:
        emitter = Emitter(self.module, self.code, plan, self.bounds, self.signs, self.splits, found)
        emitter.deposit = deposit_of(self.module, self.code) if paid else 0
        return emitter

    def _around_loops(self, plan: Plan) -> Found:
        """Intervals and known low bits of variables at the heads of loops, and kinds of NaNs.

        Intervals hold as they are found when nothing is known at the heads, and again when those
        are known. About low bits and NaNs it is assumed that they stay as they come in, until that
        is found to be so.
        """
        found = Found(hopeful=True)
        for attempt in range(_ATTEMPTS):
            emitter = self._emitter(plan, found)
            emitter.emit()
            heads = {head: {**emitter.joined[head]} for head in plan.graph.bodies}
            for variables in heads.values():
                variables.pop("d", None)
            if not attempt:
                found = Found(found.types, heads, emitter.loose_merges())
                continue
            steady = not emitter.unlike
            for head, variables in heads.items():
                before = found.heads[head]
                for name, (low, high, zeros) in [*variables.items()]:
                    expected = before[name][2] if name in before else 0
                    if zeros < expected:
                        steady = False
                    variables[name] = (low, high, min(zeros, expected))
            for target, name in emitter.unlike:
                found.merges[target].discard(name)
            found.heads = heads
            if steady:
                return found
        return _careful(found)

    def _begin(self, printer: Printer, emitter: Emitter, graph: Graph) -> None:
        """Write the head of the function, up to the first charge."""
        params = len(self.code.type.params)
        local_types = emitter.local_types
        whole = graph.entry == 0
        names = [f"l{i}" for i in range(params if whole else len(local_types))]
        if not whole:
            names += [item.text for item in emitter.resumed]
        printer.line(0, "def outer(fuel):")
        printer.line(1, f"def f({', '.join([*names, 'd'])}):")
        printer.line(2, "nonlocal fuel")
        more = self.weight - 1
        if whole:
            enter = Site(0, emitter.deposit, "enter")
            if more and emitter.calls:
                printer.line(2, f"d = deeper(d, {more})", enter)
            elif more:
                printer.line(2, f"deeper(d, {more})", enter)
            for index in range(params):
                if emitter.signs.get(index) == v.SIGNED:
                    _, most = v.interval(local_types[index], v.SIGNED)
                    self._convert(printer, index, most, local_types[index])
            by_default: dict[str, list[str]] = {}
            for index in range(params, len(local_types)):
                variables, default = emitter.beginnings(index)
                by_default.setdefault(default, []).extend(variables)
            for default, variables in by_default.items():
                # Python compiles a long chain of targets recursively.
                for first in range(0, len(variables), 50):
                    printer.line(2, " = ".join([*variables[first : first + 50], default]))
        else:
            if emitter.calls:
                # There is room, or the machine would not have come here.
                printer.line(2, f"d = deeper(d, {self.weight})" if more else "(d,) = d")
            for index, type_ in enumerate(local_types):
                if type_ in v.MASKS:
                    low, high, _ = emitter.entry_range(index)
                    if low < 0 and high < v.MASKS[type_]:
                        self._convert(printer, index, high, type_)
            if graph.nodes[graph.entry].kind == "resume":
                printer.line(2, "e = 1")

        given = {f"l{i}": local_types[i] for i in range(params if whole else len(local_types))}
        given.update({} if whole else {item.text: item.type for item in emitter.resumed})
        for name, type_ in given.items():
            index = int(name[1:])
            if name[0] == "l" and index in emitter.splits:
                lanes, _ = emitter.beginnings(index)
                unpack = f"unpack_{SHAPES[emitter.splits[index][0]]}"
                printer.line(2, f"{', '.join(lanes)} = {unpack}({name})")
            elif type_ == "v128":
                printer.line(2, f"{name} = {v.received(name, type_).text}")

    def _convert(self, printer: Printer, index: int, most: int, type_: str) -> None:
        """Make the signed representative of what may be either."""
        printer.line(2, f"if l{index} > {most:#x}: l{index} -= {v.MASKS[type_] + 1:#x}")


def _careful(found: Found) -> Found:
    """What holds if nothing is assumed about low bits and NaNs."""
    heads = {
        head: {name: (low, high, 0) for name, (low, high, _) in variables.items()}
        for head, variables in found.heads.items()
    }
    return Found(found.types, heads)


def _recipe(emitter: Emitter, index: int) -> str:
    """How to work out a local, as the machine has it, from its variables."""
    name, type_ = f"l{index}", emitter.local_types[index]
    if type_ == "v128":
        return v.as_bytes(emitter.local(index)).text
    return f"{name} & {v.MASKS[type_]:#x}" if type_ in v.MASKS else name


def _inner(code: CodeType) -> CodeType:
    return next(item for item in code.co_consts if isinstance(item, CodeType))


def _plain(module: ValidModule, code: FunctionCode) -> bool:
    """Whether no operand can be an object that the heap counts.

    Variables of Python keep such objects alive longer than the machine does, and when the heap is
    full that could be seen.
    """
    heap = bool(module.context.tags) or any(
        not isinstance(item.composite, t.FunctionType) for item in module.context.types
    )
    if not heap:
        return True
    if any(type_name(item) == "ref" for item in (*code.local_types, *code.type.results)):
        return False
    return not any(
        opcode.feature in ("gc", "reference-types", "function-references")
        for opcode, _ in code.body.instructions
    )


def translate(
    module: ValidModule, code: FunctionCode, weight: int, bounds: list[int]
) -> FunctionTranslator:
    """Translate a function. Raises Untranslatable if the machine should run it.

    `weight` is what a frame of it counts for on the call stack, `bounds` how many bytes each memory
    of the module can have.
    """
    return FunctionTranslator(module, code, weight, bounds)


def memory_bounds(module: ValidModule, limit: int) -> list[int]:
    """How many bytes each memory of a module can have; its own have at most `limit` pages."""
    imported = sum(1 for _ in module.syntax.imported("memory"))
    bounds = []
    for index, memory in enumerate(module.context.memories):
        pages = memory.limits.maximum
        if index >= imported:
            most = limit * t.PAGE_SIZE // memory.page_size
            pages = most if pages is None else min(pages, most)
        elif pages is None:
            # The memory is somebody else's.
            pages = v.MASKS[str(memory.address)] // memory.page_size + 1
        bounds.append(pages * memory.page_size)
    return bounds
