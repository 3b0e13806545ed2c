"""Control instructions: blocks, branches, calls, exceptions (Execution 4.6.8, 4.6.9).

Blocks do nothing when they are entered or left: validation has turned labels into `Branch`
records. A function that returns True tells the machine that the top frame is another one.
"""

from __future__ import annotations

from typing import Any

from refexec.errors import TrapError
from refexec.interp import types as t
from refexec.interp.checker import Branch
from refexec.interp.machine import Frame, call_host
from refexec.interp.store import (
    ExceptionInstance,
    FunctionInstance,
    HostFunctionInstance,
    Thrown,
    reference_matches,
)
from refexec.trap import TrapCause

AnyFunction = FunctionInstance | HostFunctionInstance


def unreachable(frame: Frame, stack: list[Any], _: None) -> None:
    """`unreachable`: rule exec-unreachable."""
    raise TrapError(TrapCause.UNREACHABLE)


def nop(frame: Frame, stack: list[Any], _: None) -> None:
    """`nop`: rule exec-nop."""


def block(frame: Frame, stack: list[Any], _: Any) -> None:
    """`block`: rule exec-block."""


def loop(frame: Frame, stack: list[Any], _: Any) -> None:
    """`loop`: rule exec-loop."""


def if_(frame: Frame, stack: list[Any], otherwise: int) -> None:
    """`if`: rule exec-if. Goes on with step `otherwise` if the condition is zero."""
    if not stack.pop():
        frame.pc = otherwise


def else_(frame: Frame, stack: list[Any], end: int) -> None:
    """`else`: rule exec-if. The first arm is over and the second is skipped."""
    frame.pc = end


def end(frame: Frame, stack: list[Any], _: None) -> None:
    """`end`: rule exec-instrs-exit."""


def end_function(frame: Frame, stack: list[Any], arity: int) -> bool:
    """`end` of a function body: rule exec-invoke-exit. The operands left are the results."""
    frame.machine.pop_frame(stack)
    return True


# -- branches ------------------------------------------------------------------------------------


def take(frame: Frame, stack: list[Any], branch: Branch) -> None:
    """Branch: keep `arity` operands, drop those above `height`, go on at `target`."""
    target, height, arity = branch
    if len(stack) != height + arity:
        del stack[height : len(stack) - arity]
    frame.pc = target


def br(frame: Frame, stack: list[Any], branch: Branch) -> None:
    """`br`: rule exec-br."""
    take(frame, stack, branch)


def br_if(frame: Frame, stack: list[Any], branch: Branch) -> None:
    """`br_if`: rule exec-br_if."""
    if stack.pop():
        take(frame, stack, branch)


def br_table(frame: Frame, stack: list[Any], branches: list[Branch]) -> None:
    """`br_table`: rule exec-br_table. The last branch is the default."""
    index = stack.pop()
    take(frame, stack, branches[index] if index < len(branches) else branches[-1])


def br_on_null(frame: Frame, stack: list[Any], branch: Branch) -> None:
    """`br_on_null`: rule exec-br_on_null."""
    if stack[-1] is None:
        stack.pop()
        take(frame, stack, branch)


def br_on_non_null(frame: Frame, stack: list[Any], branch: Branch) -> None:
    """`br_on_non_null`: rule exec-br_on_non_null."""
    if stack[-1] is None:
        stack.pop()
    else:
        take(frame, stack, branch)


def br_on_cast(frame: Frame, stack: list[Any], arg: tuple[Branch, t.ReferenceType]) -> None:
    """`br_on_cast`: rule exec-br_on_cast."""
    branch, target = arg
    if reference_matches(stack[-1], target):
        take(frame, stack, branch)


def br_on_cast_fail(frame: Frame, stack: list[Any], arg: tuple[Branch, t.ReferenceType]) -> None:
    """`br_on_cast_fail`: rule exec-br_on_cast_fail."""
    branch, target = arg
    if not reference_matches(stack[-1], target):
        take(frame, stack, branch)


def return_(frame: Frame, stack: list[Any], arity: int) -> bool:
    """`return`: rule exec-return."""
    frame.machine.pop_frame(stack[len(stack) - arity :])
    return True


# -- calls ---------------------------------------------------------------------------------------


