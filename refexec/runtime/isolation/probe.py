"""A worker that runs no program, but tries to get out, and tells how far it came.

It goes the way of every worker up to the point where it would take its program. Each attempt is
harmless if it succeeds. What the attempts show, and which measure should have refused them, is
in `report`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import mmap
import os
import resource
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from refexec.runtime import worker
from refexec.runtime.control import Kind
from refexec.runtime.isolation import linux
from refexec.runtime.isolation.apply import apply_memory_limit

POSSIBLE: Final = ""
"""How an attempt has ended that was not refused; otherwise the name of the error."""

MEMORY_LIMIT: Final = 64 << 20
"""Bytes that the probe may take, in place of what a program may need."""


def _read_file() -> None:
    os.close(os.open(sys.executable, os.O_RDONLY))


def _write_file() -> None:
    path = f"/tmp/refexec-probe-{os.getpid()}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.unlink(path)
        os.write(descriptor, b"x")
    finally:
        os.close(descriptor)


def _connect() -> None:
    with socket.socket() as tcp, contextlib.suppress(ConnectionRefusedError):
        tcp.settimeout(1)
        tcp.connect(("127.0.0.1", 9))  # if nobody listens, the network has answered


def _signal_parent(parent: int) -> None:
    os.kill(parent, 0)


def _read_parent(parent: int) -> None:
    try:
        linux.read_memory(parent)
    except OSError as error:
        # The place is empty on purpose; asking for it was allowed.
        if error.errno != errno.EFAULT:
            raise


def _start_process() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _make_code() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()


def _take_memory() -> None:
    mmap.mmap(-1, 2 * MEMORY_LIMIT).close()


def _take_descriptors() -> None:
    taken = []
    try:
        for _ in range(64):
            taken.append(fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC))
    finally:
        for descriptor in taken:
            os.close(descriptor)


def _raise_limits() -> None:
    for limit in (resource.RLIMIT_MEMLOCK, resource.RLIMIT_RTPRIO):
        resource.setrlimit(limit, (1, 1))


def attempts(parent: int) -> dict[str, Callable[[], None]]:
    """All attempts by their names in the report."""
    return {
        "read a file": _read_file,
        "write a file": _write_file,
        "open a network connection": _connect,
        "signal the parent": lambda: _signal_parent(parent),
        "read the parent's memory": lambda: _read_parent(parent),
        "start a process": _start_process,
        "make memory executable": _make_code,
        "take more memory": _take_memory,
        "take more descriptors": _take_descriptors,
        "raise its limits": _raise_limits,
    }


RUN_A_PROGRAM: Final = "run a program"
"""The last attempt: if it succeeds there is nobody to tell about it."""


def _try(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except (OSError, ValueError, MemoryError) as error:
        number = getattr(error, "errno", None)
        return errno.errorcode.get(number or 0, type(error).__name__)
    return POSSIBLE


def main(control_fd: int, packets_fd: int, parent: int, settings: Sequence[Any] = ()) -> NoReturn:
    """The whole life of a probe. The arguments are those of a worker."""
    place = worker.move_in(control_fd, packets_fd, parent, settings)
    apply_memory_limit(place.settings, place.applied, MEMORY_LIMIT)
    results = {name: _try(attempt) for name, attempt in attempts(parent).items()}
    report = {"measures": place.applied.failures, "attempts": results}
    place.control.send(Kind.READY, " ".join(place.applied.names()).encode())
    place.control.send(Kind.REPORT, json.dumps(report).encode())
    refused = _try(lambda: os.execv(sys.executable, [sys.executable, "-S", "-c", ""]))
    place.control.send(Kind.REPORT, json.dumps(refused).encode())
    os._exit(0)
