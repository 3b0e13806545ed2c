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

from refexec.errors import UnavailableError

_REASONS = {
    errno.EACCES: "the group has to be delegated to this user, and so has one that both the group "
    "and this process are in",
    errno.EBUSY: "a group whose children have controllers can have no processes itself",
    errno.EINVAL: "is this a group of the version 2 hierarchy?",
    errno.ENODEV: "the group has been removed",
    errno.ENOENT: "the group has been removed",
    errno.EOPNOTSUPP: "the group is of a threaded or invalid type",
    errno.EPERM: "the group has to be delegated to this user",
}

_ROOT = "/sys/fs/cgroup"
_UNIFIED = "/sys/fs/cgroup/unified"


class ProcessGroup:
    """An open control group directory. Make one with `open_cgroup`.

    A group that has been closed means the default group of the executor.
    """

    def __init__(self, directory: int, path: str = "") -> None:
        self.path = path
        """Where the directory was when it was opened."""

        self._lock = threading.Lock()
        self._directory: int | None = directory

    def add(self, pid: int) -> None:
        """Move a process into the group; nothing happens if the group has been closed.

        Raises `UnavailableError`, which says what may be missing, if the kernel refuses.
        """
        try:
            with self._lock:
                if self._directory is None:
                    return
                file = os.open("cgroup.procs", os.O_WRONLY | os.O_CLOEXEC, dir_fd=self._directory)
            try:
                os.write(file, str(pid).encode())
            finally:
                os.close(file)
        except OSError as error:
            hint = _REASONS.get(error.errno or 0)
            raise UnavailableError(
                f"control group {self.path} takes no worker: {error.strerror}"
                + (f" ({hint})" if hint else "")
            ) from error

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
    A symbolic link at the end of the path is not followed. Raises `UnavailableError`, with the text
    `open directory PATH: ...`, if there is no such group.
    """
    root = _ROOT if os.path.exists(f"{_ROOT}/cgroup.controllers") else _UNIFIED
    # Like Go's path.Join: an absolute name is still below the root.
    path = os.path.normpath(f"{root}/{name}")
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return ProcessGroup(os.open(path, flags), path)
    except ValueError as error:  # a name that no directory can have
        raise UnavailableError(f"open directory {path!r}: {error}") from error
    except OSError as error:
        raise UnavailableError(f"open directory {path}: {error.strerror}") from error
