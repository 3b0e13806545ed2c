"""How an ABI call ends other than by returning: exit, ABI deficiency, suspension.

These are signals from the ABI to whoever runs the program, not errors of refexec. Traps that the
program causes (a buffer outside memory) are ordinary `refexec.errors.TrapError`.
"""

from __future__ import annotations

import enum

from refexec.errors import Restart


class ExitStatus(enum.IntEnum):
    """Exit statuses of a process that the ABI produces; the same numbers as Gate's."""

    HALTED_SUCCESS = 0
    HALTED_FAILURE = 1
    TERMINATED_SUCCESS = 2
    TERMINATED_FAILURE = 3
    READ_FAILED = 4
    READ8_FAILED = 5
    WRITE_FAILED = 6
    WRITE8_FAILED = 7
    DEBUG_FAILED = 8
    CLOCK_FAILED = 12
    POLL_FAILED = 13


class ProcessExit(Exception):
    """The process ends now, with an exit status, and the program can not be continued.

    Raised for `proc_exit`, and when the host fails under an ABI call. It passes through the
    engine unchanged.
    """

    status: int
    """What the process exits with; mostly an `ExitStatus`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"process exit with status {status:d}")
        self.status = status


class Deficiency(Restart):
    """The program used a call that this ABI can not serve (trap 27).

    The process ends; what the call has written so far stays, and the whole call is made again
    when the program is resumed. `Host.deficiency` keeps the text.
    """


class Suspend(Restart):
    """A suspension interrupted a blocking call before it transferred anything.

    The whole call is made again when the program is resumed.
    """
