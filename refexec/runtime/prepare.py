"""Processes made ahead of demand, so that nobody has to wait for a worker to start.

A thread makes them; `ProcessChan` is the queue that they are taken from. Errors of the factory
travel the same way, each to one consumer.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator

from refexec.context import Context
from refexec.errors import ConfigError, UnavailableError
from refexec.record import record
from refexec.runtime.process import Process
from refexec.runtime.protocols import ProcessFactory
from refexec.runtime.waiting import limited

_log = logging.getLogger("refexec")


@record(frozen=True)
class ResultProcess:
    """What a factory gave: exactly one of the two."""

    process: Process | None = None
    """A process that is idle."""

    error: Exception | None = None
    """Why there is none."""

    def get(self) -> Process:
        """The process, or raise the error."""
        if self.error is not None:
            raise self.error
        assert self.process is not None
        return self.process


class ProcessChan:
    """A queue of prepared processes, which is itself a process factory.

    Made by `prepare_processes`. Several threads may take from it. Iterating gives `ResultProcess`
    items until the preparation is cancelled.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._changed = threading.Condition()
        self._items: deque[ResultProcess] = deque()
        self._waiting = 0
        self._closed = False

    # -- for consumers ---------------------------------------------------------------------------

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        """Take the next process, waiting for one if need be.

        Raises the factory's error if that is what comes next, a `ContextError` when `ctx` is done
        or `timeout` seconds have passed first, and `UnavailableError` (`process preparation loop
        terminated`) if nothing will come any more.
        """
        with limited(ctx, timeout) as waiting:
            return self._take(waiting).get()

    def take_nowait(self, ctx: Context | None = None) -> ResultProcess | None:
        """The next item if there is one, else None. Raises like `new_process` if none will come."""
        with limited(ctx, None) as waiting, self._changed:
            return self._pop(waiting)

    def __iter__(self) -> Iterator[ResultProcess]:
        while True:
            with limited(None, None) as waiting:
                try:
                    item = self._take(waiting)
                except UnavailableError:
                    return
            yield item

    def _take(self, ctx: Context) -> ResultProcess:
        forget = ctx.add_done_callback(self._notify)
        try:
            with self._changed:
                self._waiting += 1
                self._changed.notify_all()
                try:
                    while (item := self._pop(ctx)) is None:
                        ctx.check()
                        self._changed.wait()
                    return item
                finally:
                    self._waiting -= 1
        finally:
            forget()

    def _pop(self, ctx: Context) -> ResultProcess | None:
        if self._items:
            self._changed.notify_all()
            return self._items.popleft()
        if self._closed:
            ctx.check()
            raise UnavailableError("process preparation loop terminated")
        return None

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # -- for the preparing thread ----------------------------------------------------------------

    def put(self, item: ResultProcess, ctx: Context) -> bool:
        """Add an item when there is room, or somebody waits. False if `ctx` is done first."""
        forget = ctx.add_done_callback(self._notify)
        try:
            with self._changed:
                while ctx.err is None:
                    if len(self._items) < self._capacity + self._waiting:
                        self._items.append(item)
                        self._changed.notify_all()
                        return True
                    self._changed.wait()
                return False
        finally:
            forget()

    def close(self) -> list[ResultProcess]:
        """Let nothing more in or out. Returns what nobody has taken."""
        with self._changed:
            self._closed = True
            left = list(self._items)
            self._items.clear()
            self._changed.notify_all()
            return left


def prepare_processes(ctx: Context, factory: ProcessFactory, bufsize: int) -> ProcessChan:
    """Make processes in the background until `ctx` is done, at most `bufsize` ahead of demand.

    When `ctx` is done, those that nobody has taken are closed. An error of the factory is given to
    a consumer in place of a process, and preparation goes on. Raises `ConfigError` unless
    `bufsize` is at least 1.
    """
    if bufsize < 1:
        raise ConfigError(f"cannot prepare {bufsize} processes")
    # One more is in the hand of the thread.
    channel = ProcessChan(bufsize - 1)
    threading.Thread(
        target=_prepare, args=(ctx, factory, channel), name="refexec-prepare", daemon=True
    ).start()
    return channel


def _prepare(ctx: Context, factory: ProcessFactory, channel: ProcessChan) -> None:
    left: list[ResultProcess] = []
    try:
        while ctx.err is None:
            try:
                item = ResultProcess(process=factory.new_process(ctx))
            except Exception as error:
                _log.debug("process could not be prepared", exc_info=True)
                item = ResultProcess(error=error)
            if not channel.put(item, ctx):
                left.append(item)
    finally:
        for item in left + channel.close():
            if item.process is not None:
                item.process.close()
