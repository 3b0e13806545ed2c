"""A hook that runs in a worker in place of its program, and tries to get out.

It shares nothing with the probe that refexec itself uses. Imported by the spawned process too.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from hostile import replaced
from refexec.runtime.control import Kind, encode_header
from refexec.runtime.spawn import ProbeProcess, WorkerProcess

_libc = ctypes.CDLL(None, use_errno=True)


def _call(function: str, *arguments: Any) -> None:
    if getattr(_libc, function)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), function)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _local_socket() -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0refexec-nobody-listens")


ESCAPES: dict[str, Callable[[], object]] = {
    "open": lambda: os.open(__file__, os.O_RDONLY),
    "open relative": lambda: os.open(".", os.O_RDONLY),
    "list": lambda: os.listdir("/"),
    "create": lambda: os.open("/tmp/refexec-escaped", os.O_CREAT | os.O_WRONLY),
    "unlink": lambda: os.unlink("/tmp/refexec-escaped"),
    "make a directory": lambda: os.mkdir("/tmp/refexec-escaped"),
    "mount": lambda: _call("mount", b"none", b"/", b"tmpfs", ctypes.c_ulong(0), None),
    "chroot": lambda: os.chroot("/"),
    "import": lambda: __import__("this"),
    "memfd": lambda: os.memfd_create("escaped"),
    "internet socket": lambda: socket.socket(socket.AF_INET),
    "datagram socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "local socket": _local_socket,
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "fork": _fork,
    "thread": _thread,
    "subprocess": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "exec": lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "signal everybody": lambda: os.kill(-1, 0),
    "signal the group": lambda: os.killpg(os.getppid(), 0),
    "trace": lambda: _call("ptrace", 16, os.getppid(), None, None),
    "unshare": lambda: _call("unshare", 0x10000000),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -1),
    "parent's limits": lambda: _prlimit(os.getppid()),
    "owner of a descriptor": lambda: __import__("fcntl").fcntl(3, 8, os.getppid()),
    "key": lambda: _call("syscall", ctypes.c_long(248), b"user", b"x", b"x", 1, -3),
    "io_uring": lambda: _call("syscall", ctypes.c_long(425), 8, None),
}


def _prlimit(pid: int) -> None:
    import resource

    resource.prlimit(pid, resource.RLIMIT_CORE)


def attempt(escape: Callable[[], object]) -> str:
    """How it ended: the name of an error, or that there was none."""
    try:
        escape()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "OSError")
    except (RuntimeError, ImportError) as error:
        return type(error).__name__
    return "done"


def _try_all(place: Any) -> int:
    place.control.send(Kind.READY, " ".join(place.applied.names()).encode())
    results = {name: attempt(escape) for name, escape in ESCAPES.items()}
    raise RuntimeError(json.dumps(results))


class Escaper(WorkerProcess):
    """Tries to get out in place of running a program."""

    run = replaced(_try_all)


def _run_unfiltered(self: WorkerProcess) -> None:
    from refexec.runtime import worker
    from refexec.runtime.isolation import seccomp

    def fail() -> None:
        raise OSError(0, "not today")

    seccomp.install = fail
    worker.main(*self._arguments)


class Unfiltered(WorkerProcess):
    """A worker on a kernel without filters."""

    run = _run_unfiltered


class SilentProbe(ProbeProcess):
    """Says nothing."""

    def run(self) -> None:
        os._exit(0)


class FailedProbe(ProbeProcess):
    """Says why it fails."""

    def run(self) -> None:
        os.write(self.inherited[0], encode_header(Kind.ERROR, 6) + b"no way")
        os._exit(1)


class GarbageProbe(ProbeProcess):
    """Says nothing that could be understood."""

    def run(self) -> None:
        os.write(self.inherited[0], bytes(range(100, 200)))
        os._exit(1)


class BoastfulProbe(ProbeProcess):
    """Claims to have all measures, and still can do anything."""

    def run(self) -> None:
        from refexec.runtime.isolation.measures import MEASURES
        from refexec.runtime.isolation.probe import attempts

        report = {
            "measures": dict.fromkeys(MEASURES, ""),
            "attempts": dict.fromkeys(attempts(1), ""),
        }
        for part in (b"", json.dumps(report).encode(), b'"EPERM"'):
            kind = Kind.REPORT if part else Kind.READY
            os.write(self.inherited[0], encode_header(kind, len(part)) + part)
        os._exit(0)
