"""File descriptors, paths and sockets."""

from __future__ import annotations

import pytest

from abi_world import UNTOUCHED32, SocketChannel, World
from refexec.abi import Deficiency, ProcessExit
from refexec.abi.table import WASI
from refexec.errors import TrapError
from refexec.trap import TrapID

KNOWN = (0, 1, 2, 4)
UNKNOWN = (3, 5, 9, 0x104, 0xFFFF_FFFF)

# Functions that only refuse, with the positions of the descriptors that they look at.
STUBS = {
    **dict.fromkeys(
        [
            "fd_advise",
            "fd_allocate",
            "fd_datasync",
            "fd_fdstat_set_flags",
            "fd_filestat_get",
            "fd_filestat_set_size",
            "fd_filestat_set_times",
            "fd_pread",
            "fd_prestat_get",
            "fd_pwrite",
            "fd_readdir",
            "fd_seek",
            "fd_sync",
            "fd_tell",
            "path_create_directory",
            "path_filestat_get",
            "path_filestat_set_times",
            "path_open",
            "path_readlink",
            "path_remove_directory",
            "path_unlink_file",
            "sock_shutdown",
        ],
        (0,),
    ),
    "path_link": (0, 4),
    "path_rename": (0, 3),
    "path_symlink": (2,),
}


def refuse(world: World, name: str, *fds: int, other: int = 0) -> int | None:
    """Call a stub with `fds` at its positions and `other` for every other argument."""
    arguments = [other] * len(WASI[name].type.params)
    for position, fd in zip(STUBS[name], fds, strict=True):
        arguments[position] = fd
    return world.call(name, *arguments)


@pytest.mark.parametrize("name", [name for name in STUBS if len(STUBS[name]) == 1])
def test_s095_stubs(name: str) -> None:
    with World() as world:
        before = bytes(world.memory.data)
        for other in (0, 1, 0x7FFF_FFFF):
            assert [refuse(world, name, fd, other=other) for fd in KNOWN] == [63] * 4
            assert [refuse(world, name, fd, other=other) for fd in UNKNOWN] == [8] * 5
        assert world.memory.data == before


@pytest.mark.parametrize("name", ["path_link", "path_rename"])
def test_s095_double_stubs(name: str) -> None:
    with World() as world:
        assert refuse(world, name, 4, 1) == 63
        assert refuse(world, name, 4, 3) == 8
        assert refuse(world, name, 3, 4) == 8
        assert refuse(world, name, 3, 5) == 8


def test_s095_path_symlink_uses_its_third_parameter() -> None:
    with World() as world:
        assert world.call("path_symlink", 3, 3, 4, 3, 3) == 63
        assert world.call("path_symlink", 4, 4, 3, 4, 4) == 8


def test_s095_fd_prestat_get() -> None:
    with World() as world:
        assert world.call("fd_prestat_get", 3, 100) == 8


def test_fd_prestat_dir_name() -> None:
    with World() as world:
        assert world.call("fd_prestat_dir_name", 4, 0, 1) == 21
        assert world.call("fd_prestat_dir_name", 3, 0, -1) == 21
        for fd in KNOWN:
            assert world.call("fd_prestat_dir_name", fd, 0, 0) == 28
            assert world.call("fd_prestat_dir_name", fd, 0xFFFF_FFFF, 1) == 28
        assert world.call("fd_prestat_dir_name", 3, 100, 1) == 8


# -- close, renumber -----------------------------------------------------------------------------


def test_s094_fd_close() -> None:
    with World() as world:
        assert [world.call("fd_close", fd) for fd in UNKNOWN] == [8] * 5
        assert world.host.deficiency is None


@pytest.mark.parametrize("fd", KNOWN)
def test_s094_fd_close_of_a_known_descriptor_can_not_be_served(fd: int) -> None:
    with World() as world:
        with pytest.raises(Deficiency, match="fd_close"):
            world.call("fd_close", fd)
        assert world.host.deficiency == f"fd_close of descriptor {fd}"


def test_s094_fd_renumber() -> None:
    with World() as world:
        assert [world.call("fd_renumber", fd, fd) for fd in KNOWN] == [0] * 4
        assert world.call("fd_renumber", 3, 3) == 8
        assert world.call("fd_renumber", 4, 10) == 8
        assert world.call("fd_renumber", 10, 4) == 8
        with pytest.raises(Deficiency):
            world.call("fd_renumber", 0, 1)


