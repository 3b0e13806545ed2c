"""What the shape of a function says about its code, before any of it is written.

Where nodes are written, what loops assign and call, and what is charged where. All of it depends on
the graph alone, and is worked out once however often the function is gone through.
"""

from __future__ import annotations

from refexec.translate.graph import ENTRY, Graph, Node, virtual
from refexec.translate.meter import Meter

_CALLS = frozenset({"call", "call_indirect", "call_ref"})


class Plan:
    """The plan of a function, entered at its beginning or at a loop."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.meter = Meter(graph)
        self.follows: dict[int, list[int]] = {}
        """Nodes that are written behind another one, of which they are the merges."""
        self.afters: dict[int, list[int]] = {}
        """Nodes that are written behind a loop, by its head."""
        self._place()
        self.placed = {
            start for places in (self.follows, self.afters) for p in places.values() for start in p
        }
        self.assigned = self._assigned()
        """Locals that each loop assigns."""
        self.calling = self._calling()
        """Heads of the loops in which there are calls."""

    def _place(self) -> None:
        graph = self.graph
        nodes = graph.nodes
        exits: dict[int, list[int]] = {}
        for start in graph.order[1:]:
            node = nodes[start]
            if is_tiny(node):
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
            edge.target in subtree or is_tiny(nodes[edge.target])
            for start in subtree
            for edge in nodes[start].edges
        )

    def _assigned(self) -> dict[int, set[int]]:
        instructions = self.graph.instructions
        assigned: dict[int, set[int]] = {}
        for start, node in self.graph.nodes.items():
            found = {
                immediate
                for opcode, immediate in instructions[_plain(node)]
                if opcode.mnemonic in ("local.set", "local.tee")
            }
            if any(edge.target in (ENTRY, virtual(ENTRY)) for edge in node.edges):
                # A tail call of itself sets all locals.
                found.update(range(len(self.graph.code.local_types)))
            assigned[start] = found
        return {
            head: set().union(*(assigned[start] for start in body))
            for head, body in self.graph.bodies.items()
        }

    def _calling(self) -> set[int]:
        instructions = self.graph.instructions
        calling = {
            start
            for start, node in self.graph.nodes.items()
            if any(opcode.mnemonic in _CALLS for opcode, _ in instructions[_plain(node)])
        }
        return {h for h, body in self.graph.bodies.items() if not calling.isdisjoint(body)}


def is_tiny(node: Node) -> bool:
    """Whether to write a node at the end of every edge to it: only a return or a trap."""
    return node.kind in ("return", "leave") and node.stop == node.start and node.start > 0


def _plain(node: Node) -> slice:
    """Where the instructions of a node are, its terminator excluded."""
    return slice(max(node.start, 1) - 1, max(node.stop - 1, 0))
