"""pywasm under `python -O`, which takes out the assertions that it is made of. For the probes."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import pywasm
from refexec_conformance.bridge import run_apart
from refexec_conformance.command import CommandBackend

INFO = BackendInfo(
    name="pywasm_optimized",
    summary="pywasm under python -O",
    install=pywasm.INFO.install,
    rank=93,
    default=False,
    suites=("probes",),
)


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    pywasm.require()
    return run_apart("pywasm", flags=("-O",))
