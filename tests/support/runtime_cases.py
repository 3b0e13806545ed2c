"""Cases of the runtime suite made for a test, and runtimes with a fault."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from refexec_conformance.runtime.backend import CAPABILITIES, End, Runtime, Stage, Start
from refexec_conformance.runtime.case import Case
from refexec_conformance.runtime.library import read_cases

from assemble import assemble

SPEAKS = """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\\10\\00\\00\\00\\03\\00\\00\\00hi\\0a")
  (func (export "main") (result i32)
    (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 32))))"""
"""Writes `hi` to the debug log, and succeeds."""

RIGHT = {
    "trap": 0,
    "result": 0,
    "debug": "hi\n",
    "buffers": {"services": [], "input": "", "output": ""},
}
"""What comes of it."""


def document(**changes: Any) -> dict[str, Any]:
    """A case about that program."""
    return {
        "title": "A greeting",
        "does": "The program says hi.",
        "must": "It must be heard.",
        "rules": ["Debug text is heard."],
        "tags": ["test"],
        "module": "speaks.wasm",
        "runs": [{"entry": "main", "expect": [RIGHT]}],
        "witness": [{"kind": "derivation", "text": "It says so."}],
        **changes,
    }


def write_case(folder: Path, data: dict[str, Any], name: str = "case") -> Path:
    """Write a case, and its program, where `read_cases` finds them."""
    (folder / "speaks.wasm").write_bytes(assemble(SPEAKS))
    path = folder / "test" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), "utf-8")
    return path


def make_case(folder: Path, data: dict[str, Any] | None = None) -> Case:
    """A case in a folder of its own."""
    write_case(folder, document() if data is None else data)
    return read_cases(folder)[0]


def python_command(path: Path, *args: str) -> str:
    """A command line that runs a Python file with what the tests can import."""
    environment = f"PYTHONPATH={shlex.quote(':'.join(sys.path))}"
    return shlex.join(["/usr/bin/env", environment, sys.executable, str(path), *args])


class Wrapped:
    """A runtime that is changed in one place; whatever it is not, the one inside is."""

    capabilities = frozenset(CAPABILITIES)
    version = "0"

    def __init__(self, inside: Runtime) -> None:
        self.inside = inside

    def play(self, start: Start, stage: Stage) -> End:
        """Run a program once."""
        return self.inside.play(start, stage)


class LosesInput(Wrapped):
    """Loses what a program has not read when it is stopped."""

    def play(self, start: Start, stage: Stage) -> End:
        """Run a program once."""
        end = self.inside.play(start, stage)
        if end.trap == 2 and end.buffers is not None:
            end.buffers.input = b""
        return end


class Breaks(Wrapped):
    """Raises an exception that is no outcome."""

    def play(self, start: Start, stage: Stage) -> End:
        """Fail."""
        raise LookupError("a bug")
