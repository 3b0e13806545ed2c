"""The registry: which services there are, by name.

Registries form chains: a clone sees everything of its parent, also what is registered there
later, and may shadow it. What happens with the services of one program is in
`refexec.service.server`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refexec.errors import AlreadyExistsError
from refexec.service.names import check_name, check_revision
from refexec.service.server import Server

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.runtime.protocols import ErrorSlot, Sender, ServiceConfig, ServiceState
    from refexec.service.protocols import Factory
    from refexec.snapshot import Service


@dataclass(frozen=True, slots=True, order=True)
class CatalogEntry:
    """A service that a program could discover."""

    name: str
    """Its name."""

    revision: str
    """The version of its interface."""


class Registry:
    """Services by name; implements the runtime's `ServiceRegistry`. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._factories: dict[str, Factory] = {}
        self._parent: Registry | None = None

    def register(self, factory: Factory) -> None:
        """Add a service.

        Raises `AlreadyExistsError` if this very registry (not a parent) has one of that name, and
        `ServiceNameError` if its name or revision breaks the rules.
        """
        name = _checked_name(factory)
        with self._lock:
            if name in self._factories:
                raise AlreadyExistsError(f'service "{name}" already registered')
            self._factories[name] = factory

    def must_register(self, factory: Factory) -> None:
        """Add a service in place of one of that name. Raises `ServiceNameError` as `register`."""
        name = _checked_name(factory)
        with self._lock:
            self._factories[name] = factory

    def clone(self) -> Registry:
        """A new registry without services of its own that looks into this one for the others."""
        clone = Registry()
        clone._parent = self
        return clone

    def lookup(self, name: str) -> Factory | None:
        """The service of that name, here or else in the nearest parent that has one."""
        registry: Registry | None = self
        while registry is not None:
            with registry._lock:
                factory = registry._factories.get(name)
            if factory is not None:
                return factory
            registry = registry._parent
        return None

    def catalog(self, ctx: Context) -> list[CatalogEntry]:
        """The services that a program with this context could discover, sorted by name.

        A service that shadows another one hides it also when it is not discoverable itself.
        """
        visible: dict[str, Factory] = {}
        registry: Registry | None = self
        while registry is not None:
            with registry._lock:
                visible = {**registry._factories, **visible}
            registry = registry._parent
        return sorted(
            CatalogEntry(name, factory.properties.revision)
            for name, factory in visible.items()
            if factory.discoverable(ctx)
        )

    def create_server(
        self,
        ctx: Context,
        config: ServiceConfig,
        services: Sequence[Service],
        send: Sender,
    ) -> tuple[Server, list[ServiceState], ErrorSlot | None]:
        """Make the server of one process, with the services that it had when it was suspended.

        Services that this registry does not know stay in the list, unavailable, and keep what
        they saved. Raises `DuplicateServiceError` if two names mean the same service, and what
        the services raise; then those made before are shut down.
        """
        server = Server(self.lookup, config)
        return server, server.restore(ctx, services), server.errors


def _checked_name(factory: Factory) -> str:
    properties = factory.properties
    check_name(properties.name)
    check_revision(properties.revision)
    return properties.name
