"""QuickJS, as the package pwasm brings it along, on refexec: a real program of somebody else's.

    python quickjs.py ENGINE < state     lets a frozen script go on, and prints what it has written

The guest is driven through its exports. It imports a few functions; what it writes is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refexec import wasm

FUEL = 10**12
_STACK = 1 << 19


def guest(name: str) -> bytes:
    """The bytes of a guest of pwasm's. Raises `ImportError` if that is not installed."""
    found = find_spec("pwasm")
    if found is None or found.origin is None:
        raise ImportError("pwasm is not installed")
    return (Path(found.origin).parent / "guests" / name).read_bytes()


class QuickJS:
    """An interpreter of JavaScript."""

    def __init__(
        self, module: wasm.Module, engine: str, state: bytes | None = None, fuel: int = FUEL
    ) -> None:
        """Set one up, or thaw it, with so much fuel."""
        self.output = b""
        """What has been written; the values of scripts too."""
        self._imports: dict[tuple[str, str], Any] = {}
        for item in module.imports:
            assert isinstance(item.type, wasm.FunctionType)
            function = wasm.HostFunction(item.type, self._function(item.name, item.type))
            self._imports[item.module, item.name] = function
        if state is not None:
            self.instance = wasm.Instance.thaw(
                module, state, self._imports, engine, fuel, host=self._names
            )
        else:
            self.instance = wasm.Instance(module, self._imports, engine=engine, fuel=fuel)
            self.instance.invoke("_initialize")
            assert self.instance.invoke("qjs_init", 0, _STACK) == [0]

    @property
    def _names(self) -> dict[str, Any]:
        return {f"{module}.{name}": item for (module, name), item in self._imports.items()}

    def _function(self, name: str, type_: wasm.FunctionType) -> Callable[..., Any]:
        if name == "host_write":
            return self._write
        return lambda *_: 0 if type_.results else None

    def _write(self, _file: int, address: int, length: int) -> None:
        memory = self.instance.memory
        assert memory is not None
        self.output += memory.read(address, length)

    def begin(self, script: str) -> wasm.Outcome:
        """Begin with a script."""
        source = script.encode()
        memory = self.instance.memory
        assert memory is not None
        (address,) = self.instance.invoke("malloc", len(source) + 1)
        memory.write(address, source + b"\0")
        return self.instance.call("qjs_eval", address, len(source))

    def freeze(self) -> bytes:
        """The state of the interpreter, in the middle of a script."""
        return self.instance.freeze(host=self._names)


def main() -> None:
    """Let a script go on."""
    module = wasm.Module(guest("quickjs.wasm"))
    thawed = QuickJS(module, sys.argv[1], sys.stdin.buffer.read())
    outcome = thawed.instance.resume()
    print(outcome, thawed.instance.fuel_spent, thawed.instance.state_digest())
    print(thawed.output.decode())


if __name__ == "__main__":
    main()
