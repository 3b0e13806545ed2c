"""Scenarios of section A: how programs live and how they end."""

from __future__ import annotations

import pytest

from refexec import image, wasm
from refexec.runtime.executor import Executor
from refexec.runtime.policy import ProcessPolicy
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID
from runtime_world import NoServices, Script, program, run

HALTED_WELL = (Result(0), TrapID.EXIT)
HALTED_BADLY = (Result(1), TrapID.EXIT)


def test_s001_an_empty_module(executor: Executor) -> None:
    out = run(executor, program("(module)"), entry="")
    assert (out.result, out.trap) == HALTED_WELL
    assert str(out.result) == "halted successfully"
    assert out.debug == b""
    assert (out.buffers.services, out.buffers.input, out.buffers.output) == ([], b"", b"")
    assert out.instance.phase == "halted"


def test_s002_a_start_function_alone(executor: Executor) -> None:
    code = Script().log(b"A").program(export="begin", extra="(start $begin)")
    assert code.module.has_start
    out = run(executor, code, entry="")
    assert (out.result, out.trap, out.debug) == (*HALTED_WELL, b"A\n")


def test_s003_start_function_then_entry_function(executor: Executor) -> None:
    code = (
        Script()
        .log(b"B\n")
        .program(
            extra="""(start $begin)
              (data (i32.const 512) "A")
              (func $begin (call $log (i32.const 512) (i32.const 1)))"""
        )
    )
    out = run(executor, code)
    assert (out.result, out.trap, out.debug) == (*HALTED_WELL, b"AB\n")


@pytest.mark.parametrize(
    ("value", "outcome"), [(0, HALTED_WELL), (1, HALTED_BADLY), (256, HALTED_BADLY)]
)
def test_s004_s005_s006_the_value_of_the_entry_function(
    executor: Executor, value: int, outcome: tuple[Result, TrapID]
) -> None:
    out = run(
        executor, program(f'(module (func (export "main") (result i32) (i32.const {value})))')
    )
    assert (out.result, out.trap) == outcome
    assert not out.result.terminated


@pytest.mark.parametrize(("status", "code"), [(0, 2), (1, 3), (7, 3), (-1, 3)])
def test_s007_s008_proc_exit(executor: Executor, status: int, code: int) -> None:
    out = run(executor, Script().wat(f"(call $exit (i32.const {status}))").program())
    assert (out.result, out.trap) == (Result(code), TrapID.EXIT)
    assert out.result.terminated
    assert out.instance.phase == "terminated"
    assert out.instance.final


def test_s009_proc_exit_in_the_start_function(executor: Executor) -> None:
    extra = "(start $begin) (func $begin (call $exit (i32.const 0)))"
    out = run(executor, Script().log(b"entry\n").program(extra=extra))
    assert (str(out.result), out.debug) == ("terminated successfully", b"")


@pytest.mark.parametrize(
    ("code", "trap"),
    [
        ("(unreachable)", TrapID.UNREACHABLE),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", TrapID.INTEGER_DIVIDE_BY_ZERO),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
            TrapID.INTEGER_OVERFLOW,
        ),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", TrapID.INTEGER_OVERFLOW),
        ("(drop (i32.load (i32.const 65533)))", TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS),
        (
            "(drop (i32.load offset=4 (i32.const 0xffffffff)))",
            TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS,
        ),
        (
            "(call_indirect (param i32) (i32.const 0) (i32.const 0))",
            TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH,
        ),
        ("(call_indirect (i32.const 3))", TrapID.INDIRECT_CALL_INDEX_OUT_OF_BOUNDS),
        ("(call_indirect (i32.const 1))", TrapID.INDIRECT_CALL_SIGNATURE_MISMATCH),
    ],
)
def test_s010_to_s013_traps(executor: Executor, code: str, trap: TrapID) -> None:
    out = run(
        executor,
        program(
            f"""(module (memory 1) (table 3 funcref) (elem (i32.const 0) $main)
              (func $main (export "main") {code}))"""
        ),
    )
    assert (out.result, out.trap) == (Result(), trap)
    assert out.instance.trap is trap
    assert out.instance.final
    assert out.instance.phase == "terminated"
    assert out.instance.stack_usage > 0
    out.instance.check_mutation()


