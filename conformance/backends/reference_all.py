"""refexec's reference machine with the proposals beyond the specification switched on."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import reference

INFO = BackendInfo(
    name="reference_all",
    summary="refexec's reference machine, proposals included",
    install="python -m pip install refexec",
    default=False,
)


class Machine(reference.Machine):
    """The reference machine, accepting every feature it knows."""

    features = "all"


def create() -> Machine:
    """Start it."""
    return Machine()
