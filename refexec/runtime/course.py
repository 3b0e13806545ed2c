"""The course of a run: start function, then entry function, and how it ended.

A worker follows it when it runs a program, and so does a replay. It knows the program's machine
only as a `wasm.Instance`, and of the ABI only how a call can end a program.
"""

from __future__ import annotations

from refexec import abi, wasm
from refexec.errors import TrapError
from refexec.runtime.outcome import EXIT_TRAP
from refexec.trap import TrapID


class Course:
    """How far one run of a program has come.

    `phase` is that of the program's state (see `refexec.snapshot.PHASES`), `entry` the export that
    is to be called in this run, if any.
    """

    phase: str
    """How far the program has come."""

    frames: int
    """Depth of its call stack when it stopped."""

    backtrace: tuple[wasm.BacktraceFrame, ...]
    """Where it stood when it trapped, innermost first; empty if it did not."""

    def __init__(self, phase: str, entry: str | None) -> None:
        self.phase = phase
        self.frames = 0
        self.backtrace = ()
        self._entry = entry

    def fail(self, error: TrapError) -> int:
        """Take note of a trap while the program was instantiated; the exit status.

        A segment does not fit: the program has begun, and ended at once.
        """
        self.phase = "terminated"
        return EXIT_TRAP + error.trap

    def run(self, instance: wasm.Instance) -> int:
        """Run until the program ends or is suspended; the exit status that tells how.

        A program that used what the ABI cannot serve counts as suspended here; only the ABI's host
        knows better.
        """
        self.frames = 0
        try:
            return self._status(instance, self._run(instance))
        except abi.ProcessExit as error:
            self.phase = "terminated"
            # How deep it was is gone with the call, except that somebody has called `proc_exit`.
            self.frames = 1
            return error.status

    def _run(self, instance: wasm.Instance) -> wasm.Outcome:
        """Start function, then entry function, each if it is still due."""
        outcome: wasm.Outcome = wasm.Returned([])
        if self.phase == "fresh":
            self.phase = "start"
            outcome = instance.start()
        elif self.phase in ("start", "entry"):
            outcome = instance.resume()
        if self.phase == "entry" or not isinstance(outcome, wasm.Returned):
            return outcome
        self.phase = "halted"
        if self._entry is None:
            return wasm.Returned([])
        self.phase = "entry"
        return instance.call(self._entry)

    def _status(self, instance: wasm.Instance, outcome: wasm.Outcome) -> int:
        if isinstance(outcome, wasm.Suspended):
            self.frames = len(instance.backtrace())
            return EXIT_TRAP + TrapID.SUSPENDED
        if isinstance(outcome, wasm.Returned):
            self.phase = "halted"
            return int(any(outcome.values))
        self.backtrace = outcome.backtrace
        self.frames = len(outcome.backtrace)
        if isinstance(outcome, wasm.Trapped):
            # With a larger call stack the program can go on where this one was full.
            if not outcome.trap.resumable:
                self.phase = "terminated"
            return EXIT_TRAP + outcome.trap
        self.phase = "terminated"
        # An exception that nothing in the program caught.
        return EXIT_TRAP + TrapID.UNREACHABLE
