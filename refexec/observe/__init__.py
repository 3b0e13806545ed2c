"""Watching the reference machine: observers, the places where it calls them, and some of them.

An observer is an object of a class of the user's, derived from `Observer`. The machine calls its
methods at fixed places: at each instruction, call, return, branch and memory access, when a call
traps, stops or goes on, and when packets come and go. It can look at everything and change nothing.

    class Loads(observe.Observer):
        def __init__(self):
            self.count = 0

        def access(self, view, place, access):
            self.count += not access.write

    instance = wasm.Instance(module, observer=loads)

Read `observer` first (what an observer is told), then the examples: `histogram`, `calltree`,
`coverage`, `heatmap`, `packetlog`. How the machine does it is in `machine`, and costs nothing where
there is no observer, since only observed instances have such a machine.
"""

from __future__ import annotations

from refexec.observe.calltree import CallNode, CallTree
from refexec.observe.coverage import InstructionCoverage
from refexec.observe.heatmap import MemoryHeatMap
from refexec.observe.histogram import OpcodeHistogram
from refexec.observe.observer import Access, Callee, Observer, Place, View
from refexec.observe.packetlog import PacketLog

__all__ = [
    "Access",
    "CallNode",
    "CallTree",
    "Callee",
    "InstructionCoverage",
    "MemoryHeatMap",
    "Observer",
    "OpcodeHistogram",
    "PacketLog",
    "Place",
    "View",
]
