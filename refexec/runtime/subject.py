"""One worker as its parent sees it: its channels, its death, and the two signals that it gets.

A subject is made and reaped by the executor's thread. Everything else may be called from any
thread. Not here: which request wins when several are made (`process`).
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import threading
from collections.abc import Callable

from refexec.runtime.isolation.measures import Settings
from refexec.runtime.spawn import WorkerPopen, WorkerProcess

_STOP_SECONDS = 1.5
"""Processor time that a program may take to stop after it was asked to, rounded down."""

_HAND_OVER_SECONDS = 60
"""Processor time beyond that in which a worker may hand over the program's state."""

_DEFAULT = Settings()

_TICKS = os.sysconf("SC_CLK_TCK")


class Subject:
    """A spawned worker. `control` and `packets` are the parent's ends of the two channels."""

    control: socket.socket
    """The control channel, blocking."""

    packets: socket.socket
    """The packet stream, non-blocking."""

    worker_packets: socket.socket
    """The worker's end of the packet stream: after its death it gives what was never read."""

    status: int | None = None
    """Wait status, once `exited` is set."""

    preload: tuple[str, ...]
    """Modules that it has loaded for observers."""

    abandoned: bool = False
    """Whether it was killed because its executor was closed or died."""

    def __init__(
        self, settings: Settings = _DEFAULT, kind: type[WorkerProcess] | None = None
    ) -> None:
        self.control, worker_control = socket.socketpair()
        self.packets, self.worker_packets = socket.socketpair()
        self.packets.setblocking(False)
        self.worker_packets.setblocking(False)
        self.preload = settings.preload
        self.exited = threading.Event()
        self._lock = threading.Lock()
        self._on_exit: Callable[[], None] | None = None
        try:
            with worker_control:
                self.process = (kind or WorkerProcess)(
                    worker_control.fileno(),
                    self.worker_packets.fileno(),
                    os.getpid(),
                    settings.astuple(),
                )
                self.process.start()
        except BaseException:
            self.control.close()
            self.close_packets()
            raise
        self.popen: WorkerPopen = self.process.popen

    # -- for the executor's thread ---------------------------------------------------------------

    def reap(self) -> bool:
        """Take note of the worker's end if it has come. Returns whether it has."""
        if self.popen.poll() is None:
            return False
        self.status = self.popen.status
        self.process.close()
        with self._lock:
            self.exited.set()
            callback = self._on_exit
        if callback is not None:
            callback()
        return True

    def abandon(self) -> None:
        """Kill the worker because there is no executor any more."""
        if self.popen.send_signal(signal.SIGKILL):
            self.abandoned = True

    # -- for everybody ---------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The process number, which may be reused once `exited` is set."""
        return self.popen.pid

    @property
    def ready(self) -> bool:
        """Whether the worker has said that it waits for its program; asked before that is read."""
        poller = select.poll()
        poller.register(self.control, select.POLLIN)
        return bool(poller.poll(0))

    def on_exit(self, callback: Callable[[], None] | None) -> None:
        """Have `callback` called when the worker has been reaped; at once if it has been."""
        with self._lock:
            self._on_exit = callback
            exited = self.exited.is_set()
        if exited and callback is not None:
            callback()

    def kill(self) -> None:
        """Kill the worker, unless it is dead."""
        self.popen.send_signal(signal.SIGKILL)

    def suspend(self) -> None:
        """Ask the worker to stop, and limit the processor time that it may take for that."""
        if not self.popen.send_signal(signal.SIGUSR1):
            return
        # Dead in the meantime, or a machine that hides processes: then there is no limit.
        with contextlib.suppress(OSError, ValueError):
            soft = int(_processor_time(self.pid) + _STOP_SECONDS)
            _, hard = resource.prlimit(self.pid, resource.RLIMIT_CPU)
            wanted = soft + _HAND_OVER_SECONDS
            if hard == resource.RLIM_INFINITY or hard > wanted:
                hard = wanted
            resource.prlimit(self.pid, resource.RLIMIT_CPU, (min(soft, hard), hard))

    def close_packets(self) -> None:
        """Close the packet stream. The control channel is closed by its reader."""
        self.packets.close()
        self.worker_packets.close()


def _processor_time(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        # The name in parentheses may hold anything, so fields are counted after it.
        fields = file.read().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
