"""The harness's end of the protocol: a program of any language as a backend.

`PROTOCOL.md` is the specification. A program that ends, is too slow or writes what the protocol
does not allow is lost, which is a verdict about it; the next script starts a new one.
"""

from __future__ import annotations

import base64
import importlib.util
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refexec_conformance.backend import Outcome
from refexec_conformance.conversation import START_SECONDS, Conversation
from refexec_conformance.features import PROMISES
from refexec_conformance.messages import (
    PROTOCOL,
    MessageError,
    fuel_from_json,
    outcome_from_json,
    parse_features,
    value_to_json,
)
from refexec_conformance.values import Value
from refexec_conformance.verdicts import Verdict

from refexec import wasm
from refexec.errors import RefexecError, UnavailableError

_OUTCOMES = {
    "load": {"loaded", "rejected", "declined"},
    "instantiate": {"instantiated", "rejected", "trapped", "threw", "declined"},
    "invoke": {"returned", "trapped", "threw", "out_of_fuel", "declined"},
    "get": {"returned", "declined"},
}
"""Which outcomes each request may have."""


class CommandBackend:
    """A program on trial."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it, and ask what it is.

        Raises `UnavailableError` if there is no such program, and `BackendLostError` if it does
        not say in time, by the protocol, what it is.
        """
        self._program = Conversation(command, "backend", environment)
        self._modules: dict[str, bytes | _Interface] = {}
        self._module_of: dict[str, str] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.ending = ""
        self._start()

    # -- what the program says of itself -----------------------------------------------------------

    def _start(self) -> None:
        self._program.start()
        hello = self._ask("hello", START_SECONDS, protocol=PROTOCOL, suite="core")
        try:
            self._take_capabilities(hello)
        except MessageError as error:
            raise self._program.lose(Verdict.ERROR, f"hello: {error}") from error

    def _take_capabilities(self, hello: Mapping[str, Any]) -> None:
        if hello.get("outcome") != "hello":
            told = {key: hello[key] for key in ("outcome", "message") if key in hello}
            raise MessageError(f"expected the outcome 'hello', not {told!r:.500}")
        if hello.get("protocol") != PROTOCOL:
            raise MessageError(
                f"it speaks version {hello.get('protocol')!r} of the protocol, not {PROTOCOL}"
            )
        name, version = hello.get("name"), hello.get("version")
        if not (isinstance(name, str) and isinstance(version, str)):
            raise MessageError("name and version must be strings")
        modules = hello.get("modules", "base64")
        if modules not in ("base64", "path"):
            raise MessageError(f"modules must be 'base64' or 'path', not {modules!r}")
        self.version = version
        self.title = name
        self.claimed = parse_features(hello.get("features"))
        self.promises = frozenset(self.claimed or ()).intersection(PROMISES)
        self.official_trap_messages = hello.get("trap_messages") is True
        self._by_path = modules == "path"

    # -- the steps of a backend --------------------------------------------------------------------

    def reset(self) -> None:
        """Begin a new script, in a new process if the last was lost."""
        if not self._program.is_running:
            self._start()
        self._modules.clear()
        self._module_of.clear()
        self._expect_done("reset", START_SECONDS)

    def load(self, data: bytes) -> Any:
        """Decode and validate a module."""
        handle = f"m{self._program.number}"
        outcome = self._step("load", handle, module=handle, **self._pass_module(data, handle))
        self._modules[handle] = data
        return outcome

    def _pass_module(self, data: bytes, handle: str) -> dict[str, str]:
        if not self._by_path:
            return {"base64": base64.b64encode(data).decode("ascii")}
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="refexec-")
        path = Path(self._folder.name) / f"{handle}.wasm"
        path.write_bytes(data)
        return {"path": str(path)}

    def instantiate(self, module: str) -> Any:
        """Link with what is registered, and instantiate."""
        handle = f"i{self._program.number}"
        self._module_of[handle] = module
        imports = list(self._interface(module).imports)
        return self._step("instantiate", handle, module=module, instance=handle, imports=imports)

    def register(self, instance: str, name: str) -> None:
        """Let later modules import from `instance`."""
        self._expect_done("register", instance=instance, name=name)

    def invoke(self, instance: str, name: str, args: tuple[Value, ...]) -> Any:
        """Call an exported function, telling its type to those who need it."""
        outcome, _ = self._invoke(instance, name, args)
        return outcome

    def invoke_metered(
        self, instance: str, name: str, args: tuple[Value, ...]
    ) -> tuple[Outcome, int | None]:
        """Call an exported function, and ask what it was charged."""
        return self._invoke_metered(instance, name, args)

    def invoke_within(
        self, instance: str, name: str, args: tuple[Value, ...], fuel: int
    ) -> tuple[Outcome, int | None]:
        """Call an exported function, which may spend so much."""
        return self._invoke_metered(instance, name, args, fuel=str(fuel))

    def _invoke_metered(
        self, instance: str, name: str, args: tuple[Value, ...], **told: Any
    ) -> tuple[Outcome, int | None]:
        outcome, answer = self._invoke(instance, name, args, meter=True, **told)
        try:
            return outcome, fuel_from_json(answer)
        except MessageError as error:
            raise self._program.lose(Verdict.ERROR, f"invoke: {error}") from error

    def _invoke(
        self, instance: str, name: str, args: tuple[Value, ...], **told: Any
    ) -> tuple[Outcome, Mapping[str, Any]]:
        export = self._exported(instance, name)
        if isinstance(export, wasm.FunctionType):
            told |= {"params": _texts(export.params), "results": _texts(export.results)}
        given = [value_to_json(value) for value in args]
        return self._exchange("invoke", None, instance=instance, name=name, args=given, **told)

    def get(self, instance: str, name: str) -> Any:
        """Read an exported global, telling its type to those who need it."""
        told: dict[str, Any] = {}
        export = self._exported(instance, name)
        if isinstance(export, wasm.GlobalType):
            told = {"type": str(export.value), "mutable": export.mutable}
        return self._step("get", None, instance=instance, name=name, **told)

    def interrupt(self) -> None:
        """Kill the program: there is no other way to stop it that it could not ignore."""
        self._program.kill()

    def close(self) -> None:
        """End the program, and keep in `ending` how it took that."""
        self.ending = self._program.close() or self.ending
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _exported(self, instance: str, name: str) -> object:
        return self._interface(self._module_of.get(instance, "")).exports.get(name)

    def _interface(self, handle: str) -> _Interface:
        module = self._modules.get(handle, b"")
        if isinstance(module, bytes):
            module = self._modules[handle] = _interface_of(module)
        return module

    # -- requests and answers ----------------------------------------------------------------------

    def _step(self, operation: str, handle: str | None, **fields: Any) -> Outcome:
        outcome, _ = self._exchange(operation, handle, **fields)
        return outcome

    def _exchange(
        self, operation: str, handle: str | None, **fields: Any
    ) -> tuple[Outcome, Mapping[str, Any]]:
        answer = self._ask(operation, None, **fields)
        self._check_error(operation, answer)
        if answer.get("outcome") not in _OUTCOMES[operation]:
            raise self._program.lose(
                Verdict.ERROR, f"{operation} cannot have the outcome {answer.get('outcome')!r:.80}"
            )
        try:
            return outcome_from_json(answer, handle), answer
        except MessageError as error:
            raise self._program.lose(Verdict.ERROR, f"{operation}: {error}") from error

    def _expect_done(self, operation: str, seconds: float | None = None, **fields: Any) -> None:
        answer = self._ask(operation, seconds, **fields)
        self._check_error(operation, answer)
        if answer.get("outcome") != "done":
            raise self._program.lose(
                Verdict.ERROR, f"{operation} must be done, not {answer.get('outcome')!r:.80}"
            )

    def _check_error(self, operation: str, answer: Mapping[str, Any]) -> None:
        """An adapter may tell that its engine broke, and go on."""
        if answer.get("outcome") == "error":
            raise EngineError(f"{operation}: {str(answer.get('message', ''))[:2000]}")

    def _ask(self, operation: str, seconds: float | None, **fields: Any) -> dict[str, Any]:
        """Make one request. Raises `BackendLostError`."""
        return self._program.ask({"op": operation, **fields}, seconds, about=f"{operation}: ")


