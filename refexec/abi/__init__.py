"""The Gate guest ABI: what a program may import, and what each call does.

It is engine-neutral: a program is seen only as a memory (`GuestMemory`), the outside only as a
`Channel` and a `Clock`. `resolve` checks a module's imports when a program is built; a `Host`
then serves one run of it. A reader compares `refexec.abi.table` with the specification first.
"""

from __future__ import annotations

from refexec.abi.entry import is_entry_type, resolve_entry
from refexec.abi.errno import Errno
from refexec.abi.function import ABIFunction, ABIImport, Resolution
from refexec.abi.host import RANDOM_BUDGET, Host
from refexec.abi.outcomes import Deficiency, ExitStatus, ProcessExit, Suspend
from refexec.abi.protocols import Channel, Clock, GuestMemory
from refexec.abi.resolver import resolve
from refexec.abi.timekeeping import SystemClock, TimePolicy

__all__ = [
    "RANDOM_BUDGET",
    "ABIFunction",
    "ABIImport",
    "Channel",
    "Clock",
    "Deficiency",
    "Errno",
    "ExitStatus",
    "GuestMemory",
    "Host",
    "ProcessExit",
    "Resolution",
    "Suspend",
    "SystemClock",
    "TimePolicy",
    "is_entry_type",
    "resolve",
    "resolve_entry",
]
