"""An adapter of the conformance kit in Python: an example of the protocol of `PROTOCOL.md`.

The engine here is refexec's own. Replace what is said about `wasm` by what your engine offers; the
rest stays. Start it with `refexec conform --backend-command "python .../adapters/python.py"`.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

from refexec import __version__, wasm
from refexec.errors import InvalidModuleError, LinkError, RefexecError, TrapError
from refexec.trap import TrapCause

modules: dict[str, wasm.Module] = {}
instances: dict[str, Any] = {}
registered: dict[str, Any] = {}
store = wasm.Store()


def give(value: dict[str, Any]) -> Any:
    """A value for the engine: numbers by their bits, a host object as its number."""
    if value["type"] == "v128":
        return b"".join(int(lane).to_bytes(4, "little") for lane in value["value"])
    return int(value["value"]) if value["type"] in ("i32", "i64", "f32", "f64") else value["value"]


def take(value: Any, value_type: wasm.ValueType) -> dict[str, Any]:
    """A value from the engine."""
    name = str(value_type)
    if isinstance(value, bytes):
        lanes = [int.from_bytes(value[at : at + 4], "little") for at in range(0, 16, 4)]
        return {"type": name, "value": list(map(str, lanes))}
    if isinstance(value, wasm.Reference):
        return {"type": f"{value.kind}ref"}
    if isinstance(value, wasm.ExportedFunction):
        return {"type": "funcref"}
    if isinstance(value_type, wasm.ReferenceType):
        return {"type": name if name.isalnum() else "ref", "value": value}
    return {"type": name, "value": str(value)}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Carry out a request."""
    global store
    match request["op"]:
        case "hello":
            return {"outcome": "hello", "protocol": 1, "name": "refexec", "version": __version__}
        case "reset":
            for things in (modules, instances, registered):
                things.clear()
            store = wasm.Store()
            return {"outcome": "done"}
        case "load":
            modules[request["module"]] = wasm.Module(base64.b64decode(request["base64"]))
            return {"outcome": "loaded"}
        case "instantiate":
            module = modules[request["module"]]
            wanted = {(item.module, item.name) for item in module.imports}
            exports = {name: instance.exports for name, instance in registered.items()}
            imports = {(m, n): exports[m][n] for m, n in wanted if n in exports.get(m, ())}
            instances[request["instance"]] = wasm.Instance(module, imports, store, "reference")
            return {"outcome": "instantiated"}
        case "register":
            registered[request["name"]] = instances[request["instance"]]
            return {"outcome": "done"}
        case "get":
            item = instances[request["instance"]].exports[request["name"]]
            return {"outcome": "returned", "values": [take(item.get(bits=True), item.type.value)]}
    instance, name = instances[request["instance"]], request["name"]
    outcome = instance.call(name, *map(give, request["args"]), bits=True)
    match outcome:
        case wasm.Returned(values):
            results = instance.exports[name].type.results
            return {"outcome": "returned", "values": list(map(take, values, results))}
        case wasm.Trapped():
            deep = outcome.cause is TrapCause.CALL_STACK_EXHAUSTED
            return {"outcome": "trapped", "message": outcome.cause.message, "exhausted": deep}
        case _:
            return {"outcome": "threw"}


for line in sys.stdin:
    request = json.loads(line)
    try:
        told = answer(request)
    except LinkError as error:
        told = {"outcome": "rejected", "kind": "unlinkable", "message": str(error)}
    except TrapError as error:
        told = {"outcome": "trapped", "message": str(error)}
    except RefexecError as error:
        kind = "invalid" if isinstance(error, InvalidModuleError) else "malformed"
        told = {"outcome": "rejected", "kind": kind, "message": str(error)}
    except Exception as error:
        told = {"outcome": "error", "message": repr(error)}
    print(json.dumps({"id": request["id"], **told}), flush=True)
