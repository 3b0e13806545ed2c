"""Every error that refexec raises, as one tree.

The roots answer one question: *whose fault is it?*

    RefexecError
    ├── GuestError                  the guest program did it
    │   ├── TrapError               it trapped                           (.trap)
    │   ├── WasmExceptionError      it threw and nothing caught
    │   └── ProgramError            it broke a rule of the Gate ABI ("bad program")
    │       ├── ImportResolutionError   an import is unknown or has the wrong type
    │       ├── PacketError             a packet breaks the packet rules
    │       ├── StreamError             a stream rule was broken
    │       └── DuplicateServiceError   a service was discovered twice
    ├── InputError                  what the caller handed in is no good
    │   ├── ModuleError             (.offset, .where)
    │   │   ├── MalformedModuleError    the bytes are not a module
    │   │   ├── InvalidModuleError      a module, but it breaks a validation rule
    │   │   └── UnsupportedFeatureError it needs a feature outside the chosen profile  (.feature)
    │   ├── LinkError               imports do not fit
    │   ├── EntryError              no such entry function, or none allowed
    │   ├── SnapshotError           a snapshot is damaged, foreign or too new
    │   ├── InputLogError           an input log is damaged, foreign or too new
    │   │   └── ReplayDivergedError     a program does not do again what was recorded
    │   ├── ServiceNameError        a service name or revision breaks the rules
    │   ├── AlreadyExistsError      the name is taken
    │   ├── ConfigError             a setting is out of its range
    │   └── ObserverError           an observer of the caller has failed
    ├── LimitError                  a limit that was set has been reached
    │   ├── OutOfFuelError          the allowed fuel is spent; the call can be resumed
    │   └── ImplementationLimitError    the module exceeds a limit of refexec (.limit)
    ├── ContextError                the caller gave up waiting
    │   ├── CancelledError
    │   └── DeadlineExceededError
    ├── StateError                  calls came in an order that makes no sense
    ├── UnavailableError            this machine or installation lacks what was asked for
    ├── ABIViolationError           Process.serve: the program broke the ABI   (.trap)
    └── InternalError               Process.serve: anything unexpected         (.trap)
        └── ExecutorDiedError       the executor is closed or dead

Only `InternalError` may mean a defect of refexec or of a service. `Restart` is no error: it is
how a host function asks to be executed again.

This module holds no policy: who raises what is said where it is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refexec.trap import TrapCause, TrapID


class RefexecError(Exception):
    """Base of every error that refexec raises on purpose."""


# -- the guest did it ----------------------------------------------------------------------------


class GuestError(RefexecError):
    """The guest program did something wrong; host and runtime are fine."""


class TrapError(GuestError):
    """A guest program trapped."""

    cause: TrapCause
    """Why, in the words of the WebAssembly specification."""

    trap: TrapID
    """The Gate trap id that a process ends with for this cause."""

    backtrace: tuple[Any, ...]
    """The wasm call stack, innermost frame first (`refexec.wasm.BacktraceFrame` items)."""

    def __init__(self, cause: TrapCause, backtrace: Sequence[Any] = ()) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.trap = cause.trap
        self.backtrace = tuple(backtrace)


class WasmExceptionError(GuestError):
    """A guest program threw an exception that no handler of its own caught."""

    def __init__(self, tag: Any, values: Sequence[Any], backtrace: Sequence[Any] = ()) -> None:
        super().__init__("uncaught wasm exception")
        self.tag = tag
        self.values = tuple(values)
        self.backtrace = tuple(backtrace)


class ProgramError(GuestError):
    """The program broke a rule of the Gate ABI.

    Services may raise it, or a subclass, to blame the program: `Process.serve` then ends with an
    `ABIViolationError` instead of an `InternalError`.
    """


class ImportResolutionError(ProgramError):
    """A module imports something that the Gate ABI does not offer in that form."""


class PacketError(ProgramError):
    """A packet breaks the rules for packets."""


class StreamError(ProgramError):
    """A stream packet breaks the rules for streams."""


class DuplicateServiceError(ProgramError):
    """The same service implementation was discovered, or restored, twice in one instance."""

    def __init__(self, message: str = "duplicate service") -> None:
        super().__init__(message)


def is_program_error(error: BaseException | None) -> bool:
    """Tell whether `error`, or an error that it was raised from, blames the program."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ProgramError):
            return True
        seen.add(id(error))
        error = error.__cause__
    return False


# -- the input is no good ------------------------------------------------------------------------


