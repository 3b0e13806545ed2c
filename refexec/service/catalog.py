"""The catalog service: tells the program which services it could discover."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from refexec.errors import InternalError
from refexec.packet import HEADER_SIZE, Domain, make_call
from refexec.service.protocols import InstanceBase, InstanceConfig, Properties

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.packet import Packet
    from refexec.runtime.protocols import Sender
    from refexec.service.registry import Registry

# The text is safe to paste into HTML and JavaScript.
_ESCAPES: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


class Catalog:
    """The factory. It lists one registry, normally that in which it is registered itself."""

    properties: Final = Properties(name="catalog", revision="0")
    """Name and kind of the service."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def discoverable(self, ctx: Context) -> bool:
        """Always."""
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> CatalogInstance:
        """Make an instance; it has no state."""
        return CatalogInstance(self._registry, config)


class CatalogInstance(InstanceBase):
    """Answers the call `json` with the list, and any other call with an empty reply."""

    def __init__(self, registry: Registry, config: InstanceConfig) -> None:
        self._registry = registry
        self._config = config

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Answer a call; info packets are ignored.

        `InternalError` if the list does not fit into a packet.
        """
        if packet.domain != Domain.CALL:
            return None
        reply = make_call(self._config.code)
        if packet.content == b"json":
            content = self._json(ctx).encode()
            if HEADER_SIZE + len(content) > self._config.max_send_size:
                raise InternalError("service catalog does not fit into a packet")
            reply.content = content
        return reply

    def _json(self, ctx: Context) -> str:
        services = [
            {"name": entry.name, "revision": entry.revision}
            for entry in self._registry.catalog(ctx)
        ]
        text = json.dumps({"services": services}, ensure_ascii=False, indent="\t")
        return text.translate(_ESCAPES) + "\n"
