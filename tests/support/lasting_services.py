"""Services for the examples that outlive every suspension: all they know is in one plain record.

Unlike the services of refexec they use no threads, no clock and no real randomness, and their
connections survive. So the same program with the same services says the same, however often it
is suspended, and any difference is the fault of the suspension. `Services` decides; `SimulatedHost`
here lets a program talk to it within one process; `LastingRegistry` brings it to real processes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from typing import Any

from refexec.context import Context
from refexec.discovery import make_services_packet, parse_discovery
from refexec.packet import (
    Code,
    DataPacket,
    Domain,
    FlowPacket,
    Packet,
    Thunk,
    align,
    make_call,
    make_data,
    make_data_eof,
    make_flow,
    make_flow_eof,
)
from refexec.runtime.channels import ErrorSlot
from refexec.runtime.protocols import Sender, ServiceConfig, ServiceState
from refexec.snapshot import Service, codec

AVAILABLE = ("origin", "catalog", "identity", "random", "shout")

CONTENT = bytes(range(256)) * 5 + b"the end"
"""What the program can read from its connection."""

ROOM = 300
"""Bytes that a connection takes at first, and the most that it gives in one packet."""

RANDOM_DELAY = 250_000_000
"""Nanoseconds after which the random service answers in the simulation."""

CATALOG = json.dumps({"services": [{"name": name} for name in AVAILABLE]}, indent=1).encode()


class Services:
    """What the services have been told, and what they say to it."""

    def __init__(self, record: dict[str, Any] | None = None) -> None:
        self.record = record or {
            "names": [],
            "received": b"",
            "given": 0,
            "streams": 0,
            "read_end": False,
            "randoms": 0,
        }

    @property
    def received(self) -> bytes:
        """What the program has written to its connections."""
        content: bytes = self.record["received"]
        return content

    def states(self) -> list[int]:
        """State byte of each discovered service."""
        return [int(name in AVAILABLE) for name in self.record["names"]]

    def answer(self, packet: Packet) -> list[tuple[int, Packet]]:
        """What a packet leads to: pairs of a delay in nanoseconds and a packet."""
        name = self.record["names"][packet.code]
        if name == "origin":
            return [(0, reply) for reply in self._origin(packet)]
        if name == "catalog":
            return [(0, _call(packet.code, CATALOG))]
        if name == "shout":
            return [(0, _call(packet.code, bytes(packet.content).upper()))]
        assert name == "random"
        assert len(packet.content) == 1
        self.record["randoms"] += 1
        stream = hashlib.sha256(b"dice %d" % self.record["randoms"]).digest()
        return [(RANDOM_DELAY, _call(packet.code, stream[: packet.content[0]]))]

    def _origin(self, packet: Packet) -> list[Packet]:
        record, code = self.record, packet.code
        if packet.domain == Domain.CALL:
            stream = record["streams"]
            record["streams"] += 1
            reply = stream.to_bytes(4, "little") + bytes(4)
            return [_call(code, reply), make_flow(code, stream, ROOM)]
        if packet.domain == Domain.DATA:
            data = DataPacket(packet.data)
            if data.eof:
                return [make_flow_eof(code, data.id)]
            record["received"] += data.data_content
            return [make_flow(code, data.id, data.data_len)]
        replies: list[Packet] = []
        for flow in FlowPacket(packet.data).flows():
            wanted = flow.value
            while wanted > 0 and record["given"] < len(CONTENT):
                size = min(wanted, ROOM, len(CONTENT) - record["given"])
                piece = make_data(code, flow.id, size)
                piece.data_content = CONTENT[record["given"] : record["given"] + size]
                record["given"] += size
                wanted -= size
                replies.append(piece)
            if flow.value > 0 and record["given"] == len(CONTENT) and not record["read_end"]:
                record["read_end"] = True
                replies.append(make_data_eof(code, flow.id))
        return replies


def _call(code: int, content: bytes) -> Packet:
    packet = make_call(code)
    packet.content = content
    return packet


def wire(packet: Packet) -> bytes:
    """A packet as it is in the stream."""
    packet.set_size()
    return bytes(packet) + bytes(align(len(packet)) - len(packet))


# -- within one process --------------------------------------------------------------------------


class SimulatedHost:
    """A channel and a clock for the ABI, as plain as the services behind them.

    Bytes come and go in crumbs, so that packets are cut in every way. Time stands still, except
    that waiting makes it later. Implements `refexec.abi.Channel` and `refexec.abi.Clock`.
    """

    suspended = False

    READ, WRITE = 100, 44
    """Bytes that are moved at a time at most."""

    def __init__(self, record: dict[str, Any] | None = None) -> None:
        record = record or {
            "services": None,
            "due": [],
            "input": b"",
            "output": b"",
            "now": 1 << 20,
        }
        self.services = Services(record["services"])
        self.due: list[list[Any]] = [list(item) for item in record["due"]]
        self.input: bytes = record["input"]
        self.output: bytes = record["output"]
        self.now: int = record["now"]
        self.packets: list[bytes] = []
        self.log = b""

    def freeze(self) -> dict[str, Any]:
        """All but what the program has already said."""
        return {
            "services": self.services.record,
            "due": self.due,
            "input": self.input,
            "output": self.output,
            "now": self.now,
        }

    def realtime(self, coarse: bool) -> int:
        return 1_000_000 * 1024 * 1_000_000 + self.now

    def monotonic(self, coarse: bool) -> int:
        return self.now

    def debug(self, data: bytes) -> None:
        self.log += data

    def read(self, size: int) -> bytes:
        self._deliver()
        data = self.input[: min(size, self.READ)]
        self.input = self.input[len(data) :]
        return data

    def write(self, data: bytes) -> int:
        taken = data[: self.WRITE]
        self.output += taken
        while len(self.output) >= 8:
            size = int.from_bytes(self.output[:4], "little")
            if len(self.output) < align(size):
                break
            packet = self.output[:size]
            self.output = self.output[align(size) :]
            self.packets.append(packet)
            self._handle(Packet(packet))
        return len(taken)

    def _handle(self, packet: Packet) -> None:
        services = self.services
        if packet.code == Code.SERVICES:
            services.record["names"] += parse_discovery(packet)
            self.due.append([self.now, wire(make_services_packet(Domain.CALL, services.states()))])
            return
        for delay, reply in services.answer(packet):
            self.due.append([self.now + delay, wire(reply)])

    def _deliver(self) -> None:
        while self.due and self.due[0][0] <= self.now:
            self.input += self.due.pop(0)[1]

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        self._deliver()
        if not want_output and not (want_input and self.input):
            wakes = [self.due[0][0]] if want_input and self.due else []
            if timeout_ns is not None:
                wakes.append(self.now + timeout_ns)
            assert wakes, "the program waits for what will never come"
            self.now = min(wakes)
            self._deliver()
        return want_input and bool(self.input), want_output


# -- in real processes ---------------------------------------------------------------------------


class LastingRegistry:
    """A registry for `Process.serve`. What its services know travels in their saved states."""

    def create_server(
        self, ctx: Context, config: ServiceConfig, services: Sequence[Service], send: Sender
    ) -> tuple[LastingServer, list[ServiceState], ErrorSlot | None]:
        server = LastingServer(services)
        return server, server.states(), None


class LastingServer:
    """The services of one run. What is to be sent is sent by a thread, in order."""

    def __init__(self, saved: Sequence[Service]) -> None:
        state: Any = codec.loads(saved[0].buffer) if saved else {"services": None, "unsent": []}
        self.services = Services(state["services"])
        self._unsent: list[bytes] = list(state["unsent"])
        self._changed = threading.Condition()
        self._ended = False
        self._thread: threading.Thread | None = None

    def states(self) -> list[ServiceState]:
        return [ServiceState(state) for state in self.services.states()]

    def start(self, ctx: Context, send: Sender) -> None:
        self._thread = threading.Thread(target=self._send, args=(ctx, send))
        self._thread.start()

    def _send(self, ctx: Context, send: Sender) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unsent or self._ended)
                if self._ended:
                    return
                packet = self._unsent[0]
            if not send.send(Thunk.of(Packet(packet)), ctx):
                return
            with self._changed:
                del self._unsent[0]

    def discover(self, ctx: Context, new_names: Sequence[str]) -> list[ServiceState]:
        self.services.record["names"] += new_names
        return self.states()

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        replies = self.services.answer(packet)
        for _, reply in replies:
            reply.set_size()
        with self._changed:
            self._unsent += [bytes(reply) for _, reply in replies]
            self._changed.notify_all()
        return None

    def shutdown(self, ctx: Context, suspend: bool) -> list[Service]:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        names = self.services.record["names"]
        state = codec.dumps({"services": self.services.record, "unsent": self._unsent})
        # The first one keeps everything.
        return [Service(name, b"" if index else state) for index, name in enumerate(names)]
