"""The parent's side of the control channel: a thread that reads it until the worker's end.

It copies debug text to the policy's writer and keeps the few other things that a worker has to
say. A worker that breaks the grammar of the channel is killed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from refexec.runtime.control import ControlError, Grammar, Kind, TruncatedError, read_frame
from refexec.runtime.debuglog import DebugLog
from refexec.runtime.policy import DebugWriter
from refexec.runtime.recording import Recording


class ControlReader:
    """Owns the parent's end of the control channel. The attributes are final after `join`."""

    protections: tuple[str, ...] | None = None
    """Names of the worker's protections, once it has reported them."""

    began: bool = False
    """Whether the program's code has started."""

    stopped: bool = False
    """Whether the program's code has stopped, so that only its state is yet to come."""

    report: bytes | None = None
    """What the program has become, undecoded (see `outcome.decode_report`)."""

    failure: str = ""
    """What the worker says about its own failure, escaped."""

    fault: str = ""
    """How the worker broke the grammar of the channel."""

    def __init__(
        self,
        control: socket.socket,
        max_report: int,
        debug_log: DebugWriter | None,
        kill: Callable[[], None],
        recording: Recording | None = None,
    ) -> None:
        self._control = control
        self._grammar = Grammar(max_report, recording=recording is not None)
        self._recording = recording
        self._debug_log = None if debug_log is None else DebugLog(debug_log)
        self._kill = kill
        self._thread = threading.Thread(target=self._run, name="refexec-control", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take what has arrived, and then no more. Does not wait."""
        # What has been sent before can still be read after this. The thread may have closed it.
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RD)

    def join(self) -> None:
        """Wait until all has been read and all debug text is written."""
        self._thread.join()

    def _run(self) -> None:
        with self._control:
            try:
                # The worker may die while it is writing, or with something unread.
                with contextlib.suppress(TruncatedError, ConnectionError):
                    self._read()
            except ControlError as error:
                self.fault = str(error)
                self._kill()
            finally:
                if self._debug_log is not None:
                    self._debug_log.finish()

    def _read(self) -> None:
        while True:
            frame = read_frame(self._control.recv, self._grammar.limits)
            if frame is None:
                return
            kind, payload = frame
            self._grammar.advance(kind)
            if kind is Kind.DEBUG:
                if self._debug_log is not None:
                    self._debug_log.feed(payload)
            elif kind is Kind.INPUT:
                assert self._recording is not None
                self._recording.piece(payload)
            elif kind is Kind.BEGIN:
                self.protections = (*(self.protections or ()), *_printable(payload).split())
                self.began = True
            elif kind is Kind.STOPPED:
                self.stopped = True
            elif kind is Kind.STATE:
                self.stopped = True
                self.report = bytes(payload)
            elif kind is Kind.READY:
                self.protections = tuple(_printable(payload).split())
            else:
                self.failure = _printable(payload)


def _printable(text: bytes | bytearray) -> str:
    """Text of a worker for people: control characters are escaped."""
    decoded = text.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in decoded)
