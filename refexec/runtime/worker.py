"""What runs in a worker: one program image, once.

A worker gives up what it does not need, receives the image over its control channel, runs it on
the engine that the image names, and ends with an exit status that tells how that went (see
`refexec.runtime.outcome`). Before it exits it hands over what the program has become.

Suspension is SIGUSR1. Until the program begins the signal has its default action, so a worker that
is still loading dies of it, and the program's state stays as it was. From then on it sets a flag
and wakes up a blocking call. SIGPROF, which comes when the program's processor time is spent, does
the same. SIGXCPU, which the kernel sends when the processor time for stopping is spent as well,
kills, also in the middle of a long operation of the interpreter. While a stopped program's state is
handed over all of them are ignored.

Only this module and what it imports is loaded into a worker: no executor, no services.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from multiprocessing.process import current_process
from typing import TYPE_CHECKING, Any, NoReturn

from refexec import abi, wasm
from refexec.abi.inputlog.recorder import Piece, RecordingHost
from refexec.errors import TrapError
from refexec.record import record
from refexec.runtime.control import (
    MAX_DEBUG,
    MAX_ERROR,
    Kind,
    TruncatedError,
    encode_header,
    read_frame,
)
from refexec.runtime.course import Course
from refexec.runtime.held import HeldModules
from refexec.runtime.isolation.apply import (
    LATE,
    Applied,
    RequiredMeasureError,
    apply,
    apply_memory_limit,
)
from refexec.runtime.isolation.descriptors import detach, keep_only
from refexec.runtime.isolation.limits import limit_processor_time
from refexec.runtime.isolation.measures import Settings
from refexec.runtime.launch import MAX_SIZE, Launch
from refexec.runtime.outcome import EXIT_FAILURE, EXIT_TRAP, MAX_PLACES, Report
from refexec.runtime.spawn import EXIT_ORPHANED
from refexec.trap import TrapID

if TYPE_CHECKING:
    from refexec.observe.machine import Session

_INPUT = select.POLLIN | select.POLLRDHUP

EARLY = 20_000
"""Fuel that a program spends on the reference machine, whatever engine is to run it.

