"""Cases as files, whichever of the kit's two suites they belong to: JSON, and binaries beside it.

What a document says is read in `own.case` and `runtime.case`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from refexec.errors import InputError

C = TypeVar("C")


def read_as(case_of: Callable[[dict[str, Any], str, Path], C], path: Path, root: Path) -> C:
    """Read a case; its name is its path below `root`. Raises `InputError`."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return case_of(data, path.relative_to(root).with_suffix("").as_posix(), root)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no case: {type(error).__name__}: {error}") from error


def read_binary(path: Path) -> bytes:
    """Read the binary of a module. Raises `InputError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
