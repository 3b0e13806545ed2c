"""refexec's reference machine, made to refuse what version 2 of the specification does not have."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import reference
from refexec_conformance.features import VERSIONS

INFO = BackendInfo(
    name="reference_2",
    summary="refexec's reference machine, WebAssembly 2.0 only",
    install=reference.INFO.install,
    default=False,
    suites=("cases",),
)


class Machine(reference.Machine):
    """The machine with the features of WebAssembly 2.0."""

    claimed = ("WebAssembly 2.0 without vectors",)
    promises = VERSIONS[1:]
    features = "wasm2"


def create() -> Machine:
    """Start it."""
    return Machine()
