"""Recorded runs of real workers, run again without them: the same, to the last bit."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from assemble import assemble
from refexec import image, wasm
from refexec.abi.inputlog import container
from refexec.abi.inputlog.container import InputLog
from refexec.abi.inputlog.recorder import Piece
from refexec.errors import (
    ABIViolationError,
    InputLogError,
    InternalError,
    RefexecError,
    ReplayDivergedError,
    StateError,
)
from refexec.runtime.control import ControlError
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.recording import Recording
from refexec.runtime.replay import Replay
from refexec.snapshot import Buffers, Service, file
from refexec.trap import Result, TrapID
from runtime_world import (
    SECONDS,
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
    suspend_when,
)

ENGINES = pytest.mark.parametrize("engine", wasm.ENGINES)


@dataclass
class Recorded:
    """A run, and its log."""

    outcome: Outcome
    data: bytes

    @property
    def log(self) -> InputLog:
        return container.load(io.BytesIO(self.data))

    def snapshot(self) -> bytes:
        """What the run left behind."""
        instance = self.outcome.instance
        instance.trap, instance.result = self.outcome.trap, self.outcome.result
        return file.encode(instance.snapshot(self.outcome.buffers))


def record(executor: Executor, what: Any, **options: Any) -> Recorded:
    target = io.BytesIO()
    outcome = run(executor, what, record=target, **options)
    return Recorded(outcome, target.getvalue())


def replay(recorded: Recorded, engine: str = "reference") -> Replay:
    """Run it again; everything must be the same."""
    sent, logged = io.BytesIO(), io.BytesIO()
    again = Replay(recorded.log, engine=engine, sent=sent.write, logged=logged.write)
    assert again.run()
    assert again.ended
    assert again.complete
    assert again.run()
    outcome = recorded.outcome
    instance, buffers = again.outcome()
    assert again.fuel_spent == outcome.instance.fuel_spent
    assert (instance.trap, instance.result) == (outcome.trap, outcome.result)
    text = logged.getvalue()
    assert outcome.debug == text + (b"\n" if text and not text.endswith(b"\n") else b"")
    if engine == "reference":
        assert file.encode(instance.snapshot(buffers)) == recorded.snapshot()
    return again


PRELUDE = """
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1 4)
"""


def guest(*functions: str) -> image.Program:
    return program(f"(module {PRELUDE} {' '.join(functions)})")


def main(body: str) -> str:
    return f'(func (export "main") (result i32) {body})'


# -- inputs ----------------------------------------------------------------------------------------

INPUTS = {
    "clocks": """
      (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 8)))
      (drop (call $clock (i32.const 1) (i64.const 5000000) (i32.const 16)))
      (i32.load (i32.const 8))""",
    "random": """
      (drop (call $random (i32.const 8) (i32.const 16)))
      (i32.load (i32.const 8))""",
    "environment": """
      (drop (call $environ (i32.const 8) (i32.const 100)))
      (i32.load8_u (i32.const 100))""",
    "timeout": """
      (i32.store8 (i32.const 16) (i32.const 0))
      (i64.store (i32.const 32) (i64.const 2000000))
      (drop (call $poll (i32.const 8) (i32.const 64) (i32.const 1) (i32.const 4)))
      (i32.load (i32.const 4))""",
}


@ENGINES
@pytest.mark.parametrize("name", INPUTS)
def test_what_comes_from_outside_comes_again(executor: Executor, name: str, engine: str) -> None:
    recorded = record(executor, guest(main(INPUTS[name])))
    assert recorded.outcome.trap is TrapID.EXIT
    replay(recorded, engine)


def test_two_runs_are_told_apart(executor: Executor) -> None:
    logs = [record(executor, guest(main(INPUTS["random"]))).log for _ in range(2)]
    assert logs[0].encoded_calls != logs[1].encoded_calls


@ENGINES
def test_packets_in_both_directions(executor: Executor, engine: str) -> None:
    script = Script().send(disc("test")).receive(16)
    for size in (1, 100, 20_000):
        content = bytes(size)
        packet = raw(8 + size, 0, 0, content)
        script.send(packet).receive(len(packet))
    recorded = record(executor, script.program(), services=Scripted(echo))
    assert recorded.outcome.trap is TrapID.EXIT
    replay(recorded, engine)


def test_what_the_program_sends_is_made_again(executor: Executor) -> None:
    packets = disc("a", "b"), raw(8, -1, 0), bytes(range(8))
    recorded = record(executor, Script().send(packets[0]).log(b"x").program())
    sent = io.BytesIO()
    Replay(recorded.log, sent=sent.write).run()
    assert sent.getvalue() == packets[0]


# -- ends ------------------------------------------------------------------------------------------

ENDS: dict[str, tuple[str, TrapID]] = {
    "failure": ("(i32.const 3)", TrapID.EXIT),
    "exit": ("(call $exit (i32.const 0)) (i32.const 0)", TrapID.EXIT),
    "exit badly": ("(call $exit (i32.const 7)) (i32.const 0)", TrapID.EXIT),
    "unreachable": ("unreachable", TrapID.UNREACHABLE),
    "division": ("(i32.div_u (i32.const 1) (i32.const 0))", TrapID.INTEGER_DIVIDE_BY_ZERO),
    "abi deficiency": ("(call $close (i32.const 4))", TrapID.ABI_DEFICIENCY),
    "too much random": (
        "(call $random (i32.const 8) (i32.const 100))",
        TrapID.ABI_DEFICIENCY,
    ),
    "outside memory": (
        "(call $clock (i32.const 0) (i64.const 0) (i32.const 65535))",
        TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS,
    ),
    "memory": (
        """(drop (memory.grow (i32.const 2))) (drop (memory.grow (i32.const 9)))
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 70000))
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 1000000)) (i32.const 0)""",
        TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS,
    ),
}


@ENGINES
@pytest.mark.parametrize("name", ENDS)
def test_every_end(executor: Executor, name: str, engine: str) -> None:
    body, trap = ENDS[name]
    recorded = record(executor, guest(main(body)))
    assert recorded.outcome.trap is trap
    replay(recorded, engine)


@ENGINES
def test_the_stack_is_full_at_the_same_call(executor: Executor, engine: str) -> None:
    code = program('(module (func $f (export "main") (call $f)))')
    recorded = record(executor, code, limits=wasm.Limits(call_depth=321))
    assert recorded.outcome.trap is TrapID.CALL_STACK_EXHAUSTED
    assert recorded.log.beginning.bounds.call_depth == 321
    assert replay(recorded, engine).outcome()[0].stack_usage == 321


def test_a_module_without_imports_memory_or_entry(executor: Executor) -> None:
    replay(record(executor, program("(module)"), entry=""))


def test_a_trap_while_the_program_is_instantiated(executor: Executor) -> None:
    code = program('(module (memory 1) (data (i32.const 65536) "x") (func (export "main")))')
    recorded = record(executor, code)
    assert recorded.outcome.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
    assert replay(recorded).machine is None


def test_an_exception_that_nothing_catches(executor: Executor) -> None:
    recorded = record(executor, program('(module (tag $t) (func (export "main") (throw $t)))'))
    assert recorded.outcome.trap is TrapID.UNREACHABLE
    replay(recorded)


@pytest.mark.parametrize("fuel", [None, 0, 4, 5, 6, 7, 20])
def test_start_functions(executor: Executor, fuel: int | None) -> None:
    code = guest(
        "(func $start (drop (call $random (i32.const 8) (i32.const 2))))",
        "(start $start)",
        main(INPUTS["random"]),
    )
    replay(record(executor, code, fuel=fuel))


# -- suspension ------------------------------------------------------------------------------------

LOOP = main(
    """(local $i i32) (local $sum i32)
    (loop $again
      (drop (call $random (i32.const 8) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.const 8))))
      (memory.fill (i32.const 100) (local.get $sum) (i32.const 50))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 16))))
    (local.get $sum)"""
)
"""Takes as many random bytes as there are, one by one."""


@ENGINES
def test_a_chain_of_runs_of_any_length(executor: Executor, engine: str) -> None:
    code = guest(LOOP)
    instance = image.Instance(code, entry="main")
    buffers = Buffers()
    traps = []
    for fuel in [1, 2, 3, 0, 17, 18, 19, 61, None]:
        recorded = record(executor, instance, buffers=buffers, fuel=fuel)
        replay(recorded, engine)
        traps.append(recorded.outcome.trap)
    assert traps[:8] == [TrapID.SUSPENDED] * 8


@ENGINES
def test_a_suspension_by_time(executor: Executor, engine: str) -> None:
    code = Script().log(b"running\n").forever().program()
    recorded = record(executor, code, during=suspend_when(b"running\n"))
    assert recorded.outcome.trap is TrapID.SUSPENDED
    replay(recorded, engine)
    # And once more, from there.
    recorded = record(executor, recorded.outcome.instance, timeout=0.3)
    assert recorded.outcome.trap is TrapID.SUSPENDED
    replay(recorded, engine)


@pytest.mark.parametrize(
    "wait",
    [
        # Without limit; for input; and after a first wait that had its reason.
        "(drop (call $poll (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))",
        """(i32.store8 (i32.const 16) (i32.const 1)) (i32.store (i32.const 24) (i32.const 4))
        (drop (call $poll (i32.const 8) (i32.const 64) (i32.const 1) (i32.const 4)))""",
        INPUTS["timeout"].replace("(i32.load (i32.const 4))", "")
        + "(drop (call $poll (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))",
    ],
)
@ENGINES
def test_a_suspension_in_a_blocked_poll(executor: Executor, wait: str, engine: str) -> None:
    say = """
      (i32.store (i32.const 1000) (i32.const 1008))
      (i32.store (i32.const 1004) (i32.const 3))
      (i32.store (i32.const 1008) (i32.const 0x0a6b6f))
      (drop (call $write (i32.const 1) (i32.const 1000) (i32.const 1) (i32.const 1012)))"""
    imports = """(import "wasi_unstable" "fd_write"
      (func $write (param i32 i32 i32 i32) (result i32)))"""
    code = program(f"(module {imports} {PRELUDE} {main(say + wait + '(i32.const 0)')})")
    recorded = record(executor, code, during=suspend_when(b"ok\n"))
    assert recorded.outcome.trap is TrapID.SUSPENDED
    # Nearly always in the poll; that a call is interrupted is tried without an engine too.
    replay(recorded, engine)


def test_a_suspension_before_the_program_begins(executor: Executor) -> None:
    target = io.BytesIO()
    instance = image.Instance(Script().forever().program(), entry="main")
    with executor.new_process(timeout=SECONDS) as process:
        process.suspend()
        process.start(instance.program, instance, ProcessPolicy(record=target))
        result, trap = process.serve(None, NoServices(), Buffers())
    assert trap is TrapID.SUSPENDED
    recorded = Recorded(Outcome(result, trap, b"", instance, Buffers()), target.getvalue())
    again = replay(recorded)
    ending = again.log.ending
    assert ending is not None
    assert again.fuel_spent == instance.fuel_spent


HOST_ENTRY = """(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (func $start (nop) (nop)) (start $start)
  (export "main" (func $yield)))"""


@pytest.mark.parametrize("fuel", [None, 0, 2, 3])
def test_an_entry_that_is_a_function_of_the_host(executor: Executor, fuel: int | None) -> None:
    replay(record(executor, program(HOST_ENTRY), fuel=fuel))


def test_a_suspension_before_an_entry_that_is_a_function_of_the_host(executor: Executor) -> None:
    # Such a call costs no fuel, so that fuel alone does not tell whether it was made.
    recorded = record(executor, program(HOST_ENTRY))
    tampered = edited(
        recorded.log,
        calls=[],
        trap=TrapID.SUSPENDED,
        status=102,
        phase="entry",
        frames=0,
        state_format=0,
    )
    again = Replay(tampered)
    assert again.run()
    assert again.machine is not None
    assert again.machine.suspended


@ENGINES
def test_a_suspension_before_the_first_step(executor: Executor, engine: str) -> None:
    log = record(executor, guest(LOOP), fuel=0).log
    # The same by a signal, which came before the program did anything.
    log = replace(log, beginning=replace(log.beginning, fuel=None))
    again = Replay(log, engine=engine)
    assert again.run()
    assert again.fuel_spent == 0


# -- what ends a run from outside ------------------------------------------------------------------


def test_a_program_that_is_killed_is_replayed_as_far_as_it_is_known(executor: Executor) -> None:
    code = Script().log(b"one\n").log(b"two\n").forever().program()
    recorded = record(executor, code, during=kill_when(b"two\n"))
    assert recorded.outcome.trap is TrapID.KILLED
    logged = io.BytesIO()
    again = Replay(recorded.log, logged=logged.write)
    assert not again.complete
    assert again.run()
    assert logged.getvalue() == b"one\ntwo\n"[: 4 * again.position]
    assert again.log.ending is not None
    assert again.log.ending.trap is TrapID.KILLED
    instance, buffers = again.outcome()
    assert instance.trap is TrapID.SUSPENDED
    assert not instance.final
    assert buffers == Buffers()


def violate(executor: Executor, script: Script, error: type[RefexecError]) -> InputLog:
    target = io.BytesIO()
    with pytest.raises(error):
        run(executor, script.program(), record=target)
    return container.load(io.BytesIO(target.getvalue()))


def test_a_program_that_breaks_the_rules(executor: Executor) -> None:
    log = violate(executor, Script().send(raw(7, 0, 0)).forever(), ABIViolationError)
    assert log.ending is not None
    assert log.ending.trap is TrapID.ABI_VIOLATION
    assert log.ending.error == "runtime: invalid op packet size: 7"
    sent = io.BytesIO()
    again = Replay(log, sent=sent.write)
    assert again.run()
    # The program may have been killed before that call was recorded.
    assert sent.getvalue() == raw(7, 0, 0)[: 8 * again.position]
    assert again.outcome()[0].final == (again.position > 0)


def test_a_host_that_fails(executor: Executor) -> None:
    class Failing:
        def create_server(self, *arguments: object) -> Any:
            raise RuntimeError("no\nservices")

    target = io.BytesIO()
    with pytest.raises(InternalError):
        run(executor, Script().forever().program(), record=target, services=Failing())
    log = container.load(io.BytesIO(target.getvalue()))
    assert log.ending is not None
    assert (log.ending.trap, log.ending.error) == (TrapID.INTERNAL_ERROR, "no\nservices")


def test_a_host_that_fails_when_the_program_has_ended(executor: Executor) -> None:
    target = io.BytesIO()
    services = Scripted(fail_shutdown=RuntimeError("too late"))
    with pytest.raises(InternalError):
        run(executor, Script().log(b"x").program(), record=target, services=services)
    log = container.load(io.BytesIO(target.getvalue()))
    assert log.ending is not None
    assert log.ending.error == "too late"
    replay = Replay(log)
    assert replay.run()
    assert replay.complete
    assert replay.outcome()[0].trap is TrapID.INTERNAL_ERROR


def test_a_log_that_just_ends(executor: Executor) -> None:
    script = Script().log(b"one").log(b"two").log(b"three")
    recorded = record(executor, script.program())
    begun = 12 + 8 + int.from_bytes(recorded.data[16:20], "little") + 8
    fuels = recorded.log.fuels
    for size in range(begun, len(recorded.data)):
        log = container.load(io.BytesIO(recorded.data[:size]))
        logged = io.BytesIO()
        again = Replay(log, logged=logged.write)
        assert again.run()
        assert not again.complete
        assert logged.getvalue() == b"".join([b"one", b"two", b"three"][: len(log.fuels)])
        assert again.fuel_spent == (log.fuels[-1] if log.fuels else 0)
        assert again.position == len(log.fuels) <= len(fuels)


# -- the writer ------------------------------------------------------------------------------------


class Raw(io.BytesIO):
    """Takes three bytes at a time."""

    def write(self, data: Any) -> int:
        return super().write(bytes(data[:3]))


def test_a_writer_may_take_less_than_it_is_given(executor: Executor) -> None:
    target = Raw()
    outcome = run(executor, guest(main(INPUTS["random"])), record=target)
    replay(Recorded(outcome, target.getvalue()))


class Full:
    """Fails after some writes."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room = room
        self.error = error

    def write(self, data: bytes) -> None:
        self.room -= 1
        if self.room < 0:
            raise self.error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (RuntimeError("broken"), "broken"),
        (RuntimeError(), "RuntimeError"),
    ],
)
@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_writer_that_fails_does_not_disturb_the_program(
    executor: Executor, room: int, error: Exception, message: str
) -> None:
    code = Script().log(b"x").program()
    instance = image.Instance(code, entry="main")
    with executor.new_process(timeout=SECONDS) as process:
        process.start(code, instance, ProcessPolicy(record=Full(room, error)))
        assert process.record_failure == ""
        assert process.serve(None, NoServices()) == (Result(), TrapID.EXIT)
        assert process.record_failure == message


