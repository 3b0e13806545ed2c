"""Processes under asyncio: the same outcomes, and cancellation that suspends."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from refexec import aio, background, image, prepare_processes
from refexec.errors import (
    ABIViolationError,
    CancelledError,
    ConfigError,
    DeadlineExceededError,
    StateError,
)
from refexec.runtime import Config, ProcessPolicy
from refexec.snapshot import Buffers
from refexec.trap import TrapID
from runtime_world import SECONDS, Log, NoServices, Script, Scripted, disc, echo, program, raw

COUNTER = """(module
  (memory (export "memory") 1)
  (global $count (export "count") (mut i64) (i64.const 0))
  (func (export "main") (loop $again
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (br $again))))"""


def go(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine, but not for ever."""

    async def limited() -> None:
        await asyncio.wait_for(coroutine, 3 * SECONDS)

    asyncio.run(limited())


async def logged(log: Log, text: bytes) -> None:
    await asyncio.get_running_loop().run_in_executor(None, log.wait_for, text)


def loop_forever() -> image.Program:
    return Script().log(b"go\n").forever().program()


def test_a_program_runs_to_its_end() -> None:
    async def main() -> None:
        code = Script().send(disc("echo")).receive(16).send(raw(12, 0, 0, b"text")).receive(16)
        instance = image.Instance(code.program(), entry="main")
        log = Log()
        async with aio.Executor() as executor, await executor.new_process() as process:
            await process.start(instance.program, instance, ProcessPolicy(debug_log=log))
            result, trap = await process.serve(None, Scripted(echo), Buffers())
            assert (result.value, trap) == (0, TrapID.EXIT)
            assert "ended" in repr(process)
        assert b"text" in log.content
        assert executor.blocking.dead.is_set()

    go(main())


def test_the_loop_goes_on_while_programs_run() -> None:
    async def main() -> None:
        code = program('(module (func (export "main")))')
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        async def run_one() -> TrapID:
            async with await executor.new_process() as process:
                await process.start(code, image.Instance(code, entry="main"))
                return (await process.serve(None, NoServices()))[1]

        async with aio.Executor(Config(max_procs=2)) as executor:
            ticking = asyncio.create_task(tick())
            traps = await asyncio.gather(*(run_one() for _ in range(5)))
            ticking.cancel()
        assert traps == [TrapID.EXIT] * 5
        assert ticks > 20

    go(main())


def test_cancelling_the_task_suspends_the_program() -> None:
    async def main() -> None:
        instance = image.Instance(loop_forever(), entry="main")
        buffers = Buffers()
        async with aio.Executor() as executor:
            for _ in range(2):
                log = Log()
                async with await executor.new_process() as process:
                    await process.start(instance.program, instance, ProcessPolicy(debug_log=log))
                    task = asyncio.create_task(process.serve(None, NoServices(), buffers))
                    if instance.fuel_spent == 0:
                        await logged(log, b"go")
                    else:
                        await asyncio.sleep(0)  # or the task would not even begin
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                assert instance.trap is TrapID.SUSPENDED
                assert instance.coherent
        assert instance.fuel_spent > 0

    go(main())


def test_a_time_limit_of_asyncio_suspends_the_program() -> None:
    async def main() -> None:
        code = program(COUNTER)
        instance = image.Instance(code, entry="main")
        async with aio.Executor() as executor, await executor.new_process() as process:
            await process.start(code, instance)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await process.serve(None, NoServices())
        assert instance.trap is TrapID.SUSPENDED
        assert instance.coherent

    go(main())


def test_cancelling_twice_kills() -> None:
    async def main() -> None:
        instance = image.Instance(loop_forever(), entry="main")
        log, blocked, release = Log(), threading.Event(), threading.Event()

        class Slow(NoServices):
            def create_server(self, *arguments: Any) -> Any:
                # The loop that would suspend the program is kept from running.
                blocked.set()
                assert release.wait(SECONDS)
                return super().create_server(*arguments)

        async with aio.Executor() as executor, await executor.new_process() as process:
            await process.start(instance.program, instance, ProcessPolicy(debug_log=log))
            task = asyncio.create_task(process.serve(None, Slow()))
            await logged(log, b"go")
            await asyncio.get_running_loop().run_in_executor(None, blocked.wait)
            for _ in range(3):
                task.cancel()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            release.set()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert instance.trap is TrapID.KILLED
        assert not instance.coherent

    go(main())


