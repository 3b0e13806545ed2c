"""Which exported function a run enters, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refexec.errors import EntryError
from refexec.wasm import I32, FunctionType

if TYPE_CHECKING:
    from refexec.wasm import Module

START_FUNCTION = "_start"
"""A module that exports this under the right type decides itself where it is entered."""


def is_entry_type(function_type: FunctionType) -> bool:
    """Whether a function of this type can be an entry: no parameters, at most one i32 result."""
    return not function_type.params and function_type.results in ((), (I32,))


def resolve_entry(
    module: Module,
    name: str,
    started: bool = False,
    finished: bool = False,
    suspended: bool = False,
) -> str | None:
    """Name the export that a run enters, or None if it enters none (scenario 16).

    `name` is what the host asked for, `""` if it asked for nothing. `started` says that the
    module is the snapshot of a program that was begun before: its `_start` has had its turn.
    `suspended` says that it stopped in the middle of a call. `finished` is how a built program
    looks at its exports: those that can not be entries are invisible, so a `_start` of another
    type does not forbid other entries; while a program is built it does.

    Raises `EntryError` if the wanted function is missing, unsuitable, or may not be named.
    """
    if suspended:
        if name:
            raise EntryError("entry function may not be specified for suspended program")
        return None

    functions = {
        export.name: export.type
        for export in module.exports
        if isinstance(export.type, FunctionType)
    }
    entries = {export for export, its_type in functions.items() if is_entry_type(its_type)}
    visible = entries if finished else functions.keys()

    if START_FUNCTION in visible and not started:
        if name:
            raise EntryError("entry function may not be specified for program with _start function")
        return START_FUNCTION if START_FUNCTION in entries else None
    if name in ("", START_FUNCTION):
        return None
    if name not in entries:
        raise EntryError("function not exported or it cannot be used as entry function")
    return name