def test_what_cannot_be_written_down_does_not_disturb_the_program(executor: Executor) -> None:
    code = Script().log(b"x").program()
    instance = image.Instance(code, entry="main")
    target = io.BytesIO()
    with executor.new_process(timeout=SECONDS) as process:
        process.start(code, instance, ProcessPolicy(record=target))
        buffers = Buffers([Service("")])
        assert process.serve(None, NoServices(), buffers) == (Result(), TrapID.EXIT)
        assert process.record_failure == "snapshot has service name out of bounds in services[0]"
    assert target.getvalue() == b""


def test_a_process_that_is_not_served_writes_nothing(executor: Executor) -> None:
    target = io.BytesIO()
    # More than the channels hold.
    code = Script().wat("(loop $l (call $log (i32.const 0) (i32.const 9)) (br $l))").program()
    instance = image.Instance(code, entry="main")
    with executor.new_process(timeout=SECONDS) as process:
        process.start(code, instance, ProcessPolicy(record=target))
    assert target.getvalue() == b""
    assert process.record_failure == "the process was not served"


def test_pieces_that_are_none(executor: Executor) -> None:
    code = program("(module)")
    recording = Recording(code, image.Instance(code), ProcessPolicy(record=io.BytesIO()))
    recording.begin(None)
    for payload in (b"", b"\1abc", b"\4", b"\xff"):
        with pytest.raises(ControlError, match="INPUT is invalid"):
            recording.piece(bytearray(payload))
    recording.piece(bytearray([Piece.PART]) + b"abc")


