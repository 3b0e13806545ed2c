"""Parametric and variable instructions and constants (Execution 4.6.1, 4.6.5)."""

from __future__ import annotations

from typing import Any

from refexec.interp.machine import Frame


def drop(frame: Frame, stack: list[Any], _: None) -> None:
    """`drop`: rule exec-drop."""
    stack.pop()


def select(frame: Frame, stack: list[Any], _: Any) -> None:
    """`select`, with or without a type: rule exec-select."""
    condition = stack.pop()
    second = stack.pop()
    if not condition:
        stack[-1] = second


select_t = select


def local_get(frame: Frame, stack: list[Any], index: int) -> None:
    """`local.get`: rule exec-local.get."""
    stack.append(frame.locals[index])


def local_set(frame: Frame, stack: list[Any], index: int) -> None:
    """`local.set`: rule exec-local.set."""
    frame.locals[index] = stack.pop()


def local_tee(frame: Frame, stack: list[Any], index: int) -> None:
    """`local.tee`: rule exec-local.tee."""
    frame.locals[index] = stack[-1]


def global_get(frame: Frame, stack: list[Any], index: int) -> None:
    """`global.get`: rule exec-global.get."""
    stack.append(frame.instance.globals[index].value)


def global_set(frame: Frame, stack: list[Any], index: int) -> None:
    """`global.set`: rule exec-global.set."""
    frame.instance.globals[index].value = stack.pop()


def i32_const(frame: Frame, stack: list[Any], value: int) -> None:
    """`i32.const`: rule exec-const."""
    stack.append(value)


def i64_const(frame: Frame, stack: list[Any], value: int) -> None:
    """`i64.const`: rule exec-const."""
    stack.append(value)


def f32_const(frame: Frame, stack: list[Any], value: float) -> None:
    """`f32.const`: rule exec-const."""
    stack.append(value)


def f64_const(frame: Frame, stack: list[Any], value: float) -> None:
    """`f64.const`: rule exec-const."""
    stack.append(value)
