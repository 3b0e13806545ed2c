"""Recording: a `Host` that writes down what each of its calls does.

It does what every host does, and tells it to `emit` in pieces of bounded size. Programs and engines
notice nothing, and a host that does not record knows nothing of this.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from refexec.abi.host import RANDOM_BUDGET, Host
from refexec.abi.inputlog.calls import (
    EffectKind,
    Outcome,
    OutcomeKind,
    check_of,
    encode_effect,
    encode_head,
    encode_outcome,
)
from refexec.abi.outcomes import Deficiency, ProcessExit
from refexec.errors import Restart, TrapError
from refexec.wasm import I64, FunctionType, HostFunction

if TYPE_CHECKING:
    from refexec.abi.function import Resolution
    from refexec.abi.protocols import Channel, Clock

MAX_PIECE: Final = 1 << 16
"""Most bytes of a call that are emitted at once."""


class Piece(enum.IntEnum):
    """What a piece of a call is; the numbers are those of records in a log."""

    LAST = 2
    """The end of a call, or all of it."""

    PART = 3
    """The call goes on in the next piece."""


class Emit(Protocol):
    """Takes the pieces of a log's calls, in order."""

    def __call__(self, piece: Piece, data: bytes) -> None:
        """Take at most `MAX_PIECE` bytes."""
        ...


class RecordingHost(Host):
    """A `Host` that records. It has to be told what `meter` reads fuel from before a call comes."""

    meter: Callable[[], int]
    """Tells, during a call, the fuel that the program has spent since it was instantiated first."""

    def __init__(
        self,
        channel: Channel,
        clock: Clock | None = None,
        *,
        emit: Emit,
        time_resolution: int = 0,
        random: bytes = bytes(RANDOM_BUDGET),
        debug: bool = False,
    ) -> None:
        super().__init__(
            channel, clock, time_resolution=time_resolution, random=random, debug=debug
        )
        self._emit = emit
        self._buffer = bytearray()
        self._write_address = 0
        self._write = bytearray()
        """A write that the next one may go on with."""
        self._spent = 0
        self._transferring = False

    # -- calls -----------------------------------------------------------------------------------

    def imports(self, resolution: Resolution) -> dict[tuple[str, str], HostFunction]:
        """Host functions for the imports of a program, which record themselves."""
        plain = super().imports(resolution)
        recorded: dict[tuple[str, str], HostFunction] = {}
        for index, item in enumerate(resolution.functions):
            key = item.module, item.name
            if key not in recorded:
                call = self._recorded(index, item.type, plain[key].callable)
                recorded[key] = HostFunction(item.type, call, bits=True)
        return recorded

    def _recorded(
        self, index: int, imported: FunctionType, call: Callable[..., int | None]
    ) -> Callable[..., int | None]:
        masks = unsigned_masks(imported.params)
        result_masks = unsigned_masks(imported.results)

        def recorded(*arguments: int) -> int | None:
            spent = self.meter()
            self._buffer += encode_head(
                index, spent - self._spent, list(map(int.__and__, arguments, masks))
            )
            self._spent = spent
            try:
                result = call(*arguments)
            except Deficiency:
                self._finish(Outcome(OutcomeKind.DEFICIENT, text=self.deficiency or ""))
                raise
            except Restart:
                self._finish(Outcome(OutcomeKind.SUSPENDED))
                raise
            except TrapError as error:
                self._finish(Outcome(OutcomeKind.TRAPPED, text=error.cause.message))
                raise
            except ProcessExit as end:
                self._finish(Outcome(OutcomeKind.EXITED, (end.status,)))
                raise
            values = () if result is None else (result & result_masks[0],)
            self._finish(Outcome(OutcomeKind.RETURNED, values))
            return result

        return recorded

    def _finish(self, outcome: Outcome) -> None:
        self._close_write()
        self._buffer += encode_outcome(outcome)
        self._emit_parts()
        self._emit(Piece.LAST, bytes(self._buffer))
        self._buffer.clear()

    def _emit_parts(self) -> None:
        while len(self._buffer) > MAX_PIECE:
            self._emit(Piece.PART, bytes(self._buffer[:MAX_PIECE]))
            del self._buffer[:MAX_PIECE]

    # -- effects ---------------------------------------------------------------------------------

    def store(self, address: int, data: bytes) -> None:
        """Write memory; trap 5 outside."""
        super().store(address, data)
        if self._transferring:
            self._note(EffectKind.RECEIVED, address, len(data), data)
            return
        if address != self._write_address + len(self._write) or len(self._write) > MAX_PIECE:
            self._close_write()
            self._write_address = address
        self._write += data

    def _close_write(self) -> None:
        if self._write:
            size = len(self._write)
            self._buffer += encode_effect(EffectKind.WROTE, self._write_address, size, self._write)
            self._write.clear()
            self._emit_parts()

    def _note(self, kind: EffectKind, address: int, size: int, data: bytes) -> None:
        self._close_write()
        self._buffer += encode_effect(kind, address, size, data)
        self._emit_parts()

    def receive(self, address: int, size: int) -> int:
        """Move what has arrived into memory; return how much, 0 if there is nothing."""
        self._transferring = True
        try:
            return super().receive(address, size)
        finally:
            self._transferring = False

    def send(self, address: int, size: int) -> int:
        """Send memory; return how much was taken, 0 if it would block."""
        self._transferring = True
        try:
            sent = super().send(address, size)
        finally:
            self._transferring = False
        if sent:
            self._note(EffectKind.SENT, address, sent, check_of(self.load(address, sent)))
        return sent

    def send_bytes(self, data: bytes) -> int:
        """Send bytes; return how many were taken, 0 if it would block."""
        sent = super().send_bytes(data)
        if sent and not self._transferring:
            self._note(EffectKind.SENT_ARGUMENT, 0, sent, data[:sent])
        return sent

    def log(self, address: int, size: int) -> None:
        """Append memory to the debug log. Without a log the buffer is not looked at."""
        super().log(address, size)
        if size and self._debug:
            self._note(EffectKind.LOGGED, address, size, check_of(self.load(address, size)))


def unsigned_masks(types: tuple[object, ...]) -> list[int]:
    """What numbers of these types, i32 or i64, are masked with to become unsigned."""
    return [(1 << 64) - 1 if kind is I64 else (1 << 32) - 1 for kind in types]
