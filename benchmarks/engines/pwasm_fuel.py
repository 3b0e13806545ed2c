"""pwasm with its fuel, which counts calls and turns of loops. Without its disk cache."""

from __future__ import annotations

from benchmarks.engines.pwasm import INSTALL, LACKS, Run

__all__ = ["INSTALL", "LACKS", "load"]

_FUEL = 10**15


def load(data: bytes) -> Run:
    """Load a kernel."""
    return Run(data, _FUEL)
