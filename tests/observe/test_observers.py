"""Observers: called at their places, told the truth, and without influence on what happens."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from assemble import assemble
from example_programs import program as example
from random_programs import Program
from refexec import Buffers, Config, Executor, ProcessPolicy, image, observe, service, wasm
from refexec.abi.inputlog import container
from refexec.errors import ConfigError, InternalError, ObserverError, Restart, StateError, TrapError
from refexec.interp.machine import Machine
from refexec.observe import Access, Callee, Observer, Place, View
from refexec.observe.splitter import PacketSplitter
from refexec.observe.trace import Tracer
from refexec.runtime.replay import Replay
from refexec.trap import TrapCause, TrapID


class Everything(Observer):
    """Writes down all that it is told, and looks at all that can be looked at."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def instruction(self, view: View, place: Place) -> None:
        backtrace = view.backtrace()
        assert backtrace[0] is place
        assert len(backtrace) == view.depth
        self.events.append(
            ("instruction", view.fuel_spent, place.text, view.stack, view.locals, view.globals)
        )

    def call(
        self, view: View, place: Place | None, callee: Callee, arguments: tuple[Any, ...]
    ) -> None:
        self.events.append(("call", callee.name, callee.host, arguments))

    def return_(self, view: View, place: Place, values: tuple[Any, ...] | None) -> None:
        self.events.append(("return", place.mnemonic, values))

    def branch(self, view: View, place: Place, target: Place) -> None:
        self.events.append(("branch", place.text, target.text))

    def access(self, view: View, place: Place, access: Access) -> None:
        now = view.read(access.address, access.size, access.memory)
        assert len(now) == access.size
        self.events.append(("access", place.mnemonic, access, now))

    def trap(self, view: View, place: Place | None, cause: TrapCause | None) -> None:
        self.events.append(("trap", place and place.text, cause))

    def resume(self, view: View) -> None:
        self.events.append(("resume",))

    def suspend(self, view: View) -> None:
        self.events.append(("suspend", view.fuel_spent))

    def kinds(self, *kinds: str) -> list[tuple[Any, ...]]:
        return [event for event in self.events if event[0] in kinds]


def watch(wat: str, name: str, *args: Any, **more: Any) -> tuple[list[tuple[Any, ...]], Any]:
    """Call a function under observation; all events but instructions, and the outcome."""
    seen = Everything()
    module = wasm.Module(assemble(wat))
    instance = wasm.Instance(module, observer=seen, **more)
    outcome = instance.call(name, *args)
    plain = wasm.Instance(module, **more)
    again = plain.call(name, *args)
    if not isinstance(outcome, wasm.Threw):
        assert outcome == again
    assert instance.fuel_spent == plain.fuel_spent
    return [event for event in seen.events if event[0] != "instruction"], outcome


@pytest.mark.parametrize("seed", range(8))
def test_a_generated_program_does_the_same_with_and_without(seed: int) -> None:
    generated = Program(seed)
    module, args = wasm.Module(assemble(generated.text)), generated.arguments()

    def run(observer: Observer | None, fuel: int) -> tuple[Any, ...]:
        instance = wasm.Instance(module, fuel=fuel, observer=observer)
        outcome = instance.call("run", *args, bits=True)
        # No NaN equals another.
        return repr(outcome), instance.fuel_spent, instance.state_digest(), instance.backtrace()

    for fuel in (20_000, 50 + seed):
        plain = run(None, fuel)
        seen, tree, histogram = Everything(), observe.CallTree(), observe.OpcodeHistogram()
        coverage, heat = observe.InstructionCoverage(), observe.MemoryHeatMap()
        for observer in (seen, tree, histogram, coverage, heat):
            assert run(observer, fuel) == plain
        assert tree.root.total == plain[1]
        assert sum(histogram.counts.values()) == len(seen.kinds("instruction"))
        assert sum(coverage.counts.values()) == len(seen.kinds("instruction"))
        assert sum(coverage.branches.values()) == len(seen.kinds("branch"))


