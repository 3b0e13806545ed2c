"""`refexec trace`: everything that a program does, the same to the byte, and where traces part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import refexec.cli
from assemble import assemble
from command_line import call, complaint, spawn, write_module
from example_programs import EXAMPLES
from random_programs import Program
from refexec import wasm

SCHEMA = Path(refexec.cli.__file__).parent / "schemas/trace.schema.json"

WAT = """
(module (memory 1) (elem declare func $add) (global $g (mut i32) (i32.const 5))
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "f") (param i32) (result i32)
    (global.set $g (call $add (local.get 0) (i32.const 3)))
    (i32.store (i32.const 16) (global.get $g))
    (drop (block $b (result i64)
      (i32.const 9) (br_if $b (i64.const 7) (i32.const 1)) drop drop (i64.const 1)))
    (memory.fill (i32.const 100) (i32.const 1) (i32.const 300))
    (i32.load8_u (i32.const 16)))
  (func (export "divide") (param i32) (result i32)
    (local i32) (local.set 1 (i32.const 9)) (i32.div_u (local.get 1) (local.get 0)))
  (func (export "values") (param f32 f64 v128 funcref externref)
    (drop (local.get 0)) (drop (local.get 1)) (drop (local.get 2)) (drop (local.get 3))
    (drop (local.get 4)) (drop (ref.func $add)) (drop (f32.const -nan:0x200001))))
"""


def records(*args: object) -> list[dict[str, Any]]:
    done = call("trace", *args)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(items: list[dict[str, Any]]) -> None:
    """Every line is as the schema says."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    # Equal shapes once: the schema does not look at values beyond their form.
    for item in items[:2000]:
        validator.validate(item)


def test_a_call_is_told_instruction_by_instruction(tmp_path: Path) -> None:
    items = records(write_module(tmp_path, WAT), "--invoke", "f", "7")
    check(items)
    assert items[0]["kind"] == "begin"
    assert items[-1] == {"kind": "end", "fuel": items[-1]["fuel"], "ending": "returned i32:10"}
    by_text = {item.get("instruction"): item for item in items if item["kind"] == "instruction"}
    add = by_text["i32.add"]
    assert (add["take"], add["give"], add["name"]) == (["i32:7", "i32:3"], ["i32:10"], "add")
    assert by_text["global.set 0"]["global"] == {"index": 0, "before": "i32:5", "write": "i32:10"}
    assert by_text["i32.store offset=0 align=4"]["effects"] == [
        {"memory": 0, "address": 16, "size": 4, "before": "00000000", "write": "0a000000"}
    ]
    assert set(by_text["memory.fill 0"]["effects"][0]) >= {"before_sha256", "write_sha256"}
    branch = by_text["br_if 0"]
    assert (branch["take"], branch["give"]) == (["i64:7", "i32:1"], ["i64:7"])
    assert branch["to"] > branch["offset"]


def test_a_trap_is_the_last_that_is_told(tmp_path: Path) -> None:
    items = records(write_module(tmp_path, WAT), "--invoke", "divide", "0")
    check(items)
    assert items[-2]["cause"] == "integer divide by zero"
    assert items[-3]["take"] == ["i32:9", "i32:0"]
    assert items[-3]["give"] == []
    assert items[-1]["ending"] == "trap 8: integer divide by zero"


def test_values_of_all_types_are_told(tmp_path: Path) -> None:
    args = ["nan:0x200000", "-0.5", "0x10", "null", "null"]
    items = records(write_module(tmp_path, WAT), "--invoke", "values", *args)
    check(items)
    given = [value for item in items for value in item.get("give", ())]
    assert given == [
        "f32:nan:0x7fa00000",
        "f64:-0.5",
        f"v128:0x{16:032x}",
        "ref:null",
        "ref:null",
        "ref:function 0",
        "f32:nan:0xffa00001",
    ]


