"""Which representative of an integer a local holds: the unsigned one, the signed one, or either.

Comparing, dividing and shifting need a certain one, and getting it costs more than the operation.
So each local holds the one that most of the instructions that read it need, those in loops counting
more. A guess that is wrong costs time and nothing else.

A direct call may pass either representative for a parameter that is held signed; the function makes
the signed one of it. All other arguments, and all results, are unsigned.
"""

from __future__ import annotations

from refexec.interp.validation import FunctionCode
from refexec.translate import values as v

# fmt: off
_NEEDS_SIGNED = frozenset(
    f"{type_}.{name}" for type_ in ("i32", "i64")
    for name in ("lt_s", "gt_s", "le_s", "ge_s", "div_s", "rem_s", "shr_s")
) | {
    "f32.convert_i32_s", "f64.convert_i32_s", "f32.convert_i64_s", "f64.convert_i64_s",
    "i64.extend_i32_s",
}
_NEEDS_UNSIGNED = frozenset(
    f"{type_}.{name}" for type_ in ("i32", "i64")
    for name in ("lt_u", "gt_u", "le_u", "ge_u", "div_u", "rem_u", "shr_u", "rotl", "rotr")
) | {
    "f32.convert_i32_u", "f64.convert_i32_u", "f32.convert_i64_u", "f64.convert_i64_u",
    "i64.extend_i32_u", "br_table", "call_indirect",
}
_KEEPS = frozenset(
    f"{type_}.{name}" for type_ in ("i32", "i64") for name in ("add", "sub")
)
"""What a sum is used as, its terms are used as."""

_LIKES_UNSIGNED = frozenset(
    f"{type_}.{name}" for type_ in ("i32", "i64")
    for name in ("and", "or", "xor", "shl", "eq", "ne")
)
"""Of two unsigned numbers, the result needs no reduction."""
_OPENING = frozenset({"block", "loop", "if", "try_table"})
# fmt: on

_LIGHT = 4
"""What an instruction counts that needs a representative; one that likes it counts 1."""

_DEEPER = 8
"""How much more an instruction counts for each loop around it."""

_DEEPEST = 6
"""Blocks around a loop beyond which it counts no more."""


def choose_signs(code: FunctionCode) -> dict[int, str]:
    """For each local that is an integer, the representative that suits its uses."""
    found: dict[int, str] | None = code.signs
    if found is None:
        found = code.signs = _choose(code)
    return found


def _choose(code: FunctionCode) -> dict[int, str]:
    votes = {i: 0 for i, type_ in enumerate(code.local_types) if str(type_) in v.MASKS}
    needed: set[int] = set()
    weights = [_LIGHT]
    # For each operand, the locals that it is or is a sum of; () for anything else.
    stack: list[tuple[int, ...]] = []
    for opcode, immediate in code.body.instructions:
        mnemonic = opcode.mnemonic
        if mnemonic == "local.get":
            stack.append((immediate,) if immediate in votes else ())
            continue
        if mnemonic == "local.tee":
            if stack:
                stack.pop()
            stack.append((immediate,) if immediate in votes else ())
            continue
        if mnemonic in _OPENING:
            deeper = mnemonic == "loop" and len(weights) < _DEEPEST
            weights.append(weights[-1] * _DEEPER if deeper else weights[-1])
        elif mnemonic == "end" and len(weights) > 1:
            weights.pop()
        if opcode.signature is None:
            if mnemonic in ("br_table", "call_indirect") and stack:
                _vote(votes, needed, stack[-1], -weights[-1])
            stack.clear()
            continue
        count = len(opcode.signature.params)
        taken = stack[len(stack) - count :] if count else []
        if len(taken) < count:
            taken = [()] * (count - len(taken)) + taken
        del stack[len(stack) - count :]
        if mnemonic in _NEEDS_SIGNED:
            change = weights[-1]
        elif mnemonic in _NEEDS_UNSIGNED:
            change = -weights[-1]
        elif mnemonic in _LIKES_UNSIGNED:
            change = -(weights[-1] // _LIGHT)
        elif ".load" in mnemonic or ".store" in mnemonic:
            # The address; a value that is stored may be either.
            change = -weights[-1]
            taken = taken[:1]
        else:
            change = 0
        if change:
            for item in taken:
                _vote(votes, needed, item, change)
        if mnemonic in _KEEPS:
            stack.append(taken[0] + taken[1])
        else:
            stack.extend([()] * len(opcode.signature.results))
    return {
        index: v.EITHER if index not in needed else v.SIGNED if vote > 0 else v.UNSIGNED
        for index, vote in votes.items()
    }


def _vote(votes: dict[int, int], needed: set[int], item: tuple[int, ...], change: int) -> None:
    for index in item:
        votes[index] += change
        needed.add(index)
