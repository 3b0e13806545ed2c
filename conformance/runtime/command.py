"""The harness's end of the protocol for runtimes: a program of any language on trial.

`PROTOCOL.md` is the specification. While a program runs, the adapter tells what happens to its
services, an event at a time, and is told what they do. As with engines, a program that ends, is
too slow or writes what the protocol does not allow is lost, which is a verdict about it; the next
run starts a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from refexec_conformance.command import EngineError
from refexec_conformance.conversation import START_SECONDS, Conversation
from refexec_conformance.messages import PROTOCOL, MessageError
from refexec_conformance.runtime.backend import (
    CAPABILITIES,
    UNTOLD,
    Declined,
    End,
    Replayed,
    Response,
    Stage,
    Start,
)
from refexec_conformance.verdicts import Verdict

from refexec.packet import HEADER_SIZE
from refexec.snapshot import Buffers, Service
from refexec.trap import TrapID

REFUSALS = ("module", "import", "entry", "state")
"""Why a program may be refused."""

REPLAYS = ("ended", "stopped", "refused", "diverged")
"""What may come of a log that is run again."""

T = TypeVar("T")


class CommandRuntime:
    """A program on trial as a runtime."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, and ask what it is.

        Raises `UnavailableError` if there is no such program, and `BackendLostError` if it does
        not say in time, by the protocol, what it is.
        """
        self._program = Conversation(command, "runtime")
        self.version = ""
        self.capabilities: frozenset[str] = frozenset()
        self._start()

    def _start(self) -> None:
        self._program.start()
        hello = self._program.ask(
            {"op": "hello", "protocol": PROTOCOL, "suite": "runtime"}, START_SECONDS
        )
        try:
            self._take_capabilities(hello)
        except MessageError as error:
            raise self._program.lose(Verdict.ERROR, f"hello: {error}") from error

    def _take_capabilities(self, hello: Mapping[str, Any]) -> None:
        if hello.get("outcome") != "hello" or hello.get("protocol") != PROTOCOL:
            told = {key: hello[key] for key in ("outcome", "protocol", "message") if key in hello}
            raise MessageError(f"expected hello and protocol {PROTOCOL}, not {told!r:.500}")
        if not isinstance(hello.get("name"), str) or not isinstance(hello.get("version"), str):
            raise MessageError("name and version must be strings")
        claimed = hello.get("capabilities", [])
        if not isinstance(claimed, list) or not all(isinstance(name, str) for name in claimed):
            raise MessageError("capabilities must be a list of strings")
        unknown = [name for name in claimed if name not in CAPABILITIES]
        if unknown:
            raise MessageError(f"unknown capability {unknown[0]!r:.80}")
        self.version = hello["version"]
        self.capabilities = frozenset(claimed)

    def close(self) -> None:
        """End the program."""
        self._program.close()

    def stop(self) -> None:
        """Kill the program, because it takes too long."""
        self._program.kill()

    # -- one run ---------------------------------------------------------------------------------

    def play(self, start: Start, stage: Stage) -> End:
        """Run a program once, and tell the stage what the adapter tells."""
        if not self._program.is_running:
            self._start()
        control = _Control(self.stop)
        stage.begin(control)
        before_start = control.take()
        stage.serve()
        request = {
            "op": "run",
            **_start_to_json(start),
            "start": before_start,
            "serve": control.take(),
        }
        answer = self._program.ask(request)
        while "event" in answer:
            try:
                told = _tell(stage, answer)
            except MessageError as error:
                raise self._program.lose(Verdict.ERROR, f"event: {error}") from error
            answer = self._program.ask({**told, "do": control.take()}, number=answer["id"])
        return self._end(answer)

    def replay(self, log: bytes, fuel: int | None) -> Replayed:
        """Run a log again."""
        if not self._program.is_running:
            self._start()
        limit = None if fuel is None else str(fuel)
        answer = self._program.ask({"op": "replay", "log": log.hex(), "fuel": limit})
        return self._read("replay", _replayed_from_json, answer)

    def _end(self, answer: Mapping[str, Any]) -> End:
        return self._read("run", _end_from_json, answer)

    def _read(
        self, op: str, read: Callable[[Mapping[str, Any]], T], answer: Mapping[str, Any]
    ) -> T:
        """Read the answer to a request, if it is none of those that each request may have."""
        match answer.get("outcome"):
            case "declined":
                raise Declined(str(answer.get("reason", ""))[:2000])
            case "error":
                raise EngineError(str(answer.get("message", ""))[:2000])
        try:
            return read(answer)
        except MessageError as error:
            raise self._program.lose(Verdict.ERROR, f"{op}: {error}") from error


class _Control:
    """Keeps what the host does until the adapter can be told."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._wanted: list[str] = []
        self.stop = stop

    def suspend(self) -> None:
        """Ask for suspension."""
        self._wanted.append("suspend")

    def kill(self) -> None:
        """End the program now."""
        self._wanted.append("kill")

    def cancel(self) -> None:
        """Cancel the context of the run."""
        self._wanted.append("cancel")

    def take(self) -> list[str]:
        """What has been asked for since the last time."""
        wanted, self._wanted = self._wanted, []
        return wanted


# -- messages --------------------------------------------------------------------------------------


