"""`refexec inspect`: modules and snapshots, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import call, write_module
from guests import COUNTS
from refexec import packet, snapshot
from refexec.snapshot import Buffers, Service, Snapshot

MODULE = """
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1 2)
  (func $go (export "go") (result i32) (i32.const 0))
  (func (export "esc\\1b") (param i64 f32))
  (@custom "note" "hello"))
"""


def inspected(file: Path) -> dict[str, Any]:
    result = call("inspect", file, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    tree = json.loads(result.stdout)
    assert isinstance(tree, dict)
    return tree


def test_a_module_for_programs(tmp_path: Path) -> None:
    file = write_module(tmp_path, MODULE)
    tree = inspected(file)
    assert tree["kind"] == "module"
    assert tree["size"] == file.stat().st_size
    assert tree["gate"] == {
        "program": True,
        "entry": None,
        "entries_by_name": ["go"],
        "wants_random_bytes": True,
    }
    assert [(row["section"], row["name"]) for row in tree["sections"]][:3] == [
        ("type", ""),
        ("import", ""),
        ("function", ""),
    ]
    assert ("custom", "note") in [(row["section"], row["name"]) for row in tree["sections"]]
    assert tree["imports"] == [
        {
            "module": "wasi_snapshot_preview1",
            "name": "random_get",
            "type": "(i32, i32) -> (i32)",
        }
    ]
    assert [(row["name"], row["type"]) for row in tree["exports"]][1:] == [
        ("go", "() -> (i32)"),
        ("esc\x1b", "(i64, f32) -> ()"),
    ]


def test_sections_are_where_they_are_said_to_be(tmp_path: Path) -> None:
    file = write_module(tmp_path, MODULE)
    data = file.read_bytes()
    numbers = {"custom": 0, "type": 1, "import": 2, "function": 3, "memory": 5, "export": 7}
    rows = inspected(file)["sections"]
    for row in rows:
        if row["section"] in numbers:
            assert data[row["offset"]] == numbers[row["section"]]
    assert rows[-1]["offset"] + rows[-1]["bytes"] < len(data)


def test_a_module_for_people(tmp_path: Path) -> None:
    result = call("inspect", write_module(tmp_path, MODULE))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "kind: module"
    assert any(line.split() == ["go", "()", "->", "(i32)"] for line in lines)
    assert r"esc\x1b" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_module_with_a_start_function_and_an_entry_of_its_own(tmp_path: Path) -> None:
    file = write_module(
        tmp_path, '(module (func $f) (start $f) (func (export "_start")) (func (export "g")))'
    )
    tree = inspected(file)
    assert tree["start_function"] is True
    assert tree["gate"]["entry"] == "_start"


def test_a_module_that_is_no_gate_program(tmp_path: Path) -> None:
    tree = inspected(write_module(tmp_path, '(module (import "env" "foo" (func)))'))
    assert tree["gate"] == {
        "program": False,
        "because": 'import function not supported: "env" "foo"',
    }


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A program that was suspended within its loop."""
    file = write_module(tmp_path, COUNTS)
    path = tmp_path / "kept"
    result = call("run", file, "--entry", "forever", "--fuel", "4000", "--snapshot", path)
    assert result.exit_code == 102
    return path


def test_a_snapshot_for_programs(kept: Path) -> None:
    tree = inspected(kept)
    assert tree["kind"] == "snapshot"
    assert tree["trap"] == {"id": 2, "name": "suspended"}
    assert tree["phase"] == "entry"
    assert tree["fuel_spent"] == 4000
    assert tree["time_ns"] > 0
    assert tree["memory_size"] == 0x10000
    (frame,) = tree["frames"]
    assert frame["function"] == 1
    assert frame["name"] == "forever"


def test_a_snapshot_for_people(kept: Path) -> None:
    result = call("inspect", kept)
    assert result.exit_code == 0
    assert "fuel spent: 4000" in result.stdout.splitlines()


def test_values_of_every_kind_are_shown(tmp_path: Path) -> None:
    file = write_module(
        tmp_path,
        """(module
          (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
          (func $f (export "f")
            (local i32 f64 funcref externref v128)
            (local.set 0 (i32.const -1))
            (local.set 1 (f64.const 0.5))
            (local.set 2 (ref.func $f))
            (loop (br 0))))""",
    )
    kept = tmp_path / "kept"
    assert call("run", file, "--entry", "f", "--fuel", "100", "--snapshot", kept).exit_code == 102
    (frame,) = inspected(kept)["frames"]
    zero = "0x" + "00" * 16
    assert frame["locals"] == ["4294967295", "0.5", "function 0 1", "null", zero]


def test_what_was_on_its_way_is_decoded(tmp_path: Path) -> None:
    call_packet = packet.make_call(1, 5)
    call_packet.set_size()
    flow = packet.make_flow(0, 7, 100)
    flow.set_size()
    data = packet.make_data(0, 7, 3)
    data.set_size()
    discovery = packet.make_services_packet(packet.Domain.INFO, [1, 0])
    stream = b"".join(
        bytes(p) + bytes(packet.align(len(p)) - len(p))
        for p in (call_packet, flow, data, discovery)
    )
    buffers = Buffers([Service("origin", b"\x01"), Service("esc\x1b")], stream, bytes(stream[:9]))
    file = tmp_path / "kept"
    snapshot.file.write(file, Snapshot(b"\0asm\x01\0\0\0", buffers=buffers))
    tree = inspected(file)
    assert tree["services"] == [
        {"code": 0, "name": "origin", "state": "01"},
        {"code": 1, "name": "esc\x1b", "state": ""},
    ]
    assert [row["bytes"] for row in tree["input"]] == [13, 16, 19, 12]
    whats = [row["what"] for row in tree["input"]]
    assert "call service[1]" in whats[0]
    assert "flow service[0]" in whats[1]
    assert "data service[0]" in whats[2]
    assert "info services" in whats[3]
    assert tree["output"] == [
        {"offset": 0, "bytes": 9, "what": "part of a packet: 0d 00 00 00 01 00 00 00 00"}
    ]


def test_a_data_packet_that_is_too_short_is_shown_as_it_is(tmp_path: Path) -> None:
    short = packet.make(0, packet.Domain.DATA, 9)
    short.set_size()
    file = tmp_path / "kept"
    buffers = Buffers(input=bytes(short))
    snapshot.file.write(file, Snapshot(b"\0asm\x01\0\0\0", buffers=buffers))
    (row,) = inspected(file)["input"]
    assert "data service[0] size=9" in row["what"]
