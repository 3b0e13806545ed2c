"""`refexec invoke`: calls of exports, with values as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import call, complaint, write_module

MODULE = """
(module
  (memory (export "memory") 1)
  (func (export "none"))
  (func (export "sub") (param i32 i32) (result i32)
    (i32.sub (local.get 0) (local.get 1)))
  (func (export "swap") (param i64 f32) (result f32 i64) (local.get 1) (local.get 0))
  (func (export "half") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))
  (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "null") (result funcref) (ref.null func))
  (func $self (export "self") (result funcref) (ref.func $self))
  (elem declare func $self)
  (func (export "div") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "forever") (loop (br 0)))
  (func (export "esc\\1b") (result i32) (i32.const 1)))
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return write_module(tmp_path, MODULE)


@pytest.mark.parametrize(
    ("function", "args", "printed"),
    [
        ("none", [], []),
        ("sub", ["1", "2"], ["i32:-1"]),
        ("sub", ["-1", "-0x2"], ["i32:1"]),
        ("swap", ["-5", "nan:0x1"], ["f32:nan:0x1", "i64:-5"]),
        ("half", ["-3"], ["f64:-1.5"]),
        ("half", ["0x1p-1074"], ["f64:0.0"]),
        ("is_null", ["null"], ["i32:1"]),
        ("null", [], ["funcref:null"]),
        ("esc\x1b", [], ["i32:1"]),
    ],
)
def test_results_are_printed_with_their_types(
    module: Path, function: str, args: list[str], printed: list[str]
) -> None:
    result = call("invoke", module, function, *args)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == printed


def test_a_reference_is_printed_as_something(module: Path) -> None:
    (line,) = call("invoke", module, "self").stdout.splitlines()
    assert line.startswith("funcref:")
    assert line != "funcref:null"


def test_options_may_stand_anywhere(module: Path) -> None:
    result = call("invoke", "--fuel", "100", module, "sub", "-1", "1", "--engine", "reference")
    assert result.stdout == "i32:-2\n"


def test_a_trap_has_its_exit_status(module: Path) -> None:
    result = call("invoke", module, "div", "1", "0")
    assert (result.exit_code, result.stdout) == (108, "")
    assert result.stderr.splitlines()[0] == "refexec: trap 8: integer divide by zero"
    assert result.stderr.splitlines()[1].startswith("  #0 function ")


def test_an_exception_that_nothing_catches(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (tag $t) (func (export "f") (throw $t)))')
    result = call("invoke", file, "f")
    assert (result.exit_code, result.stdout) == (103, "")
    assert result.stderr.splitlines()[0] == "refexec: uncaught wasm exception"


def test_fuel_that_is_spent(module: Path) -> None:
    result = call("invoke", module, "forever", "--fuel", "100")
    assert (result.exit_code, result.stdout) == (102, "")
    assert result.stderr == "refexec: out of fuel after 100\n"


def test_a_trap_while_the_module_is_instantiated(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (func $f (unreachable)) (start $f) (func (export "f")))')
    result = call("invoke", file, "f")
    assert result.exit_code == 103
    assert result.stderr == "refexec: trap 3 while instantiating: unreachable\n"


def test_a_module_that_imports_something(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (import "m" "n" (func)) (func (export "f")))')
    message = complaint("invoke", file, "f")
    assert message.startswith(f"{file}: ")
    assert "m" in message
    assert "n" in message


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nothing"], "has no export 'nothing'; its functions: none, sub,"),
        (["memory"], "export 'memory' is not a function"),
        (["sub", "1"], "its type is (i32, i32) -> (i32), but 1 arguments were given"),
        (["none", "1"], "but 1 arguments were given"),
        (["sub", "1", "two"], "argument 2: 'two' is not a value of type i32"),
        (["is_null", "1"], "argument 1: only null can be given for a value of type externref"),
    ],
)
def test_calls_that_make_no_sense(module: Path, args: list[str], message: str) -> None:
    assert message in complaint("invoke", module, *args)


def test_a_module_without_functions(tmp_path: Path) -> None:
    file = write_module(tmp_path, "(module)")
    assert complaint("invoke", file, "f") == (
        f"{file}: has no export 'f'; its functions: there are none"
    )


def test_a_module_with_many_functions(tmp_path: Path) -> None:
    functions = "".join(f'(func (export "f{i}"))' for i in range(100))
    message = complaint("invoke", write_module(tmp_path, f"(module {functions})"), "g")
    assert message.endswith("f18, f19, …")
