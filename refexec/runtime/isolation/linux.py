"""System calls that Python has no function for. Nothing here decides anything."""

from __future__ import annotations

import ctypes
import os
from typing import Final

MACHINE: Final = os.uname().machine
"""Architecture that this interpreter runs on, as the kernel calls it."""

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_SECCOMP: Final = 22
PR_SET_NO_NEW_PRIVS: Final = 38

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000

# By architecture, where they differ.
_CAPSET = {"x86_64": 126, "aarch64": 91}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def syscall(number: int, *arguments: object) -> int:
    """Make a system call by its number. `OSError` if it fails."""
    return _check(_libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, *arguments: object) -> None:
    """Make the system call of this name; arguments that are not given are 0."""
    rest = [ctypes.c_ulong(0)] * (4 - len(arguments))
    _check(_libc.prctl(option, *arguments, *rest))


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name for new ones."""
    _check(_libc.unshare(flags))


def mount(source: str, target: str, kind: str, flags: int, data: str) -> None:
    """Mount a file system."""
    encoded = [text.encode() for text in (source, target, kind)]
    _check(_libc.mount(*encoded, ctypes.c_ulong(flags), data.encode()))


def unmount_tree(target: str) -> None:
    """Detach a mount and all that is mounted below it."""
    detach = 2
    _check(_libc.umount2(target.encode(), detach))


def pivot_root() -> None:
    """Make the current directory the root, and stack the old root on top of it."""
    syscall(_by_machine(_PIVOT_ROOT), b".", b".")


def drop_capabilities() -> None:
    """Give up all capabilities."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    syscall(_by_machine(_CAPSET), header, nothing)


def read_memory(pid: int) -> None:
    """Try to read the first byte of another process's memory, where nothing is mapped."""
    byte = ctypes.create_string_buffer(1)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(byte), 1)
    remote = (ctypes.c_void_p * 2)(0, 1)
    _check(_libc.process_vm_readv(pid, local, 1, remote, 1, 0))


def _by_machine(numbers: dict[str, int]) -> int:
    if MACHINE not in numbers:
        raise OSError(0, f"its system calls are not known for {MACHINE}")
    return numbers[MACHINE]
