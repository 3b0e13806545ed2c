"""The control-flow graph of a function: nodes, edges, dominators, loops.

Built from the machine's own steps and side table, so that targets and kept operands are the
machine's. Only what can be reached from the entry is in the graph. wasm's structured control makes
every graph reducible; `Graph.entered_at` keeps it so when it adds a way into the middle of loops.
What is made of the graph is in `refexec.translate.structure`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from refexec.interp.checker import Branch
from refexec.interp.validation import FunctionCode
from refexec.record import field, record
from refexec.translate.errors import Untranslatable

ENTRY = 0
"""Step of the node that every function begins with."""


@record()
class Edge:
    """A way from a node to another, with the operands that go along."""

    target: int
    """Step that the other node begins with."""
    height: int | None = None
    """Operands that stay below; None for all, when nothing is dropped."""
    arity: int = 0


@record()
class Node:
    """Steps that are executed one after the other."""

    start: int
    """The first step."""
    stop: int = 0
    """The step after the last plain one: the terminator, if it is one."""
    kind: str = "jump"
    """fall, jump, test, switch, return, leave (by a trap or an exception), or resume."""
    edges: list[Edge] = field(default_factory=list)
    """`test`: if the condition holds, otherwise. `switch`: one for each range."""
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """`switch`: indices from, and up to but without, in order; the last has no end."""
    cost: int = 0
    """Fuel of all steps with the terminator."""
    order: int = -1
    """Position in reverse postorder."""
    dominator: int = -1
    """Step of the immediate dominator."""
    loop: int | None = None
    """Step of the head of the innermost loop that it belongs to."""
    head: bool = False
    forward: int = 0
    """Edges that come here without going back."""


TAIL_CALLS = frozenset({"return_call", "return_call_indirect", "return_call_ref"})
TESTS = frozenset({"br_on_null", "br_on_non_null", "br_on_cast", "br_on_cast_fail"})
ENDS = frozenset({"unreachable", "throw", "throw_ref"})
"""Instructions that leave a function by a trap or an exception."""
_CONTROL = frozenset(
    {"if", "else", "br", "br_if", "br_table", "return", "try_table"} | TAIL_CALLS | TESTS | ENDS
)


def loop_starts(code: FunctionCode) -> set[int]:
    """Steps that loops go back to, found without a graph; some may turn out not to be heads."""
    instructions, side_table = code.body.instructions, code.body.side_table
    last = len(instructions)
    return {
        _after_nothing(pc + 1, instructions, side_table, last)
        for pc, (opcode, _) in enumerate(instructions, 1)
        if opcode.mnemonic == "loop"
    }


def _after_nothing(pc: int, instructions: Any, side_table: Any, last: int) -> int:
    """The first step from `pc` on that does something or costs something."""
    while 0 < pc < last:
        mnemonic = instructions[pc - 1][0].mnemonic
        if mnemonic in ("end", "nop", "block"):
            pc += 1
        elif mnemonic == "else":
            pc = side_table[pc]
        else:
            break
    return pc


class Graph:
    """The nodes of a function, by the step that they begin with."""

    def __init__(self, code: FunctionCode, deposit: Callable[[int], int]) -> None:
        """Build the graph. Raises Untranslatable for what the translator leaves to the machine.

        `deposit` tells what is paid for a function, by index, together with its call.
        """
        self.code = code
        self.deposit = deposit
        self.instructions = code.body.instructions
        self.side_table = code.body.side_table
        self.last = len(self.instructions)
        self.nodes: dict[int, Node] = {}
        self.entry = ENTRY
        self._build()
        self.analyse()

    # -- building --------------------------------------------------------------------------------

    def _thread(self, edge: Edge) -> Edge:
        """Skip instructions that do nothing and cost nothing at the target."""
        edge.target = _after_nothing(edge.target, self.instructions, self.side_table, self.last)
        return edge

    def _leaders(self) -> set[int]:
        leaders = {self.last}
        add = leaders.add
        for pc, (opcode, _) in enumerate(self.instructions, 1):
            mnemonic = opcode.mnemonic
            if mnemonic == "loop":
                add(pc + 1)
            elif mnemonic in _CONTROL:
                for edge in self._targets(pc, mnemonic):
                    add(edge.target)
        return leaders

    def _targets(self, pc: int, mnemonic: str) -> list[Edge]:
        """Where a control instruction may go on."""
        return [self._thread(edge) for edge in self._ways(pc, mnemonic)]

    def _ways(self, pc: int, mnemonic: str) -> list[Edge]:
        arg = self.side_table.get(pc)
        if mnemonic in ("if", "else"):
            assert isinstance(arg, int)
            return [Edge(pc + 1), Edge(arg)] if mnemonic == "if" else [Edge(arg)]
        if mnemonic == "br":
            return [_edge(arg)]
        if mnemonic == "br_table":
            assert isinstance(arg, list)
            return [_edge(branch) for branch in arg]
        if mnemonic == "br_if":
            return [_edge(arg), Edge(pc + 1)]
        if mnemonic in TESTS:
            branch = arg if isinstance(arg, Branch) else arg[0]  # type: ignore[index]
            return [_edge(branch), Edge(pc + 1)]
        if mnemonic == "return_call" and self.instructions[pc - 1][1] == self.code.index:
            return [Edge(ENTRY, 0, len(self.code.type.params))]
        if mnemonic == "try_table":
            raise Untranslatable("try_table")
        if mnemonic in TAIL_CALLS:
            raise Untranslatable("tail call of another function")
        return []

    def _build(self) -> None:
        leaders = self._leaders()
        instructions = self.instructions
        pending = [ENTRY]
        while pending:
            start = pending.pop()
            if start in self.nodes:
                continue
            node = self.nodes[start] = Node(start)
            pc = start
            if start == ENTRY:
                node.cost = 1
                pc = 1
            while True:
                if pc in leaders and pc != start:
                    node.stop, node.kind = pc, "fall"
                    node.edges = [Edge(pc)]
                    break
                opcode, immediate = instructions[pc - 1]
                mnemonic = opcode.mnemonic
                node.cost += opcode.fuel
                if mnemonic == "call":
                    node.cost += self.deposit(immediate)
                if pc == self.last or mnemonic == "return":
                    node.stop, node.kind = pc, "return"
                    break
                if mnemonic in _CONTROL:
                    node.stop = pc
                    self._terminate(node, pc, mnemonic)
                    break
                pc += 1
            pending.extend(edge.target for edge in node.edges)

    def _terminate(self, node: Node, pc: int, mnemonic: str) -> None:
        node.edges = self._targets(pc, mnemonic)
        if mnemonic == "br_table":
            node.kind = "switch"
            edges = node.edges
            node.edges = []
            for index, edge in enumerate(edges):
                if node.edges and node.edges[-1].target == edge.target:
                    node.ranges[-1] = node.ranges[-1][0], index + 1
                else:
                    node.edges.append(edge)
                    node.ranges.append((index, index + 1))
        elif mnemonic in ENDS:
            node.kind = "leave"
        elif len(node.edges) == 2:
            node.kind = "test"

    # -- ways in ---------------------------------------------------------------------------------

    def entered_at(self, head: int) -> Graph:
        """A copy of the graph that begins at the head of a loop.

        Every loop around it gets a new head that once goes on inwards, so that each loop still
        has one way in.
        """
        other = Graph.__new__(Graph)
        other.code, other.deposit, other.instructions = self.code, self.deposit, self.instructions
        other.side_table, other.last = self.side_table, self.last
        other.nodes = {
            start: Node(n.start, n.stop, n.kind, [*n.edges], n.ranges, n.cost)
            for start, n in self.nodes.items()
        }
        heads = []
        current = self.nodes[head].loop
        while current is not None:
            heads.append(current)
            current = self.parent(current)
        # heads[0] is the loop entered, heads[-1] the outermost one around it.
        outer = [h for h in heads if h != head]
        other.entry = virtual(outer[-1]) if outer else head
        for position, current in enumerate(outer):
            inner = virtual(outer[position - 1]) if position else head
            new = Node(virtual(current), 0, "resume", [Edge(inner), Edge(current)])
            for node in other.nodes.values():
                node.edges = [
                    Edge(new.start, e.height, e.arity) if e.target == current else e
                    for e in node.edges
                ]
            other.nodes[new.start] = new
        other.analyse()
        return other

    def parent(self, head: int) -> int | None:
        """The head of the loop around a loop."""
        return self._parents.get(head)

    # -- analysis --------------------------------------------------------------------------------

    def analyse(self) -> None:
        """Order the nodes, and find dominators and loops."""
        nodes = self.nodes
        order = self._postorder()
        order.reverse()
        for start in set(nodes) - set(order):
            del nodes[start]
        for position, start in enumerate(order):
            nodes[start].order = position
        self.order = order
        sources: dict[int, list[int]] = {start: [] for start in order}
        for start in order:
            for edge in nodes[start].edges:
                sources[edge.target].append(start)
        self.sources = sources
        self._dominators(order, sources)
        self._loops(order, sources)

    def _postorder(self) -> list[int]:
        seen = {self.entry}
        done: list[int] = []
        stack: list[tuple[int, Iterator[Edge]]] = [
            (self.entry, iter(self.nodes[self.entry].edges[::-1]))
        ]
        while stack:
            start, edges = stack[-1]
            for edge in edges:
                if edge.target not in seen:
                    seen.add(edge.target)
                    stack.append((edge.target, iter(self.nodes[edge.target].edges[::-1])))
                    break
            else:
                stack.pop()
                done.append(start)
        return done

    def _dominators(self, order: list[int], sources: dict[int, list[int]]) -> None:
        # Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm.
        nodes = self.nodes
        position = {start: index for index, start in enumerate(order)}
        dominators = [-1] * len(order)
        dominators[0] = 0
        changed = True
        while changed:
            changed = False
            for index in range(1, len(order)):
                new = -1
                for source in sources[order[index]]:
                    other = position[source]
                    if dominators[other] < 0:
                        continue
                    if new < 0:
                        new = other
                        continue
                    while new != other:
                        while other > new:
                            other = dominators[other]
                        while new > other:
                            new = dominators[new]
                if dominators[index] != new:
                    dominators[index] = new
                    changed = True
        for index, start in enumerate(order):
            nodes[start].dominator = order[dominators[index]]

    def dominates(self, upper: int, lower: int) -> bool:
        """Whether every way to `lower` leads over `upper`."""
        nodes = self.nodes
        least = nodes[upper].order
        while nodes[lower].order > least:
            lower = nodes[lower].dominator
        return lower == upper

    def _loops(self, order: list[int], sources: dict[int, list[int]]) -> None:
        nodes = self.nodes
        self._parents: dict[int, int | None] = {}
        for node in nodes.values():
            node.loop, node.head, node.forward = None, False, 0
        # Inner heads come later in the order: going backwards, the first loop to claim a node is
        # its innermost one.
        self.bodies: dict[int, set[int]] = {}
        for start in reversed(order):
            back = []
            for source in sources[start]:
                if nodes[source].order >= nodes[start].order:
                    if not self.dominates(start, source):
                        raise Untranslatable("irreducible control flow")
                    back.append(source)
            nodes[start].forward = len(sources[start]) - len(back)
            if not back:
                continue
            body = {start}
            nodes[start].head = True
            work = back
            while work:
                item = work.pop()
                if item in body:
                    continue
                body.add(item)
                work.extend(sources[item])
            self.bodies[start] = body
            for item in body:
                if nodes[item].loop is None:
                    nodes[item].loop = start
                elif item != start and nodes[item].head and item not in self._parents:
                    self._parents[item] = start
        for head in self.bodies:
            self._parents.setdefault(head, None)

    def loops_of(self, start: int) -> Iterator[int]:
        """Heads of the loops that a node belongs to, the innermost first."""
        current = self.nodes[start].loop
        while current is not None:
            yield current
            current = self._parents[current]


def _edge(branch: Any) -> Edge:
    return Edge(branch.target, branch.height, branch.arity)


def virtual(head: int) -> int:
    """The step number that stands for the new head before a loop: none of the function's."""
    return -1 - head