class InputError(RefexecError):
    """What the caller handed in cannot be used."""


class ModuleError(InputError):
    """The bytes of a module were refused at load."""

    offset: int | None
    """Byte offset in the module where the fault was found, if it has a place."""

    where: str | None
    """Section or function that holds the fault, for people."""

    def __init__(self, message: str, offset: int | None = None, where: str | None = None) -> None:
        place = ""
        if where is not None:
            place += f" in {where}"
        if offset is not None:
            place += f" at offset 0x{offset:x}"
        super().__init__(message + place)
        self.message = message
        self.offset = offset
        self.where = where


class MalformedModuleError(ModuleError):
    """The bytes do not follow the binary format."""


class InvalidModuleError(ModuleError):
    """The bytes are a module, but it breaks a validation rule."""


class UnsupportedFeatureError(ModuleError):
    """The module needs a feature of WebAssembly that was not allowed."""

    def __init__(
        self, feature: str, message: str, offset: int | None = None, where: str | None = None
    ) -> None:
        super().__init__(message, offset, where)
        self.feature = feature


class LinkError(InputError):
    """An import is missing or does not match its declared type."""


class EntryError(InputError):
    """The entry function does not exist, is unsuitable, or may not be named."""


class SnapshotError(InputError):
    """A snapshot cannot be read, checked or made."""


class InputLogError(InputError):
    """An input log cannot be read, or cannot be that of a run of its program."""


class ReplayDivergedError(InputLogError):
    """A program that is replayed does something else than the input log says.

    The log was changed, or one of two engines is wrong.
    """

    call: int
    """Number of the host call at which that was found, from 1; beyond the last one: at the end."""

    fuel: int
    """Fuel that the program has spent by then."""

    expected: str
    """What was recorded."""

    found: str
    """What has come instead."""

    def __init__(self, call: int, fuel: int, expected: str, found: str, where: str = "") -> None:
        place = where or f"call {call}"
        super().__init__(
            f"replay diverges at {place}, fuel {fuel}: expected {expected}, found {found}"
        )
        self.call = call
        self.fuel = fuel
        self.expected = expected
        self.found = found


class ServiceNameError(InputError):
    """A service name or revision string is empty, too long, or has invalid characters."""


class AlreadyExistsError(InputError):
    """Something with that name exists already."""


class ConfigError(InputError):
    """A setting or argument is outside its range."""


class ObserverError(InputError):
    """An observer raised an exception, which is chained. The call that it watched is lost."""


# -- a limit was reached -------------------------------------------------------------------------


class LimitError(RefexecError):
    """A configured limit has been reached."""


class OutOfFuelError(LimitError):
    """The allowed fuel is spent. The call is suspended, not lost: add fuel and resume."""


class ImplementationLimitError(LimitError, ModuleError):
    """A module is larger or deeper than refexec is configured to accept."""

    def __init__(
        self,
        limit: str,
        message: str,
        offset: int | None = None,
        where: str | None = None,
    ) -> None:
        ModuleError.__init__(self, message, offset, where)
        self.limit = limit


# -- waiting was given up ------------------------------------------------------------------------


class ContextError(RefexecError):
    """A context is done."""


class CancelledError(ContextError):
    """The context was cancelled."""

    def __init__(self, message: str = "context canceled") -> None:
        super().__init__(message)


class DeadlineExceededError(ContextError):
    """The deadline of the context, or the timeout of the call, has passed."""

    def __init__(self, message: str = "context deadline exceeded") -> None:
        super().__init__(message)


# -- the rest ------------------------------------------------------------------------------------


class StateError(RefexecError):
    """A method was called in a state that does not allow it."""


class UnavailableError(RefexecError):
    """This machine or installation lacks what was asked for."""


class ABIViolationError(RefexecError):
    """`Process.serve`: the program broke the ABI. The cause is chained."""

    trap = TrapID.ABI_VIOLATION


class InternalError(RefexecError):
    """`Process.serve`: something unexpected happened in the runtime or in a service."""

    trap = TrapID.INTERNAL_ERROR


class ExecutorDiedError(InternalError):
    """The executor is closed or has died."""

    def __init__(self, message: str = "executor died unexpectedly") -> None:
        super().__init__(message)


class Restart(Exception):
    """Raised by a host function to be executed again after the program is resumed.

    Not an error: the call stops as suspended, with the machine exactly before the call
    instruction, and the fuel of that instruction given back.
    """
