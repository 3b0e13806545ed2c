"""A `multiprocessing` spawn process that gives its child nothing but two channels.

An ordinary spawn child gets more than a worker for hostile programs may have: the authentication
key of the parent, a pipe to the parent's resource tracker, and the caller's `__main__` module run
again, and all environment variables. The small subclasses here hand over a name, `sys.path`, the
numbers of two sockets and what to leave out of the isolation.
So a script without `if __name__ == "__main__"` works, and the worker holds no descriptor besides
its sockets and the standard ones (which `refexec.runtime.isolation` takes away as well).

Not here: when workers are made and reaped (`executor`), and what they do (`worker`). Both sides
import this module, so it imports nothing of refexec.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import select
import signal
import sys
import threading
import time
from multiprocessing import context, popen_spawn_posix, spawn, util
from typing import Any

_POLL_INTERVAL = 0.02
"""Seconds between looks at a child where the kernel offers no descriptor for processes."""

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The directory that refexec is in."""

EXIT_ORPHANED = 41
"""Exit status of a child whose parent was gone before it had asked to die with it."""

LOST = 0x10000
"""Wait status of a child that somebody else has reaped. No real status has this bit."""


class WorkerProcess(context.SpawnProcess):
    """One worker. The descriptors are those that the child inherits, under the same numbers."""

    def __init__(
        self, control: int, packets: int, parent: int, settings: tuple[object, ...] = ()
    ) -> None:
        super().__init__(name="refexec-worker", daemon=True)
        self._arguments = (control, packets, parent, settings)

    @staticmethod
    def _Popen(process_obj: Any) -> WorkerPopen:
        return WorkerPopen(process_obj)

    def __reduce__(self) -> tuple[Any, ...]:
        # Instead of all attributes, among which the authentication key would be.
        return type(self), self._arguments

    def run(self) -> None:
        """What the child does. Never returns."""
        self.prepare()
        from refexec.runtime import worker

        worker.main(*self._arguments)

    def prepare(self) -> None:
        """Make the child ready to load modules, which takes most of the time of a start."""
        # Collecting garbage in the meantime finds none, and takes a tenth of the time.
        gc.disable()
        from refexec.runtime.isolation import limits

        # Asked for again later, because a change of the user undoes it.
        with contextlib.suppress(OSError):
            limits.die_with_parent()
        if os.getppid() != self._arguments[2]:
            os._exit(EXIT_ORPHANED)

    @property
    def inherited(self) -> tuple[int, int]:
        """The two descriptors that the child gets."""
        return self._arguments[0], self._arguments[1]

    @property
    def with_environment(self) -> bool:
        """Whether the child gets the parent's environment, because the settings leave that out."""
        settings = self._arguments[3]
        return bool(settings) and "environment" in settings[0]  # type: ignore[operator]

    @property
    def popen(self) -> WorkerPopen:
        """The parent's handle of a started process."""
        popen = self._popen  # type: ignore[attr-defined]  # typeshed leaves out what is private
        assert isinstance(popen, WorkerPopen)
        return popen


class ProbeProcess(WorkerProcess):
    """Tries out what a worker can do, in place of running a program."""

    def run(self) -> None:
        """What the child does. Never returns."""
        self.prepare()
        from refexec.runtime.isolation import probe

        probe.main(*self._arguments)


class WorkerPopen(popen_spawn_posix.Popen):
    """The running child as its parent sees it. All methods may be called from any thread."""

    returncode: int | None
    pid: int
    sentinel: int

    status: int | None = None
    """The wait status once the child has been reaped; `LOST` if somebody else did that."""

    def __init__(self, process_obj: WorkerProcess) -> None:
        self._lock = threading.Lock()
        super().__init__(process_obj)

    def _launch(self, process_obj: WorkerProcess) -> None:
        # sys.path has to be the same, or refexec might be another one or none at all. Where a hook
        # of `site` has found refexec, its place is not in there.
        preparation = {
            "name": process_obj.name,
            "sys_path": [*(os.path.abspath(entry) for entry in sys.path), _ROOT],
        }
        payload = pickle.dumps(preparation) + pickle.dumps(process_obj)
        child_end, parent_end = os.pipe()
        try:
            self.pid = _execute(
                _command(child_end, process_obj.with_environment),
                [*process_obj.inherited, child_end],
                dict(os.environ) if process_obj.with_environment else {},
            )
        except BaseException:
            os.close(parent_end)
            raise
        finally:
            os.close(child_end)
        try:
            self.sentinel = os.pidfd_open(self.pid)
        except (AttributeError, OSError):
            # A kernel or a container that is older than process descriptors.
            self.sentinel = -1
        fds = [self.sentinel] if self.sentinel >= 0 else []
        self.finalizer = util.Finalize(self, _close_all, fds)
        # A child that is dead already has told so by its status.
        with open(parent_end, "wb") as file, contextlib.suppress(BrokenPipeError):
            file.write(payload)
            file.flush()

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """Reap the child if it has ended, and whatever it has started in its process group.

        Returns None while it is alive, then its exit code as `multiprocessing` defines it.
        """
        if flag != os.WNOHANG:
            self._wait_for_end(None)
        with self._lock:
            if self.returncode is None:
                try:
                    ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                    if ended is None:
                        return None
                    # While the dead leader is not reaped, its number can only mean this group.
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(self.pid, signal.SIGKILL)
                    _, self.status = os.waitpid(self.pid, 0)
                    self.returncode = os.waitstatus_to_exitcode(self.status)
                except ChildProcessError:
                    self.status = self.returncode = LOST
            return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Like `poll`, after waiting up to `timeout` seconds for the end of the child."""
        self._wait_for_end(timeout)
        return self.poll()

    def _wait_for_end(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            if self.sentinel >= 0:
                poller = select.poll()
                poller.register(self.sentinel, select.POLLIN)
                poller.poll(None if left is None else left * 1000)
            else:
                time.sleep(_POLL_INTERVAL if left is None else min(left, _POLL_INTERVAL))

    def send_signal(self, number: int) -> bool:
        """Send a signal, unless the child has been reaped. Returns whether it was sent."""
        with self._lock:
            if self.returncode is not None:
                return False
            try:
                if self.sentinel >= 0:
                    signal.pidfd_send_signal(self.sentinel, number)
                else:
                    # Not reaped, so the number still belongs to this child.
                    os.kill(self.pid, number)
            except OSError:
                return False
            return True

    def _send_signal(self, number: int) -> None:
        self.send_signal(number)


def _command(pipe: int, with_environment: bool) -> list[str]:
    """The command line of a child that reads what it is handed over from a pipe."""
    command = spawn.get_command_line(tracker_fd=None, pipe_handle=pipe)
    if with_environment:
        return command
    # Not the parent's own options either, and no `site`, which takes as long as all the rest.
    return [command[0], "-I", "-S", *command[command.index("-c") :]]


def _execute(command: list[str], descriptors: list[int], environment: dict[str, str]) -> int:
    """Start a program that inherits these descriptors and variables; its process number."""
    import subprocess  # for the parent only: workers have no use for it

    child = subprocess.Popen(command, env=environment, pass_fds=descriptors, process_group=0)
    # It is reaped by us, so this object has nothing to look after, and nothing to warn about.
    child.returncode = 0
    return child.pid


def _close_all(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
