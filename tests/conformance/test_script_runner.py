"""Carrying out scripts: every kind of command, and what is said when the answer is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from refexec_conformance.backend import backend_names, create_backend
from refexec_conformance.backends import reference
from refexec_conformance.runner import run_script
from refexec_conformance.script import parse_script
from refexec_conformance.spectest import spectest_for
from refexec_conformance.verdicts import FileVerdict, Verdict

from refexec.errors import ConfigError
from suite_folder import ENGINE, judge, judge_script, verdicts, write_suite

EVERYTHING = r"""
(module $M
  (global (export "g") f64 (f64.const nan))
  (global (export "v") v128 (v128.const i64x2 1 2))
  (memory (export "memory") 1)
  (func (export "pair") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func (export "same") (param f32) (result f32) (local.get 0))
  (func (export "echo") (param externref) (result externref) (local.get 0))
  (func (export "self") (result funcref) (ref.func 0))
  (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func $deep (export "deep") (call $deep))
  (func (export "store") (i32.store8 (i32.const 0) (i32.const 7)))
)
(assert_return (invoke "pair" (i32.const -1) (i64.const -2)) (i64.const -2) (i32.const -1))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_return (invoke "same" (f32.const nan:0x200001)) (f32.const nan:0x200001))
(assert_return (get "g") (f64.const nan:arithmetic))
(assert_return (get $M "v") (v128.const i64x2 1 2))
(assert_return (invoke "echo" (ref.extern 5)) (ref.extern 5))
(assert_return (invoke "echo" (ref.null extern)) (ref.null extern))
(assert_return (invoke "self") (ref.func))
(assert_trap (invoke "divide" (i32.const 0)) "integer divide by zero")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(invoke "store")
(register "other" $M)
(module $N
  (import "other" "memory" (memory 1))
  (import "spectest" "print_i32" (func $print (param i32)))
  (func (export "load") (result i32) (call $print (i32.const 1)) (i32.load8_u (i32.const 0)))
)
(assert_return (invoke $N "load") (i32.const 7))
(assert_return (invoke $M "nan") (f32.const nan:arithmetic))
(assert_unlinkable (module (import "other" "absent" (func))) "unknown import")
(assert_unlinkable (module (import "other" "nan" (func))) "incompatible import type")
(assert_trap (module (func $f unreachable) (start $f)) "unreachable")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module binary "\00asm\01\00\00\00\01") "unexpected end")
(assert_malformed (module quote "(func") "unexpected token")
(module definition $D (global (export "n") (mut i32) (i32.const 3)))
(module instance $I $D)
(assert_return (get $I "n") (i32.const 3))
(module (tag $t (param i32)) (func (export "throw") (throw $t (i32.const 1))))
(assert_exception (invoke "throw"))
"""


def test_every_kind_of_command(tmp_path: Path) -> None:
    result = judge(tmp_path, EVERYTHING)
    assert [str(finding) for finding in result.findings] == []
    assert verdicts(result) == {"pass": 26, "text": 1}
    assert result.verdict is FileVerdict.PASS


@pytest.mark.skipif("wasmtime" not in backend_names(), reason="the kit has no file for it")
def test_an_independent_engine_agrees(tmp_path: Path) -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    result = judge(tmp_path, EVERYTHING, "wasmtime")
    assert [str(finding) for finding in result.findings] == []
    assert verdicts(result) == {"pass": 26, "text": 1}


@pytest.mark.parametrize(
    ("command", "expected", "got"),
    [
        ('(assert_return (invoke "one") (i32.const 2))', "(i32 2)", "(i32 1)"),
        ('(assert_return (invoke "one"))', "nothing", "(i32 1)"),
        ('(assert_return (invoke "trap") (i32.const 2))', "(i32 2)", "trap: unreachable"),
        ('(assert_trap (invoke "one") "unreachable")', "trap: unreachable", "(i32 1)"),
        (
            '(assert_trap (invoke "trap") "integer overflow")',
            "trap: integer overflow",
            "trap: unreachable",
        ),
        ('(assert_trap (invoke "deep") "unreachable")', "trap: unreachable", "trap: call stack"),
        ('(assert_exhaustion (invoke "trap") "call")', "trap: call", "trap: unreachable"),
        ('(assert_exception (invoke "one"))', "uncaught exception", "(i32 1)"),
        ('(invoke "trap")', "a normal return", "trap: unreachable"),
        ('(assert_invalid (module) "type mismatch")', "invalid: type mismatch", "module accepted"),
        (
            r'(assert_malformed (module binary "\00asm\01\00\00\00") "magic")',
            "malformed: magic",
            "module accepted",
        ),
        (
            r'(assert_malformed (module binary "\00asm\01\00\00\00\02\05\01\00\00\00\05") "magic")',
            "malformed: magic",
            "invalid: ",
        ),
        ('(assert_unlinkable (module) "unknown")', "unlinkable: unknown", "module instantiated"),
        (
            '(module (import "nobody" "nothing" (func)))',
            "module instantiated",
            "unlinkable: unknown import",
        ),
        ("(module (func $f unreachable) (start $f))", "module instantiated", "trap: unreachable"),
    ],
)
def test_a_wrong_answer_is_told_with_file_line_expected_and_got(
    tmp_path: Path, command: str, expected: str, got: str
) -> None:
    result = judge(
        tmp_path,
        f"""(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "trap") (result i32) unreachable)
  (func $deep (export "deep") (call $deep)))