def test_an_instance_without_an_observer_has_the_plain_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    run = Machine.run

    def note(self: Machine) -> Any:
        made.append(type(self))
        return run(self)

    monkeypatch.setattr(Machine, "run", note)
    module = wasm.Module(assemble('(module (func (export "f")))'))
    instance = wasm.Instance(module, engine="reference")
    instance.invoke("f")
    instance.observe(Observer())
    instance.invoke("f")
    instance.observe(None)
    instance.invoke("f")
    assert [kind.__name__ for kind in made] == ["Machine", "ObservedMachine", "Machine"]


def test_an_instance_has_the_reference_engine_while_it_is_observed() -> None:
    module = wasm.Module(assemble('(module (func (export "f")))'))
    instance = wasm.Instance(module)
    engines = [instance.engine]
    for observer in (Observer(), None, Observer()):
        instance.observe(observer)
        instance.invoke("f")
        engines.append(instance.engine)
    assert engines == ["translated", "reference", "translated", "reference"]
    with pytest.raises(ConfigError, match="needs the engine 'reference'"):
        wasm.Instance(module, engine="translated", observer=Observer())


CALLS = """
(module
  (type $unary (func (param i32) (result i32)))
  (table funcref (elem $twice))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $tail (param i32) (result i32) (return_call $twice (local.get 0)))
  (func (export "f") (param i32) (result i32)
    (call $tail (local.get 0))
    (call_indirect (type $unary) (i32.const 0))
    (if (result i32) (i32.gt_s (local.get 0) (i32.const 5))
      (then (return (i32.const 1))) (else (i32.const 2)))
    drop)
  (func (export "bad") (result i32) (call_indirect (type $unary) (i32.const 7) (i32.const 3))))
"""


def test_calls_returns_and_branches_are_told() -> None:
    events, _ = watch(CALLS, "f", 3)
    assert events == [
        ("call", "f", False, (3,)),
        ("resume",),
        ("call", "tail", False, (3,)),
        ("return", "return_call", ()),
        ("call", "twice", False, (3,)),
        ("return", "end", (6,)),
        ("call", "twice", False, (6,)),
        ("return", "end", (12,)),
        ("branch", "if () -> (i32)", "i32.const 2"),
        ("return", "end", (12,)),
    ]


def test_a_trap_is_told_with_its_place() -> None:
    events, outcome = watch(CALLS, "bad")
    assert outcome.cause is TrapCause.UNDEFINED_ELEMENT
    assert events[-1] == ("trap", "call_indirect 0 0", TrapCause.UNDEFINED_ELEMENT)


MEMORY = """
(module (memory 1) (data $d "abcdef")
  (func (export "f")
    (i32.store offset=4 (i32.const 8) (i32.const 0x01020304))
    (drop (i64.load8_s (i32.const 12)))
    (v128.store (i32.const 32) (v128.const i64x2 1 2))
    (drop (v128.load16_lane 1 (i32.const 32) (v128.const i64x2 0 0)))
    (drop (v128.load8x8_u (i32.const 40)))
    (memory.init $d (i32.const 100) (i32.const 1) (i32.const 3))
    (memory.copy (i32.const 200) (i32.const 100) (i32.const 2))
    (memory.fill (i32.const 201) (i32.const 0x7a) (i32.const 2)))
  (func (export "out") (i32.store16 (i32.const 65535) (i32.const 1))))
"""


def test_accesses_to_memory_are_told() -> None:
    events, _ = watch(MEMORY, "f")
    accesses = [
        (name, a.address, a.size, a.write, a.before, now) for _, name, a, now in events[2:-1]
    ]
    assert accesses == [
        ("i32.store", 12, 4, True, bytes(4), b"\4\3\2\1"),
        ("i64.load8_s", 12, 1, False, b"", b"\4"),
        ("v128.store", 32, 16, True, bytes(16), b"\1" + bytes(7) + b"\2" + bytes(7)),
        ("v128.load16_lane", 32, 2, False, b"", b"\1\0"),
        ("v128.load8x8_u", 40, 8, False, b"", b"\2" + bytes(7)),
        ("memory.init", 100, 3, True, bytes(3), b"bcd"),
        ("memory.copy", 100, 2, False, b"", b"bc"),
        ("memory.copy", 200, 2, True, bytes(2), b"bc"),
        ("memory.fill", 201, 2, True, b"c\0", b"zz"),
    ]


