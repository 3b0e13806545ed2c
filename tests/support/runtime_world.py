"""Programs, services and helpers for tests that run real processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assemble import assemble
from refexec import image
from refexec.context import Context
from refexec.discovery import make_discovery
from refexec.packet import Packet, align
from refexec.runtime.channels import ErrorSlot
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.runtime.protocols import Sender, ServiceConfig, ServiceState
from refexec.snapshot import Buffers, Service
from refexec.trap import Result, TrapID

SECONDS = 20.0
"""How long a test waits for something that should come at once."""

_LIBRARY = """
  (import "gate" "io_65536" (func $io (param i32 i32 i32 i32 i32 i32 i64 i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 8)
  (func $send (param $at i32) (param $size i32)
    (loop $more
      (if (local.get $size) (then
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $size))
        (call $io (i32.const 0) (i32.const 0) (i32.const 8)
          (i32.const 0) (i32.const 1) (i32.const 12) (i64.const -1) (i32.const 0))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 12))))
        (local.set $size (i32.sub (local.get $size) (i32.load (i32.const 12))))
        (br $more)))))
  (func $receive (param $at i32) (param $size i32)
    (loop $more
      (if (local.get $size) (then
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $size))
        (call $io (i32.const 0) (i32.const 1) (i32.const 8)
          (i32.const 0) (i32.const 0) (i32.const 12) (i64.const -1) (i32.const 0))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
        (local.set $size (i32.sub (local.get $size) (i32.load (i32.const 8))))
        (br $more)))))
  (func $log (param $at i32) (param $size i32)
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $size))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 12))))
  (func $forever (loop $again (br $again)))
"""

_FREE = 1024
_RECEIVED = 4 << 16
"""Where `receive` puts bytes. The library uses 0..23, sent bytes are in between."""


@dataclass
class Script:
    """A guest program written as a list of steps."""

    code: list[str] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)

    def _place(self, content: bytes) -> str:
        at = _FREE + len(self.data)
        self.data += content
        return f"(i32.const {at}) (i32.const {len(content)})"

    def send(self, content: bytes) -> Script:
        """Write bytes to the packet stream."""
        self.code.append(f"(call $send {self._place(content)})")
        return self

    def receive(self, size: int) -> Script:
        """Wait for so many bytes of the packet stream, and write them to the debug log."""
        self.code.append(f"(call $receive (i32.const {_RECEIVED}) (i32.const {size}))")
        self.code.append(f"(call $log (i32.const {_RECEIVED}) (i32.const {size}))")
        return self

    def log(self, content: bytes) -> Script:
        """Write bytes to the debug log."""
        self.code.append(f"(call $log {self._place(content)})")
        return self

    def forever(self) -> Script:
        """Loop without end."""
        self.code.append("(call $forever)")
        return self

    def wat(self, code: str) -> Script:
        """Anything else."""
        self.code.append(code)
        return self

    def program(self, *, export: str = "main", extra: str = "", imports: str = "") -> image.Program:
        """The program whose function `export` takes these steps."""
        text = "".join(f"\\{byte:02x}" for byte in self.data)
        body = "\n    ".join(self.code)
        return image.Program(
            assemble(
                f'(module {imports} {_LIBRARY} {extra}\n  (data (i32.const {_FREE}) "{text}")\n'
                f'  (func ${export} (export "{export}")\n    {body}))'
            )
        )


def program(wat: str) -> image.Program:
    """A program from text."""
    return image.Program(assemble(wat))


def padded(packet: bytes) -> bytes:
    """A packet as it is in the stream."""
    return packet + bytes(align(len(packet)) - len(packet))


def disc(*names: str) -> bytes:
    """A discovery request, padded."""
    return padded(bytes(make_discovery(names)))


def pack(packet: Packet, content: bytes = b"") -> bytes:
    """A packet with this content, padded."""
    if content:
        packet.content = content
    packet.set_size()
    return padded(bytes(packet))


def raw(size: int, code: int, domain: int, content: bytes = b"", index: int = 0) -> bytes:
    """Any bytes that look like a packet, padded."""
    head = size.to_bytes(4, "little") + code.to_bytes(2, "little", signed=True)
    return padded(head + bytes([domain, index]) + content)


def states(*flags: int, domain: int = 0) -> bytes:
    """A discovery reply, padded."""
    head = raw(10 + len(flags), -1, domain)[:8]
    return padded(head + len(flags).to_bytes(2, "little") + bytes(flags))


class Log:
    """A debug log that tests can wait on."""

    def __init__(self) -> None:
        self.content = b""
        self.writes: list[bytes] = []
        self._changed = threading.Condition()

    def write(self, data: bytes) -> int:
        with self._changed:
            self.content += data
            self.writes.append(data)
            self._changed.notify_all()
        return len(data)

    def wait_for(self, text: bytes) -> None:
        """Wait until the program has written `text`."""
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.content, SECONDS), self.content


class NoServices:
    """A registry whose services are all unavailable; it keeps what was saved of them."""

    def create_server(
        self,
        ctx: Context,
        config: ServiceConfig,
        services: Sequence[Service],
        send: Sender,
    ) -> tuple[NoServer, list[ServiceState], ErrorSlot | None]:
        server = NoServer(list(services))
        return server, server.states(), None


class NoServer:
    def __init__(self, services: list[Service]) -> None:
        self.services = services

    def states(self) -> list[ServiceState]:
        return [ServiceState() for _ in self.services]

    def start(self, ctx: Context, send: Sender) -> None:
        pass

    def discover(self, ctx: Context, new_names: Sequence[str]) -> list[ServiceState]:
        self.services += [Service(name) for name in new_names]
        return self.states()

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        return None

    def shutdown(self, ctx: Context, suspend: bool) -> list[Service]:
        return self.services if suspend else []


Call = tuple[Any, ...]


@dataclass
class Scripted:
    """A registry, and its one server, that record calls and do what a test says.

    Every discovered service is available.
    """

    handler: Callable[[Scripted, Packet], Packet | None] = lambda self, packet: None
    calls: list[Call] = field(default_factory=list)
    count: int = 0
    errors: ErrorSlot | None = None
    fail_create: Exception | None = None
    fail_start: Exception | None = None
    fail_shutdown: Exception | None = None
    on_start: Callable[[Scripted], None] = lambda self: None
    ctx: Context | None = None
    sender: Sender | None = None

    def __post_init__(self) -> None:
        self.changed = threading.Condition()

    def record(self, *call: Any) -> None:
        with self.changed:
            self.calls.append(call)
            self.changed.notify_all()

    def wait_for(self, name: str, times: int = 1) -> None:
        """Wait until `name` has been called so often."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.named(name) >= times, SECONDS), self.calls

    def named(self, name: str) -> int:
        return sum(call[0] == name for call in self.calls)

    def states(self) -> list[ServiceState]:
        return [ServiceState(1) for _ in range(self.count)]

    def create_server(
        self,
        ctx: Context,
        config: ServiceConfig,
        services: Sequence[Service],
        send: Sender,
    ) -> tuple[Scripted, list[ServiceState], ErrorSlot | None]:
        self.record("create_server", config.max_send_size, list(services), ctx)
        if self.fail_create is not None:
            raise self.fail_create
        self.count = len(services)
        return self, self.states(), self.errors

    def start(self, ctx: Context, send: Sender) -> None:
        self.record("start", ctx)
        self.ctx, self.sender = ctx, send
        if self.fail_start is not None:
            raise self.fail_start
        self.on_start(self)

    def discover(self, ctx: Context, new_names: Sequence[str]) -> list[ServiceState]:
        self.record("discover", list(new_names), ctx)
        self.count += len(new_names)
        return self.states()

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        self.record("handle", bytes(packet), ctx)
        return self.handler(self, packet)

    def shutdown(self, ctx: Context, suspend: bool) -> list[Service]:
        self.record("shutdown", suspend, ctx.err is not None)
        if self.fail_shutdown is not None:
            raise self.fail_shutdown
        return [Service(f"service{i}") for i in range(self.count)] if suspend else []


