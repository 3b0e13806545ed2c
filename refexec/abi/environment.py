"""Arguments (there are none) and environment variables, which describe the ABI.

The variables are the same for every program; a host can not add to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refexec.abi.errno import Errno

if TYPE_CHECKING:
    from refexec.abi.host import Host

VARIABLES = ("GATE_ABI_VERSION=0", "GATE_FD=4", "GATE_MAX_SEND_SIZE=65536")
"""What a program finds in its environment."""


def _lay_out() -> tuple[bytes, tuple[int, ...]]:
    """Each variable ends with at least one NUL and begins at a multiple of 8."""
    block = b""
    offsets = []
    for variable in VARIABLES:
        offsets.append(len(block))
        text = variable.encode("ascii")
        block += text.ljust((len(text) // 8 + 1) * 8, b"\0")
    return block, tuple(offsets)


BLOCK, OFFSETS = _lay_out()


def args_get(host: Host, argv: int, buffer: int) -> int:
    """Write nothing, because there are no arguments. Pointers are not looked at."""
    return Errno.SUCCESS


def args_sizes_get(host: Host, count_pointer: int, size_pointer: int) -> int:
    """Write that there are 0 arguments in 0 bytes."""
    return _sizes(host, count_pointer, size_pointer, 0, 0)


def environ_get(host: Host, environ: int, buffer: int) -> int:
    """Write the variables to `buffer` and a pointer to each to `environ`."""
    if environ == 0 or buffer == 0:
        return Errno.FAULT
    host.store(buffer, BLOCK)
    for index, offset in enumerate(OFFSETS):
        host.store_u32(environ + 4 * index, buffer + offset)
    return Errno.SUCCESS


def environ_sizes_get(host: Host, count_pointer: int, size_pointer: int) -> int:
    """Write the number of variables and the bytes that they need."""
    return _sizes(host, count_pointer, size_pointer, len(OFFSETS), len(BLOCK))


def _sizes(host: Host, count_pointer: int, size_pointer: int, count: int, size: int) -> int:
    if count_pointer == 0 or size_pointer == 0:
        return Errno.FAULT
    host.store_u32(count_pointer, count)
    host.store_u32(size_pointer, size)
    return Errno.SUCCESS
