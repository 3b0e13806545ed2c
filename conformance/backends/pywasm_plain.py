"""pywasm as it comes: after a trap nothing is put right for it. For the probes."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import pywasm
from refexec_conformance.bridge import run_apart
from refexec_conformance.command import CommandBackend

INFO = BackendInfo(
    name="pywasm_plain",
    summary="pywasm, left as it is after a trap",
    install=pywasm.INFO.install,
    rank=92,
    default=False,
    suites=("probes",),
)


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    pywasm.require()
    return run_apart("pywasm_plain")


def engine() -> PywasmPlain:
    """Start it in this process."""
    return PywasmPlain()


class PywasmPlain(pywasm.Pywasm):
    """The engine, whose stacks nobody empties."""

    def _clear(self) -> None:
        """Do nothing."""
