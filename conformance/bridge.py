"""An adapter for every backend that is a Python file: `python -m refexec_conformance.bridge NAME`.

So an engine whose package is for Python runs in a process of its own, where it can crash, hang and
eat memory without harm: `run_apart` makes a backend of that. NAME is a file of `backends/`, or the
dotted name of a module; of it, `engine()` is called, or `create()` if it has none.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from refexec_conformance.backend import (
    Backend,
    Instantiated,
    Loaded,
    Meters,
    Outcome,
    Stops,
    backend_module,
    claimed_features,
    promises_of,
)
from refexec_conformance.command import CommandBackend
from refexec_conformance.messages import (
    PROTOCOL,
    outcome_to_json,
    parse_message,
    value_from_json,
)

MEMORY_LIMIT = 4 << 30
"""The address space, in bytes, of an engine that asks for no more than it uses."""


def run_apart(name: str, flags: Sequence[str] = (), **environment: str) -> CommandBackend:
    """A backend that runs an engine of a Python file in a process of its own, with little memory.

    `flags` are options of Python. It must be one that does not reserve address space in advance, as
    compilers do.
    """
    python = [sys.executable, "-P", *flags]
    command = [*python, "-m", "refexec_conformance.bridge", name, str(MEMORY_LIMIT)]
    return CommandBackend(command, {"PYTHONPATH": os.pathsep.join(sys.path), **environment})


class Bridge:
    """Carries out requests on a backend."""

    def __init__(self, name: str, backend: Backend) -> None:
        self._name = name
        self._backend = backend
        self._modules: dict[str, Any] = {}
        self._instances: dict[str, Any] = {}

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request. An exception of the engine's is one, too."""
        operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "hello": self._hello,
            "reset": self._reset,
            "load": self._load,
            "instantiate": self._instantiate,
            "register": self._register,
            "invoke": self._invoke,
            "get": self._get,
        }
        try:
            answer = operations[request["op"]](request)
        except (Exception, RecursionError) as error:
            answer = {"outcome": "error", "message": f"{type(error).__name__}: {error}"}
        return {"id": request["id"], **answer}

    def _hello(self, request: Mapping[str, Any]) -> dict[str, Any]:
        claimed = claimed_features(self._backend)
        return {
            "outcome": "hello",
            "protocol": PROTOCOL,
            "name": self._name,
            "version": self._backend.version,
            "features": None if claimed is None else sorted(claimed | promises_of(self._backend)),
            "trap_messages": self._backend.official_trap_messages,
        }

    def _reset(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._modules.clear()
        self._instances.clear()
        self._backend.reset()
        return {"outcome": "done"}

    def _load(self, request: Mapping[str, Any]) -> dict[str, Any]:
        outcome = self._backend.load(base64.b64decode(request["base64"]))
        if isinstance(outcome, Loaded):
            self._modules[request["module"]] = outcome.module
        return outcome_to_json(outcome)

    def _instantiate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        outcome: Outcome = self._backend.instantiate(self._modules[request["module"]])
        if isinstance(outcome, Instantiated):
            self._instances[request["instance"]] = outcome.instance
        return outcome_to_json(outcome)

    def _register(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._backend.register(self._instances[request["instance"]], request["name"])
        return {"outcome": "done"}

    def _invoke(self, request: Mapping[str, Any]) -> dict[str, Any]:
        args = tuple(value_from_json(arg) for arg in request["args"])
        instance = self._instances[request["instance"]]
        if request.get("fuel") is not None and isinstance(self._backend, Stops):
            most = int(request["fuel"])
            outcome, fuel = self._backend.invoke_within(instance, request["name"], args, most)
            return {**outcome_to_json(outcome), "fuel": str(fuel)}
        if request.get("meter") and isinstance(self._backend, Meters):
            outcome, fuel = self._backend.invoke_metered(instance, request["name"], args)
            return {**outcome_to_json(outcome), "fuel": str(fuel)}
        return outcome_to_json(self._backend.invoke(instance, request["name"], args))

    def _get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return outcome_to_json(
            self._backend.get(self._instances[request["instance"]], request["name"])
        )


def serve(name: str, backend: Backend, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    bridge = Bridge(name, backend)
    for line in requests:
        answer = bridge.answer(parse_message(line))
        answers.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
        answers.flush()


def main(name: str, memory: str = "") -> None:
    """Serve the named backend on standard input and output, within so many bytes if given."""
    # Engines may write on standard output; only answers go where it led.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        module = backend_module(name)
        make = getattr(module, "engine", module.create)
        serve(name, make(), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
