"""Scenarios of section B: kill, suspend, cancel, and all of them at once."""

from __future__ import annotations

import threading

import pytest

from refexec import image
from refexec.context import background
from refexec.errors import (
    ABIViolationError,
    ExecutorDiedError,
    InternalError,
    ProgramError,
    StateError,
)
from refexec.runtime.channels import ErrorSlot
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.trap import Result, TrapID
from runtime_world import (
    SECONDS,
    Log,
    NoServices,
    Outcome,
    Script,
    Scripted,
    kill_when,
    program,
    run,
    suspend_when,
)

SPIN = Script().log(b"go\n").forever()

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


def counter_of(instance: image.Instance) -> int:
    """The counter of COUNTER, read from a state at rest."""
    assert instance.state is not None
    chunks = instance.state["instances"][0]["memories"][0]["chunks"]
    return int.from_bytes(chunks[0][1][:4], "little")


def test_s020_kill(executor: Executor) -> None:
    out = run(executor, SPIN.program(), during=kill_when(b"go"))
    assert out.trap is TrapID.KILLED


def test_s020_everything_is_a_no_op_after_a_kill(executor: Executor) -> None:
    log = Log()
    code = SPIN.program()
    instance = image.Instance(code, entry="main")
    process = executor.new_process()
    process.start(code, instance, ProcessPolicy(debug_log=log))
    log.wait_for(b"go")
    process.kill()
    assert process.serve(None, NoServices())[1] is TrapID.KILLED
    process.kill()
    process.suspend()
    process.close()
    process.close()
    process.kill()
    process.suspend()


def test_s021_suspend_and_resume(executor: Executor) -> None:
    out = run(executor, program(COUNTER), during=suspend_when(b"go"))
    counters = [0]
    for _ in range(3):
        assert out.trap is TrapID.SUSPENDED
        assert out.instance.phase == "entry"
        assert out.instance.stack_usage == 1
        assert not out.instance.final
        counters.append(counter_of(out.instance))
        assert counters[-1] > counters[-2]
        # Long enough to get going again, however slow the machine: fuel is no time.
        out = run(executor, out.instance, fuel=10_000)


def test_s021_twenty_times_by_fuel(executor: Executor) -> None:
    instance = image.Instance(program(COUNTER), entry="main")
    spent = 0
    for turn in range(1, 21):
        out = run(executor, instance, fuel=1000)
        assert out.trap is TrapID.SUSPENDED
        assert instance.fuel_spent == 1000 * turn
        assert counter_of(instance) > spent
        spent = counter_of(instance)


def test_fuel_stops_at_the_same_place_in_one_piece_or_many(executor: Executor) -> None:
    code = program(COUNTER)
    whole, pieces = image.Instance(code, entry="main"), image.Instance(code, entry="main")
    run(executor, whole, fuel=700)
    for _ in range(7):
        run(executor, pieces, fuel=100)
    assert whole.state == pieces.state
    assert whole.fuel_spent == pieces.fuel_spent == 700


def test_a_program_without_fuel_stops_before_its_first_instruction(executor: Executor) -> None:
    out = run(executor, Script().log(b"ran\n").program(), fuel=0)
    assert (out.trap, out.debug) == (TrapID.SUSPENDED, b"")
    assert run(executor, out.instance).debug == b"ran\n"


def test_a_start_function_can_be_suspended(executor: Executor) -> None:
    extra = """(start $begin) (data (i32.const 512) "in start\\n")
      (func $begin (call $log (i32.const 512) (i32.const 9)))"""
    code = Script().log(b"in entry\n").program(extra=extra)
    out = run(executor, code, fuel=3)
    assert (out.trap, out.debug) == (TrapID.SUSPENDED, b"")
    assert (out.instance.phase, out.instance.entry) == ("start", "main")
    again = run(executor, out.instance)
    assert (again.trap, again.debug) == (TrapID.EXIT, b"in start\nin entry\n")
    assert again.instance.entry is None


def test_s022_a_context_with_a_timeout_suspends(executor: Executor) -> None:
    log = Log()
    code = SPIN.program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(debug_log=log))
        log.wait_for(b"go")
        ctx, cancel = background().with_timeout(0.05)
        assert process.serve(ctx, NoServices())[1] is TrapID.SUSPENDED
        cancel()
    assert instance.phase == "entry"


