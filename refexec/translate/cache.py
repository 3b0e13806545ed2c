"""The code cache: translations that outlive the process that made them.

An entry of the folder holds what has been translated of one module, by one version of refexec on
one version of Python. Nothing of it is believed that somebody else could have written; see
`refexec.translate.folder`. Workers have no cache: what a worker has made could not be believed.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from collections.abc import Callable
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import TracebackType
from typing import Any

import refexec
from refexec.interp.machine import prepare
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.record import field_names
from refexec.translate.compile import FunctionTranslator, memory_bounds, translate
from refexec.translate.errors import Untranslatable
from refexec.translate.folder import Folder, default_folder
from refexec.translate.sites import Site, Translation

MAX_SIZE = 256 << 20
"""Bytes that all entries of a cache may take by default."""

Found = Translation | Untranslatable
Key = tuple[int, int, int]
"""Function index, weight of a frame, pages that a memory may have: all of it is in the code."""


class CodeCache:
    """Keeps generated code in a folder of the user's.

        with wasm.CodeCache() as cache:
            module = wasm.Module(data, cache=cache)

    Modules that are given the cache find there what was translated before, and what is translated
    for them is written when the cache is saved, which its end as a context manager does.
    """

    def __init__(self, folder: Path | None = None, max_size: int = MAX_SIZE) -> None:
        """Use `folder`, or `refexec/code` in the user's cache folder, for `max_size` bytes.

        Raises ConfigError if the folder cannot be made, or if others than the user may write
        there.
        """
        self._folder = Folder(folder if folder is not None else default_folder(), max_size)
        self._changed: dict[str, ModuleCache] = {}

    def of(self, module: ValidModule, digest: str) -> ModuleCache:
        """The part that is about one module; only for `refexec.wasm`."""
        parts = (
            *(refexec.__version__, _sources(), sys.implementation.name, sys.version, sys.byteorder),
            *(MAGIC_NUMBER.hex(), digest),
        )
        name = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return ModuleCache(self, name, module)

    def save(self) -> None:
        """Write what has been translated since. Raises ConfigError as `__init__` does."""
        while self._changed:
            name, part = self._changed.popitem()
            # Another process may have translated other functions meanwhile.
            entries = self.load(name) | part.packed()
            self._folder.write(name, marshal.dumps(entries))

    def load(self, name: str) -> dict[Key, bytes | str]:
        """What there is for a module; only for `ModuleCache`."""
        data = self._folder.read(name)
        entries: dict[Key, bytes | str] = marshal.loads(data) if data is not None else {}
        return entries

    def changed(self, name: str, part: ModuleCache) -> None:
        """Remember what is to be written; only for `ModuleCache`."""
        self._changed[name] = part

    def __enter__(self) -> CodeCache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.save()


class ModuleCache:
    """The cache's part that is about one module."""

    def __init__(self, cache: CodeCache, name: str, module: ValidModule) -> None:
        self._cache = cache
        self._name = name
        self._module = module
        self._entries: dict[Key, bytes | str] | None = None
        self._known: dict[Key, KeptTranslator | Untranslatable] = {}

    def translator(
        self, code: FunctionCode, weight: int, pages: int
    ) -> KeptTranslator | Untranslatable:
        """The translations of a function, out of the cache or made now."""
        if self._entries is None:
            self._entries = self._cache.load(self._name)
        key = code.index, weight, pages
        entry = self._entries.get(key)
        found: KeptTranslator | Untranslatable
        if isinstance(entry, str):
            found = Untranslatable(entry)
        elif entry is not None:
            wholes, loops = marshal.loads(entry)
            found = KeptTranslator(self._module, code, weight, pages, self._change)
            found.packed_wholes, found.packed_loops = wholes, loops
        else:
            try:
                found = KeptTranslator(self._module, code, weight, pages, self._change)
                found.translate()
            except Untranslatable as error:
                found = error.again()
            self._change()
        self._known[key] = found
        return found

    def has(self, code: FunctionCode, weight: int, pages: int) -> bool:
        """Whether there is something about a function."""
        if self._entries is None:
            self._entries = self._cache.load(self._name)
        return (code.index, weight, pages) in self._entries

    def _change(self) -> None:
        self._cache.changed(self._name, self)

    def packed(self) -> dict[Key, bytes | str]:
        """All that is known of the module, as it is kept."""
        result: dict[Key, bytes | str] = {}
        for key, found in self._known.items():
            if isinstance(found, Untranslatable):
                result[key] = str(found)
            else:
                packed = found.packed()
                if packed is not None:
                    result[key] = packed
        return result


