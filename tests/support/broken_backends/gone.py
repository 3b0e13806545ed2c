"""An engine that is never installed."""

from __future__ import annotations

from refexec_conformance.backend import Backend, BackendInfo

from refexec.errors import UnavailableError

INFO = BackendInfo("gone", "not there", "nothing installs it")


def create() -> Backend:
    raise UnavailableError("it is not there")
