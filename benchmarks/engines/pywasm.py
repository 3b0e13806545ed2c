"""pywasm: an interpreter in pure Python. It does not meter."""

from __future__ import annotations

import importlib
import io

INSTALL = "python -m pip install pywasm==2.2.3"
LACKS = frozenset[str]()


class _Run:
    def __init__(self, data: bytes) -> None:
        package = importlib.import_module("pywasm")
        self._runtime = package.Runtime()
        module = package.ModuleDesc.from_reader(io.BytesIO(data))
        self._instance = self._runtime.instance(module)

    def __call__(self, size: int) -> int | float:
        result: int | float = self._runtime.invocate(self._instance, "run", [size])[0]
        return result

    def fuel(self) -> None:
        return None


def load(data: bytes) -> _Run:
    """Load a kernel."""
    return _Run(data)
