"""What the runtime asks of the things that are plugged into it.

Process factories, program code and state (implemented by `refexec.image`), the registry and
server of services (implemented by `refexec.service`, or by an embedder), and the two channels
through which services reach the serve loop.

This module holds no behaviour of the runtime. It is the only module of `refexec.runtime` that
services import, and it imports no other one except `refexec.runtime.channels`, whose `ErrorSlot`
is offered here because a registry has to make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from refexec.record import record
from refexec.runtime.channels import ErrorSlot

if TYPE_CHECKING:
    from refexec import wasm
    from refexec.context import Context
    from refexec.packet import Packet, Thunk
    from refexec.runtime.group import ProcessGroup
    from refexec.runtime.process import Process
    from refexec.snapshot import Service
    from refexec.trap import Result, TrapID

__all__ = [
    "ErrorSlot",
    "GroupProcessFactory",
    "InstanceServer",
    "ProcessFactory",
    "ProgramCode",
    "ProgramState",
    "Sender",
    "ServiceConfig",
    "ServiceRegistry",
    "ServiceState",
]

# -- processes -----------------------------------------------------------------------------------


class ProcessFactory(Protocol):
    """Makes processes: an `Executor`, a group executor, a distributor or a `ProcessChan`."""

    def new_process(self, ctx: Context, *, timeout: float | None = None) -> Process:
        """Make an idle process, waiting for one if need be.

        Raises `ContextError` when `ctx` is done or `timeout` seconds have passed first, and
        `ExecutorDiedError` when there is no executor any more.
        """
        ...


class GroupProcessFactory(ProcessFactory, Protocol):
    """A process factory that can also put the process into a given group."""

    def new_group_process(
        self, ctx: Context, group: ProcessGroup | None, *, timeout: float | None = None
    ) -> Process:
        """Make an idle process in `group`; None means the factory's default group."""
        ...


# -- programs ------------------------------------------------------------------------------------


class ProgramCode(Protocol):
    """The part of a program that never changes."""

    @property
    def module(self) -> wasm.Module:
        """The validated module."""
        ...

    @property
    def random(self) -> bool:
        """Whether the program can ask for random bytes, so that some must be drawn for it."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of the module's bytes, in hex."""
        ...


class ProgramState(Protocol):
    """The part of a program that running it changes.

    `Process.start` takes it over with `begin_mutation`; when the process has ended, `Process.serve`
    gives it back with `end_mutation`, or with `cancel_mutation` if the program never began, and
    sets `trap`, `result` and `final`. A process that dies uncleanly gives nothing back, which
    leaves the state incoherent for good.
    """

    trap: TrapID
    """How the last run ended."""

    result: Result
    """How the program judged itself, if it exited."""

    final: bool
    """Whether the program can never run again."""

    @property
    def state(self) -> dict[str, Any] | None:
        """The machine's state as plain data; None if the program has not begun."""
        ...

    @property
    def phase(self) -> str:
        """How far the program has come: 'fresh', 'start', 'entry', 'halted' or 'terminated'."""
        ...

    @property
    def monotonic_time(self) -> int:
        """Instance time in nanoseconds: how far the program's monotonic clock has come."""
        ...

    @property
    def fuel_spent(self) -> int:
        """Fuel spent since the program was instantiated first."""
        ...

    @property
    def coherent(self) -> bool:
        """False from `begin_mutation` until a clean end has been recorded."""
        ...

    @property
    def entry(self) -> str | None:
        """Name of the export that is to be called next, if any."""
        ...

    @property
    def stack_usage(self) -> int:
        """Frames of the call stack; 0 if the program is not suspended inside its code."""
        ...

    @property
    def memory_size(self) -> int:
        """Bytes of linear memory in use."""
        ...

    def restrict(self, limits: wasm.Limits) -> wasm.Limits:
        """`limits`, lowered where this instance has lower ones of its own."""
        ...

    def begin_mutation(self) -> None:
        """Mark the state as being mutated. Raises `StateError` if it is so already."""
        ...

    def cancel_mutation(self) -> None:
        """Mark the state as coherent again; it is what it was before."""
        ...

    def end_mutation(
        self,
        *,
        state: dict[str, Any] | None,
        phase: str,
        stack_usage: int,
        memory_size: int,
        monotonic_time: int,
        fuel_spent: int,
    ) -> None:
        """Take the new state, which a worker has reported, and mark it as coherent.

        The worker is not trusted: only the types and ranges have been checked.
        """
        ...

    def check_mutation(self) -> None:
        """Raise `StateError` unless the state is coherent, so that it may be used again."""
        ...


# -- services ------------------------------------------------------------------------------------


class Sender(Protocol):
    """The way from a service's threads to the program: a rendezvous with the serve loop."""

    def send(self, thunk: Thunk, ctx: Context) -> bool:
        """Wait until the serve loop takes `thunk`, which it evaluates right after.

        Returns True when it was taken, False (and `thunk` is never evaluated) when `ctx` is done
        first or the process has ended. Services must give up what they do when they get False.
        """
        ...


@record(frozen=True)
class ServiceConfig:
    """What a service server has to know about the runtime that it works for."""

    max_send_size: int
    """Largest packet, in bytes, that may be sent to the program. Always 65536 here."""


@record()
class ServiceState:
    """State of one discovered service, as the program is told it."""

    flags: int = 0
    """The state byte: bit 0 = available, the others are 0."""

    @property
    def avail(self) -> bool:
        """Whether the service is available to the program."""
        return self.flags & 1 != 0

    def set_avail(self) -> None:
        """Make the service available."""
        self.flags |= 1


class InstanceServer(Protocol):
    """The services of one program instance, for the time of one `Process.serve`.

    The serve loop calls everything here from one thread, never two calls at a time. The context
    of each call carries the process key. It is done before `shutdown` is called.
    """

    def start(self, ctx: Context, send: Sender) -> None:
        """Called once, before anything else. From here on thunks may be sent."""
        ...

    def discover(self, ctx: Context, new_names: Sequence[str]) -> Sequence[ServiceState]:
        """Add services by name, which may be any string, and return the states of *all*.

        The place of a state in the returned sequence is the code of the service. Called also
        with no names. Raises `DuplicateServiceError` for a service that is there already.
        """
        ...

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Take a packet from the program; its code is that of a discovered service.

        `packet` may be kept, or changed and returned. Returns the reply, if there is one already.
        It must not block, because all traffic of the process stands still in the meantime. A
        `ProgramError` ends the process with trap 28, any other exception with trap 29.
        """
        ...

    def shutdown(self, ctx: Context, suspend: bool) -> Sequence[Service]:
        """Called once, last. Release everything, and wait for it.

        Returns the services' saved states, one for each discovered service in the order of
        codes, if `suspend`; nothing otherwise.
        """
        ...


class ServiceRegistry(Protocol):
    """Makes the services of a process."""

    def create_server(
        self,
        ctx: Context,
        config: ServiceConfig,
        services: Sequence[Service],
        send: Sender,
    ) -> tuple[InstanceServer, Sequence[ServiceState], ErrorSlot | None]:
        """Make the services of one process, called once for each `Process.serve`.

        `services` are those that an earlier run of the instance saved. Returns the server, one
        initial state for each saved service in the same order, and the slot through which a
        service may end the process. `ctx` is that of the serve call.
        """
        ...
