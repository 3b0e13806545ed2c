"""Scenarios of sections D and H: what is kept between runs, and debug text."""

from __future__ import annotations

import pytest

from refexec import image
from refexec.errors import ABIViolationError, InternalError
from refexec.packet import Packet
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.snapshot import Buffers, Service
from refexec.trap import TrapID
from runtime_world import (
    Log,
    NoServices,
    Outcome,
    Script,
    Scripted,
    disc,
    echo,
    kill_when,
    program,
    raw,
    run,
    states,
    suspend_when,
)

NAMES = ("origin", "test", "_nonexistent")
REPLY = states(0, 0, 0)
SPIN = "(loop $spin (br_if $spin (i32.eqz (i32.load (i32.const 512)))))"
"""Wait for `release`."""


def stopped(executor: Executor) -> Outcome:
    """A program that asked for services, and was stopped before it read the reply (70)."""
    # It waits until the reply is there, which a program that does not read learns from a timeout.
    code = (
        Script()
        .send(disc(*NAMES))
        .wat(
            """(call $io (i32.const 0) (i32.const 0) (i32.const 8)
                 (i32.const 0) (i32.const 0) (i32.const 12) (i64.const -1) (i32.const 0))"""
        )
        .log(b"asked\n")
        .wat(SPIN)
        .receive(16)
        .log(b"\n")
        .receive(16)
    )
    return run(executor, code.program(), during=suspend_when(b"asked"))


def release(instance: image.Instance) -> None:
    """Let the loop of the program above end, by setting the word that it looks at."""
    assert instance.state is not None
    pages = instance.state["instances"][0]["memories"][0]["chunks"]
    for piece in pages:
        if piece[0] == 0:
            piece[1] = piece[1][:512] + b"\1" + piece[1][513:]


def test_s070_s071_an_unread_reply_is_kept(executor: Executor) -> None:
    out = stopped(executor)
    assert out.trap is TrapID.SUSPENDED
    assert out.buffers == Buffers([Service(name) for name in NAMES], REPLY, b"")
    release(out.instance)
    again = run(executor, out.instance, buffers=out.buffers)
    assert again.trap is TrapID.EXIT
    assert again.debug == REPLY + b"\n" + states(0, 0, 0, domain=1) + b"\n"


def test_s072_without_services_there_is_no_notification(executor: Executor) -> None:
    out = stopped(executor)
    release(out.instance)
    out.buffers.services = []
    # It waits in vain for a second packet.
    again = run(executor, out.instance, buffers=out.buffers, during=suspend_when(REPLY))
    assert again.trap is TrapID.SUSPENDED
    assert again.debug == REPLY + b"\n"
    assert again.buffers.input == b""


def test_s073_a_reply_that_was_read_in_part(executor: Executor) -> None:
    code = (
        Script()
        .send(disc("x"))
        .receive(5)
        .log(b"five\n")
        .wat(SPIN)
        .receive(11)
        .receive(16)
        .program()
    )
    out = run(executor, code, during=suspend_when(b"five"))
    assert out.debug == states(0)[:5] + b"five\n"
    assert out.buffers.input == states(0)[5:]
    release(out.instance)
    again = run(executor, out.instance, buffers=out.buffers)
    assert again.debug == states(0)[5:] + states(0, domain=1) + b"\n"


@pytest.mark.parametrize("part", [1, 7, 8, 11, 13, 15])
def test_s074_s075_a_packet_that_was_written_in_part(executor: Executor, part: int) -> None:
    call = raw(13, 0, 0, b"whole")
    code = (
        Script()
        .send(disc("x"))
        .receive(16)
        .send(call[:part])
        .log(b"part\n")
        .wat(SPIN)
        .send(call[part:])
        .program()
    )
    world = Scripted(echo)
    out = run(executor, code, services=world, during=suspend_when(b"part"))
    assert out.trap is TrapID.SUSPENDED
    assert out.buffers.output == call[:part]
    assert world.named("handle") == 0
    release(out.instance)
    again = run(executor, out.instance, services=world, buffers=out.buffers)
    assert again.trap is TrapID.EXIT
    assert [c[1] for c in world.calls if c[0] == "handle"] == [call[:13]]
    assert again.buffers.output == b""
    assert again.buffers.input == states(1, domain=1) + call


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (disc("x"), "invalid code in buffered packet: -1"),
        (raw(8, -5, 0), "invalid code in buffered packet: -5"),
        (raw(8, 0, 0), "invalid service code in packet: 0"),
        (raw(7, 0, 0), "buffered packet has invalid size"),
        (raw(70000, 0, 0), "buffered packet has invalid size"),
    ],
)
def test_s076_s077_bad_saved_output(executor: Executor, output: bytes, message: str) -> None:
    world = Scripted()
    with pytest.raises(ABIViolationError, match=message):
        run(executor, program("(module)"), entry="", buffers=Buffers(output=output), services=world)
    assert world.calls[-1] == ("shutdown", False, True)


