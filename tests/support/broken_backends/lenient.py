"""The reference machine, but it takes any bytes for a module, as if they were an empty one."""

from __future__ import annotations

from typing import Any

from refexec_conformance.backend import BackendInfo, Loaded
from refexec_conformance.backends import reference

INFO = BackendInfo("lenient", "validates nothing", "nothing installs it")


class Lenient(reference.Machine):
    def load(self, data: bytes) -> Any:
        outcome = super().load(data)
        return outcome if isinstance(outcome, Loaded) else super().load(b"\0asm\1\0\0\0")


def create() -> Lenient:
    return Lenient()
