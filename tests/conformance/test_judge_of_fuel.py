"""refexec and wasmtime agree what the official suite costs. `tox -e judge` runs all of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from refexec_conformance.archive import fetch_suite
from refexec_conformance.backend import Instantiated, Loaded, Rejected, Returned, Trapped
from refexec_conformance.backends import reference
from refexec_conformance.judges.fuel import Both, Findings, run

from assemble import assemble

pytest.importorskip("wasmtime")

# One file for each kind of cost: calls, bulk instructions, objects, exceptions, a
# start function, loops, vectors, 64-bit memories.
FILES = (
    *("call", "call_ref", "memory_fill", "table_copy", "array_fill", "throw_ref"),
    *("try_table", "start", "fac", "simd_load", "memory_grow64", "i31", "br_table"),
)


def files() -> list[str]:
    names = {name.rsplit("/", 1)[-1]: name for name in fetch_suite().names}
    return [names[stem] for stem in FILES]


@pytest.mark.judge
def test_some_files_of_the_suite_cost_the_same_on_both() -> None:
    found = Findings()
    for name in files():
        found.add(run(name))
    assert found.differences == []
    assert found.calls > 500
    assert found.instantiations > 10
    assert found.fuel > 20_000


def on_both(wat: str) -> tuple[Both, object]:
    both = Both("made up")
    both.reset()
    loaded = both.load(assemble(wat))
    assert isinstance(loaded, Loaded)
    made = both.instantiate(loaded.module)
    return both, made.instance if isinstance(made, Instantiated) else made


MODULE = """(module (global (export "g") i32 (i32.const 7))
  (func (export "f") (result i32) (i32.const 1)) (func (export "t") (unreachable)))"""


def test_calls_are_counted_and_traps_are_not_compared() -> None:
    both, instance = on_both(MODULE)
    assert isinstance(both.invoke(instance, "f", ()), Returned)
    assert isinstance(both.invoke(instance, "t", ()), Trapped)
    assert isinstance(both.get(instance, "g"), Returned)
    found = both.found
    assert (found.calls, found.fuel, found.differences) == (1, 2, [])
    assert found.skipped == {
        "a call that traps or throws": 1,
        "an instantiation with segments or initial values": 1,
    }


def test_other_fuel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    invoke = reference.Machine.invoke

    def overcharge(machine, instance, name, args):  # type: ignore[no-untyped-def]  # short-lived
        outcome = invoke(machine, instance, name, args)
        instance._spent += 1
        return outcome

    both, instance = on_both(MODULE)
    monkeypatch.setattr(reference.Machine, "invoke", overcharge)
    both.invoke(instance, "f", ())
    assert both.found.differences == ["made up: 'f': refexec 3, wasmtime 2"]


def test_a_start_function_is_compared() -> None:
    both, _ = on_both("(module (func $s (nop)) (start $s))")
    assert (both.found.instantiations, both.found.fuel, both.found.differences) == (1, 1, [])


def test_what_wasmtime_does_not_do_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Both("made up")
    both.reset()
    monkeypatch.setattr(both._theirs, "load", lambda data: Rejected(None, "no"))
    loaded = both.load(assemble(MODULE))
    made = both.instantiate(loaded.module)  # type: ignore[union-attr]  # it is loaded
    assert isinstance(both.invoke(made.instance, "f", ()), Returned)  # type: ignore[union-attr]
    both.register(made.instance, "m")  # type: ignore[union-attr]
    monkeypatch.undo()

    both, failed = on_both("(module (func $s (unreachable)) (start $s))")
    assert isinstance(failed, Trapped)
    assert both.found.skipped["an instantiation that does not succeed"] == 1
    assert isinstance(both.load(b""), Rejected)

    both, instance = on_both(MODULE)
    monkeypatch.setattr(both._theirs, "invoke", lambda *_: Trapped("no"))
    both.invoke(instance, "f", ())
    assert both.found.skipped["a call that wasmtime does not make: trap: no"] == 1
    monkeypatch.undo()

    both = Both("made up")
    both.reset()
    large = both.load(assemble(MODULE))
    assert isinstance(large, Loaded)
    monkeypatch.setattr(both._theirs, "instantiate", lambda module: Trapped("no"))
    both.instantiate(large.module)
    assert both.found.skipped["instantiation on wasmtime: trap: no"] == 1


def test_findings_in_words() -> None:
    found = Findings(2, 1, 30)
    found.add(replace(found, differences=["x"]))
    assert str(found) == (
        "4 calls and 2 instantiations compared, 60 fuel, 0 not compared, 1 differences"
    )
