"""The serve loop: packets between one program and its services, in one thread.

The loop waits, with one selector, for the packet stream to become readable or writable, and for a
wake-up: a service that has something to send or has failed, the worker's death, a request to
suspend. What it guarantees:

* Packets of the program are handled strictly in the order in which it wrote them, one at a time.
* Packets for the program (*events*) arrive in the order in which they were queued, and a reply to
  a packet is queued before anything that a service offers later.
* Back-pressure: the packet being written and a short queue is all that is ever held. While an
  event has to wait, nothing that a service offers is evaluated and nothing more is read from the
  program. So a program that does not read cannot fill the host's memory.
* When the program has ended, whatever it had written is still handled.

Not here: what the packets mean to services, and how a program's end is judged (`process`).
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from refexec.context import Context
from refexec.discovery import make_services_packet, parse_discovery
from refexec.errors import PacketError
from refexec.packet import (
    DATA_HEADER_SIZE,
    HEADER_SIZE,
    MAX_PACKET_SIZE,
    Code,
    Domain,
    Packet,
)
from refexec.runtime.channels import ErrorSlot, SendQueue
from refexec.runtime.fairness import Account, serving
from refexec.runtime.protocols import (
    InstanceServer,
    ServiceConfig,
    ServiceRegistry,
    ServiceState,
)
from refexec.runtime.wakeup import WakeUp
from refexec.runtime.wire import PacketReader, complete_input, encode
from refexec.snapshot import Buffers

_log = logging.getLogger("refexec")

_RECEIVE_SIZE = 65536


class Served(Protocol):
    """What the loop has to know of a running program. `refexec.runtime.subject.Subject` is one."""

    @property
    def packets(self) -> socket.socket:
        """The loop's end of the packet stream, non-blocking."""
        ...

    @property
    def worker_packets(self) -> socket.socket:
        """The program's end: after its death it gives what was never read."""
        ...

    @property
    def exited(self) -> threading.Event:
        """Set when the program is dead."""
        ...

    def on_exit(self, callback: Callable[[], None] | None) -> None:
        """Have `callback` called when that is set; at once if it is."""
        ...


