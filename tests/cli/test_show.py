"""`refexec show`: instructions beside their types."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from assemble import assemble
from refexec.cli.main import main

TEXT = """(module
  (import "m" "f" (func))
  (memory 1)
  (type $s (struct (field i32)))
  (tag $e (param i32))
  (func $add (export "plus") (param i32 i32) (result i32) (local f64)
    (i32.add (local.get 0) (local.get 1)))
  (func (param i32 anyref)
    (block (br_table 0 1 0 (local.get 0)))
    (drop (i64.load8_s offset=3 (i32.const -1)))
    (drop (i64.const -2)) (drop (f32.const nan:0x200000)) (drop (f64.const 0.5))
    (drop (v128.const i32x4 1 2 3 4))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
      (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0)))
    (drop (ref.cast (ref null $s) (local.get 1)))
    (drop (block (result i32) (try_table (catch $e 0) (catch_all_ref 1)) (i32.const 0)))
    (drop (block (result (ref $s)) (br_on_cast 0 anyref (ref $s) (local.get 1)) unreachable))
    (drop (select (result i32) (i32.const 0) (i32.const 0) (i32.const 0)))
    (if (i32.const 1) (then (unreachable)) (else nop))))"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    # A catch_all_ref needs a label that takes the exception; the function's own takes nothing.
    text = TEXT.replace("(catch_all_ref 1)", "(catch_all 1)")
    path = tmp_path / "m.wasm"
    path.write_bytes(assemble(text))
    return path


def show(*args: str | Path) -> tuple[int, list[str], str]:
    done = CliRunner().invoke(main, ["show", *map(str, args)])
    return done.exit_code, done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("name", ["1", "add", "plus"])
def test_one_function_by_index_or_name(module: Path, name: str) -> None:
    status, lines, _ = show(module, name)
    assert status == 0
    assert lines[0] == "function 1 add (i32, i32) -> (i32)"
    assert lines[1] == "locals f64"
    assert [line.split()[1:] for line in lines[2:]] == [
        ["local.get", "0", "i32"],
        ["local.get", "1", "i32", "i32"],
        ["i32.add", "i32"],
        ["end", "i32"],
    ]


def test_every_kind_of_immediate_is_shown(module: Path) -> None:
    status, lines, _ = show(module, "2")
    text = "\n".join(lines)
    assert status == 0
    for part in (
        "br_table 0 1 0",
        "i64.load8_s offset=3 align=1",
        "i64.const -2",
        "f32.const nan:0x7fa00000",
        "f64.const 0.5",
        "v128.const 0x00000004000000030000000200000001",
        "i8x16.shuffle 0 1 2",
        "ref.cast (ref null struct type)",
        "try_table (catch 0 0) (catch_all 1)",
        "br_on_cast 0 anyref (ref struct type)",
        "select i32",
    ):
        assert part in text


def test_blocks_are_indented_and_unreachable_points_have_no_types(module: Path) -> None:
    _, lines, _ = show(module, "2")
    start = next(i for i, line in enumerate(lines) if line.split()[1] == "if")
    shown = [line[8:].rstrip() for line in lines[start : start + 5]]
    assert [line.split() for line in shown] == [
        ["if"],
        ["unreachable", "-"],
        ["else"],
        ["nop"],
        ["end"],
    ]
    assert [len(line) - len(line.lstrip()) for line in shown] == [0, 2, 0, 2, 0]


def test_the_whole_module(module: Path) -> None:
    _, lines, _ = show(module)
    assert [line for line in lines if line.startswith("function")] == [
        "function 1 add (i32, i32) -> (i32)",
        "function 2 (i32, anyref) -> ()",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["0"], "0: expected the index of a function that the module defines, from 1 to 2"),
        (["3"], "3: expected the index of a function that the module defines, from 1 to 2"),
        (["minus"], "minus: no function that the module defines has this name"),
        (["--features", "wasm1"], "needs the feature"),
    ],
)
def test_bad_input_is_one_line(module: Path, args: list[str], message: str) -> None:
    status, _, stderr = show(module, *args)
    assert status == 2
    assert message in stderr
    assert stderr.count("\n") == 1


def test_python_beside_instructions(module: Path) -> None:
    status, lines, _ = show(module, "add", "--python")
    assert status == 0
    assert lines[0] == "function 1 add (i32, i32) -> (i32)"
    assert lines[1:3] == ["# direct callers have paid 4", "def f(l0, l1, d):"]
    assert any(line.split("#")[0].split() == ["s0", "=", "l0", "+", "l1"] for line in lines)
    assert any(line.endswith(("i32.add", "end")) for line in lines)


def test_a_function_that_is_not_translated_says_why(module: Path) -> None:
    status, lines, _ = show(module, "2", "--python")
    assert status == 0
    assert lines[1].startswith("not translated: ")
