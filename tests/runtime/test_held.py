from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from refexec.runtime.held import HeldModules


def test_modules_are_loaded_when_their_files_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "held_parent" / "held"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("from held_parent.held.one import ONE\n")
    (folder / "one.py").write_text("ONE = 1\n")
    (folder / "two.py").write_text("from held_parent.held import ONE\nTWO = ONE + 1\n")
    (folder / "notes.txt").write_text("not a module")
    monkeypatch.syspath_prepend(tmp_path)
    parent = importlib.import_module("held_parent")

    held = HeldModules()
    held.hold("held_parent.held")
    # Read, and not loaded.
    assert "held_parent.held" not in sys.modules
    for file in folder.iterdir():
        if file.is_file():
            file.unlink()
    monkeypatch.setattr(sys, "meta_path", [held, *sys.meta_path])
    try:
        two = importlib.import_module("held_parent.held.two")
        assert two.TWO == 2
        assert two.__spec__.origin == str(folder / "two.py")
        assert parent.held.ONE == 1
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("held_parent.held.three")
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "held_parent"]:
            del sys.modules[name]
