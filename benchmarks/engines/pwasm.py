"""pwasm: compiles to Python. Without its fuel, and without its disk cache."""

from __future__ import annotations

import importlib
import os

INSTALL = "python -m pip install pwasm==0.2a0"
LACKS = frozenset({"vectors"})


class Run:
    """A kernel that pwasm has compiled, with so much of its fuel, or without."""

    def __init__(self, data: bytes, fuel: int | None = None) -> None:
        os.environ["PWASM_CACHE_DIR"] = ""
        package = importlib.import_module("pwasm")
        self._limits = None
        if fuel is not None:
            self._limits = importlib.import_module("pwasm.runtime").Limits(fuel=fuel)
        module = package.decode_module(data)
        instance = package.instantiate(module, limits=self._limits, mode="compile")
        self._run = instance.exports.run

    def __call__(self, size: int) -> int | float:
        """Run the kernel once."""
        result: int | float = self._run(size)
        return result

    def fuel(self) -> int | None:
        """What it counts, which is calls and turns of loops."""
        return None if self._limits is None else int(self._limits.fuel_consumed)


def load(data: bytes) -> Run:
    """Load a kernel."""
    return Run(data)