def echo(world: Scripted, packet: Packet) -> Packet:
    """A handler that answers with the same content."""
    return packet


@dataclass
class Outcome:
    """What a run has come to."""

    result: Result
    trap: TrapID
    debug: bytes
    instance: image.Instance
    buffers: Buffers


def run(
    executor: Executor,
    what: image.Program | image.Instance,
    *,
    entry: str = "main",
    services: Any = None,
    buffers: Buffers | None = None,
    during: Callable[[Process, Log], object] | None = None,
    fuel: int | None = None,
    timeout: float | None = None,
    time_resolution: int = 1000,
    **rules: Any,
) -> Outcome:
    """Run a program to its end. `during` is called on a thread of its own while it runs.

    `rules` are those of the policy.
    """
    instance = what if isinstance(what, image.Instance) else image.Instance(what, entry=entry)
    log = Log()
    buffers = Buffers() if buffers is None else buffers
    policy = ProcessPolicy(time_resolution=time_resolution, debug_log=log, fuel=fuel, **rules)
    with executor.new_process(timeout=SECONDS) as process:
        process.start(instance.program, instance, policy)
        thread = None
        if during is not None:
            thread = threading.Thread(target=_watched, args=(during, process, log))
            thread.start()
        try:
            result, trap = process.serve(None, services or NoServices(), buffers, timeout=timeout)
        finally:
            if thread is not None:
                thread.join()
    return Outcome(result, trap, log.content, instance, buffers)


def _watched(during: Callable[[Process, Log], object], process: Process, log: Log) -> None:
    """Do not let the test wait for ever for something that will not be done."""
    try:
        during(process, log)
    except BaseException:
        process.kill()
        raise


def suspend_when(text: bytes) -> Callable[[Process, Log], None]:
    """For `run`: suspend the program when it has logged `text`."""

    def wait(process: Process, log: Log) -> None:
        log.wait_for(text)
        process.suspend()

    return wait


def kill_when(text: bytes) -> Callable[[Process, Log], None]:
    """For `run`: kill the program when it has logged `text`."""

    def wait(process: Process, log: Log) -> None:
        log.wait_for(text)
        process.kill()

    return wait
