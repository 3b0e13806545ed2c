"""Services: what a program can reach outside of itself, and the registry that holds them.

Reading order: `protocols` (what a service is), `registry`, `server` (the services of one running
program), then the built-in ones, from simple to hard: `catalog`, `identity`, `scope`, `random`,
`origin` with `streams` and `connection`. Of the runtime only `refexec.runtime.protocols` is used.
"""

from __future__ import annotations

from refexec.service.catalog import Catalog
from refexec.service.identity import Identity, context_with_instance_id, context_with_principal
from refexec.service.origin import Connector, OriginConfig
from refexec.service.protocols import (
    Abort,
    Factory,
    Instance,
    InstanceBase,
    InstanceConfig,
    Properties,
)
from refexec.service.random import Random, RandomConfig
from refexec.service.registry import CatalogEntry, Registry
from refexec.service.scope import ProgramScope, Scope, context_with_scope
from refexec.service.standard import standard_registry
from refexec.service.streams import ReadStream, Stream, WriteStream

__all__ = [
    "Abort",
    "Catalog",
    "CatalogEntry",
    "Connector",
    "Factory",
    "Identity",
    "Instance",
    "InstanceBase",
    "InstanceConfig",
    "OriginConfig",
    "ProgramScope",
    "Properties",
    "Random",
    "RandomConfig",
    "ReadStream",
    "Registry",
    "Scope",
    "Stream",
    "WriteStream",
    "context_with_instance_id",
    "context_with_principal",
    "context_with_scope",
    "standard_registry",
]