def _start_to_json(start: Start) -> dict[str, Any]:
    return {
        "module": start.module.hex(),
        "entry": start.entry,
        **asdict(start.policy),
        "fuel": None if start.fuel is None else str(start.fuel),
        "services": [asdict(offer) for offer in start.services],
        "builtin": list(start.builtin),
        "connections": [data.hex() for data in start.connections],
        "state": None if start.state is None else start.state.hex(),
        "saved": [[item.name, item.buffer.hex()] for item in start.buffers.services],
        "input": start.buffers.input.hex(),
        "output": start.buffers.output.hex(),
        **({"record": True} if start.record else {}),
    }


def _tell(stage: Stage, event: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the stage what has happened, and the adapter what comes of it."""
    kind = event["event"]
    if kind == "debug":
        stage.debug(_bytes(event, "data"))
        return {}
    service = event.get("service")
    if not isinstance(service, str):
        raise MessageError("the service must be named")
    try:
        match kind:
            case "create":
                snapshot = event.get("snapshot")
                stage.created(service, None if snapshot is None else _bytes(event, "snapshot"))
                return {}
            case "start":
                return _response_to_json(stage.started(service))
            case "packet":
                packet = _bytes(event, "packet")
                if len(packet) < HEADER_SIZE:
                    raise MessageError(f"a packet has at least {HEADER_SIZE} bytes")
                return _response_to_json(stage.packet(service, packet))
            case "shutdown":
                saved = stage.shutdown(service, event.get("suspend") is True)
                return {"snapshot": saved.hex()}
    except KeyError:
        raise MessageError(f"no scripted service {service!r:.80}") from None
    raise MessageError(f"unknown event {kind!r:.80}")


def _response_to_json(response: Response) -> dict[str, Any]:
    return {
        "reply": None if response.reply is None else response.reply.hex(),
        "send": [packet.hex() for packet in response.send],
        "fail": response.fail,
        "abort": response.abort,
    }


def _end_from_json(answer: Mapping[str, Any]) -> End:
    if answer.get("outcome") == "refused":
        reason = answer.get("reason")
        if reason is not None and reason not in REFUSALS:
            raise MessageError(f"a program is refused for one of {REFUSALS}, not {reason!r:.80}")
        return End(refused=reason or UNTOLD, message=str(answer.get("message", ""))[:2000])
    if answer.get("outcome") != "ended":
        raise MessageError(f"run cannot have the outcome {answer.get('outcome')!r:.80}")
    trap, result = _ending(answer)
    connections = answer.get("connections", [])
    if not isinstance(connections, list):
        raise MessageError("connections must be a list")
    return End(
        trap=trap,
        result=result,
        message=str(answer.get("message", ""))[:2000],
        buffers=_buffers(answer) if "services" in answer else None,
        fuel=_fuel(answer),
        connections=tuple(_hex(item) for item in connections),
        state=_optional(answer, "state"),
        log=_optional(answer, "log"),
    )


def _replayed_from_json(answer: Mapping[str, Any]) -> Replayed:
    outcome = answer.get("outcome")
    if outcome not in REPLAYS:
        raise MessageError(f"a replay ends with one of {REPLAYS}, not {outcome!r:.80}")
    message = str(answer.get("message", ""))[:2000]
    call = answer.get("call")
    if outcome in ("stopped", "diverged") and type(call) is not int:
        raise MessageError(f"expected the number of a call, not {call!r:.80}")
    if outcome in ("refused", "diverged"):
        return Replayed(outcome, message, call)
    trap, result = _ending(answer) if outcome == "ended" else (None, None)
    return Replayed(
        outcome,
        message,
        call,
        trap,
        result,
        fuel=_fuel(answer),
        debug=_bytes(answer, "debug"),
        sent=_bytes(answer, "sent"),
        received=_bytes(answer, "received"),
        state=_optional(answer, "state"),
    )


def _ending(answer: Mapping[str, Any]) -> tuple[int, int | None]:
    trap, result = answer.get("trap"), answer.get("result")
    if type(trap) is not int or not 0 <= trap <= TrapID.KILLED:
        raise MessageError(f"expected a trap number, not {trap!r:.80}")
    if (trap == TrapID.EXIT) != (type(result) is int and 0 <= result <= 3):
        raise MessageError(f"with trap 0, and only then, a result is 0 to 3, not {result!r:.80}")
    return trap, result


def _fuel(answer: Mapping[str, Any]) -> int | None:
    fuel = answer.get("fuel")
    if fuel is not None and not (isinstance(fuel, str) and fuel.isascii() and fuel.isdigit()):
        raise MessageError(f"expected fuel as a decimal string, not {fuel!r:.80}")
    return None if fuel is None else int(fuel[:40])


def _buffers(data: Mapping[str, Any]) -> Buffers:
    services = data["services"]
    if not isinstance(services, list) or not all(
        isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in services
    ):
        raise MessageError("expected services as pairs of name and bytes")
    return Buffers(
        [Service(name, _hex(saved)) for name, saved in services],
        _bytes(data, "input"),
        _bytes(data, "output"),
    )


def _optional(data: Mapping[str, Any], name: str) -> bytes | None:
    return None if data.get(name) is None else _bytes(data, name)


def _bytes(data: Mapping[str, Any], name: str) -> bytes:
    return _hex(data.get(name))


def _hex(text: Any) -> bytes:
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        raise MessageError(f"expected bytes in hexadecimal, not {text!r:.80}") from None
