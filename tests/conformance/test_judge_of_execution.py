"""refexec and wasmtime agree what modules do. `tox -e judge` runs many more modules."""

from __future__ import annotations

from pathlib import Path

import pytest
from refexec_conformance.backend import Returned, Trapped
from refexec_conformance.backends import reference
from refexec_conformance.judges.execution import judge, run, samples
from refexec_conformance.judges.modules import Sample
from refexec_conformance.values import Number

from assemble import assemble

pytest.importorskip("wasmtime")


@pytest.mark.judge
def test_100_modules_do_the_same_on_both(tmp_path: Path) -> None:
    report = judge(samples(2026, 100, tmp_path))
    assert [f"{sample.name}: {words}" for sample, words in report.differences] == []
    assert report.modules == 100
    # The runs are worth comparing: many end well, many trap, and some take a while.
    assert report.calls > 700
    assert 200 < report.trapped < report.calls - 200
    assert report.fuel > 10_000


EVERYTHING = """(module
  (memory (export "memory") 1)
  (table (export "table") 1 funcref)
  (global (export "global") (mut i32) (i32.const 0))
  (func (export "add") (param i32 i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (global.set 0 (local.get 1))
    (i32.add (local.get 0) (local.get 1)))
  (func (export "trap") (unreachable)))"""


def test_calls_of_a_module_are_counted() -> None:
    found = run(Sample("made up", assemble(EVERYTHING)))
    assert (found.calls, found.trapped, found.fuel) == (4, 2, 2 * 9)
    assert not found.differences
    assert not found.incomparable


@pytest.mark.parametrize(
    "outcome", [Returned((Number("i32", 123456),)), Returned(()), Trapped("unreachable")]
)
def test_another_result_is_noticed(monkeypatch: pytest.MonkeyPatch, outcome: object) -> None:
    monkeypatch.setattr(reference.Machine, "invoke", lambda *_: outcome)
    (difference, *_) = run(Sample("made up", assemble(EVERYTHING))).differences
    assert difference.startswith("'add'")


def test_another_cause_of_a_trap_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference.Machine, "invoke", lambda *_: Trapped("integer overflow"))
    wat = '(module (func (export "trap") (unreachable)))'
    (difference,) = run(Sample("made up", assemble(wat))).differences
    assert "integer overflow" in difference
    assert "unreachable" in difference


@pytest.mark.parametrize(
    ("where", "words"), [("memory", "memory"), ("global", "global"), ("table", "table")]
)
def test_another_final_state_is_noticed(
    monkeypatch: pytest.MonkeyPatch, where: str, words: str
) -> None:
    invoke = reference.Machine.invoke

    def disturb(machine, instance, name, args):  # type: ignore[no-untyped-def]  # short-lived
        outcome = invoke(machine, instance, name, args)
        export = instance.exports[where]
        match where:
            case "memory":
                export.write(1000, b"x")
            case "global":
                export.set(77)
            case _:
                export.inner.elements.append(None)
        return outcome

    monkeypatch.setattr(reference.Machine, "invoke", disturb)
    (difference, *_) = run(Sample("made up", assemble(EVERYTHING))).differences
    assert difference.startswith(words)


def test_other_fuel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    invoke = reference.Machine.invoke

    def overcharge(machine, instance, name, args):  # type: ignore[no-untyped-def]  # short-lived
        outcome = invoke(machine, instance, name, args)
        instance._spent += 1
        return outcome

    monkeypatch.setattr(reference.Machine, "invoke", overcharge)
    (difference, *_) = run(Sample("made up", assemble(EVERYTHING))).differences
    assert "fuel refexec 10, wasmtime 9" in difference


START = '(module (tag) (func $start {}) (start $start) (func (export "f")))'


def test_both_trap_or_throw_in_the_start_function() -> None:
    for body in ("(unreachable)", "(throw 0)", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"):
        found = run(Sample("made up", assemble(START.format(body))))
        assert not found.differences
        assert not found.incomparable
        assert found.calls == 0


def test_what_depends_on_limits_is_incomparable() -> None:
    deep = '(module (func $f (export "f") (call $f)))'
    large = '(module (memory 60000) (func (export "f")))'
    opaque = '(module (func (export "f") (param (ref func))))'
    for wat, reason in (
        (deep, "call stack exhausted"),
        (large, "memory"),
        (opaque, "a parameter that only the guest can make"),
    ):
        found = run(Sample("made up", assemble(wat)))
        assert not found.differences
        assert any(reason in words for words in found.incomparable), wat


def test_a_module_that_wasmtime_refuses_is_incomparable() -> None:
    found = run(Sample("made up", b"\0asm\1\0\0\0\1"))
    assert not found.differences
    (words,) = found.incomparable
    assert words.startswith("wasmtime: ")
