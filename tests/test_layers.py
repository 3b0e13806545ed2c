"""What importing a room drags in, as only a running interpreter can tell.

import-linter checks the import statements; an `__init__` that imports more than it says, or a
library that does, shows here.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ROOMS_ABOVE = {
    "refexec": ["cli", "service", "runtime", "abi", "image", "wasm", "snapshot", "interp"],
    "refexec.packet": ["cli", "service", "runtime", "abi", "image", "wasm", "snapshot", "interp"],
    "refexec.interp": ["cli", "service", "runtime", "abi", "image", "wasm", "snapshot", "packet"],
    "refexec.interp.machine": ["cli", "service", "runtime", "abi", "image", "wasm", "snapshot"],
    "refexec.snapshot": ["cli", "service", "runtime", "abi", "image", "wasm"],
    "refexec.wasm": ["cli", "service", "runtime", "abi", "image", "packet"],
    "refexec.runtime.protocols": ["cli", "service", "abi", "image", "wasm", "interp"],
    "refexec.runtime.worker": ["cli", "service"],
}
"""A module, and the rooms that importing it must not load."""

# fmt: off
HEAVY = (
    "asyncio", "cloudpickle", "click", "dataclasses", "email", "http", "inspect", "json", "logging",
    "pathlib", "rich", "ssl", "unittest",
)
# fmt: on
"""Modules that a worker, which starts once for every process, has no use for."""


def modules_after(statement: str, *options: str) -> set[str]:
    """Names of all modules that a fresh interpreter has loaded after `statement`."""
    code = f"import sys; sys.path = {sys.path}\n{statement}\nprint(*sorted(sys.modules))"
    # Measuring coverage of that interpreter would bring in what measures it.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    run = subprocess.run(
        [sys.executable, "-I", *options, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("module", ROOMS_ABOVE)
def test_a_room_loads_no_room_above_it(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert module in loaded
    assert not loaded & {f"refexec.{room}" for room in ROOMS_ABOVE[module]}


def test_the_machine_knows_nothing_of_processes() -> None:
    loaded = modules_after("import refexec.interp.machine")
    assert "multiprocessing" not in loaded
    assert "socket" not in loaded


def test_a_worker_loads_no_more_than_it_needs() -> None:
    # Nothing but the interpreter's own start-up may bring these in.
    loaded = modules_after("import refexec.runtime.worker", "-S") - modules_after("pass", "-S")
    assert not loaded & set(HEAVY)


def test_the_front_door_loads_nothing_until_it_is_used() -> None:
    loaded = modules_after("import refexec")
    assert {name for name in loaded if name.startswith("refexec.")} == set()
    assert "refexec.trap" in modules_after("import refexec; refexec.TrapID")
