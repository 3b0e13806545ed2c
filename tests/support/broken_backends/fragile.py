"""The reference machine, but some exports bring it down.

`crash` kills the process, `hang` never comes back and cannot be interrupted, `explode` raises an
exception of Python's, and `decline` says that it is not supported.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from refexec_conformance.backend import BackendInfo, Declined
from refexec_conformance.backends import reference
from refexec_conformance.values import Value

INFO = BackendInfo("fragile", "comes down easily", "nothing installs it")


class Fragile(reference.Machine):
    def invoke(self, instance: Any, name: str, args: tuple[Value, ...]) -> Any:
        if name == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "hang":
            threading.Event().wait()
        if name == "explode":
            raise ZeroDivisionError("a defect of the engine")
        if name == "decline":
            return Declined("not today")
        return super().invoke(instance, name, args)


def create() -> Fragile:
    return Fragile()
