"""Stores frozen and thawed as a whole: linked instances, what the host made, calls that wait."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import LinkError, SnapshotError, StateError, TrapError, WasmExceptionError

PROVIDER = """(module
  (type $pair (struct (field (mut i32)) (field (ref null extern))))
  (memory (export "memory") 1 4) (table (export "table") 4 8 funcref)
  (global $count (export "count") (mut i32) (i32.const 0))
  (tag $oops (export "oops") (param i32))
  (func $step (export "step") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.add (local.get 0) (i32.const 1)))
  (elem (i32.const 1) func $step)
  (func (export "pair") (param i32 externref) (result structref)
    (struct.new $pair (local.get 0) (local.get 1)))
  (func (export "fail") (param i32) (throw $oops (local.get 0))))"""

USER = """(module
  (import "p" "memory" (memory 1)) (import "p" "table" (table 2 funcref))
  (import "p" "count" (global $count (mut i32))) (import "p" "oops" (tag $oops (param i32)))
  (import "p" "step" (func $step (param i32) (result i32)))
  (import "p" "pair" (func $pair (param i32 externref) (result structref)))
  (import "p" "fail" (func $fail (param i32)))
  (import "h" "log" (func $log (param i32)))
  (import "h" "scratch" (memory $scratch 1)) (import "h" "level" (global $level (mut i64)))
  (import "h" "slots" (table $slots 2 externref)) (import "h" "alarm" (tag $alarm))
  (global $kept (mut structref) (ref.null struct)) (global $seen (mut exnref) (ref.null exn))
  (func $twice (param i32) (result i32) (call $step (call $step (local.get 0))))
  (elem declare func $twice)
  (func (export "run") (param $n i32) (param $thing externref) (result i32) (local $i i32)
    (table.set 0 (i32.const 2) (ref.func $twice))
    (global.set $kept (call $pair (local.get $n) (local.get $thing)))
    (table.set $slots (i32.const 1) (local.get $thing))
    (drop (memory.grow $scratch (i32.const 1)))
    (global.set $seen (block $h (result exnref)
      (try_table (catch_all_ref $h) (call $fail (i32.const 7))) (unreachable)))
    (loop $again
      (i32.store (i32.const 65000) (global.get $count))
      (i32.store $scratch (i32.const 70000) (local.get $i))
      (global.set $level (i64.add (global.get $level) (i64.const 3)))
      (local.set $i (call_indirect (param i32) (result i32) (local.get $i) (i32.const 2)))
      (call $log (local.get $i))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (i32.add (local.get $i) (i32.load $scratch (i32.const 70000)))))"""


@pytest.fixture(scope="module")
def modules() -> list[wasm.Module]:
    return [wasm.Module(assemble(PROVIDER)), wasm.Module(assemble(USER))]


class World:
    """What the host makes: new each time."""

    def __init__(self) -> None:
        self.log: list[int] = []
        self.thing = object()
        limits = wasm.SizeLimits(1, 3)
        self.imports: dict[tuple[str, str], Any] = {
            ("h", "log"): wasm.HostFunction(wasm.FunctionType((wasm.I32,)), self.log.append),
            ("h", "scratch"): wasm.Memory(wasm.MemoryType(limits)),
            ("h", "level"): wasm.Global(wasm.GlobalType(wasm.I64, True), 0),
            ("h", "slots"): wasm.Table(wasm.TableType(wasm.EXTERNREF, wasm.SizeLimits(2, None))),
            ("h", "alarm"): wasm.Tag(wasm.FunctionType()),
        }

    @property
    def host(self) -> dict[str, Any]:
        return {"thing": self.thing}


def linked(
    modules: list[wasm.Module], world: World, fuel: int | None = None
) -> tuple[wasm.Store, wasm.Instance]:
    store = wasm.Store()
    provider = wasm.Instance(modules[0], store=store)
    given = {("p", name): export for name, export in provider.exports.items()}
    return store, wasm.Instance(modules[1], {**given, **world.imports}, store, fuel=fuel)


def test_stopped_frozen_and_thawed_before_every_instruction(modules: list[wasm.Module]) -> None:
    world = World()
    store, user = linked(modules, world)
    outcome = user.call("run", 6, world.thing)
    assert outcome == wasm.Returned([10])
    assert world.log == [2, 4, 6]
    expected, spent = store.state_digest(), user.fuel_spent

    other = World()
    moved, user = linked(modules, other, fuel=0)
    stopped = user.call("run", 6, other.thing)
    log: list[int] = []
    while stopped == wasm.Suspended():
        frozen = moved.freeze(other.host)
        digest = moved.state_digest()
        log += other.log
        other = World()
        moved = wasm.Store.thaw(frozen, modules, other.imports, other.host, fuel=1)
        assert moved.freeze(other.host) == frozen
        assert moved.state_digest() == digest
        provider, user = moved.instances
        assert not provider.suspended
        stopped = user.resume()
    assert stopped == outcome
    assert (moved.state_digest(), user.fuel_spent) == (expected, spent)
    assert log + other.log == world.log
    # The host's own objects have what the guest left in them.
    assert other.imports["h", "level"].get() == 9
    assert other.imports["h", "scratch"].pages == 2
    assert other.imports["h", "slots"].get(1) is other.thing
    exported = provider.exports["memory"]
    assert isinstance(exported, wasm.Memory)
    assert exported.read(65000, 4) == b"\4\0\0\0"


def test_the_digest_depends_on_identity_and_not_on_names(modules: list[wasm.Module]) -> None:
    digests = set()
    for thing in (object(), object(), "text", None):
        world = World()
        store, user = linked(modules, world)
        user.invoke("run", 2, thing)
        digests.add(store.state_digest())
        assert user.state_digest() == store.state_digest()
    # Objects cannot be told apart by the guest, null can.
    assert len(digests) == 2


def test_host_functions_by_name() -> None:
    text = """(module (import "h" "f" (func $f (result i32))) (table (export "t") 2 funcref)
      (elem (i32.const 0) $f)
      (func (export "g") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))"""
    module = wasm.Module(assemble(text))
    kind = wasm.FunctionType((), (wasm.I32,))
    first, second = (wasm.HostFunction(kind, lambda n=n: n) for n in (1, 2))
    instance = wasm.Instance(module, {("h", "f"): first})
    table = instance.exports["t"]
    assert isinstance(table, wasm.Table)
    table.set(1, second)
    with pytest.raises(SnapshotError, match="table 0 holds a function of the host that has no"):
        instance.freeze()
    state = instance.freeze({"one": first, "two": second})
    third, fourth = (wasm.HostFunction(kind, lambda n=n: n) for n in (3, 4))
    thawed = wasm.Instance.thaw(module, state, host={"one": third, "two": fourth})
    assert [thawed.invoke("g", n) for n in (0, 1)] == [[3], [4]]
    with pytest.raises(SnapshotError, match="nothing is given for the host's 'two'"):
        wasm.Instance.thaw(module, state, host={"one": third})
    with pytest.raises(SnapshotError, match="'one': expected an object of another kind"):
        wasm.Instance.thaw(module, state, host={"one": 5, "two": fourth})
    # Without a name it is an import, to be given again.
    unnamed = instance.freeze({"two": second})
    with pytest.raises(LinkError, match="unknown import 'h' 'f' of instance 0"):
        wasm.Instance.thaw(module, unnamed, host={"two": fourth})
    with pytest.raises(LinkError, match="expected a function of the host"):
        wasm.Instance.thaw(module, unnamed, {("h", "f"): table}, host={"two": fourth})
    with pytest.raises(LinkError, match="expected an object of the host, found int"):
        wasm.Instance.thaw(module, unnamed, {("h", "f"): 5}, host={"two": fourth})


def test_objects_of_the_host_by_name() -> None:
    text = '(module (global (export "g") (mut externref) (ref.null extern)))'
    module = wasm.Module(assemble(text))
    instance = wasm.Instance(module)
    variable = instance.exports["g"]
    assert isinstance(variable, wasm.Global)
    large = 10**30
    for value, names in ((large, {"n": 10**30}), ([1], None), ("text", {"s": "te" + "xt"})):
        variable.set(value)
        host = names if names is not None else {"list": value}
        thawed = wasm.Instance.thaw(module, instance.freeze(host), host=host)
        export = thawed.exports["g"]
        assert isinstance(export, wasm.Global)
        assert export.get() == value
    with pytest.raises(SnapshotError, match=r"instance 0, global 0 holds an object of the host"):
        instance.freeze({"truth": True, "one": 1.0})


def test_exceptions_with_a_tag_of_the_host() -> None:
    text = """(module (import "h" "f" (func $f)) (global $x (mut exnref) (ref.null exn))
      (func (export "catch") (global.set $x (block $h (result exnref)
        (try_table (catch_all_ref $h) (call $f)) (unreachable))))
      (func (export "again") (throw_ref (global.get $x))))"""
    module = wasm.Module(assemble(text))
    tag = wasm.Tag(wasm.FunctionType((wasm.I32,)))

    def throw() -> None:
        raise WasmExceptionError(tag, [5])

    imports = {("h", "f"): wasm.HostFunction(wasm.FunctionType(), throw)}
    instance = wasm.Instance(module, imports)
    instance.invoke("catch")
    assert instance.state_digest()
    with pytest.raises(SnapshotError, match="an exception with a tag of the host that has no name"):
        instance.freeze()
    other = wasm.Tag(wasm.FunctionType((wasm.I32,)))
    thawed = wasm.Instance.thaw(module, instance.freeze({"tag": tag}), imports, host={"tag": other})
    with pytest.raises(WasmExceptionError) as caught:
        thawed.invoke("again")
    assert caught.value.tag == other
    assert list(caught.value.values) == [5]


def test_two_calls_wait_in_one_store() -> None:
    spin = wasm.Module(
        assemble('(module (func (export "f") (result i32) (loop (br 0)) unreachable))')
    )
    host = wasm.HostFunction(wasm.FunctionType(), lambda: None)
    idle = wasm.Module(assemble('(module (import "h" "f" (func)))'))
    store = wasm.Store()
    first = wasm.Instance(spin, store=store, fuel=10)
    wasm.Instance(idle, {("h", "f"): host}, store)
    second = wasm.Instance(spin, store=store, fuel=20)
    for instance in (first, second):
        assert instance.call("f") == wasm.Suspended()
    state = store.freeze()
    thawed = wasm.Store.thaw(state, [idle, spin], {("h", "f"): host}, fuel=5)
    assert [instance.suspended for instance in thawed.instances] == [True, False, True]
    assert [instance.fuel_spent for instance in thawed.instances] == [10, 0, 20]
    assert thawed.instances[2].resume() == wasm.Suspended()
    assert thawed.instances[2].fuel_spent == 25


def test_an_instance_whose_segment_trapped_stays_in_the_store() -> None:
    provider = wasm.Module(assemble('(module (table (export "t") 2 funcref))'))
    failing = wasm.Module(
        assemble(
            """(module (import "p" "t" (table 2 funcref)) (memory 0)
              (func $f (result i32) (i32.const 42)) (elem (i32.const 1) $f)
              (data (i32.const 0) "x"))"""
        )
    )
    caller = wasm.Module(
        assemble(
            """(module (import "p" "t" (table 2 funcref))
              (func (export "g") (result i32) (call_indirect (result i32) (i32.const 1))))"""
        )
    )
    store = wasm.Store()
    given = {("p", "t"): wasm.Instance(provider, store=store).exports["t"]}
    with pytest.raises(TrapError):
        wasm.Instance(failing, given, store)
    wasm.Instance(caller, given, store)
    assert len(store.instances) == 3
    thawed = wasm.Store.thaw(store.freeze(), [caller, provider, failing])
    assert thawed.instances[2].invoke("g") == [42]


def test_what_the_host_made_is_given_once_and_anew(modules: list[wasm.Module]) -> None:
    text = """(module (import "h" "a" (memory $a 1)) (import "h" "b" (memory $b 1))
      (import "h" "c" (memory $c 1))
      (func (export "f") (i32.store $a (i32.const 0) (i32.const 5)))
      (func (export "g") (result i32 i32)
        (i32.load $b (i32.const 0)) (i32.load $c (i32.const 0))))"""
    module = wasm.Module(assemble(text))

    def memories(*names: str) -> dict[tuple[str, str], Any]:
        made = {
            name: wasm.Memory(wasm.MemoryType(wasm.SizeLimits(1, 2))) for name in sorted({*names})
        }
        return {("h", key): made[name] for key, name in zip("abc", names, strict=True)}

    # The first two imports are one memory, and stay one.
    shared = wasm.Instance(module, memories("one", "one", "two"))
    shared.invoke("f")
    state = shared.freeze()
    thawed = wasm.Instance.thaw(module, state, memories("one", "two", "three"))
    assert thawed.invoke("g") == [5, 0]
    with pytest.raises(LinkError, match="stands for another import"):
        wasm.Instance.thaw(module, state, memories("one", "two", "one"))
    tree = shared.freeze_tree()
    for place, item in (
        (0, ["instance", 0, 2]),
        (0, ["instance", 0, "x"]),
        (1, ["instance", 0, 1]),
        (0, ["external", -1, None]),
        (0, ["external", 0, 5]),
        (0, ["external", 0, "unknown"]),
        (0, ["external", 9, None]),
        (0, ["what"]),
        (0, []),
        (0, 7),
    ):
        damaged = copy.deepcopy(tree)
        damaged["instances"][0]["imports"][place] = item
        with pytest.raises(SnapshotError):
            wasm.Instance.thaw(module, damaged, memories("one", "two", "three"))
    damaged = copy.deepcopy(tree)
    damaged["externals"][0]["pages"] = 3
    with pytest.raises(SnapshotError, match="external 0"):
        wasm.Instance.thaw(module, damaged, memories("one", "two", "three"))
    function = wasm.HostFunction(wasm.FunctionType(), lambda: None)
    with pytest.raises(LinkError, match="expected a memory of the host"):
        wasm.Instance.thaw(module, state, dict.fromkeys(memories("a", "b", "c"), function))


def test_modules_are_found_by_digest(modules: list[wasm.Module]) -> None:
    world = World()
    store, _ = linked(modules, world)
    tree = store.freeze_tree()
    wasm.Store.thaw(tree, reversed(modules), world.imports)
    with pytest.raises(SnapshotError, match="instance 1: state belongs to another module"):
        wasm.Store.thaw(tree, modules[:1], world.imports)
    with pytest.raises(SnapshotError, match="expected one instance; thaw the store"):
        wasm.Instance.thaw(
            modules[0], {**tree, "instances": tree["instances"][:1] * 2, "externals": []}
        )
    for damage in (None, [], {"instances": 5}, {"instances": [5]}, {"instances": []}):
        with pytest.raises(SnapshotError):
            wasm.Store.thaw(damage, modules)  # type: ignore[arg-type]  # damage is the point
    call = {"instance": 0, "frames": [], "pending": None}
    with pytest.raises(SnapshotError, match="expected frames, or a pending call"):
        wasm.Store.thaw({**tree, "calls": [call]}, modules, world.imports)


def test_two_calls_of_one_instance_are_refused() -> None:
    spin = wasm.Module(assemble('(module (func (export "f") (loop (br 0))))'))
    instance = wasm.Instance(spin, fuel=5)
    instance.call("f")
    tree = instance.freeze_tree()
    with pytest.raises(SnapshotError, match="two suspended calls"):
        wasm.Instance.thaw(spin, {**tree, "calls": tree["calls"] * 2})


def test_a_running_store_cannot_be_frozen() -> None:
    text = '(module (import "h" "f" (func $f)) (func (export "f") (call $f)))'
    store = wasm.Store()

    def freeze() -> None:
        with pytest.raises(StateError, match="a running instance cannot be frozen"):
            store.freeze()

    host = wasm.HostFunction(wasm.FunctionType(), freeze)
    instance = wasm.Instance(wasm.Module(assemble(text)), {("h", "f"): host}, store)
    assert instance.invoke("f") == []


def test_bits_of_a_call_that_was_thawed() -> None:
    text = """(module (func (export "f") (result f32)
      (drop (i32.const 0)) (f32.const nan:0x200001)))"""
    module = wasm.Module(assemble(text))
    instance = wasm.Instance(module, fuel=1)
    assert instance.call("f", bits=True) == wasm.Suspended()
    thawed = wasm.Instance.thaw(module, instance.freeze())
    assert thawed.resume(bits=True) == wasm.Returned([0x7FA00001])
