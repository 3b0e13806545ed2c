"""The public surface as a whole: every name is there once, and is what its documents say."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import refexec

ROOT = Path(__file__).parent.parent
FRONT_DOOR = Path(inspect.getfile(refexec))


def promised() -> dict[str, str]:
    """Names that type checkers see, and the module that each is imported from."""
    tree = ast.parse(FRONT_DOOR.read_text())
    block = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    names: dict[str, str] = {}
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        for alias in statement.names:
            assert alias.asname == alias.name, "without `as` it is not public to type checkers"
            assert alias.name not in names, "promised twice"
            assert statement.module is not None
            names[alias.name] = statement.module
    return names


def test_type_checkers_and_the_interpreter_see_the_same_names() -> None:
    own = {"annotations", "importlib", "Any", "TYPE_CHECKING"}
    names = {name for name in dir(refexec) if not name.startswith("_")} - own
    assert names >= set(promised())
    # Rooms that are not public become attributes when something imports them.
    for name in names - set(promised()):
        assert inspect.ismodule(getattr(refexec, name)), f"{name} is hidden from type checkers"


@pytest.mark.parametrize(("name", "home"), promised().items())
def test_a_public_name_is_that_of_its_room(name: str, home: str) -> None:
    if home == "refexec":
        assert getattr(refexec, name) is importlib.import_module(f"refexec.{name}")
    else:
        assert getattr(refexec, name) is getattr(importlib.import_module(home), name)


@pytest.mark.parametrize("name", promised())
def test_a_public_name_has_a_docstring(name: str) -> None:
    value = getattr(refexec, name)
    if inspect.ismodule(value) or inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'refexec' has no attribute 'nonsense'"):
        refexec.nonsense  # noqa: B018  # looking it up is the test


def test_every_python_name_of_the_api_page_exists() -> None:
    rows = [
        line.split("|") for line in (ROOT / "docs/api.md").read_text().splitlines() if "`" in line
    ]
    names = [
        name
        for row in rows
        if len(row) > 3
        for name in re.findall(r"`([A-Za-z_][\w.]*)", row[2])
        if name != "logging"
    ]
    assert len(names) > 40
    for name in names:
        value: object = refexec
        for part in name.split("."):
            value = _member(value, part)


def _member(value: object, name: str) -> object:
    if inspect.isclass(value) and name in getattr(value, "__annotations__", {}):
        return None
    return getattr(value, name)
