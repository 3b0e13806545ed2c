"""Modules with one function per vector instruction, whose operands and results pass by memory.

So every bit of a float or vector can be given and seen, whatever the embedding interface of an
engine does with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from refexec.interp.opcodes import BY_MNEMONIC, Opcode

VECTOR_OPCODES = [
    opcode for opcode in BY_MNEMONIC.values() if opcode.feature in ("simd", "relaxed-simd")
]

RESULT = 1024
"""Where the result goes; operand number n is at 16 * n."""
USED = RESULT + 16
"""How much of the memory the functions use."""
FIELD = 256
"""Where loads and stores of the instructions under test work, up to 16 bytes further."""


@dataclass(frozen=True)
class Call:
    """An instruction with immediates, as a function of the module."""

    opcode: Opcode
    immediates: str
    """Immediates in the text format."""

    def function(self, name: str) -> str:
        """The function in the text format."""
        signature = self.opcode.signature
        assert signature is not None
        operands = []
        for number, param in enumerate(signature.params):
            if param is None:
                # An address between FIELD and FIELD + 15.
                address = f"(i32.and (i32.load (i32.const {16 * number})) (i32.const 15))"
                operands.append(f"(i32.add {address} (i32.const {FIELD}))")
            else:
                operands.append(f"({param}.load (i32.const {16 * number}))")
        code = f"({self.opcode.mnemonic} {self.immediates} {' '.join(operands)})"
        for result in signature.results:
            code = f"({result}.store (i32.const {RESULT}) {code})"
        return f'(func (export "{name}") {code})'


def immediates(opcode: Opcode, random: Random) -> str:
    """Make valid immediates."""
    mnemonic = opcode.mnemonic
    texts = []
    for kind in opcode.immediates:
        if kind == "memarg":
            texts.append(f"offset={random.randrange(16)}")
        elif kind == "lane":
            texts.append(str(random.randrange(lane_count(mnemonic))))
        elif kind == "lanes":
            texts.append(" ".join(str(random.randrange(32)) for _ in range(16)))
        elif kind == "v128":
            texts.append("i8x16 " + " ".join(str(random.randrange(256)) for _ in range(16)))
    return " ".join(texts)


def lane_count(mnemonic: str) -> int:
    """Lanes that an instruction with a lane index chooses from."""
    shape, _, name = mnemonic.partition(".")
    if shape != "v128":
        return int(shape.partition("x")[2])
    return 128 // int("".join(filter(str.isdigit, name)))


def module(calls: list[Call]) -> str:
    """A module that exports the calls by number, and its memory."""
    functions = "\n".join(call.function(str(number)) for number, call in enumerate(calls))
    return f'(module (memory (export "memory") 1)\n{functions})'
