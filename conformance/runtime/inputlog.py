"""Input logs as `docs/input-log.md` lays them out: read, told to people, and written again.

The kit has its own reader and writer, so that what a runtime records is compared with the document
and not with the runtime's own idea of it. Only the plain data inside are read by refexec. Nothing
here judges whether a log is a good one; `changes` spoils them on purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from refexec_conformance.runtime.content import format_bytes

from refexec.errors import SnapshotError
from refexec.snapshot import codec
from refexec.trap import Result, TrapID
from refexec.wasm import FunctionType, Module

MAGIC = b"\x8arefxlog"
BEGIN, CALL, PART, END = 1, 2, 3, 4
"""Kinds of records."""

_VERSION_AT = len(MAGIC)
_HEADER = _VERSION_AT + 4
_RECORD_HEADER = 8
_CHECK = 8
_EFFECTS = {1: "wrote", 2: "received", 3: "sent", 4: "sent", 5: "logged"}
_CHECKED = (3, 5)
_FROM_ARGUMENT = 4
_OUTCOMES = {
    0x10: "returned",
    0x11: "trapped",
    0x12: "suspended",
    0x13: "deficient",
    0x14: "exited",
}
_TEXTS = (0x11, 0x13)


class LogFormatError(ValueError):
    """Bytes are no input log."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log: its version and its records, each with kind and payload."""

    version: int
    records: tuple[tuple[int, bytes], ...]

    @property
    def calls(self) -> tuple[bytes, ...]:
        """The host calls, their pieces put together."""
        whole: list[bytes] = []
        parts = b""
        for kind, payload in self.records:
            if kind in (CALL, PART):
                parts += payload
            if kind == CALL:
                whole.append(parts)
                parts = b""
        return tuple(whole)

    def plain(self, kind: int) -> dict[str, Any] | None:
        """The plain data in the first record of a kind."""
        for found, payload in self.records:
            if found == kind:
                try:
                    data: dict[str, Any] = codec.loads(payload)
                except SnapshotError as error:
                    raise LogFormatError(str(error)) from None
                return data
        return None


# -- the file --------------------------------------------------------------------------------------


def read_log(data: bytes) -> Log:
    """Take a log apart. `LogFormatError` if it is none, or damaged; it may end within a record."""
    if not data.startswith(MAGIC) or len(data) < _HEADER:
        raise LogFormatError("it does not begin as an input log does")
    records: list[tuple[int, bytes]] = []
    digest = hashlib.sha256()
    hashed, at = 0, _HEADER
    while at + _RECORD_HEADER <= len(data):
        end = at + _RECORD_HEADER + int.from_bytes(data[at + 4 : at + 8], "little")
        if end + _CHECK > len(data):
            break
        digest.update(data[hashed:end])
        hashed = end
        if data[end : end + _CHECK] != digest.digest()[:_CHECK] or any(data[at + 1 : at + 4]):
            raise LogFormatError(f"record {len(records)} is damaged")
        records.append((data[at], data[at + _RECORD_HEADER : end]))
        at = end + _CHECK
    return Log(int.from_bytes(data[_VERSION_AT:_HEADER], "little"), tuple(records))


def write_log(log: Log, magic: bytes = MAGIC) -> bytes:
    """Put a log together, with checks that are right."""
    parts = [magic + log.version.to_bytes(4, "little")]
    digest = hashlib.sha256(parts[0])
    for kind, payload in log.records:
        record = bytes([kind, 0, 0, 0]) + len(payload).to_bytes(4, "little") + payload
        digest.update(record)
        check = digest.digest()[:_CHECK]
        digest.update(check)
        parts += [record, check]
    return b"".join(parts)


def record_borders(log: Log) -> list[int]:
    """At which bytes of the file its records end."""
    borders = []
    at = _HEADER
    for _, payload in log.records:
        at += _RECORD_HEADER + len(payload) + _CHECK
        borders.append(at)
    return borders


# -- calls -----------------------------------------------------------------------------------------


