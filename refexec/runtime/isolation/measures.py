"""The measures by name: what each is for, and which an executor leaves out or insists on."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Final

from refexec.errors import ConfigError
from refexec.record import record

MEASURES: Final = {
    "descriptors": "holds its two channels and a pipe of its own, and nothing of its parent",
    "environment": "was started without environment variables",
    "umask": "creates files, if at all, without permissions",
    "directory": "keeps no directory in use",
    "oom-first": "is what the kernel kills first when memory runs out",
    "user-namespace": "has no user number outside, and is not root inside",
    "ipc-namespace": "sees no shared memory or message queue",
    "uts-namespace": "cannot set the host's name",
    "cgroup-namespace": "sees no control groups",
    "net-namespace": "has no network interface",
    "empty-root": "has an empty, read-only root directory",
    "no-capabilities": "has none of root's special powers",
    "parent-death": "dies with its parent",
    "no-new-privs": "gains no privileges by running a program",
    "not-dumpable": "cannot be looked into by other processes",
    "rlimit-core": "leaves no core dump",
    "rlimit-fsize": "cannot make a file longer",
    "rlimit-memlock": "cannot lock memory",
    "rlimit-msgqueue": "cannot make message queues",
    "rlimit-rtprio": "cannot have real-time priority",
    "rlimit-sigpending": "cannot queue signals",
    "rlimit-nofile": "cannot have more descriptors",
    "rlimit-nproc": "cannot start processes or threads",
    "rlimit-as": "cannot take more memory than its program may need",
    "landlock-files": "cannot open any file or directory",
    "landlock-tcp": "cannot use TCP",
    "landlock-scope": "cannot send signals, or use abstract sockets, outside",
    "seccomp": "makes no system calls but those that computing takes",
}
"""Names of all measures, in the order in which they are applied: a worker ..."""

FILE_MEASURES: Final = frozenset(
    {
        "environment",
        "umask",
        "directory",
        "user-namespace",
        "ipc-namespace",
        "uts-namespace",
        "cgroup-namespace",
        "net-namespace",
        "empty-root",
        "no-capabilities",
        "rlimit-fsize",
        "rlimit-nofile",
        "rlimit-as",
        "landlock-files",
        "landlock-tcp",
        "landlock-scope",
        "seccomp",
    }
)
"""What keeps a worker from writing files, as a tool that measures the worker itself has to."""

LEAVE_OUT_VARIABLE: Final = "REFEXEC_LEAVE_OUT"
"""Environment variable with names of measures, or `files` for all of `FILE_MEASURES`."""


@record(frozen=True)
class Settings:
    """What a worker is told about its isolation. Travels as a tuple of the fields."""

    leave_out: tuple[str, ...] = ()
    """Measures that are not applied."""

    require: tuple[str, ...] = ()
    """Measures without which the worker takes no program."""

    nice: int = 0
    """What is added to the worker's niceness, 0..39."""

    preload: tuple[str, ...] = ()
    """Modules that the worker loads before it can open no file any more."""

    def astuple(self) -> tuple[object, ...]:
        """Give the fields, so that `Settings(*fields)` is the same again."""
        return self.leave_out, self.require, self.nice, self.preload


def check_names(names: Collection[str], setting: str) -> frozenset[str]:
    """Give the names as a set. `ConfigError` if there is no such measure."""
    if isinstance(names, str):
        raise ConfigError(f"{setting} is one string, expected a collection of names")
    for name in names:
        if name not in MEASURES:
            raise ConfigError(
                f"{setting}: there is no measure {name!r}, expected some of {', '.join(MEASURES)}"
            )
    return frozenset(names)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Give some of the names in the order of the table."""
    chosen = frozenset(names)
    return tuple(name for name in MEASURES if name in chosen)


def left_out_by_environment() -> frozenset[str]:
    """Measures that the environment asks to leave out. `ConfigError` for other names.

    refexec's own coverage measurement uses it, since coverage writes a file in each worker at its
    end: `REFEXEC_LEAVE_OUT=files`.
    """
    names = os.environ.get(LEAVE_OUT_VARIABLE, "").replace(",", " ").split()
    chosen = check_names([name for name in names if name != "files"], LEAVE_OUT_VARIABLE)
    return chosen | FILE_MEASURES if "files" in names else chosen
