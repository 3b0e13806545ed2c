"""One function for each instruction, in files that follow the Execution chapter.

============  ==========================================================================
numeric       `i32`, `i64`, `f32`, `f64`: each instruction in the file of its prefix
vector        `i8x16`, `i16x8`, `i32x4`, `i64x2`, `f32x4`, `f64x2`, `v128` likewise; those
              that may differ between machines in `relaxed`; `lanewise` is their tool
parametric,   `variable`: drop, select, locals, globals, constants
variable
reference     `reference`: null, casts, i31, extern
aggregate     `aggregate`: structures and arrays
table         `table`
memory        `memory`
control       `control`: blocks, branches, calls, exceptions
============  ==========================================================================

A function is named after its instruction (`i32.add` is `i32_add`) and is called with the frame,
the frame's operand stack, and what the instruction carries. `EXECUTE` collects them by opcode.
"""

from __future__ import annotations

from typing import Any

from refexec.interp.instructions import (
    aggregate,
    control,
    f32,
    f32x4,
    f64,
    f64x2,
    i8x16,
    i16x8,
    i32,
    i32x4,
    i64,
    i64x2,
    memory,
    reference,
    relaxed,
    table,
    v128,
    variable,
)
from refexec.interp.opcodes import OPCODES, Opcode

_MODULES = (
    *(control, variable, i32, i64, f32, f64, memory, table, reference, aggregate),
    *(v128, i8x16, i16x8, i32x4, i64x2, f32x4, f64x2, relaxed),
)
_NAMES = [vars(module) for module in _MODULES]


def _find(opcode: Opcode) -> Any:
    name = opcode.function_name
    found = [names[name] for names in _NAMES if name in names]
    if len(found) != 1:
        raise LookupError(f"{opcode.mnemonic} has {len(found)} execution functions")
    return found[0]


EXECUTE: dict[Opcode, Any] = {opcode: _find(opcode) for opcode in OPCODES.values()}
"""The execution function of every instruction."""
