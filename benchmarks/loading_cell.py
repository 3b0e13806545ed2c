"""One measurement of loading, in a process of its own: `python -m benchmarks.loading_cell ENGINE`.

Prints one line of JSON: the seconds of each phase. See `benchmarks.loading`.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

PHASES = ("decode", "instantiate", "first call", "first script")
"""What is measured: decoding, and validating by those who do; linking; setting up the interpreter
of JavaScript; a script."""

ENGINES = ("translated", "cached", "reference", "pwasm", "pywasm")
"""What can be measured; `cached` is `translated` with its code cache."""

_SCRIPT = b"[1, 2, 3].map(x => x * 14)[2]"
_ANSWER = b"42"
_FUEL = 10**15
_STACK = 1 << 19


def quickjs() -> bytes:
    """The module. Raises `ImportError` if the package pwasm is not installed."""
    package = importlib.import_module("pwasm.guests")
    assert package.__file__ is not None
    return (Path(package.__file__).parent / "quickjs.wasm").read_bytes()


class _Host:
    """What QuickJS imports. It only keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.read: Callable[[int, int], bytes]

    def write(self, _file: int, address: int, length: int) -> None:
        self.written += self.read(address, length)

    def function(self, name: str) -> Callable[..., Any]:
        if name == "host_write":
            return self.write
        return (lambda *_: None) if name == "host_take" else (lambda *_: 0)


def _refexec(data: bytes, host: _Host, name: str) -> Iterator[None]:
    from refexec import wasm

    cache = wasm.CodeCache() if name == "cached" else None
    engine = "translated" if name == "cached" else name
    module = wasm.Module(data, cache=cache)
    yield
    imports = {
        (item.module, item.name): wasm.HostFunction(item.type, host.function(item.name))
        for item in module.imports
        if isinstance(item.type, wasm.FunctionType)
    }
    instance = wasm.Instance(module, imports, engine=engine, fuel=_FUEL)
    instance.invoke("_initialize")
    memory = instance.memory
    assert memory is not None
    host.read = memory.read
    yield
    instance.invoke("qjs_init", 0, _STACK)
    yield
    address = instance.invoke("malloc", len(_SCRIPT) + 1)[0]
    memory.write(address, _SCRIPT + b"\0")
    instance.invoke("qjs_eval", address, len(_SCRIPT))
    if cache is not None:
        cache.save()
    yield


def _pwasm(data: bytes, host: _Host) -> Iterator[None]:
    package = importlib.import_module("pwasm")
    module = package.decode_module(data)
    yield
    functions = {
        name: host.function(name)
        for name in ("host_interrupt", "host_call", "host_take", "host_write")
    }
    sandbox = importlib.import_module("pwasm.sandbox").Sandbox(
        module, imports={"env": functions}, mode="compile"
    )
    host.read = sandbox.read
    yield
    sandbox.call("qjs_init", 0, _STACK)
    yield
    sandbox.call("qjs_eval", sandbox.alloc(_SCRIPT, nul=True), len(_SCRIPT))
    yield


def _pywasm(data: bytes, host: _Host) -> Iterator[None]:
    package = importlib.import_module("pywasm")
    runtime = package.Runtime()
    module = package.ModuleDesc.from_reader(io.BytesIO(data))
    yield
    for item in module.imps:
        function = host.function(item.name)
        type_ = module.type[item.desc]

        def called(_machine: Any, args: list[Any], function: Any = function) -> list[Any]:
            result = function(*args)
            return [] if result is None else [result]

        runtime.imports.setdefault(item.module, {})[item.name] = runtime.allocate_func_host(
            type_, called
        )
    instance = runtime.instance(module)
    memory = runtime.exported_memory(instance, "memory")
    host.read = memory.get
    runtime.invocate(instance, "_initialize", [])
    yield
    runtime.invocate(instance, "qjs_init", [0, _STACK])
    yield
    address = runtime.invocate(instance, "malloc", [len(_SCRIPT) + 1])[0]
    memory.put(address, bytearray(_SCRIPT + b"\0"))
    runtime.invocate(instance, "qjs_eval", [address, len(_SCRIPT)])
    yield


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    name = arguments[0]
    # Looked at when the package is imported.
    os.environ["PWASM_CACHE_DIR"] = ""
    data = quickjs()
    host = _Host()
    if name == "pwasm":
        steps = _pwasm(data, host)
    elif name == "pywasm":
        steps = _pywasm(data, host)
    else:
        steps = _refexec(data, host, name)
    seconds = {}
    gc.collect()
    for phase in PHASES:
        begun = time.perf_counter()
        next(steps)
        seconds[phase] = time.perf_counter() - begun
    if host.written != _ANSWER:
        raise SystemExit(f"{name} answers {host.written!r}, expected {_ANSWER!r}")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
