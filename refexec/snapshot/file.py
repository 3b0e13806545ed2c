"""Snapshots in files: a header that tells damage early, then plain data.

    offset  size  field
    0       8     MAGIC
    8       4     format version, u32 little-endian
    12      8     length of the rest of the file after the header, u64 little-endian
    20      32    SHA-256 of the rest of the file
    52      ...   the record as plain data, in the encoding of `refexec.snapshot.codec`; the
                  program, pages of memory and other large buffers follow it as they are

The digest detects accidents. It is no signature: whoever can write the file can make one that
fits, so all that is read is checked again for type and range. Whether the machine state fits the
module is not judged here but where it is thawed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import struct
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader
from pathlib import Path
from pickle import PickleBuffer
from typing import Any, Final

from refexec.errors import SnapshotError
from refexec.interp.frozen.shape import with_chunks
from refexec.snapshot import codec
from refexec.snapshot.records import PHASES, Buffers, Service, Snapshot
from refexec.trap import Result, TrapID

MAGIC: Final = b"\x8arefexec"
"""What every snapshot file begins with. The first byte says that it is not text."""

FORMAT_VERSION: Final = 1
"""The version that is written, and the newest that can be read."""

MAX_SIZE: Final = 1 << 32
"""Largest file in bytes that `read` accepts unless told otherwise."""

_HEADER = struct.Struct("<8sIQ32s")
_DIGEST = re.compile("[0-9a-f]{64}")
_CHUNK = 1 << 20
_SYNC = 8 << 20  # bytes after which the disk is set to work
_LARGE = 4096  # bytes from which a buffer is kept out of the pickle
_U64 = (1 << 64) - 1
_U128 = (1 << 128) - 1
_MAX_RESULT = 3
_MAX_NAME_SIZE = 127  # of a service

StrPath = str | os.PathLike[str]


# -- files -----------------------------------------------------------------------------------------


def write(path: StrPath, snapshot: Snapshot) -> None:
    """Write a snapshot file, or leave what was there untouched.

    The bytes go to a temporary file beside it, which takes its place only when they are on the
    disk. A symbolic link is followed. `SnapshotError` if the snapshot cannot be encoded, `path`
    is something other than a regular file, or the system refuses.
    """
    payload = _payload(snapshot)
    # Hashing and writing take about as long, so they are done at the same time.
    with ThreadPoolExecutor(1) as hashing:
        digest = hashing.submit(_digest, payload)
        replace(path, payload, lambda: _header(payload, digest.result()))


def replace(
    path: StrPath,
    parts: Iterable[bytes | memoryview],
    header: Callable[[], bytes] | None = None,
) -> None:
    """Put bytes, given in pieces, in a file in the way that `write` does it.

    `header` gives what stands in front of them, as long as the header of a snapshot, when it is
    known at last.
    """
    try:
        _replace(_target(path), parts, header)
    except OSError as error:
        raise SnapshotError(f"cannot write snapshot {path}: {error.strerror or error}") from error


def read(path: StrPath, *, max_size: int = MAX_SIZE) -> Snapshot:
    """Read a snapshot file. `SnapshotError` if it cannot be read, or is no good (see `decode`).

    Not more than `max_size` bytes are accepted, and not more are read than the header announces.
    """
    try:
        with open(path, "rb") as file:
            header = file.read(_HEADER.size)
            length = _check_header(header)
            if len(header) + length > max_size:
                raise SnapshotError(f"snapshot has more than {max_size} bytes")
            return _decode(header, *_read(file, length + 1))
    except OSError as error:
        raise SnapshotError(f"cannot read snapshot {path}: {error.strerror or error}") from error


def _target(path: StrPath) -> Path:
    """The regular file that is to be replaced or made."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        pass
    else:
        if stat.S_ISDIR(mode):
            raise SnapshotError(f"cannot write snapshot {path}: Is a directory")
        if not stat.S_ISREG(mode):
            # Renaming over a device or a pipe would take it away from everybody else.
            raise SnapshotError(f"cannot write snapshot {path}: Not a regular file")
    return Path(os.path.realpath(path))


