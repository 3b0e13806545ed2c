"""A serve loop without a process: tests play the program and see what services send to it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from refexec.context import Context, background
from refexec.packet import (
    MAX_PACKET_SIZE,
    DataPacket,
    Domain,
    FlowPacket,
    Packet,
    make_call,
    make_data,
    make_flow,
    make_info,
)
from refexec.runtime.channels import SendQueue
from refexec.runtime.protocols import ServiceConfig, ServiceRegistry
from refexec.snapshot import Service

WAIT = 30.0
"""Seconds after which a test that waits has failed; nothing normally waits for long."""


class World:
    """The services of one program, and the program's view of them."""

    def __init__(
        self,
        registry: ServiceRegistry,
        services: Sequence[Service] = (),
        ctx: Context | None = None,
    ) -> None:
        self.queue = SendQueue()
        self._offered = threading.Semaphore(0)
        self.queue.on_waiting(self._offered.release)
        self._replies: deque[Packet] = deque()
        outer = ctx or background()
        self.ctx, self._cancel = outer.with_cancel()
        self.server, states, self.errors = registry.create_server(
            outer, ServiceConfig(MAX_PACKET_SIZE), services, self.queue
        )
        self.states = [state.avail for state in states]
        self.server.start(self.ctx, self.queue)

    # -- the program -----------------------------------------------------------------------------

    def discover(self, *names: str) -> list[bool]:
        return [state.avail for state in self.server.discover(self.ctx, names)]

    def send(self, packet: Packet) -> None:
        """Send a packet from the program."""
        packet.set_size()
        reply = self.server.handle(self.ctx, self.queue, packet)
        if reply is not None and len(reply):
            self._replies.append(reply)

    def call(self, content: bytes = b"", code: int = 0) -> None:
        packet = make_call(code)
        packet.content = content
        self.send(packet)

    def info(self, content: bytes = b"", code: int = 0) -> None:
        packet = make_info(code)
        packet.content = content
        self.send(packet)

    def flow(self, stream_id: int, value: int, code: int = 0) -> None:
        self.send(make_flow(code, stream_id, value))

    def data(self, stream_id: int, content: bytes, code: int = 0) -> None:
        packet = make_data(code, stream_id, len(content))
        packet.data_content = content
        self.send(packet)

    def receive(self, timeout: float = WAIT) -> Packet:
        """The next packet for the program, replies first."""
        if self._replies:
            return self._replies.popleft()
        while self._offered.acquire(timeout=timeout):
            thunk = self.queue.take_nowait()
            if thunk is None:
                continue  # withdrawn in the meantime
            packet, error = thunk()
            if error is not None:
                raise error
            if packet is not None and len(packet):
                return packet
        raise TimeoutError("no packet came")

    def receive_flow(self) -> tuple[int, int]:
        packet = self.receive()
        assert packet.domain == Domain.FLOW
        flow = FlowPacket(packet.data).at(0)
        assert len(packet) == 16
        return flow.id, flow.value

    def receive_data(self) -> tuple[int, bytes]:
        packet = self.receive()
        assert packet.domain == Domain.DATA
        data = DataPacket(packet.data)
        assert data.note == 0
        return data.id, data.data_content

    @property
    def quiet(self) -> bool:
        """Whether nothing is offered to the program at this moment."""
        return not self._replies and not self.queue.waiting()

    # -- the runtime -----------------------------------------------------------------------------

    def end(self, suspend: bool = True) -> list[Service]:
        """End the process, in the order in which the serve loop does it."""
        self._cancel()
        self.queue.close()
        return list(self.server.shutdown(self.ctx, suspend))


class Background:
    """A call on a thread of its own; `result` waits for it, and raises what it raised."""

    def __init__(self, call: Callable[..., Any], *args: object) -> None:
        self._call = call
        self._args = args
        self._value: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._call(*self._args)
        except BaseException as error:
            self._error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def result(self) -> Any:
        self._thread.join(WAIT)
        if self._thread.is_alive():
            raise TimeoutError("the call does not return")
        if self._error is not None:
            raise self._error
        return self._value