def test_an_access_that_traps_is_not_told() -> None:
    events, _ = watch(MEMORY, "out")
    assert [event[0] for event in events] == ["call", "resume", "trap"]


THROWS = """
(module (tag $e (param i32))
  (func $throw (throw $e (i32.const 4)))
  (func $middle (call $throw))
  (func (export "caught") (result i32)
    (block $h (result i32) (try_table (catch $e $h) (call $middle)) (i32.const 0)))
  (func (export "uncaught") (call $middle)))
"""


def test_activations_that_an_exception_leaves_return_nothing() -> None:
    events, _ = watch(THROWS, "caught")
    assert events[4:] == [
        ("return", "throw", None),
        ("return", "throw", None),
        ("return", "end", (4,)),
    ]
    events, _ = watch(THROWS, "uncaught")
    assert events[4:] == [("return", "throw", None)] * 3 + [("trap", "throw 0", None)]


def test_functions_of_the_host_are_told_before_and_after() -> None:
    seen = Everything()

    def double(number: int) -> int:
        assert seen.events[-1] == ("call", "d", True, (21,))
        return number * 2

    wat = """(module (import "host" "double" (func $d (param i32) (result i32)))
        (func (export "f") (result i32) (call $d (i32.const 21)))
        (func (export "t") (result i32) (return_call $d (i32.const 21))))"""
    function = wasm.HostFunction(wasm.FunctionType((wasm.I32,), (wasm.I32,)), double)
    instance = wasm.Instance(
        wasm.Module(assemble(wat)), {("host", "double"): function}, observer=seen
    )
    assert instance.invoke("f") == [42]
    assert seen.kinds("return") == [("return", "call", (42,)), ("return", "end", (42,))]
    assert instance.invoke("t") == [42]
    assert seen.kinds("return")[2:] == [("return", "return_call", None)] * 2


def test_a_call_that_is_made_again_costs_once() -> None:
    answers: list[Any] = [Restart(), 7]

    def ask() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Restart):
            raise answer
        return int(answer)

    wat = """(module (import "h" "ask" (func $a (result i32)))
        (func (export "f") (result i32) (call $a)))"""
    function = wasm.HostFunction(wasm.FunctionType((), (wasm.I32,)), ask)
    instance = wasm.Instance(
        wasm.Module(assemble(wat)), {("h", "ask"): function}, observer=Everything()
    )
    assert instance.call("f") == wasm.Suspended()
    assert instance.fuel_spent == 1
    assert instance.resume() == wasm.Returned([7])
    assert instance.fuel_spent == 2


@pytest.mark.parametrize(
    "method", ["instruction", "call", "return_", "branch", "access", "resume", "suspend"]
)
def test_an_observer_that_fails_is_an_error_of_its_own(method: str) -> None:
    def fail(self: Observer, *args: Any) -> None:
        raise TrapError(TrapCause.UNREACHABLE)

    observer = type("Broken", (Observer,), {method: fail})()
    wat = """(module (memory 1) (func (export "f")
        (if (i32.load (i32.const 0)) (then)) (loop (br 0))))"""
    instance = wasm.Instance(wasm.Module(assemble(wat)), observer=observer, fuel=100)
    if method == "return_":
        wat = '(module (func (export "f")))'
        instance = wasm.Instance(wasm.Module(assemble(wat)), observer=observer)
    with pytest.raises(ObserverError, match="observer Broken has failed: TrapError: unreachable"):
        instance.call("f")
    assert not instance.suspended


def test_observers_are_for_the_reference_engine() -> None:
    module = wasm.Module(assemble("(module)"))
    with pytest.raises(ConfigError, match="needs the engine 'reference'"):
        wasm.Instance(module, engine="translated", observer=Observer())
    with pytest.raises(ConfigError, match="needs the engine 'reference'"):
        ProcessPolicy(engine="translated", observer=Observer())