def test_s022_a_timeout_suspends(executor: Executor) -> None:
    log = Log()
    code = SPIN.program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(debug_log=log))
        log.wait_for(b"go")
        assert process.serve(None, NoServices(), timeout=0.01)[1] is TrapID.SUSPENDED


def test_s023_a_context_that_is_done_before_serve(executor: Executor) -> None:
    ctx, cancel = background().with_cancel()
    cancel()
    world = Scripted()
    code = SPIN.program()
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"))
        assert process.serve(ctx, world)[1] is TrapID.SUSPENDED
    assert [call[0] for call in world.calls] == ["create_server", "start", "shutdown"]


@pytest.mark.parametrize(
    "wait",
    [
        """(call $io (i32.const 0) (i32.const 0) (i32.const 8)
             (i32.const 0) (i32.const 0) (i32.const 12) (i64.const -1) (i32.const 0))""",
        """(drop (call $poll (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 700)))""",
    ],
    ids=["io", "poll_oneoff"],
)
def test_s024_a_blocked_program_is_suspended_at_once(executor: Executor, wait: str) -> None:
    # A subscription to reading descriptor 4.
    extra = """
      (import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))"""
    body = Script().log(b"go\n").wat("(i32.store8 (i32.const 520) (i32.const 1))")
    body = body.wat("(i32.store (i32.const 528) (i32.const 4))").wat(wait).log(b"woken\n")
    code = body.program(imports=extra)
    out = run(executor, code, during=suspend_when(b"go"))
    assert (out.trap, out.debug) == (TrapID.SUSPENDED, b"go\n")
    # It goes on waiting, until there is something to read.
    out.buffers.input = bytes.fromhex("08000000ffff0000")
    again = run(executor, out.instance, buffers=out.buffers)
    assert (again.trap, again.debug) == (TrapID.EXIT, b"woken\n")


def test_s025_suspend_before_start(executor: Executor) -> None:
    code = SPIN.program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        process.suspend()
        process.suspend()
        process.start(code, instance)
        assert process.serve(None, NoServices())[1] is TrapID.SUSPENDED
        process.suspend()


def test_s026_kill_before_start(executor: Executor) -> None:
    code = SPIN.program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        process.kill()
        process.start(code, instance)
        assert process.serve(None, NoServices())[1] is TrapID.KILLED
    assert (instance.coherent, instance.phase) == (True, "fresh")


def test_s026_kill_between_start_and_serve(executor: Executor) -> None:
    log = Log()
    code = SPIN.program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        process.start(code, instance, ProcessPolicy(debug_log=log))
        log.wait_for(b"go")
        process.kill()
        assert process.serve(None, NoServices())[1] is TrapID.KILLED
    assert not instance.coherent


def test_s027_close_without_start(executor: Executor) -> None:
    process = executor.new_process()
    process.close()
    process.close()


@pytest.mark.parametrize(
    ("code", "trap"), [("(nop)", TrapID.KILLED), ("(unreachable)", TrapID.UNREACHABLE)]
)
def test_s028_kill_after_the_program_has_ended_by_itself(
    executor: Executor, code: str, trap: TrapID
) -> None:
    what = Script().wat(code).program()
    with executor.new_process() as process:
        process.start(what, image.Instance(what, entry="main"))
        assert process._subject.exited.wait(SECONDS)
        process.kill()
        assert process.serve(None, NoServices())[1] is trap


def test_s029_kill_after_a_deficiency(executor: Executor) -> None:
    what = Script().wat("(drop (call $raise (i32.const 1)))").program()
    with executor.new_process() as process:
        process.start(what, image.Instance(what, entry="main"))
        assert process._subject.exited.wait(SECONDS)
        process.kill()
        assert process.serve(None, NoServices())[1] is TrapID.KILLED


def test_s030_suspend_racing_with_the_end(executor: Executor) -> None:
    for _ in range(3):
        out = run(executor, Script().log(b"go\n").program(), during=suspend_when(b"go"))
        assert out.trap in (TrapID.EXIT, TrapID.SUSPENDED)
        assert out.result == Result(0)
        assert run(executor, out.instance).trap is TrapID.EXIT


