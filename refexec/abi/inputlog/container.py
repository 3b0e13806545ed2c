"""An input log in a file: magic, version, and records that can be written while the program runs.

    offset  size  field
    0       8     MAGIC
    8       4     format version, u32 little-endian
    12      ...   records

A record is

    size  field
    1     kind
    3     zero
    4     length of the payload, u32 little-endian
    ...   payload
    8     the first 8 bytes of the SHA-256 of all bytes of the file before these

so every beginning of a file that ends with a record is known to be whole. The records:

    kind      payload                                                            how often
    1 BEGIN   what the program was, and its limits, as plain data                once, first
    3 PART    a beginning of the next call, which goes on in the next record     any number
    2 CALL    a host call (see `calls`), or the end of one that began in PARTs   any number
    4 END     how the run ended, as plain data                                   at most once, last

Plain data are in the encoding of `refexec.snapshot.codec`. A log without END was not written to its
end; it is good for as far as it goes.

What is read is checked for shape and range here; the program in it by those who make one of it.
"""

from __future__ import annotations

import enum
import hashlib
import os
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, BinaryIO, Final

from refexec.abi.inputlog.calls import Call, OutcomeKind, decode_call
from refexec.abi.inputlog.recorder import MAX_PIECE, Piece
from refexec.errors import InputLogError, SnapshotError
from refexec.snapshot import PHASES, Buffers, Service, Snapshot, codec
from refexec.snapshot import file as snapshot_file
from refexec.trap import Result, TrapID

MAGIC: Final = b"\x8arefxlog"
"""What every input log begins with. The first byte says that it is not text."""

FORMAT_VERSION: Final = 1
"""The version that is written, and the newest that can be read."""

MAX_SIZE: Final = 1 << 32
"""Largest log in bytes that is read unless told otherwise."""

MAX_CALL: Final = 1 << 30
"""Most bytes of one call."""

MAX_ERROR: Final = 4096
"""Most characters of `Ending.error`."""

_FILE_HEADER = struct.Struct("<8sI")
_RECORD_HEADER = struct.Struct("<BxxxI")
_CHECK_SIZE = 8
_CHUNK = 1 << 20
_U64 = (1 << 64) - 1
_U128 = (1 << 128) - 1
_MAX_STATUS = 255
_MAX_RESULT = 3
_DIGEST = re.compile("[0-9a-f]{64}|")

StrPath = str | os.PathLike[str]


class Kind(enum.IntEnum):
    """Kinds of records."""

    BEGIN = 1
    CALL = Piece.LAST
    PART = Piece.PART
    END = 4


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of the machine that a running program can come to feel (see `wasm.Limits`)."""

    call_depth: int
    slots: int
    host_depth: int
    memory_pages: int
    table_entries: int
    gc_heap: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run began with."""

    snapshot: Snapshot
    """The program and its state, and what was on its way to it and from it."""

    bounds: Bounds
    """Limits of the machine."""

    fuel: int | None
    """Fuel that this run was allowed; None: without limit."""

    engine: str
    """Which engine ran the program."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What the program had become when its run ended."""

    phase: str
    """One of `refexec.snapshot.PHASES`."""

    frames: int
    """Depth of the call stack."""

    memory_size: int
    """Bytes of linear memory."""

    monotonic_time: int
    """Instance time in nanoseconds."""

    fuel_spent: int
    """Fuel since the program was instantiated first."""

    state_format: int
    """Version of the form of the state of which `digest` is; 0 if there is none."""

    digest: str
    """`wasm.Instance.state_digest` of the state; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended."""

    trap: TrapID
    """What the host was told."""

    result: Result
    """How the program judged itself, meaningful with `TrapID.EXIT`."""

    error: str = ""
    """Text of the error, if the run ended by one of the program or of the host."""

    status: int | None = None
    """Exit status of the program's worker; None if it did not exit by itself."""

    begun: bool = True
    """Whether the program began to run at all."""

    final: Remains | None = None
    """What the program had become; None if that is not known, because it was stopped by force."""

    buffers: Buffers = field(default_factory=Buffers)
    """What was on its way between the program and its services."""


@dataclass(frozen=True, slots=True)
class InputLog:
    """A log that has been read."""

    beginning: Beginning
    """What the run began with."""

    encoded_calls: Sequence[bytes]
    """The host calls; see `call`."""

    fuels: Sequence[int]
    """For each call, what the program had spent in all, the call included. Never falling."""

    ending: Ending | None
    """How the run ended; None if the log was not written to its end."""

    def call(self, index: int) -> Call:
        """A host call, counted from 0."""
        return decode_call(self.encoded_calls[index])


# -- writing -------------------------------------------------------------------------------------


