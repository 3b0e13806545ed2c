"""What a runtime on trial must offer: `play`, which runs a program once.

A runtime is one small file in `runtimes/`, which holds

    INFO = BackendInfo(name, summary, install)
    def create() -> Runtime

with no base class and no registration, like the engines of the core suite. Services are the kit's:
the runtime makes those that a program may discover, and tells the kit's `Stage` what happens to
them. Programs of any language are runtimes too, by the protocol of `PROTOCOL.md`.
"""

from __future__ import annotations

import importlib
import pkgutil
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import refexec_conformance.runtimes
from refexec_conformance.backend import COMMAND, BackendInfo
from refexec_conformance.runtime.case import Policy

from refexec.errors import ConfigError
from refexec.snapshot import Buffers

CAPABILITIES: Mapping[str, str] = {
    "suspend": "a running program can be stopped so that its buffers are kept",
    "kill": "a running program can be ended at any time",
    "fuel": "a program is stopped when it has spent a given amount of fuel",
    "exact fuel": "it is stopped before the very instruction that it cannot pay",
    "metering": "the fuel that a program has spent can be told",
    "resume": "a stopped program can be exported, and goes on from that",
    "saved buffers": "a program can begin with buffers that another run has left",
    "call depth": "the depth of the call stack can be limited",
    "memory limit": "the size of memory can be limited",
    "origin": "the runtime has the service origin, and can offer connections",
    "catalog": "the runtime has the service catalog",
    "random": "the runtime has the service random",
    "identity": "the runtime has the service identity",
    "input log": "a run can be recorded as an input log, and such a log be replayed",
    "words": "what it says of refusals and of broken rules is what the documents of Gate say",
}
"""What a runtime may be able to do, beyond running programs with services to their end."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A scripted service that a program may discover."""

    name: str
    streams: bool
    discoverable: bool


@dataclass(frozen=True, slots=True)
class Start:
    """All that a runtime is given for one run."""

    module: bytes
    entry: str
    """Name of the entry function; empty for the program's own choice."""

    policy: Policy
    fuel: int | None
    services: tuple[Offer, ...]
    builtin: tuple[str, ...]
    """Services of the runtime's own that are there besides."""

    connections: tuple[bytes, ...]
    """What each connection that is offered to `origin` gives."""

    state: bytes | None
    """What the run before has exported; None for a program that has not begun."""

    buffers: Buffers

    record: bool = False
    """Whether the run is recorded."""


UNTOLD = "for some reason"
"""Stands in `End.refused` for a reason that the runtime does not tell."""


@dataclass(slots=True)
class End:
    """What a run has come to."""

    trap: int | None = None
    """Trap number; None if the program was refused."""

    result: int | None = None
    """0 to 3, with trap 0 only."""

    refused: str | None = None
    """Why there was no run: `module`, `import`, `entry`, `state` or `UNTOLD`."""

    message: str = ""
    """What the runtime says about it, for people."""

    buffers: Buffers | None = None
    """What is left on its way; None if nothing was kept."""

    fuel: int | None = None
    """Fuel spent since the program was instantiated, if the runtime can tell."""

    connections: tuple[bytes, ...] = ()
    """What each connection has got from the program."""

    state: bytes | None = None
    """What `Start.state` takes to go on, if the program can go on."""

    log: bytes | None = None
    """The input log of the run, if it was recorded."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What running a log again has come to."""

    outcome: str
    """`ended` as recorded; `stopped`, since the fuel was spent or the log goes no further;
    `refused`, since it is no good log; `diverged`, since the program did something else."""

    message: str = ""
    """What the runtime says about it, for people."""

    call: int | None = None
    """If it stopped: how many host calls were made; if it diverged: the number of the call."""

    trap: int | None = None
    result: int | None = None
    fuel: int | None = None
    """As in `End`, at the end."""

    debug: bytes = b""
    """The debug text that the program has written."""

    sent: bytes = b""
    """What it has written to the packet stream."""

    received: bytes = b""
    """What it has read from there."""

    state: bytes | None = None
    """What `Start.state` takes to go on from the end, if the program can go on."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a scripted service does about something that happened to it."""

    reply: bytes | None = None
    """The packet to answer with at once."""

    send: tuple[bytes, ...] = ()
    """Packets to be offered to the program after that, in order."""

    fail: str | None = None
    """`program` or `service`: raise an error that blames it."""

    abort: bool = False
    """End the process from outside of a call."""


