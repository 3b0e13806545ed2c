"""Resource limits and priorities of a worker."""

from __future__ import annotations

import os
import resource
import signal
from typing import Final

from refexec.runtime.isolation import linux

ZERO: Final = {
    "rlimit-core": resource.RLIMIT_CORE,
    "rlimit-fsize": resource.RLIMIT_FSIZE,
    "rlimit-memlock": resource.RLIMIT_MEMLOCK,
    "rlimit-msgqueue": resource.RLIMIT_MSGQUEUE,
    "rlimit-rtprio": resource.RLIMIT_RTPRIO,
    "rlimit-sigpending": resource.RLIMIT_SIGPENDING,
}
"""Limits that can be 0."""

_PAGE = os.sysconf("SC_PAGE_SIZE")

_STOP_SECONDS = 1.5
"""Processor time that a program may take to stop when its own is spent, rounded down."""

_HAND_OVER_SECONDS = 60
"""Processor time beyond that in which a worker may hand over the program's state."""


def set_zero(limit: int) -> None:
    """Set a limit to 0, for good."""
    _lower(limit, 0)


def freeze_descriptors(highest: int) -> None:
    """Have no descriptor beyond those that are open."""
    _lower(resource.RLIMIT_NOFILE, highest + 1)


def no_processes(user: int) -> None:
    """Start no process and no thread. `OSError` if the limit does not bind the user."""
    _lower(resource.RLIMIT_NPROC, 0)
    if user == 0:
        raise OSError(0, "the process limit does not bind root")


def limit_address_space(size: int) -> None:
    """Take at most `size` bytes of address space."""
    _lower(resource.RLIMIT_AS, size)


def address_space() -> int:
    """Bytes of address space that are taken now. Needs `/proc`."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * _PAGE


def limit_processor_time(seconds: float) -> None:
    """Get SIGPROF after so much processor time from now, and SIGXCPU about a second later."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds + _STOP_SECONDS)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = soft + _HAND_OVER_SECONDS
    if hard == resource.RLIM_INFINITY or hard > wanted:
        hard = wanted
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _lower(limit: int, value: int) -> None:
    """Set both bounds of a limit to `value`, unless they are lower."""
    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(limit, (value, value))
    except ValueError as error:  # what it raises for EPERM as well
        raise OSError(0, str(error)) from None


def die_with_parent() -> None:
    """Be killed when the thread that has started this process ends."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)


def no_new_privileges() -> None:
    """Gain no privileges by running a program that would give them."""
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)


def not_dumpable() -> None:
    """Let no process of the same user look into this one."""
    linux.prctl(linux.PR_SET_DUMPABLE, 0)


def first_out_of_memory() -> None:
    """Be the first that the kernel kills when memory runs out."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def be_nice(increment: int) -> None:
    """Leave the processor to others first. `OSError` if the priority did not change."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    if os.nice(increment) == before:
        raise OSError(0, "the priority is the lowest already")
