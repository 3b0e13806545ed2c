"""The reference, not broken, which says what it supports and what its fuel is."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import reference
from refexec_conformance.features import all_features

INFO = BackendInfo(name="claims", summary="the reference", install="nothing installs it")


class Machine(reference.Machine):
    """The reference machine, which says what it has."""

    claimed = frozenset(all_features()[:-1])


def create() -> Machine:
    """Start it."""
    return Machine()