def test_suspend_and_kill_from_a_coroutine() -> None:
    async def main() -> None:
        async with aio.Executor() as executor:
            for end, trap in (
                (aio.Process.suspend, TrapID.SUSPENDED),
                (aio.Process.kill, TrapID.KILLED),
            ):
                instance, log = image.Instance(loop_forever(), entry="main"), Log()
                async with await executor.new_process() as process:
                    await process.start(instance.program, instance, ProcessPolicy(debug_log=log))
                    task = asyncio.create_task(process.serve(None, NoServices()))
                    await logged(log, b"go")
                    end(process)
                    assert (await task)[1] is trap

    go(main())


def test_errors_come_through() -> None:
    async def main() -> None:
        code = Script().send(raw(7, 0, 0)).program()
        async with aio.Executor() as executor, await executor.new_process() as process:
            with pytest.raises(StateError):
                await process.serve(None, NoServices())
            await process.start(code, image.Instance(code, entry="main"))
            with pytest.raises(ABIViolationError, match="invalid op packet size: 7"):
                await process.serve(None, NoServices())

    go(main())


def test_giving_up_waiting_for_a_process() -> None:
    async def main() -> None:
        async with aio.Executor(Config(max_procs=1)) as executor:
            async with await executor.new_process() as process:
                assert process.key == process.blocking.key
                waiting = asyncio.create_task(executor.new_process())
                await asyncio.sleep(0.01)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                with pytest.raises(DeadlineExceededError):
                    await executor.new_process(timeout=0.01)
                ctx, cancel = background().with_cancel()
                cancel()
                with pytest.raises(CancelledError):
                    await executor.new_process(ctx)
            # The id has not been lost.
            async with await executor.new_group_process(None, None):
                pass

    go(main())


def test_a_process_that_comes_too_late_is_closed() -> None:
    made: list[Any] = []
    begun = threading.Event()

    async def main() -> None:
        async with aio.Executor() as executor:

            class Stubborn:
                def new_process(self, ctx: Any = None, *, timeout: float | None = None) -> Any:
                    begun.set()
                    ctx.done.wait(SECONDS)
                    made.append(executor.blocking.new_process())
                    return made[0]

            factory = aio.ProcessFactory(Stubborn())
            task = asyncio.create_task(factory.new_process())
            await asyncio.get_running_loop().run_in_executor(None, begun.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert "closed" in repr(made[0])

    go(main())


def test_prepared_processes_and_groups() -> None:
    async def main() -> None:
        code = program('(module (func (export "main")))')
        async with aio.Executor() as executor:
            ctx, cancel = background().with_cancel()
            prepared = aio.ProcessFactory(prepare_processes(ctx, executor.blocking, 2))
            for factory in (prepared, executor.group(None)):
                async with await factory.new_process() as process:
                    await process.start(code, image.Instance(code, entry="main"))
                    assert (await process.serve(None, NoServices()))[1] is TrapID.EXIT
            cancel()

    go(main())


def test_an_executor_dies_when_it_is_closed() -> None:
    async def main() -> None:
        executor = aio.Executor()
        impatient = asyncio.create_task(executor.wait_dead())
        patient = asyncio.create_task(executor.wait_dead())
        await asyncio.sleep(0.01)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        await executor.close()
        await executor.close()
        await patient

    go(main())


def test_isolation_is_reported_too() -> None:
    async def main() -> None:
        async with aio.Executor() as executor:
            assert "parent-death" in (await executor.isolation_report()).in_force

    go(main())


def test_a_loop_that_has_ended_is_no_reason_to_fail() -> None:
    done = threading.Event()

    async def main() -> None:
        aio._in_thread(lambda: done.wait(SECONDS))

    asyncio.run(main())
    threads = [t for t in threading.enumerate() if t.name == "refexec-aio"]
    done.set()
    for thread in threads:
        thread.join(SECONDS)
    gc.collect()


def test_bad_settings_are_errors_of_the_tree() -> None:
    with pytest.raises(ConfigError):
        aio.Executor(Config(max_procs=-1))
