"""refexec's fast engine, through the public interface."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends.reference import Machine

INFO = BackendInfo(
    name="translated",
    summary="refexec's fast engine: wasm functions as Python source",
    install="python -m pip install refexec",
)


def create() -> Translated:
    """Start it."""
    return Translated()


class Translated(Machine):
    """The fast engine; like the machine in everything else."""

    engine = "translated"
    eager = True
