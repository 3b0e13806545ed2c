"""How often each instruction is executed, as an observer. The simplest one there is."""

from __future__ import annotations

from collections import defaultdict

from refexec.observe.observer import Observer, Place, View


class OpcodeHistogram(Observer):
    """Counts instructions by their mnemonics; `entry` counts the functions entered."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, int] = defaultdict(int)
        """Times by mnemonic."""

    def instruction(self, view: View, place: Place) -> None:
        """Count it."""
        self.counts[place.mnemonic] += 1

    def report(self) -> dict[str, int]:
        """Give the counts, in alphabetical order."""
        return dict(sorted(self.counts.items()))
