"""Many processes, faults at random moments, and programs that mean harm.

Everything here takes its size as an argument: the tests run it small, `tox -e soak` large.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from refexec import image
from refexec.errors import ABIViolationError, InternalError, StateError
from refexec.packet import Packet
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.snapshot import Buffers
from refexec.trap import TrapID
from runtime_world import SECONDS, NoServices, Script, Scripted, disc, program, raw

# -- nothing is left behind ----------------------------------------------------------------------


def descriptors() -> set[str]:
    """The open descriptors of this process, with what they are."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{name} {os.readlink(f'/proc/self/fd/{name}')}")
        except FileNotFoundError:
            continue  # that of the listing itself
    return found


def children() -> set[int]:
    """All children of this process, dead ones included."""
    found: set[int] = set()
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/children") as file:
            found.update(map(int, file.read().split()))
    return found


def resident() -> int:
    """Bytes of memory that this process occupies."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def nothing_left() -> Iterator[None]:
    """Check that what is done in between leaves no child, descriptor, thread or file behind."""
    gc.collect()
    before = descriptors(), children(), _threads(), set(_files())
    yield
    deadline = time.monotonic() + SECONDS
    while True:
        gc.collect()
        after = descriptors(), children(), _threads(), set(_files())
        left = [new - old for new, old in zip(after, before, strict=True)]
        if not any(left):
            return
        # Threads that have done their work may need a moment to end.
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


def _threads() -> set[threading.Thread]:
    # One thread keeps the time for all contexts there are.
    return {thread for thread in threading.enumerate() if thread.name != "refexec-timers"}


def _files() -> list[str]:
    return [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("refexec")]


# -- programs ------------------------------------------------------------------------------------


@dataclass
class Kinds:
    """Programs that are in different places when something happens to them."""

    spin: image.Program = field(default_factory=lambda: Script().forever().program())
    wait: image.Program = field(
        default_factory=lambda: Script().send(disc("a")).receive(24).program()
    )
    quick: image.Program = field(default_factory=lambda: program('(module (func (export "main")))'))
    talk: image.Program = field(
        default_factory=lambda: (
            Script()
            .send(disc("echo"))
            .receive(16)
            .wat("(loop $again")
            .send(raw(16, 0, 0, b"question"))
            .receive(16)
            .wat("(br $again))")
            .program()
        )
    )

    def all(self) -> list[image.Program]:
        """One of each."""
        return [self.spin, self.wait, self.quick, self.talk]


class Answers(Scripted):
    """Answers every call, and keeps no record of it."""

    def __init__(self) -> None:
        super().__init__(lambda world, packet: packet if packet.domain == 0 else None)

    def record(self, *call: Any) -> None:
        pass


# -- workers that are killed from outside --------------------------------------------------------


STAGES = ("start", "serve", "suspend", "close")


def kill_at_random_moments(executor: Executor, count: int, seed: int) -> dict[str, int]:
    """Kill workers with SIGKILL while they are in all stages. Returns how often they ended how."""
    chance = random.Random(seed)
    kinds = Kinds().all()
    ends: dict[str, int] = {}
    for number in range(count):
        stage = STAGES[number % len(STAGES)]
        end = _kill_one(executor, chance.choice(kinds), stage, chance.random() * 0.3)
        ends[end] = ends.get(end, 0) + 1
    return ends


def _kill_one(executor: Executor, code: image.Program, stage: str, delay: float) -> str:
    process = executor.new_process(timeout=SECONDS)
    shoot = threading.Timer(delay, process._subject.popen.send_signal, (signal.SIGKILL,))
    instance, buffers = image.Instance(code, entry="main"), Buffers()
    try:
        if stage == "start":
            shoot.start()
            time.sleep(delay / 2)
        process.start(code, instance)
        if stage == "close":
            shoot.start()
            time.sleep(delay)
            process.close()
            return "closed"
        if stage == "serve":
            shoot.start()
        if stage == "suspend":
            threading.Timer(delay, process.suspend).start()
            shoot.start()
        try:
            result, trap = process.serve(None, Answers(), buffers)
        except InternalError as error:
            if str(error) != "process termination signal: killed":
                raise
            return "killed"
        if trap is TrapID.EXIT:
            assert result.value == 0
        else:
            assert trap is TrapID.SUSPENDED
            assert stage == "suspend"
        assert instance.trap is trap
        return trap.name.lower()
    finally:
        shoot.join()
        process.close()
        assert process._subject.exited.is_set()


# -- many ----------------------------------------------------------------------------------------


def one_after_another(executor: Executor, count: int) -> tuple[list[int], list[int]]:
    """Run so many programs; the parent's memory and number of descriptors after each tenth."""
    code = Kinds().quick
    memory, files = [], []
    for number in range(count):
        with executor.new_process() as process:
            process.start(code, image.Instance(code, entry="main"))
            assert process.serve(None, NoServices(), Buffers())[1] is TrapID.EXIT
        if (number + 1) % max(1, count // 10) == 0:
            gc.collect()
            memory.append(resident())
            files.append(len(descriptors()))
    return memory, files


def at_once(executor: Executor, count: int) -> list[float]:
    """Run so many programs at the same time, each with an answer of its own.

    Returns how long each took from when all were there.
    """
    barrier = threading.Barrier(count)
    times = [0.0] * count
    wrong: list[object] = []

    def run(number: int) -> None:
        text = b"%08d" % number
        script = Script().send(disc("echo")).receive(16)
        for _ in range(10):
            script.send(raw(16, 0, 0, text)).receive(16)
        code = script.program()
        log: list[bytes] = []

        class Writer:
            def write(self, data: bytes) -> int:
                log.append(data)
                return len(data)

        with executor.new_process() as process:
            barrier.wait(20 * SECONDS)
            begun = time.monotonic()
            process.start(code, image.Instance(code, entry="main"), ProcessPolicy(0, Writer()))
            end = process.serve(None, Answers())
            times[number] = time.monotonic() - begun
        if end[1] is not TrapID.EXIT or b"".join(log).count(text) != 10:
            wrong.append((number, end, log))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert all(times)
    return times


# -- threads that all want another end -----------------------------------------------------------


def race(executor: Executor, rounds: int, threads: int, seed: int) -> dict[TrapID, int]:
    """Have many threads kill, suspend and close a process while it is served."""
    chance = random.Random(seed)
    ends: dict[TrapID, int] = {}
    kinds = Kinds()
    failures: list[BaseException] = []

    def act(process: Process, call: str, delay: float, go: threading.Event) -> None:
        go.wait(SECONDS)
        time.sleep(delay)
        try:
            getattr(process, call)()
        except StateError:
            # It says that the process is being served, and has killed it.
            if call != "close":
                raise
        except BaseException as error:
            failures.append(error)

    for _ in range(rounds):
        code = chance.choice([kinds.spin, kinds.talk])
        with executor.new_process(timeout=SECONDS) as process:
            go = threading.Event()
            crowd = [
                threading.Thread(
                    target=act,
                    args=(
                        process,
                        chance.choice(["kill", "suspend", "suspend", "close"]),
                        chance.random() * 0.5,
                        go,
                    ),
                )
                for _ in range(threads)
            ]
            for thread in crowd:
                thread.start()
            process.start(code, image.Instance(code, entry="main"))
            go.set()
            _, trap = process.serve(None, Answers())
            for thread in crowd:
                thread.join()
        assert trap in (TrapID.KILLED, TrapID.SUSPENDED), trap
        ends[trap] = ends.get(trap, 0) + 1
    assert failures == []
    return ends


# -- programs that mean harm ---------------------------------------------------------------------


class Sink:
    """A debug log that only counts."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)


def _again(script: Script) -> Script:
    return Script(["(loop $again", *script.code, "(br $again))"], script.data)


def _greedy() -> image.Program:
    return program(
        """(module (memory 1) (func (export "main")
          (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
          (loop $again
            (memory.fill (i32.const 0) (i32.const 7) (i32.mul (memory.size) (i32.const 65536)))
            (br $again))))"""
    )


def _hoarder() -> image.Program:
    return program(
        """(module (type $list (struct (field (ref null $list)) (field i64)))
          (func (export "main") (local $l (ref null $list))
            (loop $again
              (local.set $l (struct.new $list (local.get $l) (i64.const 1)))
              (br $again))))"""
    )


def _deep() -> image.Program:
    return program('(module (func $f (export "main") (call $f) (call $f)))')


Ends = Sequence[TrapID | type[Exception]]

HOSTILE: dict[str, tuple[Callable[[], image.Program], Ends]] = {
    "flood of calls": (
        lambda: Script(*_flood(raw(8, 0, 0) * 512)).program(),
        (TrapID.SUSPENDED,),
    ),
    "flood of info packets": (
        lambda: Script(*_flood(raw(8, 0, 1) * 4000)).program(),
        (TrapID.SUSPENDED,),
    ),
    "flood of discoveries": (
        lambda: _again(Script().send(raw(10, -1, 0, bytes(2)) * 256)).program(),
        (TrapID.SUSPENDED,),
    ),
    "half a packet": (
        lambda: Script().send(raw(16, -1, 0, bytes(8))[:11]).forever().program(),
        (TrapID.SUSPENDED,),
    ),
    "size 0": (lambda: Script().send(raw(0, 0, 0)).forever().program(), (ABIViolationError,)),
    "size 7": (lambda: Script().send(raw(7, 0, 0)).forever().program(), (ABIViolationError,)),
    "size 65537": (
        lambda: Script().send(raw(65537, 0, 0)).forever().program(),
        (ABIViolationError,),
    ),
    "size 4294967295": (
        lambda: Script().send(raw(0xFFFFFFFF, 0, 0)).forever().program(),
        (ABIViolationError,),
    ),
    "memory": (_greedy, (TrapID.SUSPENDED,)),
    "objects": (_hoarder, (TrapID.SUSPENDED, TrapID.UNREACHABLE, TrapID.CALL_STACK_EXHAUSTED)),
    "recursion": (_deep, (TrapID.CALL_STACK_EXHAUSTED,)),
    "busy loop": (lambda: Script().forever().program(), (TrapID.SUSPENDED,)),
    "debug text": (
        lambda: _again(Script().log(b"x" * 60000)).program(),
        (TrapID.SUSPENDED,),
    ),
    "debug lines": (
        lambda: _again(Script().log(b"x\n" * 30000)).program(),
        (TrapID.SUSPENDED,),
    ),
}
"""Programs, and how each may end when it is given a limited time."""


def _flood(content: bytes) -> tuple[list[str], bytearray]:
    script = Script().send(disc("echo"))
    flood = Script([], script.data).send(content)
    return [*script.code, "(loop $again", *flood.code, "(br $again))"], flood.data


def endure(executor: Executor, name: str, seconds: float) -> int:
    """Run a program that means harm for so long. Returns how much the parent's memory grew."""
    make, ends = HOSTILE[name]
    code = make()
    gc.collect()
    before = resident()
    peak = before
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    # What ends by itself may take as long as it takes.
    limit = seconds if TrapID.SUSPENDED in ends else None
    policy = ProcessPolicy(debug_log=Sink(), time_limit=limit)
    try:
        with executor.new_process() as process:
            process.start(code, image.Instance(code, entry="main"), policy)
            try:
                end: Any = process.serve(None, Answers())[1]
            except ABIViolationError as error:
                end = type(error)
    finally:
        done.set()
        watcher.join()
    assert end in ends, (name, end)
    return peak - before


def reserved_codes(executor: Executor, codes: Sequence[int]) -> None:
    """Send packets with codes that mean nothing: each ends its program."""
    for number in codes:
        code = Script().send(raw(8, number, 0)).forever().program()
        with executor.new_process() as process:
            process.start(code, image.Instance(code, entry="main"))
            text = f"^invalid code in incoming packet: {number}$"
            with pytest.raises(ABIViolationError, match=text):
                process.serve(None, Answers())


class Neighbour:
    """A program that behaves well, and how many packets it gets answered."""

    def __init__(self, executor: Executor) -> None:
        self.count = 0
        world = Answers()
        world.handler = self._answer
        self._process = executor.new_process()
        code = Kinds().talk
        self._process.start(code, image.Instance(code, entry="main"))
        self._thread = threading.Thread(target=self._process.serve, args=(None, world))
        self._thread.start()

    def _answer(self, world: Scripted, packet: Packet) -> Packet:
        self.count += 1
        return packet

    def rate(self, seconds: float) -> float:
        """Answers per second, over so many."""
        count, begun = self.count, time.monotonic()
        time.sleep(seconds)
        return (self.count - count) / (time.monotonic() - begun)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._thread.join()
        self._process.close()


def neighbours_share(
    executor: Executor, name: str, samples: int, seconds: float
) -> tuple[float, float]:
    """The part of its throughput that a good program keeps beside one that means harm.

    And the part that it keeps beside a plain process that computes, which only the kernel's
    scheduler can do anything about: on a machine with other work that may be less than half. With
    and without take turns, so that what else happens hits all of them.
    """
    neighbour = Neighbour(executor)
    code = HOSTILE[name][0]()
    alone, beside, plain = [], [], []
    try:
        while neighbour.count < 100:
            time.sleep(0.01)
        for _ in range(samples):
            alone.append(neighbour.rate(seconds))
            with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
                time.sleep(0.3)
                plain.append(neighbour.rate(seconds))
                busy.kill()
            with executor.new_process() as process:
                process.start(
                    code, image.Instance(code, entry="main"), ProcessPolicy(debug_log=Sink())
                )
                thread = threading.Thread(target=_serve_quietly, args=(process,))
                thread.start()
                time.sleep(0.3)
                beside.append(neighbour.rate(seconds))
                process.kill()
                thread.join()
    finally:
        neighbour.close()
    whole = statistics.median(alone)
    return statistics.median(beside) / whole, statistics.median(plain) / whole


def _serve_quietly(process: Process) -> None:
    with suppress(ABIViolationError):
        process.serve(None, Answers())
