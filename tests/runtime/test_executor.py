"""Executors: their limits, their end, and who may wait for what."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from refexec import image
from refexec.context import background
from refexec.errors import (
    CancelledError,
    ConfigError,
    DeadlineExceededError,
    ExecutorDiedError,
    UnavailableError,
)
from refexec.runtime import executor as executor_module
from refexec.runtime import group, spawn
from refexec.runtime.executor import DEFAULT_CONFIG, MAX_PROCS, Config, Executor, GroupExecutor
from refexec.runtime.group import ProcessGroup, open_cgroup
from refexec.runtime.key import ProcessKey
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.runtime.subject import Subject
from refexec.trap import TrapID
from runtime_world import SECONDS, NoServices, Script, Scripted, program


def test_s036_a_process_limit_of_one() -> None:
    with Executor(Config(max_procs=1)) as executor:
        first = executor.new_process()
        ctx, cancel = background().with_timeout(0.05)
        with pytest.raises(DeadlineExceededError):
            executor.new_process(ctx)
        cancel()
        with pytest.raises(DeadlineExceededError):
            executor.new_process(timeout=0.01)
        first.close()
        with executor.new_process(timeout=SECONDS) as second:
            assert second.pid != first.pid


def test_s036_a_kill_is_enough_to_make_room() -> None:
    with Executor(Config(max_procs=1)) as executor, executor.new_process() as first:
        first.kill()
        executor.new_process(timeout=SECONDS).close()


def test_a_context_that_is_done_makes_no_process(executor: Executor) -> None:
    ctx, cancel = background().with_cancel()
    cancel()
    with pytest.raises(CancelledError):
        executor.new_process(ctx)


def test_waiting_ends_with_the_context() -> None:
    with Executor(Config(max_procs=1)) as executor, executor.new_process():
        ctx, cancel = background().with_cancel()
        timer = threading.Timer(0.02, cancel)
        timer.start()
        with pytest.raises(CancelledError):
            executor.new_process(ctx)
        timer.join()


def test_s037_limits() -> None:
    assert DEFAULT_CONFIG == Config() == Config(max_procs=MAX_PROCS)
    with pytest.raises(ConfigError, match=r"^executor process limit is too high$"):
        Config(max_procs=16385)
    with pytest.raises(ConfigError, match="executor process limit is negative"):
        Config(max_procs=-1)
    with Executor(Config(max_procs=0)) as executor:
        assert len(executor._free) == 16384


def test_s038_an_executor_that_is_closed() -> None:
    executor = Executor()
    assert not executor.dead.is_set()
    executor.close()
    executor.close()
    assert executor.dead.is_set()
    with pytest.raises(ExecutorDiedError, match=r"^executor died unexpectedly$"):
        executor.new_process()


def test_s038_closing_wakes_up_who_waits() -> None:
    executor = Executor(Config(max_procs=1))
    process = executor.new_process()
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            executor.new_process()
        except ExecutorDiedError as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    executor.close()
    thread.join(SECONDS)
    assert len(errors) == 1
    process.kill()
    process.suspend()
    process.close()


def test_closing_kills_workers_that_nobody_serves() -> None:
    with Executor() as executor:
        processes = [executor.new_process() for _ in range(3)]
        code = Script().forever().program()
        processes[0].start(code, image.Instance(code, entry="main"))
        executor.close()
        assert all(process._subject.exited.is_set() for process in processes)
        with pytest.raises(ExecutorDiedError):
            processes[0].serve(None, NoServices())
        for process in processes:
            process.close()


def test_s039_an_end_that_came_before_the_executors_counts() -> None:
    code = program("(module)")
    with Executor() as executor, executor.new_process() as process:
        process.start(code, image.Instance(code))
        assert process._subject.exited.wait(SECONDS)
        executor.close()
        assert process.serve(None, NoServices())[1] is TrapID.EXIT


def test_s040_many_processes_with_few_at_a_time() -> None:
    code = Script().log(b"x\n").program()
    keys: list[ProcessKey] = []
    traps: list[TrapID] = []
    lock = threading.Lock()

    def run() -> None:
        with executor.new_process(timeout=60) as process:
            process.start(code, image.Instance(code, entry="main"))
            _, trap = process.serve(None, Scripted())
            with lock:
                keys.append(process.key)
                traps.append(trap)

    with Executor(Config(max_procs=4)) as executor:
        threads = [threading.Thread(target=run) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert traps == [TrapID.EXIT] * 16
    assert len(set(keys)) == 16


def test_processes_outlive_the_thread_that_asked_for_them(executor: Executor) -> None:
    processes = []
    thread = threading.Thread(target=lambda: processes.append(executor.new_process()))
    thread.start()
    thread.join()
    code = program("(module)")
    with processes[0] as process:
        process.start(code, image.Instance(code))
        assert process.serve(None, NoServices())[1] is TrapID.EXIT


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Making a worker has begun; let it go on."""
    begun, go_on = threading.Event(), threading.Event()

    def make(*arguments: Any) -> Subject:
        begun.set()
        assert go_on.wait(SECONDS)
        return Subject(*arguments)

    monkeypatch.setattr(executor_module, "Subject", make)
    return begun, go_on


