"""Which bytes of which memory an instruction reads and writes, told from its operands.

The widths of loads and stores are in their mnemonics. Whether the bytes exist is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from refexec.interp.opcodes import Opcode

Range = tuple[int, int, int, bool]
"""Memory, address, size, whether they are written."""

Ranges = Callable[[list[Any], Any], list[Range]]
"""Tells the ranges from the operand stack and the step's argument, before it is executed."""

_BITS = {"i32": 32, "f32": 32, "i64": 64, "f64": 64, "v128": 128}
_FORM = re.compile(r"(\w+)\.(load|store)(\d*)(x\d+)?(?:_\w+)?")


def ranges_of(opcode: Opcode) -> Ranges | None:
    """How to tell what an instruction accesses; None if it accesses no memory."""
    bulk = _BULK.get(opcode.mnemonic)
    if bulk is not None:
        return bulk
    if "memarg" not in opcode.immediates:
        return None
    match = _FORM.fullmatch(opcode.mnemonic)
    assert match is not None, opcode
    of, kind, digits, times = match.groups()
    size = (int(digits) if digits else _BITS[of]) // 8 * int(times[1:] if times else 1)
    write = kind == "store"
    # A value to store, or a vector whose lane is loaded, lies above the address.
    place = -2 if write or opcode.mnemonic.endswith("_lane") else -1

    def ranges(stack: list[Any], arg: Any) -> list[Range]:
        return [(arg[1], stack[place] + arg[0], size, write)]

    return ranges


def _fill(stack: list[Any], memory: int) -> list[Range]:
    return [(memory, stack[-3], stack[-1], True)]


def _copy(stack: list[Any], memories: tuple[int, int]) -> list[Range]:
    target, source = memories
    return [(source, stack[-2], stack[-1], False), (target, stack[-3], stack[-1], True)]


def _init(stack: list[Any], indices: tuple[int, int]) -> list[Range]:
    return [(indices[1], stack[-3], stack[-1], True)]


_BULK: dict[str, Ranges] = {"memory.fill": _fill, "memory.copy": _copy, "memory.init": _init}