def test_s031_suspend_then_kill(executor: Executor) -> None:
    def both(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        process.suspend()
        process.kill()

    out = run(executor, SPIN.program(), during=both)
    assert out.trap in (TrapID.SUSPENDED, TrapID.KILLED)


def test_s032_many_threads_at_once(executor: Executor) -> None:
    def storm(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        barrier = threading.Barrier(20)

        def call(which: int) -> None:
            barrier.wait()
            (process.kill if which % 2 else process.suspend)()

        threads = [threading.Thread(target=call, args=(i,)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    out = run(executor, SPIN.program(), during=storm)
    assert out.trap in (TrapID.SUSPENDED, TrapID.KILLED)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ValueError("no"), InternalError), (ProgramError("no"), ABIViolationError)],
)
def test_s033_a_registry_that_fails(
    executor: Executor, error: Exception, kind: type[InternalError]
) -> None:
    world = Scripted(fail_create=error)
    with pytest.raises(kind, match=r"^no$") as caught:
        run(executor, SPIN.program(), services=world)
    assert caught.value.__cause__ is error
    assert [call[0] for call in world.calls] == ["create_server"]


def test_a_server_that_fails_to_start(executor: Executor) -> None:
    world = Scripted(fail_start=KeyError())
    with pytest.raises(InternalError, match=r"^KeyError$"):
        run(executor, SPIN.program(), services=world)
    assert [call[0] for call in world.calls] == ["create_server", "start", "shutdown"]
    assert world.calls[-1] == ("shutdown", False, True)


def test_a_server_that_fails_to_shut_down(executor: Executor) -> None:
    world = Scripted(fail_shutdown=ValueError("no"))
    with pytest.raises(InternalError, match=r"^no$"):
        run(executor, program("(module)"), entry="", services=world)
    assert world.named("shutdown") == 1


def test_s034_the_error_slot_ends_the_loop(
    executor: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    world = Scripted(errors=ErrorSlot(), fail_shutdown=ValueError("second"))
    error = OSError("broken")

    def fail(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        assert world.errors is not None
        world.errors.fail(error)

    with pytest.raises(InternalError, match=r"^broken$") as caught:
        run(executor, SPIN.program(), services=world, during=fail)
    assert caught.value.__cause__ is error
    assert caught.value.trap is TrapID.INTERNAL_ERROR
    assert world.calls[-1] == ("shutdown", False, True)
    assert caplog.messages == ["services failed to shut down after an error"]


def test_s035_a_closed_error_slot_is_ignored(executor: Executor) -> None:
    world = Scripted(errors=ErrorSlot())

    def close(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        assert world.errors is not None
        world.errors.close()
        process.suspend()

    out = run(executor, SPIN.program(), services=world, during=close)
    assert out.trap is TrapID.SUSPENDED
    assert world.calls[-1] == ("shutdown", True, True)


def test_s083_a_program_that_was_killed_is_lost(executor: Executor) -> None:
    out: Outcome = run(executor, SPIN.program(), during=kill_when(b"go"))
    assert not out.instance.coherent
    with pytest.raises(StateError, match=r"^instance state is invalid$"):
        out.instance.check_mutation()
    with pytest.raises(StateError, match=r"^instance state is invalid$"):
        run(executor, out.instance)


def test_s084_a_program_that_was_suspended_before_it_began(executor: Executor) -> None:
    code = Script().log(b"ran\n").program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        # A stopped worker cannot have begun when the request reaches it.
        process.suspend()
        process.start(code, instance)
        _, trap = process.serve(None, NoServices())
    assert instance.coherent
    if trap is TrapID.SUSPENDED and instance.phase == "fresh":
        assert (instance.stack_usage, instance.entry, instance.fuel_spent) == (0, "main", 0)
    assert run(executor, instance).trap is TrapID.EXIT


def test_s039_closing_the_executor_ends_serve() -> None:
    with Executor() as executor:

        def close(process: Process, log: Log) -> None:
            log.wait_for(b"go")
            executor.close()

        with pytest.raises(ExecutorDiedError, match=r"^executor died unexpectedly$"):
            run(executor, SPIN.program(), during=close)
        assert executor.dead.is_set()


def test_a_worker_killed_from_outside_is_named(executor: Executor) -> None:
    import os
    import signal

    def murder(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(InternalError, match=r"^process termination signal: killed$"):
        run(executor, SPIN.program(), during=murder)
    assert run(executor, program("(module)"), entry="").trap is TrapID.EXIT
