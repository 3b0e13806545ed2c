"""The services of one program instance, while it is being served.

A `Server` keeps the list of discovered services (the index is the packet code), makes their
instances when they are needed, and hands packets to them. It finds services through a function,
so it knows nothing of registries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from refexec.errors import DuplicateServiceError, InternalError, PacketError
from refexec.packet import Domain, code_text, domain_text
from refexec.runtime.protocols import ErrorSlot, ServiceState
from refexec.service.protocols import InstanceConfig
from refexec.snapshot import Service

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.packet import Packet
    from refexec.runtime.protocols import Sender, ServiceConfig
    from refexec.service.protocols import Factory, Instance


class _Entry:
    """One discovered service."""

    __slots__ = ("buffer", "factory", "instance", "name")

    def __init__(self, name: str, factory: Factory | None, buffer: bytes = b"") -> None:
        self.name = name
        self.factory = factory
        """None: unavailable, packets to it are dropped."""
        self.buffer = buffer
        """What the next snapshot says of it, unless its instance has something newer."""
        self.instance: Instance | None = None

    @property
    def state(self) -> ServiceState:
        state = ServiceState()
        if self.factory is not None:
            state.set_avail()
        return state

    @property
    def max_domain(self) -> Domain:
        if self.factory is not None and self.factory.properties.streams:
            return Domain.DATA
        return Domain.INFO


class Server:
    """Implements the runtime's `InstanceServer`."""

    def __init__(self, lookup: Callable[[str], Factory | None], config: ServiceConfig) -> None:
        self._lookup = lookup
        self._config = config
        self._entries: list[_Entry] = []
        self.errors = ErrorSlot()
        """Where services that abort leave the reason."""

    def restore(self, ctx: Context, services: Sequence[Service]) -> list[ServiceState]:
        """Make the instances of a resumed program. The first thing called, and only once.

        The services are not asked again whether they are discoverable.
        """
        try:
            for service in services:
                entry = _Entry(service.name, self._lookup(service.name), service.buffer)
                self._add(entry)
                if entry.factory is not None:
                    # Used up: an instance that saves nothing later has nothing to be restored.
                    snapshot, entry.buffer = entry.buffer, b""
                    self._create(ctx, len(self._entries) - 1, snapshot)
            for entry in self._entries:
                if entry.instance is not None:
                    entry.instance.ready(ctx)
        except BaseException as error:
            # The runtime never learns of this server, so nobody else could clean up.
            try:
                self.shutdown(ctx, suspend=False)
            except Exception as other:
                error.add_note(f"and then shutting down failed: {other}")
            raise
        return [entry.state for entry in self._entries]

    def start(self, ctx: Context, send: Sender) -> None:
        """Start the restored instances."""
        for entry in self._entries:
            if entry.instance is not None:
                entry.instance.start(ctx, send, self._abort)

    def discover(self, ctx: Context, new_names: Sequence[str]) -> list[ServiceState]:
        """Append services by name and return the states of all.

        Raises `DuplicateServiceError` at the first service that is there already.
        """
        for name in new_names:
            factory = self._lookup(name)
            if factory is not None and not factory.discoverable(ctx):
                factory = None
            self._add(_Entry(name, factory))
        return [entry.state for entry in self._entries]

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Hand a packet to its service, made now if this is the first one.

        A packet for an unavailable service is dropped. `PacketError` if it is a stream packet for
        a service without streams.
        """
        code = packet.code
        entry = self._entries[code]
        if entry.factory is None:
            return None
        if packet.domain > entry.max_domain:
            raise PacketError(
                f"{code_text(code)} received packet with unexpected domain: "
                f"{domain_text(packet.domain)}"
            )
        instance = entry.instance
        if instance is None:
            instance = self._create(ctx, code, None)
            instance.ready(ctx)
            instance.start(ctx, send, self._abort)
        return instance.handle(ctx, send, packet)

    def shutdown(self, ctx: Context, suspend: bool) -> list[Service]:
        """Shut all instances down, and return what there is to save if `suspend`.

        All are shut down even if some fail; then the first error is raised.
        """
        first_error: Exception | None = None
        for entry in self._entries:
            if entry.instance is None:
                continue
            try:
                entry.buffer = entry.instance.shutdown(ctx, suspend) or entry.buffer
            except Exception as error:
                first_error = error if first_error is None else first_error
        if first_error is not None:
            raise first_error
        if not suspend:
            return []
        return [Service(entry.name, entry.buffer) for entry in self._entries]

    def _add(self, entry: _Entry) -> None:
        if entry.factory is not None and any(
            known.factory is entry.factory for known in self._entries
        ):
            raise DuplicateServiceError
        self._entries.append(entry)

    def _create(self, ctx: Context, code: int, snapshot: bytes | None) -> Instance:
        entry = self._entries[code]
        assert entry.factory is not None
        config = InstanceConfig(max_send_size=self._config.max_send_size, code=code)
        entry.instance = entry.factory.create_instance(ctx, config, snapshot)
        return entry.instance

    def _abort(self, error: Exception | None) -> None:
        if error is None:
            error = InternalError("service aborted with unspecified error")
        self.errors.fail(error)