BRANCHES = """
(module
  (func (export "f") (param i32) (result i32)
    (drop (block $a (result anyref) (br $a (ref.i31 (i32.const 1)))))
    (drop (block $b (result i64 i31ref)
      (br_on_non_null $b (i64.const 5) (ref.i31 (i32.const 2))) (unreachable)))
    (drop)
    (drop (block $c (result i31ref)
      (br_on_cast $c anyref i31ref (ref.i31 (i32.const 3))) (unreachable)))
    (block $d (result i32) (br_table $d $d (i32.const 7) (local.get 0)))
    (if (param i32) (result i32) (i32.const 0)
      (then (unreachable)) (else (i32.const 1) (i32.add)))))
"""


def test_branches_out_of_code_whose_end_is_not_reached(tmp_path: Path) -> None:
    path = write_module(tmp_path, BRANCHES)
    items = records(path, "--invoke", "f", "1")
    check(items)
    assert items[-1]["ending"] == "returned i32:8"
    told = {
        name: (item["take"], item["give"])
        for item in items
        if item["kind"] == "instruction"
        and (name := item["instruction"].split(" ")[0]).startswith("br")
    }
    assert told == {
        "br": (["ref:i31 1"], ["ref:i31 1"]),
        "br_on_non_null": (["i64:5", "ref:i31 2"], ["i64:5", "ref:i31 2"]),
        "br_on_cast": (["ref:i31 3"], ["ref:i31 3"]),
        "br_table": (["i32:7", "i32:1"], ["i32:7"]),
    }
    ends = [item["take"] for item in items if item.get("instruction") == "end" and "take" in item]
    assert ends[:2] == [["ref:i31 1"], ["i64:5", "ref:i31 2"]]
    out = tmp_path / "out.html"
    assert call("view", path, "--invoke", "f", "1", "-o", out).exit_code == 0


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        (["--kind", "call"], {"call"}),
        (["--kind", "call", "--kind", "return", "--function", "add"], {"call", "return"}),
        (["--range", "3-7", "--function", "0"], {"instruction", "return", "call"}),
    ],
)
def test_records_can_be_left_out(tmp_path: Path, options: list[str], kinds: set[str]) -> None:
    items = records(write_module(tmp_path, WAT), "--invoke", "f", "7", *options)[1:-1]
    assert items
    assert {item["kind"] for item in items} <= kinds
    if "--function" in options:
        assert {item["function"] for item in items} == {0}


def test_ranges_of_fuel_and_of_offsets(tmp_path: Path) -> None:
    path = write_module(tmp_path, WAT)
    items = records(path, "--invoke", "f", "7", "--range", "0x3-5")[1:-1]
    assert {item["fuel"] for item in items} == {3, 4, 5}
    (offset,) = {item["offset"] for item in items if item["kind"] == "call"}
    items = records(path, "--invoke", "f", "7", "--offsets", hex(offset))[1:-1]
    assert [item["kind"] for item in items] == ["instruction", "call"]
    assert "is not a range" in complaint("trace", path, "--range", "x")


def test_a_program_is_run_and_told_and_so_is_its_log(tmp_path: Path) -> None:
    log, out = tmp_path / "run.log", tmp_path / "trace"
    hello = EXAMPLES / "hello.wasm"
    done = spawn("run", hello, "--entry", "greet", "--record", log)
    assert done.returncode == 0
    assert spawn("trace", log, "-o", out).returncode == 0
    first = out.read_bytes()
    assert spawn("trace", log, "-o", out).returncode == 0
    assert out.read_bytes() == first
    items = [json.loads(line) for line in first.splitlines()]
    check(items)
    assert {item["kind"] for item in items} >= {"packet", "host", "call", "return", "instruction"}
    assert items[-1]["ending"] == "exit: halted successfully"
    assert "recorded already" in complaint("trace", log, "--fuel", "5")
    done = spawn("trace", hello, "--entry", "greet", "--kind", "packet")
    assert b'"sent"' in done.stdout
    assert b"hello, world" in done.stderr


