"""Which instructions are executed, and how often, as an observer."""

from __future__ import annotations

from collections import defaultdict

from refexec.observe.observer import Observer, Place, View


class InstructionCoverage(Observer):
    """Counts executions of each instruction, and how often each branch went where."""

    def __init__(self) -> None:
        self.counts: defaultdict[Place, int] = defaultdict(int)
        """Times by place; places that are not in it were never executed."""
        self.branches: defaultdict[tuple[Place, Place], int] = defaultdict(int)
        """Times by branch or `if`, and where it went on."""

    def instruction(self, view: View, place: Place) -> None:
        """Count it."""
        self.counts[place] += 1

    def branch(self, view: View, place: Place, target: Place) -> None:
        """Count where it went."""
        self.branches[place, target] += 1

    def report(self) -> list[list[int]]:
        """Give function, offset and count of what was executed, in the order of the module."""
        rows = [[place.function, place.offset, count] for place, count in self.counts.items()]
        return sorted(rows)
