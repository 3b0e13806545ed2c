"""Where a program's fuel goes, and which of its code is reached: one observer, three forms.

Fuel is counted exactly, so a profile is not a sample: the same run always gives the same one. This
module makes plain data and text; what draws the table is in the command line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import refexec
from refexec import wasm
from refexec.debugger.lines import Line, SourceLines
from refexec.observe import CallNode, CallTree, Place, View
from refexec.record import record

SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"

_BRANCHES = ("br_if", "br_table", "br_on", "if")


class Profiler(CallTree):
    """A call tree that counts instructions and branches as well."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: defaultdict[tuple[int, int], int] = defaultdict(int)
        """Times by function and step."""
        self.branches: defaultdict[tuple[int, int], int] = defaultdict(int)
        """Times by byte offset of a branch, and of where it went on."""

    def instruction(self, view: View, place: Place) -> None:
        """Count it."""
        self.counts[place.function, place.step] += 1

    def branch(self, view: View, place: Place, target: Place) -> None:
        """Count where it went."""
        self.branches[place.offset, target.offset] += 1


@record(frozen=True)
class Row:
    """What one function has cost."""

    name: str
    """From the guest."""
    host: bool
    """Whether it is a function of the host, which costs nothing itself."""
    calls: int
    fuel: int
    """Spent in it."""
    total: int
    """Spent in it and in all that it called."""


def name_of(node: CallNode) -> str:
    """How a function is called for people, from the guest."""
    if node.name is not None:
        return node.name
    return "outside" if node.function is None else f"function {node.function}"


def walk(root: CallNode) -> Iterator[tuple[list[CallNode], CallNode]]:
    """All nodes below the root, each with those above it, the outermost first."""
    waiting: list[tuple[list[CallNode], CallNode]] = [([], c) for c in root.children.values()]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        waiting += [([*path, node], child) for child in node.children.values()]


def rows(root: CallNode) -> list[Row]:
    """The functions, those that have spent most themselves first."""
    found: dict[tuple[bool, int | None], list[Any]] = {}
    for path, node in walk(root):
        key = node.host, node.function
        row = found.setdefault(key, [name_of(node), node.host, 0, 0, 0])
        row[2] += node.calls
        row[3] += node.fuel
        # The fuel of a function that has called itself belongs to it once.
        for outer in {(above.host, above.function) for above in (*path, node)}:
            found[outer][4] += node.fuel
    made = [Row(*row) for row in found.values()]
    return sorted(made, key=lambda row: (-row.fuel, -row.total, row.name))


def speedscope(root: CallNode, name: str, module: wasm.Module, lines: SourceLines | None) -> Any:
    """The profile as a document for speedscope: each path of calls with its fuel."""
    frames: dict[tuple[bool, int | None], int] = {}
    described: list[dict[str, Any]] = []
    samples, weights = [], []
    first = module.valid.imported_functions
    for path, node in walk(root):
        stack = []
        for item in (*path, node):
            key = item.host, item.function
            if key not in frames:
                frames[key] = len(described)
                frame: dict[str, Any] = {"name": name_of(item)}
                if lines is not None and not item.host and item.function is not None:
                    code = module.valid.functions[item.function - first]
                    line = lines.at(code.body.offsets[0])
                    if line is not None:
                        frame |= {"file": line.file, "line": line.number}
                described.append(frame)
            stack.append(frames[key])
        if node.fuel:
            samples.append(stack)
            weights.append(node.fuel)
    order = sorted(range(len(samples)), key=samples.__getitem__)
    return {
        "$schema": SPEEDSCOPE_SCHEMA,
        "exporter": f"refexec@{refexec.__version__}",
        "name": name,
        "activeProfileIndex": 0,
        "shared": {"frames": described},
        "profiles": [
            {
                "type": "sampled",
                "name": f"{name}: fuel",
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": [samples[index] for index in order],
                "weights": [weights[index] for index in order],
            }
        ],
    }


