"""refexec's processes on the reference machine."""

from __future__ import annotations

from refexec_conformance.runtime.backend import RuntimeInfo
from refexec_conformance.runtime.processes import Processes

INFO = RuntimeInfo(
    name="reference",
    summary="refexec's processes on the reference machine",
    install="python -m pip install refexec",
    rank=10,
)


def create() -> Processes:
    """Make an executor."""
    return Processes("reference")
