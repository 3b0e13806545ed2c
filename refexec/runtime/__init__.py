"""Processes: executors, the processes that they make, and what is plugged into them.

This module hands on the room's public names and imports the module that holds one when it is first
used. So a worker, for which this package is imported too, loads `refexec.runtime.worker` and what
that needs, and no executor.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refexec.errors import DuplicateServiceError as DuplicateServiceError
    from refexec.runtime.channels import ErrorSlot as ErrorSlot
    from refexec.runtime.channels import SendQueue as SendQueue
    from refexec.runtime.distribute import distribute_group_processes as distribute_group_processes
    from refexec.runtime.distribute import distribute_processes as distribute_processes
    from refexec.runtime.executor import DEFAULT_CONFIG as DEFAULT_CONFIG
    from refexec.runtime.executor import MAX_PROCS as MAX_PROCS
    from refexec.runtime.executor import Config as Config
    from refexec.runtime.executor import Executor as Executor
    from refexec.runtime.executor import GroupExecutor as GroupExecutor
    from refexec.runtime.group import ProcessGroup as ProcessGroup
    from refexec.runtime.group import open_cgroup as open_cgroup
    from refexec.runtime.key import ProcessKey as ProcessKey
    from refexec.runtime.key import context_with_dummy_process_key as context_with_dummy_process_key
    from refexec.runtime.key import must_context_process_key as must_context_process_key
    from refexec.runtime.policy import DebugWriter as DebugWriter
    from refexec.runtime.policy import ProcessPolicy as ProcessPolicy
    from refexec.runtime.policy import RecordWriter as RecordWriter
    from refexec.runtime.prepare import ProcessChan as ProcessChan
    from refexec.runtime.prepare import ResultProcess as ResultProcess
    from refexec.runtime.prepare import prepare_processes as prepare_processes
    from refexec.runtime.process import Process as Process
    from refexec.runtime.protocols import GroupProcessFactory as GroupProcessFactory
    from refexec.runtime.protocols import InstanceServer as InstanceServer
    from refexec.runtime.protocols import ProcessFactory as ProcessFactory
    from refexec.runtime.protocols import ProgramCode as ProgramCode
    from refexec.runtime.protocols import ProgramState as ProgramState
    from refexec.runtime.protocols import Sender as Sender
    from refexec.runtime.protocols import ServiceConfig as ServiceConfig
    from refexec.runtime.protocols import ServiceRegistry as ServiceRegistry
    from refexec.runtime.protocols import ServiceState as ServiceState
    from refexec.runtime.replay import Checkpoint as Checkpoint
    from refexec.runtime.replay import Replay as Replay
    from refexec.trap import RESULT_SUCCESS as RESULT_SUCCESS
    from refexec.trap import Result as Result

# The same names as above, for the interpreter; a test holds the two lists together.
_HOMES = {
    "refexec.errors": ("DuplicateServiceError",),
    "refexec.runtime.channels": ("ErrorSlot", "SendQueue"),
    "refexec.runtime.distribute": ("distribute_group_processes", "distribute_processes"),
    "refexec.runtime.executor": (
        "Config",
        "DEFAULT_CONFIG",
        "Executor",
        "GroupExecutor",
        "MAX_PROCS",
    ),
    "refexec.runtime.group": ("ProcessGroup", "open_cgroup"),
    "refexec.runtime.key": (
        "ProcessKey",
        "context_with_dummy_process_key",
        "must_context_process_key",
    ),
    "refexec.runtime.policy": ("DebugWriter", "ProcessPolicy", "RecordWriter"),
    "refexec.runtime.prepare": ("ProcessChan", "ResultProcess", "prepare_processes"),
    "refexec.runtime.process": ("Process",),
    "refexec.runtime.protocols": (
        "GroupProcessFactory",
        "InstanceServer",
        "ProcessFactory",
        "ProgramCode",
        "ProgramState",
        "Sender",
        "ServiceConfig",
        "ServiceRegistry",
        "ServiceState",
    ),
    "refexec.runtime.replay": ("Checkpoint", "Replay"),
    "refexec.trap": ("RESULT_SUCCESS", "Result"),
}

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on its first use (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'refexec.runtime' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """All public names, whether they were used yet or not."""
    return sorted({*globals(), *_HOME_OF})