def test_saved_output_is_handled_first(executor: Executor) -> None:
    world = Scripted(echo)
    saved = Buffers([Service("x")], b"", raw(8, 0, 0) + raw(16, 0, 1, b"12345678"))
    out = run(executor, program("(module)"), entry="", buffers=saved, services=world)
    assert world.named("handle") == 2
    assert out.buffers.input.startswith(states(1, domain=1) + raw(8, 0, 0))


@pytest.mark.parametrize(
    ("code", "trap"),
    [
        ("(nop)", TrapID.EXIT),
        ("(unreachable)", TrapID.UNREACHABLE),
        ("(call $exit (i32.const 0))", TrapID.EXIT),
        ("(call $forever)", TrapID.KILLED),
    ],
)
def test_s078_services_are_suspended_whatever_the_end(
    executor: Executor, code: str, trap: TrapID
) -> None:
    world = Scripted()
    out = run(
        executor,
        Script().send(disc("x")).receive(16).log(b"\n").wat(code).program(),
        services=world,
        during=kill_when(states(1)) if trap is TrapID.KILLED else None,
    )
    assert out.trap is trap
    assert world.calls[-1] == ("shutdown", True, True)
    assert out.buffers.services == [Service("service0")]


def test_s078_without_buffers_nothing_is_kept(executor: Executor) -> None:
    world = Scripted()
    code = Script().send(disc("x")).receive(16).program()
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"))
        assert process.serve(None, world)[1] is TrapID.EXIT
    assert world.calls[-1] == ("shutdown", False, True)


def test_s079_an_error_keeps_no_services(executor: Executor) -> None:
    world = Scripted()
    buffers = Buffers([Service("old")], raw(8, -1, 1), b"")
    with pytest.raises(ABIViolationError):
        run(
            executor,
            Script().send(raw(8, 9, 0)).forever().program(),
            services=world,
            buffers=buffers,
        )
    assert world.calls[-1] == ("shutdown", False, True)
    assert buffers == Buffers()


def test_after_an_invalid_size_the_bytes_are_kept(executor: Executor) -> None:
    buffers = Buffers(input=raw(8, -1, 1))
    sent = raw(7, 0, 0) + b"more"
    with pytest.raises(ABIViolationError):
        run(executor, Script().send(sent).forever().program(), buffers=buffers)
    assert buffers.services == []
    assert buffers.input == raw(8, -1, 1)
    assert sent.startswith(buffers.output)
    assert len(buffers.output) >= 8


def test_after_an_error_behind_the_end_the_bytes_are_kept(executor: Executor) -> None:
    buffers = Buffers(input=raw(8, -1, 1))

    def handle(world: Scripted, packet: Packet) -> None:
        # The program has ended by itself when this is handled, or ends now.
        world.subject.exited.wait(20)  # type: ignore[attr-defined]  # set below
        raise ValueError("late")

    world = Scripted(handle)
    code = Script().send(disc("x") + raw(8, 0, 0) + b"tail").program()
    instance = image.Instance(code, entry="main")
    with executor.new_process() as process:
        world.subject = process._subject  # type: ignore[attr-defined]
        process.start(code, instance)
        with pytest.raises(InternalError, match=r"^late$"):
            process.serve(None, world, buffers)
    # What it became is known all the same.
    assert instance.phase == "halted"


def test_s080_the_callers_bytes_are_not_touched(executor: Executor) -> None:
    services, data = [Service("a", b"b")], bytes(bytearray(raw(8, -1, 1)))
    buffers = Buffers(services, data, b"abc")
    run(executor, program("(module)"), entry="", buffers=buffers)
    assert services == [Service("a", b"b")]
    assert data == raw(8, -1, 1)
    assert buffers.output == b"abc"


MANY_RUNS = """
(module
  (global $count (mut i32) (i32.const 100))
  (memory 1) (data (i32.const 0) "\\05")
  (start $begin)
  (func $begin (global.set $count (i32.add (global.get $count) (i32.const 10))))
  (func (export "inc") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
    (i32.ne (i32.add (i32.const 105) (i32.load8_u (i32.const 0))) (global.get $count))))
"""


def test_s081_a_halted_program_can_be_called_again(executor: Executor) -> None:
    instance = image.Instance(program(MANY_RUNS), entry="inc")
    for _ in range(3):
        out = run(executor, instance)
        assert (out.trap, out.result.value) == (TrapID.EXIT, 0)
        assert (instance.phase, instance.stack_usage, instance.entry) == ("halted", 0, None)
        instance.set_entry("inc")
    instance.set_entry("")
    spent = instance.fuel_spent
    out = run(executor, instance)
    assert (out.trap, out.result.value) == (TrapID.EXIT, 0)
    assert instance.fuel_spent == spent


def test_s082_a_terminated_program(executor: Executor) -> None:
    from refexec.errors import StateError

    code = "(func $deep (call $exit (i32.const 1)))"
    out = run(executor, Script().wat("(call $deep)").program(extra=code))
    out.instance.check_mutation()
    assert out.instance.stack_usage > 0
    with pytest.raises(StateError, match="program has terminated"):
        run(executor, out.instance)


