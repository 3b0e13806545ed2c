"""Reference instructions: null, functions, casts, i31, conversion to and from extern.

Execution 4.6.3. Branches on references are with the other branches, in
`refexec.interp.instructions.control`; structures and arrays are in `aggregate`.
"""

from __future__ import annotations

from typing import Any

from refexec.errors import TrapError
from refexec.interp import types as t
from refexec.interp.machine import Frame
from refexec.interp.store import I31, ExternReference, HostReference, reference_matches
from refexec.interp.values import MASK32
from refexec.trap import TrapCause


def ref_null(frame: Frame, stack: list[Any], _: t.HeapType) -> None:
    """`ref.null`: rule exec-ref.null."""
    stack.append(None)


def ref_func(frame: Frame, stack: list[Any], index: int) -> None:
    """`ref.func`: rule exec-ref.func."""
    stack.append(frame.instance.functions[index])


def ref_is_null(frame: Frame, stack: list[Any], _: None) -> None:
    """`ref.is_null`: rule exec-ref.is_null."""
    stack[-1] = 1 if stack[-1] is None else 0


def ref_as_non_null(frame: Frame, stack: list[Any], _: None) -> None:
    """`ref.as_non_null`: rule exec-ref.as_non_null."""
    if stack[-1] is None:
        raise TrapError(TrapCause.NULL_REFERENCE)


def ref_eq(frame: Frame, stack: list[Any], _: None) -> None:
    """`ref.eq`: rule exec-ref.eq. Scalars are equal by value, objects by identity."""
    right = stack.pop()
    left = stack[-1]
    stack[-1] = 1 if left is right or (isinstance(left, I31) and left == right) else 0


def ref_test(frame: Frame, stack: list[Any], target: t.ReferenceType) -> None:
    """`ref.test`, to a nullable type or not: rule exec-ref.test."""
    stack[-1] = 1 if reference_matches(stack[-1], target) else 0


ref_test_null = ref_test


def ref_cast(frame: Frame, stack: list[Any], target: t.ReferenceType) -> None:
    """`ref.cast`, to a nullable type or not: rule exec-ref.cast."""
    if not reference_matches(stack[-1], target):
        raise TrapError(TrapCause.CAST_FAILURE)


ref_cast_null = ref_cast


def ref_i31(frame: Frame, stack: list[Any], _: None) -> None:
    """`ref.i31`: rule exec-ref.i31."""
    stack[-1] = I31(stack[-1] & 0x7FFFFFFF)


def i31_get_u(frame: Frame, stack: list[Any], _: None) -> None:
    """`i31.get_u`: rule exec-i31.get."""
    if stack[-1] is None:
        raise TrapError(TrapCause.NULL_I31)
    stack[-1] = stack[-1].bits


def i31_get_s(frame: Frame, stack: list[Any], _: None) -> None:
    """`i31.get_s`: rule exec-i31.get."""
    if stack[-1] is None:
        raise TrapError(TrapCause.NULL_I31)
    bits = stack[-1].bits
    stack[-1] = bits if bits < 0x40000000 else bits - 0x80000000 & MASK32


def extern_convert_any(frame: Frame, stack: list[Any], _: None) -> None:
    """`extern.convert_any`: rule exec-extern.convert_any."""
    reference = stack[-1]
    if reference is not None and not isinstance(reference, HostReference):
        stack[-1] = ExternReference(reference)


def any_convert_extern(frame: Frame, stack: list[Any], _: None) -> None:
    """`any.convert_extern`: rule exec-any.convert_extern."""
    if isinstance(stack[-1], ExternReference):
        stack[-1] = stack[-1].inner
