"""Translating a function: analysis, emission, Python's compiler.

The result is shared by all instances of the module; `refexec.translate.engine` links it. Whatever
makes a function unfit is told by `Untranslatable`, and the machine runs it.
"""

from __future__ import annotations

from types import CodeType

from refexec.interp.types import FunctionType
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.translate.emit import DEFAULTS, Emitter, Range, type_name
from refexec.translate.errors import Untranslatable
from refexec.translate.graph import Graph
from refexec.translate.sites import Site, Translation
from refexec.translate.tree import Printer
from refexec.translate.values import MASKS

_ATTEMPTS = 4
"""Times that a function is gone through to find what holds at the heads of its loops."""

LARGEST = 60_000
"""Instructions of a function that is translated; for more, Python's compiler takes too long."""

MOST_LOCALS = 4_000
"""Locals of a function that is translated."""


class FunctionTranslator:
    """The translations of one function: from its beginning, and from the heads of its loops."""

    def __init__(self, module: ValidModule, code: FunctionCode, weight: int, full: int) -> None:
        """Prepare. Raises Untranslatable."""
        if len(code.body.instructions) > LARGEST or len(code.local_types) > MOST_LOCALS:
            raise Untranslatable("too large")
        if not _plain(module, code):
            raise Untranslatable("references that the heap counts")
        self.module = module
        self.code = code
        self.weight = weight
        self.full = full
        self.graph = Graph(code)
        self.types: dict[int, list[str]] = {}
        self._ranges: dict[int, dict[str, Range]] = {}
        self._loops: dict[int, Translation | Untranslatable] = {}
        self.whole = self._translate(self.graph)

    def at_loop(self, pc: int) -> Translation:
        """The translation that begins at a loop. Raises Untranslatable."""
        found = self._loops.get(pc)
        if found is None:
            try:
                found = self._translate(self.graph.entered_at(pc))
            except Untranslatable as error:
                found = error
            self._loops[pc] = found
        if isinstance(found, Untranslatable):
            raise found
        return found

    @property
    def heads(self) -> set[int]:
        """Steps at which there are loops to enter."""
        return {head for head in self.graph.bodies if head > 0}

    def _translate(self, graph: Graph) -> Translation:
        try:
            if graph.bodies and graph.entry == 0:
                # What is found to come round the loops holds at their heads the second time.
                self._ranges = self._around_loops(graph)
            emitter = Emitter(self.module, self.code, graph, self.types, self._ranges)
            tree = emitter.emit()
            printer = Printer()
            self._begin(printer, emitter, graph)
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
            tuple(
                f"l{i} & {MASKS[type_]:#x}" if type_ in MASKS else f"l{i}"
                for i, type_ in enumerate(emitter.local_types)
            ),
            {n + 1: pc for n, pc in printer.steps.items()},
            emitter.constants,
            emitter.requires(),
        )

    def _around_loops(self, graph: Graph) -> dict[int, dict[str, Range]]:
        """Intervals and known low bits of variables at the heads of loops.

        Intervals hold as they are found when nothing is known at the heads. About low bits it is
        assumed that they stay as they come in, until that is found to be so.
        """
        known: dict[int, dict[str, Range]] = {}
        for attempt in range(_ATTEMPTS):
            emitter = Emitter(self.module, self.code, graph, self.types, known)
            emitter.emit()
            found = {head: emitter.joined[head] for head in graph.bodies}
            if not attempt:
                known = found
                if not any(zeros for item in found.values() for _, _, zeros in item.values()):
                    return known
                continue
            steady = True
            for head, variables in known.items():
                for name, (low, high, zeros) in variables.items():
                    now = found[head].get(name, (0, 0, 0))[2]
                    if now < zeros:
                        steady = False
                        variables[name] = (low, high, now)
            if steady:
                return known
        return {
            head: {name: (low, high, 0) for name, (low, high, _) in variables.items()}
            for head, variables in known.items()
        }

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
        enter = Site(0, 0, "enter")
        if whole:
            if emitter.calls:
                printer.line(2, f"if (d := d + {self.weight}) > {self.full}: d = deep()", enter)
            else:
                printer.line(2, f"if d > {self.full - self.weight}: deep()", enter)
            by_default: dict[str, list[str]] = {}
            for index in range(params, len(local_types)):
                by_default.setdefault(DEFAULTS[local_types[index]], []).append(f"l{index}")
            for default, variables in by_default.items():
                # Python compiles a long chain of targets recursively.
                for first in range(0, len(variables), 50):
                    printer.line(2, " = ".join([*variables[first : first + 50], default]))
        else:
            if emitter.calls:
                printer.line(2, f"d += {self.weight}")
            if graph.nodes[graph.entry].kind == "resume":
                printer.line(2, "e = 1")


def _inner(code: CodeType) -> CodeType:
    return next(item for item in code.co_consts if isinstance(item, CodeType))


def _plain(module: ValidModule, code: FunctionCode) -> bool:
    """Whether no operand can be an object that the heap counts.

    Variables of Python keep such objects alive longer than the machine does, and when the heap is
    full that could be seen.
    """
    heap = bool(module.context.tags) or any(
        not isinstance(item.composite, FunctionType) for item in module.context.types
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
    module: ValidModule, code: FunctionCode, weight: int, full: int
) -> FunctionTranslator:
    """Translate a function. Raises Untranslatable if the machine should run it.

    `weight` is what a frame of it counts for, `full` what the sum may be.
    """
    return FunctionTranslator(module, code, weight, full)
