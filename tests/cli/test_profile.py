"""`refexec profile`: fuel by function and line, and the files for speedscope and lcov."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assemble import assemble
from command_line import call, complaint, write_module
from example_programs import EXAMPLES
from random_programs import Program
from refexec import wasm
from refexec.debugger import profile as profiles

LEDGER = EXAMPLES / "debugging/ledger.wasm"
SOURCE = (EXAMPLES / "debugging/ledger.c").read_text().splitlines()

WAT = """
(module
  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $again (export "again") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $again (i32.sub (local.get 0) (i32.const 1))))
      (else (call $leaf (i32.const 1))))))
"""


def check_speedscope(document: dict[str, Any]) -> None:
    """What the schema of speedscope demands of a profile of samples."""
    assert document["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = document["shared"]["frames"]
    assert all(isinstance(frame["name"], str) for frame in frames)
    assert all(frame.get("line", 1) >= 1 for frame in frames)
    assert document["activeProfileIndex"] < len(document["profiles"])
    for profile in document["profiles"]:
        assert profile["type"] == "sampled"
        assert profile["unit"] in ("none", "bytes", "seconds")
        assert len(profile["samples"]) == len(profile["weights"])
        assert all(0 <= i < len(frames) for sample in profile["samples"] for i in sample)
        assert sum(profile["weights"]) == profile["endValue"] - profile["startValue"]


def test_the_table_and_the_speedscope_file_add_up(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    path = write_module(tmp_path, WAT)
    done = call("profile", path, "--invoke", "again", "3", "--speedscope", out)
    assert done.exit_code == 0, done.stderr
    instance = wasm.Instance(wasm.Module(path.read_bytes()))
    assert instance.invoke("again", 3) == [2]
    assert f"{instance.fuel_spent} fuel; returned i32:2" in done.stdout
    rows = {
        cells[-1]: cells[:-1]
        for line in done.stdout.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("│").split("│")]) == 6
    }
    assert rows["again"][2:] == [str(instance.fuel_spent), "100.0", "4"]
    assert rows["leaf"][0] == rows["leaf"][2] == "4"
    document = json.loads(out.read_text())
    check_speedscope(document)
    assert document["profiles"][0]["endValue"] == instance.fuel_spent
    assert max(map(len, document["profiles"][0]["samples"])) == 5


def test_coverage_of_the_source_is_written_for_lcov(tmp_path: Path) -> None:
    out = tmp_path / "out.info"
    done = call("profile", LEDGER, "--entry", "balance", "--lcov", out)
    assert done.exit_code == 0, done.stderr
    assert "debugging/ledger.c:" in done.stdout
    records = out.read_text().split("end_of_record\n")
    (ledger,) = (record for record in records if "SF:debugging/ledger.c\n" in record)
    lines = dict(
        tuple(map(int, line[3:].split(",")))
        for line in ledger.splitlines()
        if line.startswith("DA:")
    )

    def number(text: str) -> int:
        return next(n for n, line in enumerate(SOURCE, 1) if text in line)

    assert lines[number("*slot = amount")] == 5
    assert lines[number("return keep(5)")] == 1
    assert lines[number("return keep(12)")] == 0
    assert "FNDA:5,post" in ledger
    assert "FNDA:0,busy" in ledger
    assert f"LF:{len(lines)}\nLH:{len(lines) - 1}" in ledger
    gate = next(record for record in records if "gate.h" in record)
    taken = [line.split(",")[-1] for line in gate.splitlines() if line.startswith("BRDA:")]
    assert taken
    assert "-" not in taken


def test_a_module_without_lines_has_no_lcov_file(tmp_path: Path) -> None:
    path = write_module(tmp_path, WAT)
    out = tmp_path / "out"
    line = complaint("profile", path, "--invoke", "again", "1", "--lcov", out)
    assert "needs a module that tells source lines" in line
    assert not out.exists()


@pytest.mark.parametrize("seed", range(12))
def test_a_profile_agrees_with_the_machine(seed: int) -> None:
    generated = Program(seed)
    module, args = wasm.Module(assemble(generated.text)), generated.arguments()
    profiler = profiles.Profiler()
    instance = wasm.Instance(module, fuel=5000, observer=profiler)
    instance.call("run", *args, bits=True)
    rows = profiles.rows(profiler.root)
    assert sum(row.fuel for row in rows) == profiler.root.total == instance.fuel_spent
    document = profiles.speedscope(profiler.root, "generated", module, None)
    check_speedscope(document)
    assert document["profiles"][0]["endValue"] == instance.fuel_spent


def test_branches_of_all_kinds_are_in_the_coverage(tmp_path: Path) -> None:
    class Everywhere:
        """Says that all code is on one line."""

        def at(self, offset: int) -> Any:
            from refexec.debugger.lines import Line

            return Line("all\n.c", 1)

    wat = """(module (func (export "f") (param i32)
      (block (block (br_table 0 1 0 (local.get 0))))
      (block (br_if 0 (local.get 0)))
      (drop (block (result anyref) (br_on_cast 0 anyref i31ref (ref.null any))))
      (block (drop (block (result anyref) (br_on_non_null 0 (ref.null any)) (br 1))))
      (if (local.get 0) (then) (else (if (local.get 0) (then (nop)))))))"""
    module = wasm.Module(assemble(wat))
    profiler = profiles.Profiler()
    wasm.Instance(module, observer=profiler).invoke("f", 1)
    text = "\n".join(profiles.lcov(profiler, module, Everywhere()))  # type: ignore[arg-type]
    assert "SF:all?.c" in text
    taken = [line.split(",")[-1] for line in text.splitlines() if line.startswith("BRDA:")]
    assert taken.count("-") == 2
    assert set(taken) == {"-", "0", "1"}
    assert len(taken) >= 9
