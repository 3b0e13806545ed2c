"""Time travel: every moment is where it was, whichever way it is come to."""

from __future__ import annotations

import io
import random
import resource
import time
from typing import Any

import pytest

from assemble import assemble
from example_programs import program as example
from random_programs import Program
from refexec import Buffers, Executor, ProcessPolicy, image, service, wasm
from refexec.abi.inputlog import container
from refexec.debugger import timeline as timelines
from refexec.debugger.subject import FunctionSubject, RunSubject, Subject
from refexec.debugger.timeline import Conditions, Moment, Timeline, within
from refexec.errors import StateError


def digest(timeline: Timeline) -> Any:
    """All that a moment is."""
    machine = timeline.subject.machine
    assert machine is not None
    return timeline.now, machine.fuel_spent, machine.state_digest(), machine.backtrace()


def history(timeline: Timeline) -> list[Any]:
    """Every moment from here to the end, by single steps."""
    moments = []
    while not timeline.ended:
        moments.append(digest(timeline))
        timeline.step()
    return moments


def check_back_and_forth(subject: Subject, seed: int = 0) -> int:
    """Compare moments come to in several ways; how many there are."""
    timeline = Timeline(subject)
    moments = history(timeline)
    ending = subject.ending
    assert [moment for moment, *_ in moments] == sorted({moment for moment, *_ in moments})
    for expected in reversed(moments[-200:]):
        timeline.step_back()
        assert digest(timeline) == expected
    chance = random.Random(seed)
    for _ in range(40):
        expected = chance.choice(moments)
        timeline.goto(expected[0])
        assert digest(timeline) == expected
        index = moments.index(expected)
        count = chance.randrange(4)
        timeline.step_back(count)
        assert digest(timeline) == moments[max(0, index - count)]
    timeline.to_end()
    assert timeline.ended
    assert subject.ending == ending
    timeline.goto(timeline.first)
    assert timeline.step_back().reason == "the run begins here"
    assert timeline.run_back(Conditions()).reason == "the run begins here"
    return len(moments)


@pytest.mark.parametrize("seed", range(1, 5))
def test_every_moment_of_a_generated_program(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Many checkpoints, which are thinned out, in short runs.
    monkeypatch.setattr(timelines, "FIRST_DISTANCE", 20)
    monkeypatch.setattr(timelines, "MOST_CHECKPOINTS", 6)
    monkeypatch.setattr(timelines, "WINDOW", 7)
    generated = Program(seed, 15)
    module = wasm.Module(assemble(generated.text))
    probe = wasm.Instance(module, fuel=4000)
    if isinstance(probe.call("run", *generated.arguments(), bits=True), wasm.Suspended):
        pytest.skip("runs for too long")
    subject = FunctionSubject(module, "run", Program(seed, 15).arguments())
    assert check_back_and_forth(subject, seed) > 0


BULK = """(module (memory 1) (func (export "f") (local i32)
  (memory.fill (i32.const 0) (i32.const 1) (i32.const 5000))
  (nop) (nop)
  (memory.fill (i32.const 0) (i32.const 2) (i32.const 60000))
  (local.set 0 (i32.const 4)) (block (block (nop))) (unreachable)))"""


def test_instructions_that_cost_much_and_nothing() -> None:
    module = wasm.Module(assemble(BULK))
    assert check_back_and_forth(FunctionSubject(module, "f", [])) > 10
    timeline = Timeline(FunctionSubject(module, "f", []))
    assert timeline.run(Conditions()).reason == "trap 3: unreachable"
    assert not timeline.ended
    assert timeline.now.step > 0
    timeline.step_back(2)
    timeline.run(Conditions())
    assert not timeline.ended
    timeline.run(Conditions())
    assert timeline.ended
    with pytest.raises(StateError, match="there is no moment"):
        timeline.goto(Moment(100, 0))
    with pytest.raises(StateError, match="there is no moment"):
        timeline.goto(Moment(0, 9))
    with pytest.raises(StateError, match="the run begins at"):
        timeline.goto(Moment(-1, 0))
    with pytest.raises(StateError, match="the run begins at"):
        timeline.goto_fuel(-1)


def test_a_start_function_is_part_of_the_run() -> None:
    wat = """(module (global $g (mut i32) (i32.const 0)) (start $s)
        (func $s (global.set $g (i32.const 7)))
        (func (export "f") (result i32) (global.get $g)))"""
    assert check_back_and_forth(FunctionSubject(wasm.Module(assemble(wat)), "f", [])) == 7


def test_a_module_that_traps_when_it_is_made_is_at_its_end() -> None:
    wat = '(module (memory 1) (data (i32.const 65536) "x") (func (export "f")))'
    timeline = Timeline(FunctionSubject(wasm.Module(assemble(wat)), "f", []))
    assert timeline.ended
    assert timeline.step().reason.startswith("trap 5")
    assert timeline.run(Conditions()).reason.startswith("trap 5")
    with pytest.raises(StateError, match="nothing before that"):
        timeline.step_back()


def recorded(name: str, entry: str) -> container.InputLog:
    """The log of a run of an example."""
    code = image.Program(example(name))
    instance = image.Instance(code, entry=entry)
    log = io.BytesIO()
    with Executor() as executor, executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(record=log))
        process.serve(None, service.standard_registry(), Buffers(), timeout=60)
    return container.load(io.BytesIO(log.getvalue()))


