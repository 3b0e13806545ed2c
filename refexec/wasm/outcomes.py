"""How a call of an instance can end."""

from __future__ import annotations

from typing import Any

from refexec.record import record
from refexec.trap import TrapCause, TrapID
from refexec.wasm.module import BacktraceFrame
from refexec.wasm.objects import Tag


@record(frozen=True)
class Returned:
    """The call returned."""

    values: list[Any]


@record(frozen=True)
class Trapped:
    """The call trapped."""

    cause: TrapCause
    backtrace: tuple[BacktraceFrame, ...]
    """The wasm call stack, innermost frame first."""

    @property
    def trap(self) -> TrapID:
        """Gate's trap id for the cause."""
        return self.cause.trap

    @property
    def message(self) -> str:
        """The cause in the words of the official test suite."""
        return self.cause.message


@record(frozen=True)
class Threw:
    """The call threw an exception that no handler of the guest caught."""

    tag: Tag
    values: list[Any]
    backtrace: tuple[BacktraceFrame, ...]


@record(frozen=True)
class Suspended:
    """The call stopped before its end, and `Instance.resume` goes on with it.

    Fuel ran out, it was interrupted, or a host function asked to be executed again.
    """


Outcome = Returned | Trapped | Threw | Suspended
