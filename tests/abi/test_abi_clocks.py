"""Clocks and their resolution."""

from __future__ import annotations

import pytest

from abi_world import SECOND, UNTOUCHED32, World
from refexec.abi import Deficiency, Host, ProcessExit, SystemClock, TimePolicy
from refexec.errors import TrapError

RESOLUTIONS = [
    (1, 2, 0xFFFF_FFFE),
    (1000, 1024, 0xFFFF_FC00),
    (1024, 2048, 0xFFFF_F800),
    (10_000_000, 16_777_216, 0xFF00_0000),
    (SECOND, SECOND, 0xC000_0000),
    (2 * SECOND, SECOND, 0xC000_0000),
    (0, SECOND, 0xC000_0000),
    (-1, SECOND, 0xC000_0000),
]


@pytest.mark.parametrize(("wanted", "resolution", "mask"), RESOLUTIONS)
def test_s091_policy(wanted: int, resolution: int, mask: int) -> None:
    assert TimePolicy.of(wanted) == TimePolicy(mask=mask, resolution=resolution)


@pytest.mark.parametrize(("wanted", "resolution", "mask"), RESOLUTIONS)
def test_s091_clock_res_get(wanted: int, resolution: int, mask: int) -> None:
    with World(time_resolution=wanted) as world:
        for clock in range(4):
            out = 100 + 8 * clock
            assert world.call("clock_res_get", clock, out) == 0
            assert world.u64(out) == resolution


def test_s091_clock_res_get_errors() -> None:
    with World() as world:
        assert world.call("clock_res_get", 4, 100) == 28
        assert world.call("clock_res_get", -1, 100) == 28
        assert world.call("clock_res_get", 0, 0) == 21
        assert world.call("clock_res_get", 4, 0) == 21
        assert world.u32(100) == UNTOUCHED32


def test_seconds_are_never_masked() -> None:
    assert TimePolicy.of(0).reduce(7 * SECOND + 999_999_999) == 7 * SECOND
    assert TimePolicy.of(1).reduce(7 * SECOND + 999_999_999) == 7 * SECOND + 999_999_998
    assert TimePolicy.of(1000).reduce((1 << 64) - 1) == 18_446_744_073 * SECOND + 709_551_104


def test_s092_realtime() -> None:
    with World() as world:
        world.clock.now["realtime"] = 1_700_000_000 * SECOND + 123_456_789
        assert world.call("clock_time_get", 0, 0, 100) == 0
        assert world.u64(100) == 1_700_000_000 * SECOND + (123_456_789 & ~0x3FF)
        assert world.clock.reads == [("realtime", False)]


def test_s092_realtime_of_the_system() -> None:
    with World() as world:
        host = Host(world.channel, time_resolution=1000)
        for precision in (0, SECOND):
            now = host.time(False, precision)
            assert now > 1_500_000_000_000_000_000
            assert now % SECOND % 1024 == 0


def test_monotonic() -> None:
    with World() as world:
        world.clock.now["monotonic"] = 5 * SECOND + 2047
        assert world.call("clock_time_get", 1, 0, 100) == 0
        assert world.u64(100) == 5 * SECOND + 1024
        assert world.clock.reads == [("monotonic", False)]


@pytest.mark.parametrize(
    ("resolution", "precision", "coarse"),
    [
        (1000, 0, False),
        (1000, 999_999, False),
        (1000, 1_000_000, True),
        (1000, -1, True),  # precision is unsigned
        (10_000_000, 0, True),  # raised to the resolution
        (500_000, 0, False),  # 2**19
        (600_000, 0, True),  # 2**20 ns is more than a millisecond
    ],
)
def test_precision_chooses_the_clock(resolution: int, precision: int, coarse: bool) -> None:
    with World(time_resolution=resolution) as world:
        assert world.call("clock_time_get", 1, precision, 100) == 0
        assert world.clock.reads == [("monotonic", coarse)]


def test_s092_clock_time_get_errors() -> None:
    with World() as world:
        assert world.call("clock_time_get", 4, 0, 100) == 28
        assert world.call("clock_time_get", -1, 0, 100) == 28
        assert world.call("clock_time_get", 0, 0, 0) == 21
        assert world.call("clock_time_get", 2, 0, 0) == 21
        assert world.u32(100) == UNTOUCHED32
        assert world.clock.reads == []


@pytest.mark.parametrize("clock", [2, 3])
def test_s092_processor_time_can_not_be_served(clock: int) -> None:
    with World() as world:
        with pytest.raises(Deficiency):
            world.call("clock_time_get", clock, 0, 100)
        assert world.host.deficiency == f"clock_time_get of clock {clock}"


@pytest.mark.parametrize("name", ["clock_res_get", "clock_time_get"])
def test_result_outside_memory_traps(name: str) -> None:
    arguments = (1, 0x10000 - 7) if name == "clock_res_get" else (1, 0, 0x10000 - 7)
    with World() as world, pytest.raises(TrapError):
        world.call(name, *arguments)


def test_a_broken_clock_ends_the_process() -> None:
    class BrokenClock(SystemClock):
        def realtime(self, coarse: bool) -> int:
            raise OSError("no clock")

    with World() as world:
        host = Host(world.channel, BrokenClock())
        with pytest.raises(ProcessExit) as caught:
            host.time(False, 0)
        assert caught.value.status == 12


def test_s086_instance_time_goes_on_from_the_saved_value() -> None:
    with World() as world:
        fresh = Host(world.channel, time_resolution=1000)
        assert SECOND <= fresh.monotonic_time() < 60 * SECOND
        clock = SystemClock()
        before = clock.monotonic(coarse=False)
        saved = clock.monotonic(coarse=True)
        resumed = SystemClock(saved)
        first = resumed.monotonic(coarse=True)
        assert before <= first
        assert saved + SECOND <= first < saved + 60 * SECOND
        assert resumed.monotonic(coarse=False) >= first


@pytest.mark.parametrize("resolution", [1, 1000, 10_000_000, SECOND])
def test_s086_instance_time_never_falls_at_any_resolution(resolution: int) -> None:
    with World() as world:
        saved = 0
        for _ in range(5):
            host = Host(world.channel, SystemClock(saved), time_resolution=resolution)
            times = [host.time(True, precision) for precision in (SECOND, 0)]
            assert times[0] > 0
            assert saved <= times[0] <= times[1]
            saved = host.monotonic_time()
            assert saved % SECOND & ~host.policy.mask == 0


def test_saved_time_is_read_from_the_coarse_clock_and_reduced() -> None:
    with World() as world:
        world.clock.now["monotonic"] = 9 * SECOND + 2047
        assert world.host.monotonic_time() == 9 * SECOND + 1024
        assert world.clock.reads == [("monotonic", True)]
