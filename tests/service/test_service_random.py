"""The random service, on a clock that stands still until the test moves it."""

from __future__ import annotations

import threading

import pytest

from refexec.context import Context, background
from refexec.service import Random, RandomConfig, Registry
from refexec.service.random import DEFAULT_BITS_PER_MINUTE, MonotonicClock
from refexec.snapshot import Service
from service_world import WAIT, World

INTERVAL = 62_500_000
"""Nanoseconds between bytes at the default rate."""


class StillClock:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = 1_000_000_000
        self.waits: list[int] = []

    def now(self) -> int:
        with self._changed:
            return self._now

    def advance(self, ns: int) -> None:
        with self._changed:
            self._now += ns
            self._changed.notify_all()

    def wait_until(self, moment: int, ctx: Context) -> bool:
        undo = ctx.add_done_callback(lambda: self.advance(0))
        try:
            with self._changed:
                self.waits.append(moment - self._now)
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._now >= moment or ctx.done.is_set())
                return not ctx.done.is_set()
        finally:
            undo()

    def wait_for_waiter(self, count: int = 1) -> None:
        """Wait until the service waits for the `count`th time."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.waits) >= count, WAIT)


class RandomWorld(World):
    def __init__(self, rate: int = DEFAULT_BITS_PER_MINUTE, snapshot: bytes | None = None) -> None:
        self.clock = StillClock()
        self.drawn = 0
        registry = Registry()
        registry.register(Random(RandomConfig(rate), clock=self.clock, entropy=self.draw))
        saved = [] if snapshot is None else [Service("random", snapshot)]
        super().__init__(registry, saved)
        if snapshot is None:
            self.discover("random")

    def draw(self, count: int) -> bytes:
        """Count up, so that no byte is used twice unnoticed."""
        start = self.drawn
        self.drawn += count
        return bytes(i & 0xFF for i in range(start, start + count))

    def answer(self) -> bytes:
        reply = self.receive()
        assert (reply.code, reply.domain, reply.index) == (0, 0, 0)
        return reply.content

    def end_with_state(self) -> bytes:
        (service,) = self.end()
        return service.buffer


@pytest.fixture
def world() -> RandomWorld:
    return RandomWorld()


def test_s117_a_call_early_in_life_is_answered_later(world: RandomWorld) -> None:
    world.call(b"\x08")
    world.clock.wait_for_waiter()
    assert world.clock.waits == [8 * INTERVAL]  # 0.5 s after the instance was made
    assert world.quiet
    world.call(b"\x01")  # while one waits
    assert world.answer() == b""
    world.clock.advance(8 * INTERVAL - 1)
    assert world.quiet
    world.clock.advance(1)
    reply = world.receive()
    assert len(reply) == 16
    assert reply.content == bytes(range(8))
    assert world.end_with_state() == b""


def test_bytes_that_are_due_come_at_once(world: RandomWorld) -> None:
    world.info()  # makes the instance
    world.clock.advance(100 * INTERVAL)
    world.call(b"\x04 and more")
    assert world.answer() == bytes(range(4))
    # Time that was not used is not saved up.
    world.call(b"\x01")
    world.clock.wait_for_waiter()
    assert world.clock.waits == [INTERVAL]
    world.clock.advance(INTERVAL)
    assert world.answer() == b"\x04"
    world.end()


def test_the_rate_counts_from_when_the_program_took_the_bytes(world: RandomWorld) -> None:
    offered = threading.Event()
    world.call(b"\x01")
    world.clock.wait_for_waiter()
    world.queue.on_waiting(offered.set)
    world.clock.advance(INTERVAL)
    assert offered.wait(WAIT)
    world.clock.advance(50 * INTERVAL)  # it waits for the program now
    thunk = world.queue.take_nowait()
    assert thunk is not None
    packet, error = thunk()
    assert error is None
    assert packet is not None
    assert packet.content == b"\0"
    world.call(b"\x02")
    world.clock.wait_for_waiter(2)
    assert world.clock.waits[1] == 2 * INTERVAL
    assert world.end_with_state() == b"\1"


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\1"])
def test_a_call_for_nothing(world: RandomWorld, content: bytes) -> None:
    world.call(content)
    assert world.answer() == b""
    world.info(b"\1")
    assert world.quiet
    assert world.end_with_state() == b""


def test_a_reply_that_is_due_is_saved_and_paid_after_the_resume(world: RandomWorld) -> None:
    world.call(b"\xff")
    assert world.end_with_state() == b"\1"
    assert world.drawn == 0
    again = RandomWorld(snapshot=b"\1")
    assert again.answer() == b"\0"  # how many were asked for is not known any more
    again.call(b"\1")
    again.clock.wait_for_waiter(2)
    again.clock.advance(INTERVAL)
    assert again.answer() == b"\1"
    assert again.end_with_state() == b""


def test_a_call_while_a_restored_reply_is_due() -> None:
    world = RandomWorld(snapshot=b"\x80whatever")
    world.call(b"\1")
    assert world.answer() == b""
    assert world.answer() == b"\0"
    world.end()


def test_a_reply_that_nobody_takes_stays_due() -> None:
    world = RandomWorld(snapshot=b"\1")
    offered = threading.Event()
    world.queue.on_waiting(offered.set)
    assert offered.wait(WAIT)
    assert world.end_with_state() == b"\1"


@pytest.mark.parametrize("snapshot", [b"", b"\0", b"\0\1"])
def test_nothing_is_due(snapshot: bytes) -> None:
    world = RandomWorld(snapshot=snapshot)
    assert world.end_with_state() == b""
    assert world.clock.waits == []


def test_shutdown_without_suspension_saves_nothing_and_waits_for_nothing(
    world: RandomWorld,
) -> None:
    world.call(b"\1")
    threads = threading.active_count()
    # Not even for the context: the instance gives up by itself.
    assert world.server.shutdown(background(), False) == []
    assert threading.active_count() < threads


def test_the_interval_is_rounded_up() -> None:
    world = RandomWorld(rate=7)
    world.call(b"\1")
    world.clock.wait_for_waiter()
    assert world.clock.waits == [-(-480_000_000_000 // 7)]
    world.end()


@pytest.mark.parametrize("rate", [0, -5])
def test_without_a_rate_there_is_no_service(rate: int) -> None:
    assert not Random(RandomConfig(rate)).discoverable(background())
    assert not Random().discoverable(background())
    assert Random(RandomConfig()).discoverable(background())
    world = RandomWorld(rate)
    assert world.discover("random") == [False, False]
    # One that was saved elsewhere is restored, but has nothing to give.
    restored = RandomWorld(rate, snapshot=b"\1")
    assert restored.answer() == b""
    restored.clock.advance(10**15)
    restored.call(b"\1")
    assert restored.answer() == b""
    assert restored.drawn == 0
    restored.end()


def test_the_real_clock_and_real_entropy() -> None:
    registry = Registry()
    registry.register(Random(RandomConfig(bits_per_minute=8 * 60 * 1_000_000)))  # 1 MB/s
    world = World(registry)
    world.discover("random")
    world.call(b"\x40")
    first = world.receive().content
    world.call(b"\x40")
    second = world.receive().content
    assert len(first) == len(second) == 64
    assert first != second
    world.end()


def test_the_real_clock_gives_up_with_its_context() -> None:
    clock = MonotonicClock()
    ctx, cancel = background().with_cancel()
    assert clock.wait_until(clock.now(), ctx)
    assert clock.wait_until(clock.now() + 1_000_000, ctx)
    cancel()
    assert not clock.wait_until(clock.now() + 10**15, ctx)
    assert not clock.wait_until(0, ctx)
