"""Runs in pieces: what is cut, that nothing changes by it, and that what does is found and told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from refexec_conformance import elsewhere, trial
from refexec_conformance.backend import Differed, Instantiated, Interrupted, Loaded, Returned
from refexec_conformance.backends import reference
from refexec_conformance.conduct import conduct
from refexec_conformance.cuts import SHORT, Cuts, parse_cuts
from refexec_conformance.cutting import CutBackend, cut_backend
from refexec_conformance.elsewhere import Elsewhere, Job
from refexec_conformance.pool import run_file
from refexec_conformance.script import Script
from refexec_conformance.values import Number
from refexec_conformance.verdicts import FileResult, FileVerdict
from refexec_conformance.world import Kind, Operation, World

from assemble import assemble
from command_line import call
from refexec import wasm
from refexec.errors import ConfigError, SnapshotError
from suite_folder import write_suite

EVERY = Cuts("every", everywhere_below=SHORT, samples=20, moves=50)

# -- what is cut ---------------------------------------------------------------------------------


def test_choices_of_cuts() -> None:
    random = Random(1)
    every = parse_cuts("every")
    assert list(every.points(1999, random)) == list(range(1999))
    assert len(every.points(2000, random)) == 50
    sample = parse_cuts("sample", seed=7)
    assert list(sample.points(2, random)) == [0, 1]
    points = list(sample.points(10_000, random))
    assert len(points) == 3
    assert points == sorted(points)
    assert str(sample) == "sample, seed 7"
    only = parse_cuts("17")
    assert list(only.points(17, random)) == []
    assert list(only.points(18, random)) == [17]
    assert only.moves_now(random)
    assert str(only) == "17"
    assert not Cuts("none").moves_now(random)


@pytest.mark.parametrize("text", ["", "all", "-1", "1.5", "²"])
def test_other_choices_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected 'every', 'sample', or an amount of fuel"):
        parse_cuts(text)


def test_only_engines_of_refexec_are_cut(tmp_path: Path) -> None:
    pytest.importorskip("wasmtime")
    suite = write_suite(tmp_path, case="(module)")
    with pytest.raises(ConfigError, match=r"wasmtime cannot be cut: expected an engine"):
        run_file(suite, "case", "wasmtime", cuts=EVERY)
    assert isinstance(
        cut_backend("reference", reference.create(), EVERY, Script("x", ())), CutBackend
    )


# -- that nothing changes ------------------------------------------------------------------------

# Linked instances, start functions, every kind of end, host objects, and what instances share.
SCRIPT = """
(module $state
  (memory (export "memory") 1 3) (table (export "table") 4 8 funcref)
  (table (export "objects") 2 externref)
  (global (export "count") (mut i32) (i32.const 0)) (tag (export "tag") (param i32))
  (func $up (export "up") (param i32) (result i32)
    (global.set 0 (i32.add (global.get 0) (local.get 0))) (global.get 0))
  (func (export "keep") (param externref) (table.set 1 (i32.const 1) (local.get 0)))
  (func (export "kept") (result externref) (table.get 1 (i32.const 1)))
  (elem (i32.const 0) func $up))
(register "state" $state)
(module $user
  (type $unary (func (param i32) (result i32)))
  (import "state" "memory" (memory 1)) (import "state" "table" (table 4 funcref))
  (import "state" "count" (global $count (mut i32))) (import "state" "tag" (tag $tag (param i32)))
  (import "state" "up" (func $up (type $unary))) (import "spectest" "print" (func $print))
  (elem (i32.const 1) func $own)
  (func $own (type $unary) (i32.mul (local.get 0) (i32.const 3)))
  (func $begin
    (i32.store (i32.const 100) (call $up (i32.const 5)))
    (call $print)
    (drop (memory.grow (i32.const 1))) (i32.store (i32.const 70000) (i32.const 9)))
  (start $begin)
  (func (export "both") (param i32) (result i32) (local $i i32)
    (loop $again
      (drop (call_indirect (type $unary) (i32.const 2)
        (i32.rem_u (local.get $i) (i32.const 2))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get 0))))
    (memory.fill (i32.const 200) (local.get 0) (i32.const 500))
    (i32.add (i32.load (i32.const 100)) (global.get $count)))
  (func (export "catch") (param i32) (result i32)
    (block $h (result i32) (try_table (catch $tag $h) (throw $tag (local.get 0))) (unreachable)))
  (func (export "throw") (throw $tag (i32.const 1)))
  (func (export "trap") (i32.store8 (i32.const 300) (i32.const 1)) (unreachable))
  (func $deep (export "deep") (call $deep))
  (func (export "nan") (result f32) (f32.const nan:0x200001)))
