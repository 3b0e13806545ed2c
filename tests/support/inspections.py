"""`refexec inspect` as tests use it: every document is checked against the schema."""

from __future__ import annotations

import functools
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from command_line import call


@functools.cache
def schema() -> Validator:
    """The schema that is installed."""
    file = resources.files("refexec.cli") / "schemas" / "inspect.schema.json"
    document = json.loads(file.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def check_form(tree: Any) -> None:
    """Fail unless `tree` has the documented form, and say where it has not."""
    # Against the right half of the schema, since "neither of two" would say nothing.
    part = schema().evolve(schema={"$ref": f"#/$defs/{tree['kind']}", **_definitions()})
    faults = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in part.iter_errors(tree)]
    assert not faults, faults[:5]
    assert all(abs(number) < 1 << 53 for number in _numbers(tree))


def _definitions() -> dict[str, Any]:
    definitions = schema().schema["$defs"]
    return {"$defs": definitions}


def _numbers(tree: Any) -> list[int]:
    if isinstance(tree, dict | list):
        items = tree.values() if isinstance(tree, dict) else tree
        return [number for item in items for number in _numbers(item)]
    return [tree] if isinstance(tree, int) else []


def inspected(file: Path, *, problem: str = "") -> dict[str, Any]:
    """The document about a file, which has no problem, or a certain one."""
    result = call("inspect", file, "--json")
    tree: dict[str, Any] = json.loads(result.stdout)
    check_form(tree)
    assert result.stdout.isascii()
    if problem:
        assert result.exit_code == 2
        assert problem in result.stderr
    else:
        assert (result.exit_code, result.stderr) == (0, "")
    return tree


def shown(file: Path) -> list[str]:
    """What is shown to people, no line of which may be wider than 80 columns or hold controls."""
    result = call("inspect", file)
    lines: list[str] = result.stdout.splitlines()
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) <= 80
    return lines
