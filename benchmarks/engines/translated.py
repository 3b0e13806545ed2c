"""refexec's fast engine, metered: it counts fuel, as it always does when it is used."""

from __future__ import annotations

from benchmarks.engines.reference import INSTALL, LACKS, Run

__all__ = ["INSTALL", "LACKS", "load"]


def load(data: bytes) -> Run:
    """Load a kernel."""
    return Run(data, "translated")
