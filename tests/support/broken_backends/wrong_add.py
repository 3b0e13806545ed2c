"""The reference machine, but the export `add` is off by one."""

from __future__ import annotations

from typing import Any

from refexec_conformance.backend import BackendInfo, Returned
from refexec_conformance.backends import reference
from refexec_conformance.values import Number, Value

INFO = BackendInfo("wrong_add", "adds wrongly", "nothing installs it")


class WrongAdd(reference.Machine):
    def invoke(self, instance: Any, name: str, args: tuple[Value, ...]) -> Any:
        outcome = super().invoke(instance, name, args)
        if name == "add" and isinstance(outcome, Returned):
            (value,) = outcome.values
            assert isinstance(value, Number)
            return Returned((Number(value.type, value.bits + 1),))
        return outcome


def create() -> WrongAdd:
    return WrongAdd()