def test_without_a_record_there_is_none(executor: Executor) -> None:
    with executor.new_process(timeout=SECONDS) as process:
        assert process.record_failure == ""


def test_without_a_debug_log_text_is_not_recorded(executor: Executor) -> None:
    target = io.BytesIO()
    code = Script().log(b"unseen").program()
    instance = image.Instance(code, entry="main")
    with executor.new_process(timeout=SECONDS) as process:
        process.start(code, instance, ProcessPolicy(record=target))
        process.serve(None, NoServices())
    logged = io.BytesIO()
    assert Replay(container.load(io.BytesIO(target.getvalue())), logged=logged.write).run()
    assert logged.getvalue() == b""


# -- stopping on the way, and going back -----------------------------------------------------------


def test_a_replay_stops_at_any_fuel(executor: Executor) -> None:
    recorded = record(executor, guest(LOOP))
    total = recorded.outcome.instance.fuel_spent
    whole = Replay(recorded.log)
    assert whole.run()
    assert whole.machine is not None
    again = Replay(recorded.log)
    for fuel in range(total):
        assert not again.run(fuel)
        # Bulk instructions cost more than what was left.
        assert fuel <= again.fuel_spent <= fuel + 50
    assert again.run(total)
    assert again.machine is not None
    assert again.machine.state_digest() == whole.machine.state_digest()


