"""From a failure to its cause: one command alone, and the oracle's last instructions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import refexec_conformance

from command_line import COMMAND, PATIENCE, call, complaint
from suite_folder import write_suite

SCRIPT = """(module
  (global $n (mut i32) (i32.const 0))
  (func $x (param i32 i32) (result i32) (i32.xor (local.get 0) (local.get 1)))
  (func (export "both") (param i32) (result i32)
    (i32.add (call $x (local.get 0) (i32.const 1)) (i32.or (local.get 0) (i32.const 1))))
  (func (export "next") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (global.get $n))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "object") (param externref) (result externref) (local.get 0)))
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_return (invoke "next") (i32.const 1))
(assert_return (invoke "next") (i32.const 2))
(assert_return (invoke "both" (i32.const 2)) (i32.const 6))
(assert_return (invoke "both" (i32.const 3)) (i32.const 5))
(assert_return (invoke "add" (i32.const 3) (i32.const 4)) (i32.const 7))
(assert_return (invoke "object" (ref.extern 1)) (ref.extern 2))
(assert_trap (invoke "next") "unreachable")
(assert_invalid (module) "wonder")"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    write_suite(tmp_path, case=SCRIPT, other="(module)")
    return tmp_path


def run(suite: Path, *args: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, where engines may be changed."""
    support = Path(__file__).parent.parent / "support"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(support), *path()])}
    command = [*COMMAND, "conform", "--suite", str(suite), *map(str, args)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def path() -> list[str]:
    return [
        str(Path(refexec_conformance.__file__).parent.parent),
        *os.environ.get("PYTHONPATH", "").split(os.pathsep),
    ]


def test_a_wrong_instruction_is_found(suite: Path) -> None:
    done = run(suite, "--backend", "broken_backends.wrong_instruction", "--file", "case")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.startswith("case.wast:15")]
    told = "\n".join(lines[place : place + 25])
    assert "expected: (i32 5)" in told
    assert "got:      (i32 6)" in told
    assert "i32.xor    i32:3 i32:1 -> i32:2\n" in told
    assert "(after 12 fuel the states are no longer the same, before they were)" in told
    assert "--file case --command 5 --backend broken_backends.wrong_instruction" in told
    wrong = [line for line in lines if ": fail: " in line]
    assert [line.split(": ")[0] for line in wrong] == [
        *("case.wast:15", "case.wast:17", "case.wast:18", "case.wast:19"),
    ]


def test_one_command_is_judged_after_what_prepares_it(suite: Path) -> None:
    result = call(*("conform", "--suite", suite, "--backend", "reference", "--jobs", 1), *one(3))
    assert result.exit_code == 0, result.stdout
    assert "Commands: 1 pass" in result.stdout
    result = call(*("conform", "--suite", suite, "--backend", "reference", "--jobs", 1), *one(8))
    assert result.exit_code == 1
    assert "expected: trap: unreachable" in result.stdout
    assert "(the oracle answers alike: the case expects something else)" in result.stdout
    assert "return of i32:3" in result.stdout


def one(index: int) -> tuple[object, ...]:
    return ("--file", "case", "--command", index)


def test_an_answer_may_be_lost_on_its_way(suite: Path) -> None:
    result = call("conform", "--suite", suite, *one(6), "--backend", "broken_backends.wrong_add")
    assert "(the states are the same at the end: the answer is lost" in result.stdout


def test_host_objects_go_to_the_oracle_too(suite: Path) -> None:
    result = call("conform", "--suite", suite, *one(7), "--backend", "reference")
    assert "return of ref:host object" in result.stdout


def test_what_runs_no_code_has_no_trace(suite: Path) -> None:
    result = call("conform", "--suite", suite, *one(9), "--backend", "reference")
    assert "got:      module accepted\n    again:" in result.stdout


def test_a_backend_whose_states_nobody_can_tell_still_has_the_oracles_trace(suite: Path) -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    result = call("conform", "--suite", suite, *one(8), "--backend", "wasmtime")
    assert "return of i32:3" in result.stdout


def test_commands_that_are_not_there(suite: Path) -> None:
    where = ("conform", "--suite", suite, "--backend", "reference")
    assert complaint(*where, *one(99)) == "case.wast has no command 99; they are 0 to 9"
    assert "but 2 files are chosen" in complaint(*where, "--command", 1)
