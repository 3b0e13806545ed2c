"""Which export a run enters."""

from __future__ import annotations

import pytest

from assemble import assemble
from refexec.abi import resolve_entry
from refexec.errors import EntryError, ProgramError
from refexec.wasm import Module

TAKEN = "entry function may not be specified for program with _start function"
MISSING = "function not exported or it cannot be used as entry function"
SUSPENDED = "entry function may not be specified for suspended program"

OTHERS = """
    (func (export "main") (result i32) i32.const 0)
    (func (export "void"))
    (func (export "takes") (param i32))
    (func (export "wide") (result i64) i64.const 0)
    (func (export "two") (result i32 i32) i32.const 0 i32.const 0)
    (memory (export "memory") 1)
    (global (export "global") i32 (i32.const 0))
"""
PLAIN = Module(assemble(f"(module {OTHERS})"))
START = Module(assemble(f'(module {OTHERS} (func (export "_start")))'))
START_WITH_RESULT = Module(
    assemble(f'(module {OTHERS} (func (export "_start") (result i32) i32.const 0))')
)
ODD_START = Module(assemble(f'(module {OTHERS} (func (export "_start") (param i32)))'))
NO_FUNCTION_START = Module(assemble(f'(module {OTHERS} (memory (export "_start") 1))'))


def refusal(module: Module, name: str, **how: bool) -> str:
    with pytest.raises(EntryError) as caught:
        resolve_entry(module, name, **how)
    assert not isinstance(caught.value, ProgramError)
    return str(caught.value)


@pytest.mark.parametrize("finished", [False, True])
class TestBothResolvers:
    @pytest.mark.parametrize("module", [START, START_WITH_RESULT])
    def test_s016_start_is_the_entry(self, module: Module, finished: bool) -> None:
        assert resolve_entry(module, "", finished=finished) == "_start"

    @pytest.mark.parametrize("name", ["_start", "main", "nope"])
    def test_s016_start_forbids_other_entries(self, name: str, finished: bool) -> None:
        assert refusal(START, name, finished=finished) == TAKEN

    @pytest.mark.parametrize("module", [PLAIN, NO_FUNCTION_START])
    @pytest.mark.parametrize("name", ["", "_start"])
    def test_s016_no_entry(self, module: Module, name: str, finished: bool) -> None:
        assert resolve_entry(module, name, finished=finished) is None

    @pytest.mark.parametrize("module", [PLAIN, NO_FUNCTION_START])
    @pytest.mark.parametrize("name", ["main", "void"])
    def test_s016_named_entry(self, module: Module, name: str, finished: bool) -> None:
        assert resolve_entry(module, name, finished=finished) == name

    @pytest.mark.parametrize("name", ["nope", "takes", "wide", "two", "memory", "global"])
    def test_s016_unsuitable_entry(self, name: str, finished: bool) -> None:
        assert refusal(PLAIN, name, finished=finished) == MISSING

    def test_started_program_has_no_start(self, finished: bool) -> None:
        for module in (START, ODD_START, PLAIN):
            assert resolve_entry(module, "", True, finished) is None
            assert resolve_entry(module, "_start", True, finished) is None
            assert resolve_entry(module, "main", True, finished) == "main"
            assert refusal(module, "nope", started=True, finished=finished) == MISSING

    def test_suspended_program_takes_no_entry(self, finished: bool) -> None:
        for module in (START, PLAIN):
            how = {"started": True, "finished": finished, "suspended": True}
            assert resolve_entry(module, "", **how) is None
            assert refusal(module, "main", **how) == SUSPENDED
            assert refusal(module, "_start", **how) == SUSPENDED


def test_start_of_another_type_while_building() -> None:
    assert resolve_entry(ODD_START, "") is None
    assert refusal(ODD_START, "_start") == TAKEN
    assert refusal(ODD_START, "main") == TAKEN


def test_start_of_another_type_in_a_finished_program() -> None:
    assert resolve_entry(ODD_START, "", finished=True) is None
    assert resolve_entry(ODD_START, "_start", finished=True) is None
    assert resolve_entry(ODD_START, "main", finished=True) == "main"
