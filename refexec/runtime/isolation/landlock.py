"""Landlock: the kernel's access rules that any process can put on itself.

The rules here are the shortest that exist: everything that Landlock knows is handled, and nothing
is allowed. How much it knows depends on the kernel. Descriptors that are open already stay usable.
"""

from __future__ import annotations

import ctypes
import os
import struct

from refexec.runtime.isolation import linux

# The same numbers on all architectures.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_VERSION = 1

_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights on files exist from a version on."""

_TCP_FROM = 4
_TCP_RIGHTS = 2
_SCOPE_FROM = 6
_SCOPES = 2


def version() -> int:
    """Which version of the interface the kernel has. `OSError` if none, or if it is off."""
    return linux.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))


def install() -> dict[str, str]:
    """Allow nothing any more. Gives the measures, with what is wrong with each.

    `OSError` if the kernel has no Landlock. The process must have given up gaining privileges.
    """
    known = version()
    files = (1 << max(count for first, count in _FILE_RIGHTS.items() if first <= known)) - 1
    tcp = (1 << _TCP_RIGHTS) - 1 if known >= _TCP_FROM else 0
    scope = (1 << _SCOPES) - 1 if known >= _SCOPE_FROM else 0
    # Kernels accept the longer structure if what they do not know is zero.
    rules = struct.pack("<QQQ", files, tcp, scope)
    ruleset = linux.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0))
    try:
        linux.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return {
        "landlock-files": "",
        "landlock-tcp": "" if tcp else f"the kernel has version {known}, it came with {_TCP_FROM}",
        "landlock-scope": (
            "" if scope else f"the kernel has version {known}, it came with {_SCOPE_FROM}"
        ),
    }
