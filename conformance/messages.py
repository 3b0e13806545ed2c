"""The messages of the backend protocol: outcomes and values, to JSON and back.

`PROTOCOL.md` is the specification; this module is its two directions. It reads what a foreign
program wrote, so everything is checked: a `MessageError` says what was expected. Processes and
deadlines are the business of `command` (the harness's end) and `bridge` (an adapter's end).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from refexec_conformance.backend import (
    Declined,
    Instantiated,
    Interrupted,
    Loaded,
    Outcome,
    OutOfFuel,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.features import PROMISES, named_features
from refexec_conformance.values import NUMBER_BITS, Number, Reference, Value

PROTOCOL = 1
"""The version of the protocol."""

LANES = 4
"""A vector is written as this many unsigned 32-bit lanes, the lowest first."""

KINDS = ("func", "extern", "any", "eq", "i31", "struct", "array", "exn")
"""Kinds of references; on the line each has `ref` after it."""

_REJECTIONS = ("malformed", "invalid", "unlinkable")


class MessageError(Exception):
    """A message is not what the protocol allows."""


def value_to_json(value: Value) -> dict[str, Any]:
    """A value as the protocol writes it."""
    if isinstance(value, Reference):
        name = f"{value.kind}ref" if value.kind else "ref"
        if value.null:
            return {"type": name, "value": None}
        return {"type": name} if value.host is None else {"type": name, "value": str(value.host)}
    if value.type == "v128":
        lanes = [str(value.bits >> (32 * lane) & 0xFFFFFFFF) for lane in range(LANES)]
        return {"type": "v128", "value": lanes}
    return {"type": value.type, "value": str(value.bits)}


def value_from_json(data: Any) -> Value:
    """Read a value. Raises `MessageError`."""
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise MessageError(f"expected a value with a type, not {_shown(data)}")
    name = data["type"]
    if name == "v128":
        lanes = data.get("value")
        if not isinstance(lanes, list) or len(lanes) != LANES:
            raise MessageError(f"expected a vector of {LANES} lanes, not {_shown(lanes)}")
        lane_bits = [_unsigned(lane, 32) for lane in lanes]
        return Number(name, sum(bits << (32 * lane) for lane, bits in enumerate(lane_bits)))
    if name in NUMBER_BITS:
        return Number(name, _unsigned(data.get("value"), NUMBER_BITS[name]))
    kind = name.removesuffix("ref")
    if kind == name or (kind and kind not in KINDS):
        raise MessageError(f"unknown type of a value: {_shown(name)}")
    if "value" not in data:
        return Reference(kind)
    if data["value"] is None:
        return Reference(kind, null=True)
    return Reference(kind, host=_unsigned(data["value"], 64))


def _unsigned(text: Any, width: int) -> int:
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 40):
        raise MessageError(f"expected unsigned bits as a decimal string, not {_shown(text)}")
    number = int(text)
    if number >> width:
        raise MessageError(f"{text} has more than {width} bits")
    return number


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the protocol writes it; handles are not part of it."""
    match outcome:
        case Loaded():
            return {"outcome": "loaded"}
        case Instantiated():
            return {"outcome": "instantiated"}
        case Rejected(kind, message):
            return {"outcome": "rejected", "kind": kind, "message": message}
        case Returned(values):
            return {"outcome": "returned", "values": [value_to_json(value) for value in values]}
        case Trapped(message, exhausted):
            return {"outcome": "trapped", "message": message, "exhausted": exhausted}
        case Threw(message):
            return {"outcome": "threw", "message": message}
        case OutOfFuel():
            return {"outcome": "out_of_fuel"}
        case Declined(reason):
            return {"outcome": "declined", "reason": reason}
        case Interrupted():
            return {"outcome": "declined", "reason": "stopped"}
        case _:
            return {"outcome": "declined", "reason": str(outcome)}


def outcome_from_json(data: Mapping[str, Any], handle: Any) -> Outcome:
    """Read the outcome of a step. `handle` is that of the module or instance it may have made.

    Raises `MessageError`.
    """
    name = data.get("outcome")
    match name:
        case "loaded":
            return Loaded(handle)
        case "instantiated":
            return Instantiated(handle)
        case "rejected":
            kind = data.get("kind")
            if kind is not None and kind not in _REJECTIONS:
                raise MessageError(f"unknown kind of a rejection: {_shown(kind)}")
            return Rejected(kind, _text(data, "message"))
        case "returned":
            values = data.get("values")
            if not isinstance(values, list):
                raise MessageError(f"expected a list of values, not {_shown(values)}")
            return Returned(tuple(value_from_json(value) for value in values))
        case "trapped":
            exhausted = data.get("exhausted", False)
            if not isinstance(exhausted, bool):
                raise MessageError(f"exhausted must be true or false, not {_shown(exhausted)}")
            return Trapped(_text(data, "message"), exhausted)
        case "threw":
            return Threw(_text(data, "message"))
        case "out_of_fuel":
            return OutOfFuel()
        case "declined":
            return Declined(_text(data, "reason"))
        case _:
            raise MessageError(f"unknown outcome {_shown(name)}")


def fuel_from_json(data: Mapping[str, Any]) -> int | None:
    """The fuel that an answer tells; None if it tells none. Raises `MessageError`."""
    return None if data.get("fuel") is None else _unsigned(data["fuel"], 64)


def parse_message(line: bytes) -> dict[str, Any]:
    """One line as an object. Raises `MessageError`."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"expected one JSON object on a line, not {_shown(line)}") from error
    if not isinstance(data, dict):
        raise MessageError(f"expected one JSON object on a line, not {_shown(line)}")
    return data


def parse_features(data: Any) -> tuple[str, ...] | None:
    """The features that an engine claims; None if it does not say. Raises `MessageError`."""
    if data is None:
        return None
    if not isinstance(data, list):
        raise MessageError(f"features must be a list, not {_shown(data)}")
    known = [*named_features(), *PROMISES]
    for name in data:
        if name not in known:
            listed = ", ".join(map(repr, known))
            raise MessageError(f"unknown feature {_shown(name)}; there are {listed}")
    return tuple(data)


def _text(data: Mapping[str, Any], key: str) -> str:
    text = data.get(key, "")
    if not isinstance(text, str):
        raise MessageError(f"{key} must be a string, not {_shown(text)}")
    return text


def _shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 80 else f"{text[:77]}..."
