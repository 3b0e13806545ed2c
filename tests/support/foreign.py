"""Snapshots in the form of modules as Gate writes them, made by hand, section by section."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from encode import EMPTY, leb, section, sized, vector

NONE = (1 << 64) - 1
"""What stands for no function in an initial stack."""


def custom(name: str, content: bytes) -> bytes:
    """A custom section."""
    return b"\0" + sized(sized(name.encode()) + content)


def record(
    trap: int = 2,
    *,
    final: bool = False,
    result: int = 0,
    time: int = 0,
    breakpoints: tuple[int, ...] = (),
    version: int = 0,
) -> bytes:
    """A section `gate.snapshot`."""
    numbers = (version, final, trap, result, time, len(breakpoints), *breakpoints)
    return custom("gate.snapshot", b"".join(map(leb, numbers)))


def stack(*words: int) -> bytes:
    """A section `gate.stack`."""
    return custom("gate.stack", struct.pack(f"<{len(words)}Q", *words))


def initial_stack(start: int = NONE, entry: int = NONE) -> bytes:
    """The stack of a program that has not begun."""
    return stack(16 << 32, start, entry)


def frame(call_site: int, size: int) -> int:
    """The first word of a frame."""
    return size << 32 | call_site


def buffers(input_: bytes = b"", output: bytes = b"", *services: tuple[bytes, bytes]) -> bytes:
    """A section `gate.buffer`."""
    heads = b"".join(bytes((len(name),)) + name + leb(len(state)) for name, state in services)
    content = b"".join(
        (
            leb(len(input_)) + leb(len(output)) + leb(len(services)) + heads,
            input_ + output,
            *(state for _, state in services),
        )
    )
    return custom("gate.buffer", content)


def hidden(exports: bytes) -> bytes:
    """A section `gate.export` around an export section."""
    return custom("gate.export", exports)


def data(*segments: tuple[int, bytes]) -> bytes:
    """A data section, with sizes that are signed, as Gate writes them."""
    items = (
        b"\0\x41" + signed(offset) + b"\x0b" + signed(len(content)) + content
        for offset, content in segments
    )
    return section(11, *items)


def signed(number: int) -> bytes:
    """A signed LEB128 number that is not negative."""
    encoded = leb(number)
    # The bit that would be taken for the sign asks for a byte more.
    return leb(number, len(encoded) + 1) if encoded[-1] & 0x40 else encoded


# -- the program in which every test has its place -------------------------------------------------

TYPES = section(1, b"\x60\0\0", b"\x60\0\x01\x7f")
FUNCTIONS = section(3, b"\0", b"\0", b"\x01")
MEMORY = section(5, b"\x01\x02\x05")
GLOBALS = section(6, b"\x7f\x01\x41" + signed(66592) + b"\x0b")
EXPORTS = section(7, b"\x04main\x00\x01", b"\x05value\x00\x02")
CODE = section(
    10,
    # start: global 0 becomes 7
    sized(b"\0\x41\x07\x24\x00\x0b"),
    # main: the word at 8 becomes global 0
    sized(b"\0\x41\x08\x23\x00\x36\x02\x00\x0b"),
    # value: the word at 8
    sized(b"\0\x41\x08\x28\x02\x00\x0b"),
)
DATA = data((8, b"\x05"))


def form(*parts: bytes, exports: bytes = EXPORTS, last: bytes = DATA) -> bytes:
    """The program as a snapshot; `parts` stand between code and data."""
    return b"".join(
        (EMPTY, TYPES, FUNCTIONS, MEMORY, GLOBALS, record(), exports, CODE, *parts, last)
    )


def joined(parts: Iterable[bytes]) -> bytes:
    """A module of sections that are encoded already."""
    return EMPTY + b"".join(parts)


# -- the snapshot that Gate's own tests use --------------------------------------------------------

DISCOVERY_REPLY = bytes.fromhex("0d000000 ffff 0000 0300 01 00 00 000000")

NATIVE_WORDS = (
    frame(57, 8),
    frame(40, 16),
    0x3DA86,
    frame(35, 8),
    frame(24, 24),
    0,
    0,
    frame(2, 0),
)


def gate_fixture() -> bytes:
    """A program that Gate has suspended in machine code: all but the code is as it was.

    Sections, and what is in them, are those of the snapshot that Gate's repository has for amd64.
    """
    io = b"\x60" + vector(*(b"\x7f",) * 6, b"\x7e", b"\x7f") + b"\0"
    write = b"\x60" + vector(*(b"\x7f",) * 4) + b"\x01\x7f"
    return joined(
        (
            section(1, io, write, b"\x60\0\0"),
            section(
                2,
                sized(b"env") + sized(b"__gate_io_65536") + b"\0\0",
                sized(b"env") + sized(b"__wasi_fd_write") + b"\0\x01",
            ),
            section(3, *(b"\x02",) * 7),
            section(5, b"\0\x02"),
            section(6, b"\x7f\x01\x41" + signed(66592) + b"\x0b"),
            record(2, time=1_335_544_320),
            hidden(section(7, b"\x06memory\x02\0", b"\x04loop\0\x02", b"\x05loop2\0\x08")),
            section(10, *(sized(b"\0\x0b"),) * 7),
            buffers(DISCOVERY_REPLY, b"", (b"origin", b""), (b"test", b""), (b"_nonexistent", b"")),
            stack(*NATIVE_WORDS),
            data((1024, b"t" * 65), (66532, b"u" * 9), (66563, b"v"), (66580, b"w" * 53)),
            custom(".debug_info", b"..."),
            custom("producers", b"..."),
        )
    )