(assert_return (invoke "both" (i32.const 4)) (i32.const 14))
(assert_return (invoke "catch" (i32.const 11)) (i32.const 11))
(assert_exception (invoke "throw"))
(assert_trap (invoke "trap") "unreachable")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(assert_return (invoke "nan") (f32.const nan:0x200001))
(invoke $state "keep" (ref.extern 3))
(assert_return (invoke $state "kept") (ref.extern 3))
(assert_return (get $state "count") (i32.const 9))
(assert_trap (module (import "state" "table" (table 1 funcref)) (memory 1)
  (func $lost) (elem (i32.const 3) func $lost) (data (i32.const 65535) "ab")) "out of bounds")
(assert_trap (module (import "state" "count" (global $c (mut i32)))
  (func $s (global.set $c (i32.const 40)) (unreachable)) (start $s)) "unreachable")
(assert_return (get $state "count") (i32.const 40))
(assert_unlinkable (module (import "state" "nothing" (func))) "unknown import")
(assert_return (invoke $user "both" (i32.const 1)) (i32.const 47))
"""


def cut(tmp_path: Path, text: str, cuts: Cuts = EVERY) -> FileResult:
    return run_file(write_suite(tmp_path, case=text), "case", "reference", cuts=cuts)


def test_linked_instances_are_cut_everywhere(tmp_path: Path) -> None:
    result = cut(tmp_path, SCRIPT)
    assert [str(finding) for finding in result.findings] == []
    assert result.verdict is FileVerdict.PASS
    # The start function of `user` alone has 12 places, `both` about 80.
    assert result.cuts > 150
    assert result.moves > 0


def test_every_cut_may_go_into_another_process(tmp_path: Path) -> None:
    result = cut(tmp_path, SCRIPT, Cuts("moving", samples=4, moves=1))
    assert [str(finding) for finding in result.findings] == []
    assert result.moves == result.cuts > 30


def test_large_states_are_cut_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """(module (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0)))))
      (assert_return (invoke "f" (i32.const 40)) (i32.const 40))"""
    all_of_them = cut(tmp_path, text, parse_cuts("every"))
    assert (all_of_them.cuts, all_of_them.left_out) == (40 * 9 + 4, 0)
    monkeypatch.setattr(trial, "STATE_BUDGET", 100_000)
    some = cut(tmp_path, text, parse_cuts("every"))
    assert some.verdict is FileVerdict.PASS
    assert some.left_out > 0
    assert some.cuts > 50
    assert some.cuts + some.left_out == all_of_them.cuts


def test_a_run_with_cuts_reports_them(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, case=SCRIPT)
    result = conduct(suite, suite.names, "reference", jobs=1, cuts=parse_cuts("sample", 3))
    assert result.passed
    assert dict(result.environment)["cuts"] == "sample, seed 3"
    assert result.files[0].cuts > 20


def test_the_command(tmp_path: Path) -> None:
    write_suite(tmp_path, case=SCRIPT)
    output = tmp_path / "out.json"
    done = call("conform", "--suite", tmp_path, "--cut", "3", "--jobs", 1, "--json", output)
    assert done.exit_code == 0
    assert "Cuts:     " in done.stdout
    assert '"cuts": {' in output.read_text()
    refused = call("conform", "--suite", tmp_path, "--cut", "often")
    assert refused.exit_code == 2
    assert "expected 'every', 'sample', or an amount of fuel" in refused.stderr


# -- that differences are found ------------------------------------------------------------------

ADDING = """(module (memory 1) (global $g (mut i32) (i32.const 0))
  (func (export "sum") (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.store (i32.const 8) (i32.const 1))
    (i32.add (i32.load (i32.const 8)) (global.get $g))))
