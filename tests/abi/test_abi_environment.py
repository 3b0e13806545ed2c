"""Arguments and environment variables."""

from __future__ import annotations

import pytest

from abi_world import UNTOUCHED32, World
from refexec.errors import TrapError
from refexec.trap import TrapID


def test_s089_args_sizes_get() -> None:
    with World() as world:
        assert world.call("args_sizes_get", 100, 104) == 0
        assert (world.u32(100), world.u32(104)) == (0, 0)


def test_s089_environ_sizes_get() -> None:
    with World() as world:
        assert world.call("environ_sizes_get", 100, 104) == 0
        assert (world.u32(100), world.u32(104)) == (3, 72)


def test_s089_environ_get() -> None:
    with World() as world:
        assert world.call("environ_get", 100, 201) == 0
        assert world.bytes(201, 72) == (
            b"GATE_ABI_VERSION=0\0\0\0\0\0\0"
            b"GATE_FD=4\0\0\0\0\0\0\0"
            b"GATE_MAX_SEND_SIZE=65536\0\0\0\0\0\0\0\0"
        )
        assert [world.u32(100 + 4 * i) for i in range(3)] == [201, 225, 241]
        assert world.bytes(112, 1) == world.bytes(200, 1) == world.bytes(273, 1) == b"\xaa"


def test_s090_args_get_accepts_null_pointers_and_writes_nothing() -> None:
    with World() as world:
        before = bytes(world.memory.data)
        assert world.call("args_get", 0, 0) == 0
        assert world.call("args_get", 0xFFFF_FFFF, 8) == 0
        assert world.memory.data == before


@pytest.mark.parametrize("name", ["args_sizes_get", "environ_sizes_get", "environ_get"])
def test_s090_null_pointers(name: str) -> None:
    with World() as world:
        assert world.call(name, 0, 100) == 21
        assert world.call(name, 100, 0) == 21
        assert world.u32(100) == UNTOUCHED32


@pytest.mark.parametrize("name", ["args_sizes_get", "environ_sizes_get", "environ_get"])
@pytest.mark.parametrize("arguments", [(0x10000, 8), (8, 0x10000), (0xFFFF_FFFF, 8)])
def test_pointers_outside_memory_trap(name: str, arguments: tuple[int, int]) -> None:
    with World() as world, pytest.raises(TrapError) as caught:
        world.call(name, *arguments)
    assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
