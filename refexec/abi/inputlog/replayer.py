"""Replaying: stands in for the ABI, and gives a program what a log says that it was given.

The replayer knows one program run from the side of its host calls: which call comes next, and that
it is the one that was recorded. It needs no packet stream, no clock and no services. What the
program sends and logs goes to whoever wants it. When to run the program, and whether it ends as
recorded, is decided by `refexec.runtime.replay`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from refexec.abi.host import NoMemory
from refexec.abi.inputlog.calls import Call, Effect, EffectKind, Outcome, OutcomeKind, check_of
from refexec.abi.inputlog.recorder import unsigned_masks
from refexec.abi.outcomes import Deficiency, ProcessExit, Suspend
from refexec.errors import InputLogError, ReplayDivergedError, TrapError
from refexec.trap import TrapCause
from refexec.wasm import HostFunction

if TYPE_CHECKING:
    from refexec.abi.function import ABIImport, Resolution
    from refexec.abi.inputlog.container import InputLog
    from refexec.abi.protocols import GuestMemory

_CAUSES = {cause.message: cause for cause in TrapCause}

Sink = Callable[[bytes], object]
"""Takes bytes that a program gives away; `write` of any binary file will do."""


class Replayer:
    """The host calls of a log, one after the other.

    Its functions raise `ReplayDivergedError` if the program makes another call than recorded, with
    other arguments, at another fuel, or gives away other bytes; and `InputLogError` if the log says
    what cannot be. Either passes through the engine and leaves the program unusable.
    """

    position: int
    """How many calls have been made again. May be set, to go on from another point of the log."""

    deficiency: str | None
    """What the program used that could not be served, if that ended its run."""

    meter: Callable[[], int]
    """Tells, during a call, the fuel that the program has spent. To be set before a call comes."""

    def __init__(
        self,
        log: InputLog,
        resolution: Resolution,
        *,
        sent: Sink,
        logged: Sink,
        received: Sink | None = None,
    ) -> None:
        self.position = 0
        self.deficiency = None
        self._log = log
        self._resolution = resolution
        self._sent = sent
        self._logged = logged
        self._received = received
        self._memory: GuestMemory = NoMemory()

    def bind(self, memory: GuestMemory | None) -> None:
        """Set the memory that addresses refer to; None if the program has no memory."""
        self._memory = NoMemory() if memory is None else memory

    def imports(self) -> dict[tuple[str, str], HostFunction]:
        """Host functions for the imports of the program, by module and field name."""
        functions: dict[tuple[str, str], HostFunction] = {}
        for index, item in enumerate(self._resolution.functions):
            if (item.module, item.name) not in functions:
                function = HostFunction(item.type, self._function(index, item))
                functions[item.module, item.name] = function
        return functions

    def _function(self, index: int, item: ABIImport) -> Callable[..., int | None]:
        masks = unsigned_masks(item.type.params)
        result_masks = unsigned_masks(item.type.results)

        def again(*arguments: int) -> int | None:
            call = self._next(index, tuple(map(int.__and__, arguments, masks)))
            for effect in call.effects:
                self._repeat(effect)
            return self._end(call.outcome, result_masks)

        return again

    def _next(self, index: int, arguments: tuple[int, ...]) -> Call:
        """The next call of the log, which must be the one that the program makes."""
        spent = self.meter()
        found = self._show(index, arguments)
        if self.position == len(self._log.fuels):
            self._unrecorded(spent, found)
        call, recorded = self._log.call(self.position), self._log.fuels[self.position]
        self.position += 1
        if (recorded, call.function, call.arguments) != (spent, index, arguments):
            expected = self._show(call.function, call.arguments)
            if recorded != spent:
                expected, found = f"{expected} at fuel {recorded}", f"{found} at fuel {spent}"
            raise ReplayDivergedError(self.position, spent, expected, found)
        return call

    def _unrecorded(self, spent: int, found: str) -> NoReturn:
        ending = self._log.ending
        final = None if ending is None else ending.final
        if final is not None and final.fuel_spent == spent and final.phase in ("start", "entry"):
            # A function of the host that is itself the entry costs no fuel. Here the program was
            # suspended before it made that call.
            raise Suspend("the recorded run was suspended here")
        raise ReplayDivergedError(self.position + 1, spent, "no more calls", found)

    def _show(self, index: int, arguments: tuple[int, ...]) -> str:
        functions = self._resolution.functions
        name = functions[index].function.name if index < len(functions) else f"import {index}"
        return f"{name}({', '.join(map(str, arguments))})"

    def _repeat(self, effect: Effect) -> None:
        """Have an effect come to pass again."""
        kind, address, size, data = effect.kind, effect.address, effect.size, effect.data
        if kind is EffectKind.SENT_ARGUMENT:
            self._sent(data)
            return
        try:
            if kind in (EffectKind.WROTE, EffectKind.RECEIVED):
                self._memory.write(address, data)
                if kind is EffectKind.RECEIVED and self._received is not None:
                    self._received(data)
                return
            content = self._memory.read(address, size)
        except TrapError:
            raise InputLogError(
                f"input log: call {self.position} reaches outside memory:"
                f" {size} bytes at address {address}"
            ) from None
        if check_of(content) != data:
            what = "packet bytes" if kind is EffectKind.SENT else "debug text"
            raise ReplayDivergedError(
                self.position,
                self.meter(),
                f"{size} bytes of {what} whose SHA-256 begins with {data.hex()}",
                check_of(content).hex(),
            )
        (self._sent if kind is EffectKind.SENT else self._logged)(content)

    def _end(self, outcome: Outcome, masks: list[int]) -> int | None:
        """End a call as it ended."""
        match outcome.kind:
            case OutcomeKind.SUSPENDED:
                raise Suspend("the recorded call was interrupted by suspension")
            case OutcomeKind.DEFICIENT:
                self.deficiency = outcome.text
                raise Deficiency(outcome.text)
            case OutcomeKind.EXITED:
                raise ProcessExit(outcome.values[0])
            case OutcomeKind.TRAPPED:
                cause = _CAUSES.get(outcome.text)
                if cause is None:
                    raise self._wrong(f"an unknown trap {outcome.text!r:.40}")
                raise TrapError(cause)
            case _:
                values = outcome.values
                if len(values) != len(masks) or any(map(int.__gt__, values, masks)):
                    raise self._wrong("results of another type than the function")
                return values[0] if values else None

    def _wrong(self, what: str) -> InputLogError:
        return InputLogError(f"input log: call {self.position} has {what}")
