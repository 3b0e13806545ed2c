"""Calls as Python calls; references that need no machine."""

from __future__ import annotations

from typing import Any

from refexec.interp import types as t
from refexec.interp.syntax import function_type_of
from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.errors import Untranslatable
from refexec.translate.graph import Node
from refexec.translate.operands import type_name
from refexec.translate.operations.registry import is_variable, operation_of
from refexec.translate.signs import choose_signs
from refexec.translate.sites import Site
from refexec.translate.values import Expr


def _call_site(e: Emitter, pc: int, above: int, count: int) -> Site:
    """The site of a call whose `count` arguments lie below `above` more operands."""
    end = len(e.stack)
    start = end - above - count
    below, arguments = e.recipe(e.stack[:start]), e.recipe(e.stack[start:])
    return Site(pc, e.paid, "call", below, arguments, e.loose())


def _call(
    e: Emitter,
    pc: int,
    callee: str,
    function: t.FunctionType,
    above: int,
    signs: dict[int, str] | None = None,
    deposit: int = 0,
) -> None:
    """Write a call. `signs`: which of the arguments need not be unsigned."""
    count = len(function.params)
    lowest = len(e.stack) - above - count
    wanted = [
        v.EITHER if signs and signs.get(index) == v.SIGNED else v.UNSIGNED for index in range(count)
    ]
    results = [type_name(item) for item in function.results]
    names = [f"s{lowest + i}" for i in range(len(results))]
    # Before it is written down what the operands are, should execution stop in the call.
    for position in range(lowest):
        if not e.stack[position].reads.isdisjoint(names):
            e.spill(position)
    for position, sign in enumerate(wanted, lowest):
        e.reduce(position, sign)
    operands = [
        e.outgoing(item, sign)
        for item, sign in zip(e.stack[lowest : lowest + count], wanted, strict=True)
    ]
    e.need_room(pc, e.graph.instructions[pc - 1][0].fuel)
    e.paid -= deposit
    site = _call_site(e, pc, above, count)
    e.calls = True
    del e.stack[len(e.stack) - above :]
    del e.stack[len(e.stack) - count :]
    target = f"{', '.join(names)} = " if names else ""
    e.line(f"{target}{callee}({', '.join([*operands, 'd'])})", site)
    if len(names) == 1:
        e.out[-1].gives = names[0]
    for name, type_ in zip(names, results, strict=True):
        e.push(v.received(name, type_))


def _prepare_call(e: Emitter) -> None:
    e.settle()
    e.clobber_globals()


@operation_of("call")
def _direct(e: Emitter, pc: int, index: int) -> None:
    _prepare_call(e)
    function = function_type_of(e.module.context.functions[index])
    own = index - e.module.imported_functions
    signs = choose_signs(e.module.functions[own]) if own >= 0 else None
    _call(e, pc, f"f{index}", function, 0, signs, e.graph.deposit(index))


@operation_of("call_indirect")
def _indirect(e: Emitter, pc: int, arg: tuple[t.DefinedType, int]) -> None:
    _prepare_call(e)
    defined, table = arg
    function = function_type_of(defined)
    index = v.unsigned(v.number(e.simple(len(e.stack) - 1)))
    name = e.constant(defined)
    if is_variable(index) or index.constant is not None:
        site = Site(pc, e.paid, "element")
        e.line(f"c = t{table}.elements[{index.text}]", site)
        slow = f"element(t{table}, {index.text}, {name})"
        e.line(f"c = c.defined is {name} and c.entry or {slow}", site)
    else:
        e.line(f"c = element(t{table}, {index.text}, {name})", e.trap(pc))
    _call(e, pc, "c", function, 1)


@operation_of("call_ref")
def _referenced(e: Emitter, pc: int, arg: Any) -> None:
    _prepare_call(e)
    _, immediate = e.graph.instructions[pc - 1]
    function = function_type_of(e.module.context.types[immediate])
    e.line(f"c = referenced({e.stack[-1].text})", e.trap(pc))
    _call(e, pc, "c", function, 1)


@operation_of("ref.null")
def _ref_null(e: Emitter, pc: int, arg: Any) -> None:
    e.push(Expr("None", "ref"))


@operation_of("ref.is_null")
def _ref_is_null(e: Emitter, pc: int, arg: Any) -> None:
    a = e.pop()
    text = f"{a.within(v.OR)} is"
    e.push(v.combine(f"{text} None", "i32", v.COMPARE, 0, 1, a, truth=f"{text} not None"))


def reference_condition(e: Emitter, mnemonic: str, node: Node, arg: Any) -> Expr:
    """The condition of a branch on a reference, which stays on the stack as either way needs."""
    raise Untranslatable(mnemonic)
