"""wasmtime with its fuel, which costs time. For the cases and probes that ask for it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from refexec_conformance.backend import BackendInfo, Outcome
from refexec_conformance.backends import wasmtime
from refexec_conformance.features import FUEL
from refexec_conformance.values import Value

INFO = BackendInfo(
    name="wasmtime_metered",
    summary="wasmtime with its fuel",
    install=wasmtime.INFO.install,
    rank=11,
    default=False,
    suites=("cases",),
    witness=True,
)

_FUEL = 1 << 60
"""More than anything spends."""


def create() -> WasmtimeMetered:
    """Start it. Raises `UnavailableError` if the package is not installed."""
    return WasmtimeMetered(*wasmtime.packages())


class WasmtimeMetered(wasmtime.Wasmtime):
    """The engine, all of whose instances share one account of fuel.

    It books in blocks, so it tells right what calls cost that return, and does not stop at the very
    instruction.
    """

    promises = (FUEL,)

    def __init__(self, package: ModuleType, ffi: ModuleType) -> None:
        """Make the engine."""
        super().__init__(package, ffi, {"consume_fuel": True})

    def reset(self) -> None:
        """Begin a new account."""
        super().reset()
        self._store.set_fuel(_FUEL)

    def invoke_metered(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> tuple[Outcome, int]:
        """Call an exported function, and tell what it was charged."""
        self._store.set_fuel(_FUEL)
        outcome = self.invoke(instance, name, args)
        return outcome, _FUEL - int(self._store.get_fuel())