RECURSION = """(module (func $down (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
  (func (export "main") (result i32) (i32.ne (call $down (i32.const 300)) (i32.const 300))))"""


def test_s014_infinite_recursion(executor: Executor) -> None:
    code = program('(module (func $main (export "main") (call $main)))')
    out = run(executor, code)
    assert (out.result, out.trap) == (Result(), TrapID.CALL_STACK_EXHAUSTED)
    assert out.instance.phase == "entry"
    assert out.instance.stack_usage == wasm.Limits().call_depth


def test_s014_an_exhausted_stack_goes_on_when_it_is_larger(executor: Executor) -> None:
    code = program(RECURSION)
    uncut = run(executor, code)
    instance = image.Instance(code, entry="main")
    for depth, trap in ((100, TrapID.CALL_STACK_EXHAUSTED), (10_000, TrapID.EXIT)):
        policy = ProcessPolicy(limits=wasm.Limits(call_depth=depth))
        with executor.new_process() as process:
            process.start(code, instance, policy)
            result, found = process.serve(None, NoServices(), Buffers())
        assert found is trap
    assert result == uncut.result == Result(0)
    # The call that found no room has been paid for twice, because it was made twice.
    assert instance.fuel_spent == uncut.instance.fuel_spent + 1


@pytest.mark.parametrize(
    "code",
    [
        "(i32.rem_s (i32.const 0x80000000) (i32.const -1))",
        "(i32.trunc_sat_f32_s (f32.const nan))",
        "(i32.ne (memory.grow (i32.const 1)) (i32.const 1))",
        "(i32.ne (memory.grow (i32.const 2)) (i32.const -1))",
        "(i32.ne (memory.grow (i32.const 0)) (i32.const 1))",
    ],
)
def test_s011_s015_what_does_not_trap(executor: Executor, code: str) -> None:
    out = run(
        executor, program(f'(module (memory 1 2) (func (export "main") (result i32) {code}))')
    )
    assert (out.result, out.trap) == HALTED_WELL


def test_s015_growing_ends_at_the_limit_of_the_instance(executor: Executor) -> None:
    code = program(
        """(module (memory 1) (func (export "main") (result i32)
          (i32.ne (memory.grow (i32.const 5)) (i32.const -1))))"""
    )
    small = image.Instance(code, entry="main", limits=wasm.Limits(memory_pages=5))
    assert (run(executor, small).result.value, small.memory_size) == (0, 1 << 16)
    large = image.Instance(code, entry="main", limits=wasm.Limits(memory_pages=6))
    assert (run(executor, large).result.value, large.memory_size) == (1, 6 << 16)


def test_s016_start_is_entered_by_itself(executor: Executor) -> None:
    out = run(executor, Script().log(b"ran\n").program(export="_start"), entry="")
    assert out.debug == b"ran\n"


def test_a_segment_that_does_not_fit_ends_the_program_at_once(executor: Executor) -> None:
    out = run(executor, program('(module (memory 1) (data (i32.const 65535) "ab"))'), entry="")
    assert out.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
    assert (out.instance.phase, out.instance.state) == ("terminated", None)


def test_an_exception_that_nothing_catches_is_like_unreachable(executor: Executor) -> None:
    out = run(executor, program('(module (tag $t) (func (export "main") (throw $t)))'))
    assert out.trap is TrapID.UNREACHABLE


def test_s029_a_deficiency_restarts_the_call(executor: Executor) -> None:
    code = Script().log(b"before\n").wat("(drop (call $raise (i32.const 1)))").program()
    out = run(executor, code)
    assert (out.trap, out.debug) == (TrapID.ABI_DEFICIENCY, b"before\n")
    assert out.instance.phase == "entry"
    again = run(executor, out.instance)
    assert (again.trap, again.debug) == (TrapID.ABI_DEFICIENCY, b"")
