"""Values as text that tells every bit, the same on every version of Python: `i32:-1`, `f64:0.5`.

References show what they refer to, not which object that is.
"""

from __future__ import annotations

from typing import Any

from refexec.interp import types as t
from refexec.interp.store import (
    I31,
    ArrayInstance,
    ExceptionInstance,
    FunctionInstance,
    HostFunctionInstance,
    StructInstance,
)
from refexec.interp.values import f32_to_bits, f64_to_bits, signed32, signed64


def value_text(value: Any, of: Any) -> str:
    """Write a value, as the machine holds it, of a type."""
    if of is t.I32:
        return f"i32:{signed32(value)}"
    if of is t.I64:
        return f"i64:{signed64(value)}"
    if of is t.F32:
        return f"f32:{_float(value, f32_to_bits(value), 32)}"
    if of is t.F64:
        return f"f64:{_float(value, f64_to_bits(value), 64)}"
    if of is t.V128:
        return f"v128:0x{value[::-1].hex()}"
    return f"ref:{_reference(value)}"


def _float(value: float, bits: int, width: int) -> str:
    return repr(value) if value == value else f"nan:0x{bits:0{width // 4}x}"


def _reference(value: Any) -> str:
    match value:
        case None:
            return "null"
        case FunctionInstance():
            return f"function {value.code.index}"
        case HostFunctionInstance():
            return "host function"
        case StructInstance():
            return f"struct of {len(value.values)}"
        case ArrayInstance():
            return f"array of {len(value.values)}"
        case I31():
            return f"i31 {value.bits}"
        case ExceptionInstance():
            return f"exception of {len(value.values)}"
        case _:
            return "host object"
