"""The fast engine, but it takes `i32.xor` for `i32.or`.

It changes the engine of the whole process that it is made in; so tests run it in another.
"""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo
from refexec_conformance.backends import translated

from refexec.translate.operations import OPERATIONS

INFO = BackendInfo("wrong_instruction", "takes i32.xor for i32.or", "nothing installs it")


def create() -> translated.Machine:
    OPERATIONS["i32.xor"] = OPERATIONS["i32.or"]
    return translated.create()
