"""Process groups: control groups of the kernel that limit what a set of workers may use.

Only opening and joining; creating groups and setting their limits is the administrator's part.
Version 1 control groups are not supported.
"""

from __future__ import annotations

import errno
import os
import threading
from types import TracebackType
from typing import Self

_ROOT = "/sys/fs/cgroup"
_UNIFIED = "/sys/fs/cgroup/unified"


class ProcessGroup:
    """An open control group directory. Make one with `open_cgroup`.

    A group that has been closed means the default group of the executor.
    """

    def __init__(self, directory: int) -> None:
        self._lock = threading.Lock()
        self._directory: int | None = directory

    def add(self, pid: int) -> None:
        """Move a process into the group; nothing happens if the group has been closed.

        Raises `OSError` if the kernel refuses.
        """
        with self._lock:
            if self._directory is None:
                return
            file = os.open("cgroup.procs", os.O_WRONLY | os.O_CLOEXEC, dir_fd=self._directory)
        try:
            os.write(file, str(pid).encode())
        finally:
            os.close(file)

    def close(self) -> None:
        """Release the directory. May be called more than once."""
        with self._lock:
            directory, self._directory = self._directory, None
        if directory is not None:
            os.close(directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_cgroup(name: str) -> ProcessGroup:
    """Open the control group `name`, a path below the root of the version 2 hierarchy.

    That root is `/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` on hosts that mount both versions.
    A symbolic link at the end of the path is not followed. Raises `OSError`, with the text
    `open directory PATH: ...`, if there is no such group.
    """
    root = _ROOT if os.path.exists(f"{_ROOT}/cgroup.controllers") else _UNIFIED
    # Like Go's path.Join: an absolute name is still below the root.
    path = os.path.normpath(f"{root}/{name}")
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return ProcessGroup(os.open(path, flags))
    except ValueError as error:  # a name that no directory can have
        raise OSError(errno.EINVAL, f"open directory {path!r}: {error}") from error
    except OSError as error:
        raise OSError(error.errno, f"open directory {path}: {error.strerror}") from error
