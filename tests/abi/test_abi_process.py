"""Exit, signals, yielding, random bytes."""

from __future__ import annotations

import pytest

from abi_world import UNTOUCHED32, World
from refexec.abi import RANDOM_BUDGET, Deficiency, Host, ProcessExit
from refexec.errors import Restart, TrapError
from refexec.trap import TrapID


@pytest.mark.parametrize(
    ("argument", "status"), [(0, 2), (1, 3), (7, 3), (256, 3), (-1, 3), (-0x8000_0000, 3)]
)
def test_proc_exit(argument: int, status: int) -> None:
    with World() as world:
        with pytest.raises(ProcessExit) as caught:
            world.call("proc_exit", argument)
        assert caught.value.status == status
        assert str(caught.value) == f"process exit with status {status}"


@pytest.mark.parametrize("signal", [0, 6, -1])
def test_s109_proc_raise(signal: int) -> None:
    with World() as world:
        with pytest.raises(Deficiency) as caught:
            world.call("proc_raise", signal)
        assert isinstance(caught.value, Restart)
        assert world.host.deficiency == f"proc_raise of signal {signal & 0xFFFF_FFFF}"


def test_s109_sched_yield() -> None:
    with World() as world:
        assert world.call("sched_yield") == 0


def test_s099_random_get() -> None:
    with World(random=bytes(range(1, 17))) as world:
        assert world.call("random_get", 100, 10) == 0
        assert world.call("random_get", 110, 6) == 0
        # From the last to the first.
        assert world.bytes(100, 17) == bytes(range(16, 0, -1)) + b"\xaa"
        assert world.host.deficiency is None


def test_s099_random_get_of_nothing() -> None:
    with World(random=b"") as world:
        assert world.call("random_get", 0, 0) == 0
        assert world.call("random_get", 0xFFFF_FFFF, 0) == 0
        assert world.call("random_get", 0, 1) == 21
        assert world.call("random_get", 0, -1) == 21


def test_s099_random_get_beyond_the_budget() -> None:
    with World() as world:
        with pytest.raises(Deficiency, match="random_get"):
            world.call("random_get", 100, 17)
        assert 0xAA not in world.bytes(100, 16)
        assert world.bytes(116, 1) == b"\xaa"


def test_s099_random_get_budget_is_cumulative() -> None:
    with World() as world:
        assert world.call("random_get", 100, 10) == 0
        with pytest.raises(Deficiency):
            world.call("random_get", 200, 10)
        assert 0xAA not in world.bytes(200, 6)
        assert world.u32(206) == UNTOUCHED32
        with pytest.raises(Deficiency):
            world.call("random_get", 200, 1)


def test_s087_a_new_run_has_a_new_budget() -> None:
    for _ in range(2):
        with World() as world:
            assert world.call("random_get", 100, RANDOM_BUDGET) == 0


def test_random_get_outside_memory_traps() -> None:
    with World() as world:
        with pytest.raises(TrapError) as caught:
            world.call("random_get", 0x10000 - 2, 5)
        assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
        assert 0xAA not in world.bytes(0x10000 - 2, 2)


def test_without_random_import_the_bytes_are_zero() -> None:
    with World() as world:
        host = Host(world.channel)
        assert [host.random_byte() for _ in range(17)] == [0] * 16 + [None]
