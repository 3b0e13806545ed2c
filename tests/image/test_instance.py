"""Instances between runs: coherence, entries, and snapshots that may lie."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from assemble import assemble
from refexec import image, wasm
from refexec.errors import EntryError, SnapshotError, StateError
from refexec.snapshot import Buffers, Service, Snapshot, file
from refexec.trap import Result, TrapID

COUNTS = """(module
  (memory 2)
  (global $n (mut i32) (i32.const 0))
  (start $begin)
  (func $begin (global.set $n (i32.const 10)))
  (func $count (loop $again
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (br_if $again (i32.lt_u (global.get $n) (i32.const 100)))))
  (func (export "main") (call $count))
  (func (export "other") (result i32) (i32.const 0))
  (func (export "no") (param i32)))"""


def fresh(entry: str = "main") -> image.Instance:
    return image.Instance(image.Program(assemble(COUNTS)), entry=entry)


def machine(fuel: int | None) -> wasm.Instance:
    """The machine of the program after its start function, stopped in its entry function."""
    made = wasm.Instance(wasm.Module(assemble(COUNTS)), fuel=fuel)
    if fuel is not None:
        assert isinstance(made.call("main"), wasm.Suspended)
    return made


def changed(instance: image.Instance, **changes: Any) -> image.Instance:
    """Let the instance have had a run that ended in this way."""
    outcome: dict[str, Any] = {
        "state": machine(50).freeze_tree(),
        "phase": "entry",
        "stack_usage": 2,
        "memory_size": 2 << 16,
        "monotonic_time": 5,
        "fuel_spent": 50,
    }
    instance.begin_mutation()
    instance.end_mutation(**(outcome | changes))
    return instance


def halted() -> image.Instance:
    return changed(
        fresh(), state=machine(None).freeze_tree(), phase="halted", stack_usage=0, fuel_spent=9
    )


def test_a_fresh_instance() -> None:
    instance = fresh()
    assert instance.coherent
    assert (instance.phase, instance.state, instance.entry) == ("fresh", None, "main")
    assert (instance.stack_usage, instance.memory_size) == (0, 2 << 16)
    assert (instance.monotonic_time, instance.fuel_spent) == (0, 0)
    assert (instance.trap, instance.result, instance.final) == (TrapID.EXIT, Result(), False)
    assert repr(instance) == f"<Instance of {instance.program!r}: fresh>"
    assert image.Instance(image.Program(assemble("(module)"))).memory_size == 0


def test_s083_while_it_runs_it_is_incoherent() -> None:
    instance = fresh()
    instance.begin_mutation()
    assert not instance.coherent
    for call in (
        instance.check_mutation,
        instance.begin_mutation,
        instance.snapshot,
        lambda: instance.set_entry("other"),
    ):
        with pytest.raises(StateError, match=r"^instance state is invalid$"):
            call()
    instance.cancel_mutation()
    assert instance.phase == "fresh"
    instance.check_mutation()


def test_a_run_changes_it() -> None:
    instance = changed(fresh())
    assert instance.coherent
    assert (instance.phase, instance.entry, instance.stack_usage) == ("entry", None, 2)
    assert (instance.memory_size, instance.monotonic_time, instance.fuel_spent) == (2 << 16, 5, 50)
    assert changed(fresh(), phase="start").entry == "main"


def test_a_terminated_program_is_not_run() -> None:
    instance = changed(fresh(), phase="terminated", state=None)
    instance.check_mutation()
    with pytest.raises(StateError, match="program has terminated"):
        instance.begin_mutation()
    assert instance.coherent


def test_choosing_an_entry() -> None:
    instance = fresh("")
    instance.set_entry("other")
    assert instance.entry == "other"
    instance.set_entry("")
    assert instance.entry is None
    with pytest.raises(EntryError):
        instance.set_entry("no")
    instance = halted()
    instance.set_entry("main")
    assert instance.entry == "main"


def test_a_suspended_program_has_no_choice() -> None:
    instance = changed(fresh())
    instance.set_entry("")
    with pytest.raises(EntryError, match="may not be specified for suspended program"):
        instance.set_entry("main")


def test_start_is_for_the_first_run() -> None:
    program = image.Program(assemble('(module (func (export "_start")) (func (export "x")))'))
    instance = image.Instance(program)
    assert instance.entry == "_start"
    changed(instance, phase="halted", state={}, stack_usage=0)
    instance.set_entry("x")
    assert instance.entry == "x"
    instance.set_entry("")
    assert instance.entry is None


def test_limits_are_lowered_not_raised() -> None:
    program = image.Program(assemble("(module)"))
    instance = image.Instance(program, limits=wasm.Limits(memory_pages=7))
    assert instance.restrict(wasm.Limits(call_depth=5)) == wasm.Limits(call_depth=5, memory_pages=7)
    assert instance.restrict(wasm.Limits(memory_pages=3)).memory_pages == 3


def round_trip(instance: image.Instance, **changes: Any) -> image.Instance:
    snapshot = file.decode(file.encode(instance.snapshot(Buffers())))
    return image.Instance.from_snapshot(dataclasses.replace(snapshot, **changes))[1]


@pytest.mark.parametrize(
    "instance",
    [
        fresh(),
        fresh(""),
        changed(fresh()),
        halted(),
        changed(fresh(), phase="terminated", state=None),
    ],
    ids=lambda instance: instance.phase,
)
def test_s121_s122_snapshots_of_every_phase(instance: image.Instance) -> None:
    again = round_trip(instance)
    for name in (
        "phase",
        "state",
        "entry",
        "monotonic_time",
        "fuel_spent",
        "trap",
        "result",
        "final",
    ):
        assert getattr(again, name) == getattr(instance, name), name
    if instance.phase != "terminated":
        assert again.stack_usage == instance.stack_usage
        assert again.memory_size == instance.memory_size


def test_what_a_snapshot_says() -> None:
    buffers = Buffers([Service("a", b"b")], b"c", b"d")
    snapshot = fresh().snapshot(buffers, trap=TrapID.KILLED, result=Result(3), final=True)
    assert snapshot == Snapshot(
        module=assemble(COUNTS),
        state=None,
        buffers=buffers,
        trap=TrapID.KILLED,
        result=Result(3),
        pending_start=True,
        entry="main",
        final=True,
        phase="fresh",
    )
    assert not changed(fresh()).snapshot().pending_start


@pytest.mark.parametrize(
    ("instance", "changes", "message"),
    [
        (fresh(), {"phase": "odd"}, "unknown phase: 'odd'"),
        (fresh(), {"phase": "entry"}, "program that is entry has the wrong state"),
        (changed(fresh()), {"phase": "fresh"}, "program that is fresh has the wrong frames"),
        (changed(fresh()), {"phase": "halted"}, "program that is halted has the wrong frames"),
        (halted(), {"phase": "entry"}, "program that is entry has the wrong frames"),
        (halted(), {"state": {}}, "expected a mapping with a list of instances"),
        (halted(), {"state": {"instances": [{}]}}, "state belongs to another module"),
        (fresh(), {"entry": "no"}, "entry function that cannot be: 'no'"),
        (fresh(), {"entry": "nope"}, "entry function that cannot be"),
        (changed(fresh()), {"entry": "main"}, "entry function that cannot be"),
    ],
)
def test_snapshots_that_lie_are_refused(
    instance: image.Instance, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SnapshotError, match=message):
        round_trip(instance, **changes)
