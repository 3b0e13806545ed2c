"""What a service is: a factory that makes one instance for each program that uses it.

Write a service by giving a `Factory` to a `refexec.service.Registry`. `InstanceBase` has the
calls that most services do not care about. Life of an instance: `Factory.create_instance` (at the
program's first packet, or when a suspended program is resumed), `ready`, `start`, `handle` for
each packet, `shutdown`.

This module holds no service and no registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.packet import Packet
    from refexec.runtime.protocols import Sender

Abort = Callable[[Exception | None], None]
"""Ends the process from outside a call. Only the first error of all services counts."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a service tells about itself."""

    name: str
    """Name by which programs discover it: 1..127 bytes of letters, numbers and punctuation."""

    revision: str
    """Version of its interface: 1..127 bytes of letters, marks, numbers, punctuation, symbols."""

    streams: bool = False
    """Whether it takes flow and data packets besides call and info packets."""


@dataclass(frozen=True, slots=True)
class InstanceConfig:
    """What an instance has to know to make packets."""

    max_send_size: int
    """Largest packet in bytes that it may send, at least 65536."""

    code: int
    """The code of every packet that it sends: its index among the program's services."""


class Instance(Protocol):
    """A service for one program instance.

    All calls come from one thread, never two at a time, and none may block for long. The context
    of each call carries the process key.
    """

    def ready(self, ctx: Context) -> None:
        """Called once when all restored instances exist. Last chance to refuse."""
        ...

    def start(self, ctx: Context, send: Sender, abort: Abort) -> None:
        """Called once. From here on packets may be sent, by any thread, until `ctx` is done."""
        ...

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Take a packet, which may be kept. Returns the reply if it is there already.

        Raises `ProgramError` to blame the program.
        """
        ...

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        """Called once, last; `ctx` is done already. Ends and waits for the instance's threads.

        Returns what `Factory.create_instance` needs to continue, if `suspend`; nothing if that
        is nothing, and always nothing if not `suspend`.
        """
        ...


class Factory(Protocol):
    """A service as a registry holds it. Its identity is what makes a service a duplicate."""

    @property
    def properties(self) -> Properties:
        """Name and kind of the service; they must not change."""
        ...

    def discoverable(self, ctx: Context) -> bool:
        """Whether the program of this context may find the service."""
        ...

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> Instance:
        """Make the instance of one program.

        `snapshot` is what the instance's `shutdown` returned in an earlier run (empty if that
        was nothing), or None if the program uses the service for the first time. It may come
        from anybody: raise `SnapshotError` or `ProgramError` if it makes no sense.
        """
        ...


class InstanceBase:
    """An instance with nothing to prepare and nothing to keep; `handle` is left to add."""

    def ready(self, ctx: Context) -> None:
        """Do nothing."""

    def start(self, ctx: Context, send: Sender, abort: Abort) -> None:
        """Do nothing."""

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        """Save nothing."""
        return None