(assert_return (invoke "sum") (i32.const 2))
(assert_return (invoke "sum") (i32.const 3))"""


def disturb(
    monkeypatch: pytest.MonkeyPatch, after: int, change: Callable[[wasm.Instance], None]
) -> None:
    """Change an instance whenever it is thawed after it has spent that much fuel."""
    thaw = wasm.Store.thaw

    def thawed(*args: Any, **more: Any) -> wasm.Store:
        store = thaw(*args, **more)
        for instance in store.instances:
            if instance.suspended and instance.fuel_spent == after:
                change(instance)
        return store

    monkeypatch.setattr(wasm.Store, "thaw", thawed)


def forget(instance: wasm.Instance) -> None:
    assert instance.memory is not None
    instance.memory.write(8, bytes(4))


def overcharge(instance: wasm.Instance) -> None:
    instance._spent += 1


def scribble(instance: wasm.Instance) -> None:
    assert instance.memory is not None
    instance.memory.write(5000, b"x")


def refuse(instance: wasm.Instance) -> None:
    raise SnapshotError("frame 0: step 7 cannot be reached")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (forget, "outcome: (i32 1), expected (i32 2)"),
        (overcharge, "outcome: no end, expected (i32 2)"),
        (scribble, "state: another digest"),
        (refuse, "SnapshotError: frame 0: step 7 cannot be reached"),
    ],
)
def test_a_difference_names_the_cut_and_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[wasm.Instance], None],
    told: str,
) -> None:
    # In this process, so that the disturbance works; what follows is judged by itself.
    disturb(monkeypatch, 8, change)
    result = cut(tmp_path, ADDING, Cuts("every", everywhere_below=100))
    (finding,) = result.findings
    assert finding.line == 6
    assert finding.got == (
        f"not the same: cut at 8 fuel: {told}; to see it again: "
        "refexec conform --backend reference --file case --cut 8"
    )


def test_a_difference_that_several_cuts_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thaws = [0]

    def count(instance: wasm.Instance) -> None:
        thaws[0] += 1
        if thaws[0] == 1:
            scribble(instance)

    disturb(monkeypatch, 8, count)
    result = cut(tmp_path, ADDING, Cuts("every", everywhere_below=100, seed=5))
    (finding,) = result.findings
    assert "no single cut but all of them: state: another digest" in finding.got
    assert finding.got.endswith("--cut every --seed 5")


def test_a_difference_between_two_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze = wasm.Store.freeze
    freezes = [0]

    def refused(self: wasm.Store, *args: Any, **more: Any) -> bytes:
        freezes[0] += 1
        if freezes[0] == 1:
            raise SnapshotError("global 0 holds something")
        return freeze(self, *args, **more)

    monkeypatch.setattr(wasm.Store, "freeze", refused)
    (finding, *_) = cut(tmp_path, ADDING).findings
    assert "between two calls: SnapshotError: global 0 holds something" in finding.got


def backend(wat: str, cuts: Cuts = EVERY) -> tuple[CutBackend, Any]:
    made = CutBackend(reference.create(), cuts, Script("case", ()), "again")
    loaded = made.load(assemble(wat))
    assert isinstance(loaded, Loaded)
    instance = made.instantiate(loaded.module)
    assert isinstance(instance, Instantiated)
    return made, instance.instance


GLOBAL = '(module (global (export "g") i32 (i32.const 7)) (func (export "f") (nop)))'


def test_worlds_that_disagree_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made, instance = backend(GLOBAL)
    get = World.get
    answers = iter([Returned((Number("i32", 8),))])
    monkeypatch.setattr(World, "get", lambda *args: next(answers, None) or get(*args))
    assert isinstance(made.get(instance, "g"), Differed)
    monkeypatch.undo()
    numbers = iter([3, 4])
    monkeypatch.setattr(World, "instantiate", lambda *_: next(numbers))
    loaded = made.load(assemble(GLOBAL))
    assert isinstance(loaded, Loaded)
    assert str(made.instantiate(loaded.module)) == (
        "not the same: instantiation: 3 or 4; "
        "to see it again: again --file case --cut every --seed 1"
    )


# -- another engine, followed by the reference machine -------------------------------------------


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another engine, as far as its name goes."""
    monkeypatch.setattr("refexec.wasm.engines.ENGINES", ("reference", "second"))
    monkeypatch.setattr(reference.Machine, "engine", "second")


