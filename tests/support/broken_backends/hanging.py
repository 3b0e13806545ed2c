"""The reference machine, but the export `fac-ssa` never comes back and cannot be interrupted."""

from __future__ import annotations

import threading
from typing import Any

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import reference
from refexec_conformance.values import Value

INFO = BackendInfo("hanging", "hangs in one call", "nothing installs it")


class Hanging(reference.Machine):
    def invoke(self, instance: Any, name: str, args: tuple[Value, ...]) -> Any:
        if name == "fac-ssa":
            threading.Event().wait()
        return super().invoke(instance, name, args)


def create() -> Hanging:
    return Hanging()
