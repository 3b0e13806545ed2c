"""A folder in which generated code is kept: only its owner may have put anything there.

Python's marshalled code does whatever it likes when it is loaded, so it is loaded only from a file
of our own in a folder of our own, into which nobody else can write; both are opened without
following links, and what is checked is what was opened. Entries appear atomically, carry a SHA-256
against broken disks, and the oldest make room when the folder is full. This module does not know
what is in the entries.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from refexec.errors import ConfigError

MAGIC = b"refexec\x00code\x001\n\xff"
"""The first bytes of an entry."""

_SUFFIX = ".code"
_OTHERS = 0o077
_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC


def default_folder() -> Path:
    """`refexec/code` in `XDG_CACHE_HOME`, or in `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules: a relative path is no path.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "refexec" / "code"


class Folder:
    """A folder with entries of bytes by name."""

    def __init__(self, path: Path, max_size: int) -> None:
        """Make it if it is missing; `max_size` is what all entries may take, in bytes.

        Raises ConfigError if it cannot be made, or if somebody else could have put things there.
        """
        self.path = path
        self.max_size = max_size
        with self._opened():
            pass

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """The folder's descriptor. Raises ConfigError."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                self.path.mkdir(mode=0o700)
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        except OSError as error:
            raise ConfigError(f"code cache {self.path}: {error.strerror}") from None
        try:
            found = os.fstat(folder)
            if found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
                raise ConfigError(
                    f"code cache {self.path}: expected a folder of this user with mode 0700, found "
                    f"user {found.st_uid} and mode {stat.S_IMODE(found.st_mode):04o}"
                )
            yield folder
        finally:
            os.close(folder)

    def read(self, name: str) -> bytes | None:
        """The content of an entry; None if there is none that can be trusted.

        Raises ConfigError as `__init__` does: the folder may have been changed.
        """
        with self._opened() as folder:
            try:
                # Without O_NONBLOCK opening a pipe would wait for its other end.
                file = os.open(name + _SUFFIX, os.O_RDONLY | os.O_NONBLOCK | _FLAGS, dir_fd=folder)
            except OSError:
                return None
            with open(file, "rb") as stream:
                found = os.fstat(file)
                if not self._trusted(found):
                    return None
                data = stream.read(self.max_size)
                with contextlib.suppress(OSError):
                    # It has been of use: others are older.
                    os.utime(file)
        start = len(MAGIC) + hashlib.sha256().digest_size
        content = data[start:]
        if data[:start] != MAGIC + hashlib.sha256(content).digest():
            return None
        return content

    def _trusted(self, found: os.stat_result) -> bool:
        return (
            stat.S_ISREG(found.st_mode)
            and found.st_uid == os.geteuid()
            and not found.st_mode & _OTHERS
            and found.st_nlink == 1
            and found.st_size <= self.max_size
        )

    def write(self, name: str, content: bytes) -> None:
        """Put an entry in place of the one of that name, and make room for it.

        One that is larger than all may be is not kept. Raises ConfigError.
        """
        data = MAGIC + hashlib.sha256(content).digest() + content
        if len(data) > self.max_size:
            return
        with self._opened() as folder:
            scratch = f".new-{secrets.token_hex(8)}"
            try:
                file = os.open(
                    scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=folder
                )
                try:
                    with open(file, "wb") as stream:
                        stream.write(data)
                    os.replace(scratch, name + _SUFFIX, src_dir_fd=folder, dst_dir_fd=folder)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(scratch, dir_fd=folder)
                    raise
                self._make_room(folder, name + _SUFFIX)
            except OSError as error:
                raise ConfigError(f"code cache {self.path}: {error.strerror}") from None

    def _make_room(self, folder: int, newest: str) -> None:
        """Remove the entries that were not used for longest until the rest fits."""
        entries = []
        for name in os.listdir(folder):
            # One that another process is removing, or has just renamed, is none.
            with contextlib.suppress(OSError):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                entries.append((name == newest, found.st_mtime_ns, found.st_size, name))
        size = sum(item[2] for item in entries)
        for _, _, taken, name in sorted(entries):
            if size <= self.max_size:
                return
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)
            size -= taken
