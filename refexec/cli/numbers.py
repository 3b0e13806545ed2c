"""Wasm values as people write and read them on a command line.

Values are bit patterns here (unsigned integers), as `wasm.Instance.call` takes and gives them with
`bits=True`, so that every NaN can be told from every other. The notation is that of the text
format: `-1`, `0xff`, `1.5`, `0x1p-3`, `inf`, `nan`, `nan:0x200000`, `null`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

from refexec import wasm
from refexec.cli.text import escape
from refexec.errors import InputError

INTEGER_BITS = {"i32": 32, "i64": 64}
FLOAT_FORMS = {"f32": ("<f", 32, 23), "f64": ("<d", 64, 52)}
"""Name of the type: struct format, bits, bits of the significand."""


def parse_arguments(name: str, type_: wasm.FunctionType, texts: Sequence[str]) -> list[Any]:
    """Read the arguments of the function `name`. Raises `InputError`."""
    if len(texts) != len(type_.params):
        raise InputError(f"{name}: its type is {type_}, but {len(texts)} arguments were given")
    return [
        parse(text, of, f"argument {number}")
        for number, (text, of) in enumerate(zip(texts, type_.params, strict=True), 1)
    ]


def parse(text: str, of: object, what: str) -> Any:
    """Read `text` as a value of the type `of`, named `what` in errors. Raises `InputError`."""
    name = str(of)
    try:
        if name in INTEGER_BITS:
            return _parse_integer(text, INTEGER_BITS[name])
        if name in FLOAT_FORMS:
            return _parse_float(text, *FLOAT_FORMS[name])
        if name == "v128":
            return _parse_vector(text)
    except (ValueError, OverflowError):
        raise InputError(f"{what}: {text!r} is not a value of type {name}") from None
    if text != "null":
        raise InputError(f"{what}: only null can be given for a value of type {name}")
    return None


def show(value: Any, of: object) -> str:
    """Write a value of the type `of`, so that `parse` would read the same bits."""
    name = str(of)
    if name in INTEGER_BITS:
        bits = INTEGER_BITS[name]
        return str(value - (1 << bits) if value >> (bits - 1) else value)
    if name in FLOAT_FORMS:
        return _show_float(value, *FLOAT_FORMS[name])
    if name == "v128":
        return f"0x{bytes(value)[::-1].hex()}"
    return "null" if value is None else escape(repr(value))


def _parse_integer(text: str, bits: int) -> int:
    value = int(text, 0)
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        raise OverflowError
    return value & ((1 << bits) - 1)


def _parse_float(text: str, form: str, bits: int, significand: int) -> int:
    sign = 1 << (bits - 1) if text.startswith("-") else 0
    magnitude = text.lstrip("+-").lower()
    infinity = ((1 << (bits - 1 - significand)) - 1) << significand
    if magnitude == "nan":
        return sign | infinity | 1 << (significand - 1)
    if magnitude.startswith("nan:"):
        payload = int(magnitude.removeprefix("nan:"), 16)
        if not 0 < payload < 1 << significand:
            raise OverflowError
        return sign | infinity | payload
    number = float.fromhex(text) if "0x" in magnitude else float(text)
    return int.from_bytes(struct.pack(form, number), "little")


def _show_float(value: int, form: str, bits: int, significand: int) -> str:
    infinity = ((1 << (bits - 1 - significand)) - 1) << significand
    magnitude = value & ~(1 << (bits - 1))
    if magnitude > infinity:
        payload = magnitude - infinity
        canonical = payload == 1 << (significand - 1)
        return ("-" if value != magnitude else "") + ("nan" if canonical else f"nan:{payload:#x}")
    (number,) = struct.unpack(form, value.to_bytes(bits // 8, "little"))
    if bits == 64 or math.isinf(number):
        return repr(number)
    # The shortest decimal that a reader rounds to the same single-precision number.
    candidates = (float(f"{number:.{digits}g}") for digits in range(1, 9))
    return repr(next((c for c in candidates if _rounds_to(c, value)), float(f"{number:.9g}")))


def _rounds_to(number: float, single: int) -> bool:
    """Whether `number` becomes the bits `single` when it is rounded to single precision."""
    try:
        return struct.pack("<f", number) == single.to_bytes(4, "little")
    except OverflowError:
        return False


def _parse_vector(text: str) -> bytes:
    value = int(text, 16)
    if not text.startswith("0x") or value >> 128:
        raise ValueError
    return value.to_bytes(16, "little")
