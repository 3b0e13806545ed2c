"""What a backend declined may be missed by what comes later: that is no fault of its answer.

The oracle follows the script without the commands that were declined. Where it then fails the case,
too, and by the same answer, the difference says nothing about the backend. The oracle only goes as
far as it is asked, and carries out nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from refexec_conformance.backend import Outcome
from refexec_conformance.leniency import Oracle, alike
from refexec_conformance.script import Command
from refexec_conformance.verdicts import Verdict
from refexec_conformance.watchdog import Watchdog


class Judged(Protocol):
    """What is said about one command."""

    @property
    def verdict(self) -> Verdict:
        """Whether it was passed."""


class Run(Protocol):
    """One script on the oracle."""

    @property
    def outcome(self) -> Outcome | None:
        """What the action of the last command came to; None if it had none, or broke."""

    def judge(self, command: Command) -> Judged:
        """Carry out a command, and judge what came of it."""

    def leave_out(self, command: Command) -> None:
        """What the command would have made is not there."""


class Omission:
    """The oracle, following one script."""

    def __init__(
        self, commands: Sequence[Command], begin: Callable[[Oracle], Run], seconds: float
    ) -> None:
        """`begin` begins the script; `seconds` is the deadline of each of its commands."""
        self._commands = commands
        self._begin = begin
        self._seconds = seconds
        self._oracle = Oracle()
        self._run: Run | None = None
        self._done = 0

    def explains(self, command: Command, outcome: Outcome, declined: Collection[int]) -> bool:
        """Whether the oracle fails alike without the commands of these numbers.

        To be asked in the order of the script.
        """
        if self._run is None:
            self._run = self._begin(self._oracle)
        failed = False
        with Watchdog(self._oracle, self._seconds) as watchdog:
            while self._done < len(self._commands):
                item = self._commands[self._done]
                if item.index > command.index:
                    break
                self._done += 1
                if item.index in declined:
                    self._run.leave_out(item)
                    continue
                with watchdog.command():
                    failed = self._run.judge(item).verdict is Verdict.FAIL
        return failed and alike(self._run.outcome, outcome)