@ENGINES
def test_a_replay_goes_back_to_a_checkpoint(executor: Executor, engine: str) -> None:
    recorded = record(executor, guest(LOOP))
    again = Replay(recorded.log, engine=engine)
    begin = again.checkpoint()
    assert not again.run(70)
    middle = again.checkpoint()
    position = again.position
    digest = again.machine and again.machine.state_digest()
    assert again.run()
    with pytest.raises(StateError, match="ended"):
        again.checkpoint()
    for point, fuel, calls in [(middle, again.fuel_spent, position), (begin, 0, 0)]:
        again.restore(point)
        assert not again.ended
        assert again.position == calls
        assert again.fuel_spent <= fuel
        again.run(70)
        assert digest == (again.machine and again.machine.state_digest())
        assert again.run()


def test_a_program_that_talked_to_services_does_not_go_on_from_the_middle(
    executor: Executor,
) -> None:
    script = Script().log(b"before").send(disc("test")).receive(16).log(b"after")
    recorded = record(executor, script.program(), services=Scripted(echo))
    again = Replay(recorded.log)
    again.run(recorded.log.fuels[0])
    assert not again.outcome()[0].final
    again.run(recorded.log.fuels[-1] - 1)
    assert again.outcome()[0].final
    assert again.run()
    assert not again.outcome()[0].final


