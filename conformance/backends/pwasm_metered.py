"""pwasm with its fuel, which it only counts if it has a limit. For the probes."""

from __future__ import annotations

import importlib
from typing import Any

from refexec_conformance.backend import BackendInfo, Instantiated, Outcome, Rejected, Trapped
from refexec_conformance.backends import pwasm
from refexec_conformance.bridge import run_apart
from refexec_conformance.command import CommandBackend
from refexec_conformance.values import Value

INFO = BackendInfo(
    name="pwasm_metered",
    summary="pwasm with its fuel",
    install=pwasm.INFO.install,
    rank=94,
    default=False,
    suites=("probes",),
)

_FUEL = 1 << 40
"""More than anything spends."""


def create() -> CommandBackend:
    """Start it. Raises `UnavailableError` if it is not installed."""
    pwasm.require()
    return run_apart("pwasm_metered", PWASM_CACHE_DIR="")


def engine() -> PwasmMetered:
    """Start it in this process."""
    return PwasmMetered()


class PwasmMetered(pwasm.Pwasm):
    """The engine, all of whose instances share one account of fuel."""

    def reset(self) -> None:
        """Begin a new account."""
        super().reset()
        self._limits = importlib.import_module("pwasm.runtime").Limits(fuel=_FUEL)

    def instantiate(self, module: Any) -> Instantiated | Rejected | Trapped:
        """Link with what is registered, and instantiate."""
        return self._instantiate(module, limits=self._limits)

    def invoke_metered(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> tuple[Outcome, int]:
        """Call an exported function, and tell what it was charged."""
        before = self._limits.fuel_consumed
        outcome = self.invoke(instance, name, args)
        return outcome, int(self._limits.fuel_consumed - before)
