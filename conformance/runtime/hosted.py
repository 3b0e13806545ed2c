"""Gate programs on an engine that is not refexec's, in this process.

Guest interface, packets and services are refexec's own; what runs the program is given as an
`Engine`. So a difference from refexec's processes is one of engines. A program runs on a thread of
its own and can be stopped, but not be exported: its buffers can go elsewhere, its state cannot.
"""

from __future__ import annotations

import contextlib
import enum
import os
import select
import socket
import threading
from collections.abc import Callable
from typing import Protocol

from refexec_conformance.runtime.backend import End, Stage, Start
from refexec_conformance.runtime.processes import DebugText, refusal
from refexec_conformance.runtime.services import Services

from refexec import Buffers, image
from refexec.abi import RANDOM_BUDGET, Deficiency, Host, ProcessExit, Suspend
from refexec.context import background
from refexec.errors import RefexecError, TrapError, is_program_error
from refexec.runtime.debuglog import DebugLog
from refexec.runtime.serve import ServeLoop
from refexec.trap import TrapID

_KILLABLE = frozenset({TrapID.EXIT, TrapID.SUSPENDED, TrapID.ABI_DEFICIENCY})
"""What a kill that came first makes of these is a kill."""


class Stopped(Exception):
    """The engine was interrupted, or its fuel is spent."""


class Engine(Protocol):
    """An engine with one program."""

    def run(self, entry: str | None, host: Host) -> bool:
        """Run start function and entry; whether the entry has returned something but zero.

        Raises `TrapError` for a trap, `Stopped`, and what the host's functions raise.
        """

    def interrupt(self) -> None:
        """Have `run` raise `Stopped` soon. Any thread may call it, also before."""

    @property
    def fuel_spent(self) -> int | None:
        """What has been spent, if it can be told."""


MakeEngine = Callable[[Start, image.Program], Engine]
"""Makes an engine for one run of a program."""


class StreamChannel:
    """The guest's end of the packet stream, with the debug log."""

    def __init__(self, stream: socket.socket, log: DebugLog | None) -> None:
        self._stream = stream
        self._log = log
        self._wake, self._wake_end = os.pipe()
        self.suspended = False

    def stop(self) -> None:
        """End a poll, and all later ones."""
        self.suspended = True
        os.write(self._wake_end, b"!")

    def finish(self) -> None:
        """Write the rest of the debug text."""
        if self._log is not None:
            self._log.finish()

    def close(self) -> None:
        """Let go of what is held."""
        os.close(self._wake)
        os.close(self._wake_end)

    def read(self, size: int) -> bytes:
        """What has arrived, up to `size` bytes."""
        with contextlib.suppress(BlockingIOError):
            return self._stream.recv(size)
        return b""

    def write(self, data: bytes) -> int:
        """Send what fits."""
        with contextlib.suppress(BlockingIOError):
            return self._stream.send(data)
        return 0

    def debug(self, data: bytes) -> None:
        """Append to the debug log."""
        if self._log is not None:
            self._log.feed(data)

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        """Wait until a wanted direction is ready, the time has passed, or it is stopped."""
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        wanted = select.POLLIN * want_input | select.POLLOUT * want_output
        if wanted:
            poller.register(self._stream, wanted)
        ready = dict(poller.poll(None if timeout_ns is None else min(timeout_ns / 1e6, 1e9)))
        if self._wake in ready:
            return False, False
        events = ready.get(self._stream.fileno(), 0)
        return bool(events & select.POLLIN), bool(events & select.POLLOUT)


class _Fate(enum.Enum):
    """What has reached the program first.

    The words are those of refexec's `Process`, the code is not: there a worker dies by itself, may
    be hastened, and is reaped; here nothing but a thread ends. A mistake in that race is to be
    found by this one, not to be shared.
    """

    OPEN = enum.auto()
    KILLED = enum.auto()
    SUSPENDED = enum.auto()
    FINAL = enum.auto()


