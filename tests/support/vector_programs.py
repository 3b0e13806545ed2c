"""Random programs of vector instructions, on locals, a global and memory, in a loop.

A program mostly uses instructions of a few shapes, so that results of one are operands of another
and locals are held as they suit these. It never fails to validate; it may trap.
"""

from __future__ import annotations

import random
import struct

from refexec.interp.opcodes import OPCODES, Opcode

_FAVOURITES = (
    *(("f32x4",), ("f64x2",), ("i8x16",), ("i16x8",), ("i32x4",), ("i64x2",), ("v128",)),
    *(("f32x4", "f64x2"), ("f32x4", "i32x4")),
)
_INSTRUCTIONS: dict[str, list[Opcode]] = {}
"""By the type of their result; those that store, by an empty text."""
for _opcode in OPCODES.values():
    if _opcode.feature in ("simd", "relaxed-simd"):
        assert _opcode.signature is not None
        _results = " ".join(map(str, _opcode.signature.results))
        _INSTRUCTIONS.setdefault(_results, []).append(_opcode)

_NUMBERS = (0.0, -0.0, 1.5, -2.25, 7.0, float("inf"), float("nan"))
_SCALARS = {
    "i32": (
        "(local.get $n)",
        "(local.get $i)",
        *(f"(i32.const {number})" for number in (0, 1, 3, 8, 31, -1, 255, 65535, 70000)),
    ),
    "i64": ("(i64.extend_i32_u (local.get $n))",),
    "f32": (
        "(f32.const 1.5)",
        "(f32.convert_i32_s (local.get $i))",
        "(f32.const nan)",
        "(f32.div (f32.const 0) (f32.const 0))",
    ),
    "f64": (
        "(f64.const -0.75)",
        "(f64.convert_i32_u (local.get $n))",
        "(f64.sub (f64.const inf) (f64.const inf))",
    ),
}


class VectorProgram:
    """A module that exports `run`, and arguments for it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._shapes = self._random.choice(_FAVOURITES)
        helper = self._value("v128", 2, "ab")
        body = "\n".join(self._statement() for _ in range(7))
        self.text = f"""
(module
  (memory 1)
  (global $g (mut v128) (v128.const i64x2 7 -1))
  (func $helper (param $a v128) (param $b v128) (result v128) (local $n i32) (local $i i32)
    {helper})
  (func (export "run") (param $n i32) (param $a v128) (param $b v128)
    (result v128 v128 v128 v128 i32) (local $c v128) (local $d v128) (local $i i32)
    (local.set $i (i32.const 4))
    (loop $again
      {body}
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (local.get $a) (local.get $b) (local.get $c) (local.get $d) (local.get $n)))
"""
        self.arguments = [self._random.randrange(1 << 32), self._vector(), self._vector()]

    def _vector(self) -> bytes:
        choose = self._random.choice
        kind = self._random.randrange(5)
        if kind == 0:
            return bytes(choose((0, 1, 0x7F, 0x80, 0xFF)) for _ in range(16))
        if kind == 1:
            return struct.pack("<4f", *(choose((*_NUMBERS, 1e-40, 3e38)) for _ in range(4)))
        if kind == 2:
            return struct.pack("<2d", *(choose((*_NUMBERS, 1e-310, 1e308)) for _ in range(2)))
        if kind == 3:
            return bytes((self._random.randrange(256),)) * 16
        return self._random.randbytes(16)

    def _constant(self) -> str:
        return f"i8x16 {' '.join(map(str, self._vector()))}"

    def _value(self, type_: str, depth: int, variables: str = "abcd") -> str:
        """An expression."""
        chance, choose = self._random.random, self._random.choice
        if type_ in _SCALARS:
            if depth <= 0 or chance() < 0.5:
                return choose(_SCALARS[type_])
            if type_ == "i32" and chance() < 0.4:
                operands = (self._value("i32", depth - 1, variables) for _ in range(2))
                return f"(i32.{choose(('add', 'mul', 'xor', 'shr_u'))} {' '.join(operands)})"
            return self._instruction(type_, depth, variables)
        if depth <= 0 or chance() < 0.25:
            simple = (f"(v128.const {self._constant()})", "(global.get $g)")
            return choose((*(f"(local.get ${name})" for name in variables * 2), *simple))
        first, second = (self._value("v128", depth - 1, variables) for _ in range(2))
        kind = chance()
        if kind < 0.06:
            return f"(local.tee ${choose(variables)} {first})"
        if kind < 0.1 and len(variables) > 2:
            return f"(call $helper {first} {second})"
        if kind < 0.14:
            return f"(select {first} {second} {self._value('i32', depth - 1, variables)})"
        if kind < 0.18:
            condition = self._value("i32", depth - 1, variables)
            return f"(if (result v128) {condition} (then {first}) (else {second}))"
        return self._instruction("v128", depth, variables)

    def _instruction(self, result: str, depth: int, variables: str = "abcd") -> str:
        choose = self._random.choice
        opcode = choose(_INSTRUCTIONS[result])
        while not opcode.mnemonic.startswith(self._shapes) and self._random.random() < 0.75:
            opcode = choose(_INSTRUCTIONS[result])
        assert opcode.signature is not None
        operands = (
            "(i32.and (local.get $i) (i32.const 127))"
            if type_ is None
            else self._value(str(type_), depth - 1, variables)
            for type_ in opcode.signature.params
        )
        return f"({opcode.mnemonic} {self._immediates(opcode)} {' '.join(operands)})"

    def _immediates(self, opcode: Opcode) -> str:
        chosen = []
        if "memarg" in opcode.immediates:
            chosen.append(f"offset={self._random.choice((*(0, 1, 16, 48) * 5, 65530))}")
        if "lane" in opcode.immediates:
            shape, _, name = opcode.mnemonic.partition(".")
            bits = "".join(filter(str.isdigit, name)) if shape == "v128" else ""
            count = 128 // int(bits) if bits else int(shape.partition("x")[2])
            chosen.append(str(self._random.randrange(count)))
        if "lanes" in opcode.immediates:
            size = self._random.choice((1, 2, 4, 8))
            starts = [self._random.randrange(32 // size) * size for _ in range(16 // size)]
            chosen += [str(start + index) for start in starts for index in range(size)]
        if "v128" in opcode.immediates:
            chosen.append(self._constant())
        return " ".join(chosen)

    def _statement(self) -> str:
        kind = self._random.random()
        if kind < 0.5:
            return f"(local.set ${self._random.choice('abcd')} {self._value('v128', 4)})"
        if kind < 0.6:
            return f"(global.set $g {self._value('v128', 4)})"
        if kind < 0.75:
            return self._instruction("", 4)
        if kind < 0.85:
            first, second = self._statement(), self._statement()
            return f"(if {self._value('i32', 2)} (then {first}) (else {second}))"
        return f"(local.set $n (i32.xor (local.get $n) {self._value('i32', 4)}))"
