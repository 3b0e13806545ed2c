"""Whether the conformance kit is there: it is a package of its own, and commands load it late."""

from __future__ import annotations

import importlib.util

from refexec.errors import UnavailableError


def require_kit() -> None:
    """Raise `UnavailableError` if the kit is not installed."""
    if importlib.util.find_spec("refexec_conformance") is None:
        raise UnavailableError(
            "the conformance kit is not installed; "
            "this installs it: python -m pip install 'refexec[conformance]'"
        )
