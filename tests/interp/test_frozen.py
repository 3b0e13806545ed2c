"""Frozen states: stopping anywhere changes nothing, and what is damaged is refused."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import LinkError, SnapshotError, StateError
from refexec.interp.frozen import STATE_FORMAT, digest
from refexec.snapshot import codec

PROGRAM = """(module
  (type $pair (struct (field $a (mut i32)) (field $b (mut (ref null $pair))) (field i8)))
  (type $bytes (array (mut i8))) (type $unary (func (param i32) (result i32)))
  (import "host" "double" (func $double (param i32) (result i32)))
  (import "host" "throw" (func $host_throw (param i32)))
  (memory $m 1 3) (memory i64 1)
  (table $t 3 8 funcref) (table $any 2 anyref) (table $filled 1 (ref $unary) (ref.func $inc))
  (tag $e (param i32 exnref)) (tag $s (param i32))
  (global $i (mut i32) (i32.const 3)) (global $l (mut i64) (i64.const -4))
  (global $f (mut f32) (f32.const nan:0x200001)) (global $d (mut f64) (f64.const -0))
  (global $v (mut v128) (v128.const i32x4 1 2 3 -1))
  (global $r (mut (ref null $pair)) (ref.null $pair)) (global $x (mut exnref) (ref.null exn))
  (global $out (mut externref) (ref.null extern)) (global $fn (mut funcref) (ref.func $inc))
  (elem $active (table $t) (i32.const 0) func $inc $double)
  (elem $passive anyref (ref.i31 (i32.const 5)) (ref.null any))
  (elem declare func $walk)
  (data $d "passive") (data (i32.const 4) "active")
  (func $inc (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $walk (param i32) (result i32)
    (if (result i32) (i32.gt_s (local.get 0) (i32.const 0))
      (then (i32.add (i32.const 1) (call $walk (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func $try (param i32) (result i32) (local $caught exnref)
    (block $h (result i32 exnref exnref)
      (try_table (catch_ref $e $h)
        (call $thrower (local.get 0)))
      (unreachable))
    (global.set $x) (drop))
  (func $thrower (param i32)
    (throw $e (local.get 0) (global.get $x)))
  (func (export "run") (param i32 f64) (result i64 f64 i32)
    (local $n i32) (local $p (ref $pair)) (local $q (ref null $bytes)) (local $w v128)
    (local.set $p (struct.new $pair (i32.const 7) (global.get $r) (i32.const 200)))
    (struct.set $pair $b (local.get $p) (local.get $p))
    (global.set $r (local.get $p))
    (global.set $out (extern.convert_any (local.get $p)))
    (local.set $q (array.new_data $bytes $d (i32.const 1) (i32.const 3)))
    (data.drop $d)
    (table.init $any $passive (i32.const 0) (i32.const 0) (i32.const 2))
    (elem.drop $passive)
    (table.set $any (i32.const 1) (local.get $q))
    (drop (memory.grow $m (i32.const 1)))
    (i32.store (i32.const 70000) (i32.const 0x01020304))
    (i64.store 1 offset=8 (i64.const 0) (i64.const -2))
    (drop (table.grow $t (ref.func $walk) (i32.const 2)))
    (loop $again
      (global.set $i (i32.add (global.get $i)
        (call_indirect $t (param i32) (result i32) (local.get $n)
          (i32.rem_u (local.get $n) (i32.const 2)))))
      (global.set $i (i32.xor (global.get $i) (call_ref $unary (local.get $n)
        (table.get $filled (i32.const 0)))))
      (local.set $w (i32x4.add (local.get $w) (global.get $v)))
      (global.set $i (i32.add (global.get $i) (call $try (local.get $n))))
      (global.set $i (i32.add (global.get $i) (block $h (result i32)
        (try_table (catch $s $h) (call $host_throw (local.get $n))) (i32.const 0))))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1)))
        (local.get 0))))
    (i64.extend_i32_u (global.get $i))
    (f64.mul (local.get 1) (f64.const 1.5))
    (i32.add (call $walk (i32.const 3)) (i32x4.extract_lane 3 (local.get $w)))))"""


@pytest.fixture(scope="module")
def module() -> wasm.Module:
    return wasm.Module(assemble(PROGRAM))


def imports() -> dict[tuple[str, str], Any]:
    def throw(value: int) -> None:
        from refexec.errors import WasmExceptionError

        if value == 1:
            raise WasmExceptionError(wasm.Tag(wasm.FunctionType((wasm.I32,))), [value])

    unary = wasm.FunctionType((wasm.I32,), (wasm.I32,))
    return {
        ("host", "double"): wasm.HostFunction(unary, lambda n: 2 * n),
        ("host", "throw"): wasm.HostFunction(wasm.FunctionType((wasm.I32,)), throw),
    }


def quiet_imports() -> dict[tuple[str, str], Any]:
    given = imports()
    given["host", "throw"] = wasm.HostFunction(wasm.FunctionType((wasm.I32,)), lambda n: None)
    return given


ARGS = (2, 2.5)


def whole_run(module: wasm.Module) -> tuple[wasm.Outcome, str, int]:
    started = wasm.Instance(module, quiet_imports())
    outcome = started.call("run", *ARGS)
    return outcome, started.state_digest(), started.fuel_spent


def test_stopped_frozen_and_thawed_before_every_instruction(module: wasm.Module) -> None:
    outcome, state, fuel = whole_run(module)
    assert isinstance(outcome, wasm.Returned)
    running = wasm.Instance(module, quiet_imports(), fuel=0)
    stopped = running.call("run", *ARGS)
    stops = 0
    digests = set()
    while stopped == wasm.Suspended():
        stops += 1
        frozen = running.freeze()
        digests.add(running.state_digest())
        # Thawing and freezing again gives the same bytes.
        running = wasm.Instance.thaw(module, frozen, quiet_imports(), fuel=1)
        assert running.freeze() == frozen
        assert running.suspended
        assert running.backtrace()
        stopped = running.resume()
    assert stopped == outcome
    assert running.state_digest() == state
    assert running.fuel_spent == fuel
    # One stop for each paid instruction, bulk instructions being paid at once.
    assert fuel - 30 < stops <= fuel
    assert len(digests) == stops


def test_a_state_survives_many_calls(module: wasm.Module) -> None:
    straight = wasm.Instance(module, imports())
    moved = wasm.Instance(module, imports())
    for n in range(1, 4):
        assert isinstance(straight.call("run", n, 1.0), wasm.Threw | wasm.Returned | wasm.Trapped)
        moved.call("run", n, 1.0)
        moved = wasm.Instance.thaw(module, moved.freeze_tree(), imports())
        assert moved.state_digest() == straight.state_digest()
        assert moved.fuel_spent == straight.fuel_spent
        assert not moved.suspended


def test_nan_bits_survive(module: wasm.Module) -> None:
    started = wasm.Instance(module, imports())
    tree = started.freeze_tree()
    started.freeze()
    thawed = wasm.Instance.thaw(module, codec.dumps(tree), imports())
    assert thawed.state_digest() == started.state_digest()
    assert wasm.values.f32_to_bits(tree["instances"][0]["globals"][2]) == 0x7FA00001
    assert str(tree["instances"][0]["globals"][3]) == "-0.0"


def test_digest_sees_what_the_guest_sees_and_nothing_else(module: wasm.Module) -> None:
    first = wasm.Instance(module, quiet_imports(), fuel=10_000)
    second = wasm.Instance(module, quiet_imports())
    assert first.state_digest() == second.state_digest()
    first.call("run", *ARGS)
    assert first.state_digest() != second.state_digest()
    second.call("run", *ARGS)
    assert first.state_digest() == second.state_digest()
    assert digest({"a": [1, True, None, "x", b"y", 1.5, {}]}) != digest(
        {"a": [1, 1, None, "x", b"y", 1.5, {}]}
    )
    with pytest.raises(TypeError):
        digest({"a": object()})


# -- what cannot be frozen -----------------------------------------------------------------------


def test_an_instance_with_others_in_its_store_cannot_be_frozen_alone() -> None:
    exporter = wasm.Instance(
        wasm.Module(assemble('(module (memory (export "m") 1) (func (export "f")))'))
    )
    together = wasm.Store()
    wasm.Instance(exporter.module, store=together)
    second = wasm.Instance(exporter.module, store=together)
    with pytest.raises(SnapshotError, match="not alone"):
        second.freeze()


def test_objects_of_the_host_and_of_others_cannot_be_frozen() -> None:
    text = """(module (global (export "g") (mut externref) (ref.null extern))
      (table (export "t") 2 funcref) (global (export "x") (mut exnref) (ref.null exn)))"""
    for name, value, words in (
        ("g", object(), "an object of the host that has no name"),
        ("t", wasm.HostFunction(wasm.FunctionType(), lambda: None), "a function of the host"),
    ):
        started = wasm.Instance(wasm.Module(assemble(text)))
        export = started.exports[name]
        if isinstance(export, wasm.Global):
            export.set(value)
        else:
            assert isinstance(export, wasm.Table)
            export.set(1, value)
        with pytest.raises(SnapshotError, match=words):
            started.freeze()


def test_foreign_exceptions_and_types_cannot_be_frozen(module: wasm.Module) -> None:
    catches = """(module (import "h" "f" (func $f)) (global $x (mut exnref) (ref.null exn))
      (func (export "f") (global.set $x (block $h (result exnref)
        (try_table (catch_all_ref $h) (call $f)) (unreachable)))))"""
    given = imports()["host", "throw"]
    host = wasm.HostFunction(wasm.FunctionType(), lambda: given.callable(1))
    started = wasm.Instance(wasm.Module(assemble(catches)), {("h", "f"): host})
    started.invoke("f")
    with pytest.raises(SnapshotError, match="an exception with a tag of the host"):
        started.freeze()
    holder = wasm.Instance(
        wasm.Module(assemble('(module (global (export "g") (mut anyref) (ref.null any)))'))
    )
    other = wasm.Instance(module, quiet_imports())
    other.call("run", *ARGS)
    export = holder.exports["g"]
    assert isinstance(export, wasm.Global)
    maker = wasm.Module(
        assemble(
            "(module (type $s (struct (field i64 i64 i64)))"
            ' (func (export "make") (result anyref) (struct.new_default $s)))'
        )
    )
    export.set(wasm.Instance(maker).invoke("make")[0])
    with pytest.raises(SnapshotError, match="type of another store"):
        holder.freeze()


def test_a_call_in_another_instance_cannot_be_frozen_alone() -> None:
    callee = wasm.Instance(wasm.Module(assemble('(module (func (export "f") (loop (br 0))))')))
    caller = wasm.Module(
        assemble('(module (import "a" "f" (func $f)) (func (export "f") (call $f)))')
    )
    started = wasm.Instance(caller, {("a", "f"): callee.exports["f"]}, fuel=100)
    assert started.call("f") == wasm.Suspended()
    with pytest.raises(SnapshotError, match="function of another store"):
        started.freeze()


def test_a_running_instance_cannot_be_frozen() -> None:
    errors: list[StateError] = []

    def freeze() -> None:
        try:
            started.freeze()
        except StateError as error:
            errors.append(error)

    text = '(module (import "h" "f" (func $f)) (func (export "f") (call $f)))'
    host = wasm.HostFunction(wasm.FunctionType(), freeze)
    started = wasm.Instance(wasm.Module(assemble(text)), {("h", "f"): host})
    started.invoke("f")
    assert len(errors) == 1


# -- a call of a function of the host ------------------------------------------------------------


def test_a_call_of_a_host_function_from_outside_can_be_made_again_elsewhere() -> None:
    text = '(module (import "h" "f" (func $f (param i32) (result i32))) (export "f" (func $f)))'
    module = wasm.Module(assemble(text))
    kind = wasm.FunctionType((wasm.I32,), (wasm.I32,))

    def busy(_: int) -> int:
        raise wasm.Restart

    started = wasm.Instance(module, {("h", "f"): wasm.HostFunction(kind, busy)})
    assert started.call("f", 20) == wasm.Suspended()
    assert started.resume() == wasm.Suspended()
    frozen = started.freeze()
    ready = {("h", "f"): wasm.HostFunction(kind, lambda n: n + 1)}
    thawed = wasm.Instance.thaw(module, frozen, ready)
    assert thawed.suspended
    assert thawed.freeze() == frozen
    assert thawed.resume() == wasm.Returned([21])
    assert not thawed.suspended
    both = '(module (import "h" "f" (func $f)) (func (export "g")) (export "f" (func $f)))'
    other = wasm.Module(assemble(both))

    def never() -> None:
        raise wasm.Restart

    stopped = wasm.Instance(other, {("h", "f"): wasm.HostFunction(wasm.FunctionType(), never)})
    assert stopped.call("f") == wasm.Suspended()
    tree = changed(stopped.freeze_tree(), ("pending", "function"), ["function", 0, 1])
    with pytest.raises(SnapshotError, match="function of the host"):
        wasm.Instance.thaw(other, tree, {("h", "f"): wasm.HostFunction(wasm.FunctionType(), never)})
    for path, value in (
        (("pending", "function"), 5),
        (("pending", "function"), ["function", 0, 5]),
        (("calls", 0, "frames"), 5),
        (("calls", 0, "instance"), 1),
        (("pending", "args"), []),
        (("pending", "args"), ["x"]),
        (("pending",), None),
    ):
        with pytest.raises(SnapshotError):
            wasm.Instance.thaw(module, changed(started.freeze_tree(), path, value), ready)


# -- damage --------------------------------------------------------------------------------------


TOP = ("format", "instances", "externals", "objects", "calls")


def located(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """A path from the top of the tree; others begin in the only instance or the only call."""
    if path[0] in TOP:
        return path
    return ("calls" if path[0] in ("frames", "pending") else "instances", 0, *path)


def changed(tree: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    tree = copy.deepcopy(tree)
    path = located(path)
    target: Any = tree
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return tree


def paused(module: wasm.Module, steps: int = 200) -> wasm.Instance:
    started = wasm.Instance(module, quiet_imports(), fuel=steps)
    assert started.call("run", *ARGS) == wasm.Suspended()
    return started


DAMAGE: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "another format": (("format",), STATE_FORMAT + 1, "format"),
    "another module": (("module",), "0" * 64, "another module"),
    "negative fuel": (("fuel_spent",), -1, "fuel_spent"),
    "no fuel": (("fuel_spent",), None, "fuel_spent"),
    "an odd flag": (("start_pending",), 1, "start_pending"),
    "too few globals": (("globals",), [], "globals"),
    "globals that are none": (("globals",), 5, "globals"),
    "an i32 too large": (("globals", 0), 1 << 32, "global 0"),
    "an i32 below zero": (("globals", 0), -1, "global 0"),
    "a truth value for a number": (("globals", 0), True, "global 0"),
    "an i64 too large": (("globals", 1), 1 << 64, "global 1"),
    "an f32 with too many bits": (("globals", 2), 0.1, "32-bit float"),
    "an int for a float": (("globals", 3), 1, "a float"),
    "a short vector": (("globals", 4), b"123", "16 bytes"),
    "a reference of another type": (("globals", 5), ["i31", 5], "global 5"),
    "a reference to no object": (("globals", 5), ["object", 99], "global 5"),
    "a reference of no kind": (("globals", 5), ["what", 0], "a reference"),
    "a reference that is none": (("globals", 5), 7, "global 5"),
    "an i31 too large": (("tables", 1, "elements", 0, 1), ["i31", 1 << 31], "table 1"),
    "a function that does not exist": (("globals", 8), ["function", 0, 99], "global 8"),
    "extern of nothing": (("globals", 7), ["extern", None], "a reference"),
    "extern of a function": (("globals", 7), ["extern", ["function", 0, 0]], "a reference"),
    "extern of extern": (("globals", 7), ["extern", ["extern", ["i31", 1]]], "a reference"),
    "too few tables": (("tables",), [], "tables"),
    "a table below its minimum": (("tables", 0), {"size": 1, "elements": []}, "minimum"),
    "a table above its maximum": (("tables", 0, "size"), 9, "table 0"),
    "an element beyond the table": (("tables", 0, "elements", 0, 0), 99, "table 0"),
    "an element that is no pair": (("tables", 0, "elements", 0), [1], "2 items"),
    "a hole in a table without nulls": (("tables", 2, "elements"), [], "missing"),
    "a table without size": (("tables", 0), {}, "size is missing"),
    "too few memories": (("memories",), [], "memories"),
    "a memory above its maximum": (("memories", 0, "pages"), 4, "memory 0"),
    "a memory below its minimum": (("memories", 0, "pages"), 0, "minimum"),
    "a page beyond the memory": (("memories", 0, "chunks", 0, 0), 7, "memory 0"),
    "half a page": (("memories", 0, "chunks", 0, 1), b"half", "65536 bytes"),
    "a page that is no bytes": (("memories", 0, "chunks", 0, 1), None, "65536 bytes"),
    "half a segment": (("elements", 1), [["i31", 5]], "all of its elements"),
    "an odd segment": (("datas", 0), 1, "whether it is still there"),
    "no objects": (("objects",), None, "objects"),
    "an object of no kind": (("objects", 0, 0), "what", "object 0"),
    "an array for a structure": (("objects", 0, 0), "array", "object 0"),
    "a type that does not exist": (("objects", 0, 2), 99, "object 0"),
    "an instance that does not exist": (("objects", 0, 1), 1, "object 0"),
    "too few fields": (("objects", 0, 3), [], "object 0"),
    "a field of another type": (("objects", 0, 3, 0), None, "object 0"),
    "a packed field too large": (("objects", 0, 3, 2), 256, "object 0"),
    "a frame of nothing": (("frames", 0), None, "frame 0"),
    "a frame of an import": (("frames", 0, "function"), 0, "one of the host"),
    "a frame of a function that does not exist": (("frames", 0, "function"), 99, "frame 0"),
    "a frame in another function": (("frames", 1, "function"), 2, "frame 1"),
    "a frame past its end": (("frames", 0, "pc"), 10_000, "frame 0"),
    "a caller that does not call": (("frames", 0, "pc"), 1, "does not follow a call"),
    "a caller at its entry": (("frames", 0, "pc"), 0, "does not follow a call"),
    "too many operands": (("frames", 0, "stack"), [1] * 9, "frame 0"),
    "too few locals": (("frames", 0, "locals"), [], "frame 0"),
    "a local of another type": (("frames", 0, "locals", 0), 1.5, "frame 0"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_refused(module: wasm.Module, what: str) -> None:
    path, value, words = DAMAGE[what]
    started = paused(module)
    tree = started.freeze_tree()
    assert len(tree["calls"][0]["frames"]) > 1
    wasm.Instance.thaw(module, tree, quiet_imports())
    with pytest.raises(SnapshotError, match=words):
        wasm.Instance.thaw(module, changed(tree, path, value), quiet_imports())


def test_a_callee_must_give_what_its_caller_waits_for() -> None:
    text = """(module (func $number (result i32) (loop (br 0)) (i32.const 1)) (func $nothing)
      (func (export "f") (result i32) (i32.add (i32.const 2) (call $number))))"""
    module = wasm.Module(assemble(text))
    started = wasm.Instance(module, fuel=20)
    started.call("f")
    tree = started.freeze_tree()
    other = changed(changed(tree, ("frames", 1, "function"), 1), ("frames", 1, "pc"), 0)
    with pytest.raises(SnapshotError, match="not what its caller called"):
        wasm.Instance.thaw(module, other)
    # The step before must be a call, not any instruction.
    other = changed(changed(tree, ("frames", 0, "pc"), 2), ("frames", 0, "stack"), [2])
    with pytest.raises(SnapshotError, match="does not follow a call"):
        wasm.Instance.thaw(module, other)


def test_a_missing_part_is_refused(module: wasm.Module) -> None:
    tree = paused(module).freeze_tree()
    assert set(tree) == set(TOP)
    for part in (tree, tree["instances"][0], tree["calls"][0], tree["calls"][0]["frames"][0]):
        for key, value in list(part.items()):
            del part[key]
            with pytest.raises(SnapshotError):
                wasm.Instance.thaw(module, tree, quiet_imports())
            part[key] = value
    wasm.Instance.thaw(module, tree, quiet_imports())


def test_bytes_that_are_no_state_are_refused(module: wasm.Module) -> None:
    data = paused(module).freeze()
    for bad in (b"", data[:-1], data + b"x", codec.dumps([1]), codec.dumps(None)):
        with pytest.raises(SnapshotError):
            wasm.Instance.thaw(module, bad, quiet_imports())


def test_exceptions_are_checked_against_their_tags(module: wasm.Module) -> None:
    started = wasm.Instance(module, quiet_imports())
    started.call("run", *ARGS)
    tree = started.freeze_tree()
    number = next(i for i, item in enumerate(tree["objects"]) if item[0] == "exception")
    for path, value in (
        ((1,), 99),
        ((2,), 99),
        ((3,), []),
        ((3, 0), "x"),
        ((3, 1), ["i31", 1]),
    ):
        with pytest.raises(SnapshotError):
            wasm.Instance.thaw(
                module, changed(tree, ("objects", number, *path), value), quiet_imports()
            )


def test_a_step_that_cannot_be_reached_is_refused() -> None:
    text = """(module (func (export "f") (result i32)
      (return (i32.const 1)) (drop (i32.const 2)) (i32.const 3)))"""
    module = wasm.Module(assemble(text))
    started = wasm.Instance(module, fuel=1)
    started.call("f")
    tree = started.freeze_tree()
    for pc in (3, 4, 5):
        with pytest.raises(SnapshotError, match="cannot be reached"):
            wasm.Instance.thaw(module, changed(tree, ("frames", 0, "pc"), pc))


def test_imports_must_fit_when_thawing(module: wasm.Module) -> None:
    data = paused(module).freeze()
    with pytest.raises(LinkError):
        wasm.Instance.thaw(module, data, {})
    wrong = quiet_imports()
    wrong["host", "double"] = wasm.HostFunction(wasm.FunctionType(), lambda: None)
    with pytest.raises(LinkError):
        wasm.Instance.thaw(module, data, wrong)


def test_limits_hold_for_thawed_states(module: wasm.Module) -> None:
    data = paused(module).freeze()
    for limits in (
        wasm.Limits(call_depth=1),
        wasm.Limits(slots=5),
        wasm.Limits(memory_pages=1),
        wasm.Limits(table_entries=4),
        wasm.Limits(gc_heap=10),
    ):
        with pytest.raises(SnapshotError):
            wasm.Instance.thaw(module, data, quiet_imports(), limits=limits)


def test_random_damage_is_refused_or_harmless(module: wasm.Module) -> None:
    """Whatever a tree holds, thawing refuses it or gives something that runs to an outcome."""
    tree = paused(module).freeze_tree()
    chance = random.Random(5)
    refused = 0
    for _ in range(400):
        damaged = copy.deepcopy(tree)
        spots: list[tuple[Any, Any]] = []
        _collect(damaged, spots)
        container, key = chance.choice(spots)
        container[key] = chance.choice(
            [None, 0, 1, -1, 2**70, 1.5, b"", "x", [], {}, True, ["i31", 0], ["object", 0]]
        )
        try:
            thawed = wasm.Instance.thaw(module, damaged, quiet_imports(), fuel=2000)
        except SnapshotError:
            refused += 1
            continue
        if thawed.suspended:
            assert isinstance(
                thawed.resume(), wasm.Returned | wasm.Trapped | wasm.Threw | wasm.Suspended
            )
        thawed.freeze()
    assert refused > 250


def _collect(node: Any, spots: list[tuple[Any, Any]]) -> None:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        spots.append((node, key))
        if isinstance(node[key], dict | list):
            _collect(node[key], spots)


def test_ten_thousand_frames_are_frozen_and_thawed_quickly() -> None:
    text = """(module (func $f (export "f") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
        (else (loop (br 0)) (i32.const 0)))))"""
    filler = "(drop (i32.const 1))" * 2000
    module = wasm.Module(assemble(text.replace("(if (result", f"{filler} (if (result", 1)))
    started = wasm.Instance(module, fuel=200_000)
    assert started.call("f", 40) == wasm.Suspended()
    tree = started.freeze_tree()
    deep = [*tree["calls"][0]["frames"][:1] * 9_000, *tree["calls"][0]["frames"][1:]]
    thawed = wasm.Instance.thaw(module, changed(tree, ("frames",), deep), fuel=1)
    assert len(thawed.freeze_tree()["calls"][0]["frames"]) == len(deep)
