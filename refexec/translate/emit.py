"""From the graph of a function to a tree of Python statements.

The operand stack exists only here, as expressions; what must outlive a merge, a call or something
that could change it is kept in the variable of its place. Identifiers of generated code:

    l0 l1 ...   locals                        f0 f1 ...   functions, by index
    s0 s1 ...   operands, by stack height     b0 c0 ...   views of memories
    x0 x1 ...   which way a loop was left     g0 g1 ...   globals
    d           how full the call stack is    k0_0_0 ...  constants that have no literal
    e           whether to go on inwards      fuel        what may be spent, a closure cell

and the fixed names of `refexec.translate.namespace`. No text of the guest is ever part of one.
Single instructions are in `refexec.translate.operations`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp import types as t
from refexec.interp.body import Situation, situations_at
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.translate import values as v
from refexec.translate.graph import Edge, Graph, Node
from refexec.translate.meter import Meter
from refexec.translate.sites import Site
from refexec.translate.tree import Block, If, Jump, Line, Loop
from refexec.translate.values import Expr

Range = tuple[int, int, int]
"""The least and the greatest value, and how many of the lowest bits are zero."""


def type_name(value_type: t.ValueType) -> str:
    """The short name of a type, all references being `ref`."""
    if isinstance(value_type, t.ReferenceType):
        return "ref"
    return str(value_type)


class Emitter:
    """Translates one function, entered at its beginning or at a loop."""

    def __init__(
        self,
        module: ValidModule,
        code: FunctionCode,
        graph: Graph,
        types: dict[int, list[str]],
        known: dict[int, dict[str, Range]],
    ) -> None:
        self.module = module
        self.code = code
        self.graph = graph
        self.meter = Meter(graph)
        self.local_types = [type_name(item) for item in code.local_types]
        self.types = types
        """Operand types at the entry of nodes, as they become known."""
        self.known = known
        """Intervals of variables at the heads of loops, as far as they are known before."""
        self.stack: list[Expr] = []
        self.ranges: dict[str, Range] = {}
        self.paid = 0
        self.pc: int | None = None
        """The step that is being written."""
        self.deferred: tuple[int, str] | None = None
        """Where to stop, and with what operands, if the charge of a node is made behind it."""
        self.out: list[Any] = []
        self.joined: dict[int, dict[str, Range]] = {}
        self.constants: dict[str, Any] = {}
        self.weights: set[int] = set()
        self.calls = False
        self.node = graph.nodes[graph.entry]
        self._operands: dict[int, Situation | None] | None = None
        self._place()
        self._find_assigned()

    # -- where nodes are written -----------------------------------------------------------------

    def _place(self) -> None:
        graph = self.graph
        nodes = graph.nodes
        self.follows: dict[int, list[int]] = {}
        self.afters: dict[int, list[int]] = {}
        exits: dict[int, list[int]] = {}
        for start in graph.order[1:]:
            node = nodes[start]
            if self.is_tiny(node):
                continue
            left = None
            for head in graph.loops_of(node.dominator):
                if start in graph.bodies[head]:
                    break
                left = head
            if left is not None:
                exits.setdefault(left, []).append(start)
            elif node.forward > 1:
                self.follows.setdefault(node.dominator, []).append(start)
        children: dict[int, list[int]] = {}
        if exits:
            for start in graph.order[1:]:
                children.setdefault(nodes[start].dominator, []).append(start)
        for head, targets in exits.items():
            subtrees = {start: self._subtree(children, start) for start in targets}
            largest = max(targets, key=lambda start: len(subtrees[start]))
            for start in targets:
                alone = nodes[start].forward == 1 and start != largest
                if not (alone and self._is_closed(subtrees[start])):
                    self.afters.setdefault(head, []).append(start)
        self.placed = {
            start for places in (self.follows, self.afters) for p in places.values() for start in p
        }

    def is_tiny(self, node: Node) -> bool:
        """Whether to write a node at the end of every edge to it: only a return or a trap."""
        return node.kind in ("return", "leave") and node.stop == node.start and node.start > 0

    def _subtree(self, children: dict[int, list[int]], start: int) -> set[int]:
        found = set()
        work = [start]
        while work:
            item = work.pop()
            found.add(item)
            work.extend(children.get(item, ()))
        return found

    def _is_closed(self, subtree: set[int]) -> bool:
        nodes = self.graph.nodes
        return all(
            edge.target in subtree or self.is_tiny(nodes[edge.target])
            for start in subtree
            for edge in nodes[start].edges
        )

    def _find_assigned(self) -> None:
        """Find the locals that each loop assigns."""
        instructions = self.graph.instructions
        nodes = self.graph.nodes
        assigned: dict[int, set[int]] = {}
        for start, node in nodes.items():
            found: set[int] = set()
            for opcode, immediate in instructions[max(start, 1) - 1 : max(node.stop - 1, 0)]:
                if opcode.mnemonic == "local.set" or opcode.mnemonic == "local.tee":
                    found.add(immediate)
            if any(edge.target == 0 for edge in node.edges):
                # A tail call of itself sets all locals.
                found.update(range(len(self.local_types)))
            assigned[start] = found
        self.assigned = {
            head: set().union(*(assigned[start] for start in body))
            for head, body in self.graph.bodies.items()
        }

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
        if e.depth > v.DEEPEST:
            self.stack.append(e)
            self.spill(len(self.stack) - 1)
        else:
            self.stack.append(e)

    def pop(self) -> Expr:
        """Pop an operand."""
        return self.stack.pop()

    def spill(self, position: int) -> None:
        """Put an operand into the variable of its place."""
        name = f"s{position}"
        e = self.stack[position]
        if e.text == name:
            return
        for lower in range(position):
            if name in self.stack[lower].reads:
                self.spill(lower)
        e = self.assign(name, e)
        self.stack[position] = v.variable(name, e.type, e.low, e.high, e.zeros)

    def stored(self, e: Expr) -> Expr:
        """As variables hold it: an int that is unsigned."""
        if e.loose:
            return v.combine(f"canonical({e.text})", e.type, v.ATOM, 0, 0, e)
        e = v.number(e)
        return v.unsigned(e) if e.type in v.MASKS else e

    def assign(self, name: str, e: Expr) -> Expr:
        """Put a value into a variable, and give what the variable then holds."""
        if e.loose:
            self.line(f"{name} = {e.text}", e.site)
            self.line(f"if {name} != {name}: {name} = nan")
            return v.variable(name, e.type)
        if e.type in v.MASKS:
            full = v.MASKS[e.type]
            near = -8 * full <= e.low and e.high <= 8 * full
            if near and not 0 <= e.low <= e.high <= full and e.constant is None:
                # Sums are small, mostly: looking is cheaper than reducing.
                test = f"{name} > {SMALL:#x}" if e.low >= 0 else f"not -1 < {name} < {SMALL:#x}"
                self.line(f"{name} = {v.number(e).text}", e.site)
                self.line(f"if {test}: {name} &= {full:#x}")
                return v.variable(name, e.type, 0, full, e.zeros)
        e = self.stored(e)
        if e.text != name:
            self.line(f"{name} = {e.text}", e.site)
        return e

    def reduce(self, position: int) -> None:
        """Put a sum that may have to be reduced into a variable, where that is cheaper."""
        e = self.stack[position]
        full = v.MASKS.get(e.type)
        if full is None or e.constant is not None or 0 <= e.low <= e.high <= full:
            return
        if -8 * full <= e.low and e.high <= 8 * full:
            self.spill(position)

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
        name = a.text
        if name[0] != "l" or name not in a.reads or a.binds != v.ATOM:
            return
        low, high, zeros = self.ranges.get(name, (0, v.MASKS.get(a.type, 0), 0))
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
        if low <= high:
            self.ranges[name] = (low, high, zeros)

    def settle(self) -> None:
        """Evaluate what may trap, before something else happens."""
        for position, e in enumerate(self.stack):
            if e.site is not None:
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
        e = self.stack[position]
        if e.constant is None and e.text not in e.reads:
            self.spill(position)
        return self.stack[position]

    def trap(self, pc: int) -> Site:
        """The site of a step that may trap."""
        return Site(pc, self.paid)

    def recipe(self, operands: list[Expr]) -> str:
        """The recipe of operands."""
        return f"[{', '.join(self.stored(e).text for e in operands)}]"

    def safepoint(self, pc: int) -> Site:
        """The site of a stop before step `pc`."""
        return Site(pc, self.paid, "safe", self.recipe(self.stack))

    # -- locals ----------------------------------------------------------------------------------

    def local(self, index: int) -> Expr:
        """Read a local."""
        name = f"l{index}"
        type_ = self.local_types[index]
        full = (0, v.MASKS.get(type_, 0), 0)
        return v.variable(name, type_, *self.ranges.get(name, full))

    def set_local(self, index: int, e: Expr) -> None:
        """Write a local."""
        name = f"l{index}"
        self.clobber(name)
        e = self.assign(name, e)
        self.ranges[name] = (e.low, e.high, e.zeros)

    # -- fuel ------------------------------------------------------------------------------------

    def charge(self, need: int, pc: int) -> None:
        """Change what has been paid in advance; more is a place to stop before step `pc`."""
        difference = need - self.paid
        deferred, self.deferred = self.deferred, None
        if not difference:
            return
        self.settle()
        self.paid = need
        if deferred is not None:
            # Nothing has happened since the node began: stop there.
            start, recipe = deferred
            site = Site(start, difference, "safe", recipe)
            self.line(f"if (fuel := fuel - {difference}) < 0: out()", site)
            return
        if difference < 0:
            self.line(f"fuel += {-difference}")
            return
        self.clobber_globals()
        self.line(f"if (fuel := fuel - {difference}) < 0: out()", self.safepoint(pc))

    # -- nodes -----------------------------------------------------------------------------------

    def emit(self) -> list[Any]:
        """Translate the whole function."""
        graph = self.graph
        if graph.entry != 0:
            self._enter_loop()
        self.out = []
        return self.region(graph.entry)

    def _enter_loop(self) -> None:
        target = self.graph.entry
        while self.graph.nodes[target].kind == "resume":
            target = self.graph.nodes[target].edges[0].target
        self.entered = target
        types = self.types[target]
        self.joined[self.graph.entry] = {**self.known.get(target, {})}
        self.resumed = [v.variable(f"s{i}", type_) for i, type_ in enumerate(types)]
        self.types[self.graph.entry] = types

    def region(self, start: int) -> list[Any]:
        """Write a node with everything that it dominates and that is placed behind it."""
        result: list[Any] = []
        current: int | None = start
        while current is not None:
            head = self.graph.nodes[current].head
            if head:
                behind = self.afters.get(current, ())
                inner: list[Any] = [Loop(current, self._turn(current))]
            else:
                behind = self.follows.get(current, ())
                inner = self._code(current)
            current = None
            for position, follower in enumerate(behind):
                inner = [Block(follower, inner)]
                self._arrive(follower)
                if position == len(behind) - 1:
                    current = follower
                else:
                    inner += self.region(follower)
            result += inner
        return result

    def _turn(self, head: int) -> list[Any]:
        """Write the body of a loop."""
        self._arrive(head)
        known = self.known.get(head, {})
        for index in self.assigned[head]:
            name = f"l{index}"
            if name in known:
                self.ranges[name] = known[name]
            elif head in self.known or name not in self.ranges:
                self.ranges.pop(name, None)
            else:
                # The first time, it is hoped that what comes round has the same low bits.
                full = v.MASKS.get(self.local_types[index], 0)
                self.ranges[name] = (0, full, self.ranges[name][2])
        self.stack = [
            v.variable(e.text, e.type, *known.get(e.text, (0, v.MASKS.get(e.type, 0), 0)))
            for e in self.stack
        ]
        inner = self._code(head)
        behind = self.follows.get(head, ())
        for follower in behind:
            inner = [Block(follower, inner)]
            self._arrive(follower)
            inner += self.region(follower)
        return inner

    def _arrive(self, start: int) -> None:
        """Take up the state that all edges to a node agree on."""
        ranges = self.joined.get(start, {})
        self.ranges = {name: item for name, item in ranges.items() if name[0] == "l"}
        self.stack = [
            v.variable(f"s{i}", type_, *ranges.get(f"s{i}", (0, v.MASKS.get(type_, 0), 0)))
            for i, type_ in enumerate(self.types.get(start, ()))
        ]
        self.paid = 0 if self.meter.is_fresh(self.graph, start) else self.meter.due(start)

    def _code(self, start: int) -> list[Any]:
        """Write a node and, one after the other, those that are placed at the end of it."""
        from refexec.translate.operations import OPERATIONS, generic

        result: list[Any] = []
        current = start
        while True:
            self.out = result
            node = self.node = self.graph.nodes[current]
            if self.meter.is_fresh(self.graph, current) and self._can_wait(node):
                self.deferred = current, self.recipe(self.stack)
            elif self.meter.is_fresh(self.graph, current) and node.kind != "resume":
                self.charge(self.meter.due(current), current)
            if current == 0:
                self.paid -= 1
            instructions = self.graph.instructions
            for pc in range(max(current, 1), node.stop):
                opcode, immediate = instructions[pc - 1]
                self.paid -= opcode.fuel
                self.pc = pc
                operation = OPERATIONS.get(opcode.mnemonic)
                if operation is not None:
                    operation(self, pc, self.graph.side_table.get(pc, immediate))
                else:
                    generic(self, pc, opcode, self.graph.side_table.get(pc, immediate))
            following = self._end(node)
            if following is None:
                return result
            if self.graph.nodes[following].head or following in self.follows:
                result += self.region(following)
                return result
            current = following

    def _can_wait(self, node: Node) -> bool:
        """Whether the charge of a node can wait until it is known which way it goes.

        What happens before must not change anything, and every way must have more to pay.
        """
        if node.kind != "test" or self.graph.entry != 0:
            return False
        instructions = self.graph.instructions
        if node.stop - node.start > 12:
            return False
        for opcode, _ in instructions[max(node.start, 1) - 1 : node.stop - 1]:
            if opcode.mnemonic not in _IDLE:
                return False
        if instructions[node.stop - 1][0].mnemonic not in ("if", "br_if"):
            return False
        nodes = self.graph.nodes
        return not any(
            self.meter.is_fresh(self.graph, edge.target) or nodes[edge.target].order <= node.order
            for edge in node.edges
        )

    def _end(self, node: Node) -> int | None:
        """Write the end of a node. Gives the node that is to be written next, in the same list."""
        pc = node.stop
        if node.kind == "fall":
            return self._go(node.edges[0])
        if node.kind == "resume":
            return self._resume(node)
        opcode, immediate = self.graph.instructions[pc - 1]
        self.paid -= opcode.fuel
        self.pc = pc
        if node.kind == "jump":
            return self._go(node.edges[0])
        if node.kind == "return":
            self._return()
            return None
        if node.kind == "leave":
            self._leave(pc, opcode.mnemonic, immediate)
            return None
        if node.kind == "switch":
            return self._switch(node)
        condition = self._condition(node, opcode.mnemonic, pc)
        first, second = node.edges
        if not self._is_inline(second) and self._is_inline(first):
            condition = v.truth_of(condition, False)
            first, second = second, first
        return self._test(condition, first, second)

    def _condition(self, node: Node, mnemonic: str, pc: int) -> Expr:
        """The condition of a branch, with the operands as they are on both ways."""
        if mnemonic in ("if", "br_if"):
            return v.truth_of(self.pop())
        from refexec.translate.operations import reference_condition

        return reference_condition(self, mnemonic, node, self.graph.side_table[pc])

    def _test(self, condition: Expr, first: Edge, second: Edge) -> int | None:
        self.settle()
        negation = v.truth_of(condition, False)
        statement = If(condition.text, negation.text, [], [], condition.site, self.pc)
        self.out.append(statement)
        statement.then = self._arm(first, condition)
        self.refine(condition, False)
        return self._go(second)

    def _arm(self, edge: Edge, condition: Expr | None = None) -> list[Any]:
        """Write an edge and what is placed at the end of it, keeping the state for other arms."""
        saved = [*self.stack], {**self.ranges}, self.paid, self.out, self.node, self.deferred
        result: list[Any] = []
        self.out = result
        if condition is not None:
            self.refine(condition, True)
        following = self._go(edge)
        if following is not None:
            result += self.region(following)
        self.stack, self.ranges, self.paid, self.out, self.node, self.deferred = saved
        return result

    def _is_inline(self, edge: Edge) -> bool:
        """Whether the target is written at the end of the edge, rather than jumped to."""
        node = self.graph.nodes[edge.target]
        if edge.target in self.placed or self.is_tiny(node):
            return False
        return node.order > self.node.order

    def _go(self, edge: Edge) -> int | None:
        """Write an edge. Gives the target if it is to be written next."""
        if edge.height is not None:
            kept = self.stack[len(self.stack) - edge.arity :]
            self.settle()
            kept = self.stack[len(self.stack) - edge.arity :]
            self.stack = self.stack[: edge.height] + kept
        target = edge.target
        node = self.graph.nodes[target]
        if self.is_tiny(node):
            opcode, immediate = self.graph.instructions[node.stop - 1]
            self.paid -= opcode.fuel
            if node.kind == "return":
                self._return()
            else:
                self._leave(node.stop, opcode.mnemonic, immediate)
            return None
        inline = self._is_inline(edge)
        fresh = self.meter.is_fresh(self.graph, target)
        if self.deferred is not None:
            self.charge(self.meter.due(target), target)
        if not inline or node.head or fresh:
            self._spill_all(target)
        self.charge(0 if fresh else self.meter.due(target), self._real(target))
        if target == 0:
            self._become_locals()
        self._join(target)
        if inline:
            return target
        self.out.append(Jump(target))
        return None

    def _real(self, start: int) -> int:
        return start if start >= 0 else -1 - start

    def _spill_all(self, target: int) -> None:
        for position in range(len(self.stack)):
            self.spill(position)

    def _become_locals(self) -> None:
        """A tail call of the function itself: arguments become locals, the others begin anew."""
        for index, e in enumerate(self.stack):
            self.line(f"l{index} = {e.text}")
        for index in range(len(self.stack), len(self.local_types)):
            self.line(f"l{index} = {DEFAULTS[self.local_types[index]]}")
        self.stack = []
        self.ranges = {}

    def _join(self, target: int) -> None:
        """Note the state with which an edge arrives."""
        ranges = {name: item for name, item in self.ranges.items() if name[0] == "l"}
        for position, e in enumerate(self.stack):
            ranges[f"s{position}"] = (e.low, e.high, e.zeros)
        known = self.joined.get(target)
        if known is None:
            self.joined[target] = ranges
            self.types[target] = [e.type for e in self.stack]
        else:
            for name in list(known):
                other = ranges.get(name)
                if other is None:
                    del known[name]
                else:
                    low, high, zeros = known[name]
                    known[name] = min(low, other[0]), max(high, other[1]), min(zeros, other[2])

    def _resume(self, node: Node) -> int | None:
        """Write the new head of a loop around the one that is entered."""
        inner, own = node.edges
        height = len(self.types.get(own.target, ()))
        statement = If("e", "not e", [], [])
        self.out.append(statement)
        saved = self.stack
        self.stack = [*self.resumed]
        self.ranges = self._known_locals(self.entered)
        saved_out, self.out = self.out, statement.then
        if inner.target == self.entered:
            self.line("e = 0")
        following = self._go(inner)
        if following is not None:
            statement.then += self.region(following)
        self.out = saved_out
        self.node = node
        self.stack = saved[:height]
        self.ranges = self._known_locals(own.target)
        self.paid = 0
        return self._go(own)

    def _known_locals(self, head: int) -> dict[str, Range]:
        return {n: item for n, item in self.known.get(head, {}).items() if n[0] == "l"}

    def requires(self) -> tuple[tuple[int, int, int, int], ...]:
        """What must hold for the locals when a loop is entered."""
        if self.graph.entry == 0:
            return ()
        return tuple(
            (int(name[1:]), low, high, zeros)
            for name, (low, high, zeros) in self._known_locals(self.entered).items()
            if self.local_types[int(name[1:])] in v.MASKS
        )

    def _return(self) -> None:
        count = len(self.code.type.results)
        if self.paid < 0:
            self.charge(0, self.node.start)
        elif self.paid:
            self.settle()
            self.line(f"fuel += {self.paid}")
        results = self.stack[len(self.stack) - count :]
        if count == 1:
            self.reduce(len(self.stack) - 1)
            e = self.stored(self.stack[-1])
            self.line(f"return {e.text}", e.site, True)
        elif count:
            self.settle()
            results = self.stack[len(self.stack) - count :]
            self.line(f"return {', '.join(self.stored(e).text for e in results)}", None, True)
        else:
            self.line("return", None, True)

    def _leave(self, pc: int, mnemonic: str, immediate: Any) -> None:
        if self.paid < 0:
            self.charge(0, self.node.start)
        self.settle()
        if mnemonic == "unreachable":
            self.line("unreachable()", self.trap(pc), True)
        elif mnemonic == "throw":
            count = len(self.module.context.tags[immediate].function.params)
            values = self.stack[len(self.stack) - count :]
            operands = ", ".join(self.stored(e).text for e in values)
            self.line(f"throw({immediate}, [{operands}])", self.trap(pc), True)
        else:
            e = self.pop()
            self.line(f"throw_ref({e.text})", self.trap(pc), True)

    def _switch(self, node: Node) -> int | None:
        self.settle()
        position = len(self.stack) - 1
        self.simple(position)
        index = v.unsigned(self.pop())
        self._choose(index.text, node, 0, len(node.edges))
        return None

    def _choose(self, index: str, node: Node, first: int, last: int) -> None:
        """Write the edges of a switch from `first` to `last`, by halving if there are many."""
        if last - first == 1:
            self.out += self._arm(node.edges[first])
            return
        middle = first + 1 if last - first < 6 else (first + last) // 2
        bound = node.ranges[middle][0]
        statement = If(f"{index} < {bound}", f"{index} >= {bound}", [], [], pc=self.pc)
        self.out.append(statement)
        saved = self.out
        self.out = statement.then
        self._choose(index, node, first, middle)
        self.out = statement.otherwise
        self._choose(index, node, middle, last)
        self.out = saved


# fmt: off
_IDLE = frozenset({
    "local.get", "i32.const", "i64.const", "i32.eqz", "i64.eqz", "nop", "block", "loop", "end",
    "i32.eq", "i32.ne", "i32.lt_s", "i32.lt_u", "i32.gt_s", "i32.gt_u", "i32.le_s", "i32.le_u",
    "i32.ge_s", "i32.ge_u", "i32.add", "i32.sub", "i32.and", "i32.shl", "i32.shr_u",
    "i64.eq", "i64.ne", "i64.lt_s", "i64.lt_u", "i64.gt_s", "i64.gt_u", "i64.le_s", "i64.le_u",
    "i64.ge_s", "i64.ge_u", "i64.add", "i64.sub", "i64.and", "i64.shl", "i64.shr_u",
})
# fmt: on
"""Instructions that only compute."""

SMALL = 0x3FFFFFFF
"""The largest int of one digit in CPython, with which it is fastest."""

DEFAULTS = {
    "i32": "0",
    "i64": "0",
    "f32": "0.0",
    "f64": "0.0",
    "ref": "None",
    "v128": "zero128",
}
"""Initial values of locals."""
