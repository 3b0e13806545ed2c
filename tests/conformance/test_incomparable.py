"""Where outcomes may legitimately differ, comparing ends, and only there."""

from __future__ import annotations

from pathlib import Path

from refexec_conformance.own.suite import open_cases
from refexec_conformance.pool import run_file
from refexec_conformance.verdicts import FileResult, FileVerdict, Verdict

from suite_folder import judge

SHALLOW = "broken_backends.shallow"

DEEP = """(module
  (global $n (mut i32) (i32.const 0))
  (func $deep (export "deep") (param i32) (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "n") (result i32) (global.get $n)))
(assert_return (invoke "deep" (i32.const 10)) (i32.const 10))
(assert_return (invoke "deep" (i32.const {depth})) (i32.const {depth}))
(assert_return (invoke "n") (i32.const 512))
(module (func (export "f") (result i32) (i32.const 1)))
(assert_return (invoke "f") (i32.const {result}))"""

GROW = """(module $m (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "minus") (result i32) (i32.const -1)))
(register "m" $m)
(assert_return (invoke "grow" (i32.const 1)) (i32.const 1))
(module (memory (import "m" "memory") 1) (func (export "size") (result i32) (memory.size)))
(assert_return (invoke "size") (i32.const 2))
(assert_trap (invoke "size") "unreachable")"""


def counts(result: FileResult) -> dict[Verdict, int]:
    return dict(result.counts)


def test_a_shorter_stack_ends_comparing_until_the_next_module(tmp_path: Path) -> None:
    result = judge(tmp_path, DEEP.format(depth=500, result=1), SHALLOW)
    assert counts(result) == {Verdict.PASS: 4, Verdict.INCOMPARABLE: 2}
    assert result.verdict is FileVerdict.PASS
    first = result.findings[0]
    assert first.line == 10
    assert first.got == ("trap: call stack exhausted (the stack may be exhausted after 256 calls)")
    assert result.failures == ()


def test_what_is_wrong_in_the_next_module_is_wrong(tmp_path: Path) -> None:
    result = judge(tmp_path, DEEP.format(depth=500, result=2), SHALLOW)
    (failure,) = result.failures
    assert failure.line == 13
    assert result.verdict is FileVerdict.FAIL


def test_a_stack_that_is_too_short_for_anything_is_no_excuse(tmp_path: Path) -> None:
    # With 100 calls, even the oracle's shortest stack is long enough.
    script = DEEP.format(depth=100, result=1).replace("512", "112")
    assert judge(tmp_path, script, SHALLOW).verdict is FileVerdict.PASS
    result = judge(tmp_path, script.replace('(invoke "deep" (i32.const 100))', '(invoke "x")'))
    assert result.verdict is FileVerdict.FAIL


def test_a_refused_growth_ends_comparing_for_what_is_linked(tmp_path: Path) -> None:
    result = judge(tmp_path, GROW, SHALLOW)
    assert counts(result) == {Verdict.PASS: 2, Verdict.INCOMPARABLE: 4}
    assert "the growth may be refused" in result.findings[0].got


def test_minus_one_for_another_reason_is_no_excuse(tmp_path: Path) -> None:
    wrong = GROW.split("(register")[0] + '(assert_return (invoke "minus") (i32.const 1))'
    assert judge(tmp_path, wrong, SHALLOW).verdict is FileVerdict.FAIL


PICKY = "broken_backends.picky"

WRITTEN = """(module $m (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
  (func (export "read") (result i32) (i32.load8_u (i32.const 0)))
  (func (export "take") (param f32) (global.set $g (i32.const 1)))
  (func (export "taken") (result i32) (global.get $g))
  (func (export "misname") (drop (i32.div_u (i32.const 1) (i32.const 0))))
  (func (export "wrong") (result i32) (i32.const 4)))
(register "m" $m)
(module $writer (import "m" "memory" (memory 1)) (data (i32.const 0) "*")
  (func (export "write") (i32.store8 (i32.const 0) (i32.const 43))))
(assert_return (invoke $m "read") (i32.const 42))
(invoke $writer "write")
(assert_return (invoke $m "read") (i32.const 43))
(assert_return (invoke $m "take" (f32.const 1)))
(assert_return (invoke $m "taken") (i32.const 1))
(assert_return (invoke $m "wrong") (i32.const 4))
(assert_return (invoke $m "taken") (i32.const 1))
(assert_trap (invoke $m "misname") "integer divide by zero")"""


def test_what_misses_something_that_was_declined_is_no_fault(tmp_path: Path) -> None:
    result = judge(tmp_path, WRITTEN, PICKY)
    told = {item.line: (item.verdict, item.got) for item in result.findings}
    assert told == {
        8: (Verdict.UNSUPPORTED, "declined: no imports but functions"),
        10: (Verdict.INCOMPARABLE, "(i32 0) (as without line 8, which was declined)"),
        11: (Verdict.BLOCKED, "instance writer was not made"),
        12: (Verdict.INCOMPARABLE, "(i32 0) (as without line 8, which was declined)"),
        13: (Verdict.UNSUPPORTED, "declined: no f32 as an argument"),
        14: (Verdict.INCOMPARABLE, "(i32 0) (as without lines 8 and 13, which were declined)"),
        # What is wrong in any case is told.
        15: (Verdict.FAIL, "(i32 5)"),
        16: (Verdict.INCOMPARABLE, "(i32 0) (as without lines 8 and 13, which were declined)"),
        17: (Verdict.FAIL, "trap: integer overflow"),
    }
    assert counts(result)[Verdict.PASS] == 2


def test_many_lines_are_not_all_named(tmp_path: Path) -> None:
    take = '(assert_return (invoke $m "take" (f32.const 1)))'
    script = WRITTEN.replace(take, 3 * take)
    assert "(as without lines 8, 13, 13 and 1 more, which were declined)" in (
        judge(tmp_path, script, PICKY).findings[-2].got
    )


def test_the_kits_own_cases_excuse_what_misses_something_that_was_declined() -> None:
    result = run_file(open_cases(), "traps/in_data", PICKY)
    assert result.counts[Verdict.UNSUPPORTED] > 0
    assert result.counts[Verdict.INCOMPARABLE] > 0
    assert result.counts[Verdict.FAIL] == 0