def test_a_worker_that_comes_too_late_is_killed(
    slow: tuple[threading.Event, threading.Event],
) -> None:
    begun, go_on = slow
    with Executor(Config(max_procs=1)) as executor:
        ctx, cancel = background().with_cancel()
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                executor.new_process(ctx)
            except CancelledError as error:
                errors.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        assert begun.wait(SECONDS)
        cancel()
        thread.join(SECONDS)
        assert len(errors) == 1
        go_on.set()
        executor.new_process(timeout=SECONDS).close()


def test_closing_while_a_worker_is_being_made(
    slow: tuple[threading.Event, threading.Event],
) -> None:
    begun, go_on = slow
    executor = Executor()
    results: list[object] = []

    def ask() -> None:
        try:
            results.append(executor.new_process())
        except ExecutorDiedError as error:
            results.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads[0].start()
    assert begun.wait(SECONDS)
    threads[1].start()
    while not executor._requests:
        pass  # until the second one waits, too
    executor.close(timeout=0)
    assert not executor.dead.is_set()
    go_on.set()
    executor.close()
    for thread in threads:
        thread.join(SECONDS)
    processes = [result for result in results if isinstance(result, Process)]
    assert len(results) == 2
    assert len(processes) == 1
    assert processes[0]._subject.exited.is_set()
    processes[0].close()


def test_an_interrupt_while_waiting_for_a_worker(
    slow: tuple[threading.Event, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, go_on = slow

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if super().wait(timeout):
                raise KeyboardInterrupt
            return False

    class Request(executor_module._Request):
        def __init__(self, number: int, group: ProcessGroup | None) -> None:
            super().__init__(number, group)
            self.settled = Interrupted()

    go_on.set()
    with Executor(Config(max_procs=1)) as executor:
        with monkeypatch.context() as patch:
            patch.setattr(executor_module, "_Request", Request)
            with pytest.raises(KeyboardInterrupt):
                executor.new_process()
        executor.new_process(timeout=SECONDS).close()


def test_the_executors_thread_may_fail(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    executor = Executor()
    process = executor.new_process()
    monkeypatch.setattr(executor, "_turn", lambda *arguments: 1 / 0)
    executor._wakeup.wake()
    executor._thread.join(SECONDS)
    assert seen[0].exc_type is ZeroDivisionError
    assert ("refexec", logging.CRITICAL, "executor has failed") in caplog.record_tuples
    assert executor.dead.is_set()
    assert process._subject.exited.is_set()
    process.close()
    with pytest.raises(ExecutorDiedError):
        executor.new_process()
    executor.close()


def test_a_worker_that_cannot_be_made(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> int:
        raise OSError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr(spawn, "_execute", fail)
        with pytest.raises(UnavailableError, match=r"^cannot make a worker: no more processes$"):
            executor.new_process()
    executor.new_process().close()


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProcessGroup:
    """What looks like a control group."""
    monkeypatch.setattr(group, "_ROOT", str(tmp_path))
    (tmp_path / "cgroup.controllers").touch()
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/cgroup.procs").touch()
    return open_cgroup("programs")


def test_a_process_is_made_in_its_group(
    executor: Executor, cgroup: ProcessGroup, tmp_path: Path
) -> None:
    member = tmp_path / "programs/cgroup.procs"

    def check(process_pid: int) -> None:
        assert int(member.read_text()) == process_pid
        member.write_text("")

    grouped = executor.group(cgroup)
    assert grouped == GroupExecutor(executor, cgroup)
    with grouped.new_process() as process:
        check(process.pid)
    with executor.group(None).new_group_process(None, cgroup) as process:
        check(process.pid)
    with executor.new_group_process(None, cgroup) as process:
        check(process.pid)
    with Executor(Config(group=cgroup)) as own, own.new_process() as process:
        check(process.pid)
    with executor.group(None).new_process():
        assert member.read_text() == ""
    cgroup.close()
    with grouped.new_process():
        assert member.read_text() == ""


def test_a_group_that_does_not_take_it(cgroup: ProcessGroup, tmp_path: Path) -> None:
    (tmp_path / "programs/cgroup.procs").unlink()
    with Executor(Config(max_procs=1)) as executor:
        with pytest.raises(UnavailableError, match="takes no worker"):
            executor.new_group_process(None, cgroup)
        # The worker is gone, and has left its place.
        executor.new_process(timeout=SECONDS).close()
    cgroup.close()


def test_a_policy_is_checked() -> None:
    with pytest.raises(ConfigError, match="fuel is negative: -1"):
        ProcessPolicy(fuel=-1)
