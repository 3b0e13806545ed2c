"""How much fuel is charged where.

A charge is made before what it pays for. `Meter.due(n)` is what has been paid in advance when the
node n is entered: its own cost and that of what follows, up to the next loop head, along the
dearest way that stays in the loop. Cheaper ways give the difference back; ways out of a loop pay
their own. So most paths through a function or a turn of a loop have one charge, and what follows a
call is paid before the call.
"""

from __future__ import annotations

from refexec.translate.graph import Graph


class Meter:
    """What is paid in advance at the entry of each node."""

    def __init__(self, graph: Graph) -> None:
        self._due: dict[int, int] = {}
        nodes = graph.nodes
        self._fresh = {
            edge.target for n in nodes.values() if n.kind == "resume" for edge in n.edges
        }
        for start in reversed(graph.order):
            node = nodes[start]
            ahead = 0
            if node.kind != "resume":
                ways = [nodes[edge.target] for edge in node.edges]
                inside = [
                    way for way in ways if node.loop is None or way.start in graph.bodies[node.loop]
                ]
                for way in inside or ways:
                    if way.order > node.order and not self.is_fresh(graph, way.start):
                        ahead = max(ahead, self._due[way.start])
            self._due[start] = node.cost + ahead

    def is_fresh(self, graph: Graph, start: int) -> bool:
        """Whether a node charges for itself, nothing having been paid before."""
        return graph.nodes[start].head or start in self._fresh or start == graph.entry

    def due(self, start: int) -> int:
        """What must have been paid once the node is entered and has charged for itself."""
        return self._due[start]