def find_program(package: str, program: str, install: str) -> str:
    """The path of a program: in the folder `bin` of an installed package, or else on the machine.

    Raises `UnavailableError`, with the command that installs it, if it is in neither place.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / "bin" / program
        if path.is_file():
            return str(path)
    found = shutil.which(program)
    if found is None:
        raise UnavailableError(f"{program} is not installed; {install}")
    return found


class EngineError(Exception):
    """The adapter says that its engine broke in a way that no engine may."""


@dataclass(frozen=True, slots=True)
class _Interface:
    """What an adapter may need to be told of a module; nothing of one that is invalid."""

    exports: Mapping[str, object] = field(default_factory=dict)
    """The types of its exports."""

    imports: tuple[Mapping[str, str], ...] = ()
    """Its imports as a request has them."""


_KINDS = {
    wasm.FunctionType: "func",
    wasm.TableType: "table",
    wasm.MemoryType: "memory",
    wasm.GlobalType: "global",
    wasm.TagType: "tag",
}


def _interface_of(data: bytes) -> _Interface:
    """A module's interface, as refexec reads it."""
    try:
        module = wasm.Module(data, features="all")
    except RefexecError:
        return _Interface()
    return _Interface(
        {item.name: item.type for item in module.exports},
        tuple(
            {"module": item.module, "name": item.name, "kind": _KINDS[type(item.type)]}
            for item in module.imports
        ),
    )


def _texts(types: Sequence[wasm.ValueType]) -> list[str]:
    return [str(item) for item in types]
