"""One small file for each engine.

Each holds `INSTALL`, the command that installs it, `LACKS`, what it cannot run, and `load(data) ->
Run`: it takes the bytes of a kernel and gives something to call with the kernel's argument. An
`ImportError` says that the engine is not there. `run.fuel()` is the fuel spent so far, or None if
the engine does not count.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast


class Run(Protocol):
    """A loaded kernel."""

    def __call__(self, size: int) -> int | float:
        """Call the export `run`."""

    def fuel(self) -> int | None:
        """Fuel spent since loading; None if the engine does not count."""


class Engine(Protocol):
    """What a file of this folder holds."""

    INSTALL: str
    """The command that installs it."""
    LACKS: frozenset[str]
    """Features of kernels that it does not have; see `benchmarks.kernels.Kernel.features`."""

    def load(self, data: bytes) -> Run:
        """Load a kernel."""


def engine_names() -> tuple[str, ...]:
    """The names of all engines that there is a file for, installed or not."""
    return tuple(sorted(item.name for item in pkgutil.iter_modules(__path__)))


def engine(name: str) -> Engine:
    """The engine of that name."""
    return cast(Engine, importlib.import_module(f"{__name__}.{name}"))
