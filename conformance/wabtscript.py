"""Scripts in the form that wabt's `spectest-interp` reads, and what it says about them.

That form is the one of the official suite's own converter, but the order of keys is fixed, and the
kit writes the number of each command where its line stands: so what is said names the command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from refexec_conformance.patterns import (
    AnyNaN,
    Either,
    ExactNumber,
    Lanes,
    NullReference,
    Pattern,
    SomeReference,
)
from refexec_conformance.script import Action, Command
from refexec_conformance.values import Reference, Value

SOURCE = "script"
"""Name of the script in its own messages."""

_LINE = re.compile(rf"{SOURCE}:(\d+): (.*)")
_READING = re.compile(r"(?:.*/)?([0-9]+)\.wasm:[0-9a-f]+: error: (.*)")
_PASSED = re.compile(r"[a-z_]+ passed\b")


class NotExpressibleError(Exception):
    """The form cannot say this."""


def script_text(commands: Mapping[int, Mapping[str, Any]]) -> str:
    """A script of commands by number."""
    lines = ",\n  ".join(_dumps({**item, "line": index}) for index, item in commands.items())
    return f'{{"source_filename": "{SOURCE}",\n "commands": [\n  {lines}]}}\n'


_SHORT = {"n": 10, "t": 9, "r": 13, "b": 8, "f": 12, '"': 34, "\\": 92}
_ESCAPE = re.compile(r"\\(.)")


def _dumps(data: object) -> str:
    """JSON as the program reads it: bytes of names as characters, and no short escapes."""
    text = json.dumps(_as_bytes(data))

    def longer(match: re.Match[str]) -> str:
        code = _SHORT.get(match.group(1))
        return match.group() if code is None else f"\\u{code:04x}"

    return _ESCAPE.sub(longer, text)


def _as_bytes(data: object) -> object:
    match data:
        case str():
            return data.encode("utf-8", "surrogatepass").decode("latin-1")
        case list():
            return list(map(_as_bytes, data))
        case dict():
            return {key: _as_bytes(value) for key, value in data.items()}
        case _:
            return data


def command_data(command: Command, file: str | None) -> dict[str, Any]:
    """A command in that form. `file` holds its module. Raises `NotExpressibleError`."""
    kind = command.type
    name = {} if command.name is None else {"name": command.name}
    match kind:
        case "module":
            return {"type": kind, "line": 0, **name, "filename": file}
        case "register":
            return {"type": kind, "line": 0, **name, "as": command.registered_as}
        case "action":
            return {"type": kind, "line": 0, "action": _action(command), "expected": []}
        case "assert_return":
            return {"type": kind, "line": 0, "action": _action(command), **_expected(command)}
        case "assert_trap" | "assert_exhaustion":
            action = _action(command)
            return {
                "type": kind,
                "line": 0,
                "action": action,
                "text": command.text,
                "expected": [],
            }
        case "assert_exception":
            return {"type": kind, "line": 0, "action": _action(command), "expected": []}
        case "assert_invalid" | "assert_malformed" | "assert_unlinkable" | "assert_uninstantiable":
            told = {"filename": file, "text": command.text, "module_type": "binary"}
            return {"type": kind, "line": 0, **told}
        case "assert_outcome" if file is not None and _only_traps(command):
            told = {"filename": file, "text": "", "module_type": "binary"}
            return {"type": "assert_uninstantiable", "line": 0, **told}
        case "assert_outcome":
            raise NotExpressibleError("it cannot be told that several outcomes are right")
        case _:
            raise NotExpressibleError(f"no command {kind}")


def _only_traps(command: Command) -> bool:
    """Whether a module must trap; the program does not tell traps apart here."""
    return all(item.kind in ("trap", "exhausted") for item in command.wanted)


def _action(command: Command) -> dict[str, Any]:
    action = command.action
    assert isinstance(action, Action)
    module = {} if action.module is None else {"module": action.module}
    told: dict[str, Any] = {"type": action.type, **module, "field": action.field}
    return told if action.type == "get" else {**told, "args": list(map(_value, action.args))}


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, Reference):
        if value.kind not in ("func", "extern"):
            raise NotExpressibleError(f"no value {value}")
        return {"type": f"{value.kind}ref", "value": "null" if value.null else str(value.host)}
    if value.type == "v128":
        lanes = [str(value.bits >> 32 * lane & 0xFFFFFFFF) for lane in range(4)]
        return {"type": "v128", "lane_type": "i32", "value": lanes}
    return {"type": value.type, "value": str(value.bits)}


def _expected(command: Command) -> dict[str, Any]:
    patterns = command.expected
    if len(patterns) == 1 and isinstance(patterns[0], Either):
        return {"either": list(map(_pattern, patterns[0].choices))}
    return {"expected": list(map(_pattern, patterns))}


def _pattern(pattern: Pattern) -> dict[str, Any]:
    match pattern:
        case ExactNumber(kind, _) | AnyNaN(kind, _):
            return {"type": kind, "value": _number(pattern)}
        case Lanes(lane_type, lanes):
            return {"type": "v128", "lane_type": lane_type, "value": list(map(_number, lanes))}
        case NullReference("func" | "extern" as kind):
            return {"type": f"{kind}ref", "value": "null"}
        case SomeReference("extern", host) if host is not None:
            return {"type": "externref", "value": str(host)}
        case _:
            raise NotExpressibleError(f"no result {pattern}")


def _number(pattern: Pattern) -> str:
    match pattern:
        case ExactNumber(_, bits):
            return str(bits)
        case AnyNaN(_, canonical):
            return f"nan:{'canonical' if canonical else 'arithmetic'}"
        case _:
            raise NotExpressibleError(f"no lane {pattern}")


def complaints(output: str, errors: str) -> dict[int, str]:
    """What is said against commands, by number: the first message of each.

    `errors` is what the program writes on standard error, where it says why it cannot read modules.
    """
    reasons: dict[str, str] = {}
    for line in errors.splitlines():
        match = _READING.match(line)
        if match is not None:
            reasons.setdefault(match.group(1), match.group(2))
    found: dict[int, str] = {}
    for line in output.splitlines():
        match = _LINE.fullmatch(line)
        if match is not None and not _PASSED.match(match.group(2)):
            number, message = match.groups()
            if number in reasons and message.startswith("error reading module"):
                message = f"error reading module: {reasons[number]}"
            found.setdefault(int(number), message)
    return found
