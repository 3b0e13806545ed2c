"""Trace, debugger, page and profile tell the same of the same run, and so does the machine."""

from __future__ import annotations

from typing import Any

import pytest

from assemble import assemble
from random_programs import Program
from refexec import wasm
from refexec.debugger.profile import Profiler
from refexec.debugger.state import ProgramView
from refexec.debugger.subject import FunctionSubject
from refexec.debugger.timeline import Timeline
from refexec.debugger.viewing import record_run
from refexec.observe.trace import Tracer

MOST = 1500
"""Instructions of a program that is compared; longer runs are left out."""


def moments_of_the_debugger(module: wasm.Module, args: list[Any]) -> list[Any]:
    """Every moment, gone to backwards: offset, depth, operands."""
    view = ProgramView(module)
    subject = FunctionSubject(module, "run", args)
    timeline = Timeline(subject)
    timeline.to_end()
    found = []
    while timeline.now != timeline.first or timeline.ended:
        timeline.step_back()
        activations = view.activations(subject.machine)
        top = activations[0]
        found.append((top.function, top.offset, len(activations), list(top.stack)))
    return found[::-1]


def compare(seed: int) -> bool:
    """Compare on one generated program; False if it runs for too long."""
    generated = Program(seed, 12)
    module, args = wasm.Module(assemble(generated.text)), generated.arguments()
    plain = wasm.Instance(module, fuel=MOST)
    outcome = plain.call("run", *args, bits=True)
    if isinstance(outcome, wasm.Suspended):
        return False
    records: list[dict[str, Any]] = []
    traced = wasm.Instance(module, observer=Tracer(records.append))
    assert repr(traced.call("run", *args, bits=True)) == repr(outcome)
    profiler = Profiler()
    profiled = wasm.Instance(module, observer=profiler)
    assert repr(profiled.call("run", *args, bits=True)) == repr(outcome)
    instructions = [item for item in records if item["kind"] == "instruction"]

    # The same fuel.
    assert plain.fuel_spent == traced.fuel_spent == profiled.fuel_spent == profiler.root.total
    assert plain.state_digest() == traced.state_digest() == profiled.state_digest()

    # The same instructions.
    document = record_run(Timeline(FunctionSubject(module, "run", args)), "run", None, [], begin=0)
    assert document["end"] == plain.fuel_spent
    values, places = document["values"], document["places"]
    page = [
        (places[place][0], places[place][2], depth, [values[number] for number in stack])
        for place, _, stack, depth, *_ in document["steps"]
    ]
    debugger = moments_of_the_debugger(module, args)
    assert page == debugger
    assert len(instructions) == len(page) == sum(profiler.counts.values())
    for item, (function, offset, depth, stack) in zip(instructions, page, strict=True):
        assert (item["function"], item["offset"], item["depth"]) == (function, offset, depth)
        assert item["height"] == len(stack)
        assert item["take"] == (stack[-len(item["take"]) :] if item["take"] else [])

    # The same end.
    if isinstance(outcome, wasm.Trapped):
        assert records[-1]["kind"] == "trap"
        assert records[-1]["cause"] == outcome.message
        assert outcome.message in document["ending"]
        assert records[-1]["offset"] == outcome.backtrace[0].offset == page[-1][1]
    else:
        assert records[-1]["kind"] == "return"
    return True


@pytest.mark.parametrize("part", range(3))
def test_all_agree_on_generated_programs(part: int) -> None:
    compared = sum(compare(seed) for seed in range(100 + part * 4, 104 + part * 4))
    assert compared >= 1


@pytest.mark.slow
def test_all_agree_on_fifty_generated_programs() -> None:
    compared, seed = 0, 0
    while compared < 50:
        compared += compare(seed)
        seed += 1
