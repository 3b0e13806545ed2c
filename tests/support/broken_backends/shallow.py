"""The reference machine with little of everything: a short call stack, and one page of memory."""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import reference

from refexec import wasm

INFO = BackendInfo("shallow", "has little room", "nothing installs it")


def create() -> reference.Machine:
    return reference.Machine(wasm.Limits(call_depth=300, memory_pages=1))
