"""refexec's processes on the fast engine."""

from __future__ import annotations

from refexec_conformance.runtime.backend import RuntimeInfo
from refexec_conformance.runtime.processes import Processes

INFO = RuntimeInfo(
    name="translated",
    summary="refexec's processes on the fast engine",
    install="python -m pip install refexec",
    rank=20,
)


def create() -> Processes:
    """Make an executor."""
    return Processes("translated")