The fast engine takes as long to load as that takes; a program that says hello never needs it.
"""

_SUSPENSIONS = (signal.SIGUSR1, signal.SIGPROF)


class Control:
    """The worker's end of the control channel."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def receive(self, kind: Kind, limit: int) -> bytearray:
        """Wait for the one frame that may come. `TruncatedError` if the parent hangs up."""
        frame = read_frame(lambda size: os.read(self._descriptor, size), {kind: limit})
        if frame is None:
            raise TruncatedError("parent has closed the channel")
        return frame[1]

    def fail(self, reason: str) -> None:
        """Say why this worker fails."""
        self.send(Kind.ERROR, reason.encode("utf-8", "backslashreplace")[:MAX_ERROR])

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Send a frame, waiting while the parent does not read."""
        for part in (encode_header(kind, len(payload)), payload):
            view = memoryview(part)
            while view:
                view = view[os.write(self._descriptor, view) :]


class Channel:
    """The worker's end of the packet stream and the debug log, as `refexec.abi.Channel`."""

    def __init__(self, packets: socket.socket, control: Control) -> None:
        packets.setblocking(False)
        self._packets = packets
        self._ended = False
        self._control = control
        self._suspended = False
        self._session: Session | None = None
        # The signal's own handler, which runs at once, writes to this pipe. So a signal between a
        # look at the flag and the wait that follows still ends the wait.
        self._wake, self._wake_end = os.pipe()
        os.set_blocking(self._wake_end, False)
        signal.set_wakeup_fd(self._wake_end, warn_on_full_buffer=False)
        self._descriptor = packets.fileno()
        self._wanted = 0
        self._poller = select.poll()
        self._poller.register(self._wake, select.POLLIN)

    @property
    def highest_descriptor(self) -> int:
        """The last of the descriptors that there are."""
        return max(self._packets.fileno(), self._wake, self._wake_end)

    @property
    def suspended(self) -> bool:
        """Whether a suspension has been asked for."""
        return self._suspended

    def suspend(self) -> None:
        """Take note that a suspension is asked for. For the signal handler."""
        self._suspended = True

    def watch(self, session: Session | None) -> None:
        """Have an observer told of packets."""
        self._session = session

    def read(self, size: int) -> bytes:
        """What has arrived, up to `size` bytes."""
        try:
            data = self._packets.recv(size)
        except BlockingIOError:
            return b""
        if self._session is not None:
            self._session.received(data)
        return data

    def write(self, data: bytes) -> int:
        """Send a beginning of `data`; its length."""
        try:
            size = self._packets.send(data)
        except BlockingIOError:
            return 0
        if self._session is not None:
            self._session.sent(data[:size])
        return size

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        """Wait until a wanted direction is ready, the time has passed, or a suspension comes."""
        if self._suspended:
            return False, False
        if not timeout_ns and not self._ended:
            return self._poll_simply(want_input, want_output, timeout_ns)
        # Longer than this is not representable, and is for ever all the same.
        seconds = None if timeout_ns is None else min(timeout_ns / 1e9, 1e9)
        deadline = None if seconds is None else time.monotonic() + seconds
        writers: list[Any] = [self._packets] if want_output else []
        while True:
            readers: list[Any] = [self._wake]
            if want_input and not self._ended:
                readers.append(self._packets)
            # The descriptors have small numbers, so select, which can wait for microseconds,
            # will do.
            ready_in, ready_out, _ = select.select(readers, writers, [], seconds)
            if self._wake in ready_in:
                # Only suspensions have a handler; that in Python may be yet to run.
                self._suspended = True
                return False, False
            has_input = self._packets in ready_in and self._has_input()
            if has_input or ready_out or self._packets not in ready_in:
                return has_input, bool(ready_out)
            # The parent will send no more: that is no input, and no reason to stop waiting.
            self._ended = True
            seconds = None if deadline is None else max(0.0, deadline - time.monotonic())

    def _poll_simply(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        """Poll without waiting, or without limit: most calls do."""
        wanted = (_INPUT if want_input else 0) | (select.POLLOUT if want_output else 0)
        if wanted != self._wanted:
            self._wanted = wanted
            self._poller.register(self._packets, wanted)
        ready = dict(self._poller.poll(timeout_ns))
        if self._wake in ready:
            # Only suspensions have a handler; that in Python may be yet to run.
            self._suspended = True
            return False, False
        events = ready.get(self._descriptor, 0)
        # The parent will send no more, or is gone, and there may be something left.
        if events & ~(select.POLLIN | select.POLLOUT) and not (want_input and self._has_input()):
            self._ended = True
            return self.poll(want_input, want_output, timeout_ns)
        return bool(events & select.POLLIN), bool(events & select.POLLOUT)

    def _has_input(self) -> bool:
        """Whether readable means bytes, not the end of the stream."""
        return bool(self._packets.recv(1, socket.MSG_PEEK))

    def debug(self, data: bytes) -> None:
        """Append to the debug log, waiting while the parent does not read."""
        for start in range(0, len(data), MAX_DEBUG):
            self._control.send(Kind.DEBUG, data[start : start + MAX_DEBUG])


class Suspender:
    """The handler of the signals that ask the program to stop."""

    def __init__(self, channel: Channel, instance: wasm.Instance) -> None:
        self._channel = channel
        self._instance = instance
        self.asked = False
        """Whether one has come."""

    def install(self) -> None:
        """From here on the signals ask the program to stop."""
        for number in _SUSPENSIONS:
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: object) -> None:
        self.asked = True
        self._channel.suspend()
        self._instance.interrupt()

    def remove(self) -> None:
        """The program has stopped: from here on the signals are ignored."""
        for number in (*_SUSPENSIONS, signal.SIGXCPU):
            signal.signal(number, signal.SIG_IGN)