class Guest:
    """A running program, as the serve loop and the host see it."""

    def __init__(self, engine: Engine, stage: Stage, debug: bool) -> None:
        self.packets, self.worker_packets = socket.socketpair()
        for end in (self.packets, self.worker_packets):
            end.setblocking(False)
        log = DebugLog(DebugText(stage)) if debug else None
        self.channel = StreamChannel(self.worker_packets, log)
        self.exited = threading.Event()
        self.trap = TrapID.INTERNAL_ERROR
        self.result = 0
        self.message = ""
        self.wanted = False
        self._engine = engine
        self._lock = threading.Lock()
        self._fate = _Fate.OPEN
        self._on_exit: Callable[[], None] | None = None
        self.wake: Callable[[], None] = lambda: None

    # -- the program's thread --------------------------------------------------------------------

    def run(self, entry: str | None, host: Host) -> None:
        """Run the program, and keep how it ended."""
        try:
            self._run(entry, host)
        except Exception as error:
            self.trap, self.message = TrapID.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
        finally:
            self.channel.finish()
            with self._lock:
                # Together, or somebody would stop what is closed.
                self.channel.close()
                self.exited.set()
                callback = self._on_exit
            if callback is not None:
                callback()

    def _run(self, entry: str | None, host: Host) -> None:
        try:
            self.result = int(self._engine.run(entry, host))
            self.trap = TrapID.EXIT
        except (Stopped, Suspend):
            self.trap = TrapID.SUSPENDED
        except Deficiency:
            self.trap = TrapID.ABI_DEFICIENCY
        except TrapError as error:
            self.trap = error.trap
        except ProcessExit as error:
            self.trap = TrapID.EXIT if error.status <= 3 else TrapID.INTERNAL_ERROR
            self.result = error.status

    # -- the serve loop --------------------------------------------------------------------------

    def on_exit(self, callback: Callable[[], None] | None) -> None:
        """Have `callback` called when the program has ended; at once if it has."""
        with self._lock:
            self._on_exit = callback
            exited = self.exited.is_set()
        if exited and callback is not None:
            callback()

    def stop(self) -> None:
        """Stop it because suspension is wanted."""
        if self._claim(_Fate.SUSPENDED):
            self._interrupt()

    def finish(self) -> None:
        """Return when it has ended, which it is made to."""
        self._claim(_Fate.FINAL)
        if not self.exited.is_set():
            self._interrupt()
            self.exited.wait()

    def close(self) -> None:
        """Close the packet stream."""
        self.packets.close()
        self.worker_packets.close()

    # -- the host --------------------------------------------------------------------------------

    def suspend(self) -> None:
        """Ask for suspension."""
        self.wanted = True
        self.wake()

    def kill(self) -> None:
        """End it now."""
        if self._claim(_Fate.KILLED):
            self._interrupt()

    @property
    def killed(self) -> bool:
        """Whether it was killed before anything else."""
        return self._fate is _Fate.KILLED

    def _claim(self, fate: _Fate) -> bool:
        with self._lock:
            if self._fate is not _Fate.OPEN:
                return False
            self._fate = fate
            return True

    def _interrupt(self) -> None:
        with self._lock:
            if not self.exited.is_set():
                self.channel.stop()
        self._engine.interrupt()


class _Control:
    """The stage's hand on a guest."""

    def __init__(self, guest: Guest, cancel: Callable[[], object]) -> None:
        self.suspend = guest.suspend
        self.kill = guest.kill
        self.stop = guest.kill
        self._cancel = cancel

    def cancel(self) -> None:
        """Cancel the context that it is served with."""
        self._cancel()


def play_hosted(start: Start, stage: Stage, make_engine: MakeEngine) -> End:
    """Run a program on an engine, once."""
    try:
        program = image.Program(start.module)
        entry = program.resolve_entry(start.entry)
    except RefexecError as error:
        return refusal(error)
    engine = make_engine(start, program)
    guest = Guest(engine, stage, start.policy.debug)
    host = Host(
        guest.channel,
        time_resolution=start.policy.time_resolution,
        random=os.urandom(RANDOM_BUDGET),
        debug=start.policy.debug,
    )
    services = Services(start, stage)
    buffers = Buffers(list(start.buffers.services), start.buffers.input, start.buffers.output)
    ctx, cancel = background().with_cancel()
    loop = ServeLoop(
        guest, suspend_wanted=lambda: guest.wanted, suspend=guest.stop, finish=guest.finish
    )
    guest.wake = loop.wake
    thread = threading.Thread(target=guest.run, args=(entry, host), daemon=True)
    end = End(buffers=buffers)
    stage.begin(_Control(guest, cancel))
    thread.start()
    try:
        services.connect(ctx)
        stage.serve()
        loop.run(ctx, services.registry, buffers)
        trap = TrapID.KILLED if guest.killed and guest.trap in _KILLABLE else guest.trap
        end.trap, end.message = int(trap), guest.message
        end.result = guest.result if trap == TrapID.EXIT else None
    except Exception as error:
        blame = TrapID.ABI_VIOLATION if is_program_error(error) else TrapID.INTERNAL_ERROR
        end.trap, end.message = int(blame), str(error)
    finally:
        guest.finish()
        thread.join()
        end.connections = services.finish()
        cancel()
        guest.close()
    end.fuel = engine.fuel_spent
    return end
