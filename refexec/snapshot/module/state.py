"""The machine's state, divided between standard sections and one of our own, and reunited.

Memories, numeric globals and data segments are in standard sections. `gate.python.stack` holds the
rest as plain data: frames, objects, references, tables, and what is known of the program as a
whole. Nothing is stored twice, so the two cannot disagree; a digest ties them together. This is the
only file of the form that knows the tree of `refexec.interp.frozen`; whether a tree fits the module
is checked where it is thawed.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any, Final

from refexec.errors import SnapshotError
from refexec.interp import types as t
from refexec.interp.checker import Context
from refexec.record import record
from refexec.snapshot import codec
from refexec.snapshot.module import encoding as e
from refexec.snapshot.module.layout import OWN_STACK, split
from refexec.snapshot.records import PHASES

_VERSION: Final = 1

_CODE_SECTIONS = frozenset({e.TYPE, e.IMPORT, e.FUNCTION, e.TABLE, e.TAG, e.ELEMENT, e.CODE})

_OF_STORE = ("objects", "externals", "calls")
_OF_INSTANCE = ("tables", "elements")


@record(frozen=True)
class OwnStack:
    """The content of `gate.python.stack`."""

    phase: str
    """How far the program has come; one of `refexec.snapshot.PHASES`."""

    entry: str | None
    """In the phase 'start': export that is still to be called, if any."""

    fuel_spent: int
    """Fuel spent in all runs so far."""

    digest: str
    """SHA-256, in hexadecimal, of the sections that the frames refer to."""

    state: dict[str, Any]
    """The part of the machine's state that is in no standard section."""

    def encode(self) -> bytes:
        """The content of the section."""
        return codec.dumps({"version": _VERSION} | asdict(self))


@record(frozen=True)
class StandardState:
    """The part of the machine's state that standard sections hold."""

    globals: list[Any]
    """Values of globals. Those of references are of no interest."""

    memories: list[tuple[int, list[tuple[int, bytes]]]]
    """Of each memory the size in its own pages, and its used pieces of 64 KiB."""

    datas: list[bool]
    """Whether data segments are still there."""


def decode_own_stack(content: bytes) -> OwnStack:
    """Read `gate.python.stack`, and check all but the state. Raises `SnapshotError`."""
    try:
        tree = codec.loads(content)
    except SnapshotError as error:
        raise SnapshotError(f"{OWN_STACK} section: {error}") from None
    if type(tree) is not dict or type(tree.get("version")) is not int:
        raise SnapshotError(f"{OWN_STACK} section has no version")
    version = tree.pop("version")
    if version != _VERSION:
        raise SnapshotError(f"{OWN_STACK} section has version {version}, expected {_VERSION}")
    match tree:
        case {
            "phase": str(phase),
            "entry": str() | None as entry,
            "fuel_spent": int(fuel),
            "digest": str(digest),
            "state": dict(state),
            **rest,
        } if phase in PHASES and type(fuel) is int and fuel >= 0 and not rest:
            return OwnStack(phase, entry, fuel, digest, state)
    raise SnapshotError(f"{OWN_STACK} section has wrong fields")


def digest_of(data: bytes) -> str:
    """The digest that `OwnStack` holds: of all in a module that frames and references depend on."""
    hasher = hashlib.sha256()
    for section in split(data) or ():
        if section.id in _CODE_SECTIONS:
            hasher.update(data[section.offset : section.end])
    return hasher.hexdigest()


def take_apart(tree: dict[str, Any], context: Context) -> tuple[StandardState, dict[str, Any]]:
    """Divide a frozen state into what standard sections hold, and the rest."""
    instance = _instance(tree)
    standard = StandardState(
        globals=instance["globals"],
        memories=[
            (memory["pages"], [tuple(chunk) for chunk in memory["chunks"]])
            for memory in instance["memories"]
        ],
        datas=instance["datas"],
    )
    rest = {key: instance[key] for key in _OF_INSTANCE}
    rest["references"] = [instance["globals"][index] for index in _references(context)]
    rest |= {key: tree[key] for key in _OF_STORE}
    return standard, rest


def put_together(base: dict[str, Any], own: OwnStack, context: Context) -> dict[str, Any]:
    """The state that `take_apart` divided.

    `base` is the frozen state of a new instance of the module, with what the standard sections
    hold. Raises `SnapshotError` for parts that are missing, too many, or of the wrong shape.
    """
    rest = dict(own.state)
    references = rest.pop("references", None)
    places = _references(context)
    if type(references) is not list or len(references) != len(places):
        raise SnapshotError(f"{OWN_STACK} section does not have {len(places)} references")
    instance = dict(_instance(base))
    instance["globals"] = list(instance["globals"])
    for index, value in zip(places, references, strict=True):
        instance["globals"][index] = value
    tree = dict(base)
    for keys, target in ((_OF_INSTANCE, instance), (_OF_STORE, tree)):
        for key in keys:
            target.pop(key, None)
            if key in rest:
                target[key] = rest.pop(key)
    if rest:
        raise SnapshotError(f"{OWN_STACK} section has unknown parts: {', '.join(rest)!r:.60}")
    return with_fuel(_with_instance(tree, instance), own.fuel_spent)


def fuel_of(tree: dict[str, Any]) -> int:
    """Fuel spent by the instance of a frozen state."""
    fuel: int = _instance(tree)["fuel_spent"]
    return fuel


def with_fuel(tree: dict[str, Any], fuel: int) -> dict[str, Any]:
    """The same state after so much fuel."""
    return _with_instance(tree, _instance(tree) | {"fuel_spent": fuel})


def without_call(tree: dict[str, Any]) -> dict[str, Any]:
    """The same state, but with no call that could be resumed."""
    return tree | {"calls": []}


def _instance(tree: dict[str, Any]) -> dict[str, Any]:
    """The part of a state that is about the one instance of a Gate program."""
    instance: dict[str, Any] = tree["instances"][0]
    return instance


def _with_instance(tree: dict[str, Any], instance: dict[str, Any]) -> dict[str, Any]:
    """The same state with another instance."""
    return tree | {"instances": [instance]}


def _references(context: Context) -> list[int]:
    """Indices of the globals that no constant can stand for."""
    return [
        index
        for index, entry in enumerate(context.globals)
        if isinstance(entry.value, t.ReferenceType)
    ]
