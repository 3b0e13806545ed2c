"""More ways to be suspended: cancelled contexts, asking twice, deep calls, endless start functions.

The scenarios of suspension are in `test_ends`.
"""

from __future__ import annotations

import threading

from refexec import image
from refexec.context import background
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.trap import Result, TrapID
from runtime_world import (
    SECONDS,
    Log,
    NoServices,
    Script,
    Scripted,
    disc,
    echo,
    program,
    raw,
    run,
    suspend_when,
)

# Counts in memory and in a local variable, and traps if they differ.
COUNTER = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\20\\00\\00\\00\\03\\00\\00\\00")
  (data (i32.const 32) "go\\0a")
  (func (export "main") (local $i i32)
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (if (i32.ne (i32.load (i32.const 0)) (local.get $i)) (then (unreachable)))
      (br $again))))
"""


def test_a_context_that_is_cancelled_suspends(executor: Executor) -> None:
    log = Log()
    code = program(COUNTER)
    instance = image.Instance(code, entry="main")
    ctx, cancel = background().with_cancel()

    def cancel_when_it_runs() -> None:
        try:
            log.wait_for(b"go")
        finally:
            cancel()

    canceller = threading.Thread(target=cancel_when_it_runs)
    with executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(debug_log=log))
        canceller.start()
        assert process.serve(ctx, NoServices())[1] is TrapID.SUSPENDED
        canceller.join()
        # More of the same is harmless, now and when the process is closed.
        cancel()
        process.suspend()
    process.suspend()
    # The program checks by itself that nothing is lost.
    assert instance.phase == "entry"
    assert run(executor, instance, fuel=10_000).trap is TrapID.SUSPENDED


def test_suspending_twice_while_it_runs(executor: Executor) -> None:
    def twice(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        process.suspend()
        process.suspend()

    out = run(executor, program(COUNTER), during=twice)
    assert out.trap is TrapID.SUSPENDED
    assert (out.instance.phase, out.instance.coherent) == ("entry", True)
    assert run(executor, out.instance, fuel=10_000).trap is TrapID.SUSPENDED


def test_a_program_that_has_just_ended_by_itself_has_ended(executor: Executor) -> None:
    code = Script().log(b"done\n").program()
    instance = image.Instance(code, entry="main")
    log = Log()
    with executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(debug_log=log))
        assert process._subject.exited.wait(SECONDS)
        process.suspend()
        process.suspend()
        assert process.serve(None, NoServices()) == (Result(0), TrapID.EXIT)
        process.suspend()
    assert (instance.phase, log.content) == ("halted", b"done\n")
    # It has nothing more to do, and does that.
    assert run(executor, instance).trap is TrapID.EXIT


def test_an_endless_start_function_is_suspended_again_and_again(executor: Executor) -> None:
    extra = """(start $begin) (data (i32.const 512) "go\\n")
      (func $begin (call $log (i32.const 512) (i32.const 3)) (call $forever))"""
    code = Script().log(b"never\n").program(extra=extra)
    out = run(executor, code, during=suspend_when(b"go"))
    for _ in range(2):
        assert out.trap is TrapID.SUSPENDED
        assert (out.instance.phase, out.instance.entry) == ("start", "main")
        assert out.instance.stack_usage == 2
        out = run(executor, out.instance, fuel=100)
    assert out.debug == b""


def test_nested_calls_are_suspended_with_all_their_frames(executor: Executor) -> None:
    extra = """(func $nest (param i32)
      (if (local.get 0) (then (call $nest (i32.sub (local.get 0) (i32.const 1))))
        (else (call $log (i32.const 512) (i32.const 3)) (call $forever)))
      (unreachable)) (data (i32.const 512) "go\\n")"""
    code = Script().wat("(call $nest (i32.const 500))").program(extra=extra)
    out = run(executor, code, during=suspend_when(b"go"))
    assert (out.trap, out.instance.stack_usage) == (TrapID.SUSPENDED, 503)
    again = run(executor, out.instance, fuel=1000)
    assert (again.trap, again.instance.stack_usage) == (TrapID.SUSPENDED, 503)


def test_a_program_that_cannot_send_any_more_is_suspended_and_sends_all_the_same(
    executor: Executor,
) -> None:
    # It does not take the answers, so that sooner or later nothing is taken from it.
    calls = [raw(16_000, 0, 0, number.to_bytes(4, "little") * 3998) for number in range(28)]
    script = Script().send(disc("echo")).send(b"".join(calls))
    script.code += 2 * script.code[-1:]
    code = script.log(b"sent\n").program()
    answering = Scripted(handler=echo)

    def suspend(process: Process, log: Log) -> None:
        answering.wait_for("handle", 5)
        process.suspend()

    out = run(executor, code, services=answering, during=suspend)
    assert (out.trap, out.debug) == (TrapID.SUSPENDED, b"")
    handled = [call[1] for call in answering.calls if call[0] == "handle"]

    # The answers, which it still does not take, would only stop it again.
    out.buffers.input = b""
    silent = Scripted()
    again = run(executor, out.instance, services=silent, buffers=out.buffers)
    assert (again.trap, again.debug) == (TrapID.EXIT, b"sent\n")
    handled += [call[1] for call in silent.calls if call[0] == "handle"]
    assert handled == 3 * calls
