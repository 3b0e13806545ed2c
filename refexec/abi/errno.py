"""The WASI error numbers that ABI functions return. There are no others."""

from __future__ import annotations

import enum


class Errno(enum.IntEnum):
    """Error numbers of WASI preview 1, as far as they occur."""

    SUCCESS = 0
    AGAIN = 6
    BADF = 8
    FAULT = 21
    INVAL = 28
    NOTSOCK = 57
    PERM = 63
    NOTCAPABLE = 76