class ServeLoop:
    """Serves one subject until its packet stream ends.

    `suspend_wanted` is asked after each wake-up, and `suspend` called once when it or the context
    says so. `finish` makes sure that the subject is dead, and returns when it is.
    """

    def __init__(
        self,
        subject: Served,
        *,
        suspend_wanted: Callable[[], bool],
        suspend: Callable[[], None],
        finish: Callable[[], None],
    ) -> None:
        self._subject = subject
        self._suspend_wanted = suspend_wanted
        self._suspend = suspend
        self._finish = finish
        self._wakeup = WakeUp()
        self._outbox = SendQueue()
        self._reader = PacketReader()
        self._messages: deque[Packet] = deque()  # saved by an earlier run
        self._events: deque[bytes] = deque()  # waiting for the one that is being written
        self._writing = memoryview(b"")
        self._service_count = 0
        self._suspended = False
        self._stream_ended = False
        self._keep_buffers = False
        self._polled = 0
        self._account = Account()

    def wake(self) -> None:
        """Have the loop look at everything again. Any thread may call it, also after the end."""
        self._wakeup.wake()

    def run(self, ctx: Context, registry: ServiceRegistry, buffers: Buffers | None) -> None:
        """Serve. `buffers` are consumed, and refilled with what is left at the end.

        Raises whatever a service or its registry raises, and `PacketError` if the program breaks
        the rules for packets; then no services are left in `buffers`, and bytes only if the
        program's stream had ended before or is beyond repair.
        """
        saved = Buffers()
        if buffers is not None:
            saved = Buffers(buffers.services, buffers.input, buffers.output)
            buffers.services, buffers.input, buffers.output = [], b"", b""
        try:
            with serving():
                self._run(ctx, registry, saved, buffers)
        finally:
            self._outbox.on_waiting(None)
            self._outbox.close()
            self._wakeup.close()

    def _run(
        self,
        ctx: Context,
        registry: ServiceRegistry,
        saved: Buffers,
        buffers: Buffers | None,
    ) -> None:
        server, states, errors = registry.create_server(
            ctx, ServiceConfig(MAX_PACKET_SIZE), saved.services, self._outbox
        )
        inner, cancel = ctx.with_cancel()
        try:
            with self._hooks(inner, errors):
                server.start(inner, self._outbox)
                self._restore(states, saved)
                self._loop(inner, server, errors)
                self._collect(buffers)
        except BaseException:
            cancel()
            self._finish()
            if self._stream_ended or self._keep_buffers:
                self._collect(buffers)
            self._outbox.close()
            try:
                server.shutdown(inner, False)
            except Exception:
                # The first error is the one that counts.
                _log.warning("services failed to shut down after an error", exc_info=True)
            raise
        cancel()
        self._outbox.close()
        services = server.shutdown(inner, buffers is not None)
        if buffers is not None:
            buffers.services = list(services)

    @contextlib.contextmanager
    def _hooks(self, ctx: Context, errors: ErrorSlot | None) -> Iterator[None]:
        """Have the loop woken up by everything that it looks at."""
        self._outbox.on_waiting(self.wake)
        self._subject.on_exit(self.wake)
        if errors is not None:
            errors.on_event(self.wake)
        forget = ctx.add_done_callback(self.wake)
        try:
            yield
        finally:
            forget()
            if errors is not None:
                errors.on_event(None)
            self._subject.on_exit(None)

    # -- begin and end ---------------------------------------------------------------------------

    def _restore(self, states: Sequence[ServiceState], saved: Buffers) -> None:
        """Go on where an earlier run of the program has stopped."""
        self._service_count = len(states)
        self._reader = PacketReader(saved.output)
        try:
            while (packet := self._reader.next()) is not None:
                self._messages.append(packet)
        except PacketError:
            raise PacketError("buffered packet has invalid size") from None
        for packet in self._messages:
            if packet.code < 0:
                raise PacketError(f"invalid code in buffered packet: {packet.code}")
            self._check_message(packet, packet.code)
        if saved.input:
            self._events.append(complete_input(saved.input))
        if states:
            self._queue_states(Domain.INFO, states)

    def _collect(self, buffers: Buffers | None) -> None:
        """Keep what is on its way in either direction, when the subject is dead."""
        self._finish()
        if buffers is None:
            return
        unread = bytearray()
        with contextlib.suppress(BlockingIOError):
            while chunk := self._subject.worker_packets.recv(_RECEIVE_SIZE):
                unread += chunk
        buffers.input = bytes(unread) + bytes(self._writing) + b"".join(self._events)
        buffers.output = self._reader.rest

    # -- the loop --------------------------------------------------------------------------------

    def _loop(self, ctx: Context, server: InstanceServer, errors: ErrorSlot | None) -> None:
        poller = select.poll()
        poller.register(self._wakeup.fileno(), select.POLLIN)
        self._wakeup.wake()  # to look around at first
        dead = False
        while True:
            if self._wakeup.clear():
                # Before anything is read: what a dead subject wrote is all there by then.
                dead = self._subject.exited.is_set()
                self._look_around(ctx, errors)
            while self._messages:
                self._handle(ctx, server, self._messages.popleft())
            self._write()
            took = self._take_packet(ctx, server, dead or self._stream_ended)
            took = self._take_thunk() or took
            if took:
                self._account.breathe()
                continue
            if self._stream_ended:
                return
            if dead:
                self._stream_ended = not self._read()
            else:
                self._wait(poller)

    def _look_around(self, ctx: Context, errors: ErrorSlot | None) -> None:
        """Obey requests that came from outside."""
        if errors is not None:
            error = errors.poll()
            if error is not None:
                raise error
        if not self._suspended and (self._suspend_wanted() or ctx.err is not None):
            self._suspended = True
            self._suspend()

    def _take_packet(self, ctx: Context, server: InstanceServer, over: bool) -> bool:
        """Handle the next packet of the program, if there is one and it is its turn."""
        if self._events and not over:
            return False
        try:
            packet = self._reader.next()
        except PacketError:
            self._keep_buffers = True
            raise
        if packet is None:
            return False
        code = packet.code
        if code < Code.SERVICES:
            raise PacketError(f"invalid code in incoming packet: {code}")
        if code == Code.SERVICES:
            names = parse_discovery(packet, self._service_count)
            states = server.discover(ctx, names)
            self._service_count = len(states)
            self._queue_states(Domain.CALL, states)
        else:
            self._check_message(packet, code)
            self._handle(ctx, server, packet)
        return True

    def _check_message(self, packet: Packet, code: int) -> None:
        """Check a packet for a service, in the order that decides which fault is reported."""
        if code >= self._service_count:
            raise PacketError(f"invalid service code in packet: {code}")
        domain = packet.domain
        if domain > Domain.DATA:
            raise PacketError(f"invalid domain in packet: {domain}")
        if domain == Domain.DATA and len(packet) < DATA_HEADER_SIZE:
            raise PacketError(f"data packet is too short: {len(packet)} bytes")

    def _handle(self, ctx: Context, server: InstanceServer, packet: Packet) -> None:
        self._queue(server.handle(ctx, self._outbox, packet))

    def _take_thunk(self) -> bool:
        """Evaluate what a service offers, if there is something and it can be queued."""
        if self._events:
            return False
        thunk = self._outbox.take_nowait()
        if thunk is None:
            return False
        packet, error = thunk()
        self._queue(packet)
        if error is not None:
            raise error
        return True

    # -- events ----------------------------------------------------------------------------------

    def _queue(self, packet: Packet | None) -> None:
        """Queue a packet of a service. None and an empty one mean: nothing."""
        if packet is None or not len(packet):
            return
        if len(packet) >= HEADER_SIZE and packet.code < 0:
            raise ValueError(f"service sent a packet with invalid code: {packet.code}")
        self._events.append(encode(packet))

    def _queue_states(self, domain: Domain, states: Sequence[ServiceState]) -> None:
        self._events.append(encode(make_services_packet(domain, [s.flags for s in states])))

    def _write(self) -> None:
        """Write events as far as the stream takes them."""
        while (self._writing or self._events) and not self._stream_ended:
            if not self._writing:
                self._writing = memoryview(self._events.popleft())
            try:
                sent = self._subject.packets.send(self._writing)
            except BlockingIOError:
                return
            except BrokenPipeError:
                # The worker has closed its end, which no worker of ours does while it lives.
                self._stream_ended = True
                return
            self._writing = self._writing[sent:]

    def _read(self) -> bool:
        """Read what the program has written. Returns whether there was anything."""
        try:
            data = self._subject.packets.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return False
        if not data:
            self._stream_ended = True
        self._reader.feed(data)
        return bool(data)

    def _wait(self, poller: select.poll) -> None:
        """Sleep until something can be done."""
        wanted = 0 if self._events else select.POLLIN
        if self._writing:
            wanted |= select.POLLOUT
        packets = self._subject.packets.fileno()
        if wanted != self._polled:
            self._polled = wanted
            if wanted:
                poller.register(packets, wanted)
            else:
                poller.unregister(packets)
        ready = poller.poll()
        self._account.rested()
        for descriptor, events in ready:
            # An end or an error is found by reading, or by writing.
            if descriptor == packets and wanted & select.POLLIN and events & ~select.POLLOUT:
                self._read()
