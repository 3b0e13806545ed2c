"""Passage of values between Python and the machine, with types checked.

Numbers are signed ints and floats, or with `bits` the unsigned bit pattern; a v128 is 16 bytes.
A null reference is None; an externref is the Python object itself; a function is an
`ExportedFunction`; every other reference is an opaque `Reference`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refexec.errors import InputError
from refexec.interp import types as t
from refexec.interp.numerics import round32
from refexec.interp.store import (
    I31,
    ArrayInstance,
    ExceptionInstance,
    ExternReference,
    FunctionInstance,
    HostFunctionInstance,
    HostReference,
    StructInstance,
    reference_matches,
)
from refexec.interp.values import (
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
    signed32,
    signed64,
)

_KINDS: dict[type, str] = {
    I31: "i31",
    StructInstance: "struct",
    ArrayInstance: "array",
    ExceptionInstance: "exn",
    ExternReference: "extern",
}


class Reference:
    """An opaque reference to something inside a store. Equal if it is the same thing."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    @property
    def inner(self) -> Any:
        """The machine's own object; only for the engines."""
        return self._inner

    @property
    def kind(self) -> str:
        """`i31`, `struct`, `array`, `exn` or `extern`."""
        return _KINDS[type(self._inner)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        return self._inner is other._inner or (
            isinstance(self._inner, I31) and self._inner == other._inner
        )

    def __hash__(self) -> int:
        return hash(self._inner) if isinstance(self._inner, I31) else id(self._inner)

    def __repr__(self) -> str:
        if isinstance(self._inner, I31):
            return f"<i31 {self._inner.bits}>"
        return f"<{self.kind} reference>"


WrapFunction = Callable[[FunctionInstance | HostFunctionInstance], Any]
UnwrapFunction = Callable[[Any], "FunctionInstance | HostFunctionInstance | None"]


def to_python(value: Any, value_type: t.ValueType, bits: bool, wrap: WrapFunction) -> Any:
    """Give a value of the machine to Python."""
    if value_type is t.I32:
        return value if bits else signed32(value)
    if value_type is t.I64:
        return value if bits else signed64(value)
    if value_type is t.F32:
        return f32_to_bits(value) if bits else value
    if value_type is t.F64:
        return f64_to_bits(value) if bits else value
    if value_type is t.V128 or value is None:
        return value
    if isinstance(value, HostReference):
        return value.value
    if isinstance(value, FunctionInstance | HostFunctionInstance):
        return wrap(value)
    return Reference(value)


def from_python(
    value: Any, value_type: t.ValueType, bits: bool, unwrap: UnwrapFunction, where: str
) -> Any:
    """Take a value from Python. Raises InputError if it does not fit the type."""
    if isinstance(value_type, t.ReferenceType):
        reference = _reference(value, value_type, unwrap)
        if not reference_matches(reference, value_type):
            raise _unfit(where, value_type, value)
        return reference
    if value_type is t.I32 or value_type is t.I64:
        width = 32 if value_type is t.I32 else 64
        if isinstance(value, int) and -(1 << width - 1) <= value < 1 << width:
            return int(value) & ((1 << width) - 1)
        raise _unfit(where, value_type, value)
    if value_type is t.V128:
        if isinstance(value, bytes | bytearray | memoryview) and len(value) == 16:
            return bytes(value)
        raise _unfit(where, value_type, value)
    width = 32 if value_type is t.F32 else 64
    if bits:
        if isinstance(value, int) and 0 <= value < 1 << width:
            return f32_from_bits(value) if width == 32 else f64_from_bits(value)
        raise _unfit(where, value_type, value)
    if not isinstance(value, int | float):
        raise _unfit(where, value_type, value)
    try:
        number = float(value)
    except OverflowError:
        raise _unfit(where, value_type, value) from None
    if width == 64:
        return number
    # A NaN keeps the bits for which an f32 has room.
    return round32(number) if number == number else f32_from_bits(f32_to_bits(number))


def _reference(value: Any, value_type: t.ReferenceType, unwrap: UnwrapFunction) -> Any:
    if value is None:
        return None
    function = unwrap(value)
    if function is not None and value_type.heap not in (t.EXTERN, t.ANY):
        return function
    if isinstance(value, Reference):
        return value.inner
    return HostReference(value)


def _unfit(where: str, value_type: t.ValueType, value: Any) -> InputError:
    return InputError(f"{where}: expected {value_type!r}, found {value!r:.80}")


def all_to_python(
    values: Sequence[Any], types: Sequence[t.ValueType], bits: bool, wrap: WrapFunction
) -> list[Any]:
    """Give several values to Python."""
    return [
        to_python(v, value_type, bits, wrap) for v, value_type in zip(values, types, strict=True)
    ]


def all_from_python(
    values: Sequence[Any],
    types: Sequence[t.ValueType],
    bits: bool,
    unwrap: UnwrapFunction,
    what: str,
) -> list[Any]:
    """Take several values from Python. Raises InputError if number or types do not fit."""
    if len(values) != len(types):
        raise InputError(f"expected {len(types)} {what}s, found {len(values)}")
    return [
        from_python(value, value_type, bits, unwrap, f"{what} {index}")
        for index, (value, value_type) in enumerate(zip(values, types, strict=True))
    ]
