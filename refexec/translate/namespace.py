"""What generated code finds by name: helpers, and the parts of its instance.

Every instance has one namespace, the globals of all its generated functions. It has no builtins.
Names are filled in when the first code that uses them is linked. `Names` turns a name of the
allow-list back into the object it means.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from refexec.interp import numerics
from refexec.interp.instructions import EXECUTE
from refexec.interp.memory import OUT_OF_BOUNDS, MemoryInstance, out_of_bounds
from refexec.interp.opcodes import OPCODES
from refexec.interp.values import (
    NAN,
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
)
from refexec.translate import lanes

_u32 = struct.Struct("<I").unpack_from
_f32 = struct.Struct("<f").unpack_from


def _load_f32(view: memoryview, address: int) -> float:
    try:
        value: float = _f32(view, address)[0]
    except OUT_OF_BOUNDS:
        raise out_of_bounds() from None
    if value != value:
        # Unpacking a float sets the quiet bit of a NaN; its bits do not.
        value = f32_from_bits(_u32(view, address)[0])
    return value


def _fdiv64(a: float, b: float) -> float:
    return numerics.canonical(numerics.fdiv(a, b))


def _fsqrt32(a: float) -> float:
    return numerics.round32(numerics.fsqrt(a))


FIXED: dict[str, Any] = {
    "__builtins__": {},
    "float": float,
    "int": int,
    "len": len,
    "range": range,
    "nan": NAN,
    "sqrt": math.sqrt,
    "from_bytes": int.from_bytes,
    "little": "little",
    "irotl": numerics.irotl,
    "ictz": numerics.ictz,
    "idiv_s": numerics.idiv_s,
    "irem_s": numerics.irem_s,
    "trunc_s": numerics.trunc_s,
    "trunc_u": numerics.trunc_u,
    "trunc_sat_s": numerics.trunc_sat_s,
    "trunc_sat_u": numerics.trunc_sat_u,
    "canonical": numerics.canonical,
    "fceil": numerics.fceil,
    "ffloor": numerics.ffloor,
    "ftrunc": numerics.ftrunc,
    "fnearest": numerics.fnearest,
    "fmin": numerics.fmin,
    "fmax": numerics.fmax,
    "fabs32": numerics.fabs32,
    "fabs64": numerics.fabs64,
    "fneg32": numerics.fneg32,
    "fneg64": numerics.fneg64,
    "fcopysign32": numerics.fcopysign32,
    "fcopysign64": numerics.fcopysign64,
    "fsqrt": numerics.fsqrt,
    "fsqrt32": _fsqrt32,
    "fdiv64": _fdiv64,
    "convert_to_f32": numerics.convert_to_f32,
    "f32_to_bits": f32_to_bits,
    "f32_from_bits": f32_from_bits,
    "f64_to_bits": f64_to_bits,
    "f64_from_bits": f64_from_bits,
    "load_f32": _load_f32,
    "load_f64": struct.Struct("<d").unpack_from,
    "load_u16": struct.Struct("<H").unpack_from,
    "load_i16": struct.Struct("<h").unpack_from,
    "load_u32": struct.Struct("<I").unpack_from,
    "load_i32": struct.Struct("<i").unpack_from,
    "load_u64": struct.Struct("<Q").unpack_from,
    "store_u16": struct.Struct("<H").pack_into,
    "store_u32": struct.Struct("<I").pack_into,
    "store_u64": struct.Struct("<Q").pack_into,
    "store_f64": struct.Struct("<d").pack_into,
    "load_v128": struct.Struct("<16s").unpack_from,
    "store_v128": struct.Struct("<16s").pack_into,
    "load_f32x4": struct.Struct("<4f").unpack_from,
    "load_f64x2": struct.Struct("<2d").unpack_from,
    "store_f32x4": struct.Struct("<4f").pack_into,
    "store_f64x2": struct.Struct("<2d").pack_into,
    "read_f32x4": struct.Struct("<4f").unpack,
    "read_f64x2": struct.Struct("<2d").unpack,
    "unpack_f32x4": lanes.unpack_f32x4,
    "unpack_f64x2": struct.Struct("<2d").unpack,
    "pack_f32x4": lanes.pack_f32x4,
    "pack_f64x2": struct.Struct("<2d").pack,
    "canonical_f32x4": lanes.canonical_f32x4,
    "canonical_f64x2": lanes.canonical_f64x2,
    **lanes.NAMES,
}
"""Helpers that are the same everywhere."""


def view(memory: MemoryInstance, kind: str) -> Any:
    """A view of a memory: `b`, `c` bytes (signed: `c`), `h`, `w`, `q` words, `r`, `p` floats."""
    whole: Any = memory.view
    return whole if kind == "b" else whole.cast(_FORMATS[kind])


_FORMATS = {"c": "b", "h": "H", "w": "I", "q": "Q", "r": "f", "p": "d"}
"""Formats of views, by the letter of their names."""

_BY_CODE = {opcode.code: EXECUTE[opcode] for opcode in OPCODES.values()}


def execution(code: int) -> Any:
    """The machine's execution function of an opcode, called `o` with its number."""
    return _BY_CODE[code]


def fresh(extra: dict[str, Any]) -> dict[str, Any]:
    """A namespace with the fixed names and some more."""
    return {**FIXED, "z": memoryview(bytearray(16)).cast("f"), **extra}
