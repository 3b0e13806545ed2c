"""Vectors of floats as variables of their lanes: which locals are, and their expressions.

Arithmetic on floats is done lane by lane, so a vector that is mostly computed with as floats is
held as a Python float for each lane. That is decided for each local of a function; a guess that is
wrong costs time and nothing else. All other vectors are ints (`refexec.translate.lanes`). What
single instructions do is in `refexec.translate.operations.float_lanes`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from refexec.interp.validation import FunctionCode
from refexec.interp.values import f32_from_bits, f64_from_bits
from refexec.translate import values as v
from refexec.translate.values import Expr

COUNTS = {"f32": 4, "f64": 2}
"""Lanes by their type."""

SHAPES = {"f32": "f32x4", "f64": "f64x2"}
"""Names of shapes by the type of lanes."""

# -- expressions ---------------------------------------------------------------------------------


def split(type_: str, parts: Sequence[Expr]) -> Expr:
    """A vector made of expressions for its lanes, which have no effects and cannot trap."""
    shape = SHAPES[type_]
    if all(part.loose for part in parts):
        text = f"canonical_{shape}({', '.join(part.text for part in parts)})"
    else:
        texts = (f"canonical({part.text})" if part.loose else part.text for part in parts)
        text = f"pack_{shape}({', '.join(texts)})"
    result = v.combine(f"from_bytes({text}, little)", "v128", v.ATOM, 0, 0, *parts)
    result.shape = ("lanes", text, type_, tuple(parts))
    return result


def parts_of(e: Expr, type_: str) -> tuple[Expr, ...] | None:
    """The lanes of a vector that is split into such, or constant; else None."""
    if e.shape is not None and e.shape[0] == "lanes" and e.shape[2] == type_:
        parts: tuple[Expr, ...] = e.shape[3]
        return parts
    return None


def variables(name: str, type_: str, known: int) -> Expr:
    """A vector whose lanes are in variables that are called after `name`.

    What reads one of them reads `name`, under which all of them change.
    """
    parts = [v.variable(item, type_, zeros=known) for item in lane_names(name, type_)]
    for part in parts:
        part.reads |= {name}
    return split(type_, parts)


def lane_names(name: str, type_: str) -> list[str]:
    """Variables of the lanes of a vector."""
    return [f"{name}_{index}" for index in range(COUNTS[type_])]


def lanes_of_constant(value: int, type_: str) -> list[float]:
    """The lanes of a vector that is known, with all bits of NaNs."""
    data = value.to_bytes(16, "little")
    if type_ == "f64":
        return [f64_from_bits(bits) for bits in struct.unpack("<2Q", data)]
    return [f32_from_bits(bits) for bits in struct.unpack("<4I", data)]


def number(value: float, type_: str) -> Expr:
    """A finite constant."""
    negative = math.copysign(1.0, value) < 0
    result = Expr(repr(value), type_, v.UNARY if negative else v.ATOM)
    result.zeros = v.NUMBER
    return result


# -- locals --------------------------------------------------------------------------------------

_DEEPER = 8
_DEEPEST = 6
# fmt: off
_CANONICAL = frozenset(
    f"{shape}.{name}" for shape in ("f32x4", "f64x2")
    for name in (
        "add", "sub", "mul", "div", "sqrt", "ceil", "floor", "trunc", "nearest", "min", "max",
        "relaxed_madd", "relaxed_nmadd", "relaxed_min", "relaxed_max",
        "convert_i32x4_s", "convert_i32x4_u", "convert_low_i32x4_s", "convert_low_i32x4_u",
        "demote_f64x2_zero", "promote_low_f32x4",
    )
)
"""Instructions whose NaNs are the canonical one."""
_NEUTRAL = frozenset({"v128.load", "v128.store", "i8x16.shuffle", "select", "select t", "drop"})
# fmt: on


BOTH, NEITHER = frozenset(COUNTS), frozenset[str]()


class _Votes:
    """What speaks for holding a local as an int, or as lanes of either type."""

    def __init__(self) -> None:
        self.ints = 0
        self.lanes = {"f32": 0, "f64": 0}
        self.canonical = BOTH
        """Types of lanes of which all that is written to it has canonical NaNs only."""

    def add(self, kind: str, weight: int) -> None:
        if kind in self.lanes:
            self.lanes[kind] += weight
        elif kind == "int":
            self.ints += weight


def choose_split(code: FunctionCode) -> dict[int, tuple[str, int]]:
    """Locals that are split: the type of their lanes, and what is known about NaNs in them."""
    votes = {i: _Votes() for i, type_ in enumerate(code.local_types) if str(type_) == "v128"}
    if not votes:
        return {}
    for index in range(len(code.type.params)):
        if index in votes:
            votes[index].canonical = NEITHER
    for index, kind, weight, canonical in _uses(code, votes):
        votes[index].add(kind, weight)
        votes[index].canonical &= canonical
    found = {}
    for index, vote in votes.items():
        type_ = max(vote.lanes, key=vote.lanes.__getitem__)
        if vote.lanes[type_] > vote.ints:
            found[index] = type_, v.LOOSE if type_ in vote.canonical else v.EXACT
    return found


Operand = tuple[int | None, str, frozenset[str]]
"""The local that an operand is, if it is one; what made it; and the types of lanes as which it has
canonical NaNs only."""


def _uses(code: FunctionCode, votes: Any) -> Iterator[tuple[int, str, int, frozenset[str]]]:
    """Uses of locals: which, as what, how much that counts, and with which NaNs."""
    weights = [1]
    stack: list[Operand] = []
    unknown: Operand = None, "", NEITHER
    for opcode, immediate in code.body.instructions:
        mnemonic = opcode.mnemonic
        if mnemonic == "local.get":
            stack.append((immediate if immediate in votes else None, "", NEITHER))
            continue
        if mnemonic in ("local.set", "local.tee"):
            _, kind, canonical = stack.pop() if stack else unknown
            if immediate in votes:
                yield immediate, kind, weights[-1], canonical
            if mnemonic == "local.tee":
                stack.append((immediate if immediate in votes else None, "", NEITHER))
            continue
        if opcode.signature is None:
            if mnemonic in ("block", "loop", "if", "try_table"):
                deeper = mnemonic == "loop" and len(weights) < _DEEPEST
                weights.append(weights[-1] * _DEEPER if deeper else weights[-1])
            elif mnemonic == "end" and len(weights) > 1:
                weights.pop()
            stack.clear()
            continue
        count = len(opcode.signature.params)
        taken = [stack.pop() if stack else unknown for _ in range(count)]
        kind = _kind(mnemonic)
        for local, _, _ in taken:
            if local is not None:
                yield local, kind, weights[-1], BOTH
        stack.extend([_result(mnemonic, immediate, taken)] * len(opcode.signature.results))


def _kind(mnemonic: str) -> str:
    """What an instruction takes its vectors for."""
    if mnemonic in _NEUTRAL:
        return ""
    shape, _, name = mnemonic.partition(".")
    # A shape within the name of a conversion is the one that it takes.
    shape = next((word for word in name.split("_") if "x" in word and word[0] in "if"), shape)
    return shape[:3] if shape[:3] in COUNTS else "int"


def _result(mnemonic: str, immediate: Any, taken: list[Operand]) -> Operand:
    type_, name = mnemonic[:3], mnemonic.rpartition(".")[2]
    if mnemonic in _CANONICAL:
        return None, type_, frozenset((type_,))
    if mnemonic == "v128.const":
        value = int.from_bytes(immediate, "little")
        numbers = (kind for kind in COUNTS if all(x == x for x in lanes_of_constant(value, kind)))
        return None, "", frozenset(numbers)
    if mnemonic == "i8x16.shuffle":
        return None, taken[0][1] or taken[1][1], NEITHER
    if mnemonic in _NEUTRAL:
        return None, "", NEITHER
    floats = type_ in COUNTS and name not in ("eq", "ne", "lt", "gt", "le", "ge")
    return None, type_ if floats else "int", NEITHER