@pytest.mark.usefixtures("second")
def test_another_engine_is_compared_at_each_cut(tmp_path: Path) -> None:
    result = cut(tmp_path, SCRIPT, Cuts("every", everywhere_below=SHORT, samples=20))
    assert [str(finding) for finding in result.findings] == []
    assert result.cuts > 150


@pytest.mark.usefixtures("second")
def test_another_engine_in_another_state_at_a_cut_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is wrong in between, and right in the end.
    resume = World.resume

    def wrong(self: World, *args: Any) -> Any:
        told = resume(self, *args)
        (instance,) = self._store.instances
        if self.kind.engine == "second" and instance.fuel_spent == 4:
            instance.exports["memory"].write(8, b"x")
        return told

    monkeypatch.setattr(World, "resume", wrong)
    text = ADDING.replace("(memory 1)", '(memory (export "memory") 1)')
    (finding,) = cut(tmp_path, text, Cuts("every", everywhere_below=100)).findings
    assert finding.line == 6
    assert "state: another digest" in finding.got


# -- deadlines -----------------------------------------------------------------------------------

ENDLESS = '(module (func (export "f") (loop (br 0))) (func (export "g") (nop)))'


def test_a_run_without_end_is_stopped_and_others_go_on() -> None:
    made, instance = backend(ENDLESS)
    before = signal.signal(signal.SIGALRM, lambda *_: made.interrupt())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert made.invoke(instance, "f", ()) == Interrupted()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert made.invoke(instance, "g", ()) == Returned(())


def test_a_stop_between_two_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    made, instance = backend('(module (func (export "f") (drop (i32.const 1))))')
    freeze = wasm.Store.freeze
    freezes = [0]

    def late(self: wasm.Store, *args: Any, **more: Any) -> bytes:
        freezes[0] += 1
        if freezes[0] == 2:
            made.interrupt()
        return freeze(self, *args, **more)

    monkeypatch.setattr(wasm.Store, "freeze", late)
    assert made.invoke(instance, "f", ()) == Interrupted()
    assert made.invoke(instance, "f", ()) == Returned(())


# -- the other process ---------------------------------------------------------------------------


def job(state: bytes = b"") -> Job:
    kind = Kind("reference", wasm.DEFAULT_PROFILE)
    return Job(kind, (assemble(ENDLESS),), (), state, Operation(0, "f"), 1)


def test_faults_of_the_other_process_are_told() -> None:
    other = Elsewhere()
    try:
        assert other.go_on(job()).fault.startswith("SnapshotError: ")
        assert other._process is not None
        first = other._process.pid
        assert first not in (None, os.getpid())
        other._process.kill()
        assert other.go_on(job()).fault == "the other process has died"
        # The next one is new.
        assert other.go_on(job()).fault.startswith("SnapshotError: ")
        assert other._process is not None
        assert other._process.pid != first
    finally:
        other.close()
        other.close()


def test_the_other_process_is_replaced_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "JOBS", 2)
    other = Elsewhere()
    seen = set()
    try:
        for _ in range(5):
            other.go_on(job())
            assert other._process is not None
            seen.add(other._process.pid)
    finally:
        other.close()
    assert len(seen) == 3


def test_a_fault_of_the_other_process_is_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def go_on(self, job: Job) -> elsewhere.Answer:
            return elsewhere.Answer(fault="it is tired")

    monkeypatch.setattr(trial, "elsewhere", Broken)
    (finding, *_) = cut(tmp_path, ADDING, parse_cuts("2")).findings
    assert "cut at 2 fuel: in another process: it is tired" in finding.got
