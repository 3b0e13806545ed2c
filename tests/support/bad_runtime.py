"""An adapter of a runtime with a fault, named by the first argument: what the harness survives."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

FAULT = sys.argv[1]
HELLO: dict[str, Any] = {
    "outcome": "hello",
    "protocol": 1,
    "name": "bad",
    "version": "1",
    "capabilities": ["suspend"],
}
HELLOS: dict[str, Any] = {
    "old": {"protocol": 0},
    "nameless": {"name": 7},
    "boastful": {"capabilities": ["everything"]},
    "scalar": {"capabilities": "suspend"},
}
END = {"outcome": "ended", "trap": 0, "result": 0, "services": [], "input": "", "output": ""}
ANSWERS: dict[str, Any] = {
    "garbage": "hello",
    "id": {"id": -1, **END},
    "outcome": {"outcome": "fine"},
    "trap": {**END, "trap": 31},
    "result": {**END, "result": None},
    "hex": {**END, "input": "xyz"},
    "fuel": {**END, "fuel": 7},
    "services": {**END, "services": [7]},
    "connections": {**END, "connections": 7},
    "reason": {"outcome": "refused", "reason": "mood"},
    "untold": {"outcome": "refused", "reason": None},
    "declined": {"outcome": "declined", "reason": "not today"},
    "error": {"outcome": "error", "message": "bug 7"},
    "event": {"event": "party", "service": "echo"},
    "nobody": {"event": "packet", "service": "nobody", "packet": "0800000000000000"},
    "short": {"event": "packet", "service": "echo", "packet": "08"},
    "unnamed": {"event": "packet", "packet": ""},
}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "hello":
            told = HELLO | HELLOS.get(FAULT, {})
        elif FAULT == "hang":
            threading.Event().wait()
        elif FAULT == "crash":
            sys.exit("out of luck")
        else:
            told = ANSWERS[FAULT]
        print(json.dumps(told if told == "hello" else {"id": request["id"], **told}), flush=True)


main()