def _invoke(frame: Frame, stack: list[Any], function: AnyFunction, above: int) -> bool:
    """Call with the arguments that lie below `above` operands, which go with them."""
    machine = frame.machine
    if isinstance(function, HostFunctionInstance):
        call_host(machine, function, stack, above)
        return True
    machine.check_room(function.code)
    end = len(stack) - above
    start = end - len(function.type.params)
    args = stack[start:end]
    del stack[start:]
    machine.push_frame(function, args)
    return True


def _tail_invoke(frame: Frame, stack: list[Any], function: AnyFunction, above: int) -> bool:
    """Call in place of the current frame, which is gone when the callee runs."""
    machine = frame.machine
    end = len(stack) - above
    args = stack[end - len(function.type.params) : end]
    if isinstance(function, HostFunctionInstance):
        try:
            results = function.call(args)
        except Thrown as thrown:
            thrown.exception.enter(frame.instance.heap)
            machine.drop_frame()
            machine.throw(thrown.exception)
        else:
            machine.pop_frame(results)
        return True
    assert frame.function is not None
    machine.check_room(function.code, replaced=frame.function.code)
    machine.drop_frame()
    machine.push_frame(function, args)
    return True


def call(frame: Frame, stack: list[Any], index: int) -> bool:
    """`call`: rule exec-call."""
    return _invoke(frame, stack, frame.instance.functions[index], 0)


def return_call(frame: Frame, stack: list[Any], index: int) -> bool:
    """`return_call`: rule exec-return_call."""
    return _tail_invoke(frame, stack, frame.instance.functions[index], 0)


def _table_function(frame: Frame, stack: list[Any], arg: tuple[t.DefinedType, int]) -> AnyFunction:
    """Find the function that an indirect call means, and check its type."""
    defined, table = arg
    index = stack[-1]
    elements = frame.instance.tables[table].elements
    if index >= len(elements):
        raise TrapError(TrapCause.UNDEFINED_ELEMENT)
    function: AnyFunction | None = elements[index]
    if function is None:
        raise TrapError(TrapCause.UNINITIALIZED_ELEMENT)
    if function.defined is not defined and not function.defined.is_subtype(defined):
        raise TrapError(TrapCause.INDIRECT_CALL_TYPE_MISMATCH)
    return function


def call_indirect(frame: Frame, stack: list[Any], arg: tuple[t.DefinedType, int]) -> bool:
    """`call_indirect`: rule exec-call_indirect."""
    return _invoke(frame, stack, _table_function(frame, stack, arg), 1)


def return_call_indirect(frame: Frame, stack: list[Any], arg: tuple[t.DefinedType, int]) -> bool:
    """`return_call_indirect`: rule exec-return_call_indirect."""
    return _tail_invoke(frame, stack, _table_function(frame, stack, arg), 1)


def _referenced(stack: list[Any]) -> AnyFunction:
    function: AnyFunction | None = stack[-1]
    if function is None:
        raise TrapError(TrapCause.NULL_FUNCTION)
    return function


def call_ref(frame: Frame, stack: list[Any], _: Any) -> bool:
    """`call_ref`: rule exec-call_ref."""
    return _invoke(frame, stack, _referenced(stack), 1)


def return_call_ref(frame: Frame, stack: list[Any], _: Any) -> bool:
    """`return_call_ref`: rule exec-return_call_ref."""
    return _tail_invoke(frame, stack, _referenced(stack), 1)


# -- exceptions ----------------------------------------------------------------------------------


def throw(frame: Frame, stack: list[Any], index: int) -> bool:
    """`throw`: rule exec-throw."""
    tag = frame.instance.tags[index]
    count = len(tag.type.function.params)
    values = stack[len(stack) - count :]
    frame.machine.throw(ExceptionInstance(frame.instance.heap, tag, values))
    return True


def throw_ref(frame: Frame, stack: list[Any], _: None) -> bool:
    """`throw_ref`: rule exec-throw_ref."""
    exception = stack[-1]
    if exception is None:
        raise TrapError(TrapCause.NULL_EXCEPTION)
    frame.machine.throw(exception)
    return True


def try_table(frame: Frame, stack: list[Any], _: Any) -> None:
    """`try_table`: rule exec-try_table. Its handlers are found by range when one is needed."""
