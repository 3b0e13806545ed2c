"""Reading and writing a host's connection so that waiting can be given up.

A service is handed whatever the host has: a socket, a pipe, a file, or any object that reads or
writes bytes. `open_reader` and `open_writer` put one face on them, bound to a context: when that
is done, a read or write that waits returns None, and nothing has been taken from the connection
or given to it.

How that is done depends on the object:

* sockets and other descriptors (pipes, terminals) are polled, then read or written by a call that
  does not block. Their blocking mode, which others may rely on, is left as it is;
* regular files and `io.BytesIO` never block, so they are simply used;
* any other reader is read on a helper thread. Given up, that thread lingers until its read
  returns, and what it read is lost. Any other writer blocks its caller.

This module knows nothing of packets or streams.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import selectors
import socket
import stat
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from refexec.context import Context

# A pipe that polls as writable takes this many bytes without blocking.
_PIPE_CHUNK: Final = select.PIPE_BUF


class ConnectionReader(Protocol):
    """The side of a connection that data for the program comes from."""

    def read(self, size: int) -> bytes | None:
        """Read 1 to `size` bytes; empty at the end; None if the context is done first."""
        ...

    def close_half(self) -> None:
        """Tell the other end that no more will be read, if there is a way to do so."""
        ...

    def release(self) -> None:
        """Free what this wrapper holds. The connection stays open."""
        ...


class ConnectionWriter(Protocol):
    """The side of a connection that data from the program goes to."""

    def write(self, data: bytes) -> int | None:
        """Write some of `data`; how many bytes, at least 1; None if the context is done first."""
        ...

    def close_half(self) -> None:
        """Tell the other end that no more will be written."""
        ...

    def release(self) -> None:
        """Free what this wrapper holds. The connection stays open."""
        ...


def open_reader(source: Any, ctx: Context) -> ConnectionReader:
    """Wrap a socket, a binary file, or an object with `read1`, `read` or `recv`."""
    if _is_plain_socket(source):
        return _SocketReader(source, ctx)
    if _never_blocks(source):
        return _DirectReader(source)
    descriptor = _descriptor(source)
    if descriptor is None or _is_socket(source):
        return _ThreadReader(source, ctx)
    return _DescriptorReader(source, descriptor, ctx)


def open_writer(sink: Any, ctx: Context) -> ConnectionWriter:
    """Wrap a socket, a binary file, or an object with `write`."""
    if _is_plain_socket(sink):
        return _SocketWriter(sink, ctx)
    descriptor = _descriptor(sink)
    if descriptor is None or _is_socket(sink) or _never_blocks(sink):
        return _DirectWriter(sink, ctx)
    return _DescriptorWriter(sink, descriptor, ctx)


# -- what kind of object it is -------------------------------------------------------------------


def _is_socket(connection: Any) -> bool:
    return isinstance(connection, socket.socket)


def _is_plain_socket(connection: Any) -> bool:
    # A TLS socket keeps decrypted bytes that no poll knows of.
    return _is_socket(connection) and not hasattr(connection, "do_handshake")


def _descriptor(connection: Any) -> int | None:
    try:
        descriptor = connection.fileno()
    except (AttributeError, OSError):  # io.UnsupportedOperation is an OSError
        return None
    return descriptor if isinstance(descriptor, int) and descriptor >= 0 else None


def _never_blocks(connection: Any) -> bool:
    if isinstance(connection, io.BytesIO):
        return True
    descriptor = _descriptor(connection)
    return descriptor is not None and stat.S_ISREG(os.fstat(descriptor).st_mode)


def _close_read(connection: Any) -> None:
    if hasattr(connection, "close_read"):
        connection.close_read()
    elif _is_socket(connection):
        with contextlib.suppress(OSError):  # the peer may be gone already
            connection.shutdown(socket.SHUT_RD)


def _close_write(connection: Any) -> None:
    if hasattr(connection, "close_write"):
        connection.close_write()
    elif _is_socket(connection):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
    else:
        connection.close()


# -- waiting -------------------------------------------------------------------------------------


class _Poller:
    """Waits for one descriptor to be ready, or for a context to be done."""

    def __init__(self, descriptor: int, event: int, ctx: Context) -> None:
        self._ctx = ctx
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._wake_receiver, self._wake_sender = socket.socketpair()
        # Not epoll: it refuses some devices, such as /dev/null.
        self._selector = selectors.PollSelector()
        self._selector.register(descriptor, event)
        self._selector.register(self._wake_receiver, selectors.EVENT_READ)
        self._forget = ctx.add_done_callback(self._wake)

    def _wake(self) -> None:
        with self._lock, contextlib.suppress(OSError):  # released in the meantime
            self._wake_sender.send(b"\0")

    def wait(self) -> bool:
        """Wait. True if the descriptor is ready, False if the context is done."""
        while not self._ctx.done.is_set():
            if any(key.fd == self._descriptor for key, _ in self._selector.select()):
                return True
        return False

    def release(self) -> None:
        self._forget()
        with self._lock:
            self._selector.close()
            self._wake_receiver.close()
            self._wake_sender.close()


# -- readers -------------------------------------------------------------------------------------


class _SocketReader:
    def __init__(self, connection: socket.socket, ctx: Context) -> None:
        self._connection = connection
        self._poller = _Poller(connection.fileno(), selectors.EVENT_READ, ctx)

    def read(self, size: int) -> bytes | None:
        while self._poller.wait():
            with contextlib.suppress(BlockingIOError):  # somebody else was faster
                return self._connection.recv(size, socket.MSG_DONTWAIT)
        return None

    def close_half(self) -> None:
        _close_read(self._connection)

    def release(self) -> None:
        self._poller.release()


class _DescriptorReader:
    def __init__(self, source: Any, descriptor: int, ctx: Context) -> None:
        self._source = source
        self._descriptor = descriptor
        self._poller = _Poller(descriptor, selectors.EVENT_READ, ctx)
        self._ahead: int | None = None

    def read(self, size: int) -> bytes | None:
        if self._ahead is None:
            self._ahead = self._read_ahead()
        if self._ahead:
            data: bytes = self._source.read1(min(size, self._ahead))
            self._ahead -= len(data)
            return data
        while self._poller.wait():
            with contextlib.suppress(BlockingIOError):  # somebody else was faster
                return os.read(self._descriptor, size)
        return None

    def _read_ahead(self) -> int:
        """How many bytes the object itself holds, where no poll can see them."""
        if not isinstance(self._source, io.BufferedReader):
            return 0
        # `peek` is the only way to ask, and would block on an empty buffer.
        blocking = os.get_blocking(self._descriptor)
        os.set_blocking(self._descriptor, False)
        try:
            return len(self._source.peek(1))
        finally:
            os.set_blocking(self._descriptor, blocking)

    def close_half(self) -> None:
        _close_read(self._source)

    def release(self) -> None:
        self._poller.release()


def _read_call(source: Any) -> Callable[[int], bytes | None]:
    for name in ("read1", "read", "recv"):
        call = getattr(source, name, None)
        if call is not None and not (name == "read" and _is_socket(source)):
            return call  # type: ignore[no-any-return]  # the caller promised what it is
    raise TypeError(f"{type(source).__name__} object has no way to read bytes")


class _DirectReader:
    def __init__(self, source: Any) -> None:
        self._source = source
        self._call = _read_call(source)

    def read(self, size: int) -> bytes | None:
        return self._call(size)

    def close_half(self) -> None:
        _close_read(self._source)

    def release(self) -> None:
        pass


class _ThreadReader:
    def __init__(self, source: Any, ctx: Context) -> None:
        self._source = source
        self._call = _read_call(source)
        self._ctx = ctx
        self._requests: SimpleQueue[int | None] = SimpleQueue()
        # Results from the thread, and None from the context.
        self._answers: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        self._forget: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    def read(self, size: int) -> bytes | None:
        if self._ctx.done.is_set():
            return None
        if self._thread is None:
            self._forget = self._ctx.add_done_callback(lambda: self._answers.put(None))
            # Daemon: a read that never returns must not keep the interpreter from ending.
            self._thread = threading.Thread(target=self._run, name="refexec-reader", daemon=True)
            self._thread.start()
        self._requests.put(size)
        answer = self._answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _run(self) -> None:
        while (size := self._requests.get()) is not None:
            try:
                data = self._call(size)
                if data is None:
                    raise BlockingIOError("reader has no data and no descriptor to wait for")
                self._answers.put(data)
            except Exception as error:
                self._answers.put(error)

    def close_half(self) -> None:
        _close_read(self._source)

    def release(self) -> None:
        self._forget()
        self._requests.put(None)


# -- writers -------------------------------------------------------------------------------------


class _SocketWriter:
    def __init__(self, connection: socket.socket, ctx: Context) -> None:
        self._connection = connection
        self._poller = _Poller(connection.fileno(), selectors.EVENT_WRITE, ctx)

    def write(self, data: bytes) -> int | None:
        while self._poller.wait():
            with contextlib.suppress(BlockingIOError):  # somebody else was faster
                return self._connection.send(data, socket.MSG_DONTWAIT)
        return None

    def close_half(self) -> None:
        _close_write(self._connection)

    def release(self) -> None:
        self._poller.release()


class _DescriptorWriter:
    def __init__(self, sink: Any, descriptor: int, ctx: Context) -> None:
        self._sink = sink
        self._descriptor = descriptor
        self._poller = _Poller(descriptor, selectors.EVENT_WRITE, ctx)
        self._flushed = False

    def write(self, data: bytes) -> int | None:
        if not self._flushed and hasattr(self._sink, "flush"):
            self._sink.flush()  # what the host wrote before comes first
        self._flushed = True
        while self._poller.wait():
            with contextlib.suppress(BlockingIOError):  # somebody else was faster
                return os.write(self._descriptor, data[:_PIPE_CHUNK])
        return None

    def close_half(self) -> None:
        _close_write(self._sink)

    def release(self) -> None:
        self._poller.release()


class _DirectWriter:
    def __init__(self, sink: Any, ctx: Context) -> None:
        self._sink = sink
        self._call: Callable[[bytes], int | None] = sink.send if _is_socket(sink) else sink.write
        self._ctx = ctx

    def write(self, data: bytes) -> int | None:
        if self._ctx.done.is_set():
            return None
        written = self._call(data)
        if hasattr(self._sink, "flush"):
            self._sink.flush()
        # Objects that write everything often return nothing.
        return len(data) if written is None else written

    def close_half(self) -> None:
        _close_write(self._sink)

    def release(self) -> None:
        pass
