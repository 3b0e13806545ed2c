"""wasmtime: compiles to native code. Metered: it says what an independent engine counts."""

from __future__ import annotations

import importlib

INSTALL = "python -m pip install wasmtime"
LACKS = frozenset[str]()

_FUEL = 10**15


class _Run:
    def __init__(self, data: bytes) -> None:
        package = importlib.import_module("wasmtime")
        config = package.Config()
        config.consume_fuel = True
        engine = package.Engine(config)
        self._store = package.Store(engine)
        self._store.set_fuel(_FUEL)
        instance = package.Instance(self._store, package.Module(engine, data), [])
        self._run = instance.exports(self._store)["run"]

    def __call__(self, size: int) -> int | float:
        result: int | float = self._run(self._store, size)
        return result

    def fuel(self) -> int:
        return _FUEL - int(self._store.get_fuel())


def load(data: bytes) -> _Run:
    """Load a kernel."""
    return _Run(data)
