"""Validation rules of single instructions (Validation 3.4).

`RULES` maps an opcode to a function `(validator, immediate)` that checks operands and writes the
side table; `PLAIN` holds those whose signature in the opcode table says everything. The files
follow the Validation chapter: `control`, `storage`, `reference`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from refexec.errors import UnsupportedFeatureError
from refexec.interp import types as t
from refexec.interp.checker import Validator
from refexec.interp.features import PROFILES, check_block_type
from refexec.interp.opcodes import BLOCK, IF, LOOP, OPCODES, TRY_TABLE, Opcode
from refexec.interp.rules import control, reference, storage
from refexec.interp.rules.registry import RULES, Rule

__all__ = ["CONSTANT", "PLAIN", "RULES", "control", "reference", "storage", "tables_for"]

PlainTable = dict[Opcode, tuple[tuple[t.NumberType, ...], tuple[t.NumberType, ...]]]

PLAIN: PlainTable = {}
"""Opcodes whose types follow from the table alone: operands from the top down, and results."""


# fmt: off
CONSTANT = frozenset({
    "i32.const", "i64.const", "f32.const", "f64.const", "v128.const", "ref.null", "ref.func",
    "global.get", "end", "i32.add", "i32.sub", "i32.mul", "i64.add", "i64.sub", "i64.mul",
    "ref.i31", "struct.new", "struct.new_default", "array.new", "array.new_default",
    "array.new_fixed", "any.convert_extern", "extern.convert_any",
})
# fmt: on
"""Mnemonics that a constant expression may contain."""


def _lane(opcode: Opcode) -> Rule:
    """Make the rule of an instruction that names a lane."""
    assert opcode.signature is not None
    lanes = int(opcode.mnemonic.partition(".")[0].partition("x")[2])
    params = [param for param in opcode.signature.params if param is not None]
    results = [result for result in opcode.signature.results if result is not None]

    def check(v: Validator, lane: int) -> None:
        if lane >= lanes:
            raise v.fail(f"invalid lane index {lane}")
        v.pop_all(params)
        v.push_all(results)

    return check


def _shuffle(v: Validator, lanes: tuple[int, ...]) -> None:
    if max(lanes) >= 32:
        raise v.fail(f"invalid lane index {max(lanes)}")
    v.pop(t.V128)
    v.pop(t.V128)
    v.push(t.V128)


for _opcode in OPCODES.values():
    if _opcode in RULES:
        continue
    assert _opcode.signature is not None, _opcode
    if "memarg" in _opcode.immediates:
        RULES[_opcode] = storage.access(_opcode, "lane" in _opcode.immediates)
    elif _opcode.immediates == ("lane",):
        RULES[_opcode] = _lane(_opcode)
    elif _opcode.immediates == ("lanes",):
        RULES[_opcode] = _shuffle
    else:
        PLAIN[_opcode] = (
            tuple(p for p in reversed(_opcode.signature.params) if p is not None),
            tuple(r for r in _opcode.signature.results if r is not None),
        )


@cache
def tables_for(features: frozenset[str]) -> tuple[PlainTable, dict[Opcode, Rule]]:
    """`PLAIN` and `RULES` for a set of features: instructions outside it are refused."""
    plain = {opcode: types for opcode, types in PLAIN.items() if opcode.feature in features}
    rules = {
        opcode: RULES[opcode] if opcode in RULES and opcode.feature in features else _refuse
        for opcode in OPCODES.values()
        if opcode not in plain
    }
    if not features >= PROFILES["wasm3"]:
        for opcode in (BLOCK, LOOP, IF, TRY_TABLE):
            if rules[opcode] is not _refuse:
                rules[opcode] = _with_checked_block(rules[opcode], features)
    return plain, rules


def _refuse(v: Validator, _: Any) -> None:
    opcode = v.opcode
    raise UnsupportedFeatureError(
        opcode.feature, f"{opcode.mnemonic} needs the feature {opcode.feature}", v.offset
    )


def _with_checked_block(rule: Rule, features: frozenset[str]) -> Rule:
    """Make a rule that looks at the block type before it does what `rule` does."""

    def check(v: Validator, immediate: Any) -> None:
        block = immediate[0] if v.opcode is TRY_TABLE else immediate
        check_block_type(block, features, v.offset)
        rule(v, immediate)

    return check
