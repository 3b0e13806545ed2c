"""The same processes for asyncio: `await` in place of blocking.

Each class here wraps one of `refexec.runtime` of the same name, and each coroutine runs its
blocking method in a thread of its own, so everything is as it is described there. What asyncio
adds is cancellation. Cancelling a task that serves a program *suspends the program*: the task ends
when the program's state has been handed over, so that it can be run again. Cancelling it once more
kills the program. Cancelling a task that waits for a process gives up waiting.

Services keep running on threads, and never on the event loop.

    async with aio.Executor() as executor, await executor.new_process() as process:
        await process.start(code, instance)
        result, trap = await process.serve(None, registry)

Not here: an event loop of its own. Any loop will do, and several may share one executor.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from refexec import runtime
from refexec.context import Context, background
from refexec.runtime import (
    Config,
    ProcessGroup,
    ProcessKey,
    ProcessPolicy,
    ProgramCode,
    ProgramState,
    ServiceRegistry,
)
from refexec.runtime.executor import DEFAULT_CONFIG
from refexec.runtime.isolation.report import IsolationReport
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID

T = TypeVar("T")


def _in_thread(call: Callable[[], T]) -> asyncio.Future[T]:
    """Make a blocking call in a thread of its own; its result, to be awaited."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:
            error = raised
        # There may be no loop any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    # Not one of the loop's own threads: those are few, and a program may run for long.
    threading.Thread(target=run, name="refexec-aio", daemon=True).start()
    return future


async def _see_through(call: Callable[[], T], *on_cancel: Callable[[], None]) -> T:
    """Make a blocking call, and wait for its end also when the task is cancelled meanwhile.

    Each time that it is cancelled the next of `on_cancel` is called, which should hasten the end.
    """
    future = _in_thread(call)
    hasten = iter(on_cancel)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            # Waiting, unlike awaiting, leaves the future alone when the task is cancelled.
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
            next(hasten, lambda: None)()
    if cancelled is not None:
        # Whatever came of it, the task was to be cancelled. This also marks an error as seen.
        raise cancelled from future.exception()
    return future.result()


class Process:
    """One run of one program. Made by `ProcessFactory.new_process`."""

    def __init__(self, process: runtime.Process) -> None:
        self.blocking = process
        """The process itself."""

    @property
    def key(self) -> ProcessKey:
        """What services know the process by."""
        return self.blocking.key

    async def start(
        self, code: ProgramCode, state: ProgramState, policy: ProcessPolicy | None = None
    ) -> None:
        """Hand the program to the worker. See `refexec.runtime.Process.start`.

        Cancelling it kills the worker.
        """
        await _see_through(lambda: self.blocking.start(code, state, policy), self.blocking.kill)

    async def serve(
        self,
        ctx: Context | None,
        services: ServiceRegistry,
        buffers: Buffers | None = None,
        *,
        timeout: float | None = None,
    ) -> tuple[Result, TrapID]:
        """Serve the program until it ends. See `refexec.runtime.Process.serve`.

        If the task is cancelled the program is suspended, and `asyncio.CancelledError` is raised
        when it has stopped: its state and `buffers` are then as after any suspension. Cancelling
        the task again kills it.
        """
        return await _see_through(
            lambda: self.blocking.serve(ctx, services, buffers, timeout=timeout),
            self.suspend,
            self.kill,
        )

    def suspend(self) -> None:
        """Have the program suspended. See `refexec.runtime.Process.suspend`."""
        self.blocking.suspend()

    def kill(self) -> None:
        """Kill the worker, without waiting for that. See `refexec.runtime.Process.kill`."""
        self.blocking.kill()

    async def close(self) -> None:
        """Kill the worker if it is still alive, and release everything."""
        await _see_through(self.blocking.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<aio {self.blocking!r}>"


class ProcessFactory:
    """Makes processes with any factory that blocks: an executor, or a `ProcessChan`."""

    def __init__(self, factory: runtime.ProcessFactory) -> None:
        self.blocking: Any = factory
        """The factory itself."""

    async def new_process(
        self, ctx: Context | None = None, *, timeout: float | None = None
    ) -> Process:
        """Make an idle process. See `refexec.runtime.Executor.new_process`."""
        return await _make(lambda waiting: self.blocking.new_process(waiting, timeout=timeout), ctx)


class GroupProcessFactory(ProcessFactory):
    """Makes processes with a factory that knows groups."""

    def __init__(self, factory: runtime.GroupProcessFactory) -> None:
        super().__init__(factory)

    async def new_group_process(
        self,
        ctx: Context | None,
        group: ProcessGroup | None,
        *,
        timeout: float | None = None,
    ) -> Process:
        """Make an idle process in `group`. See `refexec.runtime.Executor.new_group_process`."""
        return await _make(
            lambda waiting: self.blocking.new_group_process(waiting, group, timeout=timeout), ctx
        )


async def _make(make: Callable[[Context], runtime.Process], ctx: Context | None) -> Process:
    waiting, cancel = (background() if ctx is None else ctx).with_cancel()
    made: list[runtime.Process] = []
    try:
        await _see_through(lambda: made.append(make(waiting)), cancel)
    except asyncio.CancelledError:
        # It may have come in spite of that, and then nobody wants it.
        for process in made:
            process.kill()
            await _see_through(process.close)
        raise
    finally:
        cancel()
    return Process(made[0])


class Executor(GroupProcessFactory):
    """Owns workers. See `refexec.runtime.Executor`. Close it, or use it in `async with`."""

    blocking: runtime.Executor

    def __init__(self, config: Config = DEFAULT_CONFIG) -> None:
        super().__init__(runtime.Executor(config))

    def group(self, group: ProcessGroup | None) -> GroupProcessFactory:
        """A factory of processes in `group` by default, which may be None."""
        return GroupProcessFactory(self.blocking.group(group))

    async def isolation_report(self) -> IsolationReport:
        """Try what this executor's workers can do. See `refexec.runtime.Executor`."""
        return await _see_through(self.blocking.isolation_report)

    async def wait_dead(self) -> None:
        """Wait until the executor can make no processes any more, and its workers are gone."""
        stop = threading.Event()

        def wait() -> None:
            # Looks up now and then whether anybody still waits.
            while not stop.is_set() and not self.blocking.dead.wait(0.1):
                pass

        await _see_through(wait, stop.set)

    async def close(self) -> None:
        """Kill all workers and wait until they are gone. May be called more than once."""
        await _see_through(self.blocking.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
