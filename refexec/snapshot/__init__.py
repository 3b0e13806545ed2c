"""What is left of a program when it does not run: buffers, services' states, whole snapshots.

Here are the records. `snapshot.codec` turns plain data into bytes and safely back, and
`snapshot.file` keeps a `Snapshot` in a file, or `snapshot.module` in the form of a WebAssembly
module; each is imported when it is first used, since a worker needs no files.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from refexec.snapshot.records import PHASES, Buffers, Service, Snapshot

if TYPE_CHECKING:
    from refexec.snapshot import codec, file, module

__all__ = ["PHASES", "Buffers", "Service", "Snapshot", "codec", "file", "module"]


def __getattr__(name: str) -> Any:
    if name in ("codec", "file", "module"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