# -- logs that lie ---------------------------------------------------------------------------------


def edited(log: InputLog, calls: list[bytes] | None = None, **changes: Any) -> InputLog:
    """A log with another ending."""
    ending = log.ending
    assert ending is not None
    assert ending.final is not None
    names = {item.name for item in fields(ending.final)}
    final = replace(ending.final, **{k: v for k, v in changes.items() if k in names})
    rest = {k: v for k, v in changes.items() if k not in names}
    encoded = list(log.encoded_calls) if calls is None else calls
    return replace(
        log,
        encoded_calls=encoded,
        fuels=log.fuels[: len(encoded)],
        ending=replace(ending, final=final, **rest),
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": 3}, "expected exit status 3, found 1"),
        ({"phase": "terminated"}, "expected phase terminated, found halted"),
        ({"frames": 5}, "expected frames 5, found 0"),
        ({"memory_size": 1}, "expected memory size 1, found 65536"),
        ({"digest": "0" * 64}, "expected state digest 000"),
        ({"fuel_spent": 10**9}, "expected fuel 1000000000, found"),
    ],
)
def test_an_end_that_was_not_recorded(
    executor: Executor, change: dict[str, Any], expected: str
) -> None:
    log = record(executor, guest(main(INPUTS["random"]))).log
    with pytest.raises(ReplayDivergedError) as caught:
        Replay(edited(log, **change)).run()
    assert str(caught.value).startswith("replay diverges at the end, fuel ")
    assert expected in str(caught.value)
    assert caught.value.call == 2