# -- status --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fd", "flags", "rights"), [(0, 0, 0), (1, 0, 0x40), (2, 0, 0x40), (4, 4, 0x42)]
)
def test_s093_fdstat(fd: int, flags: int, rights: int) -> None:
    with World() as world:
        assert world.call("fd_fdstat_get", fd, 101) == 0
        expected = bytearray(b"\xaa" * 24)
        expected[0] = 0
        expected[2:4] = flags.to_bytes(2, "little")
        expected[8:16] = rights.to_bytes(8, "little")
        expected[16:24] = bytes(8)
        assert world.bytes(101, 24) == expected
        assert world.bytes(125, 1) == b"\xaa"


def test_s093_fdstat_of_unknown_descriptors() -> None:
    with World() as world:
        assert [world.call("fd_fdstat_get", fd, 100) for fd in UNKNOWN] == [8] * 5
        assert world.call("fd_fdstat_get", 3, 0xFFFF_FFFF) == 8
        assert world.call("fd_fdstat_get", 3, 0) == 21
        assert world.u32(100) == UNTOUCHED32


def test_fdstat_outside_memory_traps() -> None:
    with World() as world, pytest.raises(TrapError) as caught:
        world.call("fd_fdstat_get", 0, 0x10000 - 16)
    assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS


TRAP = 27


@pytest.mark.parametrize(
    ("fd", "base", "inheriting", "expected"),
    [
        (4, 0x42, 0, 0),
        (4, 0x42, 1, 76),
        (4, 0, 1, 76),
        (4, 0x43, 0, 76),
        (4, 1 << 63, 0, 76),
        (4, 0x40, 0, TRAP),
        (4, 0x02, 0, TRAP),
        (4, 0, 0, TRAP),
        (1, 0x40, 0, 0),
        (2, 0x40, 0, 0),
        (1, 0x40, 1 << 63, 76),
        (1, 0x42, 0, 76),
        (1, 1, 0, 76),
        (1, 0, 1, 76),
        (1, 0, 0, TRAP),
        (2, 0, 0, TRAP),
        (0, 0, 0, 0),
        (0, 0, 1, 76),
        (0, 0x40, 0, 76),
        (3, 0, 0, 8),
        (3, 1, 1, 8),
        (5, 0x42, 0, 8),
    ],
)
def test_s093_fdstat_rights(fd: int, base: int, inheriting: int, expected: int) -> None:
    with World() as world:
        if expected == TRAP:
            with pytest.raises(Deficiency):
                world.call("fd_fdstat_set_rights", fd, base, inheriting)
        else:
            assert world.call("fd_fdstat_set_rights", fd, base, inheriting) == expected


# -- sockets -------------------------------------------------------------------------------------


def test_s096_sockets() -> None:
    with World() as world:
        for fd, received, sent in [
            (0, 63, 63),
            (1, 63, 57),
            (2, 63, 57),
            (4, 57, 57),
            (3, 8, 8),
            (0xFFFF_FFFF, 8, 8),
        ]:
            assert world.call("sock_recv", fd, 0, 0, 0, 0, 0) == received
            assert world.call("sock_send", fd, 0, 0, 0, 0) == sent


# -- null rules of the transfers -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["fd_read", "fd_write"])
def test_s090_transfer_null_rules(name: str) -> None:
    with World() as world:
        for fd in (0, 1, 2, 4, 9):
            assert world.call(name, fd, 0, 1, 100) == 21
            assert world.call(name, fd, 200, 1, 0) == 21
            assert world.call(name, fd, 0, 0, 0) == 21
        assert world.call(name, 9, 200, 1, 100) == 8
        assert world.call(name, 0, 200, 1, 100) == 63
        assert world.call(name, 4, 0, 0, 100) == 0
        assert world.u32(100) == 0


@pytest.mark.parametrize("name", ["fd_read", "fd_write"])
def test_a_negative_vector_count_is_like_zero(name: str) -> None:
    with World() as world:
        world.peer.send(b"x")
        assert world.call(name, 4, 0, -1, 100) == 0
        assert world.call(name, 4, 0xFFFF_FFFF, -0x8000_0000, 100) == 0
        assert world.u32(100) == 0


