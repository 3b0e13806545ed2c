"""refexec's reference machine, made to refuse what version 1 of the specification does not have."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import reference
from refexec_conformance.features import VERSIONS

INFO = BackendInfo(
    name="reference_1",
    summary="refexec's reference machine, WebAssembly 1.0 only",
    install=reference.INFO.install,
    default=False,
    suites=("cases",),
)


class Machine(reference.Machine):
    """The machine with the features of WebAssembly 1.0."""

    claimed = ()
    promises = VERSIONS[:1]
    features = "wasm1"


def create() -> Machine:
    """Start it."""
    return Machine()
