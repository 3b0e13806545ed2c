"""Modules that a worker may come to need when it can open no file any more.

A worker learns together with the program which engine is to run it, and by then it has given up
opening files. Loading every engine beforehand would take a fifth of a worker's start. So the code
of those that may be asked for is read in time, and becomes modules only if it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any


class HeldModules:
    """A finder and loader of modules whose code is in memory, for `sys.meta_path`."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType] = {}
        self._packages: set[str] = set()

    def hold(self, package: str) -> None:
        """Read a package with all that is in it. Its own parent is loaded already."""
        parent = sys.modules[package.rpartition(".")[0]]
        self._hold(package, parent.__path__)

    def _hold(self, package: str, folders: Sequence[str]) -> None:
        found = self._read(package, folders)
        self._packages.add(package)
        for folder in found.submodule_search_locations or ():
            for file in sorted(os.listdir(folder)):
                module, extension = os.path.splitext(file)
                if extension == ".py" and module != "__init__":
                    self._read(f"{package}.{module}", [folder])
                elif os.path.exists(os.path.join(folder, file, "__init__.py")):
                    self._hold(f"{package}.{file}", [folder])

    def _read(self, name: str, folders: Sequence[str]) -> ModuleSpec:
        spec = PathFinder.find_spec(name, folders)
        assert spec is not None, name
        assert isinstance(spec.loader, SourceFileLoader), name
        code = spec.loader.get_code(name)
        assert code is not None, name
        self._code[name] = code
        return spec

    # -- what the import system calls ------------------------------------------------------------

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Tell how to load a module that is held."""
        if name not in self._code:
            return None
        # A loader need not be one of `importlib.abc`, which takes time to load.
        loader: Any = self
        origin = self._code[name].co_filename
        return ModuleSpec(name, loader, origin=origin, is_package=name in self._packages)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave making the module object to the import system."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module."""
        exec(self._code[module.__name__], vars(module))
