"""refexec's fast engine as it is used: functions are taken over while they run."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import translated

INFO = BackendInfo(
    name="translated_warming",
    summary="refexec's fast engine, taking over what is called often",
    install="python -m pip install refexec",
    default=False,
    suites=("cases",),
)


class Translated(translated.Translated):
    """The fast engine beside the machine: both run parts of a call."""

    eager = False


def create() -> Translated:
    """Start it."""
    return Translated()
