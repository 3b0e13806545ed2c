"""What an engine on trial must offer: loading, instantiating, linking by name, invoking.

A backend is one small file in `backends/`, which holds

    INFO = BackendInfo(name, summary, install)
    def create() -> Backend

with no base class and no registration. A backend of somebody else's is named by the dotted name of
its module, which holds the same. Every answer is one of the outcomes below, and each step
may decline: "I do not support this" is an answer of its own beside "value" and "trap". Exceptions
that leave a backend are verdicts about the backend, never the end of a run.

Programs of any language are backends too, by the protocol of `PROTOCOL.md`: `command` runs them,
and `command:` before a command line makes it the name of a backend.
"""

from __future__ import annotations

import importlib
import pkgutil
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import refexec_conformance.backends
from refexec_conformance.values import Value, values_text
from refexec_conformance.verdicts import FileResult, Verdict

from refexec.errors import ConfigError

if TYPE_CHECKING:
    from refexec_conformance.script import Script


@dataclass(frozen=True, slots=True)
class Loaded:
    """The module is accepted; `module` is the backend's own handle for it."""

    module: Any

    def __str__(self) -> str:
        return "module accepted"


@dataclass(frozen=True, slots=True)
class Instantiated:
    """The module was instantiated; `instance` is the backend's own handle."""

    instance: Any

    def __str__(self) -> str:
        return "module instantiated"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The module was refused."""

    kind: str | None
    """`malformed`, `invalid` or `unlinkable`; None if the engine does not tell."""

    message: str

    def __str__(self) -> str:
        return f"{self.kind or 'rejected'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Returned:
    """The call came back with values."""

    values: tuple[Value, ...]

    def __str__(self) -> str:
        return values_text(self.values)


@dataclass(frozen=True, slots=True)
class Trapped:
    """The guest trapped."""

    message: str

    exhausted: bool = False
    """Whether the trap is that the call stack is exhausted."""

    def __str__(self) -> str:
        return f"trap: {self.message}"


@dataclass(frozen=True, slots=True)
class Threw:
    """An exception left the guest uncaught."""

    message: str = ""

    def __str__(self) -> str:
        return f"uncaught exception {self.message}".rstrip()


@dataclass(frozen=True, slots=True)
class Declined:
    """The backend does not support what was asked."""

    reason: str

    def __str__(self) -> str:
        return f"declined: {self.reason}"


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The call was stopped by `Backend.interrupt`."""

    def __str__(self) -> str:
        return "stopped at the deadline"


@dataclass(frozen=True, slots=True)
class OutOfFuel:
    """The call has spent what it was allowed, and was given up."""

    def __str__(self) -> str:
        return "out of fuel"


@dataclass(frozen=True, slots=True)
class Differed:
    """The engine did the same thing twice, and it came out differently."""

    difference: str

    def __str__(self) -> str:
        return f"not the same: {self.difference}"


Outcome = (
    Loaded
    | Instantiated
    | Rejected
    | Returned
    | Trapped
    | Threw
    | Declined
    | Interrupted
    | OutOfFuel
    | Differed
)


class BackendLostError(Exception):
    """The engine's process is gone, and with it every module and instance; `reset` starts anew."""

    def __init__(self, verdict: Verdict, message: str) -> None:
        """What is to be said about it: that it crashed, was too slow, or wrote garbage."""
        super().__init__(message)
        self.verdict = verdict


