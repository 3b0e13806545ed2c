"""An adapter for a runtime in Python: an example of the protocol of `PROTOCOL.md`.

The runtime here is refexec's own. Replace what is said about it by what yours offers; the rest
stays. Try it with `refexec conform runtime --backend-command "python .../adapters/runtime.py"`.
"""

from __future__ import annotations

import json
import sys
import threading
from types import SimpleNamespace
from typing import Any

import refexec
from refexec import errors, image, service, snapshot

CAPABILITIES = ["suspend", "kill", "fuel", "exact fuel", "metering", "resume", "saved buffers"]
executor = refexec.Executor()
lock = threading.RLock()  # events come from several threads, and are told one at a time
actions: dict[str, Any] = {}
request: dict[str, Any] = {}
unhex = bytes.fromhex


def tell(event: str, **more: Any) -> dict[str, Any]:
    """Tell the kit an event, and do what it wants; its answer."""
    with lock:
        print(json.dumps({"id": request["id"], "event": event, **more}), flush=True)
        told: dict[str, Any] = json.loads(sys.stdin.readline())
        for action in told["do"]:
            actions[action]()
        return told


class _Scripted(service.InstanceBase):  # a service that does what the kit says; its own factory
    def __init__(self, offer: dict[str, Any]) -> None:
        self.properties = service.Properties(offer["name"], "0", offer["streams"])
        self.discoverable = lambda ctx: offer["discoverable"]

    def create_instance(self, ctx: Any, config: Any, saved: bytes | None) -> _Scripted:
        self.tell("create", snapshot=None if saved is None else saved.hex())
        return self

    def start(self, ctx: Any, send: Any, abort: Any) -> None:
        self.ctx, self.send, self.abort = ctx, send, abort
        self.tell("start")

    def handle(self, ctx: Any, send: Any, packet: refexec.Packet) -> refexec.Packet | None:
        reply = self.tell("packet", packet=bytes(packet).hex())["reply"]
        return None if reply is None else refexec.Packet(unhex(reply))

    def shutdown(self, ctx: Any, suspend: bool) -> bytes:
        return unhex(self.tell("shutdown", suspend=suspend)["snapshot"])

    def tell(self, event: str, **more: Any) -> dict[str, Any]:
        told = tell(event, service=self.properties.name, **more)
        if told.get("fail"):
            raise (errors.ProgramError if told["fail"] == "program" else RuntimeError)("scripted")
        if told.get("abort"):
            self.abort(RuntimeError("scripted"))
        threading.Thread(target=self.offer, args=(told.get("send", []),), daemon=True).start()
        return told

    def offer(self, packets: list[str]) -> None:
        for packet in packets:
            self.send.send(refexec.Thunk.of(refexec.Packet(unhex(packet))), self.ctx)


def run() -> dict[str, Any]:
    """Run a program once, from its beginning or from where an earlier run has left it."""
    if request["state"] is not None:
        saved = snapshot.file.decode(unhex(request["state"]))
        program, instance = image.Instance.from_snapshot(saved)
        instance.set_entry(request["entry"])
    else:
        program = image.Program(unhex(request["module"]))
        instance = image.Instance(program, entry=request["entry"])
    services = [snapshot.Service(name, unhex(data)) for name, data in request["saved"]]
    buffers = refexec.Buffers(services, unhex(request["input"]), unhex(request["output"]))
    registry = service.Registry()
    for offer in request["services"]:
        registry.register(_Scripted(offer))
    log = SimpleNamespace(write=lambda data: tell("debug", data=data.hex()))
    fuel, heard = request["fuel"], log if request["debug"] else None
    policy = refexec.ProcessPolicy(request["time_resolution"], heard, fuel and int(fuel))
    ctx, cancel = refexec.background().with_cancel()
    told: dict[str, Any] = {"outcome": "ended"}
    with executor.new_process() as process:
        actions.update(suspend=process.suspend, kill=process.kill, cancel=cancel)
        for action in request["start"]:
            actions[action]()
        process.start(program, instance, policy)
        for action in request["serve"]:
            actions[action]()
        try:
            result, trap = process.serve(ctx, registry, buffers)
            told |= {"trap": int(trap), "result": None if trap else result.code}
        except (errors.ABIViolationError, errors.InternalError) as error:
            told |= {"trap": int(error.trap), "message": str(error)}
    left = [[item.name, item.buffer.hex()] for item in buffers.services]
    told |= {"services": left, "input": buffers.input.hex(), "output": buffers.output.hex()}
    if instance.coherent and not instance.final:
        told["state"] = snapshot.file.encode(instance.snapshot(buffers)).hex()
    return told | {"fuel": str(instance.fuel_spent)}


HELLO = {"outcome": "hello", "protocol": 1, "name": "refexec", "version": refexec.__version__}
for line in sys.stdin:
    request = json.loads(line)
    try:
        hello = request["op"] == "hello"
        answer = HELLO | {"capabilities": CAPABILITIES} if hello else run()
    except errors.RefexecError as error:
        answer = {"outcome": "refused", "reason": None, "message": str(error)}
    except Exception as error:
        answer = {"outcome": "error", "message": repr(error)}
    print(json.dumps({"id": request["id"], **answer}), flush=True)
