"""Example programs suspended at given amounts of fuel, frozen into files, and resumed from them.

`simulate` runs in this process: the engine, the ABI and the snapshot's bytes are those of a real
run, and what lies beyond the ABI is simulated. `run_processes` runs a real worker for each part.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from example_programs import program
from lasting_services import LastingRegistry, SimulatedHost
from refexec import abi, image, snapshot, wasm
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.snapshot import Buffers, Service, codec
from refexec.trap import TrapID

PROGRAMS = {
    "copier": "copy",
    "counter": "count_to",
    "dice": "roll",
    "discover": "discover",
    "echo": "echo",
    "hello": "greet",
    "shout": "shout",
    "wasi": "",
}
"""Every example with an entry that ends by itself."""

RESOLUTION = 1000
SECONDS = 60


@dataclass
class Story:
    """All that a program has said and come to."""

    transcript: bytes = b""
    """In the simulation every packet, in a real process what was written to the connection."""
    log: bytes = b""
    result: str = ""
    fuel: int = 0
    """In a real process it depends on how packets arrive."""
    digest: str = ""
    """Of the final state, services included; in the simulation only."""
    cuts: int = 0
    """Suspensions on the way; not compared."""

    def told(self) -> tuple[Any, ...]:
        """What must not depend on suspensions."""
        return self.transcript, self.log, self.result, self.fuel, self.digest


FORMS = ("file", "module")
"""Forms that a snapshot can have."""


def pass_on(
    instance: image.Instance, buffers: Buffers, form: str
) -> tuple[image.Instance, Buffers]:
    """What becomes of an instance on its way through the bytes of a snapshot."""
    if form == "module":
        code = image.Program(instance.snapshot_module(buffers))
        return image.Instance(code), code.load_buffers() or Buffers()
    read = snapshot.file.decode(snapshot.file.encode(instance.snapshot(buffers)))
    return image.Instance.from_snapshot(read)[1], read.buffers


def simulate(
    name: str,
    cuts: Iterable[int] = (),
    engine: str = wasm.DEFAULT_ENGINE,
    form: str = "file",
    keep: list[bytes] | None = None,
) -> Story:
    """Run an example, suspended when it has spent each of `cuts`, which must grow.

    In the form of a module it is another program after each, and so is the digest of its state.
    The snapshots, as files, are added to `keep`.
    """
    instance = image.Instance(image.Program(program(name)), entry=PROGRAMS[name])
    story, host = Story(), SimulatedHost()
    for cut in itertools.chain(cuts, [None]):
        outcome, digest = _part(instance, host, _allowed(instance, cut), engine)
        story.transcript += b"".join(host.packets)
        story.log += host.log
        if not isinstance(outcome, wasm.Suspended):
            break
        story.cuts += 1
        # What is here besides the machine is kept where a runtime would keep it.
        services = [Service("everything", codec.dumps(host.freeze()))]
        if keep is not None:
            keep.append(snapshot.file.encode(instance.snapshot(Buffers(services=services))))
        instance, buffers = pass_on(instance, Buffers(services=services), form)
        record: Any = codec.loads(buffers.services[0].buffer)
        host = SimulatedHost(record)
    assert not isinstance(outcome, wasm.Suspended)
    story.result = str(outcome)
    story.fuel = instance.fuel_spent
    story.digest = f"{digest} {hashlib.sha256(codec.dumps(host.freeze())).hexdigest()}"
    return story


def _allowed(instance: image.Instance, cut: int | None) -> int | None:
    """Fuel up to a cut. There is none if a bulk instruction has gone beyond it already."""
    return None if cut is None else max(0, cut - instance.fuel_spent)


def _part(
    instance: image.Instance, channel: SimulatedHost, fuel: int | None, engine: str
) -> tuple[wasm.Outcome, str]:
    """What a worker does: run until the program stops, and keep what it has become.

    Returns how it stopped, and the digest of the machine's state.
    """
    code = instance.program
    host = abi.Host(
        channel, channel, time_resolution=RESOLUTION, random=bytes(range(16)), debug=True
    )
    imports = host.imports(code.resolution)
    if instance.state is None:
        machine = wasm.Instance(code.module, imports, engine=engine, fuel=fuel, start=False)
    else:
        machine = wasm.Instance.thaw(code.module, instance.state, imports, engine=engine, fuel=fuel)
    host.bind(machine.memory)
    phase, entry = instance.phase, instance.entry
    instance.begin_mutation()
    outcome: wasm.Outcome = wasm.Returned([])
    if phase == "fresh":
        phase, outcome = "start", machine.start()
    elif phase in ("start", "entry"):
        outcome = machine.resume()
    if phase != "entry" and isinstance(outcome, wasm.Returned) and entry is not None:
        phase, outcome = "entry", machine.call(entry)
    if isinstance(outcome, wasm.Returned):
        phase = "halted"
    instance.end_mutation(
        state=machine.freeze_tree(),
        phase=phase,
        stack_usage=len(machine.backtrace()),
        memory_size=0 if machine.memory is None else machine.memory.size,
        monotonic_time=host.monotonic_time(),
        fuel_spent=machine.fuel_spent,
    )
    return outcome, machine.state_digest()


def run_processes(
    name: str,
    cuts: Iterable[int] = (),
    engine: str = wasm.DEFAULT_ENGINE,
    form: str = "file",
    keep: list[bytes] | None = None,
) -> Story:
    """Run an example in real workers, each part from the bytes of a snapshot."""
    instance = image.Instance(image.Program(program(name)), entry=PROGRAMS[name])
    buffers = Buffers()
    story, debug = Story(), io.BytesIO()
    with Executor() as executor:
        for cut in itertools.chain(cuts, [None]):
            policy = ProcessPolicy(
                time_resolution=RESOLUTION,
                debug_log=debug,
                fuel=_allowed(instance, cut),
                engine=engine,
            )
            with executor.new_process(timeout=SECONDS) as process:
                process.start(instance.program, instance, policy)
                result, trap = process.serve(None, LastingRegistry(), buffers, timeout=SECONDS)
            if trap is not TrapID.SUSPENDED:
                break
            story.cuts += 1
            instance, buffers = pass_on(instance, buffers, form)
    story.log = debug.getvalue()
    story.fuel = instance.fuel_spent
    story.result = f"{trap} {result}"
    if buffers.services:
        state: Any = codec.loads(buffers.services[0].buffer)
        story.transcript = state["services"]["received"]
    return story
