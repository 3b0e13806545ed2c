"""What each instruction of a function takes from the operand stack, and gives to it.

Found as validation finds it, by its own rules, since they know types that the opcode alone does not
tell. An instruction whose end is never reached gives nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from refexec.interp import types as t
from refexec.interp.listing import apply_rule, validator_of
from refexec.interp.opcodes import ELSE, END
from refexec.interp.validation import FunctionCode, ValidModule


class Effect(NamedTuple):
    """Types that an instruction takes and gives, the last one on top."""

    taken: tuple[Any, ...]
    given: tuple[Any, ...]
    before: tuple[Any, ...] = ()
    """All operand types before it."""


class _Operands(list[t.ValueType]):
    """A stack that knows how low it has been."""

    lowest = 0

    def pop(self, index: Any = -1) -> t.ValueType:
        value = super().pop(index)
        self.lowest = min(self.lowest, len(self))
        return value


def effects_of(module: ValidModule, code: FunctionCode) -> list[Effect]:
    """The effect of each step; that of the entry comes first, and is none."""
    validator = validator_of(module, code)
    operands = validator.operands = _Operands()
    effects = [Effect((), ())]
    for step, (opcode, immediate) in enumerate(code.body.instructions, 1):
        before = tuple(operands)
        control = validator.controls[-1]
        if opcode is END and control.unreachable:
            # Whoever comes here has come by a branch, and has brought what the block gives.
            operands[control.height :] = control.types.results
            before = tuple(operands)
        operands.lowest = len(before)
        apply_rule(validator, step, opcode, immediate)
        if opcode is ELSE:
            # When it is executed, the block is over: what it has given stays where it is.
            effects.append(Effect((), (), before))
        else:
            given = tuple(operands[operands.lowest :])
            effects.append(Effect(before[operands.lowest :], given, before))
    return effects
