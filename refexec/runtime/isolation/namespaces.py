"""Namespaces of the worker's own, and in one of them a root directory with nothing in it.

Without privileges all of them need a user namespace, which some machines do not allow. Inside it
the worker is user 1, not root, and it has no capabilities when it has set up the rest.
"""

from __future__ import annotations

import contextlib
import os

from refexec.runtime.isolation import linux

_INSIDE = 1
"""The one user and group that exist inside."""

_PLACE = "/proc"
"""Any directory will do: the empty file system is mounted over it, in our namespace only."""

_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT = 1, 2, 4, 8, 32
_REC, _PRIVATE = 0x4000, 0x40000


def enter_user() -> None:
    """Enter a user namespace that knows this user only, under another number."""
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER)
    # Kernels before 3.19 have no such file, and need none.
    with contextlib.suppress(FileNotFoundError):
        _write("/proc/self/setgroups", "deny")
    _write("/proc/self/gid_map", f"{_INSIDE} {group} 1")
    _write("/proc/self/uid_map", f"{_INSIDE} {user} 1")


def empty_root() -> None:
    """Have an empty, read-only root directory, and none of the files that were there."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", "", _REC | _PRIVATE, "")
    flags = _NOSUID | _NODEV | _NOEXEC
    linux.mount("none", _PLACE, "tmpfs", flags, "size=4k,nr_inodes=2,mode=0")
    os.chdir(_PLACE)
    linux.pivot_root()
    linux.unmount_tree(".")
    os.chdir("/")
    linux.mount("none", "/", "", flags | _REMOUNT | _RDONLY, "")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