class Backend(Protocol):
    """An engine on trial, as one run of one script sees it.

    Each step may raise `BackendLostError`. An engine may also have an attribute `claimed`, as
    `claimed_features` tells, one `promises`, as `promises_of` tells, and a method `close()`, called
    when it is not needed any more, after which its attribute `ending` may say that it did not end
    as it should.
    """

    @property
    def version(self) -> str:
        """Version of the engine."""

    @property
    def official_trap_messages(self) -> bool:
        """Whether trap messages are the official suite's words, so that they are compared."""

    def reset(self) -> None:
        """Forget all modules and instances: the next script begins."""

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Decode and validate a module."""

    def instantiate(
        self, module: Any
    ) -> Instantiated | Rejected | Trapped | Threw | Declined | Interrupted | Differed:
        """Link with what is registered, and instantiate."""

    def register(self, instance: Any, name: str) -> None:
        """Let later modules import from `instance` under the module name `name`."""

    def invoke(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> Returned | Trapped | Threw | Declined | Interrupted | Differed:
        """Call an exported function."""

    def get(self, instance: Any, name: str) -> Returned | Declined | Differed:
        """Read an exported global."""

    def interrupt(self) -> None:
        """Stop the running call soon; called from another thread. May do nothing."""


@runtime_checkable
class Meters(Protocol):
    """A backend that can tell how much fuel a call is charged."""

    def invoke_metered(
        self, instance: Any, name: str, args: tuple[Value, ...]
    ) -> tuple[Outcome, int | None]:
        """Call an exported function, and tell what it was charged; None if it cannot tell."""


@runtime_checkable
class Stops(Protocol):
    """A backend that can stop a call when it has spent a given amount of fuel."""

    def invoke_within(
        self, instance: Any, name: str, args: tuple[Value, ...], fuel: int
    ) -> tuple[Outcome, int | None]:
        """Call an exported function, which may spend so much, and give it up where it stops."""


@runtime_checkable
class WholeScripts(Protocol):
    """A backend that judges whole scripts by itself, and is not asked for single steps."""

    def run_script(self, script: Script, seconds: float) -> FileResult:
        """Carry out a script, with a deadline of so many seconds for all of it."""


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What is known of a backend without starting it."""

    name: str
    summary: str

    install: str
    """The command that installs it."""

    rank: int = 50
    """When every backend runs, those with small numbers run first: the fast ones."""

    default: bool = True
    """Whether it runs when no backend is named."""

    suites: tuple[str, ...] = ()
    """The suites in which it runs when none is named although it is no default."""

    witness: bool = False
    """Whether it can confirm what the reference machine comes to."""


COMMAND = "command:"
"""What the name of a backend begins with that is a command line."""


class BackendModule(Protocol):
    """What the Python file of a backend holds."""

    INFO: BackendInfo

    def create(self) -> Backend:
        """Start it. Raises `UnavailableError` if the engine is not installed."""


def backend_names() -> tuple[str, ...]:
    """The names of all backends that the kit has a file for, installed or not."""
    path = refexec_conformance.backends.__path__
    return tuple(sorted(item.name for item in pkgutil.iter_modules(path)))


def default_backends(suite: str = "core") -> tuple[str, ...]:
    """The names of the backends that run in a suite when none is named, the fast ones first."""
    infos = map(backend_info, backend_names())
    chosen = [info for info in infos if info.default or suite in info.suites]
    return tuple(info.name for info in sorted(chosen, key=lambda info: (info.rank, info.name)))


def claimed_features(backend: Backend) -> frozenset[str] | None:
    """The features, by their names in `features.toml`, that an engine says it has.

    None if it does not say. A file that needs others is not run on it, and counts as unsupported.
    """
    claimed = getattr(backend, "claimed", None)
    return None if claimed is None else frozenset(claimed)


def promises_of(backend: Backend) -> frozenset[str]:
    """Which of `features.PROMISES` an engine makes. Cases that need others are not run on it."""
    return frozenset(getattr(backend, "promises", ()))


def close_backend(backend: Backend) -> str:
    """Let go of what a backend holds, if it holds anything.

    Returns how it ended if that was not as it should be. It is its attribute `ending`.
    """
    close = getattr(backend, "close", None)
    if close is not None:
        close()
    return str(getattr(backend, "ending", ""))


def backend_info(name: str) -> BackendInfo:
    """What is known of a backend. Raises `ConfigError` for an unknown name."""
    return backend_module(name).INFO


def create_backend(name: str) -> Backend:
    """Start a backend.

    Raises `ConfigError` for an unknown name, and `UnavailableError` with the command that
    installs it if the engine is not there. A program may also be lost at once.
    """
    if name.startswith(COMMAND):
        from refexec_conformance.command import CommandBackend

        return CommandBackend(shlex.split(name.removeprefix(COMMAND)))
    return backend_module(name).create()


def backend_module(name: str) -> BackendModule:
    """The Python file of a backend. Raises `ConfigError` for an unknown name."""
    if "." in name:
        path = name
    elif name in backend_names():
        path = f"{refexec_conformance.backends.__name__}.{name}"
    else:
        raise ConfigError(f"no backend {name!r}; there are: {', '.join(backend_names())}")
    try:
        return cast(BackendModule, importlib.import_module(path))
    except ModuleNotFoundError as error:
        if error.name is None or not path.startswith(error.name):
            raise
        raise ConfigError(f"no backend {name!r}: there is no such module") from error
