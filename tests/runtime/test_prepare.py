"""Processes made ahead, and processes spread over several factories."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from refexec.context import Context, background
from refexec.errors import (
    CancelledError,
    ConfigError,
    DeadlineExceededError,
    UnavailableError,
)
from refexec.runtime.distribute import distribute_group_processes, distribute_processes
from refexec.runtime.executor import Executor
from refexec.runtime.prepare import ProcessChan, ResultProcess, prepare_processes
from refexec.runtime.process import Process
from runtime_world import SECONDS


class Counting:
    """A factory that counts, and fails if told so."""

    def __init__(self, executor: Executor, error: Exception | None = None) -> None:
        self.executor = executor
        self.error = error
        self.made: list[Process] = []
        self.calls = 0
        self.groups: list[Any] = []
        self.changed = threading.Condition()

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        return self.new_group_process(ctx, None, timeout=timeout)

    def new_group_process(
        self, ctx: Context | None, group: Any, *, timeout: float | None = None
    ) -> Process:
        with self.changed:
            self.calls += 1
            self.groups.append(group)
            self.changed.notify_all()
        if self.error is not None:
            raise self.error
        process = self.executor.new_process(ctx, timeout=timeout)
        with self.changed:
            self.made.append(process)
            self.changed.notify_all()
        return process

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.made) >= count, SECONDS)


def finish(cancel: Callable[[], None]) -> None:
    """End the preparation, and wait until what nobody has taken is closed."""
    cancel()
    for thread in threading.enumerate():
        if thread.name == "refexec-prepare":
            thread.join(SECONDS)


def test_s041_no_more_than_asked_for_is_made_ahead(executor: Executor) -> None:
    ctx, cancel = background().with_cancel()
    factory = Counting(executor)
    channel = prepare_processes(ctx, factory, 3)
    factory.wait_for(3)
    assert factory.calls == 3
    with channel.new_process() as process:
        assert process is factory.made[0]
        factory.wait_for(4)
        assert factory.calls == 4
    finish(cancel)
    for process in factory.made[1:]:
        assert process._subject.exited.wait(SECONDS)
    with pytest.raises(UnavailableError, match=r"^process preparation loop terminated$"):
        channel.new_process()
    with pytest.raises(CancelledError):
        channel.new_process(ctx)
    assert list(channel) == []


def test_s041_one_at_a_time(executor: Executor) -> None:
    ctx, cancel = background().with_cancel()
    channel = prepare_processes(ctx, executor, 1)
    for _ in range(2):
        channel.new_process(timeout=SECONDS).close()
    for _, item in zip(range(2), channel, strict=False):
        item.get().close()
    finish(cancel)


def test_s042_errors_travel_the_same_way(executor: Executor) -> None:
    ctx, cancel = background().with_cancel()
    error = OSError("no more")
    factory = Counting(executor, error)
    channel = prepare_processes(ctx, factory, 2)
    for _ in range(5):
        with pytest.raises(OSError, match="no more"):
            channel.new_process()
    assert factory.calls <= 8
    finish(cancel)


def test_preparing_ends_while_the_factory_is_asked() -> None:
    from refexec.runtime.executor import Config

    with Executor(Config(max_procs=1)) as executor:
        ctx, cancel = background().with_cancel()
        factory = Counting(executor)
        channel = prepare_processes(ctx, factory, 5)
        factory.wait_for(1)
        # The second one waits for room, and is told the context's error.
        with factory.changed:
            assert factory.changed.wait_for(lambda: factory.calls == 2, SECONDS)
        finish(cancel)
        assert factory.made[0]._subject.exited.wait(SECONDS)
        with pytest.raises(UnavailableError):
            channel.new_process()


def test_waiting_for_a_prepared_process_ends() -> None:
    channel = ProcessChan(0)
    with pytest.raises(DeadlineExceededError):
        channel.new_process(timeout=0.01)
    assert channel.take_nowait() is None


def test_nothing_cannot_be_prepared(executor: Executor) -> None:
    with pytest.raises(ConfigError, match="cannot prepare 0 processes"):
        prepare_processes(background(), executor, 0)


def test_s043_one_factory_is_returned_as_it_is(executor: Executor) -> None:
    factory = Counting(executor)
    assert distribute_processes(factory) is factory
    assert distribute_group_processes(factory) is factory
    for distribute in (distribute_processes, distribute_group_processes):
        with pytest.raises(ConfigError, match="no factories"):
            distribute()


def test_s043_all_factories_are_used(executor: Executor) -> None:
    error = OSError()
    factories = [Counting(executor, error) for _ in range(2)]
    plain = distribute_processes(*factories)
    for _ in range(200):
        with pytest.raises(OSError):  # noqa: PT011  # the factory's very error, see above
            plain.new_process(background())
    assert all(factory.calls > 20 for factory in factories)
    assert sum(factory.calls for factory in factories) == 200


def test_s043_groups_are_passed_on(executor: Executor) -> None:
    factories = [Counting(executor) for _ in range(2)]
    grouped = distribute_group_processes(*factories)
    grouped.new_process(background()).close()
    group: Any = object()
    grouped.new_group_process(background(), group).close()
    assert sorted(map(id, factories[0].groups + factories[1].groups)) == sorted(
        [id(None), id(group)]
    )


def filled(*items: ResultProcess) -> ProcessChan:
    channel = ProcessChan(len(items))
    for item in items:
        assert channel.put(item, background())
    return channel


def test_s043_a_channel_that_has_one_is_found(executor: Executor) -> None:
    with executor.new_process() as process:
        for _ in range(10):
            empty = [ProcessChan(1) for _ in range(3)]
            channels = distribute_processes(*empty, filled(ResultProcess(process)))
            assert channels.new_process(background()) is process


def test_s043_when_all_are_empty_the_first_choice_is_waited_for(executor: Executor) -> None:
    empty = [ProcessChan(1) for _ in range(2)]
    channels = distribute_processes(*empty)
    with pytest.raises(DeadlineExceededError):
        channels.new_process(background(), timeout=0.01)
    with executor.new_process() as process:
        for channel in empty:
            channel.put(ResultProcess(process), background())
        assert channels.new_process(background()) is process


def test_s043_a_closed_channel_ends_the_search() -> None:
    closed = [ProcessChan(1) for _ in range(2)]
    for channel in closed:
        assert channel.close() == []
    with pytest.raises(UnavailableError, match="process preparation loop terminated"):
        distribute_processes(*closed).new_process(background())


def test_an_error_in_a_channel_is_raised_as_it_is() -> None:
    error = ConfigError("mine")
    channels = distribute_processes(
        filled(ResultProcess(error=error)), filled(ResultProcess(error=error))
    )
    with pytest.raises(ConfigError, match=r"^mine$"):
        channels.new_process(background())
