"""Every example recorded in the runtime, with real services, and replayed without them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import pytest

from example_programs import NAMES
from example_runs import Open, Run, Sink, Trickle
from refexec import wasm
from refexec.abi.inputlog import container
from refexec.abi.inputlog.calls import EffectKind
from refexec.runtime.debuglog import DebugLog
from refexec.runtime.process import Process
from refexec.runtime.replay import Replay
from refexec.snapshot import file
from refexec.trap import TrapID

ENGINES = pytest.mark.parametrize("engine", wasm.ENGINES)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def to_echo() -> list[tuple[Any, Any]]:
    # In crumbs, so that there are partial packets on both sides.
    return [(Trickle(noise(3000), 7), Sink())]


CASES: dict[str, tuple[str, str, Callable[[], list[tuple[Any, Any]]]]] = {
    "copier": ("copier", "copy", lambda: [(io.BytesIO(noise(150_000)), Sink())]),
    "copier join": ("copier", "join", lambda: [(io.BytesIO(noise(9_000)), Sink()), (None, Sink())]),
    "counter": ("counter", "count_to", list),
    "dice": ("dice", "roll", list),
    "discover": ("discover", "discover", list),
    "echo": ("echo", "echo", to_echo),
    "hello": ("hello", "greet", lambda: [(io.BytesIO(), Sink())]),
    "shout": ("shout", "shout", list),
    "wasi": ("wasi", "", list),
}


def test_every_example_is_recorded() -> None:
    assert {name for name, _, _ in CASES.values()} == set(NAMES)


def check(run: Run, data: bytes, text: bytes, engine: str) -> Replay:
    """Replay a run that has just ended; nothing may differ."""
    log = container.load(io.BytesIO(data))
    logged, sent = io.BytesIO(), io.BytesIO()
    lines = DebugLog(logged)
    replay = Replay(log, engine=engine, sent=sent.write, logged=lines.feed)
    assert replay.run()
    assert replay.complete
    lines.finish()
    assert logged.getvalue() == text
    instance, buffers = replay.outcome()
    assert instance.fuel_spent == run.instance.fuel_spent
    assert (instance.trap, instance.result) == (run.trap, run.result)
    assert buffers == run.buffers
    if engine == "reference":
        run.instance.trap, run.instance.result = run.trap, run.result
        assert file.encode(instance.snapshot(buffers)) == file.encode(
            run.instance.snapshot(run.buffers)
        )
    return replay


@ENGINES
@pytest.mark.parametrize("name", CASES)
def test_a_recorded_run_is_replayed_alone(name: str, engine: str) -> None:
    program, entry, connections = CASES[name]
    run, target = Run.of(program, entry), io.BytesIO()
    run.serve(*connections(), record=target)
    assert run.trap is TrapID.EXIT
    check(run, target.getvalue(), run.debug.getvalue(), engine)


def test_packets_arrive_in_pieces_as_they_did() -> None:
    run, target = Run.of("echo", "echo"), io.BytesIO()
    run.serve(*to_echo(), record=target)
    log = container.load(io.BytesIO(target.getvalue()))
    effects = [effect for index in range(len(log.fuels)) for effect in log.call(index).effects]
    received = b"".join(e.data for e in effects if e.kind is EffectKind.RECEIVED)
    assert len(received) > 3000
    sent = io.BytesIO()
    assert Replay(log, sent=sent.write).run()
    assert len(sent.getvalue()) == sum(e.size for e in effects if e.kind is EffectKind.SENT)


@ENGINES
def test_a_chain_of_runs(engine: str) -> None:
    run = Run.of("dice", "roll")
    before = b""
    for fuel in (0, 300, 700, 1100, 1700, None):
        target = io.BytesIO()
        run.serve(fuel=fuel, record=target)
        text = run.debug.getvalue().removeprefix(before)
        before = run.debug.getvalue()
        check(run, target.getvalue(), text, engine)
        if run.trap is TrapID.EXIT:
            return
    raise AssertionError(run.trap)


def test_a_run_that_was_suspended_while_it_waited() -> None:
    run, target = Run.of("echo", "echo"), io.BytesIO()
    source, sink = Open(b"before"), Sink()

    def meanwhile(process: Process) -> None:
        sink.wait_for(lambda sink: sink.content == b"before")
        process.suspend()

    try:
        run.serve((source, sink), meanwhile=meanwhile, record=target)
    finally:
        source.end.set()
    assert run.trap is TrapID.SUSPENDED
    check(run, target.getvalue(), b"", "reference")
    target = io.BytesIO()
    run.serve(record=target)
    assert run.trap is TrapID.EXIT
    check(run, target.getvalue(), b"", "reference")
