"""Who calls whom, and where the fuel goes, as an observer."""

from __future__ import annotations

from typing import Any

from refexec.observe.observer import Callee, Observer, Place, View


class CallNode:
    """A function as called along one path from the outermost call."""

    def __init__(self, function: int | None, name: str | None, host: bool) -> None:
        self.function = function
        """Its index; None for the root, which stands for the outside."""
        self.name = name
        """Its name, from the guest."""
        self.host = host
        """Whether it is a function of the host."""
        self.calls = 0
        """How often it was called along this path."""
        self.fuel = 0
        """Fuel that it has spent itself."""
        self.children: dict[tuple[bool, int | None], CallNode] = {}
        """What it has called, by whether that is the host's, and index."""

    @property
    def total(self) -> int:
        """Fuel that it and everything that it called has spent."""
        nodes, total = [self], 0
        while nodes:
            node = nodes.pop()
            total += node.fuel
            nodes += node.children.values()
        return total

    def child(self, function: int | None, name: str | None, host: bool) -> CallNode:
        """The node of a function that this one calls."""
        key = host, function
        if key not in self.children:
            self.children[key] = CallNode(function, name, host)
        return self.children[key]


class CallTree(Observer):
    """Adds up calls and fuel by path of calls. The fuel of a call belongs to the caller."""

    def __init__(self) -> None:
        self.root = CallNode(None, None, False)
        """The outside."""
        self._path = [self.root]
        self._fuel: int | None = None

    def _settle(self, view: View) -> None:
        """Give the fuel that was spent since the last event to whoever was running."""
        now = view.fuel_spent
        if self._fuel is not None:
            self._path[-1].fuel += now - self._fuel
        self._fuel = now

    def resume(self, view: View) -> None:
        """Begin where the machine stands."""
        self._fuel = view.fuel_spent
        # A program that was suspended before it was watched has activations already.
        for place in reversed(view.backtrace()[: max(0, view.depth + 1 - len(self._path))]):
            self._path.append(self._path[-1].child(place.function, place.name, False))

    def suspend(self, view: View) -> None:
        """Add up what was spent until now."""
        self._settle(view)

    def call(
        self, view: View, place: Place | None, callee: Callee, arguments: tuple[Any, ...]
    ) -> None:
        """Go down."""
        self._settle(view)
        node = self._path[-1].child(callee.index, callee.name, callee.host)
        node.calls += 1
        self._path.append(node)

    def return_(self, view: View, place: Place, values: tuple[Any, ...] | None) -> None:
        """Go up."""
        self._settle(view)
        self._path.pop()

    def trap(self, view: View, place: Place | None, cause: object) -> None:
        """Go up all the way."""
        self._settle(view)
        del self._path[max(1, len(self._path) - view.depth) :]

    def report(self) -> list[list[Any]]:
        """Give each node as path of function indices, host, calls, fuel of its own; in order."""
        rows: list[list[Any]] = []
        waiting = [(node, [index or 0]) for (_, index), node in self.root.children.items()]
        while waiting:
            node, path = waiting.pop()
            rows.append([path, node.host, node.calls, node.fuel])
            for (_, index), child in node.children.items():
                waiting.append((child, [*path, -1 if index is None else index]))
        return sorted(rows, key=lambda row: (row[0], row[1]))
