"""Anything that reads or writes bytes as a connection, and giving up waiting for it."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from refexec.context import background
from refexec.service.connection import open_reader, open_writer
from service_world import WAIT, Background


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def socket_pair(stack: ExitStack) -> tuple[Any, Any]:
    ours, theirs = socket.socketpair()
    stack.enter_context(ours)
    stack.enter_context(theirs)
    return ours, theirs


def pipe(stack: ExitStack, buffering: int) -> tuple[Any, Any]:
    receive, send = os.pipe()
    reader = stack.enter_context(os.fdopen(receive, "rb", buffering))
    writer = stack.enter_context(os.fdopen(send, "wb", 0))
    return reader, writer


def raw_pipe(stack: ExitStack) -> tuple[Any, Any]:
    return pipe(stack, 0)


def buffered_pipe(stack: ExitStack) -> tuple[Any, Any]:
    return pipe(stack, -1)


class PipeEnd:
    """A plain object around a pipe: it can only block."""

    def __init__(self, end: Any) -> None:
        self._end = end

    def read(self, size: int) -> bytes:
        return os.read(self._end.fileno(), size)


def plain_object(stack: ExitStack) -> tuple[Any, Any]:
    reader, writer = pipe(stack, 0)
    return PipeEnd(reader), writer


def write(end: Any, data: bytes) -> None:
    if isinstance(end, socket.socket):
        end.sendall(data)
    else:
        end.write(data)


READERS = [socket_pair, raw_pipe, buffered_pipe, plain_object]


@pytest.mark.parametrize("kind", READERS)
def test_reading_what_is_there_then_the_end(kind: Callable[..., Any], stack: ExitStack) -> None:
    ours, theirs = kind(stack)
    reader = open_reader(ours, background())
    stack.callback(reader.release)
    write(theirs, b"hello")
    assert reader.read(3) == b"hel"
    assert reader.read(100) == b"lo"
    theirs.close()
    assert reader.read(100) == b""
    reader.close_half()


@pytest.mark.parametrize("kind", READERS)
def test_a_read_that_waits_gets_what_comes(kind: Callable[..., Any], stack: ExitStack) -> None:
    ours, theirs = kind(stack)
    reader = open_reader(ours, background())
    stack.callback(reader.release)
    reading = Background(reader.read, 10)
    write(theirs, b"late")
    assert reading.result() == b"late"


@pytest.mark.parametrize("kind", READERS)
def test_a_read_that_waits_is_given_up(kind: Callable[..., Any], stack: ExitStack) -> None:
    ours, theirs = kind(stack)
    ctx, cancel = background().with_cancel()
    reader = open_reader(ours, ctx)
    stack.callback(reader.release)
    reading = Background(reader.read, 10)
    cancel()
    assert reading.result() is None
    assert reader.read(10) is None
    reader.release()
    reader.release()
    if kind is plain_object:
        theirs.close()  # so that the helper thread ends
        return
    # Nothing was taken from the connection.
    write(theirs, b"still there")
    again = open_reader(ours, background())
    stack.callback(again.release)
    assert again.read(100) == b"still there"


def test_bytes_that_a_buffered_reader_has_read_ahead_come_first(stack: ExitStack) -> None:
    ours, theirs = buffered_pipe(stack)
    theirs.write(b"line\nahead")
    assert ours.readline() == b"line\n"
    reader = open_reader(ours, background())
    stack.callback(reader.release)
    assert reader.read(2) == b"ah"
    assert reader.read(100) == b"ead"
    assert os.get_blocking(ours.fileno())
    theirs.write(b"more")
    assert reader.read(100) == b"more"
    theirs.close()
    assert reader.read(100) == b""


def test_a_socket_that_is_shut_down_for_reading_by_its_half_close(stack: ExitStack) -> None:
    ours, theirs = socket_pair(stack)
    reader = open_reader(ours, background())
    stack.callback(reader.release)
    reader.close_half()
    assert ours.recv(1) == b""
    writer = open_writer(ours, background())
    stack.callback(writer.release)
    assert writer.write(b"still open") == 10
    writer.close_half()
    assert theirs.recv(100) == b"still open"
    assert theirs.recv(100) == b""
    theirs.close()
    ours.close()
    # The other end may be gone already, and so may ours.
    reader.close_half()
    writer.close_half()


def test_regular_files_are_read_and_written_at_their_position(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with path.open("r+b") as file:
        file.seek(4)
        reader = open_reader(file, background())
        assert reader.read(3) == b"456"
        assert reader.read(100) == b"789"
        assert reader.read(100) == b""
        reader.close_half()
        reader.release()
        file.seek(1)
        writer = open_writer(file, background())
        assert writer.write(b"AB") == 2
        assert file.tell() == 3
        writer.release()
        writer.close_half()
        assert file.closed
    assert path.read_bytes() == b"0AB3456789"


def test_bytes_in_memory() -> None:
    reader = open_reader(io.BytesIO(b"abc"), background())
    assert reader.read(2) == b"ab"
    assert reader.read(2) == b"c"
    assert reader.read(2) == b""
    sink = io.BytesIO()
    writer = open_writer(sink, background())
    assert writer.write(b"abc") == 3
    assert sink.getvalue() == b"abc"
    ctx, cancel = background().with_cancel()
    cancel()
    assert open_writer(sink, ctx).write(b"no") is None


def test_an_object_with_halves_is_closed_by_halves() -> None:
    class Halves(io.BytesIO):
        closed_halves = ""

        def close_read(self) -> None:
            self.closed_halves += "r"

        def close_write(self) -> None:
            self.closed_halves += "w"

    connection = Halves()
    open_reader(connection, background()).close_half()
    open_writer(connection, background()).close_half()
    assert connection.closed_halves == "rw"
    assert not connection.closed


def test_a_writer_that_returns_nothing_has_written_everything() -> None:
    written: list[bytes] = []

    class Sink:
        def write(self, data: bytes) -> None:
            written.append(data)

    assert open_writer(Sink(), background()).write(b"abc") == 3
    assert written == [b"abc"]


def test_objects_that_cannot_read() -> None:
    with pytest.raises(TypeError, match="object has no way to read bytes"):
        open_reader(object(), background())


def test_errors_of_a_plain_reader_come_through(stack: ExitStack) -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError("broken")

    reader = open_reader(Broken(), background())
    stack.callback(reader.release)
    with pytest.raises(OSError, match=r"^broken$"):
        reader.read(1)


def test_a_plain_reader_that_has_nothing_yet(stack: ExitStack) -> None:
    class Impatient:
        def read(self, size: int) -> None:
            return None

    reader = open_reader(Impatient(), background())
    stack.callback(reader.release)
    with pytest.raises(BlockingIOError):
        reader.read(1)


def fill(writer: Any) -> int:
    """Write until nothing more fits, without blocking."""
    count = 0
    os.set_blocking(writer.fileno(), False)
    try:
        while True:
            count += os.write(writer.fileno(), bytes(1 << 16))
    except BlockingIOError:
        return count
    finally:
        os.set_blocking(writer.fileno(), True)


@pytest.mark.parametrize("kind", [socket_pair, raw_pipe])
def test_a_write_that_waits_goes_on_or_is_given_up(
    kind: Callable[..., Any], stack: ExitStack
) -> None:
    ours, theirs = kind(stack)
    count = fill(theirs)
    ctx, cancel = background().with_cancel()
    writer = open_writer(theirs, ctx)
    stack.callback(writer.release)
    writing = Background(writer.write, b"x" * 100_000)
    read: Callable[[int], bytes] = ours.recv if isinstance(ours, socket.socket) else ours.read
    while count > 0:
        count -= len(read(min(count, 1 << 16)))
    written = writing.result()
    assert 0 < written <= 100_000
    fill(theirs)
    writing = Background(writer.write, b"y")
    cancel()
    assert writing.result() is None
    assert os.get_blocking(theirs.fileno())


def test_a_buffered_writer_is_flushed_before(stack: ExitStack) -> None:
    receive, send = os.pipe()
    reader = stack.enter_context(os.fdopen(receive, "rb", 0))
    sink = stack.enter_context(os.fdopen(send, "wb"))
    sink.write(b"first ")
    writer = open_writer(sink, background())
    stack.callback(writer.release)
    assert writer.write(b"second") == 6
    assert writer.write(b".") == 1
    assert reader.read(100) == b"first second."
    writer.close_half()
    assert sink.closed
    assert reader.read(100) == b""


def test_writing_to_a_pipe_that_nobody_reads_is_an_error(stack: ExitStack) -> None:
    reader, sink = raw_pipe(stack)
    writer = open_writer(sink, background())
    stack.callback(writer.release)
    reader.close()
    with pytest.raises(BrokenPipeError):
        writer.write(b"x")


def test_devices() -> None:
    with open(os.devnull, "r+b", buffering=0) as null:
        reader = open_reader(null, background())
        assert reader.read(10) == b""
        reader.release()
        writer = open_writer(null, background())
        assert writer.write(b"abc") == 3
        writer.release()


def test_tls_sockets_are_read_through_their_own_calls(stack: ExitStack, tmp_path: Path) -> None:
    """A TLS socket may hold decrypted bytes that no poll sees."""
    ssl = pytest.importorskip("ssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = (
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test"),
        *("-keyout", str(key), "-out", str(certificate)),
    )
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    ours, theirs = socket.socketpair()
    shaking = Background(lambda: server.wrap_socket(theirs, server_side=True))
    ours = stack.enter_context(client.wrap_socket(ours))
    theirs = stack.enter_context(shaking.result())

    theirs.sendall(b"hello")
    reader = open_reader(ours, background())
    stack.callback(reader.release)
    assert reader.read(2) == b"he"
    assert reader.read(100) == b"llo"
    writer = open_writer(ours, background())
    stack.callback(writer.release)
    assert writer.write(b"back") == 4
    assert theirs.recv(100) == b"back"


def test_standard_input_of_a_process_can_be_abandoned() -> None:
    """A silent standard input keeps neither a reader nor the interpreter from ending."""
    script = """
import sys
from refexec.context import background
from refexec.service.connection import open_reader
ctx, cancel = background().with_timeout(0.05)
reader = open_reader(sys.stdin.buffer, ctx)
print(reader.read(10))
"""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=output
        )
        assert process.wait(WAIT) == 0
        assert process.stdin is not None
        process.stdin.close()
        output.seek(0)
        assert output.read() == b"None\n"


def test_many_waits_leave_no_threads_and_descriptors_behind(stack: ExitStack) -> None:
    ours, _ = socket_pair(stack)
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        ctx, cancel = background().with_cancel()
        reader = open_reader(ours, ctx)
        reading = Background(reader.read, 1)
        cancel()
        assert reading.result() is None
        reader.release()
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors
