"""The kit's side of one run: scripted services, host actions, and what was observed.

A runtime calls it from any of its threads. Nothing here waits: an action is done as soon as what
it waits for is told.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from refexec_conformance.runtime.backend import Control, Response
from refexec_conformance.runtime.case import Action, Data, Rule, Run
from refexec_conformance.runtime.content import parse_bytes

from refexec.packet import HEADER_SIZE, Domain, Packet, make, make_data

_DOMAINS = {"call": Domain.CALL, "info": Domain.INFO, "flow": Domain.FLOW, "data": Domain.DATA}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a service."""

    kind: str
    """`create`, `packet` or `shutdown`."""

    service: str
    data: bytes | None = None
    """The saved state that it was made of, or the packet."""

    suspend: bool | None = None
    """With `shutdown`: whether it is to save something."""


class ScriptedStage:
    """The stage for one run of a case."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.RLock()
        self._control: Control | None = None
        self._pending = list(run.actions)
        self._packets: Counter[str] = Counter()
        self._overdue = False
        self.events: list[Event] = []
        self.text = b""
        """The debug text so far."""

    # -- what the runtime tells ------------------------------------------------------------------

    def begin(self, control: Control) -> None:
        """The program is about to be handed over."""
        with self._lock:
            self._control = control
            if self._overdue:
                control.stop()
            self._act(lambda action: action.moment == "start")

    def serve(self) -> None:
        """Its packets will be moved from now on."""
        with self._lock:
            self._act(lambda action: action.moment == "serve")

    def created(self, service: str, snapshot: bytes | None) -> None:
        """An instance is made."""
        with self._lock:
            self.events.append(Event("create", service, snapshot))

    def started(self, service: str) -> Response:
        """An instance may send from now on."""
        with self._lock:
            return self._respond(service, "start", None)

    def packet(self, service: str, packet: bytes) -> Response:
        """A service gets a packet."""
        with self._lock:
            self.events.append(Event("packet", service, packet))
            self._packets[service] += 1
            count = self._packets[service]
            self._act(
                lambda action: (
                    action.moment == "packet"
                    and action.service == service
                    and action.count == count
                )
            )
            return self._respond(service, "packet", packet)

    def shutdown(self, service: str, suspend: bool) -> bytes:
        """An instance ends."""
        with self._lock:
            self.events.append(Event("shutdown", service, suspend=suspend))
            return self._run.services[service].snapshot if suspend else b""

    def debug(self, data: bytes) -> None:
        """The program has written debug text."""
        with self._lock:
            self.text += data
            self._act(lambda action: action.moment == "debug" and action.text in self.text)

    # -- what the kit does -----------------------------------------------------------------------

    def stop(self) -> None:
        """End the run because it takes too long."""
        with self._lock:
            self._overdue = True
            if self._control is not None:
                self._control.stop()

    @property
    def overdue(self) -> bool:
        """Whether `stop` was called."""
        return self._overdue

    @property
    def left_out(self) -> tuple[Action, ...]:
        """Actions whose moment has not come."""
        return tuple(self._pending)

    def _act(self, due: Callable[[Action], bool]) -> None:
        for action in [action for action in self._pending if due(action)]:
            self._pending.remove(action)
            if self._control is not None:
                getattr(self._control, action.do)()

    def _respond(self, service: str, what: str, packet: bytes | None) -> Response:
        rule = self._rule(service, what, packet)
        if rule is None:
            return Response()
        code = 0 if packet is None else Packet(packet).code
        reply = None if rule.reply is None else _make(rule.reply, code, packet)
        send = tuple(_make(item, code, packet) for item in rule.send for _ in range(_times(item)))
        return Response(reply, send, rule.fail, rule.abort)

    def _rule(self, service: str, what: str, packet: bytes | None) -> Rule | None:
        whats = {what}
        if packet is not None:
            whats |= {name for name, number in _DOMAINS.items() if number == Packet(packet).domain}
        for rule in self._run.services[service].rules:
            if rule.on in whats and rule.nth in (None, self._packets[service]):
                return rule
        return None


def _times(item: Data) -> int:
    times: int = item.get("times", 1)
    return times


def _make(item: Data, code: int, packet: bytes | None) -> bytes:
    """A packet of a script, as bytes."""
    if item.get("same"):
        assert packet is not None
        return packet
    if "packet" in item:
        return parse_bytes(item["packet"])
    content = parse_bytes(item.get("content", ""))
    if "stream" in item:
        data = make_data(code, item["stream"], len(content))
        data.data_content = content
        data.set_size()
        return bytes(data)
    made = make(code, _DOMAINS[item.get("domain", "call")], HEADER_SIZE + len(content))
    made.content = content
    made.set_size()
    return bytes(made)
