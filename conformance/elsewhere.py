"""Another process in which a run can go on after a cut.

A new Python process takes the bytes of a frozen store, thaws it, runs it up to the next cut or to
its end, and gives it back. It is kept for a while, since starting one takes longer than most runs.
Both sides are the kit's own and trust each other.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from refexec_conformance.world import Hosts, Kind, Operation, Told, World

from refexec import wasm

JOBS = 100
"""Runs that a process takes over before it is replaced by a new one."""

_MODULES = 50
"""Modules that a process remembers."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run to go on with."""

    kind: Kind
    modules: tuple[bytes, ...]
    hosts: tuple[int, ...]
    state: bytes
    operation: Operation
    limit: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How far it came."""

    told: Told | None = None
    """None if it stopped at the limit."""
    state: bytes = b""
    fault: str = ""
    """What went wrong; then there is nothing else."""


class Elsewhere:
    """The other process, seen from here. Started when it is first needed."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._connection: Connection[Any, Any] | None = None
        self._jobs = 0

    def go_on(self, job: Job) -> Answer:
        """Let a run go on there."""
        if self._jobs == JOBS:
            self.close()
        if self._connection is None:
            self._start()
        assert self._connection is not None
        self._jobs += 1
        try:
            self._connection.send(job)
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            self.close()
            return Answer(fault="the other process has died")
        return answer

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join()
        self._process = self._connection = None
        self._jobs = 0


@cache
def elsewhere() -> Elsewhere:
    """The other process that goes with this one."""
    return Elsewhere()


def serve(connection: Connection[Any, Any]) -> None:
    """What runs in the other process, until the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    modules: OrderedDict[tuple[str, bytes], wasm.Module] = OrderedDict()

    def load(features: str, data: bytes) -> wasm.Module:
        key = features, data
        if key not in modules:
            modules[key] = wasm.Module(data, features=features)
            if len(modules) > _MODULES:
                modules.popitem(last=False)
        return modules[key]

    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        try:
            loaded = [load(job.kind.features, data) for data in job.modules]
            world = World.thaw(job.kind, Hosts(job.hosts), loaded, job.state)
            told = world.resume(job.operation, job.limit)
            answer = Answer(told, world.freeze())
        except Exception as error:
            answer = Answer(fault=f"{type(error).__name__}: {error}")
        connection.send(answer)
