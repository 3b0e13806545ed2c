"""The rows of the vector instructions agree with an assembler and a validator of others."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from random import Random

from assemble import assemble
from refexec.interp.instructions import EXECUTE
from refexec.interp.validation import load_module
from vector_modules import VECTOR_OPCODES, Call, immediates, module

CALLS = [Call(opcode, immediates(opcode, Random(0))) for opcode in VECTOR_OPCODES]


def test_there_are_as_many_as_the_specification_has() -> None:
    assert sum(opcode.feature == "simd" for opcode in VECTOR_OPCODES) == 236
    assert sum(opcode.feature == "relaxed-simd" for opcode in VECTOR_OPCODES) == 20


def test_an_assembler_gives_every_mnemonic_the_code_of_its_row() -> None:
    functions = load_module(assemble(module(CALLS))).functions
    for call, function in zip(CALLS, functions, strict=True):
        assert call.opcode in {opcode for opcode, _ in function.body.instructions}


def test_another_validator_accepts_every_signature() -> None:
    command = Path(sysconfig.get_path("scripts")) / "wasm-tools"
    subprocess.run([command, "validate", "-"], input=assemble(module(CALLS)), check=True)


def test_every_execution_function_is_named_and_described_after_its_instruction() -> None:
    for opcode in VECTOR_OPCODES:
        function = EXECUTE[opcode]
        assert function.__name__ == opcode.function_name
        assert function.__doc__.startswith(f"`{opcode.mnemonic}`: rule exec-{opcode.rule}")