class Control(Protocol):
    """The host's hand on a run; any thread may use it."""

    def suspend(self) -> None:
        """Ask for suspension."""

    def kill(self) -> None:
        """End the program now."""

    def cancel(self) -> None:
        """Cancel the context that the program is served with."""

    def stop(self) -> None:
        """End the run, whatever that takes: it is too slow."""


class Stage(Protocol):
    """The kit's side of a run. A runtime calls it; any thread may do so."""

    def begin(self, control: Control) -> None:
        """The program is about to be handed over."""

    def serve(self) -> None:
        """The program has been handed over, and its packets will be moved from now on."""

    def created(self, service: str, snapshot: bytes | None) -> None:
        """An instance of a service is made, of what an earlier one saved if there was one."""

    def started(self, service: str) -> Response:
        """An instance may send from now on."""

    def packet(self, service: str, packet: bytes) -> Response:
        """A service gets a packet."""

    def shutdown(self, service: str, suspend: bool) -> bytes:
        """An instance ends; what it saves."""

    def debug(self, data: bytes) -> None:
        """The program has written debug text."""


class Declined(Exception):
    """The runtime does not support what the run needs; raised by `play`."""


class Runtime(Protocol):
    """A runtime on trial.

    `play` may raise `Declined`, and `BackendLostError` if its process is gone; any other exception
    is an error of the runtime. It may also have `close()`, called when it is not needed any more.
    """

    @property
    def version(self) -> str:
        """Version of the runtime."""

    @property
    def capabilities(self) -> frozenset[str]:
        """Names from `CAPABILITIES`."""

    def play(self, start: Start, stage: Stage) -> End:
        """Run a program once, to its end."""


class LogReplayer(Protocol):
    """What a runtime with the capability `input log` can do besides."""

    def replay(self, log: bytes, fuel: int | None) -> Replayed:
        """Run a log again; not beyond so much fuel. It raises what `Runtime.play` may raise."""


@dataclass(frozen=True, slots=True)
class RuntimeInfo(BackendInfo):
    """What is known of a runtime without starting it."""

    witness: bool = False
    """Whether it runs programs by other means than refexec's engines, and so can confirm them."""


class RuntimeModule(Protocol):
    """What the Python file of a runtime holds."""

    INFO: RuntimeInfo

    def create(self) -> Runtime:
        """Start it. Raises `UnavailableError` if it is not installed."""


def runtime_names() -> tuple[str, ...]:
    """The names of all runtimes that the kit has a file for, installed or not."""
    path = refexec_conformance.runtimes.__path__
    return tuple(sorted(item.name for item in pkgutil.iter_modules(path)))


def default_runtimes() -> tuple[str, ...]:
    """The names of the runtimes that run when none is named, in the order of their ranks."""
    infos = [info for name in runtime_names() if (info := runtime_info(name)).default]
    return tuple(info.name for info in sorted(infos, key=lambda info: (info.rank, info.name)))


def runtime_info(name: str) -> RuntimeInfo:
    """What is known of a runtime. Raises `ConfigError` for an unknown name."""
    return _runtime_module(name).INFO


def create_runtime(name: str) -> Runtime:
    """Start a runtime, by its name or by `command:` and a command line.

    Raises `ConfigError` for an unknown name, and `UnavailableError` if it is not installed. A
    program may also be lost at once.
    """
    if name.startswith(COMMAND):
        from refexec_conformance.runtime.command import CommandRuntime

        return cast(Runtime, CommandRuntime(shlex.split(name.removeprefix(COMMAND))))
    return _runtime_module(name).create()


def close_runtime(runtime: Runtime) -> None:
    """Let go of what a runtime holds, if it holds anything."""
    close = getattr(runtime, "close", None)
    if close is not None:
        close()


def _runtime_module(name: str) -> RuntimeModule:
    if "." in name:
        path = name
    elif name in runtime_names():
        path = f"{refexec_conformance.runtimes.__name__}.{name}"
    else:
        raise ConfigError(f"no runtime {name!r}; there are: {', '.join(runtime_names())}")
    try:
        return cast(RuntimeModule, importlib.import_module(path))
    except ModuleNotFoundError as error:
        if error.name is None or not path.startswith(error.name):
            raise
        raise ConfigError(f"no runtime {name!r}: there is no such module") from error
