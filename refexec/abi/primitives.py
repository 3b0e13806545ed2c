"""The `env.rt_*` functions: raw primitives for tests of embedders.

Ordinary programs can not import them; `resolve(module, primitives=True)` allows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from refexec.abi.outcomes import ExitStatus, ProcessExit

if TYPE_CHECKING:
    from refexec.abi.host import Host

_WORD = 8


def rt_write8(host: Host, word: int) -> None:
    """Write 8 bytes to the packet stream in one piece, waiting until there is room.

    A partial write, or a failure, ends the process with `ExitStatus.WRITE8_FAILED`.
    """
    data = word.to_bytes(_WORD, "little")
    try:
        while (sent := host.send_bytes(data)) == 0:
            host.poll(False, True, None)
    except ProcessExit as failure:
        raise ProcessExit(ExitStatus.WRITE8_FAILED) from failure
    if sent != _WORD:
        raise ProcessExit(ExitStatus.WRITE8_FAILED)


def rt_read8(host: Host) -> int:
    """Read 8 bytes from the packet stream in one piece, waiting until there is something.

    A short read, the end of the stream, or a failure ends the process with
    `ExitStatus.READ8_FAILED`.
    """
    try:
        while not (data := host.receive_bytes(_WORD)):
            ready, _ = host.poll(True, False, None)
            if not ready:
                break
    except ProcessExit as failure:
        raise ProcessExit(ExitStatus.READ8_FAILED) from failure
    if len(data) != _WORD:
        raise ProcessExit(ExitStatus.READ8_FAILED)
    return int.from_bytes(data, "little")


def rt_trap(host: Host, status: int) -> NoReturn:
    """End the process with a raw exit status."""
    raise ProcessExit(status)


def rt_debug(host: Host, address: int, size: int) -> None:
    """Append memory to the debug log."""
    host.log(address, size)
