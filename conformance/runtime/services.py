"""The services of a case as refexec's services, for runtimes that are made of its parts."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from typing import Any

from refexec_conformance.runtime.backend import Offer, Response, Stage, Start

from refexec.context import Context
from refexec.errors import ProgramError
from refexec.packet import Packet, Thunk
from refexec.runtime.protocols import Sender
from refexec.service import (
    Abort,
    Catalog,
    Connector,
    Factory,
    Identity,
    InstanceBase,
    InstanceConfig,
    Properties,
    Random,
    RandomConfig,
    Registry,
)

BUILTIN = frozenset({"origin", "catalog", "random", "identity"})
"""The services of refexec's own that cases may ask for."""


class ServiceFault(Exception):
    """A scripted service fails, as its script says."""


class Quiet(Registry):
    """A registry whose services never fail outside of a call: it needs no slot for such errors."""

    def create_server(self, *arguments: Any) -> tuple[Any, Any, None]:
        """Make the server of one process."""
        server, states, _ = super().create_server(*arguments)
        return server, states, None


class Services:
    """The services of one run, and its connections."""

    def __init__(self, start: Start, stage: Stage) -> None:
        # Without services both kinds of registries do, and the runtime has to cope with either.
        self.registry = Registry() if start.services or start.builtin else Quiet()
        for offer in start.services:
            self.registry.register(ScriptedFactory(offer, stage))
        self._connector = Connector()
        builtin: dict[str, Factory] = {
            "origin": self._connector,
            "catalog": Catalog(self.registry),
            "random": Random(RandomConfig()),
            "identity": Identity(),
        }
        for name in start.builtin:
            self.registry.register(builtin[name])
        self._inputs = start.connections
        self._outputs = [io.BytesIO() for _ in start.connections]
        self._threads: list[threading.Thread] = []

    def connect(self, ctx: Context) -> None:
        """Offer the connections, one after the other, on a thread of its own."""
        if self._inputs:
            self._threads.append(threading.Thread(target=self._offer, args=(ctx,), daemon=True))
            self._threads[0].start()

    def _offer(self, ctx: Context) -> None:
        for source, sink in zip(self._inputs, self._outputs, strict=True):
            transfer = self._connector.connect(ctx)
            if transfer is None:
                return
            thread = threading.Thread(
                target=transfer, args=(ctx, io.BytesIO(source), _Kept(sink)), daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def finish(self) -> tuple[bytes, ...]:
        """Wait for the connections; what each has got from the program."""
        self._connector.close()
        for thread in self._threads:
            thread.join()
        return tuple(sink.getvalue() for sink in self._outputs)


class _Kept:
    """A sink that can still be looked at after it was closed."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        """Take all of it."""
        return self._sink.write(data)

    def close(self) -> None:
        """Do nothing."""


class ScriptedFactory:
    """A scripted service."""

    def __init__(self, offer: Offer, stage: Stage) -> None:
        self.properties = Properties(offer.name, "0", offer.streams)
        self._offer = offer
        self._stage = stage

    def discoverable(self, ctx: Context) -> bool:
        """As the case says."""
        return self._offer.discoverable

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> ScriptedInstance:
        """Make an instance."""
        self._stage.created(self._offer.name, snapshot)
        return ScriptedInstance(self._offer.name, self._stage)


class ScriptedInstance(InstanceBase):
    """A scripted service, as one program sees it."""

    def __init__(self, name: str, stage: Stage) -> None:
        self._name = name
        self._stage = stage
        self._abort: Abort | None = None
        self._threads: list[threading.Thread] = []

    def start(self, ctx: Context, send: Sender, abort: Abort) -> None:
        """Do what the script says for the beginning."""
        self._abort = abort
        self._obey(ctx, send, self._stage.started(self._name))

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Do what the script says about a packet."""
        response = self._stage.packet(self._name, bytes(packet))
        self._obey(ctx, send, response)
        return None if response.reply is None else Packet(response.reply)

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        """Give up sending, and save what the script says."""
        for thread in self._threads:
            thread.join()
        return self._stage.shutdown(self._name, suspend)

    def _obey(self, ctx: Context, send: Sender, response: Response) -> None:
        if response.fail == "program":
            raise ProgramError("the service blames the program")
        if response.fail is not None:
            raise ServiceFault("the service fails")
        if response.abort and self._abort is not None:
            self._abort(ServiceFault("the service gives up"))
        if response.send:
            before = self._threads[-1] if self._threads else None
            thread = threading.Thread(
                target=_send_all, args=(ctx, send, response.send, before), daemon=True
            )
            self._threads.append(thread)
            thread.start()


def _send_all(
    ctx: Context, send: Sender, packets: Sequence[bytes], before: threading.Thread | None
) -> None:
    """Offer packets in order, after those that were to be sent before."""
    if before is not None:
        before.join()
    for packet in packets:
        if not send.send(Thunk.of(Packet(packet)), ctx):
            return
