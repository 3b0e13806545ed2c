"""Structured code with labels, and how it becomes Python, which has none.

The structure of a function is a tree of `Line`, `If`, `Loop` and `Block`, where `Jump` goes to the
end of a block or to the next turn of a loop. `Printer` writes it as Python: a jump is nothing
where the code falls through to its target anyway, `continue` or `break` where that gets there, and
otherwise a variable that is looked at behind each loop that is left. A block needs a `while True`
around it only if some jump to its end could not do without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from refexec.record import field, record
from refexec.translate.errors import Untranslatable

DEEPEST_LOOPS = 18
"""Nested loops that are written; CPython refuses more than 20 nested blocks."""

DEEPEST_INDENT = 80
"""Levels of indentation that are written; CPython refuses more than 100."""


@record()
class Line:
    """A simple statement."""

    text: str
    site: Any = None
    """What is known of the machine's state if execution stops in this line."""
    ends: bool = False
    """Whether nothing is executed behind it."""
    pc: int | None = None
    """The step that it carries out or completes."""
    rises: bool = False
    """Whether it is known to add at least one to its variable."""
    gives: str | None = None
    """Of a call of a function with one result: the variable that it is put into."""


@record()
class If:
    """A condition."""

    condition: str
    negation: str
    then: list[Any]
    otherwise: list[Any]
    site: Any = None
    pc: int | None = None


@record()
class Jump:
    """Go to the end of a block, or to the next turn of a loop."""

    label: int


@record()
class Block:
    """Code whose end is a label."""

    label: int
    body: list[Any]


@record()
class Loop:
    """Code that is repeated until it is left by a jump."""

    label: int
    """A jump to the loop's label begins the next turn."""
    body: list[Any]


@record()
class For:
    """Code that is repeated for each value of a range."""

    variable: str
    turns: str
    cost: int
    """Fuel of one turn, if all are paid for before."""
    body: list[Any]
    site: Any
    pc: int | None


_TARGETS = re.compile(r"(?:if .+: )?(\w+(?:, \w+)*) (?:[-+*/&|^]|<<|>>)?= ")


def targets(item: Any) -> set[str]:
    """The variables that a statement itself assigns, without those that it contains."""
    if isinstance(item, For):
        return {item.variable}
    found = _TARGETS.match(item.text) if isinstance(item, Line) else None
    return set(found[1].split(", ")) if found else set()


def inside(item: Any) -> list[list[Any]]:
    """The lists of statements that a statement contains."""
    if isinstance(item, If):
        return [item.then, item.otherwise]
    return [item.body] if isinstance(item, Block | Loop | For) else []


def everything(body: list[Any]) -> Iterator[Any]:
    """All statements, with those that they contain."""
    for item in body:
        yield item
        for inner in inside(item):
            yield from everything(inner)


def leaves(body: list[Any], labels: frozenset[int] = frozenset()) -> bool:
    """Whether a list ends with a jump out of everything that has one of the labels."""
    last = body[-1] if body else None
    if isinstance(last, Jump):
        return last.label not in labels
    return isinstance(last, Line) and last.ends


def jumps_to(item: Any, label: int) -> bool:
    """Whether a statement is a jump to a label; to that of a loop, it begins the next turn."""
    return isinstance(item, Jump) and item.label == label


def hoist(body: list[Any]) -> list[Any]:
    """Take what does not jump to its end out of the beginning of a block."""
    if not body or not isinstance(body[0], Block):
        return body
    block = body[0]
    inner = hoist(block.body)
    place = 0
    while place < len(inner) and not any(
        jumps_to(item, block.label) for item in everything([inner[place]])
    ):
        place += 1
    rest = [Block(block.label, inner[place:])] if place < len(inner) else []
    return [*inner[:place], *rest, *body[1:]]


def charge(amount: int) -> str:
    """The text of a charge. Fuel in the cell is a float: Python makes those quicker than ints."""
    return f"if (fuel := fuel - {amount}.0) < 0.0: out()"


_CHARGE = re.compile(r"if \(fuel := fuel - (\d+)\.0\) < 0\.0: out\(\)")


def give_back(amount: int) -> str:
    """The text that gives fuel back."""
    return f"fuel += {amount}.0"


_GIVEN = re.compile(r"fuel \+= (\d+)\.0")


def given_back(item: Any) -> int:
    """How much a statement gives back, if that is what it does, else 0."""
    found = _GIVEN.fullmatch(item.text) if isinstance(item, Line) else None
    return int(found[1]) if found else 0


def charged(item: Any) -> int:
    """How much a statement charges, if that is what it does, else 0."""
    found = _CHARGE.fullmatch(item.text) if isinstance(item, Line) else None
    return int(found[1]) if found else 0


