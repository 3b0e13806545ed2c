"""Deposits: what who calls a function has paid for its beginning.

Fuel is charged before what it pays for. Who calls a function of the same module directly pays for
the cheapest way through it together with the call. Short functions, and short ways through others,
then have nothing to charge, and what is not spent is given back as always.

Indirect calls, and callers in other modules, do not know what they call: for them there is a
translation without a deposit.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.validation import FunctionCode, ValidModule
from refexec.translate.graph import ENDS, TAIL_CALLS, TESTS

_FAR = 32
"""Stretches of a function that are looked at."""

DEEP = 2
"""Calls below a function that its deposit looks into."""

_TRAPPED = 1 << 40
"""What a way counts more that does not come to an end: hardly any call takes it."""

_STOPS = TESTS | {"loop", "try_table"}
"""Beyond these it is not looked."""


def deposit_of(module: ValidModule, code: FunctionCode, deep: int = DEEP) -> int:
    """Fuel for the cheapest way through a function, without its loops.

    It is found at a glance: behind many branches ways count as if they ended there, and functions
    that are called more than `deep` calls below count for nothing.
    """
    known: dict[int, int] | None = code.deposits
    if known is None:
        known = code.deposits = {}
    if deep not in known:
        # Entering costs 1.
        known[deep] = 1 + _Ways(module, code, deep).least(1) % _TRAPPED
    return known[deep]


def deposit_for(module: ValidModule, index: int, deep: int = DEEP) -> int:
    """The deposit for a function by its index, which is 0 for a function of another module."""
    own = index - module.imported_functions
    return deposit_of(module, module.functions[own], deep) if own >= 0 else 0


class _Ways:
    """The ways through a function."""

    def __init__(self, module: ValidModule, code: FunctionCode, deep: int) -> None:
        self._module = module
        self._instructions = code.body.instructions
        self._side_table = code.body.side_table
        self._deep = deep
        self._left = _FAR

    def least(self, pc: int) -> int:
        """What the cheapest way costs from a step on."""
        if not self._left:
            return 0
        self._left -= 1
        cost = 0
        while True:
            opcode, immediate = self._instructions[pc - 1]
            mnemonic = opcode.mnemonic
            if mnemonic in _STOPS:
                return cost
            cost += opcode.fuel
            if mnemonic == "call" and self._deep:
                cost += deposit_for(self._module, immediate, self._deep - 1)
            if mnemonic in ENDS:
                return cost + _TRAPPED
            if pc == len(self._instructions) or mnemonic == "return" or mnemonic in TAIL_CALLS:
                return cost
            targets = self._targets(pc, mnemonic)
            if any(target <= pc for target in targets):
                return cost
            if len(targets) > 1:
                return cost + min(self.least(target) for target in targets)
            pc = targets.pop()

    def _targets(self, pc: int, mnemonic: str) -> set[int]:
        """Where a step may go on."""
        arg: Any = self._side_table.get(pc)
        if mnemonic == "br":
            return {arg.target}
        if mnemonic == "br_if":
            return {pc + 1, arg.target}
        if mnemonic == "br_table":
            return {branch.target for branch in arg}
        if mnemonic == "if":
            return {pc + 1, arg}
        return {arg} if mnemonic == "else" else {pc + 1}