def fuel_by_line(
    profiler: Profiler, module: wasm.Module, lines: SourceLines
) -> list[tuple[Line, int]]:
    """What the instructions of each line have cost, without what bulk instructions cost more."""
    spent: defaultdict[Line, int] = defaultdict(int)
    first = module.valid.imported_functions
    for (function, step), count in profiler.counts.items():
        code = module.valid.functions[function - first]
        cost = code.body.instructions[step - 1][0].fuel if step else 1
        line = lines.at(code.body.offsets[max(0, step - 1)])
        if line is not None and cost:
            spent[line] += count * cost
    return sorted(spent.items(), key=lambda item: (-item[1], item[0].file, item[0].number))


def lcov(profiler: Profiler, module: wasm.Module, lines: SourceLines) -> Iterator[str]:
    """Coverage of the guest's source as lines of an lcov file."""
    counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
    functions: defaultdict[str, list[tuple[int, str, int]]] = defaultdict(list)
    branches: defaultdict[str, list[tuple[int, int, int, int | None]]] = defaultdict(list)
    for code in module.valid.functions:
        for step, offset in enumerate(code.body.offsets, 1):
            line = lines.at(offset)
            if line is None:
                continue
            count = profiler.counts.get((code.index, step), 0)
            known = counts[line.file]
            known[line.number] = max(count, known.get(line.number, 0))
            if step == 1:
                name = module.function_names.get(code.index, f"function {code.index}")
                calls = profiler.counts.get((code.index, 0), 0)
                functions[line.file].append((line.number, _one_word(name), calls))
            if code.body.instructions[step - 1][0].mnemonic.startswith(_BRANCHES):
                for number, taken in enumerate(_ways(profiler, code, step)):
                    branches[line.file].append((line.number, offset, number, taken))
    for file in sorted(counts):
        yield "TN:"
        yield f"SF:{_one_word(file)}"
        yield from _function_lines(functions[file])
        yield from _branch_lines(branches[file])
        for line_number, count in sorted(counts[file].items()):
            yield f"DA:{line_number},{count}"
        yield f"LF:{len(counts[file])}"
        yield f"LH:{sum(map(bool, counts[file].values()))}"
        yield "end_of_record"


def _ways(profiler: Profiler, code: Any, step: int) -> list[int | None]:
    """How often a branch went each way; None if it was never reached."""
    offset = code.body.offsets[step - 1]
    argument = code.body.side_table[step]
    targets = argument if isinstance(argument, list) else [argument]
    steps = []
    for item in targets:
        branch = item[0] if isinstance(item, tuple) and isinstance(item[0], tuple) else item
        steps.append(branch if isinstance(branch, int) else branch[0])
    if not isinstance(argument, list):
        steps.append(step + 1)
    ways = sorted({code.offset_of(target) for target in steps})
    if not profiler.counts.get((code.index, step)):
        return [None] * len(ways)
    return [profiler.branches.get((offset, way), 0) for way in ways]


def _function_lines(functions: list[tuple[int, str, int]]) -> Iterator[str]:
    yield from (f"FN:{line},{name}" for line, name, _ in functions)
    yield from (f"FNDA:{calls},{name}" for _, name, calls in functions)
    yield f"FNF:{len(functions)}"
    yield f"FNH:{sum(1 for _, _, calls in functions if calls)}"


def _branch_lines(branches: list[tuple[int, int, int, int | None]]) -> Iterator[str]:
    for line, block, number, taken in branches:
        yield f"BRDA:{line},{block},{number},{'-' if taken is None else taken}"
    yield f"BRF:{len(branches)}"
    yield f"BRH:{sum(1 for *_, taken in branches if taken)}"


def _one_word(text: str) -> str:
    """Guest text on a line of its own: nothing that ends a line, or hides."""
    return "".join(char if char.isprintable() else "?" for char in text)
