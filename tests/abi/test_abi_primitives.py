"""The `env.rt_*` functions."""

from __future__ import annotations

import socket

import pytest

from abi_world import SocketChannel, World
from refexec.abi import ProcessExit, Suspend
from refexec.errors import TrapError

WORD = int.from_bytes(b"12345678", "little")


def test_rt_write8() -> None:
    with World() as world:
        assert world.call("rt_write8", WORD) is None
        assert world.peer.recv(100) == b"12345678"
        assert world.call("rt_write8", -1) is None
        assert world.peer.recv(100) == b"\xff" * 8


def test_rt_write8_waits_for_room() -> None:
    with World() as world:
        filled = world.channel.fill()
        call = world.background("rt_write8", WORD)
        received = b""
        while len(received) < filled + 8:
            received += world.peer.recv(1 << 20)
        assert call.result() is None
        assert received.endswith(b"-12345678")


def test_rt_write8_interrupted_by_suspension() -> None:
    with World() as world:
        world.channel.fill()
        call = world.background("rt_write8", WORD)
        world.channel.suspend()
        with pytest.raises(Suspend):
            call.result()


def test_rt_write8_that_is_taken_in_part_ends_the_process() -> None:
    class Narrow(SocketChannel):
        def write(self, data: bytes) -> int:
            return 3

    with World(channel=Narrow()) as world:
        with pytest.raises(ProcessExit) as caught:
            world.call("rt_write8", WORD)
        assert caught.value.status == 7


def test_rt_read8() -> None:
    with World() as world:
        world.peer.send(b"12345678rest")
        assert world.call("rt_read8") == WORD
        assert world.channel.read(100) == b"rest"


def test_rt_read8_waits_for_input() -> None:
    with World() as world:
        call = world.background("rt_read8")
        world.peer.send(b"12345678")
        assert call.result() == WORD


def test_rt_read8_interrupted_by_suspension() -> None:
    with World() as world:
        call = world.background("rt_read8")
        world.channel.suspend()
        with pytest.raises(Suspend):
            call.result()


def test_rt_read8_of_too_little_ends_the_process() -> None:
    with World() as world:
        world.peer.send(b"1234")
        with pytest.raises(ProcessExit) as caught:
            world.call("rt_read8")
        assert caught.value.status == 5


def test_rt_read8_at_the_end_of_the_stream_ends_the_process() -> None:
    with World() as world:
        world.peer.shutdown(socket.SHUT_WR)
        with pytest.raises(ProcessExit) as caught:
            world.call("rt_read8")
        assert caught.value.status == 5


@pytest.mark.parametrize("status", [0, 1, 2, 3, 127])
def test_rt_trap(status: int) -> None:
    with World() as world:
        with pytest.raises(ProcessExit) as caught:
            world.call("rt_trap", status)
        assert caught.value.status == status


def test_rt_debug() -> None:
    with World() as world:
        world.put(1000, b"text")
        assert world.call("rt_debug", 1000, 4) is None
        assert world.call("rt_debug", 0xFFFF_FFFF, 0) is None
        assert world.channel.log == b"text"
        with pytest.raises(TrapError):
            world.call("rt_debug", 0xFFFF, 2)