def test_a_snapshot_goes_on_and_is_told(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    counter = EXAMPLES / "counter.wasm"
    spawn("run", counter, "--entry", "count", "--fuel", "1000", "--snapshot", kept)
    done = spawn("trace", kept, "--fuel", "50")
    items = [json.loads(line) for line in done.stdout.splitlines()]
    check(items)
    assert items[0]["fuel"] == 1000
    assert items[-2]["kind"] == "suspend"
    assert items[-1]["fuel"] == 1050


@pytest.mark.parametrize("seed", range(10))
def test_a_trace_agrees_with_the_machine(tmp_path: Path, seed: int) -> None:
    generated = Program(seed)
    data, args = assemble(generated.text), generated.arguments()
    path = tmp_path / "program.wasm"
    path.write_bytes(data)
    shown = [str(bits) for bits in args]
    if {"f32", "f64"} & set(generated.params):
        pytest.skip("takes floats, which are not given as bits on a command line")
    items = records(path, "--fuel", 3000, "--invoke", "run", *shown)
    check(items)
    instance = wasm.Instance(wasm.Module(data), fuel=3000)
    instance.call("run", *args, bits=True)
    assert items[-1]["fuel"] == instance.fuel_spent


def test_where_two_traces_part(tmp_path: Path) -> None:
    path = write_module(tmp_path, WAT)
    one, same, other = tmp_path / "one", tmp_path / "same", tmp_path / "other"
    for out in (one, same):
        assert call("trace", path, "-o", out, "--invoke", "f", "7").exit_code == 0
    done = call("trace", "--diff", one, same)
    assert (done.exit_code, done.stdout) == (0, "the traces are the same\n")
    other.write_text(one.read_text().replace('"give":["i32:10"]', '"give":["i32:11"]', 1))
    done = call("trace", "--diff", one, other)
    assert done.exit_code == 1
    text = done.stdout
    assert "differ at record 11, in give" in text
    assert 'give: ["i32:11"]' in text
    assert "then: function 0  locals [0=i32:7 1=i32:3]  stack ['i32:11']" in text
    assert "#0 function 0  locals [0=i32:7 1=i32:3]  stack ['i32:7', 'i32:3']" in text
    assert "#1 function 1  locals [0=i32:7]  stack []" in text


def test_a_state_is_put_together_across_branches_memory_and_globals(tmp_path: Path) -> None:
    path = write_module(tmp_path, WAT)
    one, other = tmp_path / "one", tmp_path / "other"
    call("trace", path, "-o", one, "--invoke", "f", "7")
    lines = one.read_text().splitlines(keepends=True)
    other.write_text("".join(lines[:-2]))
    done = call("trace", "--diff", one, other)
    assert done.exit_code == 1
    assert "ends here" in done.stdout
    assert "global 0 = i32:10" in done.stdout
    assert "memory 0 at 0x10: 0a000000" in done.stdout


def test_wrong_use_is_one_line(tmp_path: Path) -> None:
    path = write_module(tmp_path, WAT)
    assert "expected the names of two traces" in complaint("trace", "--diff", path)
    text = tmp_path / "text"
    text.write_text("[1]\n")
    assert "line 1 is no record" in complaint("trace", "--diff", text, text)
    text.write_text('{"kind":"instruction"}\n')
    assert "not those of a trace" in complaint("trace", "--diff", text, text)
    assert "cannot be read" in complaint("trace", "--diff", tmp_path / "none", text)
    assert "no function has this name" in complaint(
        "trace", path, "--invoke", "f", "7", "--function", "nonsense"
    )
    assert "no function with this index" in complaint(
        "trace", path, "--invoke", "f", "7", "--function", "77"
    )
    assert "arguments are for --invoke" in complaint("trace", path, "7")
    assert "0 arguments were given" in complaint("trace", path, "--invoke", "f")
    importing = write_module(tmp_path, '(module (import "a" "b" (func)) (func (export "f")))')
    assert "imports a.b" in complaint("trace", importing, "--invoke", "f")


def test_a_module_that_traps_when_it_is_made_has_only_an_end(tmp_path: Path) -> None:
    wat = '(module (memory 1) (data (i32.const 65536) "x") (func (export "f")))'
    path = write_module(tmp_path, wat)
    (item,) = records(path, "--invoke", "f")
    assert item["ending"].startswith("trap 5")
