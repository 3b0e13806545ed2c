"""Validation of instruction sequences (Validation 3.4, appendix 7.3).

`validate_body` and `validate_constant` run the specification's algorithm over one function body
or constant expression and return a `Body`: the same instructions with the side table, the
exception handlers by range, and the highest operand stack. Rules that relate the parts of a
module to each other are in `refexec.interp.validation`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from refexec.interp import types as t
from refexec.interp.checker import Context, Handler, Validator
from refexec.interp.rules import CONSTANT, tables_for
from refexec.interp.syntax import Expression, Instruction
from refexec.record import record


@record()
class Body:
    """A validated instruction sequence."""

    instructions: list[Instruction]
    offsets: array[int]
    side_table: dict[int, Any]
    """Arguments that replace the immediates, by step number (1 + index of the instruction): a
    `Branch`, a list of them, a step to jump to, or resolved types."""
    handlers: list[Handler]
    """Exception handlers, inner ones before those around them."""
    height: int
    """The most operands that are ever on the stack."""
    results: int
    """Number of results."""


def validate_body(
    context: Context,
    expression: Expression,
    local_types: Sequence[t.ValueType],
    params: int,
    results: tuple[t.ValueType, ...],
) -> Body:
    """Validate the body of a function whose first `params` locals are its parameters.

    Raises InvalidModuleError with the offset of the instruction that breaks a rule.
    """
    return _validate(Validator(context, expression, local_types, results, params), expression)


def validate_constant(context: Context, expression: Expression, result: t.ValueType) -> Body:
    """Validate a constant expression, which gives one value (rule `valid-constant`).

    Raises InvalidModuleError, also for an instruction that is not constant.
    """
    validator = Validator(context, expression, (), (result,), 0)
    for pc, (opcode, immediate) in enumerate(expression.instructions, 1):
        validator.pc = pc
        if opcode.mnemonic not in CONSTANT:
            raise validator.fail("constant expression required")
        is_global = opcode.mnemonic == "global.get" and immediate < len(context.globals)
        if is_global and context.globals[immediate].mutable:
            raise validator.fail("constant expression required: the global is mutable")
    return _validate(validator, expression)


def _validate(validator: Validator, expression: Expression) -> Body:
    results = len(validator.results)
    _check(validator, expression.instructions, 1)
    return Body(
        expression.instructions,
        expression.offsets,
        validator.side_table,
        validator.handlers,
        validator.highest,
        results,
    )


def _check(validator: Validator, instructions: Sequence[Instruction], first: int) -> None:
    """Apply the rules of instructions, the first of which is step `first`."""
    operands = validator.operands
    controls = validator.controls
    plain, rules = tables_for(validator.context.features)
    for pc, (opcode, immediate) in enumerate(instructions, first):
        validator.pc = pc
        signature = plain.get(opcode)
        if signature is None:
            rules[opcode](validator, immediate)
            continue
        for expected in signature[0]:
            # The common case of `pop`, written out: half of the time to load is spent here.
            if len(operands) > controls[-1].height and operands[-1] is expected:
                operands.pop()
            else:
                validator.pop(expected)
        for result in signature[1]:
            operands.append(result)
            if len(operands) > validator.highest:
                validator.highest = len(operands)


class Situation(NamedTuple):
    """What validation knows before a step."""

    operands: list[t.ValueType]
    unset: frozenset[int]
    """Locals without a default value that may not have been set yet."""


def situations_at(
    context: Context,
    body: Body,
    local_types: Sequence[t.ValueType],
    params: int,
    results: tuple[t.ValueType, ...],
    steps: Iterable[int],
) -> dict[int, Situation | None]:
    """What is known before some steps of a valid body; None where it is unreachable.

    This is what frames read from a snapshot are checked against. The body is gone through once.
    """
    expression = Expression(body.instructions, body.offsets)
    validator = Validator(context, expression, local_types, results, params)
    found: dict[int, Situation | None] = {}
    done = 0
    for step in sorted(set(steps)):
        before = max(done, step - 1)
        _check(validator, body.instructions[done:before], done + 1)
        done = before
        found[step] = (
            None
            if validator.controls[-1].unreachable
            else Situation(list(validator.operands), frozenset(validator.unset))
        )
    return found
