"""Reading the files that the command line is given, and telling what they are.

Errors name the file and say what was expected. What is inside a file is judged by the rooms that
read modules and snapshots, not here.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from refexec import snapshot, wasm
from refexec.abi.inputlog import container
from refexec.errors import InputError, RefexecError
from refexec.snapshot import module

WASM_MAGIC = b"\0asm"
MODULE = "a WebAssembly module"
SNAPSHOT = "a refexec snapshot"
INPUT_LOG = "a refexec input log"
EITHER = f"{MODULE} or {SNAPSHOT}"

MAX_MODULE_SIZE = wasm.Limits().module_size + (wasm.Limits().memory_pages << 16)
"""Bytes of a module file that are read at most: a snapshot has all of its memory in it."""

MAX_SNAPSHOT_SIZE = 1 << 32
"""Bytes of a snapshot file, or an input log, that are read at most."""


@contextlib.contextmanager
def about(path: Path) -> Iterator[None]:
    """Put the name of the file in front of every error about its content."""
    try:
        yield
    except RefexecError as error:
        raise InputError(f"{path}: {error}") from error


def kind_of(data: bytes) -> str | None:
    """Say what a file is by its first bytes: `MODULE`, `SNAPSHOT`, `INPUT_LOG` or None."""
    if data.startswith(WASM_MAGIC):
        return MODULE
    if data.startswith(snapshot.file.MAGIC):
        return SNAPSHOT
    if data.startswith(container.MAGIC):
        return INPUT_LOG
    return None


def read(path: Path, expected: str) -> bytes:
    """Read a file that is `expected` to be `MODULE`, `SNAPSHOT`, `EITHER` or `INPUT_LOG`.

    Raises `InputError` if it is something else, or cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(len(snapshot.file.MAGIC))
            kind = kind_of(head)
            limit = MAX_MODULE_SIZE if kind == MODULE else MAX_SNAPSHOT_SIZE
            data = head + stream.read(limit + 1 - len(head))
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory, expected {expected}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read, expected {expected}: {reason(error)}") from None
    if not data:
        raise InputError(f"{path}: is empty, expected {expected}")
    if kind is None:
        raise InputError(f"{path}: begins with {data[:4].hex(' ')}, expected {expected}")
    if kind not in expected:
        other = {SNAPSHOT: "resume", INPUT_LOG: "replay"}.get(kind, "run")
        raise InputError(f"{path}: is {kind}, expected {expected} (see refexec {other} --help)")
    if kind == MODULE and not module.is_form(data):
        limit = wasm.Limits().module_size
    if len(data) > limit:
        raise InputError(f"{path}: is larger than {limit} bytes, which is the limit for {kind}")
    return data


def check_writable(path: Path) -> None:
    """Find out now, before a long run, whether `path` could be written when it has ended.

    Raises `InputError`. Leaves nothing behind.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory, expected a file to write")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent):
            pass
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(None, "Permission denied")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {reason(error)}") from None


def reason(error: OSError | ValueError) -> str:
    """Say why, without the number and the file name that an OSError carries along."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
