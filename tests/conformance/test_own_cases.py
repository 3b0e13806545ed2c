"""The kit's own cases, and the claim that every instruction has a case."""

from __future__ import annotations

import inspect

import pytest
from refexec_conformance.executed import executed, own_cases, record
from refexec_conformance.pool import run_file
from refexec_conformance.verdicts import FileVerdict

from refexec.interp.instructions import EXECUTE
from refexec.interp.opcodes import OPCODES, Opcode


@pytest.mark.parametrize("engine", ["reference_all", "translated_all"])
@pytest.mark.parametrize("name", [n for n in own_cases().names if not n.startswith("versions/")])
def test_case(name: str, engine: str) -> None:
    result = run_file(own_cases(), name, engine)
    assert result.verdict is FileVerdict.PASS, [str(finding) for finding in result.findings]


def test_recorded_instructions_are_those_that_a_case_executes() -> None:
    found = record(own_cases(), ["wide_arithmetic"])
    assert found["i64.mul_wide_u"] == ["wide_arithmetic"]
    assert found["i64.mul"] == []


@pytest.mark.parametrize("opcode", OPCODES.values(), ids=str)
def test_every_instruction_has_one_function_that_names_its_rule_and_a_case(opcode: Opcode) -> None:
    function = EXECUTE[opcode]
    assert inspect.getmodule(function).__name__.startswith("refexec.interp.instructions.")
    assert f"exec-{opcode.rule}" in (function.__doc__ or "")
    assert executed()[opcode.mnemonic], f"no case executes {opcode.mnemonic}"