def test_a_recorded_run_goes_both_ways() -> None:
    log = recorded("discover", "discover")
    subject = RunSubject(log)
    timeline = Timeline(subject)
    timeline.to_end()
    assert subject.ending == "exit: halted successfully"
    packets = subject.packets()
    assert {packet.direction for packet in packets} == {"sent", "received"}
    last = subject.fuel_spent
    timeline.step_back()
    assert last - 5 < timeline.now.fuel <= last
    conditions = Conditions()
    conditions.packets = True
    stops = []
    while "packet" in (stop := timeline.run_back(conditions)).reason:
        stops.append(timeline.now)
        assert len(subject.packets()) <= len(packets)
    assert stop.reason == "the run begins here"
    assert subject.packets() == []
    again = []
    while "packet" in timeline.run(conditions).reason:
        again.append(timeline.now)
    assert again == stops[::-1]
    timeline.to_end()
    assert subject.packets() == packets
    assert RunSubject(log).ending == ""


def test_writes_that_are_watched_and_breakpoints_both_ways() -> None:
    wat = """(module (memory 1) (func $f (export "f") (param i32)
      (loop $l
        (i32.store (i32.const 64) (local.get 0))
        (i32.store8 (i32.const 70) (local.get 0))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"""
    module = wasm.Module(assemble(wat))
    timeline = Timeline(FunctionSubject(module, "f", [5]))
    conditions = Conditions()
    conditions.watches.append((66, 3))

    def value() -> int:
        machine = timeline.subject.machine
        assert machine is not None
        assert machine.memory is not None
        return int.from_bytes(machine.memory.read(64, 4), "little")

    seen = []
    while not timeline.ended:
        if "written" in timeline.run(conditions).reason:
            seen.append((timeline.now, value()))
    assert [item for _, item in seen] == [5, 4, 3, 2, 1]
    back = []
    while "written" in timeline.run_back(conditions).reason:
        back.append((timeline.now, value()))
    assert back == seen[::-1]
    assert timeline.now == timeline.first
    breaks = Conditions()
    breaks.offsets[module.valid.functions[0].body.offsets[1]] = "here"
    places = []
    while timeline.run(breaks).reason == "here":
        places.append(timeline.now)
    assert len(places) == 5
    for place in reversed(places):
        assert timeline.run_back(breaks).reason == "here"
        assert timeline.now == place


def test_over_calls_and_out_of_them() -> None:
    wat = """(module (func $inner (result i32) (nop) (i32.const 1))
      (func (export "f") (result i32) (call $inner) (drop) (call $inner)))"""
    timeline = Timeline(FunctionSubject(wasm.Module(assemble(wat)), "f", []))
    begun = timeline.now
    timeline.step()
    timeline.run(Conditions(), within(1))
    after = timeline.now
    timeline.run_back(Conditions(), within(1))
    assert timeline.now == Moment(1, 0)
    timeline.step()
    timeline.run(Conditions(), within(1))
    assert timeline.now == after
    timeline.run_back(Conditions(), within(0))
    assert timeline.now == begun


def test_an_interrupt_stops_a_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    module = wasm.Module(assemble('(module (func (export "f") (loop (br 0))))'))
    timeline = Timeline(FunctionSubject(module, "f", []))
    keep = timeline._keep

    def interrupt() -> None:
        keep()
        timeline.interrupted = timeline.subject.fuel_spent > 10 * timelines.FIRST_DISTANCE

    monkeypatch.setattr(timeline, "_keep", interrupt)
    assert timeline.run(Conditions()).reason == "interrupted"
    assert not timeline.ended
    here = timeline.now
    timeline.step_back()
    timeline.step()
    assert timeline.now == here


LONG = """(module (memory 1) (func (export "f") (param i32) (result i32) (local i32)
  (loop $l (local.set 1 (i32.add (local.get 1) (i32.mul (local.get 0) (i32.const 3))))
    (i32.store (i32.const 8) (local.get 1))
    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))"""


def test_few_checkpoints_do_for_a_long_run() -> None:
    timeline = Timeline(FunctionSubject(wasm.Module(assemble(LONG)), "f", [200_000]))
    timeline.to_end()
    assert len(timeline._checkpoints) <= timelines.MOST_CHECKPOINTS
    end = timeline.subject.fuel_spent
    assert end > 2_800_000
    timeline.step_back()
    first = timeline.now
    timeline.step_back(3)
    timeline.step(3)
    assert timeline.now == first
    timeline.goto_fuel(end // 2)
    assert timeline.now.fuel == end // 2


@pytest.mark.soak
def test_a_step_back_from_the_end_of_ten_million_takes_less_than_a_second() -> None:
    timeline = Timeline(FunctionSubject(wasm.Module(assemble(LONG)), "f", [720_000]))
    timeline.to_end()
    assert timeline.subject.fuel_spent > 10_000_000
    begin = time.monotonic()
    timeline.step_back()
    assert time.monotonic() - begin < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 300 << 10
