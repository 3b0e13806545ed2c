"""Writing the input log of a process, in its parent.

A worker cannot open files, so it reports each host call over the control channel, in pieces of
bounded size, and this side frames them. The pieces are copied unread: a worker that has been taken
over can spoil the log of its own run, and nothing else; whoever reads a log believes nothing of it.

The log begins when the process is served, because only then is all known that the run begins with.
Until then the reader of the control channel waits here, and the worker, if it has much to report,
waits for the reader.
"""

from __future__ import annotations

import threading

from refexec.abi.inputlog.container import Beginning, Bounds, Ending, LogWriter
from refexec.abi.inputlog.recorder import Piece
from refexec.errors import SnapshotError
from refexec.runtime.control import ControlError
from refexec.runtime.policy import ProcessPolicy, RecordWriter
from refexec.runtime.protocols import ProgramCode, ProgramState
from refexec.snapshot import Buffers, Snapshot


class Recording:
    """The log of one run. `begin` and `end` are for the one who serves, `piece` for the reader."""

    failure: str = ""
    """Why the log is not complete; empty if nothing has failed."""

    def __init__(self, code: ProgramCode, state: ProgramState, policy: ProcessPolicy) -> None:
        """Take note of what the program is, before the run changes it."""
        assert policy.record is not None
        self._writer: RecordWriter | None = policy.record
        self._log = LogWriter(self._write)
        self._begun = threading.Event()
        limits = state.restrict(policy.limits)
        self._beginning = Beginning(
            snapshot=Snapshot(
                module=code.module.data,
                state=state.state,
                trap=state.trap,
                result=state.result,
                monotonic_time=state.monotonic_time,
                fuel_spent=state.fuel_spent,
                pending_start=state.phase == "fresh" and code.module.has_start,
                entry=state.entry,
                final=state.final,
                phase=state.phase,
            ),
            bounds=Bounds(
                call_depth=limits.call_depth,
                slots=limits.slots,
                host_depth=limits.host_depth,
                memory_pages=limits.memory_pages,
                table_entries=limits.table_entries,
                gc_heap=limits.gc_heap,
            ),
            fuel=policy.fuel,
            engine=policy.runs_on,
        )

    def begin(self, buffers: Buffers | None) -> None:
        """Write what the run begins with; `buffers` as they are before they are consumed."""
        if buffers is not None:
            self._beginning.snapshot.buffers = Buffers(
                list(buffers.services), buffers.input, buffers.output
            )
        try:
            self._log.begin(self._beginning)
        except SnapshotError as error:
            self._fail(str(error))
        self._begun.set()

    def abandon(self) -> None:
        """The process is not served any more, or never will be."""
        if not self._begun.is_set():
            self._fail("the process was not served")
            self._begun.set()

    def piece(self, payload: bytearray) -> None:
        """Write a piece of a call, as it has come from the worker. `ControlError` if it is none."""
        kind = payload[:1]
        if kind not in (bytes([Piece.LAST]), bytes([Piece.PART])):
            raise ControlError("INPUT is invalid")
        self._begun.wait()
        self._log.piece(Piece(kind[0]), bytes(payload[1:]))

    def end(self, ending: Ending) -> None:
        """Write how the run ended. The last thing that is done."""
        self._log.end(ending)

    def _write(self, data: bytes) -> None:
        if self._writer is None:
            return
        try:
            while data:
                written = self._writer.write(data)
                # Only raw files write less than they are given.
                data = data[written:] if isinstance(written, int) else b""
        except Exception as error:
            # The program is not to notice what becomes of its log.
            strerror = error.strerror if isinstance(error, OSError) else None
            self._fail(strerror or str(error) or type(error).__name__)

    def _fail(self, reason: str) -> None:
        self._writer = None
        self.failure = self.failure or reason
