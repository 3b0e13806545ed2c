"""Many scripts on all cores, each worker a process of its own.

A backend that crashes its process, or hangs beyond what it can be interrupted in, loses the file
that it was in: that is a verdict, with the command at which it happened, and the run goes on in a
new process. This module decides nothing else about verdicts.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from ctypes import c_double, c_long
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue
from typing import Any

from refexec_conformance.backend import (
    Backend,
    BackendLostError,
    WholeScripts,
    claimed_features,
    close_backend,
    create_backend,
    promises_of,
)
from refexec_conformance.cuts import Cuts
from refexec_conformance.cutting import cut_backend
from refexec_conformance.features import (
    FUEL_PROMISES,
    PROMISES,
    UNLISTED,
    VERSIONS,
    features_of,
)
from refexec_conformance.runner import COMMAND_SECONDS, run_script
from refexec_conformance.script import Command, Suite
from refexec_conformance.spectest import spectest_for
from refexec_conformance.verdicts import FileResult, Finding, Verdict

from refexec.errors import InputError, RefexecError

_GRACE = 2.0
"""Seconds that a worker has to end what its backend has started."""

_LOADING = -1
"""Stands for the line of a worker that is not in a command."""


def run_file(
    suite: Suite,
    name: str,
    backend: str,
    seconds: float = COMMAND_SECONDS,
    on_command: Callable[[Command], None] | None = None,
    cuts: Cuts | None = None,
    engine: Backend | None = None,
) -> FileResult:
    """Run one suite file in this process; with `cuts`, run everything a second time in pieces.

    `engine` is the backend if it was started before. A file that cannot be read or assembled is a
    result too, and not one about the backend. Raises `UnavailableError` if the assembler or the
    backend is not installed, `ConfigError` for an unknown backend or one that cannot be cut, and
    `BackendLostError` if the backend is lost while it starts.
    """
    if engine is None:
        engine = create_backend(backend)
        try:
            return run_file(suite, name, backend, seconds, on_command, cuts, engine)
        finally:
            close_backend(engine)
    try:
        script = suite.load(name)
    except InputError as error:
        finding = Finding(name, 0, 0, Verdict.ERROR, "the file", "a script", str(error))
        return FileResult(name, Counter({Verdict.ERROR: 1}), (finding,))
    features = features_of(name) if script.features is None else script.features
    if not _can_run(engine, features) or (cuts and {*features}.intersection(FUEL_PROMISES)):
        return FileResult(name, Counter({Verdict.UNSUPPORTED: len(script.commands)}), ())
    if cuts is None and isinstance(engine, WholeScripts):
        return engine.run_script(script, seconds)
    spectest = spectest_for(script)
    if cuts is None:
        return run_script(script, engine, spectest, seconds=seconds, on_command=on_command)
    cut = cut_backend(backend, engine, cuts, script)

    def note(command: Command) -> None:
        cut.note(command)
        if on_command is not None:
            on_command(command)

    result = run_script(script, cut, spectest, seconds=seconds, on_command=note)
    return replace(result, cuts=cut.cuts, moves=cut.moves, left_out=cut.left_out)


def _can_run(engine: Backend, features: Sequence[str]) -> bool:
    """Whether an engine claims all the features. One that does not say has those of WebAssembly."""
    needed = {*features} - {UNLISTED}
    promises = promises_of(engine)
    oldest = VERSIONS[0]
    if oldest in promises and oldest not in needed:
        return False  # what all other cases may rely on is WebAssembly 2.0
    claimed = claimed_features(engine)
    if not promises.issuperset(needed.intersection(PROMISES)):
        return False
    return claimed is None or claimed.issuperset(needed.difference(PROMISES))


def run_files(
    suite: Suite,
    names: Sequence[str],
    backend: str,
    *,
    jobs: int,
    seconds: float = COMMAND_SECONDS,
    on_result: Callable[[FileResult], None] | None = None,
    cuts: Cuts | None = None,
) -> list[FileResult]:
    """Run suite files in `jobs` processes; return the results in the order of `names`.

    `cuts` is as for `run_file`.
    `seconds` is the deadline of one command; a worker that a command keeps for three times as
    long is killed. `on_result` is told of each result as it comes. Raises what stops the run as a
    whole: an unknown or absent backend, an absent assembler.
    """
    context = multiprocessing.get_context("spawn")
    waiting = deque(names)
    results: dict[str, FileResult] = {}
    workers: list[_Worker] = []

    def finish(result: FileResult) -> None:
        results[result.name] = result
        if on_result is not None:
            on_result(result)

    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_Worker(context, suite, backend, seconds, cuts))
                workers[-1].give(waiting.popleft())
            ready = wait([worker.connection for worker in workers], timeout=seconds / 4)
            for worker in list(workers):
                if worker.connection in ready:
                    finish(worker.take())
                elif worker.overdue(3 * seconds):
                    worker.kill()
                    finish(worker.lost(Verdict.TIMEOUT, "no answer, and not to be interrupted"))
                else:
                    continue
                if worker.alive and waiting:
                    worker.give(waiting.popleft())
                else:
                    worker.close()
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.kill()
            worker.close()
    return [results[name] for name in names]


class OneByOne:
    """Runs files one after the other, in a process that is replaced when it is lost."""

    def __init__(self, suite: Suite, backend: str, seconds: float = COMMAND_SECONDS) -> None:
        self._suite, self._backend, self._seconds = suite, backend, seconds
        self._worker: _Worker | None = None

    def run(self, name: str) -> FileResult:
        """Run a file; deadlines and errors are those of `run_files`."""
        worker = self._worker
        if worker is None:
            context = multiprocessing.get_context("spawn")
            worker = _Worker(context, self._suite, self._backend, self._seconds, None)
            self._worker = worker
        worker.give(name)
        while not worker.connection.poll(self._seconds / 4):
            if worker.overdue(3 * self._seconds):
                worker.kill()
                self.close()
                return worker.lost(Verdict.TIMEOUT, "no answer, and not to be interrupted")
        result = worker.take()
        if not worker.alive:
            self.close()
        return result

    def close(self) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


@dataclass(slots=True)
class _Failure:
    """What a worker sends when the run as a whole cannot go on."""

    error: RefexecError


class _Worker:
    """One process, seen from the parent."""

    def __init__(
        self,
        context: SpawnContext,
        suite: Suite,
        backend: str,
        seconds: float,
        cuts: Cuts | None,
    ) -> None:
        self.connection, theirs = context.Pipe()
        # Where the worker is: written there, read here. Plain numbers need no lock.
        self._line = RawValue(c_long, _LOADING)
        self._index = RawValue(c_long, 0)
        self._since = RawValue(c_double, 0.0)
        self._name = ""
        self._process: BaseProcess = context.Process(
            target=_work,
            args=(theirs, suite, backend, seconds, cuts, (self._line, self._index, self._since)),
        )
        self._process.start()
        theirs.close()
        self.alive = True

    def give(self, name: str) -> None:
        """Let it run a file."""
        self._name = name
        self._line.value = _LOADING
        try:
            self.connection.send(name)
        except OSError:
            self.alive = False  # it has ended already; `take` will say so

    def take(self) -> FileResult:
        """Its answer, or the verdict that it crashed."""
        try:
            answer: FileResult | _Failure = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            self.alive = False
            return self.lost(Verdict.CRASH, f"the process ended with status {self.status}")
        if isinstance(answer, _Failure):
            raise answer.error
        return answer

    @property
    def status(self) -> int | None:
        """How its process ended: an exit status, or minus the number of a signal."""
        return self._process.exitcode

    def overdue(self, seconds: float) -> bool:
        """Tell whether one command has kept it for longer than `seconds`."""
        in_command = self._line.value != _LOADING
        return bool(in_command and time.monotonic() - self._since.value > seconds)

    def lost(self, verdict: Verdict, got: str) -> FileResult:
        """The result of a file that cost the worker its life."""
        line = max(self._line.value, 0)
        index = self._index.value if line else 0
        finding = Finding(self._name, line, index, verdict, "the command there", "an answer", got)
        return FileResult(self._name, Counter({verdict: 1}), (finding,))

    def kill(self) -> None:
        """End the process now, with what the backend has started."""
        self.alive = False
        self._process.terminate()
        self._process.join(_GRACE)
        self._process.kill()

    def close(self) -> None:
        """Let the process end, and wait for it."""
        self.connection.close()
        self._process.join()


def _work(
    connection: Connection[Any, Any],
    suite: Suite,
    backend: str,
    seconds: float,
    cuts: Cuts | None,
    where: tuple[Any, Any, Any],
) -> None:
    """What runs in a worker: file after file, until the parent closes the connection."""
    line, index, since = where
    # Ctrl-C is the parent's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    engine: Backend | None = None

    def end(*_: object) -> None:
        """Take along a program that runs apart, as it may never come back by itself."""
        if engine is not None:
            engine.interrupt()
        sys.exit(1)

    signal.signal(signal.SIGTERM, end)

    def note(command: Command) -> None:
        since.value = time.monotonic()
        index.value = command.index
        line.value = command.line

    try:
        while True:
            try:
                name = connection.recv()
            except EOFError:
                return
            answer: FileResult | _Failure
            try:
                engine = engine or create_backend(backend)
                answer = run_file(suite, name, backend, seconds, note, cuts, engine)
            except BackendLostError as lost:
                answer = lost_at_start(name, lost)
            except RefexecError as error:
                answer = _Failure(error)
            line.value = _LOADING
            connection.send(answer)
    finally:
        if engine is not None:
            close_backend(engine)


def lost_at_start(name: str, lost: BackendLostError) -> FileResult:
    """The result of a file for which the backend could not even be started."""
    finding = Finding(name, 0, 0, lost.verdict, "start", "a running backend", str(lost))
    return FileResult(name, Counter({lost.verdict: 1}), (finding,))
