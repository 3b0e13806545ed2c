"""A program run seen from the ABI, without an engine: memory, packet stream, clock.

`World` calls ABI functions the way an engine does, through the host functions of a `Host`, with
signed arguments. The packet stream is a real socket pair.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType

from refexec.abi import ABIImport, Host, Resolution
from refexec.abi.table import GATE, PRIMITIVES, WASI
from refexec.errors import TrapError
from refexec.trap import TrapCause
from refexec.wasm import I64

SECOND = 1_000_000_000
MICROSECOND = 1000
PATIENCE = 30
"""Seconds after which a test that waits for something gives up."""


class ByteMemory:
    """A guest memory in a bytearray."""

    def __init__(self, size: int = 0x10000) -> None:
        self.data = bytearray(b"\xaa" * size)

    @property
    def size(self) -> int:
        return len(self.data)

    def _check(self, address: int, length: int) -> None:
        assert address >= 0
        if address + length > len(self.data):
            raise TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)

    def read(self, address: int, length: int) -> bytes:
        self._check(address, length)
        return bytes(self.data[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        self._check(address, len(data))
        self.data[address : address + len(data)] = data


class SocketChannel:
    """A channel over a socket pair; the other end is `peer`."""

    def __init__(self) -> None:
        self._own, self.peer = socket.socketpair()
        self._own.setblocking(False)
        self._wake_in, self._wake_out = os.pipe()
        self.suspended = False
        self.log = b""
        self.polls: list[tuple[bool, bool, int | None]] = []
        self.polling = threading.Event()
        """Set when a poll has begun."""

    def close(self) -> None:
        self._own.close()
        self.peer.close()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def suspend(self) -> None:
        self.suspended = True
        os.write(self._wake_out, b"!")

    def fill(self) -> int:
        """Write until no more fits; return how much that was."""
        total = 0
        while taken := self.write(b"-" * 4096):
            total += taken
        return total

    def read(self, size: int) -> bytes:
        try:
            return self._own.recv(size)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        try:
            return self._own.send(data)
        except BlockingIOError:
            return 0

    def debug(self, data: bytes) -> None:
        self.log += data

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        self.polls.append((want_input, want_output, timeout_ns))
        self.polling.set()
        poller = select.poll()
        poller.register(self._wake_in, select.POLLIN)
        wanted = select.POLLIN * want_input | select.POLLOUT * want_output
        if wanted:
            poller.register(self._own, wanted)
        ready = dict(poller.poll(None if timeout_ns is None else min(timeout_ns / 1e6, 1e6)))
        flags = ready.get(self._own.fileno(), 0)
        input_ready = bool(flags & select.POLLIN) and bool(self._own.recv(1, socket.MSG_PEEK))
        return input_ready, bool(flags & select.POLLOUT)


class ManualClock:
    """Clocks that stand still until a test moves them; `reads` tells which ones were read."""

    def __init__(self, realtime: int = 1_700_000_000 * SECOND, monotonic: int = SECOND) -> None:
        self.now = {"realtime": realtime, "monotonic": monotonic}
        self.reads: list[tuple[str, bool]] = []
        self.step = 0
        """Nanoseconds that pass with each read."""

    def _read(self, name: str, coarse: bool) -> int:
        self.reads.append((name, coarse))
        self.now[name] += self.step
        return self.now[name]

    def realtime(self, coarse: bool) -> int:
        return self._read("realtime", coarse)

    def monotonic(self, coarse: bool) -> int:
        return self._read("monotonic", coarse)


class World:
    """One program run: `call` makes ABI calls, `peer` is what the program talks to."""

    def __init__(
        self,
        *,
        memory_size: int | None = 0x10000,
        time_resolution: int = MICROSECOND,
        random: bytes = bytes(range(1, 17)),
        debug: bool = True,
        channel: SocketChannel | None = None,
    ) -> None:
        self.channel = channel or SocketChannel()
        self.clock = ManualClock()
        self.host = Host(
            self.channel,
            self.clock,
            time_resolution=time_resolution,
            random=random,
            debug=debug,
        )
        self.memory = ByteMemory(memory_size or 0)
        self.host.bind(None if memory_size is None else self.memory)

    def __enter__(self) -> World:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.channel.close()

    @property
    def peer(self) -> socket.socket:
        return self.channel.peer

    def call(self, name: str, *arguments: int) -> int | None:
        """Call an ABI function, by the name that it has in its table."""
        function = (WASI | GATE | PRIMITIVES)[name]
        resolution = Resolution((ABIImport("m", name, function.type, function),), False)
        host_function = self.host.imports(resolution)["m", name]
        assert len(arguments) == len(function.type.params)
        signed = []
        for value, kind in zip(arguments, function.type.params, strict=True):
            width = 64 if kind is I64 else 32
            assert -(1 << width - 1) <= value < 1 << width
            signed.append(value - (1 << width) if value >> (width - 1) == 1 else value)
        result = host_function.callable(*signed)
        assert result is None or type(result) is int
        return result

    def background(self, name: str, *arguments: int) -> Background:
        """Make a call on a thread of its own, and wait until it polls."""
        self.channel.polling.clear()
        call = Background(lambda: self.call(name, *arguments))
        assert self.channel.polling.wait(PATIENCE)
        return call

    # -- memory ----------------------------------------------------------------------------------

    def put(self, address: int, data: bytes) -> int:
        """Write memory; return the address."""
        self.memory.write(address, data)
        return address

    def vector(self, address: int, *entries: tuple[int, int]) -> int:
        """Write an array of (pointer, length) pairs; return its address."""
        return self.put(address, b"".join(struct.pack("<II", *entry) for entry in entries))

    def bytes(self, address: int, length: int) -> bytes:
        return self.memory.read(address, length)

    def u16(self, address: int) -> int:
        return int.from_bytes(self.bytes(address, 2), "little")

    def u32(self, address: int) -> int:
        return int.from_bytes(self.bytes(address, 4), "little")

    def u64(self, address: int) -> int:
        return int.from_bytes(self.bytes(address, 8), "little")


UNTOUCHED32 = 0xAAAA_AAAA
"""What `World.u32` reads where nothing was written."""


class Background:
    """A call on another thread."""

    def __init__(self, function: Callable[[], int | None]) -> None:
        self._function = function
        self._result: int | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:
            self._error = error

    def result(self) -> int | None:
        """Wait for the call to end; give its result, or raise its exception."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error
        return self._result
