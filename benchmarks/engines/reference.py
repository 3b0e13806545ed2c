"""refexec's reference machine, metered: it counts fuel, as it always does when it is used."""

from __future__ import annotations

from refexec import wasm

INSTALL = "python -m pip install refexec"
LACKS = frozenset[str]()

_FUEL = 10**15


class Run:
    """A kernel on one of refexec's engines."""

    def __init__(self, data: bytes, engine: str) -> None:
        self._instance = wasm.Instance(wasm.Module(data), engine=engine, fuel=_FUEL)

    def __call__(self, size: int) -> int | float:
        """Run the kernel once."""
        result: int | float = self._instance.invoke("run", size)[0]
        return result

    def fuel(self) -> int:
        """Fuel spent so far."""
        return self._instance.fuel_spent


def load(data: bytes) -> Run:
    """Load a kernel."""
    return Run(data, "reference")
