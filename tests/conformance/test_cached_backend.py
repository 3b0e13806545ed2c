"""The backend whose code comes from disk; what cannot be rehearsed there is judged as well."""

from __future__ import annotations

from typing import Any

import pytest
from refexec_conformance.backend import Loaded, create_backend
from refexec_conformance.own.suite import open_cases
from refexec_conformance.pool import run_file
from refexec_conformance.verdicts import FileVerdict

from assemble import assemble
from refexec.translate import cache as cache_module

EVERYTHING = """
(module
  (import "host" "f" (func (param i32) (result i64 v128)))
  (import "host" "m" (memory i64 1 2)) (import "host" "t" (table 1 funcref))
  (import "host" "g" (global v128)) (import "host" "r" (global (mut externref)))
  (import "host" "e" (tag (param i32)))
  (func (export "seven") (result i32) (i32.const 7)))
"""


def test_code_is_taken_from_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    engine: Any = create_backend("translated_cached")
    loaded = engine.load(assemble(EVERYTHING))
    assert isinstance(loaded, Loaded)
    module = engine.load(
        assemble('(module (func (export "seven") (result i32) (i32.const 7)))')
    ).module

    def refuse(*_: Any) -> Any:
        raise AssertionError("translated once more")

    monkeypatch.setattr(cache_module, "translate", refuse)
    instance = engine.instantiate(module).instance
    assert [item.bits for item in engine.invoke(instance, "seven", ()).values] == [7]
    engine.close()


def test_it_passes_cases_that_link_and_trap() -> None:
    for name in ("stack/imported_calls", "traps/in_start", "order/order"):
        result = run_file(open_cases(), name, "translated_cached")
        assert result.verdict is FileVerdict.PASS, [str(item) for item in result.findings]