class KeptTranslator:
    """What `FunctionTranslator` is, of which there may be a part already.

    Whatever is missing is translated when it is asked for.
    """

    def __init__(
        self,
        module: ValidModule,
        code: FunctionCode,
        weight: int,
        pages: int,
        change: Callable[[], None],
    ) -> None:
        self.packed_wholes: dict[bool, Any] = {}
        self.packed_loops: dict[int, Any] = {}
        self._module = module
        self._code = code
        self._weight = weight
        self._pages = pages
        self._wholes: dict[bool, Translation] = {}
        self._change = change
        self._loops: dict[int, Found] = {}
        self._translator: FunctionTranslator | None = None

    def translate(self) -> FunctionTranslator:
        """Begin to translate the function. Raises Untranslatable."""
        if self._translator is None:
            bounds = memory_bounds(self._module, self._pages)
            self._translator = translate(self._module, self._code, self._weight, bounds)
        return self._translator

    def whole(self, paid: bool) -> Translation:
        """As `FunctionTranslator.whole`."""
        if paid not in self._wholes:
            if paid in self.packed_wholes:
                found = _unpack(self._module, self._code, self.packed_wholes[paid])
            else:
                found = self.translate().whole(paid)
                self._change()
            self._wholes[paid] = found
        return self._wholes[paid]

    def at_loop(self, pc: int) -> Translation:
        """As `FunctionTranslator.at_loop`."""
        found = self._loops.get(pc)
        if found is None:
            found = self._loops[pc] = self._at_loop(pc)
        if isinstance(found, Untranslatable):
            raise found.again()
        return found

    def _at_loop(self, pc: int) -> Found:
        kept = self.packed_loops.get(pc)
        if isinstance(kept, str):
            return Untranslatable(kept)
        if kept is not None:
            return _unpack(self._module, self._code, kept)
        self._change()
        try:
            return self.translate().at_loop(pc)
        except Untranslatable as error:
            return error.again()

    def packed(self) -> bytes | None:
        """As it is kept; None if it refers to something that cannot be."""
        try:
            loops = {
                pc: str(found) if isinstance(found, Untranslatable) else _pack(self._module, found)
                for pc, found in self._loops.items()
            }
            wholes = {paid: _pack(self._module, found) for paid, found in self._wholes.items()}
            return marshal.dumps((self.packed_wholes | wholes, self.packed_loops | loops))
        except ValueError:
            return None


_LEFT_OUT = ("function", "constants", "sites")


def _pack(module: ValidModule, translation: Translation) -> dict[str, Any]:
    """A translation as plain data and code objects. Raises ValueError if that cannot be."""
    sites = {
        line: tuple(getattr(site, name) for name in field_names(Site))
        for line, site in translation.sites.items()
    }
    constants = {
        name: _pack_constant(module, translation.function, value)
        for name, value in translation.constants.items()
    }
    rest = {
        name: getattr(translation, name)
        for name in field_names(Translation)
        if name not in _LEFT_OUT
    }
    return {**rest, "sites": sites, "constants": constants}


def _unpack(module: ValidModule, code: FunctionCode, packed: dict[str, Any]) -> Translation:
    packed["sites"] = {line: Site(*fields) for line, fields in packed["sites"].items()}
    packed["constants"] = {
        name: _unpack_constant(module, code, *kept) for name, kept in packed["constants"].items()
    }
    return Translation(function=code, **packed)


def _pack_constant(module: ValidModule, code: FunctionCode, value: Any) -> tuple[str, Any]:
    """A constant: plain, a type of the module, or the argument of one of the function's steps."""
    for index, defined in enumerate(module.context.types):
        if defined is value:
            return "type", index
    for pc, (_, argument, _) in enumerate(code.steps or prepare(code)):
        if argument is value:
            return "step", pc
    marshal.dumps(value)
    return "plain", value


def _unpack_constant(module: ValidModule, code: FunctionCode, kind: str, kept: Any) -> Any:
    if kind == "type":
        return module.context.types[kept]
    if kind == "step":
        return (code.steps or prepare(code))[kept][1]
    return kept


def _sources() -> str:
    """A hash of what makes generated code, and of what that code calls."""
    if not _SOURCES:
        digest = hashlib.sha256()
        folder = Path(__file__).parent.parent
        for room in ("translate", "interp"):
            for path in sorted((folder / room).rglob("*.py")):
                digest.update(path.read_bytes())
        _SOURCES.append(digest.hexdigest())
    return _SOURCES[0]


_SOURCES: list[str] = []
