"""The host itself: failures of what is under it, programs without memory."""

from __future__ import annotations

import pytest

from abi_world import SocketChannel, World
from refexec.abi import ExitStatus, Host, ProcessExit
from refexec.errors import TrapError
from refexec.trap import TrapID

FD_READ = ("fd_read", (4, 200, 1, 100))
FD_WRITE = ("fd_write", (4, 200, 1, 100))
LOG = ("fd_write", (2, 200, 1, 100))
WAIT = ("io", (0, 0, 0, 0, 0, 0, -1, 0))


class BrokenChannel(SocketChannel):
    """A channel whose every operation fails."""

    def read(self, size: int) -> bytes:
        raise OSError("read")

    def write(self, data: bytes) -> int:
        raise BrokenPipeError("write")

    def debug(self, data: bytes) -> None:
        raise OSError("debug")

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        raise OSError("poll")


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (FD_READ, ExitStatus.READ_FAILED),
        (FD_WRITE, ExitStatus.WRITE_FAILED),
        (LOG, ExitStatus.DEBUG_FAILED),
        (WAIT, ExitStatus.POLL_FAILED),
        (("rt_read8", ()), ExitStatus.READ8_FAILED),
        (("rt_write8", (0,)), ExitStatus.WRITE8_FAILED),
    ],
)
def test_a_failing_channel_ends_the_process(
    call: tuple[str, tuple[int, ...]], status: ExitStatus
) -> None:
    name, arguments = call
    with World(channel=BrokenChannel()) as world:
        world.vector(200, (1000, 4))
        with pytest.raises(ProcessExit) as caught:
            world.call(name, *arguments)
        assert caught.value.status == status
        assert isinstance(caught.value.__cause__, OSError | ProcessExit)


def test_exit_statuses_have_fixed_numbers() -> None:
    assert {status.name: status.value for status in ExitStatus} == {
        "HALTED_SUCCESS": 0,
        "HALTED_FAILURE": 1,
        "TERMINATED_SUCCESS": 2,
        "TERMINATED_FAILURE": 3,
        "READ_FAILED": 4,
        "READ8_FAILED": 5,
        "WRITE_FAILED": 6,
        "WRITE8_FAILED": 7,
        "DEBUG_FAILED": 8,
        "CLOCK_FAILED": 12,
        "POLL_FAILED": 13,
    }


def test_a_channel_may_end_the_process_itself() -> None:
    class Gone(SocketChannel):
        def write(self, data: bytes) -> int:
            raise ProcessExit(6)

    with World(channel=Gone()) as world:
        world.vector(200, (1000, 4))
        with pytest.raises(ProcessExit) as caught:
            world.call("fd_write", 4, 200, 1, 100)
        assert caught.value.status == 6


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("args_sizes_get", (8, 8)),
        ("clock_res_get", (0, 8)),
        ("fd_fdstat_get", (4, 8)),
        ("fd_read", (4, 8, 1, 8)),
        ("fd_write", (1, 8, 1, 8)),
        ("random_get", (8, 1)),
        ("poll_oneoff", (8, 8, 1, 8)),
        ("io", (8, 1, 0, 0, 0, 0, 0, 0)),
        ("rt_debug", (8, 1)),
    ],
)
def test_without_memory_every_buffer_traps(name: str, arguments: tuple[int, ...]) -> None:
    with World(memory_size=None) as world, pytest.raises(TrapError) as caught:
        world.call(name, *arguments)
    assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS


def test_without_memory_calls_that_need_none_work() -> None:
    with World(memory_size=None) as world:
        assert world.call("fd") == 4
        assert world.call("fd_close", 3) == 8
        assert world.call("random_get", 0, 0) == 0
        assert world.call("rt_debug", 8, 0) is None
        world.peer.send(b"12345678")
        assert world.call("rt_read8") == int.from_bytes(b"12345678", "little")
        with pytest.raises(TrapError):
            world.host.load(0, 1)


def test_a_memory_can_be_bound_later() -> None:
    with World() as world:
        host = Host(world.channel)
        with pytest.raises(TrapError):
            host.store(0, b"x")
        host.bind(world.memory)
        host.store(0, b"x")
        assert world.bytes(0, 1) == b"x"
