"""Limits of time: wall clock and processor, also in the middle of long operations."""

from __future__ import annotations

import resource
import time
from typing import Any

import pytest

from assemble import assemble
from refexec import image, wasm
from refexec.errors import ConfigError
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.trap import TrapID
from runtime_world import Log, NoServices, Outcome, Script, program, run

COUNTER = """(module
  (memory (export "memory") 1)
  (func (export "main")
    (loop $again
      (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1)))
      (br $again))))"""

PATIENCE = 60.0
"""Seconds that a loaded machine may need on top of what is promised, also to hand over a gigabyte;
far less than what would pass without the limit."""


def timed(*arguments: Any, **settings: Any) -> tuple[Outcome, float]:
    begun = time.monotonic()
    out = run(*arguments, **settings)
    return out, time.monotonic() - begun


def test_a_time_limit_suspends(executor: Executor) -> None:
    out, seconds = timed(executor, program(COUNTER), time_limit=0.6)
    assert out.trap is TrapID.SUSPENDED
    assert out.instance.coherent
    assert 0.6 <= seconds < 0.6 + PATIENCE
    again = run(executor, out.instance, time_limit=0.6)
    assert again.trap is TrapID.SUSPENDED


def test_the_time_of_a_process_begins_with_its_start(executor: Executor) -> None:
    code = program(COUNTER)
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"), ProcessPolicy(time_limit=0.3))
        time.sleep(0.4)
        begun = time.monotonic()
        assert process.serve(None, NoServices())[1] is TrapID.SUSPENDED
        assert time.monotonic() - begun < PATIENCE


def test_a_program_that_ends_in_time_does_not_notice(executor: Executor) -> None:
    code = program('(module (func (export "main")))')
    out = run(executor, code, time_limit=1e8, cpu_limit=1e8)
    assert out.trap is TrapID.EXIT


def test_services_do_not_notice_a_time_limit(executor: Executor) -> None:
    contexts = []

    class Watcher(NoServices):
        def create_server(self, ctx: Any, *rest: Any) -> Any:
            contexts.append(ctx)
            return super().create_server(ctx, *rest)

    out = run(executor, program(COUNTER), services=Watcher(), time_limit=0.5)
    assert out.trap is TrapID.SUSPENDED
    assert contexts[0].err is None


def test_a_limit_of_processor_time_suspends(executor: Executor) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = run(executor, program(COUNTER), cpu_limit=0.3)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert out.trap is TrapID.SUSPENDED
    assert out.instance.coherent
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0.3 <= used < 2


def test_waiting_uses_no_processor_time(executor: Executor) -> None:
    wait = """(call $io (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.const 0) (i32.const 0) (i32.const 12) (i64.const 1000000000) (i32.const 0))"""
    out, seconds = timed(executor, Script().wat(wait).program(), cpu_limit=0.5)
    assert out.trap is TrapID.EXIT
    assert seconds >= 1


LONG = {
    "a fill of a gigabyte": """(module (memory 16384)
      (func (export "main") {begun} (loop $again
        (memory.fill (i32.const 0) (i32.const 7) (i32.const 1073741823))
        (br $again))))""",
    "a copy of a large table": """(module (memory 1) (table 9000000 funcref)
      (func (export "main") {begun} (loop $again
        (table.copy (i32.const 1) (i32.const 0) (i32.const 8999999))
        (br $again))))""",
}

LIBRARY = """
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))"""

BEGUN = """
  (i32.store (i32.const 32) (i32.const 16)) (i32.store (i32.const 36) (i32.const 3))
  (i32.store (i32.const 16) (i32.const 0x0a6f67))
  (drop (call $fd_write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 8)))"""

LARGE = wasm.Limits(memory_pages=16384, table_entries=10_000_000)


def long_program(name: str) -> image.Instance:
    text = LONG[name].replace("{begun}", BEGUN).replace("(module", f"(module {LIBRARY}", 1)
    return image.Instance(image.Program(assemble(text), limits=LARGE), entry="main", limits=LARGE)


@pytest.mark.parametrize("name", LONG)
def test_a_time_limit_in_a_long_operation(executor: Executor, name: str) -> None:
    ended = []

    def watch(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        ended.append(time.monotonic())

    out, _ = timed(executor, long_program(name), during=watch, limits=LARGE, time_limit=2.0)
    late = time.monotonic() - ended[0] - 2.0
    assert out.trap is TrapID.SUSPENDED
    assert late < 1 + PATIENCE


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("how", [Process.kill, Process.suspend])
def test_an_end_in_a_long_operation(executor: Executor, name: str, how: Any) -> None:
    asked = []

    def end(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        asked.append(time.monotonic())
        how(process)

    # A gigabyte that has been filled is a gigabyte to hand over, so no second suspension.
    out = run(executor, long_program(name), during=end, limits=LARGE, time_limit=600.0)
    late = time.monotonic() - asked[0]
    assert out.trap is (TrapID.KILLED if how is Process.kill else TrapID.SUSPENDED)
    if how is Process.kill:
        assert late < 1 + PATIENCE


@pytest.mark.parametrize("name", ["time_limit", "cpu_limit"])
@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_limits_that_make_no_sense(name: str, seconds: float) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} is .*, expected 0 < seconds < 1000000000$"):
        ProcessPolicy(**{name: seconds})  # type: ignore[arg-type]
