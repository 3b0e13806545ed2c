"""`Process`: runs one program image once, in a worker of its own.

A process is idle until `start`, and needs `serve` to have its packets moved and its end judged.
Whatever happens, `close` it in the end, or use it as a context manager.

Several threads may want different ends for it. The first of a kill, a suspension that reaches the
worker, and the natural end decides what it is called; later ones can only hasten it.
"""

from __future__ import annotations

import contextlib
import enum
import os
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from refexec.abi import RANDOM_BUDGET
from refexec.abi.inputlog.container import Ending, Remains
from refexec.context import Context, background
from refexec.errors import (
    ABIViolationError,
    ConfigError,
    InternalError,
    SnapshotError,
    StateError,
    is_program_error,
)
from refexec.observe.carry import pack
from refexec.runtime.control import Kind, encode_header
from refexec.runtime.key import ProcessKey, with_process_key
from refexec.runtime.launch import Launch
from refexec.runtime.outcome import (
    Circumstances,
    Report,
    decode_report,
    judge,
    max_report_size,
    max_worker_memory,
)
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.protocols import ProgramCode, ProgramState, ServiceRegistry
from refexec.runtime.reader import ControlReader
from refexec.runtime.recording import Recording
from refexec.runtime.serve import ServeLoop
from refexec.runtime.subject import Subject
from refexec.runtime.waiting import limited
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID

_STOP_SECONDS = 0.75
"""How long a program may take to stop after its time limit."""

_CLOSE_SECONDS = 10.0
"""How long `close` waits for a killed worker. Only a stuck kernel could make it take so long."""


class _Stage(enum.Enum):
    """How far the owner has come with the process."""

    IDLE = "idle"
    STARTING = "starting"
    STARTED = "started"
    SERVING = "serving"
    ENDED = "ended"
    CLOSED = "closed"


class _Fate(enum.Enum):
    """What has reached the worker first."""

    OPEN = enum.auto()
    KILLED = enum.auto()
    SUSPENDED = enum.auto()
    FINAL = enum.auto()


