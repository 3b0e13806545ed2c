"""From the graph of a function to a tree of Python statements.

Identifiers of generated code:

    l0 l1 ...   locals                        f0 f1 ...   functions, by index
    s0 s1 ...   operands, by stack height     b0 c0 ...   views of memories
    x0 x1 ...   which way a loop was left     g0 g1 ...   globals
    v0 v1 ...   indices that stand often
    d           room on the call stack        k0_0_0 ...  constants that have no literal
    l0_0 s0_0   lanes of vectors of floats
    e           whether to go on inwards      fuel        what may be spent, a closure cell
    a y         an address, a float           i           turns of a loop that counts

and the fixed names of `refexec.translate.namespace`. No text of the guest is ever part of one.
Operands are in
`refexec.translate.operands`, single instructions in `refexec.translate.operations`.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.validation import FunctionCode, ValidModule
from refexec.record import field, record
from refexec.translate import values as v
from refexec.translate.graph import Edge, Node
from refexec.translate.operands import Operands, Range
from refexec.translate.plan import Plan, is_tiny
from refexec.translate.sites import Site
from refexec.translate.tree import Block, If, Jump, Loop, charge, give_back
from refexec.translate.values import Expr


@record()
class Found:
    """What earlier passes over the function have found."""

    types: dict[int, list[str]] = field(default_factory=dict)
    """Operand types at the entry of nodes, as they become known."""
    heads: dict[int, dict[str, Range]] = field(default_factory=dict)
    """Intervals of variables at the heads of loops."""
    merges: dict[int, set[str]] = field(default_factory=dict)
    """For each place where ways meet the floats of which no way knows the exact NaN."""
    hopeful: bool = False
    """Nothing is known about floats yet: it is hoped that all ways to a place are alike."""


class Emitter(Operands):
    """Translates one function, entered at its beginning or at a loop."""

    def __init__(
        self,
        module: ValidModule,
        code: FunctionCode,
        plan: Plan,
        bounds: list[int],
        signs: dict[int, str],
        splits: dict[int, tuple[str, int]],
        found: Found,
    ) -> None:
        graph = plan.graph
        super().__init__(module, code, graph, bounds, signs, splits)
        self.plan = plan
        self.types = found.types
        self.known = found.heads
        self.found = found
        self.deposit = 0
        """What the caller has paid."""
        self.deferred: tuple[int, str, int] | None = None
        """Where to stop, with what operands, and what has been paid there, if the charge of a node
        is made behind it."""
        self.joined: dict[int, dict[str, Range]] = {}
        self.unlike: set[tuple[int, str]] = set()
        """Places where ways meet, and floats about which `found` was wrong there."""
        self.room = False
        """Whether the call stack is known to have room for a frame more."""
        self.node = graph.nodes[graph.entry]

    # -- the call stack --------------------------------------------------------------------------

    def need_room(self, pc: int, cost: int = 0) -> None:
        """See that a function can be called, unless that is known: else stop before step `pc`.

        `cost` is what the step has been charged for.
        """
        self.calls = True
        if not self.room:
            self.room = True
            site = self.safepoint(pc)
            site.kind = "room"
            site.paid += cost
            self.line("(d,) = d", site)

    # -- fuel ------------------------------------------------------------------------------------

    def charge(self, need: int, pc: int) -> None:
        """Change what has been paid in advance; more is a place to stop before step `pc`."""
        difference = need - self.paid
        deferred, self.deferred = self.deferred, None
        if not difference:
            return
        self.settle()
        self.paid = need
        if difference < 0:
            self.line(give_back(-difference))
            return
        if deferred is not None:
            # Nothing has happened since the node began: stop there.
            start, recipe, paid = deferred
            site = Site(start, paid + difference, "safe", recipe, loose=self.loose())
            self.line(charge(difference), site)
            return
        self.clobber_globals()
        self.line(charge(difference), self.safepoint(pc))

    # -- nodes -----------------------------------------------------------------------------------

    def emit(self) -> list[Any]:
        """Translate the whole function."""
        graph = self.graph
        if graph.entry != 0:
            # The machine enters a loop only if there is room.
            self._enter_loop()
            self.room = True
        else:
            self.joined[0] = {"d": (0, 0, 0)}
            for index, type_ in enumerate(self.local_types[: len(self.code.type.params)]):
                if self.signs.get(index) == v.EITHER:
                    self.joined[0][f"l{index}"] = (0, v.MASKS[type_], 0)
            for index in range(len(self.code.type.params), len(self.local_types)):
                zeros = v.NUMBER if self.local_types[index] in v.FLOATS else 64
                self.joined[0][f"l{index}"] = (0, 0, zeros)
            self._arrive(0)
            if graph.nodes[0].head and self.deposit:
                # Each turn pays for itself.
                self.line(give_back(self.deposit))
            if graph.nodes[0].head and 0 in self.plan.calling:
                self.need_room(0)
                self.joined[0]["d"] = (0, 0, 1)
        tree = self.out
        self.out = []
        return tree + self.region(graph.entry)

    def _enter_loop(self) -> None:
        target = self.graph.entry
        while self.graph.nodes[target].kind == "resume":
            target = self.graph.nodes[target].edges[0].target
        self.entered = target
        types = self.types[target]
        self.joined[self.graph.entry] = {**self.known.get(target, {}), "d": (0, 0, 1)}
        self.resumed = [v.variable(f"s{i}", type_) for i, type_ in enumerate(types)]
        self.types[self.graph.entry] = types

    def region(self, start: int) -> list[Any]:
        """Write a node with everything that it dominates and that is placed behind it."""
        result: list[Any] = []
        current: int | None = start
        while current is not None:
            head = self.graph.nodes[current].head
            if head:
                behind = self.plan.afters.get(current, ())
                inner: list[Any] = [Loop(current, self._turn(current))]
            else:
                behind = self.plan.follows.get(current, ())
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
        for index in self.plan.assigned[head]:
            name = f"l{index}"
            if name in known:
                self.ranges[name] = known[name]
            elif head in self.known or name not in self.ranges:
                self.ranges.pop(name, None)
            else:
                # The first time, it is hoped that what comes round has the same low bits.
                low, high, _ = self.any_range(index)
                self.ranges[name] = (low, high, self.ranges[name][2])
        self.stack = [
            v.variable(e.text, e.type, *known.get(e.text, (0, v.MASKS.get(e.type, 0), 0)))
            for e in self.stack
        ]
        inner = self._code(head)
        behind = self.plan.follows.get(head, ())
        for follower in behind:
            inner = [Block(follower, inner)]
            self._arrive(follower)
            inner += self.region(follower)
        return inner

    def _arrive(self, start: int) -> None:
        """Take up the state that all edges to a node agree on."""
        self.deferred = None
        ranges = self.joined.get(start, {})
        self.ranges = {name: item for name, item in ranges.items() if name[0] == "l"}
        self.stack = [
            v.variable(f"s{i}", type_, *ranges.get(f"s{i}", (0, v.MASKS.get(type_, 0), 0)))
            for i, type_ in enumerate(self.types.get(start, ()))
        ]
        self.room = ranges.get("d", (0, 0, 0))[2] > 0
        if start == self.graph.entry and not self.graph.nodes[start].head:
            self.paid = self.deposit
        else:
            fresh = self.plan.meter.is_fresh(self.graph, start)
            self.paid = 0 if fresh else self.plan.meter.due(start)

    def _code(self, start: int) -> list[Any]:
        """Write a node and, one after the other, those that are placed at the end of it."""
        from refexec.translate.operations import OPERATIONS, generic

        result: list[Any] = []
        current = start
        while True:
            self.out = result
            node = self.node = self.graph.nodes[current]
            if self.plan.meter.is_fresh(self.graph, current) and self._can_wait(node):
                self.deferred = current, self.recipe(self.stack), self.paid
            elif self.plan.meter.is_fresh(self.graph, current) and node.kind != "resume":
                self.charge(self.plan.meter.due(current), current)
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
            if self.graph.nodes[following].head or following in self.plan.follows:
                result += self.region(following)
                return result
            current = following

    def _can_wait(self, node: Node) -> bool:
        """Whether the charge of a node can wait until it is known which way it goes.

        What happens before must not change anything, and every way must have more to pay.
        """
        if node.kind != "test" or self.graph.entry != 0 or self.stack:
            # Comparing may reduce what is in an operand's variable.
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
        if node.loop is not None and all(
            edge.target in self.graph.bodies[node.loop] for edge in node.edges
        ):
            # Turns of a loop that are paid for at one place can be paid for several at a time.
            return False
        return not any(
            self.plan.meter.is_fresh(self.graph, edge.target)
            or nodes[edge.target].order <= node.order
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
        texts = _test_text(condition), _test_text(negation)
        statement = If(*texts, [], [], condition.site, self.pc)
        self.out.append(statement)
        statement.then = self._arm(first, condition)
        self.refine(condition, False)
        return self._go(second)

    def _arm(self, edge: Edge, condition: Expr | None = None) -> list[Any]:
        """Write an edge and what is placed at the end of it, keeping the state for other arms."""
        stack, ranges = [*self.stack], {**self.ranges}
        saved = self.paid, self.out, self.node, self.deferred, self.room
        result: list[Any] = []
        self.out = result
        if condition is not None:
            self.refine(condition, True)
        following = self._go(edge)
        if following is not None:
            result += self.region(following)
        self.stack, self.ranges = stack, ranges
        self.paid, self.out, self.node, self.deferred, self.room = saved
        return result

    def _is_inline(self, edge: Edge) -> bool:
        """Whether the target is written at the end of the edge, rather than jumped to."""
        node = self.graph.nodes[edge.target]
        if edge.target in self.plan.placed or is_tiny(node):
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
        if is_tiny(node):
            opcode, immediate = self.graph.instructions[node.stop - 1]
            self.paid -= opcode.fuel
            if node.kind == "return":
                self._return()
            else:
                self._leave(node.stop, opcode.mnemonic, immediate)
            return None
        inline = self._is_inline(edge)
        fresh = self.plan.meter.is_fresh(self.graph, target)
        if self.deferred is not None and not fresh:
            if node.loop is None and inline and node.forward == 1 and self._can_wait(node):
                self._join(target)
                return target
            self.charge(self.plan.meter.due(target), target)
        if not inline or node.head or fresh:
            self._spill_all(target)
        self.charge(0 if fresh else self.plan.meter.due(target), self._real(target))
        if target in self.plan.calling and self._real(target) == target:
            self.need_room(target)
        if self._real(target) == 0 and self.node.kind != "resume":
            self._become_locals()
        if not inline or node.forward > 1 or node.head:
            self._agree(target)
        self._join(target)
        if inline:
            return target
        self.out.append(Jump(target))
        return None

    def _real(self, start: int) -> int:
        return start if start >= 0 else -1 - start

    def _spill_all(self, target: int) -> None:
        for position in range(len(self.stack)):
            self.merge(position)

    def _become_locals(self) -> None:
        """A tail call of the function itself: arguments become locals, the others begin anew."""
        self.ranges = {}
        for index, e in enumerate(self.stack):
            self.set_local(index, e)
        self.stack = []
        for index in range(len(self.code.type.params), len(self.local_types)):
            names, value = self.beginnings(index)
            self.line(f"{' = '.join(names)} = {value}")
            zeros = v.NUMBER if self.local_types[index] in v.FLOATS else 64
            self.ranges[f"l{index}"] = (0, 0, zeros)

    def _agree(self, target: int) -> None:
        """Where ways meet, make NaNs canonical unless they need not be on any of the ways."""
        if self.found.hopeful:
            return
        loose = self.found.merges.get(target, ())
        for name, (low, high, known) in [*self.ranges.items()]:
            float_ = self.local_types[int(name[1:])] in v.FLOATS
            if float_ and known == v.LOOSE and name not in loose:
                self.line(f"if {name} != {name}: {name} = nan")
                self.ranges[name] = (low, high, v.EXACT)
        for position, e in enumerate(self.stack):
            if e.loose and e.text not in loose:
                self.stack[position] = self.exact(e)
        for name in loose:
            known = self.stack[int(name[1:])].zeros if name[0] == "s" else self._range(name)[2]
            if known == v.EXACT:
                self.unlike.add((target, name))

    def _join(self, target: int) -> None:
        """Note the state with which an edge arrives."""
        ranges = {name: item for name, item in self.ranges.items() if name[0] == "l"}
        ranges["d"] = (0, 0, int(self.room))
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

    def loose_merges(self) -> dict[int, set[str]]:
        """For each place where ways meet the floats of which no way knows the exact NaN."""
        result = {}
        for target, variables in self.joined.items():
            types = self.types.get(target, ())
            result[target] = {
                name
                for name, (_, _, known) in variables.items()
                if known
                and (
                    (name[0] == "l" and self.local_types[int(name[1:])] in v.FLOATS)
                    or (name[0] == "s" and types[int(name[1:])] in v.FLOATS)
                )
            }
        return result

    def entry_range(self, index: int) -> Range:
        """What is known of a local when a loop is entered."""
        return self._known_locals(self.entered).get(f"l{index}", self.any_range(index))

    def requires(self) -> tuple[tuple[int, int, int, int, int], ...]:
        """What must hold for the locals when a loop is entered."""
        if self.graph.entry == 0:
            return ()
        return tuple(
            (int(name[1:]), low, high, zeros, v.WIDTHS[self.local_types[int(name[1:])]])
            for name, (low, high, zeros) in self._known_locals(self.entered).items()
            if self.local_types[int(name[1:])] in v.MASKS
        )

    def _return(self) -> None:
        count = len(self.code.type.results)
        if self.paid < 0:
            self.charge(0, self.node.start)
        elif self.paid:
            self.settle()
            self.line(give_back(self.paid))
        results = self.stack[len(self.stack) - count :]
        if count == 1:
            self.reduce(len(self.stack) - 1)
            e = self.stack[-1]
            text, site = self.with_call(e, self.outgoing(e))
            self.line(f"return {text}", site, True)
        elif count:
            self.settle()
            results = self.stack[len(self.stack) - count :]
            self.line(f"return {', '.join(self.outgoing(e) for e in results)}", None, True)
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


def _test_text(condition: Expr) -> str:
    """A condition as a test: Python is quickest to see whether a number is zero by itself."""
    shape = condition.shape
    if shape is not None and shape[0] == "logic":
        _, operator, *parts = shape
        first, second = (f"({_test_text(part)})" for part in parts)
        return f"{first} {operator} {second}"
    if shape is not None and shape[0] == "compare" and shape[3].constant == 0:
        _, operator, a, _ = shape
        if operator == "!=":
            return str(a.text)
        if operator == "==":
            return f"not {a.within(v.NOT)}"
    return condition.text


# fmt: off
_IDLE = frozenset({
    "local.get", "i32.const", "i64.const", "i32.eqz", "i64.eqz", "nop", "block", "loop", "end",
    "i32.eq", "i32.ne", "i32.lt_s", "i32.lt_u", "i32.gt_s", "i32.gt_u", "i32.le_s", "i32.le_u",
    "i32.ge_s", "i32.ge_u", "i32.add", "i32.sub", "i32.and", "i32.or", "i32.xor",
    "i32.shl", "i32.shr_u", "i32.shr_s",
    "i64.eq", "i64.ne", "i64.lt_s", "i64.lt_u", "i64.gt_s", "i64.gt_u", "i64.le_s", "i64.le_u",
    "i64.ge_s", "i64.ge_u", "i64.add", "i64.sub", "i64.and", "i64.or", "i64.xor",
    "i64.shl", "i64.shr_u", "i64.shr_s",
})
# fmt: on
"""Instructions that only compute."""