{command}""",
    )
    (finding,) = result.findings
    assert finding.verdict is Verdict.FAIL
    assert (finding.file, finding.line) == ("case", 6)
    assert finding.expected == expected
    assert finding.got.startswith(got)
    assert str(finding).startswith("case.wast:6: fail: ")
    assert result.verdict is FileVerdict.FAIL


def test_what_needs_a_module_that_failed_is_blocked(tmp_path: Path) -> None:
    result = judge(
        tmp_path,
        """(module $M (import "nobody" "nothing" (func)) (func (export "f")))
(assert_return (invoke "f"))
(assert_return (invoke $M "f"))
(register "m" $M)
(module (func (export "f")))
(assert_return (invoke "f"))
(assert_return (invoke $M "f"))""",
    )
    assert verdicts(result) == {"fail": 1, "blocked": 4, "pass": 2}
    assert result.findings[1].got == "instance (latest) was not made"
    assert result.findings[2].got == "instance $M was not made".replace("$", "")


def test_a_module_without_bytes_is_absent_and_never_passed(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        case="""(module $M (func (export "f")))
(assert_return (invoke "f"))
(assert_invalid (module (func (result i32))) "type mismatch")
(module definition $D)
(module instance $I $D)""",
    )
    script = replace(suite.load("case"), modules={})
    result = judge_script(script)
    # What needs the absent module cannot be tried, and is not passed either.
    assert verdicts(result) == {"absent": 3, "blocked": 2}


def test_a_command_that_depends_on_an_absent_one_is_absent(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        case="""(module (func (export "f") (result i32) (i32.const 1)))
(assert_return (invoke "f") (i32.const 1))
(assert_return (invoke "f") (i32.const 2))""",
    )
    result = judge_script(replace(suite.load("case"), dependent=frozenset({3})))
    assert verdicts(result) == {"pass": 2, "absent": 1}


def test_contents_of_custom_sections_are_not_judged() -> None:
    commands = [
        {"type": "assert_malformed_custom", "line": 1, "module_type": "text", "filename": "a"},
        {"type": "assert_invalid_custom", "line": 2, "module_type": "binary", "filename": "b"},
    ]
    script = parse_script("case", json.dumps({"commands": commands}).encode(), {})
    result = judge_script(script)
    assert verdicts(result) == {"text": 2}
    assert result.verdict is FileVerdict.NOT_JUDGED


def test_an_exception_of_the_engine_is_a_verdict(tmp_path: Path) -> None:
    result = judge(
        tmp_path,
        """(module (func (export "explode")) (func (export "decline")) (func (export "fine")))
(assert_return (invoke "explode"))
(assert_return (invoke "decline"))
(assert_return (invoke "fine"))
(assert_return (invoke "no such export"))""",
        "broken_backends.fragile",
    )
    assert verdicts(result) == {"pass": 2, "error": 2, "unsupported": 1}
    assert result.findings[0].got == "ZeroDivisionError: a defect of the engine"
    assert result.findings[1].got == "declined: not today"


def test_an_endless_loop_is_interrupted_at_the_deadline(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        case="""(module (func (export "loop") (loop (br 0))) (func (export "fine")))
(assert_return (invoke "loop"))
(assert_return (invoke "fine"))""",
    )
    result = judge_script(suite.load("case"), seconds=0.2)
    # What follows is judged as if that call had ended.
    assert verdicts(result) == {"pass": 2, "timeout": 1}
    assert result.findings[0].got == "stopped at the deadline"


class Refusing(reference.Machine):
    """An engine that cannot even begin."""

    def instantiate(self, module: Any) -> Any:
        raise MemoryError("no room")


class Unready(reference.Machine):
    """An engine that does not take the module `spectest`."""

    def load(self, data: bytes) -> Any:
        return super().load(b"")


@pytest.mark.parametrize("engine", [Refusing(), Unready()])
def test_an_engine_that_cannot_begin_fails_every_command(tmp_path: Path, engine: Any) -> None:
    text = '(module (import "spectest" "print" (func))) (assert_return (invoke "f"))'
    script = write_suite(tmp_path, case=text).load("case")
    result = run_script(script, engine, spectest_for(script))
    assert verdicts(result) == {"error": 2}
    assert "spectest" in result.findings[0].got


def test_a_64_bit_table_is_offered_only_to_scripts_that_import_it(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        plain="(module)",
        wide='(module (import "spectest" "table64" (table i64 10 funcref)))',
    )
    assert b"table64" not in spectest_for(suite.load("plain"))
    assert b"table64" in spectest_for(suite.load("wide"))
    assert verdicts(judge_script(suite.load("wide"))) == {"pass": 1}


def test_an_unknown_backend_is_one_clear_error() -> None:
    with pytest.raises(ConfigError, match=r"there are: .*reference"):
        create_backend("wonder")
    with pytest.raises(ConfigError, match="no such module"):
        create_backend("no_such_package.wonder")


def test_backends_are_found_without_registration() -> None:
    assert {"reference", "wasmtime"} <= set(backend_names())
    assert create_backend(ENGINE).version
