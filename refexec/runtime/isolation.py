"""What a worker gives up before it sees the program that it is going to run.

Each measure is applied if the machine offers it, and `apply` reports which were. They limit what a
program can do that has broken out of the interpreter; the interpreter itself is the first wall.

One configuration leaves measures out: when coverage is measured in subprocesses (it then sets
`COVERAGE_PROCESS_CONFIG` or `COVERAGE_PROCESS_START`), a worker has to be able to write its
figures at its end, so the limit on the size of files is not set.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38

_LIMITS = {
    "rlimit-core": resource.RLIMIT_CORE,
    "rlimit-memlock": resource.RLIMIT_MEMLOCK,
    "rlimit-msgqueue": resource.RLIMIT_MSGQUEUE,
    "rlimit-rtprio": resource.RLIMIT_RTPRIO,
}
_FILE_SIZE_LIMIT = {"rlimit-fsize": resource.RLIMIT_FSIZE}

_FIRST_FREE_FD = 3


def measuring_coverage() -> bool:
    """Whether coverage of this process is measured, so that it has to write a file at its end."""
    return "COVERAGE_PROCESS_CONFIG" in os.environ or "COVERAGE_PROCESS_START" in os.environ


def detach() -> None:
    """Leave the parent's process group, so that Ctrl-C in a terminal is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A session leader (where a container has been set up like that) is in a group of its own.
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)


def keep_only(*descriptors: int) -> list[int]:
    """Close all descriptors but these, which get the numbers from 3 on, in the same order.

    Standard input, output and error become `/dev/null`.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(_FIRST_FREE_FD):
        os.dup2(null, standard)
    # First out of the way of each other, then into place.
    floor = max(_FIRST_FREE_FD + len(descriptors), *descriptors) + 1
    aside = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, floor) for fd in descriptors]
    kept = [
        os.dup2(fd, number, inheritable=False)
        for number, fd in enumerate(aside, start=_FIRST_FREE_FD)
    ]
    os.closerange(_FIRST_FREE_FD + len(kept), _max_descriptor() + 1)
    return kept


def _max_descriptor() -> int:
    # The limit may have been lowered after descriptors beyond it had been opened.
    return max(int(name) for name in os.listdir("/proc/self/fd"))


def apply(parent: int) -> list[str] | None:
    """Apply all measures, and return the names of those in force.

    `parent` is the process to die with. Returns None if it is gone already.
    """
    applied = list(_apply())
    # Asking to die with the parent has no effect if it died before that.
    return applied if os.getppid() == parent else None


def _apply() -> Iterator[str]:
    # This one first, because it needs permissions that the others take away.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
        yield "oom-first"
    prctl = ctypes.CDLL(None).prctl
    if prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
        yield "parent-death"
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        yield "no-new-privs"
    if prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
        yield "not-dumpable"
    limits = _LIMITS if measuring_coverage() else _LIMITS | _FILE_SIZE_LIMIT
    for name, limit in limits.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (0, 0))
            yield name
