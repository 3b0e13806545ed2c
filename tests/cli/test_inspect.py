"""`refexec inspect` of modules, and what modules and snapshots have in common."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from assemble import assemble
from command_line import COMMAND, call, complaint, write_module
from encode import EMPTY, sized
from example_programs import EXAMPLES, NAMES
from inspections import inspected, schema, shown
from rich_module import MANY_KINDS

MODULE = """
(module $m
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1 2)
  (func $go (export "go") (result i32) (i32.const 0))
  (func (export "esc\\1b") (param i64 f32))
  (@custom "note" "hello")
  (@producers (processed-by "some compiler" "1.2") (language "C" "")))
"""


def test_a_module_for_programs(tmp_path: Path) -> None:
    file = write_module(tmp_path, MODULE)
    tree = inspected(file)
    assert tree["kind"] == "module"
    assert tree["size"] == file.stat().st_size
    assert tree["name"] == "m"
    assert tree["features"] == []
    assert tree["gate"] == {
        "program": True,
        "entry": None,
        "entries_by_name": ["go"],
        "wants_random_bytes": True,
    }
    assert [(row["section"], row["name"]) for row in tree["sections"]][:3] == [
        ("type", None),
        ("import", None),
        ("function", None),
    ]
    assert ("custom", "note") in [(row["section"], row["name"]) for row in tree["sections"]]
    assert tree["imports"] == [
        {
            "module": "wasi_snapshot_preview1",
            "name": "random_get",
            "kind": "function",
            "type": "(i32, i32) -> (i32)",
        }
    ]
    assert [(row["name"], row["kind"], row["index"], row["type"]) for row in tree["exports"]] == [
        ("memory", "memory", 0, "memory i32 1..2"),
        ("go", "function", 1, "() -> (i32)"),
        ("esc\x1b", "function", 2, "(i64, f32) -> ()"),
    ]
    names = [(row["name"], row["imported"], row["locals"]) for row in tree["functions"]]
    assert names == [("random", True, None), ("go", False, 0), ("esc\x1b", False, 2)]
    (memory,) = tree["memories"]
    assert (memory["minimum"], memory["maximum"], memory["page_size"]) == ("1", "2", 65536)
    assert tree["producers"] == [
        {"field": "language", "name": "C", "version": ""},
        {"field": "processed-by", "name": "some compiler", "version": "1.2"},
    ]


def test_sections_and_functions_are_where_they_are_said_to_be(tmp_path: Path) -> None:
    file = write_module(tmp_path, MODULE)
    data = file.read_bytes()
    tree = inspected(file)
    for row in tree["sections"]:
        assert data[row["offset"]] == row["id"]
    last = tree["sections"][-1]
    assert last["offset"] + last["size"] < len(data)
    assert [row["items"] for row in tree["sections"] if row["section"] == "code"] == [2]
    for row in tree["functions"][1:]:
        assert data[row["offset"]] == 0  # no local declarations


def test_a_module_for_people(tmp_path: Path) -> None:
    lines = shown(write_module(tmp_path, MODULE))
    assert lines[0].endswith("bytes $m")
    assert any(line.split() == ["function", "1", "go", "()", "->", "(i32)"] for line in lines)
    assert any(r"esc\x1b" in line for line in lines)
    assert any('custom "note"' in line for line in lines)
    assert any("C, some compiler 1.2" in line for line in lines)


def test_everything_that_a_module_can_have(tmp_path: Path) -> None:
    file = write_module(tmp_path, MANY_KINDS)
    tree = inspected(file)
    assert set(tree["features"]) == {
        "bulk-memory",
        "exceptions",
        "function-references",
        "gc",
        "reference-types",
        "simd",
    }
    assert tree["types"][0]["type"] == "struct {(mut i32), f64, i8}"
    assert tree["types"][2]["type"] == "struct {(ref null $list), anyref}"
    assert [row["name"] for row in tree["tags"]] == ["oops"]
    assert [row["mode"] for row in tree["elements"]] == ["active", "passive"]
    assert [row["size"] for row in tree["datas"]] == [34, 8]
    lines = shown(file)
    for heading in ("Imports", "Functions", "Tables", "Memories", "Globals", "Tags"):
        assert heading in lines
    assert any(line.split() == ["1", "$spare", "passive", "(ref", "func)", "1"] for line in lines)


@pytest.mark.parametrize(
    ("wat", "features"),
    [
        ("(module (func (result i32 i32) (i32.const 1) (i32.const 2)))", ["multi-value"]),
        ("(module (func (block (result i32) (i32.const 1)) (drop)))", []),
        ("(module (func (i32.const 1) (block (param i32) (drop))))", ["multi-value"]),
        ("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", ["extended-const"]),
        ("(module (memory i64 1))", ["memory64"]),
        ("(module (memory 1) (memory 1))", ["multi-memory"]),
        ("(module (memory 1 (pagesize 1)))", ["custom-page-sizes"]),
        (
            "(module (func) (table 1 funcref) (elem (i32.add (i32.const 0) (i32.const 0)) func 0))",
            ["extended-const"],
        ),
        (
            "(module (table 1 (ref func) (ref.func $f)) (func $f))",
            ["function-references", "reference-types"],
        ),
        ("(module (func (return_call 0)))", ["tail-call"]),
    ],
)
def test_features_are_found_wherever_they_hide(
    wat: str, features: list[str], tmp_path: Path
) -> None:
    assert inspected(write_module(tmp_path, wat))["features"] == features


def test_a_module_with_a_start_function_and_an_entry_of_its_own(tmp_path: Path) -> None:
    file = write_module(
        tmp_path, '(module (func $f) (start $f) (func (export "_start")) (func (export "g")))'
    )
    tree = inspected(file)
    assert tree["start"] == {"index": 0, "name": "f"}
    assert tree["gate"]["entry"] == "_start"
    assert ["start", "0", "$f"] in [line.split() for line in shown(file)]


def test_a_module_that_is_no_gate_program(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (import "env" "foo" (func)))')
    assert inspected(file)["gate"] == {
        "program": False,
        "because": 'import function not supported: "env" "foo"',
    }
    assert any("no: import function not supported" in line for line in shown(file))


def test_what_compilers_say_may_be_damaged(tmp_path: Path) -> None:
    file = tmp_path / "m.wasm"

    def custom(name: bytes, content: bytes) -> bytes:
        return b"\0" + sized(sized(name) + content)

    features = b"\2+" + sized(b"simd") + b"-" + sized(b"\x1b")
    cut = b"\2" + sized(b"language") + b"\1" + sized(b"C") + sized(b"")
    file.write_bytes(
        EMPTY
        + custom(b"target_features", features)
        + custom(b"target_features", b"\5+")
        + custom(b"producers", cut)
    )
    tree = inspected(file)
    assert tree["target_features"] == ["+simd", "-\x1b"]
    assert tree["producers"] == [{"field": "language", "name": "C", "version": ""}]
    assert ["compiled", "for", "+simd", r"-\x1b"] in [line.split() for line in shown(file)]


def test_names_of_any_length_and_kind_are_harmless(tmp_path: Path) -> None:
    name = "[bold]x[/]:smile:\\n\\u{202e}" + "long" * 2000
    file = write_module(tmp_path, f'(module (func (export "{name}")))')
    lines = shown(file)
    assert any("[bold]x[/]:smile:\\n\\u202e" in line for line in lines)
    assert len(lines) < 60


@pytest.mark.parametrize("name", NAMES)
def test_every_example_has_the_form_of_the_schema(name: str) -> None:
    tree = inspected(EXAMPLES / f"{name}.wasm")
    assert tree["gate"]["program"] is True
    assert len(tree["functions"]) > 1
    shown(EXAMPLES / f"{name}.wasm")


def test_the_schema_can_be_printed() -> None:
    result = call("inspect", "--schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema().schema


def test_a_damaged_file_gives_one_line(tmp_path: Path) -> None:
    file = tmp_path / "damaged"
    file.write_bytes(assemble(MODULE)[:-3])
    assert str(file) in complaint("inspect", file)
    assert str(file) in complaint("inspect", file, "--json")


def test_colours_are_for_terminals_only(tmp_path: Path) -> None:
    file = write_module(tmp_path, MODULE)
    command = [*COMMAND, "inspect", str(file)]
    piped = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    assert b"\x1b" not in piped
    main, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=terminal, env=environment) as process:
        os.close(terminal)
        written = b""
        while True:
            try:
                part = os.read(main, 4096)
            except OSError:
                break
            written += part
        assert process.wait(60) == 0
    os.close(main)
    assert b"\x1b[1m" in written
    assert b"esc\x1b" not in written


def test_output_that_cannot_show_all_characters(tmp_path: Path) -> None:
    file = write_module(tmp_path, '(module (func (export "\\u{e9}\\u{4e2d}")))')
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [*COMMAND, "inspect", str(file)],
        env=environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert b"\xe9\\u4e2d" in done.stdout