class Process:
    """One run of one program. Made by `Executor.new_process` and other factories.

    `kill` and `suspend` may be called at any time from any thread; the other methods belong to
    one owner at a time.
    """

    key: ProcessKey
    """What services know the process by."""

    def __init__(self, subject: Subject) -> None:
        self.key = ProcessKey()
        self._subject = subject
        self._lock = threading.Lock()
        self._stage = _Stage.IDLE
        self._fate = _Fate.OPEN
        self._hastened = False
        self._suspend_wanted = False
        self._wake: Callable[[], None] | None = None
        self._reader: ControlReader | None = None
        self._state: ProgramState | None = None
        self._deadline: float | None = None
        self._recording: Recording | None = None
        self._report: Report | None = None

    @property
    def pid(self) -> int:
        """Process number of the worker. It may mean another process when this one has ended."""
        return self._subject.pid

    @property
    def ready(self) -> bool:
        """Whether the worker has started up, so that a program would begin at once."""
        with self._lock:
            if self._stage is _Stage.IDLE:
                return self._subject.ready
        reader = self._reader
        return reader is not None and reader.protections is not None

    @property
    def protections(self) -> tuple[str, ...]:
        """Names of the protections that the worker has reported; none until it has done so."""
        reader = self._reader
        return () if reader is None or reader.protections is None else reader.protections

    @property
    def observation(self) -> Any:
        """What the policy's observer has reported, when `serve` has returned: plain data, or None.

        It comes from the worker, which may have been taken over by its program.
        """
        return None if self._report is None else self._report.observation

    @property
    def backtrace(self) -> tuple[tuple[int, int], ...]:
        """Where the program trapped, when `serve` has returned, the innermost activation first.

        Function index and byte offset in the module of each, up to 1,000; empty if it did not
        trap.
        """
        places = [] if self._report is None else self._report.backtrace
        return tuple((function, offset) for function, offset in places)

    @property
    def record_failure(self) -> str:
        """Why the input log is not complete, when `serve` has returned; empty if it is."""
        return "" if self._recording is None else self._recording.failure

    # -- start -----------------------------------------------------------------------------------

    def start(
        self, code: ProgramCode, state: ProgramState, policy: ProcessPolicy | None = None
    ) -> None:
        """Hand the program to the worker, which begins to run it at once.

        From here until `serve` has returned, `state` is being mutated. Raises `StateError` if the
        process is not idle, or if `state` is of a program that has terminated, is running, or has
        died while it was running (`instance state is invalid`). Raises `ConfigError` for an
        observer that the worker cannot be given.
        """
        policy = ProcessPolicy() if policy is None else policy
        if policy.observer is not None and not self._subject.preload:
            raise ConfigError('observer: the executor needs Config(preload=["refexec.observe"])')
        self._advance(_Stage.STARTING, _Stage.IDLE)
        try:
            payload = self._take_over(code, state, policy)
        except BaseException:
            self._advance(_Stage.IDLE, _Stage.STARTING)
            raise
        self._state = state
        if policy.record is not None:
            self._recording = Recording(code, state, policy)
        try:
            # A worker that is dead already, killed perhaps, has told so by its status.
            with contextlib.suppress(ConnectionError):
                self._subject.control.sendall(encode_header(Kind.START, len(payload)))
                self._subject.control.sendall(payload)
        except BaseException:
            self._advance(_Stage.ENDED, _Stage.STARTING)
            raise
        self._reader = ControlReader(
            self._subject.control,
            max_report_size(policy.limits, code.module),
            policy.debug_log,
            self._subject.kill,
            self._recording,
        )
        if policy.time_limit is not None:
            self._deadline = time.monotonic() + policy.time_limit
        self._advance(_Stage.STARTED, _Stage.STARTING)

    @staticmethod
    def _take_over(code: ProgramCode, state: ProgramState, policy: ProcessPolicy) -> bytes:
        """Begin the mutation of `state`, and encode it and the rest for the worker."""
        state.begin_mutation()
        try:
            limits = state.restrict(policy.limits)
            memory = policy.memory
            return Launch(
                module=code.module.data,
                state=state.state,
                phase=state.phase,
                entry=state.entry,
                monotonic_time=state.monotonic_time,
                random=os.urandom(RANDOM_BUDGET) if code.random else bytes(RANDOM_BUDGET),
                time_resolution=policy.time_resolution,
                debug=policy.debug_log is not None,
                record=policy.record is not None,
                observer=None if policy.observer is None else pack(policy.observer),
                engine=policy.runs_on,
                fuel=policy.fuel,
                limits=limits,
                cpu_limit=policy.cpu_limit,
                memory=max_worker_memory(limits, code.module) if memory is None else memory,
            ).encode()
        except BaseException:
            state.cancel_mutation()
            raise

    # -- serve -----------------------------------------------------------------------------------

    def serve(
        self,
        ctx: Context | None,
        services: ServiceRegistry,
        buffers: Buffers | None = None,
        *,
        timeout: float | None = None,
    ) -> tuple[Result, TrapID]:
        """Serve the program until it ends, and tell how it did. To be called once, after `start`.

        The end of `ctx`, or `timeout` seconds, suspend the program. `buffers` are what an earlier
        run of the program left; they are emptied, and filled with what this run leaves. Without
        them services keep no state. The result is meaningful with `TrapID.EXIT` only.

        The program's state is coherent again afterwards, unless the worker was killed while the
        program was running.

        Raises `ABIViolationError` if the program broke the rules of the ABI and `InternalError`
        for anything unexpected, with the cause chained; the worker has been killed then. Raises
        `StateError` if the process is not started, or has been served.
        """
        self._advance(_Stage.SERVING, _Stage.STARTED)
        if self._recording is not None:
            self._recording.begin(buffers)
        loop = ServeLoop(
            self._subject,
            suspend_wanted=lambda: self._suspend_wanted,
            suspend=self._suspend,
            finish=self._finish,
        )
        self._wake = loop.wake
        try:
            with limited(ctx, timeout) as waiting, self._limited_time():
                loop.run(with_process_key(waiting, self.key), services, buffers)
        except Exception as error:
            self._settle()
            kind = ABIViolationError if is_program_error(error) else InternalError
            text = str(error) or type(error).__name__
            self._conclude(Result(), kind.trap, buffers, text)
            raise kind(text) from error
        except BaseException:
            self._settle()
            self._conclude(Result(), TrapID.KILLED, buffers)
            raise
        else:
            fault = self._settle()
            try:
                result, trap = self._judge(fault)
            except InternalError as error:
                self._conclude(Result(), error.trap, buffers, str(error))
                raise
            self._conclude(result, trap, buffers)
            return result, trap
        finally:
            self._wake = None
            self._advance(_Stage.ENDED, _Stage.SERVING)

    @contextlib.contextmanager
    def _limited_time(self) -> Iterator[None]:
        """Obey the policy's time limit. Services do not notice: their context goes on."""
        if self._deadline is None:
            yield
            return
        soft, cancel_soft = background().with_deadline(self._deadline)
        hard, cancel_hard = background().with_deadline(self._deadline + _STOP_SECONDS)
        forget_soft = soft.add_done_callback(self.suspend)
        forget_hard = hard.add_done_callback(self._stop_hard)
        try:
            yield
        finally:
            for end in (forget_soft, forget_hard, cancel_soft, cancel_hard):
                end()

    def _stop_hard(self) -> None:
        """Kill a program that has not stopped when it was asked to."""
        assert self._reader is not None
        if not self._reader.stopped:
            self._claim(_Fate.SUSPENDED)
            self._subject.kill()

    def _conclude(
        self, result: Result, trap: TrapID, buffers: Buffers | None, error: str = ""
    ) -> None:
        """Have the program's state, and its input log, say how it ended."""
        state = self._state
        assert state is not None
        state.result, state.trap = result, trap
        state.final = not state.coherent or state.phase == "terminated"
        if self._recording is not None:
            self._recording.end(self._ending(result, trap, buffers, error))

    def _ending(self, result: Result, trap: TrapID, buffers: Buffers | None, error: str) -> Ending:
        """What an input log has to say in the end."""
        status, report, final = self._subject.status, self._report, None
        assert status is not None
        assert self._reader is not None
        if report is not None:
            final = Remains(
                phase=report.phase,
                frames=report.frames,
                memory_size=report.memory_size,
                monotonic_time=report.monotonic_time,
                fuel_spent=report.fuel_spent,
                state_format=0 if report.state is None else report.state.get("format", 0),
                digest=report.digest,
            )
        return Ending(
            trap=trap,
            result=result,
            error=error,
            status=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            begun=self._reader.began,
            final=final,
            buffers=Buffers() if buffers is None else buffers,
        )

    def _finish(self) -> None:
        """Return when the worker is dead, which it is made to be if it is not."""
        self._claim(_Fate.FINAL)
        if not self._subject.exited.is_set():
            self._subject.kill()
            self._subject.exited.wait()

    def _settle(self) -> str:
        """Take note of what the worker has left. Returns what is wrong with that, if anything."""
        self._finish()
        reader, state = self._reader, self._state
        assert reader is not None
        assert state is not None
        reader.stop()
        reader.join()
        if not reader.began:
            state.cancel_mutation()
        elif reader.report is not None and not reader.fault:
            try:
                report = decode_report(reader.report)
            except SnapshotError as error:
                return str(error)
            self._report = report
            state.end_mutation(
                state=report.state,
                phase=report.phase,
                stack_usage=report.frames,
                memory_size=report.memory_size,
                monotonic_time=report.monotonic_time,
                fuel_spent=report.fuel_spent,
            )
        return reader.fault

    def _judge(self, fault: str) -> tuple[Result, TrapID]:
        status = self._subject.status
        assert status is not None
        assert self._reader is not None
        return judge(
            status,
            Circumstances(
                killed=self._fate is _Fate.KILLED,
                suspended=self._fate is _Fate.SUSPENDED,
                hastened=self._hastened,
                abandoned=self._subject.abandoned,
                failure=self._reader.failure,
                fault=fault,
            ),
        )

    # -- the other ends --------------------------------------------------------------------------

    def suspend(self) -> None:
        """Have the program suspended, if it is still running when `serve` gets to it.

        `serve` then returns `TrapID.SUSPENDED`, and the program's state can be run again. May be
        called before `start`. Has no effect on a process that is never served.
        """
        self._suspend_wanted = True
        wake = self._wake
        if wake is not None:
            wake()

    def _suspend(self) -> None:
        if self._claim(_Fate.SUSPENDED):
            self._subject.suspend()

    def kill(self) -> None:
        """Kill the worker, if it is still alive, without waiting for that.

        `serve` then returns `TrapID.KILLED`. After a suspension that is under way it only makes
        sure that the worker ends: `serve` returns `TrapID.SUSPENDED` if that was quicker.
        """
        if not self._claim(_Fate.KILLED):
            with self._lock:
                if self._fate is not _Fate.SUSPENDED:
                    return
                self._hastened = True
        self._subject.kill()

    def _claim(self, fate: _Fate) -> bool:
        with self._lock:
            if self._fate is not _Fate.OPEN:
                return False
            self._fate = fate
            return True

    def close(self) -> None:
        """Kill the worker if it is still alive, and release everything. May be called repeatedly.

        Raises `StateError`, after killing, while another thread is in `start` or `serve`.
        """
        self.kill()
        with self._lock:
            if self._stage is _Stage.CLOSED:
                return
            if self._stage in (_Stage.STARTING, _Stage.SERVING):
                raise StateError(f"process cannot be closed while it is {self._stage.value}")
            self._stage = _Stage.CLOSED
        self._subject.exited.wait(_CLOSE_SECONDS)
        self._subject.close_packets()
        if self._reader is None:
            self._subject.control.close()
        else:
            self._reader.stop()
        if self._recording is not None:
            self._recording.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Process {self._stage.value} pid={self.pid}>"

    def _advance(self, stage: _Stage, expected: _Stage) -> None:
        with self._lock:
            if self._stage is not expected:
                raise StateError(f"process is {self._stage.value}, not {expected.value}")
            self._stage = stage
