"""Functions as people read them: instructions with their immediates and operand types.

The types are those that validation proves, found by running the rules again one instruction at a
time. Used by `refexec show`; the machine has no need of it. Names from the guest are not part of a
listing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refexec.interp import types as t
from refexec.interp.checker import Validator
from refexec.interp.opcodes import BLOCK, ELSE, END, IF, LOOP, TRY_TABLE, Opcode
from refexec.interp.rules import PLAIN, RULES
from refexec.interp.syntax import Catch, Expression, MemoryArgument
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.interp.values import f32_to_bits, f64_to_bits, signed32, signed64
from refexec.record import record

_BLOCKS = (BLOCK, LOOP, IF, TRY_TABLE)


@record(frozen=True)
class Line:
    """One instruction of a listing."""

    step: int
    """Step number; step 0, the function entry, is not listed."""
    offset: int
    """Byte offset in the module."""
    depth: int
    """Number of blocks around it."""
    text: str
    """The instruction in the words of the text format, with numbers for names."""
    operands: tuple[t.ValueType, ...] | None
    """Operand types after it, the last one on top; None where that point cannot be reached."""
    opcode: Opcode


def validator_of(module: ValidModule, code: FunctionCode) -> Validator:
    """A validator at the beginning of a function of a valid module."""
    body = code.body
    return Validator(
        module.context,
        Expression(body.instructions, body.offsets),
        code.local_types,
        code.type.results,
        len(code.type.params),
    )


def apply_rule(validator: Validator, step: int, opcode: Opcode, immediate: Any) -> None:
    """Validate one instruction again, which changes the validator's operands."""
    validator.pc = step
    if opcode in RULES:
        RULES[opcode](validator, immediate)
        return
    params, results = PLAIN[opcode]
    for param in params:
        validator.pop(param)
    validator.push_all(results)


def list_function(module: ValidModule, code: FunctionCode) -> Iterator[Line]:
    """List a function of a valid module."""
    body = code.body
    validator = validator_of(module, code)
    depth = 0
    for step, (opcode, immediate) in enumerate(body.instructions, 1):
        apply_rule(validator, step, opcode, immediate)
        if opcode is END or opcode is ELSE:
            depth -= 1
        controls = validator.controls
        reachable = not controls or not controls[-1].unreachable
        operands = tuple(validator.operands) if controls else code.type.results
        yield Line(
            step,
            body.offsets[step - 1],
            max(0, depth),
            instruction_text(opcode, immediate),
            operands if reachable else None,
            opcode,
        )
        if opcode in _BLOCKS or opcode is ELSE:
            depth += 1


def instruction_text(opcode: Opcode, immediate: Any) -> str:
    """Write an instruction with its immediates."""
    mnemonic = opcode.mnemonic.removesuffix(" t").removesuffix(" null")
    if opcode.mnemonic.endswith(" null"):
        return f"{mnemonic} (ref null {immediate!r})"
    if not opcode.immediates:
        return mnemonic
    items = immediate if len(opcode.immediates) > 1 else (immediate,)
    parts = [
        _IMMEDIATES.get(k, str)(item) for k, item in zip(opcode.immediates, items, strict=True)
    ]
    return " ".join((mnemonic, *filter(None, parts)))


def _block(block: t.FunctionType) -> str:
    return "" if not block.params and not block.results else str(block)


def _memory(argument: MemoryArgument) -> str:
    parts = [f"offset={argument.offset}", f"align={1 << argument.align}"]
    return " ".join(parts if not argument.memory else [str(argument.memory), *parts])


def _handlers(immediate: tuple[t.FunctionType, tuple[Catch, ...]]) -> str:
    block, catches = immediate
    clauses = [
        f"(catch{'' if catch.tag is not None else '_all'}{'_ref' if catch.reference else ''}"
        f"{'' if catch.tag is None else f' {catch.tag}'} {catch.label})"
        for catch in catches
    ]
    return " ".join(filter(None, (_block(block), *clauses)))


def _cast(immediate: tuple[int, int, Any, Any]) -> str:
    flags, label, source, target = immediate
    types = t.ReferenceType(bool(flags & 1), source), t.ReferenceType(bool(flags & 2), target)
    return f"{label} {types[0]!r} {types[1]!r}"


def _float(value: float, bits: int, width: int) -> str:
    return repr(value) if value == value else f"nan:0x{bits:0{width // 4}x}"


_IMMEDIATES: dict[str, Any] = {
    "block": _block,
    "labels": lambda item: " ".join(map(str, (*item[0], item[1]))),
    "memarg": _memory,
    "handlers": _handlers,
    "cast": _cast,
    "types": lambda types: " ".join(map(repr, types)),
    "heap": repr,
    "i32": lambda value: str(signed32(value)),
    "i64": lambda value: str(signed64(value)),
    "f32": lambda value: _float(value, f32_to_bits(value), 32),
    "f64": lambda value: _float(value, f64_to_bits(value), 64),
    "v128": lambda value: f"0x{value[::-1].hex()}",
    "lanes": lambda lanes: " ".join(map(str, lanes)),
}
