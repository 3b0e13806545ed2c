"""The operand stack and the locals of a function while it is translated.

The stack exists only here, as expressions; what must outlive a merge, a call or something that
could change it is put into the variable of its place. About every variable is known in what
interval it lies. Control flow is in `refexec.translate.emit`, which builds on this.

Locals that are integers hold a number congruent to the wasm value: the unsigned one, the signed
one if the function's instructions mostly need that (`refexec.translate.signs`), or either of both.
The same is true of arguments and results of generated functions. Locals that are vectors hold ints
(`refexec.translate.lanes`), arguments and results bytes, as the machine does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from refexec.interp import types as t
from refexec.interp.body import Situation, situations_at
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.translate import values as v
from refexec.translate.graph import Graph
from refexec.translate.sites import Site
from refexec.translate.split import (
    SHAPES,
    lane_names,
    lanes_of_constant,
    number,
    parts_of,
    variables,
)
from refexec.translate.tree import Line
from refexec.translate.values import Expr

Range = tuple[int, int, int]
"""Of an integer: the least and the greatest value, and how many of the lowest bits are zero. Of a
float: nothing, nothing, and what is known about a NaN (`values.EXACT` and so on)."""

SMALL = 0x3FFFFFFF
"""The largest int of one digit in CPython, with which it is fastest."""

DEFAULTS = {
    "i32": "0",
    "i64": "0",
    "f32": "0.0",
    "f64": "0.0",
    "ref": "None",
    "v128": "0",
}
"""Initial values of locals."""


def type_name(value_type: t.ValueType) -> str:
    """The short name of a type, all references being `ref`."""
    if isinstance(value_type, t.ReferenceType):
        return "ref"
    return str(value_type)


class Operands:
    """The operand stack, the locals, and the statements that are being written."""

    def __init__(
        self,
        module: ValidModule,
        code: FunctionCode,
        graph: Graph,
        bounds: list[int],
        signs: dict[int, str],
        splits: dict[int, tuple[str, int]],
    ) -> None:
        self.module = module
        self.code = code
        self.graph = graph
        self.bounds = bounds
        """For each memory how many bytes it may have at most."""
        self.signs = signs
        """For each local that is an integer which representative it holds."""
        self.splits = splits
        """For each local that is a vector of floats in variables of their own, the type of the
        lanes, and what is known about NaNs in them."""
        self.local_types = [type_name(item) for item in code.local_types]
        self.stack: list[Expr] = []
        self.ranges: dict[str, Range] = {}
        self.paid = 0
        self.pc: int | None = None
        """The step that is being written."""
        self.out: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.calls = False
        self._operands: dict[int, Situation | None] | None = None

    # -- statements ------------------------------------------------------------------------------

    def line(self, text: str, site: Any = None, ends: bool = False) -> None:
        """Write a statement."""
        self.out.append(Line(text, site, ends, self.pc))

    def constant(self, value: Any) -> str:
        """A name for an object that has no literal."""
        # Each translation of the function has constants of its own.
        entry = max(self.graph.entry, -1 - self.graph.entry)
        outer = "" if self.graph.entry >= 0 else "r"
        name = f"k{self.code.index}_{entry}{outer}_{len(self.constants)}"
        self.constants[name] = value
        return name

    def operands_before(self, pc: int) -> list[t.ValueType]:
        """Types of the operands before a step, as validation finds them."""
        if self._operands is None:
            self._operands = situations_at(
                self.module.context,
                self.code.body,
                self.code.local_types,
                len(self.code.type.params),
                self.code.type.results,
                range(1, len(self.code.body.instructions) + 1),
            )
        found = self._operands[pc]
        assert found is not None
        return found.operands

    # -- the operand stack -----------------------------------------------------------------------

    def push(self, e: Expr) -> None:
        """Push an operand."""
        self.stack.append(e)
        if e.depth > v.DEEPEST:
            self.spill(len(self.stack) - 1)

    def pop(self) -> Expr:
        """Pop an operand."""
        return self.stack.pop()

    def spill(self, position: int, sign: str = v.UNSIGNED) -> None:
        """Put an operand into the variable of its place."""
        name = f"s{position}"
        e = self.stack[position]
        if e.text == name:
            return
        self.clobber_below(position)
        if e.shape is not None and e.shape[0] == "lanes":
            _, _, type_, parts = e.shape
            self.set_lanes(lane_names(name, type_), parts)
            known = min(part.zeros for part in parts)
            self.stack[position] = variables(name, type_, known)
            return
        e = self.assign(name, e, sign)
        self.stack[position] = v.variable(name, e.type, e.low, e.high, e.zeros)

    def merge(self, position: int) -> None:
        """Put an operand into the variable of its place, as all ways to a place must."""
        self.join(position)
        self.spill(position)

    def stored(self, e: Expr) -> Expr:
        """As the machine has it: an int that is unsigned, a canonical NaN, a vector of bytes."""
        if e.loose:
            return v.combine(f"canonical({e.text})", e.type, v.ATOM, 0, 0, e)
        if e.type == "v128":
            return v.as_bytes(e)
        e = v.number(e)
        return v.unsigned(e) if e.type in v.MASKS else e

    def exact(self, e: Expr) -> Expr:
        """A float whose NaN has the right bits; to be used before anything else is written."""
        if not e.loose:
            return e
        name = e.text
        if name not in e.reads or name[0] == "z" or self.is_wider(e):
            name = "y"
            self.line(f"y = {e.text}", e.site)
        self.line(f"if {name} != {name}: {name} = nan")
        if name[0] == "l" and "_" not in name:
            self.ranges[name] = (0, 0, v.EXACT)
        return v.variable(name, e.type)

    def is_wider(self, e: Expr) -> bool:
        """Whether a double is what a local holds as a single float, the NaN of which must stay."""
        if e.text[0] != "l":
            return False
        index, _, lane = e.text[1:].partition("_")
        held = self.splits[int(index)][0] if lane else self.local_types[int(index)]
        return held != e.type

    def assign(self, name: str, e: Expr, sign: str) -> Expr:
        """Put a value into a variable, and give what the variable then holds.

        An integer becomes the representative that `sign` names.
        """
        if e.type not in v.MASKS:
            self._put(name, e)
            return v.variable(name, "v128") if e.type == "v128" else e
        e = v.number(e)
        low, high = v.interval(e.type, sign)
        if e.constant is not None:
            e = v.integer(v.wrap(e.constant, low, high, e.type), e.type)
        if v.fits(e, sign):
            self._put(name, e)
            return e
        full = v.MASKS[e.type]
        if not v.is_near(e):
            e = v.signed(e) if sign == v.SIGNED else v.mask(e)
            self._put(name, e)
            return e
        # Sums are small, mostly: looking is cheaper than reducing.
        self._put(name, e)
        least = "0" if low == 0 else f"-{SMALL:#x}"
        if e.low >= low:
            test = f"{name} > {SMALL:#x}"
        elif e.high <= high:
            test = f"{name} < {least}"
        else:
            test = f"not {least} <= {name} <= {SMALL:#x}"
        if sign == v.SIGNED:
            half = full + 1 >> 1
            self.line(f"if {test}: {name} = ({name} & {full:#x} ^ {half:#x}) - {half:#x}")
        else:
            self.line(f"if {test}: {name} &= {full:#x}")
        return v.variable(name, e.type, low, high, e.zeros)

    def _put(self, name: str, e: Expr) -> None:
        if e.text != name:
            text, site = self.with_call(e, e.text)
            self.line(f"{name} = {text}", site)

    def with_call(self, e: Expr, text: str) -> tuple[str, Site | None]:
        """A text of an operand, and its site, to be used in the next statement.

        If the statement before is the call that gives what stands once in the text, the call
        itself stands there instead. What is read beside it no function can change.
        """
        last = self.out[-1] if self.out else None
        if e.site is not None or not isinstance(last, Line) or last.gives is None:
            return text, e.site
        name = last.gives
        if (
            name not in e.reads
            or any(other[0] not in "ls" for other in e.reads)
            or any(name in other.reads for other in self.stack if other is not e)
            or any(word in text for word in (" if ", " and ", " or "))
            or len(re.findall(rf"\b{name}\b", text)) != 1
        ):
            return text, e.site
        self.out.pop()
        call = last.text.removeprefix(f"{name} = ")
        return re.sub(rf"\b{name}\b", call, text), last.site

    def reduce(self, position: int, sign: str = v.UNSIGNED) -> None:
        """Put an operand into a variable, as it is needed, if that is the cheapest way.

        A sum becomes the representative that `sign` names, a NaN the canonical one.
        """
        e = self.stack[position]
        if e.loose:
            self.spill(position)
            self.stack[position] = self.exact(self.stack[position])
            return
        if e.type not in v.MASKS or e.constant is not None:
            return
        if not v.fits(e, sign) and v.is_near(e) and e.text not in e.reads:
            self.spill(position, sign)

    def outgoing(self, e: Expr, sign: str = v.UNSIGNED) -> str:
        """The text of an operand that leaves the function."""
        if e.type in v.MASKS and v.fits(e, sign):
            return v.number(e).text
        return self.stored(e).text

    def refine(self, condition: Expr, holds: bool) -> None:
        """Narrow the intervals of locals by a condition."""
        shape = condition.shape
        if shape is None or shape[0] != "compare":
            return
        _, operator, a, b = shape
        if not holds:
            operator = v.INVERSE[operator]
        self._narrow(a, operator, b)
        self._narrow(b, v.MIRROR[operator], a)

    def _narrow(self, a: Expr, operator: str, b: Expr) -> None:
        if not _is_local(a) or a.type not in v.MASKS:
            return
        low, high, _ = self._range(a.text)
        if operator == "<":
            high = min(high, b.high - 1)
        elif operator == "<=":
            high = min(high, b.high)
        elif operator == ">":
            low = max(low, b.low + 1)
        elif operator == ">=":
            low = max(low, b.low)
        elif operator == "==":
            low, high = max(low, b.low), min(high, b.high)
        elif b.constant == low:
            low += 1
        elif b.constant == high:
            high -= 1
        self._limit(a.text, low, high)

    def reached(self, a: Expr, last: int) -> None:
        """Narrow a local by an access to memory that is written: its address is at most `last`."""
        whole = v.MASKS[a.type] + 1
        if not (last - whole < a.low and a.high < whole):
            return
        constant = 0
        shape = a.shape
        if shape is not None and shape[0] == "add":
            _, a, constant = shape
        if _is_local(a):
            self._limit(a.text, -constant, last - constant)

    def _limit(self, name: str, low: int, high: int) -> None:
        least, most, zeros = self._range(name)
        low, high = max(low, least), min(high, most)
        if low <= high:
            self.ranges[name] = (low, high, zeros)

    def settle(self) -> None:
        """Evaluate what may trap, or reads what rounds, before something else happens."""
        for position, e in enumerate(self.stack):
            if e.site is not None or "z" in e.reads:
                self.spill(position)

    def clobber(self, name: str) -> None:
        """Evaluate what reads a variable, before it changes."""
        for position, e in enumerate(self.stack):
            if name in e.reads:
                self.spill(position)

    def clobber_globals(self) -> None:
        """Evaluate what reads globals, before code that is not seen here runs."""
        for position, e in enumerate(self.stack):
            if any(name[0] == "g" for name in e.reads):
                self.spill(position)

    def simple(self, position: int) -> Expr:
        """The operand at a position, as a variable or constant."""
        self.join(position)
        e = self.stack[position]
        if e.constant is None and e.text not in e.reads:
            self.spill(position)
        return self.stack[position]

    # -- vectors of floats -----------------------------------------------------------------------

    def join(self, position: int) -> None:
        """Make an operand that is split into lanes one expression."""
        e = self.stack[position]
        if e.shape is not None and e.shape[0] == "lanes":
            self.stack[position] = v.replace(e, shape=("bytes", e.shape[1]))

    def lanes(self, position: int, type_: str, exact: bool = False) -> tuple[Expr, ...]:
        """The lanes of an operand, which is split if it is not; not `exact`: as for arithmetic."""
        e = self.stack[position]
        parts = parts_of(e, type_)
        if parts is not None:
            return parts
        if e.constant is not None:
            return tuple(
                number(lane, type_) if lane - lane == 0 else Expr(self.constant(lane), type_)
                for lane in lanes_of_constant(e.constant, type_)
            )
        name = f"s{position}"
        self.clobber_below(position)
        self._unpack(lane_names(name, type_), e, type_, exact)
        self.stack[position] = found = variables(name, type_, v.EXACT)
        return parts_of(found, type_) or ()

    def _unpack(self, names: list[str], e: Expr, type_: str, exact: bool) -> None:
        """Put the lanes of a vector that is not split into variables."""
        shape = SHAPES[type_]
        if e.shape is not None and e.shape[0] == "load" and not (exact and type_ == "f32"):
            # It is only about to be loaded.
            text = f"load_{shape}({e.shape[2]})"
        else:
            text = f"{'unpack' if exact else 'read'}_{shape}({v.as_bytes(e).text})"
        self.line(f"{', '.join(names)} = {text}", e.site)

    def steady_lanes(self, position: int, type_: str, exact: bool = False) -> tuple[Expr, ...]:
        """The lanes of an operand as variables or constants."""
        parts = self.lanes(position, type_, exact)
        if any(part.reads and part.text not in part.reads for part in parts):
            self.spill(position)
            parts = self.lanes(position, type_)
        return parts

    def clobber_below(self, position: int) -> None:
        """Evaluate what lies below a place and reads its variables, before they change."""
        for lower in range(position):
            if f"s{position}" in self.stack[lower].reads:
                self.spill(lower)

    def set_lanes(self, names: list[str], parts: Sequence[Expr]) -> None:
        """Put lanes into variables, as if at once."""
        changed = [(n, part) for n, part in zip(names, parts, strict=True) if part.text != n]
        early = {n for n, _ in changed}
        if any(part.reads & early - {n} for n, part in changed):
            targets = ", ".join(n for n, _ in changed)
            self.line(f"{targets} = {', '.join(part.text for _, part in changed)}")
            return
        for n, part in changed:
            self.line(f"{n} = {part.text}")

    def _set_split(self, index: int, e: Expr) -> None:
        type_, known = self.splits[index]
        names = lane_names(f"l{index}", type_)
        if parts_of(e, type_) is None and e.constant is None:
            self._unpack(names, e, type_, known == v.EXACT)
            return
        self.stack.append(e)
        parts = self.lanes(len(self.stack) - 1, type_)
        self.stack.pop()
        if not self._moved_lanes(names, parts):
            self.set_lanes(names, parts)
        for name, part in zip(names, parts, strict=True):
            if part.loose and known == v.EXACT:
                self.line(f"if {name} != {name}: {name} = nan")

    def _moved_lanes(self, names: list[str], parts: Sequence[Expr]) -> bool:
        """Whether the statement before can give its results to the variables of a local."""
        last = self.out[-1] if self.out else None
        start = f"{', '.join(part.text for part in parts)} = "
        if start[0] != "s" or not isinstance(last, Line) or not last.text.startswith(start):
            return False
        last.text = f"{', '.join(names)} = {last.text[len(start) :]}"
        return True

    # -- where execution can stop ----------------------------------------------------------------

    def trap(self, pc: int) -> Site:
        """The site of a step that may trap."""
        return Site(pc, self.paid, loose=self.loose())

    def recipe(self, operands: list[Expr]) -> str:
        """The recipe of operands."""
        return f"[{', '.join(self.stored(e).text for e in operands)}]"

    def safepoint(self, pc: int) -> Site:
        """The site of a stop before step `pc`."""
        return Site(pc, self.paid, "safe", self.recipe(self.stack), loose=self.loose())

    def loose(self) -> tuple[int, ...]:
        """Locals in which any NaN stands for the canonical one."""
        return tuple(
            int(name[1:])
            for name, (_, _, known) in self.ranges.items()
            if known == v.LOOSE and name[0] == "l" and self.local_types[int(name[1:])] in v.FLOATS
        )

    # -- locals ----------------------------------------------------------------------------------

    def beginnings(self, index: int) -> tuple[list[str], str]:
        """The variables of a local, and what is in them at first."""
        if index in self.splits:
            return lane_names(f"l{index}", self.splits[index][0]), "0.0"
        return [f"l{index}"], DEFAULTS[self.local_types[index]]

    def _range(self, name: str) -> Range:
        found = self.ranges.get(name)
        return found if found is not None else self.any_range(int(name[1:]))

    def any_range(self, index: int) -> Range:
        """What is known of a local of which nothing else is known."""
        type_ = self.local_types[index]
        if type_ not in v.MASKS:
            return (0, 0, 0)
        return (*v.interval(type_, self.signs[index]), 0)

    def local(self, index: int) -> Expr:
        """Read a local."""
        name = f"l{index}"
        if index in self.splits:
            return variables(name, *self.splits[index])
        return v.variable(name, self.local_types[index], *self._range(name))

    def set_local(self, index: int, e: Expr) -> None:
        """Write a local."""
        name = f"l{index}"
        self.clobber(name)
        if index in self.splits:
            self._set_split(index, e)
            return
        e = self._moved(name, e)
        written = len(self.out)
        start = f"{name} + "
        step = e.text.removeprefix(start)
        rises = (
            step[0] == "l"
            and step in e.reads
            and e.text.startswith(start)
            and self._range(step)[0] > 0
        )
        e = self.assign(name, e, self.signs.get(index, v.UNSIGNED))
        self.ranges[name] = (e.low, e.high, e.zeros)
        if rises:
            self.out[written].rises = True

    def _moved(self, name: str, e: Expr) -> Expr:
        """Let the statement before give its result to a local instead of an operand's variable."""
        last = self.out[-1] if self.out else None
        if isinstance(last, Line) and e.text[0] == "s" and e.text in e.reads:
            start = f"{e.text} = "
            if last.text.startswith(start):
                last.text = f"{name} = {last.text[len(start) :]}"
                last.gives = None
                return v.variable(name, e.type, e.low, e.high, e.zeros)
        return e


def _is_local(a: Expr) -> bool:
    return a.text[0] == "l" and a.text in a.reads
