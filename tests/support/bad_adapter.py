"""An adapter with a fault, named by the first argument: what the harness must survive."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from refexec_conformance.backends import reference
from refexec_conformance.bridge import Bridge

FAULT = sys.argv[1]
HELLO = {
    "mute": None,
    "old": {"protocol": 0},
    "nameless": {"name": 7},
    "boastful": {"features": ["everything"]},
    "scalar": {"features": "vectors"},
    "courier": {"modules": "pigeon"},
    "impolite": {"outcome": "done"},
}


def answer(bridge: Bridge, line: bytes) -> bytes:
    request: dict[str, Any] = json.loads(line)
    told = bridge.answer(request)
    if request["op"] == "hello" and FAULT in HELLO:
        if HELLO[FAULT] is None:
            print("Error: nothing to say\n    at speaking", file=sys.stderr)
            sys.exit("a program of version 7")
        told |= HELLO[FAULT] or {}
    elif request["op"] == FAULT:
        told["outcome"] = "nonsense"
    elif request.get("name") == "crash":
        print("out of luck", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    elif request.get("name") == "hang":
        if len(sys.argv) > 2:
            Path(sys.argv[2]).write_text(str(os.getpid()))
        threading.Event().wait()
    elif request.get("name") == "garbage":
        return {
            "words": b"hello",
            "list": b"[]",
            "deep": b"[" * 100_000,
            "id": b'{"id": -1, "outcome": "returned", "values": []}',
            "long": b"x" * (17 << 20),
            "values": json.dumps({**told, "values": 1}).encode(),
            "bits": json.dumps({**told, "values": [{"type": "i32", "value": -1}]}).encode(),
            "text": json.dumps({**told, "outcome": "trapped", "message": 1}).encode(),
            "flag": json.dumps({**told, "outcome": "trapped", "exhausted": 1}).encode(),
            "kind": json.dumps({**told, "outcome": "rejected"}).encode(),
            "error": json.dumps({**told, "outcome": "error", "message": "bug 7"}).encode(),
        }[FAULT]
    return json.dumps(told).encode()


def main() -> None:
    bridge = Bridge("bad", reference.create())
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer(bridge, line) + b"\n")
        sys.stdout.buffer.flush()
    if FAULT == "lingering":
        threading.Event().wait()
    if FAULT == "rude":
        sys.exit("good riddance")


if __name__ == "__main__":
    main()