class _Bytes:
    """Bytes of a call, taken one after the other."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def take(self, size: int) -> bytes:
        if size > len(self.left):
            raise LogFormatError("a call is cut short")
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def number(self) -> int:
        value = shift = 0
        while True:
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def numbers(self) -> str:
        return ", ".join(str(self.number()) for _ in range(self.number()))


def function_imports(program: bytes) -> list[str]:
    """The names of the functions that a program imports, as calls count them."""
    return [item.name for item in Module(program).imports if isinstance(item.type, FunctionType)]


def call_text(data: bytes, imports: Sequence[str]) -> str:
    """A call for people, in one line. `LogFormatError` if it is none."""
    source = _Bytes(data)
    index = source.number()
    name = imports[index] if index < len(imports) else f"import {index}"
    fuel = source.number()
    told = [f"{name}({source.numbers()}) after {fuel} fuel"]
    while (tag := source.take(1)[0]) in _EFFECTS:
        told.append(_effect_text(tag, source))
    if tag not in _OUTCOMES:
        raise LogFormatError(f"a call has an item {tag:#04x}")
    told.append(_outcome_text(tag, source))
    if source.left:
        raise LogFormatError("a call goes on after its end")
    return "; ".join(told)


def _effect_text(tag: int, source: _Bytes) -> str:
    place = "" if tag == _FROM_ARGUMENT else f" at {source.number()}"
    size = source.number()
    if tag in _CHECKED:
        return (
            f"{_EFFECTS[tag]} {size} bytes{place} that begin their hash with {source.take(8).hex()}"
        )
    return f"{_EFFECTS[tag]} {format_bytes(source.take(size))!r}{place}"


def _outcome_text(tag: int, source: _Bytes) -> str:
    words = _OUTCOMES[tag]
    if tag in _TEXTS:
        return f"{words}: {source.take(source.number()).decode()}"
    if words == "exited":
        return f"{words} {source.number()}"
    return f"{words} {source.numbers()}".rstrip() if words == "returned" else words


# -- plain data ------------------------------------------------------------------------------------

PLACES: dict[str, tuple[int, str | None]] = {
    "begin": (BEGIN, None),
    "limits": (BEGIN, "limits"),
    "end": (END, None),
    "final": (END, "final"),
}
"""The dicts of fields in a log: in which record, and as which field of it."""

_SIZES = {"u64": (1 << 64) - 1, "u128": (1 << 128) - 1}
GREATEST: dict[str, dict[str, int]] = {
    "begin": {"fuel": _SIZES["u128"]},
    "limits": dict.fromkeys(
        ("call_depth", "slots", "host_depth", "memory_pages", "table_entries", "gc_heap"),
        _SIZES["u64"],
    ),
    "end": {"trap": int(max(TrapID)), "result": 3, "status": 255},
    "final": {
        **dict.fromkeys(("frames", "memory_size", "monotonic_time"), _SIZES["u64"]),
        "fuel_spent": _SIZES["u128"],
        "state_format": _SIZES["u64"],
    },
}
"""The greatest value of each field that is a number."""


def change_fields(log: Log, place: str, changes: dict[str, Any], drop: Iterable[str] = ()) -> Log:
    """A log with other fields in one of `PLACES`."""
    kind, inner = PLACES[place]
    tree = log.plain(kind)
    fields = None if tree is None else tree if inner is None else tree[inner]
    if tree is None or fields is None:
        raise LogFormatError(f"it has no {place}")
    fields.update(changes)
    for name in drop:
        del fields[name]
    payload = codec.dumps(tree)
    return Log(log.version, tuple((k, payload if k == kind else data) for k, data in log.records))


def end_data(log: Log) -> dict[str, Any] | None:
    """What a log says of the run's end, but for what depends on chance and on the engine."""
    tree = log.plain(END)
    if tree is None:
        return None
    final = tree["final"]
    told: dict[str, Any] = {
        "trap": tree["trap"],
        "result": str(Result(tree["result"])) if tree["trap"] == TrapID.EXIT else None,
        "status": tree["status"],
        "begun": tree["begun"],
    }
    if final is not None:
        told |= {name: final[name] for name in ("phase", "frames", "memory_size", "fuel_spent")}
    return {name: value for name, value in told.items() if value is not None}
