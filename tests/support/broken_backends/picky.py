"""The reference machine, which declines to link memories and to take an f32.

What follows of that is no fault. What the export `wrong` gives is one, and so are the words of the
trap of the export `misname`.
"""

from __future__ import annotations

from refexec_conformance.backend import BackendInfo, Declined, Outcome, Returned, Trapped
from refexec_conformance.backends import reference
from refexec_conformance.values import Number, Value

from refexec import wasm

INFO = BackendInfo("picky", "declines much", "nothing installs it")


class Picky(reference.Machine):
    def instantiate(self, module: wasm.Module) -> Outcome:
        if any(isinstance(item.type, wasm.MemoryType) for item in module.imports):
            return Declined("no imports but functions")
        return super().instantiate(module)

    def invoke(self, instance: wasm.Instance, name: str, args: tuple[Value, ...]) -> Outcome:
        if any(str(argument).startswith("(f32") for argument in args):
            return Declined("no f32 as an argument")
        if name == "wrong":
            return Returned((Number("i32", 5),))
        if name == "misname":
            return Trapped("integer overflow")
        return super().invoke(instance, name, args)


def create() -> Picky:
    return Picky()
