"""Every observable scenario of Gate programs has a test that carries its number."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SCENARIOS = range(1, 127)

LATER: dict[int, str] = {}
"""Scenarios without a test, and why."""


def numbers(name: str) -> Iterator[int]:
    """The scenarios in a test's name: `s021`, or a range as in `s010_to_s013`."""
    for first, last in re.findall(r"s(\d{3})_to_s(\d{3})", name):
        yield from range(int(first), int(last) + 1)
    yield from map(int, re.findall(r"s(\d{3})(?!\d)", name))


def scenarios_with_a_test() -> set[int]:
    found: set[int] = set()
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_s"):
                found.update(numbers(node.name))
    return found


def test_every_scenario_is_tested_or_has_a_reason() -> None:
    found = scenarios_with_a_test()
    assert found <= set(SCENARIOS)
    assert set(SCENARIOS) - found == set(LATER)
