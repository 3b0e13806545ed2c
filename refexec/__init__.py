"""refexec runs WebAssembly programs as suspendable processes.

This module is the front door: it hands on the public names, and imports the room that holds a
name only when the name is first used. So a worker, which needs little, starts quickly. It holds
no behaviour.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refexec import abi as abi
    from refexec import aio as aio
    from refexec import context as context
    from refexec import errors as errors
    from refexec import image as image
    from refexec import observe as observe
    from refexec import packet as packet
    from refexec import runtime as runtime
    from refexec import service as service
    from refexec import snapshot as snapshot
    from refexec import trap as trap
    from refexec import wasm as wasm
    from refexec.context import Context as Context
    from refexec.context import background as background
    from refexec.errors import ABIViolationError as ABIViolationError
    from refexec.errors import ConfigError as ConfigError
    from refexec.errors import ContextError as ContextError
    from refexec.errors import DuplicateServiceError as DuplicateServiceError
    from refexec.errors import ExecutorDiedError as ExecutorDiedError
    from refexec.errors import GuestError as GuestError
    from refexec.errors import InputError as InputError
    from refexec.errors import InternalError as InternalError
    from refexec.errors import LimitError as LimitError
    from refexec.errors import ProgramError as ProgramError
    from refexec.errors import RefexecError as RefexecError
    from refexec.errors import StateError as StateError
    from refexec.errors import TrapError as TrapError
    from refexec.packet import Packet as Packet
    from refexec.packet import Thunk as Thunk
    from refexec.runtime import DEFAULT_CONFIG as DEFAULT_CONFIG
    from refexec.runtime import MAX_PROCS as MAX_PROCS
    from refexec.runtime import Config as Config
    from refexec.runtime import ErrorSlot as ErrorSlot
    from refexec.runtime import Executor as Executor
    from refexec.runtime import GroupExecutor as GroupExecutor
    from refexec.runtime import GroupProcessFactory as GroupProcessFactory
    from refexec.runtime import InstanceServer as InstanceServer
    from refexec.runtime import Process as Process
    from refexec.runtime import ProcessChan as ProcessChan
    from refexec.runtime import ProcessFactory as ProcessFactory
    from refexec.runtime import ProcessGroup as ProcessGroup
    from refexec.runtime import ProcessKey as ProcessKey
    from refexec.runtime import ProcessPolicy as ProcessPolicy
    from refexec.runtime import ProgramCode as ProgramCode
    from refexec.runtime import ProgramState as ProgramState
    from refexec.runtime import ResultProcess as ResultProcess
    from refexec.runtime import Sender as Sender
    from refexec.runtime import ServiceConfig as ServiceConfig
    from refexec.runtime import ServiceRegistry as ServiceRegistry
    from refexec.runtime import ServiceState as ServiceState
    from refexec.runtime import context_with_dummy_process_key as context_with_dummy_process_key
    from refexec.runtime import distribute_group_processes as distribute_group_processes
    from refexec.runtime import distribute_processes as distribute_processes
    from refexec.runtime import must_context_process_key as must_context_process_key
    from refexec.runtime import open_cgroup as open_cgroup
    from refexec.runtime import prepare_processes as prepare_processes
    from refexec.snapshot import Buffers as Buffers
    from refexec.trap import RESULT_SUCCESS as RESULT_SUCCESS
    from refexec.trap import Result as Result
    from refexec.trap import TrapCause as TrapCause
    from refexec.trap import TrapID as TrapID

__version__ = "0.1.0"

_ROOMS = (
    "abi",
    "aio",
    "context",
    "errors",
    "image",
    "observe",
    "packet",
    "runtime",
    "service",
    "snapshot",
    "trap",
    "wasm",
)

# The same names as above, for the interpreter; a test holds the two lists together.
_HOMES = {
    "refexec.context": ("Context", "background"),
    "refexec.errors": (
        "ABIViolationError",
        "ConfigError",
        "ContextError",
        "DuplicateServiceError",
        "ExecutorDiedError",
        "GuestError",
        "InputError",
        "InternalError",
        "LimitError",
        "ProgramError",
        "RefexecError",
        "StateError",
        "TrapError",
    ),
    "refexec.packet": ("Packet", "Thunk"),
    "refexec.runtime": (
        "Config",
        "DEFAULT_CONFIG",
        "ErrorSlot",
        "Executor",
        "GroupExecutor",
        "GroupProcessFactory",
        "InstanceServer",
        "MAX_PROCS",
        "Process",
        "ProcessChan",
        "ProcessFactory",
        "ProcessGroup",
        "ProcessKey",
        "ProcessPolicy",
        "ProgramCode",
        "ProgramState",
        "ResultProcess",
        "Sender",
        "ServiceConfig",
        "ServiceRegistry",
        "ServiceState",
        "context_with_dummy_process_key",
        "distribute_group_processes",
        "distribute_processes",
        "must_context_process_key",
        "open_cgroup",
        "prepare_processes",
    ),
    "refexec.snapshot": ("Buffers",),
    "refexec.trap": ("RESULT_SUCCESS", "Result", "TrapCause", "TrapID"),
}

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on its first use (PEP 562)."""
    if name in _HOME_OF:
        value = getattr(importlib.import_module(_HOME_OF[name]), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"refexec.{name}")
    else:
        raise AttributeError(f"module 'refexec' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """All public names, whether they were used yet or not."""
    return sorted({*globals(), *_HOME_OF, *_ROOMS})
