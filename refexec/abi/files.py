"""File descriptors, paths and sockets.

There is no file system: descriptors 0, 1, 2 and 4 exist from the start, none can be opened or
closed, and most operations are refused. Descriptor 4 is the packet stream, 1 and 2 write the
debug log, 0 is there but gives nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refexec.abi import iovec
from refexec.abi.errno import Errno

if TYPE_CHECKING:
    from refexec.abi.function import Implementation
    from refexec.abi.host import Host

STDIN = 0
STDOUT = 1
STDERR = 2
GATE = 4

KNOWN = frozenset({STDIN, STDOUT, STDERR, GATE})
"""The descriptors that exist."""

LOG = frozenset({STDOUT, STDERR})
"""The descriptors that write the debug log."""

RIGHT_FD_READ = 1 << 1
RIGHT_FD_WRITE = 1 << 6
FLAG_NONBLOCK = 1 << 2

RIGHTS = {
    STDIN: 0,
    STDOUT: RIGHT_FD_WRITE,
    STDERR: RIGHT_FD_WRITE,
    GATE: RIGHT_FD_READ | RIGHT_FD_WRITE,
}
"""Base rights of each descriptor. None has inheriting rights."""


# -- refusal -------------------------------------------------------------------------------------


def refuse(*positions: int) -> Implementation:
    """Make a function that does nothing but refuse the descriptors at these argument positions.

    The first one that does not exist gives `BADF`; `PERM` if all exist. Memory is not touched.
    """

    def refused(host: Host, *arguments: int) -> int:
        for position in positions:
            if arguments[position] not in KNOWN:
                return Errno.BADF
        return Errno.PERM

    return refused


def fd_close(host: Host, fd: int) -> int:
    """Closing a descriptor that exists can not be served (trap 27)."""
    if fd not in KNOWN:
        return Errno.BADF
    raise host.deficient(f"fd_close of descriptor {fd}")


def fd_renumber(host: Host, source: int, target: int) -> int:
    """Renumbering to the same number is a success; otherwise it can not be served (trap 27)."""
    if source not in KNOWN or target not in KNOWN:
        return Errno.BADF
    if source == target:
        return Errno.SUCCESS
    raise host.deficient(f"fd_renumber of descriptor {source} to {target}")


def fd_prestat_dir_name(host: Host, fd: int, buffer: int, size: int) -> int:
    """No descriptor is a directory."""
    if size > 0 and buffer == 0:
        return Errno.FAULT
    return Errno.INVAL if fd in KNOWN else Errno.BADF


def sock_recv(
    host: Host, fd: int, vector: int, count: int, flags: int, size_pointer: int, flags_pointer: int
) -> int:
    """No descriptor is a socket; only the packet stream could be read at all."""
    if fd == GATE:
        return Errno.NOTSOCK
    return Errno.PERM if fd in KNOWN else Errno.BADF


def sock_send(host: Host, fd: int, vector: int, count: int, flags: int, size_pointer: int) -> int:
    """No descriptor is a socket; all but standard input could be written at all."""
    if fd == STDIN:
        return Errno.PERM
    return Errno.NOTSOCK if fd in KNOWN else Errno.BADF


# -- status --------------------------------------------------------------------------------------


def fd_fdstat_get(host: Host, fd: int, out: int) -> int:
    """Write type (unknown), flags and rights. Padding stays as it is (scenario 93)."""
    if out == 0:
        return Errno.FAULT
    if fd not in KNOWN:
        return Errno.BADF
    host.store(out, b"\0")
    host.store(out + 2, (FLAG_NONBLOCK if fd == GATE else 0).to_bytes(2, "little"))
    host.store_u64(out + 8, RIGHTS[fd])
    host.store_u64(out + 16, 0)
    return Errno.SUCCESS


def fd_fdstat_set_rights(host: Host, fd: int, base: int, inheriting: int) -> int:
    """Confirm the rights that a descriptor has; fewer can not be served (trap 27)."""
    if fd not in KNOWN:
        return Errno.BADF
    rights = RIGHTS[fd]
    if inheriting != 0 or base & ~rights != 0:
        return Errno.NOTCAPABLE
    if base == rights:
        return Errno.SUCCESS
    raise host.deficient(f"fd_fdstat_set_rights to drop rights of descriptor {fd}")


# -- transfer ------------------------------------------------------------------------------------


def fd_read(host: Host, fd: int, vector: int, count: int, size_pointer: int) -> int:
    """Read the packet stream without waiting (scenario 98)."""
    if _null(vector, count, size_pointer):
        return Errno.FAULT
    if fd == GATE:
        total, short = iovec.transfer(host.receive, host, vector, count)
        return _finish(host, size_pointer, total, short)
    return Errno.PERM if fd in KNOWN else Errno.BADF


def fd_write(host: Host, fd: int, vector: int, count: int, size_pointer: int) -> int:
    """Write the packet stream without waiting, or append to the debug log (scenario 97)."""
    if _null(vector, count, size_pointer):
        return Errno.FAULT
    if fd == GATE:
        total, short = iovec.transfer(host.send, host, vector, count)
        return _finish(host, size_pointer, total, short)
    if fd in LOG:
        total = 0
        for address, length in iovec.entries(host, vector, count):
            host.log(address, length)
            total += length
        host.store_u32(size_pointer, total)
        return Errno.SUCCESS
    return Errno.PERM if fd in KNOWN else Errno.BADF


def _null(vector: int, count: int, size_pointer: int) -> bool:
    return (vector == 0 and iovec.signed32(count) > 0) or size_pointer == 0


def _finish(host: Host, size_pointer: int, total: int, short: bool) -> int:
    if short and total == 0:
        return Errno.AGAIN
    host.store_u32(size_pointer, total)
    return Errno.SUCCESS
