"""A small case of the kind that the kit has for engines, to be changed by tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refexec_conformance.assemble import assemble
from refexec_conformance.own.case import Case, read_case
from refexec_conformance.own.suite import cases_in, scripts_in

SEVEN = """(module
  (global (export "g") i32 (i32.const 5))
  (func (export "seven") (result i32) (i32.const 7))
  (func (export "trap") (unreachable)))"""

NEEDS = '(module (import "nobody" "has" (func)))'


def document(**changes: Any) -> dict[str, Any]:
    """A whole case."""
    return {
        "title": "Seven",
        "does": "Calls a function.",
        "must": "It gives 7.",
        "rules": ["4.4.1 t.const"],
        "tags": ["test"],
        "steps": [
            {"do": "instantiate", "module": "seven.wasm", "expect": [{"instantiated": True}]},
            {
                "do": "call",
                "function": "seven",
                "expect": [{"returns": [{"type": "i32", "value": "7"}]}],
            },
        ],
        "witness": [{"kind": "derivation", "text": "The constant is the result."}],
        **changes,
    }


def make_case(folder: Path, data: dict[str, Any] | None = None) -> Case:
    """Write a case with its modules into a folder, and read it."""
    path = folder / "test" / "case.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document() if data is None else data))
    names = ("seven.wasm", "needs.wasm")
    for name, binary in zip(names, assemble([SEVEN, NEEDS]), strict=True):
        (folder / name).write_bytes(binary)
    cases_in.cache_clear()
    scripts_in.cache_clear()
    return read_case(path, folder)
