"""The identity service: tells the program who owns it and which instance it is.

Both come from the context of `Process.serve`: whoever embeds the runtime attaches them there.
Nothing here checks or authenticates anything.
"""

from __future__ import annotations

import enum
import uuid
from typing import TYPE_CHECKING, Final

from refexec.packet import Domain, make_call
from refexec.service.protocols import InstanceBase, InstanceConfig, Properties

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.packet import Packet
    from refexec.runtime.protocols import Sender


class _Key(enum.Enum):
    PRINCIPAL = enum.auto()
    INSTANCE = enum.auto()


def context_with_principal(ctx: Context, principal: str) -> Context:
    """Attach the id of the program's owner, such as `local` or `ed25519:...`."""
    return ctx.with_value(_Key.PRINCIPAL, principal)


def context_with_instance_id(ctx: Context, instance: uuid.UUID) -> Context:
    """Attach the id of the program instance."""
    return ctx.with_value(_Key.INSTANCE, instance)


class Identity:
    """The factory."""

    properties: Final = Properties(name="identity", revision="0")
    """Name and kind of the service."""

    def discoverable(self, ctx: Context) -> bool:
        """Always."""
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> IdentityInstance:
        """Make an instance; it has no state."""
        return IdentityInstance(config)


class IdentityInstance(InstanceBase):
    """Answers calls by their first byte: 0 the principal's id, 1 the instance's UUID."""

    def __init__(self, config: InstanceConfig) -> None:
        self._config = config

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Answer a call, with nothing if what it asks for is unknown; info is ignored."""
        if packet.domain != Domain.CALL:
            return None
        answer = None
        match packet.content[:1]:
            case b"\x00":
                answer = ctx.value(_Key.PRINCIPAL)
            case b"\x01":
                answer = ctx.value(_Key.INSTANCE)
        reply = make_call(self._config.code)
        reply.content = b"" if answer is None else str(answer).encode()
        return reply
