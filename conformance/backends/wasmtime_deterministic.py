"""wasmtime as the specification's deterministic profile wants it. For the cases that ask for it."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import wasmtime
from refexec_conformance.features import DETERMINISTIC

INFO = BackendInfo(
    name="wasmtime_deterministic",
    summary="wasmtime, in the deterministic profile",
    install=wasmtime.INFO.install,
    rank=12,
    default=False,
    suites=("cases",),
    witness=True,
)


def create() -> WasmtimeDeterministic:
    """Start it. Raises `UnavailableError` if the package is not installed."""
    settings = {"cranelift_nan_canonicalization": True, "wasm_relaxed_simd_deterministic": True}
    return WasmtimeDeterministic(*wasmtime.packages(), settings)


class WasmtimeDeterministic(wasmtime.Wasmtime):
    """The engine, whose NaNs are canonical and whose relaxed instructions choose as told."""

    promises = (DETERMINISTIC,)