class Run:
    """One run of a program, from a launch to an exit status."""

    def __init__(self, launch: Launch, place: Place) -> None:
        self._launch = launch
        self._place = place
        self._control = place.control
        self._channel = place.channel
        self._host = self._make_host()
        self._course = Course(launch.phase, launch.entry)

    def _make_host(self) -> abi.Host:
        launch = self._launch
        clock = abi.SystemClock(launch.monotonic_time)
        if launch.record:
            return RecordingHost(
                self._channel,
                clock,
                emit=self._emit,
                time_resolution=launch.time_resolution,
                random=launch.random,
                debug=launch.debug,
            )
        return abi.Host(
            self._channel,
            clock,
            time_resolution=launch.time_resolution,
            random=launch.random,
            debug=launch.debug,
        )

    def _emit(self, piece: Piece, data: bytes) -> None:
        self._control.send(Kind.INPUT, bytes([piece]) + data)

    def execute(self) -> int:
        """Load the program, run it until it stops, hand over its state; the exit status."""
        apply_memory_limit(self._place.settings, self._place.applied, self._launch.memory)
        late = " ".join(name for name in LATE if name in self._place.applied.names()).encode()
        try:
            instance = self._load()
        except TrapError as error:
            self._control.send(Kind.BEGIN, late)
            status = self._course.fail(error)
            self._report(None)
            return status
        self._host.bind(instance.guest_memory)
        self._channel.watch(instance.session)
        if isinstance(self._host, RecordingHost):
            self._host.meter = lambda: instance.fuel_spent
        suspender = Suspender(self._channel, instance)
        suspender.install()
        if self._launch.cpu_limit is not None:
            limit_processor_time(self._launch.cpu_limit)
        self._control.send(Kind.BEGIN, late)
        status = self._run(instance, suspender)
        if self._host.deficiency is not None:
            status = EXIT_TRAP + TrapID.ABI_DEFICIENCY
        suspender.remove()
        self._control.send(Kind.STOPPED)
        self._report(instance)
        return status

    def _run(self, instance: wasm.Instance, suspender: Suspender) -> int:
        """Run the program, on the reference machine until it is worth while to load the other."""
        launch = self._launch
        if launch.engine == wasm.REFERENCE_ENGINE:
            return self._course.run(instance)
        before = instance.fuel_spent
        status = self._course.run(instance)
        if not instance.suspended or instance.fuel or suspender.asked or self._host.deficiency:
            return status
        left = None if launch.fuel is None else launch.fuel - (instance.fuel_spent - before)
        if left is not None and left <= 0:
            return status
        instance.use_engine(launch.engine)
        instance.set_fuel(left)
        return self._course.run(instance)

    def _load(self) -> wasm.Instance:
        launch = self._launch
        fuel = launch.fuel
        if launch.engine != wasm.REFERENCE_ENGINE:
            fuel = EARLY if fuel is None else min(fuel, EARLY)
        observer = None
        if launch.observer is not None:
            from refexec.observe.carry import unpack

            observer = unpack(launch.observer)
        # The parent has loaded the same already.
        module = wasm.Module(launch.module, launch.limits, proven=True)
        imports = self._host.imports(abi.resolve(module))
        if launch.state is None:
            return wasm.Instance(
                module,
                imports,
                engine=wasm.REFERENCE_ENGINE,
                fuel=fuel,
                limits=launch.limits,
                start=False,
                observer=observer,
            )
        return wasm.Instance.thaw(
            module,
            launch.state,
            imports,
            engine=wasm.REFERENCE_ENGINE,
            fuel=fuel,
            limits=launch.limits,
            observer=observer,
        )

    def _report(self, instance: wasm.Instance | None) -> None:
        """Hand over what the program has become."""
        memory = instance.memory if instance is not None else None
        session = instance.session if instance is not None else None
        # First, so that what it needs is free again when the state is made.
        digest = instance.state_digest() if instance is not None and self._launch.record else ""
        report = Report(
            phase=self._course.phase,
            state=None if instance is None else instance.freeze_tree(),
            frames=self._course.frames,
            memory_size=0 if memory is None else memory.size,
            monotonic_time=self._host.monotonic_time(),
            fuel_spent=0 if instance is None else instance.fuel_spent,
            digest=digest,
            backtrace=[
                [place.function, place.offset] for place in self._course.backtrace[:MAX_PLACES]
            ],
            observation=None if session is None else session.report(),
        )
        self._control.send(Kind.STATE, report.encode())


@record(frozen=True)
class Place:
    """A worker that has given up what it does not need."""

    control: Control
    """The channel to the parent."""

    channel: Channel
    """The packet stream."""

    settings: Settings
    """What the parent wants of the isolation."""

    applied: Applied
    """What has come of that."""


def move_in(control_fd: int, packets_fd: int, parent: int, settings: Sequence[Any] = ()) -> Place:
    """Make this process a worker. Exits if its parent is gone, or a required measure fails."""
    # The engine loads these at its first call; by then no file can be opened any more.
    importlib.import_module("refexec.interp.instructions")
    held = HeldModules()
    held.hold("refexec.translate")
    sys.meta_path.insert(0, held)
    gc.freeze()
    gc.enable()
    chosen = Settings(*settings)
    detach()
    current_process().authkey = b""
    control_fd, packets_fd = keep_only(control_fd, packets_fd)
    control = Control(control_fd)
    # It has made itself a pipe, and will make nothing more.
    channel = Channel(socket.socket(fileno=packets_fd), control)
    try:
        for module in chosen.preload:
            importlib.import_module(module)
    except Exception as error:
        control.fail(f"preload: {error}")
        os._exit(EXIT_FAILURE)
    try:
        applied = apply(chosen, parent, channel.highest_descriptor)
    except RequiredMeasureError as error:
        control.fail(str(error))
        os._exit(EXIT_FAILURE)
    if applied is None:
        os._exit(EXIT_ORPHANED)
    return Place(control, channel, chosen, applied)


def main(control_fd: int, packets_fd: int, parent: int, settings: Sequence[Any] = ()) -> NoReturn:
    """The whole life of a worker. The descriptors are those that it has inherited."""
    place = move_in(control_fd, packets_fd, parent, settings)
    try:
        status = _serve_parent(place)
    except BaseException as error:
        status = EXIT_FAILURE
        with contextlib.suppress(OSError):
            place.control.fail(f"{type(error).__name__}: {error}")
    os._exit(status)


def _serve_parent(place: Place) -> int:
    """Report for duty, take the program, run it; the exit status."""
    place.control.send(Kind.READY, " ".join(place.applied.names()).encode())
    launch = Launch.decode(place.control.receive(Kind.START, MAX_SIZE))
    return Run(launch, place).execute()
