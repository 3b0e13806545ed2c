"""Workers: what they get, what they give up, and what becomes of those that misbehave."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import time
from multiprocessing import resource_tracker, shared_memory
from pathlib import Path
from typing import Any

import pytest

import hostile
from refexec import image
from refexec.errors import ABIViolationError, ConfigError, InternalError
from refexec.observe import Observer
from refexec.packet import Packet, Thunk
from refexec.runtime import subject, worker
from refexec.runtime.executor import Executor
from refexec.runtime.isolation.measures import left_out_by_environment
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.runtime.spawn import LOST, WorkerProcess
from refexec.snapshot import Buffers
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
    states,
)

EMPTY = "(module)"


def replace(monkeypatch: pytest.MonkeyPatch, worker: type[WorkerProcess]) -> None:
    monkeypatch.setattr(subject, "WorkerProcess", worker)


def await_end(pid: int) -> None:
    """Wait until a process is dead that need not be a child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], SECONDS)[0]
    finally:
        os.close(descriptor)


# -- what a worker gets and gives up -------------------------------------------------------------


@pytest.fixture(scope="module")
def census() -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a real worker says about itself just before it takes its program."""
    with pytest.MonkeyPatch.context() as monkeypatch, Executor() as executor:
        replace(monkeypatch, hostile.Census)
        code = program(EMPTY)
        with executor.new_process() as process:
            assert os.getpgid(process.pid) == process.pid
            process.start(code, image.Instance(code))
            with pytest.raises(InternalError) as caught:
                process.serve(None, NoServices())
            text = str(caught.value).removeprefix("worker failed: RuntimeError: ")
            return json.loads(text), process.protections


def test_a_worker_imports_what_it_needs(census: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    modules = set(census[0]["modules"])
    assert {"refexec.runtime.worker", "refexec.interp.machine", "refexec.abi.host"} <= modules
    for unwanted in (
        "refexec.cli",
        "refexec.service",
        "refexec.image",
        "refexec.context",
        "refexec.runtime.executor",
        "refexec.runtime.process",
        "refexec.runtime.serve",
        "refexec.runtime.protocols",
        *hostile.HEAVY,
    ):
        if unwanted == "logging" and left_out_by_environment():  # coverage is measured
            continue
        assert unwanted not in modules


def test_a_worker_holds_its_two_channels(census: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    facts, _ = census
    # Nothing, two channels, and both ends of a pipe that it has made itself.
    assert facts["open"] == [0, 1, 2, 3, 4, 5, 6]
    assert facts["standard"] == [True, True, True]
    assert facts["tracker"] is None


def test_a_worker_gets_nothing_else_of_its_parent(
    census: tuple[dict[str, Any], tuple[str, ...]],
) -> None:
    facts, _ = census
    assert facts["authkey"] == ""
    assert "PATH" in os.environ
    if "environment" not in left_out_by_environment():
        assert facts["environment"] == {}
    assert facts["argv"] == ["-c", "--multiprocessing-fork"]


def test_a_worker_is_on_its_own(census: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    facts, protections = census
    assert facts["sigint"]
    assert facts["sigxcpu"]
    assert facts["core"] == [0, 0]
    assert {"no-new-privs", "not-dumpable", "parent-death", "rlimit-core"} <= set(protections)
    assert not set(protections) & left_out_by_environment()


def test_nothing_of_the_callers_main_module_is_there(
    census: tuple[dict[str, Any], tuple[str, ...]],
) -> None:
    assert "spawn_main" in census[0]["main"]
    assert "__file__" not in census[0]["main"]


def test_the_hand_over_holds_no_secret() -> None:
    key = bytes(multiprocessing.current_process().authkey)
    payload = pickle.dumps(WorkerProcess(3, 4, 5))
    assert key not in payload
    assert len(payload) < 200


SCRIPT = """
from refexec import Executor, image, service
print("main")
code = image.Program(b"\\0asm\\1\\0\\0\\0")
with Executor() as executor, executor.new_process() as process:
    process.start(code, image.Instance(code))
    print(process.serve(None, service.Registry()))