def _replace(
    target: Path, parts: Iterable[bytes | memoryview], header: Callable[[], bytes] | None
) -> None:
    temporary = target.with_name(f".refexec-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file, ThreadPoolExecutor(1) as disk:
            unsynced = 0
            if header is not None:
                file.seek(_HEADER.size)
            for part in parts:
                file.write(part)
                unsynced += len(part)
                if unsynced >= _SYNC:
                    # The disk works while the rest is being copied to the system.
                    file.flush()
                    disk.submit(os.fdatasync, file.fileno())
                    unsynced = 0
            if header is not None:
                file.seek(0)
                file.write(header())
            file.flush()
            disk.shutdown()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    # The new name, too, has to survive a crash.
    directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read(file: BufferedReader, limit: int) -> tuple[memoryview, bytes]:
    """Up to `limit` bytes, and their digest.

    The limit is only a claim, so memory grows with what is there.
    """
    digest = hashlib.sha256()
    size = min(limit, os.fstat(file.fileno()).st_size)
    view = memoryview(bytearray(size))
    at = 0
    with ThreadPoolExecutor(1) as hashing:
        while at < size and (count := file.readinto(view[at : at + _CHUNK])):
            hashing.submit(digest.update, view[at : at + count])
            at += count
    view = view[:at]
    if at < limit and (rest := _drain(file, limit - at)):
        # A pipe has no size, and a file may have grown.
        digest.update(rest)
        view = memoryview(bytes(view) + rest)
    return view, digest.digest()


def _drain(file: BufferedReader, limit: int) -> bytes:
    """Up to `limit` more bytes."""
    chunks = []
    while limit > 0 and (chunk := file.read(min(limit, _CHUNK))):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


# -- bytes -----------------------------------------------------------------------------------------


def encode(snapshot: Snapshot) -> bytes:
    """The bytes of a snapshot file. `SnapshotError` if a field has a wrong type or range.

    The same snapshot gives the same bytes on every supported Python version.
    """
    payload = _payload(snapshot)
    return b"".join([_header(payload, _digest(payload)), *payload])


def _header(payload: list[bytes | memoryview], digest: bytes) -> bytes:
    """What stands in front of a payload."""
    return _HEADER.pack(MAGIC, FORMAT_VERSION, sum(map(len, payload)), digest)


def _digest(payload: Iterable[bytes | memoryview]) -> bytes:
    """SHA-256 of a payload."""
    digest = hashlib.sha256()
    for part in payload:
        digest.update(part)
    return digest.digest()


def _payload(snapshot: Snapshot) -> list[bytes | memoryview]:
    """What stands after the header of a snapshot file, in pieces."""
    buffers = snapshot.buffers
    tree: dict[str, Any] = {
        "digest": snapshot.digest,
        "module": snapshot.module,
        "state": snapshot.state,
        "services": [(service.name, service.buffer) for service in buffers.services],
        "input": buffers.input,
        "output": buffers.output,
        "trap": int(snapshot.trap),
        "result": snapshot.result.code,
        "monotonic_time": snapshot.monotonic_time,
        "fuel_spent": snapshot.fuel_spent,
        "pending_start": snapshot.pending_start,
        "entry": snapshot.entry,
        "final": snapshot.final,
        "phase": snapshot.phase,
    }
    # Nothing is written that could not be read again.
    _from_tree(tree)
    tree["module"] = _outside(snapshot.module)
    tree["state"] = with_chunks(snapshot.state, PickleBuffer)
    tree["input"] = _outside(buffers.input)
    tree["output"] = _outside(buffers.output)
    return codec.dump_parts(tree)


def _outside(content: bytes | None) -> bytes | PickleBuffer | None:
    """What is to be kept out of the pickle if it is large."""
    return content if content is None or len(content) < _LARGE else PickleBuffer(content)


def decode(data: bytes) -> Snapshot:
    """The snapshot in the bytes of a snapshot file.

    `SnapshotError`, saying what and where, if they are damaged, of another kind, or of a format
    version that this release does not know.
    """
    payload = memoryview(data)[_HEADER.size :]
    return _decode(data[: _HEADER.size], payload, _digest([payload]))


def _decode(header: bytes, payload: memoryview, found: bytes) -> Snapshot:
    """The snapshot in a header and what follows it, whose digest has been found."""
    length = _check_header(header)
    total = _HEADER.size + length
    if len(payload) < length:
        size = len(header) + len(payload)
        raise SnapshotError(f"snapshot is truncated: {size} bytes of {total} are there")
    if len(payload) > length:
        raise SnapshotError(f"snapshot goes on after its end at byte {total}")
    digest: bytes = _HEADER.unpack(header)[3]
    if found != digest:
        raise SnapshotError("snapshot is damaged: its SHA-256 digest does not match")
    return _from_tree(codec.loads(payload, copy=False))


def _check_header(data: bytes) -> int:
    """The length of the payload that a header announces."""
    if not data.startswith(MAGIC):
        raise SnapshotError("not a refexec snapshot")
    if len(data) < _HEADER.size:
        raise SnapshotError(f"snapshot is truncated at byte {len(data)}")
    _, version, length, _ = _HEADER.unpack_from(data)
    if version > FORMAT_VERSION:
        raise SnapshotError(
            f"snapshot has format version {version}, which is newer than the version"
            f" {FORMAT_VERSION} that this release reads"
        )
    if version < FORMAT_VERSION:
        raise SnapshotError(
            f"snapshot has format version {version}, but this release reads {FORMAT_VERSION}"
        )
    return int(length)


# -- fields ----------------------------------------------------------------------------------------


def _from_tree(tree: Any) -> Snapshot:
    """Check type and range of every field and make the record."""
    if type(tree) is not dict:
        raise SnapshotError("snapshot is not a record")
    fields = _Fields(tree)
    snapshot = Snapshot(
        module=fields.take("module", bytes, type(None)),
        state=fields.take("state", dict, type(None)),
        buffers=Buffers(
            services=[_service(i, item) for i, item in enumerate(fields.take("services", list))],
            input=fields.take("input", bytes),
            output=fields.take("output", bytes),
        ),
        trap=fields.trap(),
        result=Result(fields.number("result", _MAX_RESULT)),
        monotonic_time=fields.number("monotonic_time", _U64),
        fuel_spent=fields.number("fuel_spent", _U128),
        pending_start=fields.take("pending_start", bool),
        entry=fields.take("entry", str, type(None)),
        final=fields.take("final", bool),
        phase=fields.take("phase", str),
        digest=(digest := fields.take("digest", str)),
    )
    if not _DIGEST.fullmatch(digest):
        raise SnapshotError(f"snapshot has a digest that is none: {digest!r:.80}")
    if snapshot.digest != digest:
        raise SnapshotError("snapshot has the digest of another program")
    if snapshot.phase not in PHASES:
        raise SnapshotError(f"snapshot has unknown phase {snapshot.phase!r}")
    fields.finish()
    return snapshot


def _service(i: int, item: Any) -> Service:
    match item:
        case (str(name), bytes(buffer)):
            pass
        case _:
            raise SnapshotError(f"snapshot has wrong type in services[{i}]")
    if not 1 <= _name_size(name) <= _MAX_NAME_SIZE:
        raise SnapshotError(f"snapshot has service name out of bounds in services[{i}]")
    return Service(name, buffer)


def _name_size(name: str) -> int:
    """Bytes of a name, or 0 if it holds code points that no bytes are decoded to."""
    try:
        return len(name.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return 0


class _Fields:
    """The fields of a record, taken one by one; each has to be there, and none may be left."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._left = dict(tree)

    def take(self, name: str, *types: type) -> Any:
        """A field that has exactly one of the types; a buffer is read as bytes."""
        if name not in self._left:
            raise SnapshotError(f"snapshot has no {name}")
        value = self._left.pop(name)
        if type(value) is memoryview:
            value = bytes(value)
        if type(value) not in types:
            raise SnapshotError(f"snapshot has wrong type for {name}: {type(value).__name__}")
        return value

    def number(self, name: str, greatest: int) -> int:
        """An int field in the range 0..greatest."""
        value: int = self.take(name, int)
        if not 0 <= value <= greatest:
            raise SnapshotError(f"snapshot has {name} out of range: {value}")
        return value

    def trap(self) -> TrapID:
        """The trap id."""
        value: int = self.take("trap", int)
        try:
            return TrapID(value)
        except ValueError:
            raise SnapshotError(f"snapshot has unknown trap id {value}") from None

    def finish(self) -> None:
        """Refuse fields that nobody has taken."""
        for name in self._left:
            raise SnapshotError(f"snapshot has unknown field {name!r}")
