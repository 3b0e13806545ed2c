"""Which representative of an integer a local holds: the unsigned one, the signed one, or either.

Comparing, dividing and shifting need a certain one, and getting it costs more than the operation.
So each local holds the one that most of the instructions that read it need, those in loops counting
more. A guess that is wrong costs time and nothing else.

A direct call may pass either representative for a parameter that is held signed; the function makes
the signed one of it. All other arguments, and all results, are unsigned.
"""

from __future__ import annotations

from refexec.interp.validation import FunctionCode
from refexec.record import record
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
_NEGATIVE = {"i32.const": 0x7FFFFFFF, "i64.const": 0x7FFFFFFFFFFFFFFF}
"""Instructions that give a constant, and the largest one that is not negative."""
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


@record()
class _Operand:
    """What is known about an operand."""

    terms: tuple[int, ...] = ()
    """The locals that it is, or is a sum of."""
    falls: bool = False
    """Whether it may be less than its terms, or than zero."""


_OTHER = _Operand()
_FALLING = _Operand((), True)


def _choose(code: FunctionCode) -> dict[int, str]:
    votes = {i: 0 for i, type_ in enumerate(code.local_types) if str(type_) in v.MASKS}
    needed: set[int] = set()
    falling: set[int] = set()
    weights = [_LIGHT]
    stack: list[_Operand] = []
    for opcode, immediate in code.body.instructions:
        mnemonic = opcode.mnemonic
        if mnemonic in ("local.get", "local.set", "local.tee"):
            if mnemonic != "local.get" and stack and stack.pop().falls:
                falling.add(immediate)
            if mnemonic != "local.set":
                stack.append(_Operand((immediate,)) if immediate in votes else _OTHER)
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
            taken = [_OTHER] * (count - len(taken)) + taken
        del stack[len(stack) - count :]
        if mnemonic in _KEEPS:
            falls = mnemonic.endswith("sub") or taken[0].falls or taken[1].falls
            stack.append(_Operand(taken[0].terms + taken[1].terms, falls))
            continue
        change, count = _change(mnemonic, weights[-1])
        for item in taken[:count]:
            _vote(votes, needed, item, change)
        falls = mnemonic.endswith("_s") or (
            mnemonic in _NEGATIVE and immediate > _NEGATIVE[mnemonic]
        )
        stack.extend([_FALLING if falls else _OTHER] * len(opcode.signature.results))
    return {
        index: _representative(vote, index in needed, index in falling)
        for index, vote in votes.items()
    }


def _change(mnemonic: str, weight: int) -> tuple[int, int]:
    """How an instruction votes, and for how many of its operands; signed ones are positive."""
    if mnemonic in _NEEDS_SIGNED:
        return weight, 2
    if mnemonic in _NEEDS_UNSIGNED:
        return -weight, 2
    if mnemonic in _LIKES_UNSIGNED:
        return -(weight // _LIGHT), 2
    if ".load" in mnemonic or ".store" in mnemonic:
        # The address; a value that is stored may be either.
        return -weight, 1
    return 0, 0


def _representative(vote: int, needed: bool, falling: bool) -> str:
    if needed:
        return v.SIGNED if vote > 0 else v.UNSIGNED
    # What only grows is never negative: nothing is saved by letting it be so.
    return v.EITHER if falling else v.UNSIGNED


def _vote(votes: dict[int, int], needed: set[int], item: _Operand, change: int) -> None:
    for index in item.terms:
        votes[index] += change
        needed.add(index)
