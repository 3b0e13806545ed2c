"""An adapter around wasmtime's public interface for Python, written from `PROTOCOL.md` alone.

It imports nothing of the kit. Floats pass as Python floats, so it declines NaNs that these could
not tell; the interface has no vectors.
"""

from __future__ import annotations

import base64
import json
import math
import struct
import sys
from importlib import metadata
from typing import Any

import wasmtime

FORMATS = {"f32": "<f", "f64": "<d"}
WIDTHS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}


class DeclinedError(Exception):
    """The interface cannot do what is asked."""


class Adapter:
    def __init__(self) -> None:
        self.engine = wasmtime.Engine()
        self.reset({})

    def hello(self, request: dict[str, Any]) -> dict[str, Any]:
        features = ["WebAssembly 2.0 without vectors", "multiple memories", "tail calls"]
        return {
            "outcome": "hello",
            "protocol": 1,
            "name": "wasmtime",
            "version": metadata.version("wasmtime"),
            "features": features,
        }

    def reset(self, request: dict[str, Any]) -> dict[str, Any]:
        self.store = wasmtime.Store(self.engine)
        self.linker = wasmtime.Linker(self.engine)
        self.linker.allow_shadowing = True
        self.modules: dict[str, Any] = {}
        self.instances: dict[str, Any] = {}
        return {"outcome": "done"}

    def load(self, request: dict[str, Any]) -> dict[str, Any]:
        data = base64.b64decode(request["base64"])
        try:
            self.modules[request["module"]] = wasmtime.Module(self.engine, data)
        except wasmtime.WasmtimeError as error:
            return {"outcome": "rejected", "kind": None, "message": str(error)}
        return {"outcome": "loaded"}

    def instantiate(self, request: dict[str, Any]) -> dict[str, Any]:
        module = self.modules[request["module"]]
        try:
            self.instances[request["instance"]] = self.linker.instantiate(self.store, module)
        except wasmtime.WasmtimeError as error:
            return {"outcome": "rejected", "kind": "unlinkable", "message": str(error)}
        return {"outcome": "instantiated"}

    def register(self, request: dict[str, Any]) -> dict[str, Any]:
        instance = self.instances[request["instance"]]
        self.linker.define_instance(self.store, request["name"], instance)
        return {"outcome": "done"}

    def invoke(self, request: dict[str, Any]) -> dict[str, Any]:
        function = self.instances[request["instance"]].exports(self.store)[request["name"]]
        result = function(self.store, *map(self.give, request["args"]))
        types = request["results"]
        results = [result] if len(types) == 1 else result or []
        return {"outcome": "returned", "values": list(map(self.take, results, types))}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        item = self.instances[request["instance"]].exports(self.store)[request["name"]]
        return {
            "outcome": "returned",
            "values": [self.take(item.value(self.store), request["type"])],
        }

    def give(self, value: dict[str, Any]) -> Any:
        kind = value["type"]
        if kind in FORMATS:
            data = int(value["value"]).to_bytes(WIDTHS[kind] // 8, "little")
            (number,) = struct.unpack(FORMATS[kind], data)
            if math.isnan(number):
                raise DeclinedError("NaNs lose bits")
            return number
        if kind in WIDTHS:
            number = int(value["value"])
            return number - (number >> (WIDTHS[kind] - 1) << WIDTHS[kind])
        if kind in ("funcref", "externref"):
            return None if value["value"] is None else value["value"]
        raise DeclinedError(f"no {kind}")

    def take(self, value: Any, kind: str) -> dict[str, Any]:
        if kind in FORMATS:
            if math.isnan(value):
                raise DeclinedError("NaNs lose bits")
            data = struct.pack(FORMATS[kind], value)
            return {"type": kind, "value": str(int.from_bytes(data, "little"))}
        if kind in WIDTHS:
            return {"type": kind, "value": str(value % (1 << WIDTHS[kind]))}
        if kind == "externref":
            return {"type": kind, "value": value}
        if kind == "funcref":
            return {"type": kind} if value is not None else {"type": kind, "value": None}
        raise DeclinedError(f"no {kind}")

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            told: dict[str, Any] = getattr(self, request["op"])(request)
        except wasmtime.Trap as trap:
            exhausted = trap.trap_code == wasmtime.TrapCode.STACK_OVERFLOW
            told = {"outcome": "trapped", "message": trap.message, "exhausted": exhausted}
        except DeclinedError as error:
            told = {"outcome": "declined", "reason": str(error)}
        except Exception as error:
            told = {"outcome": "error", "message": repr(error)}
        return {"id": request["id"], **told}


if __name__ == "__main__":
    adapter = Adapter()
    for line in sys.stdin:
        print(json.dumps(adapter.answer(json.loads(line))), flush=True)