def test_s090_fd_read_of_what_gives_nothing() -> None:
    with World() as world:
        vector = world.vector(200, (300, 8))
        assert [world.call("fd_read", fd, vector, 1, 100) for fd in (0, 1, 2)] == [63] * 3
        assert [world.call("fd_read", fd, vector, 1, 100) for fd in UNKNOWN] == [8] * 5
        assert world.u32(100) == UNTOUCHED32


# -- reading packets -----------------------------------------------------------------------------


def test_s098_fd_read_without_data() -> None:
    with World() as world:
        vector = world.vector(200, (300, 0), (300, 8))
        assert world.call("fd_read", 4, vector, 2, 100) == 6
        assert world.u32(100) == UNTOUCHED32


def test_s098_fd_read_takes_all_there_is_across_packets() -> None:
    with World() as world:
        world.peer.send(b"0123456789abcdef")
        world.peer.send(b"next packet.")
        vector = world.vector(200, (0x1000, 0x8000))
        assert world.call("fd_read", 4, vector, 1, 100) == 0
        assert world.u32(100) == 28
        assert world.bytes(0x1000, 29) == b"0123456789abcdefnext packet.\xaa"


def test_fd_read_scatters_and_stops_at_a_short_read() -> None:
    with World() as world:
        world.peer.send(b"abcdefg")
        vector = world.vector(200, (1000, 3), (0, 0), (2000, 2), (3000, 4), (4000, 4))
        assert world.call("fd_read", 4, vector, 5, 100) == 0
        assert world.u32(100) == 7
        assert world.bytes(1000, 4) == b"abc\xaa"
        assert world.bytes(2000, 3) == b"de\xaa"
        assert world.bytes(3000, 3) == b"fg\xaa"
        assert world.bytes(4000, 1) == b"\xaa"


def test_fd_read_leaves_what_does_not_fit() -> None:
    with World() as world:
        world.peer.send(b"abcdefg")
        vector = world.vector(200, (1000, 3))
        assert world.call("fd_read", 4, vector, 1, 100) == 0
        assert world.call("fd_read", 4, vector, 1, 104) == 0
        assert (world.u32(100), world.u32(104)) == (3, 3)
        assert world.bytes(1000, 3) == b"def"


def test_fd_read_checks_each_buffer_before_it_reads() -> None:
    with World() as world:
        world.peer.send(b"abcdef")
        vector = world.vector(200, (1000, 2), (0xFFFF, 2))
        with pytest.raises(TrapError) as caught:
            world.call("fd_read", 4, vector, 2, 100)
        assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
        assert world.bytes(1000, 2) == b"ab"
        assert world.channel.read(100) == b"cdef"
        assert world.u32(100) == UNTOUCHED32


def test_an_empty_buffer_may_have_any_address() -> None:
    with World() as world:
        vector = world.vector(200, (0xFFFF_FFFF, 0))
        assert world.call("fd_read", 4, vector, 1, 100) == 0
        assert world.call("fd_write", 4, vector, 1, 104) == 0
        assert world.call("fd_write", 1, vector, 1, 108) == 0
        assert (world.u32(100), world.u32(104), world.u32(108)) == (0, 0, 0)


@pytest.mark.parametrize(("name", "fd"), [("fd_read", 4), ("fd_write", 4), ("fd_write", 1)])
def test_vector_outside_memory_traps_when_it_is_reached(name: str, fd: int) -> None:
    with World(debug=False) as world:
        world.peer.send(b"xx")
        vector = world.vector(0x10000 - 8, (1000, 1))
        assert world.call(name, fd, vector, 1, 100) == 0
        with pytest.raises(TrapError) as caught:
            world.call(name, fd, vector, 2, 104)
        assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
        assert world.u32(104) == UNTOUCHED32


def test_fd_read_at_the_end_of_the_stream() -> None:
    with World() as world:
        world.peer.close()
        vector = world.vector(200, (1000, 3))
        assert world.call("fd_read", 4, vector, 1, 100) == 6


def test_count_pointer_outside_memory_traps_after_the_transfer() -> None:
    with World() as world:
        world.put(1000, b"gone")
        vector = world.vector(200, (1000, 4))
        with pytest.raises(TrapError):
            world.call("fd_write", 4, vector, 1, 0x10000 - 2)
        assert world.peer.recv(100) == b"gone"


