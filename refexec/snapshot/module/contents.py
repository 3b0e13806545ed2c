"""Contents of `gate.snapshot`, `gate.buffer` and `gate.export`, in both directions.

What is read may be hostile: claimed sizes are compared with what is there before anything is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from refexec.errors import ModuleError, ProgramError, SnapshotError
from refexec.interp.reader import Reader
from refexec.record import record
from refexec.snapshot.module import encoding as e
from refexec.snapshot.module.layout import BUFFER, EXPORTS, SNAPSHOT
from refexec.snapshot.records import Buffers, Service

MAX_BREAKPOINTS: Final = 100
"""Breakpoints that a snapshot can have."""

_VERSION = 0
_FINAL = 1  # flag
_MAX_NAME_SIZE = 127  # of a service


@record(frozen=True)
class Record:
    """What `gate.snapshot` says about the program's last run."""

    final: bool = False
    """Whether it must not be run again."""

    trap: int = 0
    """How the last run ended. Not necessarily an id that refexec knows."""

    result: int = 0
    """The program's result, of 32 bits and signed, if it exited."""

    monotonic_time: int = 0
    """The program's monotonic clock in ns. Range 0..2**64-1."""

    breakpoints: tuple[int, ...] = ()
    """Where to stop: offsets of instructions in the content of the code section, ascending."""


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """Say in which section the bytes are no good."""
    try:
        yield
    except ModuleError as error:
        raise ProgramError(f"{name} section is malformed: {error.message}") from None


def read_record(content: bytes) -> Record:
    """Read `gate.snapshot`. Every version is accepted, and what follows is ignored.

    Raises `ProgramError`, and `SnapshotError` for too many breakpoints.
    """
    reader = Reader(content)
    with _inside(SNAPSHOT):
        reader.unsigned(64)  # the version
        flags = reader.unsigned(64)
        trap, result = reader.u32(), reader.u32()
        time = reader.unsigned(64)
        count = reader.u32()
        if count > MAX_BREAKPOINTS:
            raise SnapshotError("snapshot has too many breakpoints")
        breakpoints = {reader.unsigned(64) for _ in range(count)}
    return Record(
        final=bool(flags & _FINAL),
        trap=trap,
        result=(result ^ 1 << 31) - (1 << 31),
        monotonic_time=time,
        breakpoints=tuple(sorted(breakpoints)),
    )


def write_record(record: Record) -> bytes:
    """Write `gate.snapshot`."""
    numbers = (
        _VERSION,
        _FINAL if record.final else 0,
        record.trap,
        record.result & 0xFFFFFFFF,
        record.monotonic_time,
        len(record.breakpoints),
        *record.breakpoints,
    )
    return b"".join(map(e.unsigned, numbers))


def read_buffers(content: bytes) -> Buffers:
    """Read `gate.buffer`; what follows is ignored. Raises `ProgramError`."""
    reader = Reader(content)
    with _inside(BUFFER):
        input_size, output_size = reader.u32(), reader.u32()
        count = reader.u32()
        headers = []
        for _ in range(count):
            size = reader.byte()
            if not 1 <= size <= _MAX_NAME_SIZE:
                raise ProgramError("service name length out of bounds")
            name = reader.take(size).decode("utf-8", "surrogateescape")
            headers.append((name, reader.u32()))
    try:
        input_, output = reader.take(input_size), reader.take(output_size)
        services = [Service(name, reader.take(size)) for name, size in headers]
    except ModuleError:
        raise ProgramError("invalid buffer section in wasm module") from None
    return Buffers(services, input_, output)


def write_buffers(buffers: Buffers) -> bytes:
    """Write `gate.buffer`, or nothing if there is nothing to be kept.

    Raises `SnapshotError` for a service name that no service can have.
    """
    if not (buffers.services or buffers.input or buffers.output):
        return b""
    parts = [e.unsigned(len(buffers.input)), e.unsigned(len(buffers.output))]
    parts.append(e.unsigned(len(buffers.services)))
    for service in buffers.services:
        name = service.name.encode("utf-8", "surrogateescape")
        if not 1 <= len(name) <= _MAX_NAME_SIZE:
            raise SnapshotError(f"service name length out of bounds: {service.name!r:.40}")
        parts += (bytes((len(name),)), name, e.unsigned(len(service.buffer)))
    parts += (buffers.input, buffers.output, *(service.buffer for service in buffers.services))
    return b"".join(parts)


def check_exports(content: bytes) -> None:
    """Check that `gate.export` holds one whole export section. Raises `ProgramError`."""
    if len(content) < 2:
        raise ProgramError(f"{EXPORTS} section is too short")
    reader = Reader(content)
    with _inside(EXPORTS):
        if reader.byte() != e.EXPORT or reader.u32() != len(content) - reader.pos:
            raise ProgramError(f"{EXPORTS} section does not contain a standard export section")
