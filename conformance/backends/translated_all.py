"""refexec's fast engine with the proposals beyond the specification switched on."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import translated

INFO = BackendInfo(
    name="translated_all",
    summary="refexec's fast engine, proposals included",
    install="python -m pip install refexec",
    default=False,
)


class Translated(translated.Translated):
    """The fast engine, accepting every feature it knows."""

    features = "all"


def create() -> Translated:
    """Start it."""
    return Translated()
