"""`Executor`: owns workers, limits how many there are, and sees them die.

One thread of the executor creates all its workers and reaps them. It has to be one thread that
lives as long as the executor, because a worker dies with the *thread* that created it.

Not here: what is done with a worker (`process`), or how one is spawned (`spawn`, `subject`).
"""

from __future__ import annotations

import logging
import selectors
import signal
import threading
from collections import deque
from collections.abc import Collection
from types import TracebackType
from typing import Final, Self

from refexec.context import Context
from refexec.errors import ConfigError, ExecutorDiedError, UnavailableError
from refexec.observe.carry import NEEDED
from refexec.record import field, record
from refexec.runtime.group import ProcessGroup
from refexec.runtime.isolation.measures import (
    Settings,
    check_names,
    in_order,
    left_out_by_environment,
)
from refexec.runtime.isolation.report import IsolationReport, make_report, require
from refexec.runtime.process import Process
from refexec.runtime.subject import Subject
from refexec.runtime.waiting import limited
from refexec.runtime.wakeup import WakeUp

_log = logging.getLogger("refexec")

MAX_PROCS: Final = 16384
"""Most processes that one executor can have at a time."""

_MAX_NICE = 39

_POLL_INTERVAL = 0.02
"""Seconds between looks at workers that have no descriptor to wait for."""


@record(frozen=True)
class Config:
    """Settings of an executor."""

    max_procs: int = MAX_PROCS
    """Most processes at a time, 1..16384. 0 means 16384."""

    group: ProcessGroup | None = None
    """Default group of the processes. None: that of the parent."""

    leave_out: Collection[str] = field(default_factory=left_out_by_environment)
    """Measures of isolation that workers do without; `docs/isolation.md` names them all.

    The default is what the environment variable `REFEXEC_LEAVE_OUT` names, and nothing otherwise.
    """

    require: Collection[str] = ()
    """Measures without which no executor is made and no worker takes a program."""

    nice: int = 0
    """What is added to the niceness of workers, 0..39."""

    preload: Collection[str] = ()
    """Modules that workers load when they start, since they can load none later.

    `["refexec.observe"]` lets them have observers (`ProcessPolicy.observer`); what methods of an
    observer use of other modules has to be named as well.
    """

    def __post_init__(self) -> None:
        if self.max_procs > MAX_PROCS:
            raise ConfigError("executor process limit is too high")
        if self.max_procs < 0:
            raise ConfigError(f"executor process limit is negative: {self.max_procs}")
        if not 0 <= self.nice <= _MAX_NICE:
            raise ConfigError(f"niceness is {self.nice}, expected 0..{_MAX_NICE}")
        if isinstance(self.preload, str):
            raise ConfigError("preload is one string, expected a collection of names")
        both = check_names(self.leave_out, "leave_out") & check_names(self.require, "require")
        if both:
            raise ConfigError(f"left out and required: {', '.join(in_order(both))}")

    @property
    def isolation(self) -> Settings:
        """What workers are told of it."""
        preload = tuple(self.preload)
        if preload:
            preload = (*NEEDED, *preload)
        return Settings(in_order(self.leave_out), in_order(self.require), self.nice, preload)


DEFAULT_CONFIG: Final = Config()
"""The settings of an executor that was given none."""


class _Request:
    """Somebody waits for a worker."""

    def __init__(self, number: int, group: ProcessGroup | None) -> None:
        self.number = number
        self.group = group
        self.settled = threading.Event()
        self.subject: Subject | None = None
        self.error: BaseException | None = None


