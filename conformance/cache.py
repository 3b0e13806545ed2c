"""The user's cache folder: things that can be made again, but take time.

Entries are written once, under a name that holds a hash of what they were made from, and appear
atomically; so several processes may use the folder at the same time, and a broken write is never
seen. This module does not know what is in the entries.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from refexec.errors import UnavailableError

try:
    import fcntl
except ImportError:  # pragma: no cover - only where there is no such call, as on Windows
    fcntl = None  # type: ignore[assignment]  # then two processes may do the same work twice


def cache_folder() -> Path:
    """The folder, made if it is missing: `refexec` in `XDG_CACHE_HOME`, or in `~/.cache`.

    Raises `UnavailableError` if it cannot be made.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules: a relative path is no path.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    folder = root / "refexec"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(f"the cache folder cannot be made: {error}") from error
    return folder


def entry(name: str, make: Callable[[Path], None], *, exclusive: bool = False) -> Path:
    """The path of an entry; if it is missing, `make` writes it to the path that it is given.

    With `exclusive` one process at a time makes the entry, and the others wait for it; without,
    two may do the same work, and the last one wins. What `make` raises passes through, and leaves
    no entry. Raises `UnavailableError` if the folder cannot be written.
    """
    path = cache_folder() / name
    if path.exists():
        return path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    except OSError as error:
        raise UnavailableError(f"the cache folder cannot be written: {error}") from error
    os.close(handle)
    temporary = Path(scratch)
    try:
        lock = _lock(path.with_name(path.name + ".lock")) if exclusive else nullcontext()
        with lock:
            if not path.exists():
                make(temporary)
                os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with open(path, "wb") as file:
        if fcntl is not None:
            # Released by the system when the file is closed, also if this process is killed.
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
