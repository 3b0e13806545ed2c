"""refexec's fast engine with code that was kept on disk by an earlier load of the same module.

It only runs when it is named: every module is loaded and translated twice, which takes time.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from refexec_conformance.backend import BackendInfo, Declined, Loaded, Rejected
from refexec_conformance.backends import translated

from refexec import wasm
from refexec.errors import RefexecError

INFO = BackendInfo(
    name="translated_cached",
    summary="refexec's fast engine, with code kept on disk",
    install="python -m pip install refexec",
    default=False,
)


def create() -> Translated:
    """Start it."""
    return Translated()


class Translated(translated.Translated):
    """The fast engine, which is given each module a second time."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="refexec-")

    def load(self, data: bytes) -> Loaded | Rejected | Declined:
        """Decode and validate a module, and keep its code; then take it from there."""
        loaded = super().load(data)
        if not isinstance(loaded, Loaded):
            return loaded
        folder = Path(self._folder.name, "code")
        with wasm.CodeCache(folder) as cache, contextlib.suppress(RefexecError):
            # What is not linked, or traps, is not kept; it is judged all the same.
            module = wasm.Module(data, features=self.features, cache=cache)
            wasm.Instance(module, stand_ins(module), engine=self.engine, start=False).translate()
        return Loaded(wasm.Module(data, features=self.features, cache=wasm.CodeCache(folder)))

    def close(self) -> None:
        """Remove what was kept."""
        self._folder.cleanup()


def stand_ins(module: wasm.Module) -> Mapping[tuple[str, str], Any]:
    """Something of the right type for each import, which is never used."""
    made: dict[tuple[str, str], Any] = {}
    for entry in module.imports:
        match entry.type:
            case wasm.FunctionType():
                made[entry.module, entry.name] = wasm.HostFunction(entry.type, lambda *_: None)
            case wasm.MemoryType():
                made[entry.module, entry.name] = wasm.Memory(entry.type)
            case wasm.TableType():
                made[entry.module, entry.name] = wasm.Table(entry.type)
            case wasm.GlobalType():
                value = b"\0" * 16 if entry.type.value is wasm.V128 else 0
                number = not isinstance(entry.type.value, wasm.ReferenceType)
                made[entry.module, entry.name] = wasm.Global(entry.type, value if number else None)
            case wasm.TagType():
                made[entry.module, entry.name] = wasm.Tag(entry.type.function)
    return made
