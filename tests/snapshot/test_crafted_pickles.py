"""Pickles made to do harm are refused quickly, in little memory, before anything is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import crafted

SECONDS = 0.1
MEMORY = 50 << 20

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """What a process of its own has measured."""
    done = subprocess.run(
        [sys.executable, str(Path(crafted.__file__))],
        capture_output=True,
        check=True,
        timeout=120,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_all_are_refused(rows: list[Row]) -> None:
    fates = {row["name"]: row["fate"] for row in rows if "name" in row}
    assert set(fates) == set(crafted.files())
    assert len(fates) > 240
    assert [name for name, fate in fates.items() if not fate.startswith("refused: ")] == []


def test_each_opcode_that_could_call_something_is_named(rows: list[Row]) -> None:
    fates = {row["name"]: row["fate"] for row in rows if "name" in row}
    for module, name in crafted.TARGETS:
        for form, opcode in (
            ("GLOBAL REDUCE", "GLOBAL at byte 2"),
            ("STACK_GLOBAL REDUCE", f"STACK_GLOBAL at byte {6 + len(module) + len(name)}"),
            ("INST", "INST at byte 9"),
        ):
            expected = f"refused: {opcode} of snapshot data is not allowed"
            assert fates[f"{module}.{name} by {form}"] == expected


def test_nothing_is_called_or_looked_up(rows: list[Row]) -> None:
    assert [row for row in rows if row.get("events")] == []


def test_none_takes_long(rows: list[Row]) -> None:
    # On a busy machine one may be unlucky; all of them together may not.
    slow = [(row["name"], row["seconds"]) for row in rows if row.get("seconds", 0) > SECONDS]
    assert len(slow) <= 2, slow
    assert sum(row.get("seconds", 0) for row in rows) < len(rows) * SECONDS / 4


def test_none_takes_much_memory(rows: list[Row]) -> None:
    peaks = {row["name"]: row["peak"] for row in rows if "name" in row}
    assert max(peaks.values()) < MEMORY
    assert rows[-1]["after"] - rows[0]["before"] < MEMORY >> 10
