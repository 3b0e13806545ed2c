"""Example programs in the runtime: real workers, real services, connections that tests make up."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from example_programs import program
from refexec import image
from refexec.context import background
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.service import catalog, identity, origin, random
from refexec.service.protocols import Factory
from refexec.service.registry import Registry
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID

SECONDS = 60
"""For waiting on what must happen; only a failing test takes that long."""


class Sink:
    """Collects what is written to a connection, and tells when something was."""

    def __init__(self) -> None:
        self.content = b""
        self.closed = False
        self._changed = threading.Condition()

    def write(self, data: bytes) -> int:
        with self._changed:
            self.content += data
            self._changed.notify_all()
        return len(data)

    def close_write(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[Sink], bool]) -> None:
        """Wait until `condition` holds of this object."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), SECONDS)


class BrokenSink(Sink):
    """A connection whose other end is gone after so many bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def write(self, data: bytes) -> int:
        if len(self.content) >= self._size:
            raise BrokenPipeError
        return super().write(data)


class Trickle:
    """A connection that gives at most so many bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = io.BytesIO(content)
        self._size = size

    def read1(self, size: int) -> bytes:
        return self._content.read(min(size, self._size))


class Open:
    """A connection that gives its content, and then nothing for as long as the test goes on."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)
        self.end = threading.Event()

    def read1(self, size: int) -> bytes:
        data = self._content.read(size)
        if not data:
            self.end.wait()
        return data


@dataclass
class Run:
    """A program in the runtime, over one process or several one after another."""

    code: image.Program
    instance: image.Instance
    buffers: Buffers = field(default_factory=Buffers)
    debug: io.BytesIO = field(default_factory=io.BytesIO)
    trap: TrapID = TrapID.EXIT
    result: Result = field(default_factory=Result)

    @classmethod
    def of(cls, name: str, entry: str = "") -> Run:
        """An example that has not begun."""
        code = image.Program(program(name))
        return cls(code, image.Instance(code, entry=entry))

    @property
    def log(self) -> list[str]:
        """The lines of all debug text so far."""
        return self.debug.getvalue().decode().splitlines()

    def serve(
        self,
        *connections: tuple[Any, Any],
        services: Sequence[str] = ("origin", "catalog", "identity", "random"),
        fuel: int | None = None,
        meanwhile: Callable[[Process], None] | None = None,
        record: Any = None,
    ) -> None:
        """Run a process until it ends; `connections` are readers and writers, in their order.

        `meanwhile` is called on a thread of its own while the program runs.
        """
        ctx, cancel = background().with_timeout(SECONDS)
        connector = origin.Connector()
        registry = Registry()
        factories: dict[str, Factory] = {
            "origin": connector,
            "catalog": catalog.Catalog(registry),
            "identity": identity.Identity(),
            "random": random.Random(random.RandomConfig()),
        }
        for name in services:
            registry.register(factories[name])

        def connect() -> None:
            transfers = []
            for reader, writer in connections:
                transfer = connector.connect(ctx)
                if transfer is None:
                    break
                thread = threading.Thread(target=carry, args=(transfer, reader, writer))
                thread.start()
                transfers.append(thread)
            for thread in transfers:
                thread.join()

        def carry(transfer: Any, reader: Any, writer: Any) -> None:
            # What BrokenSink raises is reported to the host, which is this test.
            with contextlib.suppress(BrokenPipeError):
                transfer(ctx, reader, writer)

        with Executor() as executor, executor.new_process(ctx) as process:
            threads = [threading.Thread(target=connect)]
            if meanwhile is not None:
                threads.append(threading.Thread(target=meanwhile, args=(process,)))
            policy = ProcessPolicy(
                time_resolution=1000, debug_log=self.debug, fuel=fuel, record=record
            )
            process.start(self.code, self.instance, policy)
            for thread in threads:
                thread.start()
            try:
                self.result, self.trap = process.serve(ctx, registry, self.buffers)
            finally:
                connector.close()
                for thread in threads:
                    thread.join()
                cancel()
