"""Decorators that turn a function of lanes into the execution function of a vector instruction.

This is the specification's lifting of scalar operators to shapes: `binary(U8X16)` makes of a
function of two bytes the instruction that applies it to sixteen pairs of them. The name and the
docstring stay those of the instruction. Instructions whose lanes do not correspond one to one are
written out where they belong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from refexec.interp.machine import Execute, Frame
from refexec.interp.vectors import S8X16, S16X8, S32X4, S64X2, Shape

_MASKS = {8: S8X16, 16: S16X8, 32: S32X4, 64: S64X2}

Decorator = Callable[[Callable[..., Any]], Execute]


def unary(shape: Shape) -> Decorator:
    """Apply a function to each lane."""

    def decorate(function: Callable[[Any], Any]) -> Execute:
        @wraps(function)
        def execute(frame: Frame, stack: list[Any], _: None) -> None:
            stack[-1] = shape.pack(*map(function, shape.unpack(stack[-1])))

        return execute

    return decorate


def binary(shape: Shape) -> Decorator:
    """Apply a function to the lanes of two vectors, the left one first."""

    def decorate(function: Callable[[Any, Any], Any]) -> Execute:
        @wraps(function)
        def execute(frame: Frame, stack: list[Any], _: None) -> None:
            right = shape.unpack(stack.pop())
            stack[-1] = shape.pack(*map(function, shape.unpack(stack[-1]), right))

        return execute

    return decorate


def ternary(shape: Shape) -> Decorator:
    """Apply a function to the lanes of three vectors, the leftmost first."""

    def decorate(function: Callable[[Any, Any, Any], Any]) -> Execute:
        @wraps(function)
        def execute(frame: Frame, stack: list[Any], _: None) -> None:
            third = shape.unpack(stack.pop())
            second = shape.unpack(stack.pop())
            stack[-1] = shape.pack(*map(function, shape.unpack(stack[-1]), second, third))

        return execute

    return decorate


def comparison(shape: Shape) -> Decorator:
    """Compare the lanes of two vectors; a lane of the result is all ones or all zeros."""
    mask = _MASKS[shape.bits]

    def decorate(function: Callable[[Any, Any], bool]) -> Execute:
        @wraps(function)
        def execute(frame: Frame, stack: list[Any], _: None) -> None:
            right = shape.unpack(stack.pop())
            holds = map(function, shape.unpack(stack[-1]), right)
            stack[-1] = mask.pack(*(-1 if one else 0 for one in holds))

        return execute

    return decorate


def shift(shape: Shape) -> Decorator:
    """Apply a function to each lane and the i32 operand, taken modulo the width of a lane."""

    def decorate(function: Callable[[int, int], int]) -> Execute:
        @wraps(function)
        def execute(frame: Frame, stack: list[Any], _: None) -> None:
            count = stack.pop() % shape.bits
            stack[-1] = shape.pack(*(function(lane, count) for lane in shape.unpack(stack[-1])))

        return execute

    return decorate


def conversion(source: Shape, target: Shape) -> Decorator:
    """Convert lanes from the lowest on, as many as both shapes have; other lanes become zero."""
    count = min(source.count, target.count)
    zeros = (0,) * (target.count - count)

    def decorate(function: Callable[[Any], Any]) -> Execute:
        @wraps(function)
        def execute(frame: Frame, stack: list[Any], _: None) -> None:
            lanes = source.unpack(stack[-1])[:count]
            stack[-1] = target.pack(*map(function, lanes), *zeros)

        return execute

    return decorate
