"""The input log: what a run of a program was given from outside, so that it can be run again alone.

All that a Gate program can learn from outside comes through its host calls: their results, and
what they write to its memory. A *recorder* writes that down call by call; a *replayer* stands in
for the ABI, and gives a program the same again, without clock, services or packet stream. A run is
then a function of the program's state at its beginning and the log.

Read `calls` first (what is known of one call), then `container` (how a log is laid out in a file),
then `recorder` and `replayer`. Who drives the engine is in `refexec.runtime`. The public names are
imported when they are first used, since a worker needs `recorder` alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refexec.abi.inputlog.calls import Call as Call
    from refexec.abi.inputlog.container import FORMAT_VERSION as FORMAT_VERSION
    from refexec.abi.inputlog.container import InputLog as InputLog
    from refexec.abi.inputlog.container import LogWriter as LogWriter
    from refexec.abi.inputlog.container import load as load
    from refexec.abi.inputlog.container import read as read
    from refexec.abi.inputlog.recorder import RecordingHost as RecordingHost
    from refexec.abi.inputlog.replayer import Replayer as Replayer

_HOME_OF = {
    "Call": "calls",
    "FORMAT_VERSION": "container",
    "InputLog": "container",
    "LogWriter": "container",
    "RecordingHost": "recorder",
    "Replayer": "replayer",
    "load": "container",
    "read": "container",
}


def __getattr__(name: str) -> Any:
    """Import a public name on its first use (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
