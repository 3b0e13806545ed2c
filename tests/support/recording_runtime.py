"""An adapter for the runtime protocol that records and replays, or lies about it.

`python recording_runtime.py [FAULT]`. It runs programs without services only.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

from refexec_conformance.runtime.backend import Start
from refexec_conformance.runtime.case import Policy
from refexec_conformance.runtime.processes import Processes

from refexec.snapshot import Buffers

FAULT = sys.argv[1] if len(sys.argv) > 1 else ""
PROCESSES = Processes("reference")
HELLO = {"protocol": 1, "name": "recorder", "version": "1", "capabilities": ["input log", "words"]}
WRONG: dict[str, dict[str, Any]] = {
    "outcome": {"outcome": "forgotten"},
    "call": {"outcome": "stopped"},
    "trap": {"outcome": "ended", "trap": "none"},
    "declines": {"outcome": "declined", "reason": "not today"},
}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if request["op"] == "hello":
        return {"outcome": "hello", **HELLO}
    if request["op"] == "run":
        return run(request)
    if FAULT in WRONG:
        return WRONG[FAULT]
    fuel = None if request["fuel"] is None else int(request["fuel"])
    again = PROCESSES.replay(bytes.fromhex(request["log"]), fuel)
    told = {name: getattr(again, name) for name in ("outcome", "message", "call", "trap", "result")}
    told |= {name: getattr(again, name).hex() for name in ("debug", "sent", "received")}
    state = None if again.state is None else again.state.hex()
    return told | {"fuel": None if again.fuel is None else str(again.fuel), "state": state}


def run(request: dict[str, Any]) -> dict[str, Any]:
    text = []
    stage: Any = SimpleNamespace(begin=lambda control: None, serve=lambda: None, debug=text.append)
    module = bytes.fromhex(request["module"])
    policy = Policy(request["time_resolution"])
    start = Start(module, request["entry"], policy, None, (), (), (), None, Buffers(), True)
    end = PROCESSES.play(start, stage)
    for data in text:
        print(json.dumps({"id": request["id"], "event": "debug", "data": data.hex()}), flush=True)
        sys.stdin.readline()
    log = end.log or b""
    if FAULT == "garbage":
        log = b"no log"
    told = {"outcome": "ended", "trap": end.trap, "result": end.result, "log": log.hex()}
    state = None if end.state is None else end.state.hex()
    left = {"services": [], "input": "", "output": ""}
    return told | left | {"fuel": str(end.fuel), "state": state}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
PROCESSES.close()
