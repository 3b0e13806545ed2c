"""The usual set of services for one program."""

from __future__ import annotations

from refexec.service.catalog import Catalog
from refexec.service.identity import Identity
from refexec.service.origin import Connector
from refexec.service.random import Random, RandomConfig
from refexec.service.registry import Registry
from refexec.service.scope import Scope


def standard_registry(
    connector: Connector | None = None,
    *,
    base: Registry | None = None,
    random: Random | None = None,
) -> Registry:
    """A registry for one program: origin, catalog, identity, random and scope.

    `connector` is where the host offers connections; without one there is no origin. The catalog
    lists this very registry. With `base` it is a clone of that, so the program sees the services
    there too. `random` replaces the random service at its default rate.
    """
    registry = Registry() if base is None else base.clone()
    for factory in (Catalog(registry), Identity(), random or Random(RandomConfig()), Scope()):
        registry.register(factory)
    if connector is not None:
        registry.register(connector)
    return registry