def test_an_observer_and_an_engine_can_come_and_go_in_a_suspended_call() -> None:
    wat = """(module (func (export "f") (param i32) (result i32) (local i32)
      (loop $l (local.set 1 (i32.add (local.get 1) (local.get 0)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))"""
    module = wasm.Module(assemble(wat))
    whole = wasm.Instance(module)
    assert whole.invoke("f", 1000) == [500500]
    instance = wasm.Instance(module, fuel=100)
    assert instance.call("f", 1000) == wasm.Suspended()
    changes: list[Callable[[], None]] = [
        lambda: instance.observe(observe.OpcodeHistogram()),
        lambda: instance.use_engine("translated"),
        lambda: instance.use_engine("reference"),
        lambda: instance.observe(Observer()),
        lambda: instance.observe(None),
    ]
    for change in changes:
        change()
        instance.add_fuel(1000)
        assert instance.resume() == wasm.Suspended()
    instance.add_fuel(10_000)
    assert instance.resume() == wasm.Returned([500500])
    assert instance.fuel_spent == whole.fuel_spent


def test_a_running_instance_cannot_be_given_an_observer() -> None:
    errors = []

    class Eager(Observer):
        def instruction(self, view: View, place: Place) -> None:
            with pytest.raises(StateError) as raised:
                instance.observe(None)
            errors.append(raised.value)

    instance = wasm.Instance(
        wasm.Module(assemble('(module (func (export "f")))')), observer=Eager()
    )
    instance.invoke("f")
    assert len(errors) == 2


def test_the_tree_of_a_suspended_program_begins_where_it_stands() -> None:
    module = wasm.Module(assemble(CALLS))
    instance = wasm.Instance(module, fuel=5)
    assert instance.call("f", 3) == wasm.Suspended()
    tree = observe.CallTree()
    again = wasm.Instance.thaw(module, instance.freeze(), observer=tree)
    assert isinstance(again.resume(), wasm.Returned)
    assert tree.root.total == again.fuel_spent - 5
    assert tree.report()[0][0] == [2]


def test_the_map_of_memory_counts_blocks_and_the_rest_reports() -> None:
    heat, coverage = observe.MemoryHeatMap(block=16), observe.InstructionCoverage()
    histogram = observe.OpcodeHistogram()
    for observer in (heat, coverage, histogram):
        wasm.Instance(wasm.Module(assemble(MEMORY)), observer=observer).invoke("f")
    rows = {address: (reads, writes) for _, address, reads, writes in heat.report()["rows"]}
    assert rows == {0: (1, 1), 32: (2, 1), 96: (1, 1), 192: (0, 2)}
    assert histogram.report()["i32.const"] == histogram.counts["i32.const"]
    assert sum(histogram.report().values()) == sum(count for *_, count in coverage.report())


def test_references_are_shown_by_what_they_are() -> None:
    wat = """(module (type $s (struct (field i32))) (type $a (array i8)) (tag $e)
      (elem declare func $f)
      (import "h" "f" (func $host))
      (elem declare func $host)
      (func $f (export "f") (param externref)
        (drop (struct.new $s (i32.const 1))) (drop (array.new_default $a (i32.const 3)))
        (drop (ref.i31 (i32.const 5))) (drop (ref.func $f)) (drop (ref.func $host))
        (drop (local.get 0)) (drop (ref.null any))
        (drop (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e)) unreachable))))"""
    function = wasm.HostFunction(wasm.FunctionType((), ()), lambda: None)
    records: list[dict[str, Any]] = []
    instance = wasm.Instance(
        wasm.Module(assemble(wat)), {("h", "f"): function}, observer=Tracer(records.append)
    )
    instance.invoke("f", object())
    dropped = [r["take"][0] for r in records if r.get("instruction") == "drop"]
    assert dropped == [
        "ref:struct of 1",
        "ref:array of 3",
        "ref:i31 5",
        "ref:function 1",
        "ref:host function",
        "ref:host object",
        "ref:null",
        "ref:exception of 0",
    ]


