"""The process itself: exit, signals, yielding, random bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from refexec.abi.errno import Errno
from refexec.abi.outcomes import ExitStatus, ProcessExit

if TYPE_CHECKING:
    from refexec.abi.host import Host


def proc_exit(host: Host, status: int) -> NoReturn:
    """End the program for good: with success if `status` is 0 (scenarios 7 and 8)."""
    raise ProcessExit(ExitStatus.TERMINATED_FAILURE if status else ExitStatus.TERMINATED_SUCCESS)


def proc_raise(host: Host, signal: int) -> NoReturn:
    """Raising a signal can not be served (trap 27)."""
    raise host.deficient(f"proc_raise of signal {signal}")


def sched_yield(host: Host) -> int:
    """Do nothing: there is nobody to yield to."""
    return Errno.SUCCESS


def random_get(host: Host, buffer: int, size: int) -> int:
    """Write random bytes, one by one, as long as the run's budget lasts (then trap 27).

    Bytes written before the trap stay, and are spent (scenario 99).
    """
    if size > 0 and buffer == 0:
        return Errno.FAULT
    for address in range(buffer, buffer + size):
        byte = host.random_byte()
        if byte is None:
            raise host.deficient("random_get beyond the budget of random bytes")
        host.store(address, bytes([byte]))
    return Errno.SUCCESS
