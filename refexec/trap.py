"""Why a program ended: trap ids, causes of traps, and results.

`TrapID` numbers are those of Gate (they appear in exit statuses and snapshots). `TrapCause` is
finer: the reasons that the WebAssembly specification names, each with the Gate id that a process
ends with. This module raises nothing; the errors that carry these are in `refexec.errors`.
"""

from __future__ import annotations

import enum

from refexec.record import record


class TrapID(enum.IntEnum):
    """How a process ended, by Gate's numbers."""

    EXIT = 0
    NO_FUNCTION = 1
    SUSPENDED = 2
    UNREACHABLE = 3
    CALL_STACK_EXHAUSTED = 4
    MEMORY_ACCESS_OUT_OF_BOUNDS = 5
    INDIRECT_CALL_INDEX_OUT_OF_BOUNDS = 6
    INDIRECT_CALL_SIGNATURE_MISMATCH = 7
    INTEGER_DIVIDE_BY_ZERO = 8
    INTEGER_OVERFLOW = 9
    BREAKPOINT = 10
    ABI_DEFICIENCY = 27
    ABI_VIOLATION = 28
    INTERNAL_ERROR = 29
    KILLED = 30

    def __str__(self) -> str:
        return _TEXTS[self]

    @property
    def resumable(self) -> bool:
        """Whether a process that ended like this has a state that can be continued."""
        return self in _RESUMABLE


_TEXTS = {
    TrapID.EXIT: "exit",
    TrapID.NO_FUNCTION: "no function",
    TrapID.SUSPENDED: "suspended",
    TrapID.UNREACHABLE: "unreachable",
    TrapID.CALL_STACK_EXHAUSTED: "call stack exhausted",
    TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS: "memory access out of bounds",
    TrapID.INDIRECT_CALL_INDEX_OUT_OF_BOUNDS: "indirect call index out of bounds",
    TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH: "indirect call signature mismatch",
    TrapID.INTEGER_DIVIDE_BY_ZERO: "integer divide by zero",
    TrapID.INTEGER_OVERFLOW: "integer overflow",
    TrapID.BREAKPOINT: "breakpoint",
    TrapID.ABI_DEFICIENCY: "ABI deficiency",
    TrapID.ABI_VIOLATION: "ABI violation",
    TrapID.INTERNAL_ERROR: "internal error",
    TrapID.KILLED: "killed",
}

_RESUMABLE = frozenset(
    {
        TrapID.SUSPENDED,
        TrapID.CALL_STACK_EXHAUSTED,
        TrapID.BREAKPOINT,
        TrapID.ABI_DEFICIENCY,
    }
)


def trap_text(number: int) -> str:
    """Name a trap id for people, also one that refexec does not know."""
    try:
        return str(TrapID(number))
    except ValueError:
        return f"unknown trap {number}"


class TrapCause(enum.Enum):
    """Why the machine trapped. The value is (the official suite's words, Gate's trap id).

    Gate's ids were numbered for WebAssembly 1.0. Later causes use the nearest older id: accesses
    beyond a table end like an indirect call beyond it, accesses beyond an array like those beyond
    a memory, and a null or mistyped reference like a call of the wrong type.
    """

    UNREACHABLE = ("unreachable", TrapID.UNREACHABLE)
    CALL_STACK_EXHAUSTED = ("call stack exhausted", TrapID.CALL_STACK_EXHAUSTED)
    MEMORY_OUT_OF_BOUNDS = ("out of bounds memory access", TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS)
    TABLE_OUT_OF_BOUNDS = ("out of bounds table access", TrapID.INDIRECT_CALL_INDEX_OUT_OF_BOUNDS)
    UNDEFINED_ELEMENT = ("undefined element", TrapID.INDIRECT_CALL_INDEX_OUT_OF_BOUNDS)
    UNINITIALIZED_ELEMENT = ("uninitialized element", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    INDIRECT_CALL_TYPE_MISMATCH = (
        "indirect call type mismatch",
        TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH,
    )
    DIVIDE_BY_ZERO = ("integer divide by zero", TrapID.INTEGER_DIVIDE_BY_ZERO)
    INTEGER_OVERFLOW = ("integer overflow", TrapID.INTEGER_OVERFLOW)
    INVALID_CONVERSION = ("invalid conversion to integer", TrapID.INTEGER_OVERFLOW)
    NULL_REFERENCE = ("null reference", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    NULL_FUNCTION = ("null function reference", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    NULL_I31 = ("null i31 reference", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    NULL_STRUCTURE = ("null structure reference", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    NULL_ARRAY = ("null array reference", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    NULL_EXCEPTION = ("null exception reference", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    ARRAY_OUT_OF_BOUNDS = ("out of bounds array access", TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS)
    CAST_FAILURE = ("cast failure", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH)
    GC_HEAP_EXHAUSTED = ("gc heap limit reached", TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS)

    @property
    def message(self) -> str:
        """The cause in the words of the official test suite."""
        return self.value[0]

    @property
    def trap(self) -> TrapID:
        """The Gate trap id for this cause."""
        return self.value[1]


@record(frozen=True)
class Result:
    """How a program that exited judged itself. Meaningful only with `TrapID.EXIT`."""

    code: int = 0
    """Bit 0: failure; bit 1: ended by `proc_exit`. Range 0..3."""

    @property
    def value(self) -> int:
        """0 for success (`RESULT_SUCCESS`), 1 for failure."""
        return self.code & 1

    @property
    def terminated(self) -> bool:
        """Whether the program ended itself by `proc_exit`, so that it can never run again."""
        return self.code & 2 != 0

    def __str__(self) -> str:
        if not 0 <= self.code <= 3:
            return "invalid result code"
        how = "terminated" if self.terminated else "halted"
        return f"{how} {'unsuccessfully' if self.value else 'successfully'}"


RESULT_SUCCESS = 0
"""`Result.value` of a program that succeeded."""
