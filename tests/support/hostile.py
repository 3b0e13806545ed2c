"""Workers that a program has taken over, or that are otherwise not what they should be.

Each class is a worker process whose `run` does something else. They are imported by the spawned
process too, so this module imports no tests.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import multiprocessing
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from multiprocessing import resource_tracker
from typing import Any

from refexec.runtime.control import HEADER, Kind, encode_header
from refexec.runtime.spawn import WorkerProcess


class Hostile(WorkerProcess):
    """Does what the subclass says, and then exits with its status or waits to be killed."""

    status: int | None = None

    def run(self) -> None:
        control, packets = self.inherited
        self.act(socket.socket(fileno=os.dup(control)), socket.socket(fileno=os.dup(packets)))
        if self.status is None:
            signal.pause()
        os._exit(self.status)

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        """Misbehave."""
        raise NotImplementedError


def frames(*parts: tuple[Kind, bytes]) -> bytes:
    """Frames, one after the other."""
    return b"".join(encode_header(kind, len(payload)) + payload for kind, payload in parts)


class Garbage(Hostile):
    """Writes no frames at all."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        control.sendall(b"GET / HTTP/1.1\r\n\r\n")


class GarbageThenExit(Garbage):
    """Has ended well before anybody looks."""

    status = 0


class HugeState(Hostile):
    """Claims more than can be."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        control.sendall(frames((Kind.READY, b"a"), (Kind.BEGIN, b"")))
        control.sendall(HEADER.pack(Kind.STATE, 0xFFFFFFFF))


class TwoStates(Hostile):
    """Says it twice."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        control.sendall(frames((Kind.READY, b"a"), (Kind.BEGIN, b""), (Kind.BEGIN, b"")))


class BadState(Hostile):
    """Leaves a state that is a pickle bomb."""

    status = 102

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        bomb = b"\x80\x05cos\nsystem\n(S'true'\ntR."
        bomb = struct.pack("<QI", len(bomb), 0) + bomb
        control.sendall(frames((Kind.READY, b"a"), (Kind.BEGIN, b""), (Kind.STATE, bomb)))


class ForeignState(Hostile):
    """Leaves a state of the right outer shape that no machine could have left."""

    status = 102

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        from refexec.runtime.outcome import Report

        report = Report("entry", {"frames": [[1, 2, 3]]}, 1, 5, 5, 5).encode()
        control.sendall(frames((Kind.READY, b"a"), (Kind.BEGIN, b""), (Kind.STATE, report)))


class Deaf(Hostile):
    """Ends its side of the packet stream, and goes on living."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        packets.shutdown(socket.SHUT_RDWR)
        control.sendall(frames((Kind.READY, b"a"), (Kind.DEBUG, b"deaf\n")))


class Mute(Hostile):
    """Ends the part of the packet stream that it writes, after some packets."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        packets.sendall(bytes.fromhex("0c000000ffff00000100017800000000"))
        packets.shutdown(socket.SHUT_WR)


class Complaint(Hostile):
    """Fails, and says why in a way that a terminal would obey."""

    status = 40

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        control.sendall(frames((Kind.ERROR, b"\x1b[31m\xff\n\xe2\x80\xae")))


class Stubborn(Hostile):
    """Takes no notice of the signal to suspend, and uses up its processor time."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        control.sendall(frames((Kind.READY, b"a"), (Kind.BEGIN, b""), (Kind.DEBUG, b"up\n")))
        while True:
            pass


class TooSlow(Hostile):
    """Obeys the signal to suspend, as a real worker does, but never gets done."""

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        control.sendall(frames((Kind.READY, b"a"), (Kind.BEGIN, b""), (Kind.DEBUG, b"up\n")))
        while True:
            pass


class Parent(Hostile):
    """Has a child, which would keep its descriptors open, and dies."""

    status = 0

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        os.setpgid(0, 0)
        child = os.fork()
        if child == 0:
            signal.pause()
        control.sendall(frames((Kind.READY, b"a"), (Kind.DEBUG, b"%d" % child)))


def replaced(serve_parent: Callable[..., int]) -> Callable[[WorkerProcess], None]:
    """A real worker up to the point where it would take its program."""

    def run(self: WorkerProcess) -> None:
        from refexec.runtime import worker

        worker._serve_parent = serve_parent  # type: ignore[assignment]
        worker.main(*self._arguments)

    return run


def _is_open(fd: int) -> bool:
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
    except OSError:
        return False
    return True


HEAVY = ("asyncio", "click", "cloudpickle", "logging", "rich", "ssl")
"""Modules that a worker has no use for."""


def _census(place: Any) -> int:
    """Tell what there is in this process."""
    facts = {
        "modules": sorted(
            name for name in sys.modules if name.startswith("refexec") or name in HEAVY
        ),
        "open": [fd for fd in range(1000) if _is_open(fd)],
        "standard": [os.write(fd, b"gone") and os.read(fd, 1) == b"" for fd in range(3)],
        "main": sorted(vars(sys.modules["__main__"])),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "sigint": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        "sigxcpu": signal.getsignal(signal.SIGXCPU) == signal.SIG_DFL,
        "environment": dict(os.environ),
        "authkey": bytes(multiprocessing.process.current_process().authkey).hex(),
        "tracker": resource_tracker._resource_tracker._fd,
        "argv": sys.argv,
    }
    place.control.send(Kind.READY, " ".join(place.applied.names()).encode())
    raise RuntimeError(json.dumps(facts))


class Census(WorkerProcess):
    """Reports on itself in place of running a program."""

    run = replaced(_census)


def write_garbage() -> None:
    """Write nonsense into every descriptor, as long as anybody takes it."""
    junk = bytes(range(1, 256)) * 64
    for fd in range(1000):
        if _is_open(fd):
            os.set_blocking(fd, False)
            with contextlib.suppress(OSError):
                for _ in range(100):
                    os.write(fd, junk)


class EarlyVandal(Hostile):
    """Writes nonsense into all that it has been given, before it gives up anything."""

    status = 0

    def act(self, control: socket.socket, packets: socket.socket) -> None:
        write_garbage()


def _vandalize(place: Any) -> int:
    place.control.send(Kind.READY, " ".join(place.applied.names()).encode())
    write_garbage()
    return 0


class LateVandal(WorkerProcess):
    """Writes nonsense into all that it has kept, in place of running a program."""

    run = replaced(_vandalize)


class Orphan(WorkerProcess):
    """Believes that its parent is another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return WorkerProcess, (*self.inherited, 1 << 30)
