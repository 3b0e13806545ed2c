"""The system calls that a worker keeps: a filter in the kernel's small machine code (BPF).

Everything that is not listed fails with EPERM, so that Python notices an error in place of dying
of a signal. System calls of another architecture kill the worker: they can only be an attempt to
get past the list. What is listed is what CPython needs to compute, to move bytes over descriptors
that it has, and to end; nothing that names a file, a socket, a process or a thread.

Five calls are allowed with certain arguments only: memory never becomes executable (`mmap`,
`mprotect`), descriptors get no owner whom the kernel would signal (`fcntl`, `ioctl`), and resource
limits are the worker's own (`prlimit64`).
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Sequence
from typing import Final

from refexec.runtime.isolation import linux

# The numbers on x86_64 and aarch64; None where there is no such call.
_FREE: Final = {
    "brk": (12, 214),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "close": (3, 57),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "fstat": (5, 80),
    "futex": (202, 98),
    "getcpu": (309, 168),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "lseek": (8, 62),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "poll": (7, None),
    "ppoll": (271, 73),
    "pselect6": (270, 72),
    "read": (0, 63),
    "recvfrom": (45, 207),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "select": (23, None),
    "sendto": (44, 206),
    "setitimer": (38, 103),
    "shutdown": (48, 210),
    "sigaltstack": (131, 132),
    "time": (201, None),
    "times": (100, 153),
    "write": (1, 64),
}

_F_DUPFD_CLOEXEC = 1030
_FCNTL_COMMANDS = (1, 2, 3, 4, _F_DUPFD_CLOEXEC)  # flags of a descriptor, and a second one
_FIOCLEX, _FIONCLEX, _FIONBIO = 0x5451, 0x5450, 0x5421
_PROT_EXEC = 4

# Which argument, and the values that it may have. Only its lower 32 bits are looked at, which is
# all that the kernel uses of these.
_WITH_ARGUMENT: Final = {
    "fcntl": ((72, 25), 1, _FCNTL_COMMANDS),
    "ioctl": ((16, 29), 1, (_FIOCLEX, _FIONCLEX, _FIONBIO)),
    "prlimit64": ((302, 261), 0, (0,)),
}

# Calls whose third argument may not ask for executable memory.
_PROTECTED: Final = {"mmap": (9, 222), "mprotect": (10, 226)}

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN = {"x86_64": 0, "aarch64": 1}

_X32_BIT = 0x40000000
"""On x86_64, calls of the ABI with short pointers have this bit."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | errno.EPERM
KILL: Final = 0x80000000

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant; jumps count instructions to skip."""


def program(machine: str) -> list[Instruction]:
    """Assemble the filter for an architecture. `OSError` if its system calls are not known."""
    if machine not in _AUDIT:
        raise OSError(0, f"its system calls are not known for {machine}")
    column = _COLUMN[machine]
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        code += [(_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, KILL)]
    for numbers in _FREE.values():
        number = numbers[column]
        if number is not None:
            code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, ALLOW)]
    for numbers, index, values in _WITH_ARGUMENT.values():
        code += _if_number(numbers[column], _argument_is(index, values))
    for numbers in _PROTECTED.values():
        test = [(_LOAD, 0, 0, _argument(2)), (_ANY_BIT, 1, 0, _PROT_EXEC), (_RETURN, 0, 0, ALLOW)]
        code += _if_number(numbers[column], [*test, (_RETURN, 0, 0, REFUSE)])
    return [*code, (_RETURN, 0, 0, REFUSE)]


def _argument(index: int) -> int:
    """Where the lower half of an argument lies: both architectures are little-endian."""
    return _ARGUMENTS + 8 * index


def _argument_is(index: int, values: Sequence[int]) -> list[Instruction]:
    code = [(_LOAD, 0, 0, _argument(index))]
    for value in values:
        code += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, ALLOW)]
    return [*code, (_RETURN, 0, 0, REFUSE)]


def _if_number(number: int, then: list[Instruction]) -> list[Instruction]:
    return [(_EQUAL, 0, len(then), number), *then]


def install() -> None:
    """Filter this thread's system calls from here on. `OSError` if the kernel does not do that.

    The thread must have given up gaining privileges.
    """
    code = program(linux.MACHINE)
    packed = b"".join(struct.pack("<HBBI", *instruction) for instruction in code)
    memory = ctypes.create_string_buffer(packed, len(packed))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    header = Program(len(code), ctypes.addressof(memory))
    mode_filter = ctypes.c_ulong(2)
    linux.prctl(linux.PR_SET_SECCOMP, mode_filter, ctypes.byref(header))