def test_s085_a_services_state_goes_round(executor: Executor) -> None:
    class Kept(Scripted):
        def shutdown(self, ctx: object, suspend: bool) -> list[Service]:
            return [Service("a", b"state"), Service("b", b"")]

    out = run(executor, program("(module)"), entry="", services=Kept())
    world = Scripted()
    run(executor, out.instance, buffers=out.buffers, services=world)
    assert world.calls[0][2] == [Service("a", b"state"), Service("b", b"")]


def test_s086_instance_time_stands_still_between_runs(executor: Executor) -> None:
    code = (
        Script()
        .wat("(drop (call $clock (i32.const 1) (i64.const 1000000) (i32.const 600)))")
        .wat("(call $log (i32.const 600) (i32.const 8))")
        .log(b"go\n")
        .forever()
        .program(export="main")
    )
    instance = image.Instance(code, entry="main")
    out = run(executor, instance, during=suspend_when(b"go"))
    first = int.from_bytes(out.debug[:8], "little")
    assert first >= 1_000_000_000
    assert instance.monotonic_time >= first
    before = instance.monotonic_time
    run(executor, instance, fuel=10)
    assert before + 900_000_000 <= instance.monotonic_time < before + 10_000_000_000


def test_s087_random_bytes_are_given_anew_to_each_run(executor: Executor) -> None:
    body = """(if (call $random (i32.const 600) (i32.const 16)) (then (unreachable)))
      (call $log (i32.const 600) (i32.const 16))"""
    code = Script().wat(body).wat("(drop (call $raise (i32.const 1)))").wat(body).program()
    first = run(executor, code)
    assert first.trap is TrapID.ABI_DEFICIENCY
    assert len(first.debug.removesuffix(b"\n")) >= 15
    other = run(executor, code)
    assert first.debug != other.debug


def test_s088_the_io_flag_is_set_once_in_each_run(executor: Executor) -> None:
    fetch = """(call $io (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i64.const 0) (i32.const 600))
      (i32.store8 (i32.const 600) (i32.add (i32.load8_u (i32.const 600)) (i32.const 48)))
      (call $log (i32.const 600) (i32.const 1))"""
    code = Script().wat(fetch).wat(fetch).log(b"\n").wat(SPIN).wat(fetch).wat(fetch).program()
    out = run(executor, code, during=suspend_when(b"\n"))
    assert out.debug == b"10\n"
    release(out.instance)
    assert run(executor, out.instance).debug == b"10\n"


def test_s124_s126_debug_text_is_complete_when_serve_returns(executor: Executor) -> None:
    class Lines(Log):
        flushes = 0

        def flush(self) -> None:
            self.flushes += 1

    lines = Lines()
    code = Script().log(b"a").log(b"b\n").log(b"c").program()
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"), ProcessPolicy(debug_log=lines))
        process.serve(None, NoServices())
    assert lines.writes == [b"ab\n", b"c\n"]
    assert lines.flushes == 2


def test_s126_much_debug_text_arrives_in_order(executor: Executor) -> None:
    code = Script().wat("(call $log (i32.const 0) (i32.const 524288))").log(b"end\n").program()
    out = run(executor, code)
    assert len(out.debug) == 524288 + 4
    assert out.debug.endswith(b"\0\0end\n")


def test_s125_a_failing_writer_is_not_the_programs_problem(executor: Executor) -> None:
    class Broken:
        def write(self, data: bytes) -> int:
            raise OSError("gone")

    code = Script().log(b"x\n" * 100).log(b"y\n").program()
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"), ProcessPolicy(debug_log=Broken()))
        assert process.serve(None, NoServices())[1] is TrapID.EXIT


def test_without_a_debug_log_text_goes_nowhere(executor: Executor) -> None:
    # Not even the buffer is looked at (97).
    code = Script().wat("(call $log (i32.const 0x7fffffff) (i32.const 100))").program()
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"))
        assert process.serve(None, NoServices())[1] is TrapID.EXIT


def test_debug_text_blocks_the_program_not_the_loop(executor: Executor) -> None:
    import threading

    release_writer = threading.Event()

    class Slow:
        def write(self, data: bytes) -> int:
            release_writer.wait(20)
            return len(data)

    world = Scripted(echo)
    code = (
        Script()
        .send(disc("x") + raw(8, 0, 0))
        .log(b"first\n")
        .wat("(call $log (i32.const 0) (i32.const 524288))")
        .program()
    )

    def look(process: Process) -> None:
        world.wait_for("handle")
        process.suspend()
        release_writer.set()

    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"), ProcessPolicy(debug_log=Slow()))
        thread = threading.Thread(target=look, args=(process,))
        thread.start()
        _, trap = process.serve(None, world)
        thread.join()
    assert trap in (TrapID.EXIT, TrapID.SUSPENDED)