def test_an_end_that_is_too_early(executor: Executor) -> None:
    log = record(executor, guest(LOOP)).log
    with pytest.raises(ReplayDivergedError, match="expected exit status"):
        Replay(edited(log, fuel_spent=log.fuels[-1])).run()


def test_a_call_that_is_missing_or_too_many(executor: Executor) -> None:
    log = record(executor, guest(LOOP)).log
    calls = list(log.encoded_calls)
    with pytest.raises(ReplayDivergedError, match="expected no more calls, found random_get"):
        Replay(edited(log, calls=calls[:-1])).run()
    short = record(executor, guest(main(INPUTS["random"]))).log
    more = edited(short)
    more = type(more)(more.beginning, [*calls[:1], *calls[:1]], [4, 4], more.ending)
    with pytest.raises(ReplayDivergedError):
        Replay(more).run()


def test_a_call_that_the_program_does_not_make(executor: Executor) -> None:
    log = record(executor, guest(main(INPUTS["random"]))).log
    calls, fuels = [*log.encoded_calls] * 2, [*log.fuels, log.fuels[-1] + 100]
    with pytest.raises(ReplayDivergedError, match="expected 2 host calls, found 1"):
        Replay(replace(log, encoded_calls=calls, fuels=fuels)).run()


def test_a_state_digest_of_another_form_is_not_compared(executor: Executor) -> None:
    log = record(executor, guest(main(INPUTS["random"]))).log
    assert Replay(edited(log, digest="0" * 64, state_format=99)).run()


@pytest.mark.parametrize("name", ["call_depth", "memory_pages", "gc_heap"])
def test_wider_limits_than_are_allowed(executor: Executor, name: str) -> None:
    limits = wasm.Limits(**{name: getattr(wasm.Limits(), name) + 1})
    log = record(executor, guest(main("(i32.const 0)")), limits=limits).log
    if name == "memory_pages":
        # The instance allows less.
        assert Replay(log).run()
        return
    with pytest.raises(InputLogError, match=f"was recorded with {name} "):
        Replay(log)
    assert Replay(log, limits=limits).run()


def test_a_program_that_had_ended(executor: Executor) -> None:
    log = record(executor, guest(main("(i32.const 0)"))).log
    log.beginning.snapshot.phase = "terminated"
    with pytest.raises(InputLogError, match="had ended for good"):
        Replay(log)


def test_bytes_that_are_no_program(executor: Executor) -> None:
    log = record(executor, guest(main("(i32.const 0)"))).log
    log.beginning.snapshot.module = assemble("(module)")[:-1] + b"\1"
    with pytest.raises(RefexecError):
        Replay(log)