def test_packets_come_out_of_any_pieces() -> None:
    found: list[bytes] = []
    stream = b"".join(
        len(content).to_bytes(4, "little") + content[4:] + bytes(-len(content) % 8)
        for content in (bytes(8), b"1234567890", b"x" * 16)
    )
    for size in (1, 3, 100):
        found.clear()
        splitter = PacketSplitter(found.append)
        for start in range(0, len(stream), size):
            splitter.feed(stream[start : start + size])
        assert [len(packet) for packet in found] == [8, 10, 16]
    splitter.feed(b"\xff" * 8)
    splitter.feed(stream)
    assert len(found) == 3


# -- in a worker ---------------------------------------------------------------------------------


class Own(Observer):
    """One of the user's, of a module that no worker can load."""

    def __init__(self) -> None:
        self.counts = [0, 0, 0, 0]

    def instruction(self, view: View, place: Place) -> None:
        self.counts[0] += 1

    def sent(self, packet: bytes) -> None:
        self.counts[1] += 1

    def received(self, packet: bytes) -> None:
        self.counts[2] += 1

    def access(self, view: View, place: Place, access: Access) -> None:
        self.counts[3] += access.host

    def report(self) -> list[int]:
        return self.counts


class Failing(Observer):
    def instruction(self, view: View, place: Place) -> None:
        raise ValueError("of no use")


def serve(observer: Observer | None, config: Config | None = None) -> tuple[Any, ...]:
    """Run an example; trap, fuel, what was observed, and the log."""
    code = image.Program(example("discover"))
    instance = image.Instance(code, entry="discover")
    log = io.BytesIO()
    registry = service.standard_registry()
    config = config or Config(preload=["refexec.observe"])
    with Executor(config) as executor, executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(observer=observer, record=log))
        _, trap = process.serve(None, registry, Buffers(), timeout=60)
        return trap, instance.fuel_spent, process.observation, log.getvalue()


def test_an_observer_goes_to_the_worker_and_reports() -> None:
    trap, fuel, counts, data = serve(Own())
    assert trap is TrapID.EXIT
    assert fuel > 0
    assert counts[0] > 0
    assert counts[1] > 0
    assert counts[2] > 0
    assert counts[3] > 0
    # The same run again, watched in this process.
    again = Own()
    replay = Replay(container.load(io.BytesIO(data)), observer=again)
    assert replay.run()
    assert again.counts[:3] == counts[:3]
    assert again.counts[3] > 0
    log, tree = observe.PacketLog(), observe.CallTree()
    assert Replay(container.load(io.BytesIO(data)), observer=log).run()
    assert len(log.report()) == counts[1] + counts[2]
    assert Replay(container.load(io.BytesIO(data)), observer=tree).run()
    assert tree.root.total == fuel


def test_an_observer_that_fails_in_a_worker_is_an_error() -> None:
    with pytest.raises(InternalError, match="ObserverError: observer Failing has failed: Value"):
        serve(Failing())


def test_an_executor_has_to_be_told_of_observers() -> None:
    with pytest.raises(ConfigError, match="the executor needs Config"):
        serve(Own(), Config())
    with pytest.raises(ConfigError, match="one string"):
        Config(preload="refexec.observe")
    with pytest.raises(InternalError, match="preload: No module named 'nonsense'"):
        serve(Own(), Config(preload=["nonsense"]))


def test_what_cannot_be_pickled_is_an_error() -> None:
    observer: Any = Own()
    observer.counts = threading.Lock()
    with pytest.raises(ConfigError, match="cannot be handed to a worker"):
        serve(observer)


@pytest.mark.soak
def test_speed_with_and_without() -> None:
    """In one run: unchanged without an observer, at least a third with the histogram."""
    wat = """(module (func (export "f") (param i32) (result i32) (local i32)
      (loop $l (local.set 1 (i32.add (local.get 1) (i32.mul (local.get 0) (i32.const 3))))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))"""
    module = wasm.Module(assemble(wat))

    def seconds(observer: Observer | None) -> float:
        instance = wasm.Instance(module, engine=wasm.REFERENCE_ENGINE, observer=observer)
        begin = time.process_time()
        instance.invoke("f", 100_000)
        return time.process_time() - begin

    pairs = [(seconds(None), seconds(observe.OpcodeHistogram())) for _ in range(7)]
    plain, watched = (min(column) for column in zip(*pairs, strict=True))
    assert watched < 3 * plain