# -- writing packets -----------------------------------------------------------------------------


def test_fd_write_gathers() -> None:
    with World() as world:
        world.put(1000, b"hello, world")
        vector = world.vector(200, (1000, 5), (0, 0), (1005, 7))
        assert world.call("fd_write", 4, vector, 3, 100) == 0
        assert world.u32(100) == 12
        assert world.peer.recv(100) == b"hello, world"


def test_s098_fd_write_when_the_stream_is_full() -> None:
    with World() as world:
        world.channel.fill()
        vector = world.vector(200, (1000, 8))
        assert world.call("fd_write", 4, vector, 1, 100) == 6
        assert world.u32(100) == UNTOUCHED32


def test_fd_write_stops_at_a_short_write() -> None:
    with World(memory_size=0x40_0000) as world:
        vector = world.vector(200, (0x1000, 8), (0x1000, 0x30_0000), (0x1000, 8))
        assert world.call("fd_write", 4, vector, 3, 100) == 0
        written = world.u32(100)
        assert 8 < written < 0x30_0008
        received = 0
        while received < written:
            received += len(world.peer.recv(1 << 20))
        assert received == written
        assert world.call("fd_write", 4, world.vector(200, (0x1000, 8)), 1, 100) == 0


class Sink(SocketChannel):
    """A channel that takes everything."""

    taken = b""

    def write(self, data: bytes) -> int:
        self.taken += data
        return len(data)


def test_a_large_buffer_goes_out_whole_if_the_stream_takes_it() -> None:
    with World(memory_size=0x40_0000, channel=Sink()) as world:
        content = bytes(range(256)) * 0x3000
        world.put(0x1000, content)
        assert world.call("fd_write", 4, world.vector(200, (0x1000, 0x30_0000)), 1, 100) == 0
        assert world.u32(100) == 0x30_0000
        assert isinstance(world.channel, Sink)
        assert world.channel.taken == content


def test_fd_write_when_the_peer_is_gone() -> None:
    with World() as world:
        world.peer.close()
        with pytest.raises(ProcessExit) as caught:
            world.call("fd_write", 4, world.vector(200, (1000, 8)), 1, 100)
        assert caught.value.status == 6


# -- debug log -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fd", [1, 2])
def test_s097_debug_log(fd: int) -> None:
    with World() as world:
        world.put(1000, b"PASS\n")
        vector = world.vector(200, (1000, 3), (1003, 0), (1003, 2))
        assert world.call("fd_write", fd, vector, 3, 100) == 0
        assert world.u32(100) == 5
        assert world.channel.log == b"PASS\n"


def test_s097_debug_log_has_one_sink() -> None:
    with World() as world:
        world.put(1000, b"ab")
        world.call("fd_write", 1, world.vector(200, (1000, 1)), 1, 100)
        world.call("fd_write", 2, world.vector(200, (1001, 1)), 1, 100)
        assert world.channel.log == b"ab"


def test_s097_without_log_the_buffers_are_not_looked_at() -> None:
    with World(debug=False) as world:
        vector = world.vector(200, (0xFFFF_FFF0, 4), (1000, 2))
        assert world.call("fd_write", 1, vector, 2, 100) == 0
        assert world.u32(100) == 6
        assert world.channel.log == b""
        vector = world.vector(200, (0, 0xFFFF_FFFF), (0, 3))
        assert world.call("fd_write", 2, vector, 2, 100) == 0
        assert world.u32(100) == 2


def test_s097_with_log_a_buffer_outside_memory_traps() -> None:
    with World() as world:
        world.put(1000, b"kept")
        vector = world.vector(200, (1000, 4), (0xFFFF, 2))
        with pytest.raises(TrapError) as caught:
            world.call("fd_write", 1, vector, 2, 100)
        assert caught.value.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
        assert world.channel.log == b"kept"
        assert world.u32(100) == UNTOUCHED32


def test_fd_write_of_other_descriptors() -> None:
    with World() as world:
        vector = world.vector(200, (1000, 4))
        assert world.call("fd_write", 0, vector, 1, 100) == 63
        assert [world.call("fd_write", fd, vector, 1, 100) for fd in UNKNOWN] == [8] * 5
        assert world.u32(100) == UNTOUCHED32
