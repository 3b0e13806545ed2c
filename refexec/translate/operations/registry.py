"""Where translations of single instructions are registered, by mnemonic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refexec.translate.emit import Emitter
from refexec.translate.values import Expr

Operation = Callable[[Emitter, int, Any], None]
"""Takes the emitter, the step, and what the machine's execution function would take."""

OPERATIONS: dict[str, Operation] = {}


def operation_of(*mnemonics: str) -> Callable[[Operation], Operation]:
    """Register a function for some instructions."""

    def register(function: Operation) -> Operation:
        for mnemonic in mnemonics:
            OPERATIONS[mnemonic] = function
        return function

    return register


def binary(mnemonic: str, function: Callable[[Expr, Expr], Expr]) -> None:
    """Register an instruction that makes one expression of two."""

    def operation(e: Emitter, pc: int, arg: Any) -> None:
        right = e.pop()
        left = e.pop()
        e.push(function(left, right))

    OPERATIONS[mnemonic] = operation


def is_variable(a: Expr) -> bool:
    """Whether an expression is a variable, which is cheap to read twice."""
    return a.text in a.reads
