"""Instructions that have no Python of their own: executed as the machine does."""

from __future__ import annotations

from typing import Any

from refexec.interp import types as t
from refexec.interp.opcodes import Opcode
from refexec.translate import values as v
from refexec.translate.emit import Emitter
from refexec.translate.errors import Untranslatable
from refexec.translate.operands import type_name

# fmt: off
_GIVING = frozenset({
    "table.get", "table.size", "table.grow", "memory.grow", "ref.func", "ref.as_non_null",
    "ref.eq", "ref.test", "ref.test null", "ref.cast", "ref.cast null", "ref.i31", "i31.get_s",
    "i31.get_u", "any.convert_extern", "extern.convert_any",
})
"""Instructions without a signature of their own that give one result."""
# fmt: on


def generic(e: Emitter, pc: int, opcode: Opcode, arg: Any) -> None:
    """Execute an instruction as the machine does."""
    if opcode.feature == "gc":
        raise Untranslatable(opcode.mnemonic)
    e.settle()
    e.clobber_globals()
    if opcode.signature is not None:
        count = len(opcode.signature.params)
        results = [
            str(item if item is not None else _address_type(e, opcode, arg))
            for item in opcode.signature.results
        ]
    else:
        before = e.operands_before(pc)
        after = e.operands_before(pc + 1)
        given = opcode.mnemonic in _GIVING
        results = [type_name(after[-1])] if given else []
        count = len(before) - len(after) + len(results)
    operands = e.stack[len(e.stack) - count :]
    del e.stack[len(e.stack) - count :]
    first = len(e.stack)
    names = [f"s{first + i}" for i in range(len(results))]
    for name in names:
        e.clobber(name)
    execute = f"o{opcode.code}"
    argument = "None" if arg is None else e.constant(arg)
    texts = ", ".join(e.stored(item).text for item in operands)
    target = f"{', '.join(names)}{',' if len(names) == 1 else ''} = " if names else ""
    metered = opcode.metered
    step = "meter" if metered else "step"
    e.line(f"{target}{step}({execute}, {argument}, [{texts}])", e.trap(pc))
    for name, type_ in zip(names, results, strict=True):
        e.push(v.received(name, type_))
    if metered:
        e.line("if fuel < 0.0: out()", e.safepoint(pc + 1))


def _address_type(e: Emitter, opcode: Opcode, arg: Any) -> t.NumberType:
    memory = arg[1] if isinstance(arg, tuple) else arg
    address = e.module.context.memories[memory].address
    assert isinstance(address, t.NumberType)
    return address
