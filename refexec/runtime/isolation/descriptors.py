"""Standing alone: a worker's descriptors, process group, environment and directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal

_FIRST_FREE_FD = 3


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
    os.closerange(_FIRST_FREE_FD + len(kept), max(_open_descriptors()) + 1)
    return kept


def _open_descriptors() -> list[int]:
    """Numbers of the open descriptors, and of the one that the looking has taken."""
    # The limit may have been lowered after descriptors beyond it had been opened.
    return [int(name) for name in os.listdir("/proc/self/fd")]


def check_highest(highest: int) -> None:
    """Raise `OSError` if any descriptor beyond `highest` is open."""
    for fd in _open_descriptors():
        if fd > highest and os.path.lexists(f"/proc/self/fd/{fd}"):
            raise OSError(0, f"descriptor {fd} is open")


def check_environment() -> None:
    """Forget what Python itself has set. `OSError` if the process was started with anything."""
    with open("/proc/self/environ", "rb") as file:
        given = file.read(1)
    os.environ.clear()
    if given:
        raise OSError(0, "the worker was started with an environment")


def leave_directory() -> None:
    """Go to the root directory, where nothing is kept in use."""
    os.chdir("/")


def mask_files() -> None:
    """Create files, if that is possible at all, with no permissions for anybody."""
    os.umask(0o777)