class Executor:
    """Makes processes. All methods may be called from any thread.

    Close it, or use it as a context manager, or else its workers live until the interpreter ends.
    Raises `UnavailableError` if the configuration requires measures of isolation that this machine
    does not offer; to find out takes about a second.
    """

    dead: threading.Event
    """Set when the executor can make no processes any more, and all its workers are gone."""

    def __init__(self, config: Config = DEFAULT_CONFIG) -> None:
        self.dead = threading.Event()
        self._group = config.group
        self._isolation = config.isolation
        if config.require:
            require(self.isolation_report(), frozenset(config.require))
        # Guards everything below; notified when an id is put back and at the end.
        self._changed = threading.Condition()
        self._free = deque(range(config.max_procs or MAX_PROCS))
        self._requests: deque[_Request] = deque()
        self._closing = False
        self._wakeup = WakeUp()
        self._thread = threading.Thread(target=self._run, name="refexec-executor", daemon=True)
        self._thread.start()

    # -- making processes ------------------------------------------------------------------------

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        """Make an idle process in the default group.

        Waits while there are as many processes as the configuration allows. Raises a
        `ContextError` when `ctx` is done or `timeout` seconds have passed first, and
        `ExecutorDiedError` if the executor is closed.
        """
        return self.new_group_process(ctx, None, timeout=timeout)

    def new_group_process(
        self,
        ctx: Context | None,
        group: ProcessGroup | None,
        *,
        timeout: float | None = None,
    ) -> Process:
        """Make an idle process in `group`, as `new_process` does; None means the default group.

        It is there before it gets a program. Raises `UnavailableError` if the kernel does not let
        it into the group, or makes no more processes.
        """
        with limited(ctx, timeout) as waiting:
            request = _Request(self._take_id(waiting), group or self._group)
            with self._changed:
                # From here on the executor's thread puts the id back.
                self._requests.append(request)
                closing = self._closing
            if closing:
                self._abandon(request)
            self._wakeup.wake()
            forget = waiting.add_done_callback(lambda: self._abandon(request))
            try:
                request.settled.wait()
            except BaseException:
                self._abandon(request)
                if request.subject is not None:
                    Process(request.subject).close()
                raise
            finally:
                forget()
            if request.error is not None:
                raise request.error
            if request.subject is None:
                raise waiting.err or ExecutorDiedError()
            return Process(request.subject)

    def _take_id(self, ctx: Context) -> int:
        def notify() -> None:
            with self._changed:
                self._changed.notify_all()

        forget = ctx.add_done_callback(notify)
        try:
            with self._changed:
                while not self._closing and not self._free and ctx.err is None:
                    self._changed.wait()
                if self._closing:
                    raise ExecutorDiedError()
                ctx.check()
                return self._free.popleft()
        finally:
            forget()

    def _abandon(self, request: _Request) -> None:
        """Nobody waits any more. A worker made later for the request is killed."""
        with self._changed:
            request.settled.set()

    def group(self, group: ProcessGroup | None) -> GroupExecutor:
        """A factory of processes in `group` by default, which may be None."""
        return GroupExecutor(self, group)

    def isolation_report(self) -> IsolationReport:
        """Try what this executor's workers can do, and what protects from them.

        It makes some workers of its own for that, which takes about a second.
        """
        return make_report(self._isolation)

    # -- the end ---------------------------------------------------------------------------------

    def close(self, *, timeout: float | None = None) -> None:
        """Kill all workers and wait until they are gone. May be called more than once.

        A `Process.serve` in progress raises `ExecutorDiedError`, unless its worker has ended by
        itself before. After `timeout` seconds it returns without waiting on.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._wakeup.wake()
        self._thread.join(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # -- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        # A signal mask is inherited, so that Ctrl-C in a terminal does not hit a worker which has
        # not got round to ignoring it.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        subjects: dict[Subject, int] = {}
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wakeup, selectors.EVENT_READ)
                while not self._closing or subjects:
                    self._turn(selector, subjects)
        except BaseException:
            _log.critical("executor has failed", exc_info=True)
            raise
        finally:
            self._finish(subjects)

    def _turn(self, selector: selectors.BaseSelector, subjects: dict[Subject, int]) -> None:
        self._wakeup.clear()
        for request in self._take_requests():
            subject = self._create(request)
            if subject is not None:
                subjects[subject] = request.number
                if subject.popen.sentinel >= 0:
                    selector.register(subject.popen.sentinel, selectors.EVENT_READ, subject)
        if self._closing:
            if not subjects:
                return  # `close` came after the last look; its wake-up is cleared already
            for subject in subjects:
                subject.abandon()
        blind = any(subject.popen.sentinel < 0 for subject in subjects)
        for key, _ in selector.select(_POLL_INTERVAL if blind else None):
            if key.data is not None:
                selector.unregister(key.fd)
                self._reap(key.data, subjects)
        for subject in [subject for subject in subjects if subject.popen.sentinel < 0]:
            self._reap(subject, subjects)

    def _take_requests(self) -> list[_Request]:
        with self._changed:
            requests = list(self._requests)
            self._requests.clear()
            return requests

    def _create(self, request: _Request) -> Subject | None:
        """Make the worker of a request; None if that failed or nobody waits for it."""
        subject = None
        error: BaseException | None = None
        if not request.settled.is_set() and not self._closing:
            try:
                subject = Subject(self._isolation)
                if request.group is not None:
                    request.group.add(subject.pid)
            except OSError as failure:
                error = UnavailableError(f"cannot make a worker: {failure.strerror or failure}")
                error.__cause__ = failure
            except BaseException as failure:
                error = failure
        with self._changed:
            wanted = not request.settled.is_set()
            if wanted:
                request.error = error
                request.subject = subject if error is None else None
                request.settled.set()
            if subject is None:
                self._put_back(request.number)
        if subject is not None and (error is not None or not wanted):
            subject.kill()
            subject.control.close()
            subject.close_packets()
        return subject

    def _reap(self, subject: Subject, subjects: dict[Subject, int]) -> None:
        if subject.reap():
            number = subjects.pop(subject)
            with self._changed:
                self._put_back(number)

    def _put_back(self, number: int) -> None:
        self._free.append(number)
        self._changed.notify_all()

    def _finish(self, subjects: dict[Subject, int]) -> None:
        """Nothing is left but to tell everybody, also if the thread has failed."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for request in self._take_requests():
            self._abandon(request)
        for subject in list(subjects):
            subject.abandon()
            subject.popen.wait()
            self._reap(subject, subjects)
        self._wakeup.close()
        self.dead.set()


@record(frozen=True)
class GroupExecutor:
    """A factory that uses another default group than its executor. Either part is public."""

    executor: Executor
    """Makes the processes."""

    process_group: ProcessGroup | None
    """The group that they go to by default; None: the executor's default."""

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        """Make an idle process in this group. See `Executor.new_process`."""
        return self.new_group_process(ctx, None, timeout=timeout)

    def new_group_process(
        self,
        ctx: Context | None,
        group: ProcessGroup | None,
        *,
        timeout: float | None = None,
    ) -> Process:
        """Make an idle process in `group`; None means this group."""
        return self.executor.new_group_process(ctx, group or self.process_group, timeout=timeout)