@record()
class _Around:
    """A Python loop around the code that is being written."""

    turn: int | None
    """Label that `continue` goes to."""
    after: frozenset[int]
    """Labels that `break` goes to."""
    flag: str
    exits: dict[int, int] = field(default_factory=dict)
    """Labels that are reached over the flag, with the value that means them."""


class Printer:
    """Writes a tree as lines of Python."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sites: dict[int, Any] = {}
        """Sites by index of the line."""
        self.steps: dict[int, int] = {}
        """The machine's steps by index of the line, for readers."""
        self._around: list[_Around] = []
        self._flags = 0
        self._wrapped: set[int] = set()
        self._starts: list[int] = []
        """Where the loops begin that are being written."""

    def write(self, tree: list[Any], indent: int) -> None:
        """Write a whole function body."""
        self._find_wrapped(tree)
        self._list(tree, indent, frozenset())

    def line(self, indent: int, text: str, site: Any = None, pc: int | None = None) -> None:
        """Write one line."""
        if indent > DEEPEST_INDENT:
            raise Untranslatable("nested too deeply")
        if site is not None:
            self.sites[len(self.lines)] = site
        if pc is not None:
            self.steps[len(self.lines)] = pc
        self.lines.append(" " * indent + text)

    # -- which blocks need a loop around them ------------------------------------------------------

    def _find_wrapped(self, tree: list[Any]) -> None:
        """Find the blocks that some jump leaves from where neither falling nor break would do."""
        # (statement list, labels it falls to, loops and blocks around): a jump looks outwards.
        self._walk(tree, frozenset(), [])

    def _walk(self, body: list[Any], falls: frozenset[int], loops: list[frozenset[int]]) -> None:
        last = len(body) - 1
        for position, item in enumerate(body):
            behind: frozenset[int] = falls if position == last else frozenset()
            if isinstance(item, If):
                if position < last and _better_nested(item, falls):
                    self._walk(item.then, falls, loops)
                else:
                    self._walk(item.then, behind, loops)
                    self._walk(item.otherwise, behind, loops)
            elif isinstance(item, Block):
                self._walk(item.body, behind | {item.label}, loops)
            elif isinstance(item, Loop):
                self._walk(item.body, frozenset({item.label}), [*loops, behind | {item.label}])
            elif isinstance(item, For):
                self._walk(item.body, frozenset(), [*loops, frozenset()])
            elif isinstance(item, Jump):
                label = item.label
                if label in falls:
                    continue
                # Leaving loop after loop, until one's end falls to the label.
                for after in reversed(loops):
                    if label in after:
                        break
                else:
                    self._wrapped.add(label)

    # -- writing -----------------------------------------------------------------------------------

    def _list(self, body: list[Any], indent: int, falls: frozenset[int]) -> None:
        last = len(body) - 1
        if last < 0:
            self.line(indent, "pass")
            return
        begun = len(self.lines)
        for position, item in enumerate(body):
            behind: frozenset[int] = falls if position == last else frozenset()
            if isinstance(item, Line):
                self.line(indent, item.text, item.site, item.pc)
                if item.ends:
                    break
            elif isinstance(item, Jump):
                self._jump(item.label, indent, falls)
                break
            elif isinstance(item, If):
                if (
                    position < last
                    and _better_nested(item, falls)
                    and not self._breaks_to(item.then[-1], indent)
                ):
                    self._if(item, item.then, body[position + 1 :], indent, falls)
                    break
                self._if(item, item.then, item.otherwise, indent, behind)
            elif isinstance(item, Block):
                self._block(item, indent, behind)
            elif isinstance(item, For):
                self._for(item, indent)
            else:
                self._loop(item, indent, behind)
        if len(self.lines) == begun:
            self.line(indent, "pass")

    def _breaks_to(self, item: Any, indent: int) -> bool:
        """Whether to prefer a `break` or `continue` to falling, so as not to nest deeper."""
        if indent < 30 or not self._around or not isinstance(item, Jump):
            return False
        inner = self._around[-1]
        return item.label == inner.turn or item.label in inner.after

    def _if(
        self, item: If, then: list[Any], otherwise: list[Any], indent: int, falls: frozenset[int]
    ) -> None:
        then_empty = self._is_empty(then, falls)
        other_empty = self._is_empty(otherwise, falls)
        if then_empty and other_empty:
            if item.site is not None:
                self.line(indent, item.condition, item.site)
            return
        if then_empty:
            self.line(indent, f"if {item.negation}:", item.site, item.pc)
            self._list(otherwise, indent + 1, falls)
            return
        self.line(indent, f"if {item.condition}:", item.site, item.pc)
        self._list(then, indent + 1, falls)
        if other_empty:
            return
        if len(otherwise) == 1 and isinstance(otherwise[0], If):
            inner = otherwise[0]
            if not (self._is_empty(inner.then, falls) and self._is_empty(inner.otherwise, falls)):
                mark = len(self.lines)
                self._if(inner, inner.then, inner.otherwise, indent, falls)
                text = self.lines[mark]
                self.lines[mark] = f"{text[:indent]}el{text[indent:]}"
                return
        self.line(indent, "else:")
        self._list(otherwise, indent + 1, falls)

    def _is_empty(self, body: list[Any], falls: frozenset[int]) -> bool:
        return not body or (isinstance(body[0], Jump) and body[0].label in falls)

    def _block(self, item: Block, indent: int, behind: frozenset[int]) -> None:
        if item.label not in self._wrapped:
            if item.body:
                self._list(item.body, indent, behind | {item.label})
            return
        around = self._open(None, behind | {item.label})
        self.line(indent, "while True:")
        self._list(item.body, indent + 1, behind | {item.label})
        self.line(indent + 1, "break")
        self._close(around, indent, behind)

    def _loop(self, item: Loop, indent: int, behind: frozenset[int]) -> None:
        around = self._open(item.label, behind)
        self.line(indent, "while True:")
        self._list(item.body, indent + 1, frozenset({item.label}))
        self._close(around, indent, behind)

    def _for(self, item: For, indent: int) -> None:
        around = self._open(None, frozenset())
        if not item.cost:
            self.line(indent, f"for {item.variable} in {item.turns}:", None, item.pc)
            self._list(item.body, indent + 1, frozenset())
            self._close(around, indent, frozenset())
            return
        self.line(indent, f"i = {item.turns}", None, item.pc)
        charge = f"if (fuel := fuel - {item.cost}.0 * len(i)) < 0.0: i = turns(i, {item.cost})"
        self.line(indent, charge, item.site, item.pc)
        self.line(indent, f"for {item.variable} in i:")
        self._list(item.body, indent + 1, frozenset())
        self._close(around, indent, frozenset())

    def _open(self, turn: int | None, after: frozenset[int]) -> _Around:
        if len(self._around) >= DEEPEST_LOOPS:
            raise Untranslatable("too many nested loops")
        around = _Around(turn, after, f"x{self._flags}")
        self._flags += 1
        self._around.append(around)
        self._starts.append(len(self.lines))
        return around

    def _close(self, around: _Around, indent: int, behind: frozenset[int]) -> None:
        self._around.pop()
        start = self._starts.pop()
        if not around.exits:
            return
        self._insert(start, " " * indent + f"{around.flag} = 0")
        # A jump behind the loop, where this one is not around any more.
        for label, value in around.exits.items():
            self.line(indent, f"if {around.flag} == {value}:")
            mark = len(self.lines)
            self._jump(label, indent + 1, behind)
            if len(self.lines) == mark:
                self.line(indent + 1, "pass")

    def _insert(self, index: int, text: str) -> None:
        self.lines.insert(index, text)
        self.sites = {
            (number + 1 if number >= index else number): site for number, site in self.sites.items()
        }
        self.steps = {
            (number + 1 if number >= index else number): pc for number, pc in self.steps.items()
        }
        self._starts = [mark + 1 if mark > index else mark for mark in self._starts]

    def _jump(self, label: int, indent: int, falls: frozenset[int]) -> None:
        if label in falls:
            return
        if not self._around:
            raise AssertionError("a jump to nowhere")
        inner = self._around[-1]
        if label == inner.turn:
            self.line(indent, "continue")
        elif label in inner.after:
            self.line(indent, "break")
        else:
            value = inner.exits.setdefault(label, len(inner.exits) + 1)
            self.line(indent, f"{inner.flag} = {value}")
            self.line(indent, "break")


def _leaves(body: list[Any]) -> bool:
    """Whether nothing is executed behind a list of statements."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, Line):
        return last.ends
    if isinstance(last, Jump):
        return True
    if isinstance(last, If):
        return _leaves(last.then) and _leaves(last.otherwise)
    return False


def _better_nested(item: If, falls: frozenset[int]) -> bool:
    """Whether to write what follows as the other arm, so that the first arm falls to its target."""
    return not item.otherwise and _leaves(item.then) and _ends_at(item.then, falls)


def _ends_at(body: list[Any], labels: frozenset[int]) -> bool:
    """Whether a jump at the end of a list goes to one of the labels."""
    last = body[-1] if body else None
    if isinstance(last, Jump):
        return last.label in labels
    if isinstance(last, If):
        return _ends_at(last.then, labels) or _ends_at(last.otherwise, labels)
    return False