class LogWriter:
    """Writes a log record by record. `write` gets all the bytes of one at once."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._hash = hashlib.sha256()

    def begin(self, beginning: Beginning) -> None:
        """Write all that comes before the calls. `SnapshotError` if it cannot be encoded."""
        tree = {
            "snapshot": snapshot_file.encode(beginning.snapshot),
            "limits": _tree_of(beginning.bounds),
            "fuel": beginning.fuel,
            "engine": beginning.engine,
        }
        self._record(Kind.BEGIN, codec.dumps(tree), _FILE_HEADER.pack(MAGIC, FORMAT_VERSION))

    def piece(self, piece: Piece, data: bytes) -> None:
        """Write a piece of a call."""
        self._record(Kind(piece), data)

    def end(self, ending: Ending) -> None:
        """Write how the run ended."""
        final = ending.final
        tree = {
            "trap": int(ending.trap),
            "result": ending.result.code,
            "error": ending.error[:MAX_ERROR],
            "status": ending.status,
            "begun": ending.begun,
            "final": None if final is None else _tree_of(final),
            "services": [(service.name, service.buffer) for service in ending.buffers.services],
            "input": ending.buffers.input,
            "output": ending.buffers.output,
        }
        self._record(Kind.END, codec.dumps(tree))

    def _record(self, kind: Kind, payload: bytes, before: bytes = b"") -> None:
        data = before + _RECORD_HEADER.pack(kind, len(payload)) + payload
        self._hash.update(data)
        check = self._hash.digest()[:_CHECK_SIZE]
        self._hash.update(check)
        self._write(data + check)


def _tree_of(record: Bounds | Remains) -> dict[str, Any]:
    return {item.name: getattr(record, item.name) for item in fields(record)}


# -- reading -------------------------------------------------------------------------------------


def read(path: StrPath, *, max_size: int = MAX_SIZE) -> InputLog:
    """Read a log from a file. `InputLogError` if it cannot be read, or is no good."""
    try:
        with open(path, "rb") as file:
            return load(file, max_size=max_size)
    except OSError as error:
        raise InputLogError(f"cannot read input log {path}: {error.strerror or error}") from error


def load(file: BinaryIO, *, max_size: int = MAX_SIZE) -> InputLog:
    """Read a log from an open file, to its end.

    `InputLogError`, saying what and where, if it is damaged, of another kind, larger than
    `max_size`, or of a format version that this release does not know. A file that just ends too
    soon is a log without an ending, if it holds at least its BEGIN.
    """
    reader = _RecordReader(file, max_size)
    kind, payload = reader.first()
    if kind is not Kind.BEGIN:
        raise InputLogError(f"input log begins with {kind.name}, expected BEGIN")
    beginning = _beginning(payload)
    calls: list[bytes] = []
    fuels: list[int] = []
    parts = bytearray()
    over = False
    ending: Ending | None = None
    while (record := reader.next()) is not None:
        kind, payload = record
        if kind is Kind.BEGIN or ending is not None:
            raise reader.fault(f"has {kind.name} in the wrong place")
        if kind is Kind.END:
            if parts:
                raise reader.fault("has END in the middle of a call")
            ending = _ending(payload)
            continue
        if len(payload) > MAX_PIECE or len(parts) + len(payload) > MAX_CALL:
            raise reader.fault("has a call that is too long")
        parts += payload
        if kind is Kind.CALL:
            calls.append(bytes(parts))
            parts.clear()
            if over:
                raise reader.fault("goes on after a call that ended the run")
            try:
                call = decode_call(calls[-1])
            except InputLogError as error:
                raise InputLogError(f"input log: call {len(calls)} {error}") from None
            fuels.append(fuels[-1] + call.fuel if fuels else call.fuel)
            over = call.outcome.kind is not OutcomeKind.RETURNED
    return InputLog(beginning, calls, fuels, ending)


class _RecordReader:
    """Reads records one after the other, and checks that they are whole."""

    def __init__(self, file: BinaryIO, max_size: int) -> None:
        self._file = file
        self._left = max_size
        self._max_size = max_size
        self._hash = hashlib.sha256()
        self._at = 0

    def fault(self, what: str) -> InputLogError:
        return InputLogError(f"input log {what} before byte {self._at}")

    def first(self) -> tuple[Kind, bytes]:
        """The first record, after what every file begins with."""
        header = self._take(_FILE_HEADER.size)
        if not header.startswith(MAGIC):
            raise InputLogError("not a refexec input log")
        if len(header) < _FILE_HEADER.size:
            raise InputLogError(f"input log is truncated at byte {self._at}")
        _, version = _FILE_HEADER.unpack(header)
        if version > FORMAT_VERSION:
            raise InputLogError(
                f"input log has format version {version}, which is newer than the version"
                f" {FORMAT_VERSION} that this release reads"
            )
        if version < FORMAT_VERSION:
            raise InputLogError(
                f"input log has format version {version}, but this release reads {FORMAT_VERSION}"
            )
        record = self.next()
        if record is None:
            raise InputLogError(f"input log is truncated at byte {self._at}")
        return record

    def next(self) -> tuple[Kind, bytes] | None:
        """The next record; None at the end, also at one within a record."""
        header = self._take(_RECORD_HEADER.size)
        if len(header) < _RECORD_HEADER.size:
            return None
        number, length = _RECORD_HEADER.unpack(header)
        if header[1:4] != bytes(3) or number not in Kind.__members__.values():
            raise self.fault("has a damaged record header")
        payload = self._take(length)
        if len(payload) < length:
            return None
        expected = self._hash.digest()[:_CHECK_SIZE]
        check = self._take(_CHECK_SIZE)
        if not expected.startswith(check):
            raise self.fault("is damaged")
        return (Kind(number), payload) if len(check) == _CHECK_SIZE else None

    def _take(self, size: int) -> bytes:
        """So many bytes, or fewer at the end. A size is only a claim, so what is there counts."""
        chunks = []
        while size > 0 and (chunk := self._file.read(min(size, _CHUNK))):
            self._at += len(chunk)
            if self._at > self._max_size:
                raise InputLogError(f"input log has more than {self._max_size} bytes")
            self._hash.update(chunk)
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)


# -- plain data ----------------------------------------------------------------------------------


def _beginning(payload: bytes) -> Beginning:
    tree = _Fields("BEGIN", _plain("BEGIN", payload))
    encoded = tree.take("snapshot", bytes)
    limits = _Fields("limits", tree.take("limits", dict))
    bounds = Bounds(*(limits.number(item.name, _U64) for item in fields(Bounds)))
    limits.finish()
    fuel = tree.number("fuel", _U128, optional=True)
    engine = tree.take("engine", str)
    tree.finish()
    try:
        snapshot = snapshot_file.decode(encoded)
    except SnapshotError as error:
        raise InputLogError(f"input log begins with a bad snapshot: {error}") from None
    return Beginning(snapshot, bounds, fuel, engine)


def _ending(payload: bytes) -> Ending:
    tree = _Fields("END", _plain("END", payload))
    trap, result = tree.number("trap", _MAX_STATUS), Result(tree.number("result", _MAX_RESULT))
    error = tree.take("error", str)
    status = tree.number("status", _MAX_STATUS, optional=True)
    begun = tree.take("begun", bool)
    final = tree.take("final", dict, type(None))
    services = [_service(item) for item in tree.take("services", list)]
    buffers = Buffers(services, tree.take("input", bytes), tree.take("output", bytes))
    tree.finish()
    if trap not in TrapID.__members__.values():
        raise InputLogError(f"input log has an unknown trap id {trap} in END")
    if len(error) > MAX_ERROR:
        raise InputLogError("input log has too long a text in END")
    return Ending(
        TrapID(trap),
        result,
        error,
        status,
        begun,
        None if final is None else _final(final),
        buffers,
    )


def _final(tree: dict[str, Any]) -> Remains:
    taken = _Fields("final", tree)
    final = Remains(
        phase=taken.take("phase", str),
        frames=taken.number("frames", _U64),
        memory_size=taken.number("memory_size", _U64),
        monotonic_time=taken.number("monotonic_time", _U64),
        fuel_spent=taken.number("fuel_spent", _U128),
        state_format=taken.number("state_format", _U64),
        digest=taken.take("digest", str),
    )
    taken.finish()
    if final.phase not in PHASES or not _DIGEST.fullmatch(final.digest):
        raise InputLogError("input log has an invalid phase or digest in END")
    return final


def _service(item: Any) -> Service:
    match item:
        case (str(name), bytes(buffer)):
            return Service(name, buffer)
    raise InputLogError("input log has an invalid service in END")


def _plain(name: str, payload: bytes) -> dict[str, Any]:
    try:
        tree = codec.loads(payload)
    except SnapshotError as error:
        raise InputLogError(f"input log has a damaged {name}: {error}") from None
    if type(tree) is not dict:
        raise InputLogError(f"input log has a {name} that is no record")
    return tree


class _Fields:
    """The fields of a record, taken one by one; each has to be there, and none may be left."""

    def __init__(self, where: str, tree: dict[str, Any]) -> None:
        self._where = where
        self._left = dict(tree)

    def take(self, name: str, *types: type) -> Any:
        """A field that has exactly one of the types."""
        value = self._left.pop(name, self)
        if type(value) not in types:
            raise InputLogError(f"input log has no valid {name} in {self._where}")
        return value

    def number(self, name: str, greatest: int, *, optional: bool = False) -> Any:
        """An int field in the range 0..greatest; None is a value too if it is optional."""
        value = self.take(name, int, type(None)) if optional else self.take(name, int)
        if value is not None and not 0 <= value <= greatest:
            raise InputLogError(f"input log has {name} out of range in {self._where}: {value}")
        return value

    def finish(self) -> None:
        """Refuse fields that nobody has taken."""
        for name in self._left:
            raise InputLogError(f"input log has an unknown field {name!r:.40} in {self._where}")