"""


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "main"
    assert len(done.stdout.splitlines()) == 2


def test_a_worker_finds_refexec_where_its_parent_has_found_it(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    script = tmp_path / "script.py"
    # As an editable installation does: found, but not by a directory that is in the path.
    script.write_text(
        f"import sys\nsys.path.insert(0, {root!r})\nimport refexec\n"
        f"sys.path = [entry for entry in sys.path if entry != {root!r}]\n{SCRIPT}"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "main"
    assert len(done.stdout.splitlines()) == 2


def test_an_executor_that_is_never_closed_keeps_nobody_alive(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from refexec import Executor\nprint(Executor().new_process().pid)\n")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert not Path(f"/proc/{int(done.stdout)}").exists()


def test_workers_are_children_that_multiprocessing_knows(executor: Executor) -> None:
    with executor.new_process() as process:
        assert process.pid in [child.pid for child in multiprocessing.active_children()]
    assert process.pid not in [child.pid for child in multiprocessing.active_children()]


ABANDONS = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from refexec import Executor, image
from runtime_world import Log, ProcessPolicy, Script
log = Log()
code = Script().log(b"go\\n").forever().program()
executor = Executor()
process, fresh = executor.new_process(), executor.new_process()
process.start(code, image.Instance(code, entry="main"), ProcessPolicy(debug_log=log))
log.wait_for(b"go")
print(process.pid, fresh.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(ABANDONS)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, script, root / "tests/support"],
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    for pid in pids:
        await_end(pid)


# -- workers that are reaped or watched in other ways --------------------------------------------


def test_a_machine_without_process_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(pid: int) -> int:
        raise OSError("not here")

    monkeypatch.setattr(os, "pidfd_open", missing)
    with Executor() as executor:
        code = Script().log(b"go\n").forever().program()

        def suspend(process: Process, log: Log) -> None:
            log.wait_for(b"go")
            process.suspend()

        out = run(executor, code, during=suspend)
        assert out.trap is TrapID.SUSPENDED
        process = executor.new_process()
        popen = process._subject.popen
        assert popen.wait(0.001) is None
        process.close()
        assert popen.wait() == -signal.SIGKILL


def test_a_worker_that_somebody_else_reaps(executor: Executor) -> None:
    with executor.new_process() as process:
        code = program(EMPTY)
        popen = process._subject.popen
        with popen._lock:  # the executor has to wait
            process.start(code, image.Instance(code))
            os.waitpid(process.pid, 0)
        with pytest.raises(InternalError, match=f"^unknown process status: {LOST}$"):
            process.serve(None, NoServices())
        assert not popen.send_signal(signal.SIGKILL)


def test_waiting_for_a_worker(executor: Executor) -> None:
    process = executor.new_process()
    popen = process._subject.popen
    assert popen.wait(0.001) is None
    assert popen.poll() is None
    popen.terminate()
    assert process._subject.exited.wait(SECONDS)
    assert popen.poll(0) == -signal.SIGTERM
    process.close()


# -- workers that misbehave ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worker", "message"),
    [
        (hostile.Garbage, "broke the rules of its control channel: frame header is invalid"),
        (hostile.GarbageThenExit, "control channel: frame header is invalid"),
        (hostile.HugeState, "control channel: STATE has 4294967295 bytes, at most"),
        (hostile.TwoStates, "control channel: BEGIN is not expected"),
        (hostile.BadState, "control channel: .* is not allowed"),
        (hostile.Complaint, r"^worker failed: \\x1b\[31m\\xff\\n\\u202e$"),
        (hostile.Orphan, "^worker was orphaned$"),
    ],
)
def test_nonsense_of_a_worker_is_an_internal_error(
    executor: Executor,
    monkeypatch: pytest.MonkeyPatch,
    worker: type[WorkerProcess],
    message: str,
) -> None:
    replace(monkeypatch, worker)
    with pytest.raises(InternalError, match=message):
        run(executor, program(EMPTY), entry="")


@pytest.mark.parametrize("vandal", [hostile.EarlyVandal, hostile.LateVandal])
def test_garbage_in_everything_harms_nobody_else(
    executor: Executor, monkeypatch: pytest.MonkeyPatch, vandal: type[WorkerProcess]
) -> None:
    question = raw(16, 0, 0, b"question")
    neighbour = Script().send(disc("echo")).receive(16).log(b"up\n").receive(8)
    code = neighbour.send(question).receive(16).program()
    wrote = b"a segment of the parent"
    shared = shared_memory.SharedMemory(create=True, size=len(wrote))
    try:
        shared.buf[: len(wrote)] = wrote
        tracker = resource_tracker._resource_tracker._pid
        world = Scripted(echo)

        def vandalize(process: Process, log: Log) -> None:
            log.wait_for(b"up")
            with monkeypatch.context() as patch:
                replace(patch, vandal)
                # Whichever of the two channels is looked at first.
                with pytest.raises((InternalError, ABIViolationError)):
                    run(executor, program(EMPTY), entry="")
            assert world.sender is not None
            assert world.ctx is not None
            go_on = Thunk.of(Packet(bytes.fromhex("0800000000000100")))
            assert world.sender.send(go_on, world.ctx)

        out = run(executor, code, services=world, during=vandalize)
        assert out.trap is TrapID.EXIT
        assert b"question" in out.debug
        # The tracker lives, and has deleted nothing.
        assert resource_tracker._resource_tracker._pid == tracker
        os.kill(tracker, 0)
        again = shared_memory.SharedMemory(shared.name)
        assert bytes(again.buf[: len(wrote)]) == wrote
        again.close()
    finally:
        shared.close()
        shared.unlink()


def test_a_foreign_state_is_found_when_it_is_used(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        replace(patch, hostile.ForeignState)
        out = run(executor, program(EMPTY), entry="")
    assert out.trap is TrapID.SUSPENDED
    with pytest.raises(InternalError, match=r"^worker failed: SnapshotError: "):
        run(executor, out.instance)


@pytest.mark.parametrize("worker", [hostile.Deaf, hostile.Mute])
def test_a_worker_that_ends_its_stream_is_ended(
    executor: Executor, monkeypatch: pytest.MonkeyPatch, worker: type[WorkerProcess]
) -> None:
    replace(monkeypatch, worker)
    world = Scripted(echo)
    buffers = Buffers(input=raw(8, -1, 1))
    with pytest.raises(InternalError, match=r"^process termination signal: killed$"):
        run(executor, program(EMPTY), entry="", services=world, buffers=buffers)
    if worker is hostile.Mute:
        assert world.named("discover") == 1
        assert buffers.input == raw(8, -1, 1) + states(1)


def test_a_worker_that_does_not_listen_from_the_beginning(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(monkeypatch, hostile.Deaf)
    log = Log()
    code = program(EMPTY)
    buffers = Buffers(input=raw(8, -1, 1))
    with executor.new_process() as process:
        process.start(code, image.Instance(code), ProcessPolicy(debug_log=log))
        log.wait_for(b"deaf")
        with pytest.raises(InternalError, match=r"^process termination signal: killed$"):
            process.serve(None, NoServices(), buffers)
    assert buffers.input == raw(8, -1, 1)


def test_a_worker_that_does_not_suspend(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(monkeypatch, hostile.TooSlow)

    def suspend(process: Process, log: Log) -> None:
        log.wait_for(b"up")
        process.suspend()

    out = run(executor, program(EMPTY), entry="", during=suspend)
    assert out.trap is TrapID.SUSPENDED
    assert not out.instance.coherent


def test_a_worker_that_ignores_suspension_can_be_killed(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(monkeypatch, hostile.Stubborn)

    def suspend_and_kill(process: Process, log: Log) -> None:
        log.wait_for(b"up")
        process.suspend()
        while process._fate.name != "SUSPENDED":
            pass
        process.kill()

    out = run(executor, program(EMPTY), entry="", during=suspend_and_kill)
    assert out.trap is TrapID.KILLED


def test_what_a_worker_has_started_ends_with_it(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(monkeypatch, hostile.Parent)
    out = run(executor, program(EMPTY), entry="")
    assert out.trap is TrapID.EXIT
    await_end(int(out.debug))


def test_a_state_that_does_not_fit_the_module_is_refused_by_the_worker(
    executor: Executor,
) -> None:
    code = program('(module (func (export "main")))')
    instance = image.Instance(code, entry="main")
    instance.begin_mutation()
    instance.end_mutation(
        state={},
        phase="entry",
        stack_usage=1,
        memory_size=0,
        monotonic_time=0,
        fuel_spent=0,
    )
    with pytest.raises(
        InternalError, match=r"^worker failed: SnapshotError: state: expected a mapping with a list"
    ):
        run(executor, instance)
    # It has not begun, so nothing is lost.
    assert instance.coherent


def test_a_worker_has_every_engine(executor: Executor) -> None:
    code = program(
        """(module
          (func $fib (export "fib") (param $n i32) (result i32)
            (if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n))
              (else (i32.add
                (call $fib (i32.sub (local.get $n) (i32.const 1)))
                (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
          (func (export "main") (result i32)
            (i32.ne (call $fib (i32.const 17)) (i32.const 1597))))"""
    )
    spent = set()
    changing = ("translated", "reference", "translated")
    for engines, first in [
        (("reference",), 0),
        (("translated",), 0),
        (changing, 5000),
        # Just where the worker itself changes the engine.
        (changing, worker.EARLY - 1),
        (changing, worker.EARLY),
        (changing, worker.EARLY + 1),
    ]:
        instance = image.Instance(code, entry="main")
        buffers = Buffers()
        for number, engine in enumerate(engines, start=1):
            fuel = first if number < len(engines) else None
            with executor.new_process(timeout=SECONDS) as process:
                process.start(code, instance, ProcessPolicy(engine=engine, fuel=fuel))
                result, trap = process.serve(None, NoServices(), buffers)
            assert trap is (TrapID.EXIT if fuel is None else TrapID.SUSPENDED)
            assert fuel is None or instance.fuel_spent == number * fuel
        assert result == Result(0)
        spent.add(instance.fuel_spent)
    assert len(spent) == 1


def test_a_large_program_is_handed_over(executor: Executor) -> None:
    code = program(
        """(module (memory 40)
          (func (export "main") (memory.fill (i32.const 0) (i32.const 7) (i32.const 2621440)))
          (func (export "check") (result i32)
            (i32.ne (i32.load8_u (i32.const 2621439)) (i32.const 7))))"""
    )
    out = run(executor, code)
    out.instance.set_entry("check")
    again = run(executor, out.instance)
    assert (again.trap, again.result.value) == (TrapID.EXIT, 0)
    assert out.instance.memory_size == 40 << 16


def test_a_policy_names_the_engine() -> None:
    with pytest.raises(ConfigError, match="imaginary"):
        ProcessPolicy(engine="imaginary")
    assert ProcessPolicy().runs_on == "translated"
    assert ProcessPolicy(observer=Observer()).runs_on == "reference"


def test_the_end_of_input_is_neither_input_nor_a_reason_to_stop_waiting() -> None:
    ours, theirs = socket.socketpair()
    before = signal.set_wakeup_fd(-1)
    try:
        channel = worker.Channel(theirs, worker.Control(-1))
        ours.send(b"x")
        ours.close()
        # What came before the end is there, whole.
        assert channel.poll(True, False, None) == (True, False)
        assert channel.read(10) == b"x"
        begun = time.monotonic()
        assert channel.poll(True, False, 20_000_000) == (False, False)
        assert time.monotonic() - begun >= 0.02
        assert channel.read(10) == b""
    finally:
        signal.set_wakeup_fd(before)
        theirs.close()
