"""Functions of the kit's modules become code, or are left to the machine for a meant reason.

What Python would refuse is left to the machine, too, which gives the same results: so no other test
would notice code that is no Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from refexec_conformance.backends.translated_cached import stand_ins
from refexec_conformance.own.suite import folder

from refexec import wasm
from refexec.errors import TrapError
from refexec.interp.store import FunctionInstance
from refexec.translate.engine import engine_of
from refexec.translate.errors import Untranslatable

MEANT = {
    "references that the heap counts",
    "tail call of another function",
    "too many nested loops",
    "try_table",
}

WHOLE = ("ranges", "guards", "reach", "counting", "turning", "lanes", "order", "chance")
"""What the names of modules begin with of which every function becomes code."""

MODULES = sorted(path.stem for path in folder().glob("*.wasm"))


def refusals(path: Path) -> Iterator[tuple[int, str]]:
    """The functions that no code is made of, each with the reason."""
    module = wasm.Module(path.read_bytes(), features="all")
    try:
        instance = wasm.Instance(module, stand_ins(module), engine="translated", start=False)
    except TrapError:
        return  # it is about segments that do not fit
    engine = engine_of(instance.store.inner)
    for index, function in enumerate(instance.inner.functions):
        if isinstance(function, FunctionInstance):
            try:
                translator = engine.translator(function.instance, function.code)
                for paid in (False, True):
                    translator.whole(paid)
            except Untranslatable as error:
                yield index, str(error)


@pytest.mark.parametrize("name", MODULES)
def test_code_is_made_of_every_function(name: str) -> None:
    reasons = {reason for _, reason in refusals(folder() / f"{name}.wasm")}
    assert reasons <= (set() if name.startswith(WHOLE) else MEANT)
