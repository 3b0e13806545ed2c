"""`refexec inspect` of snapshots in the form of WebAssembly modules, Gate's own among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import call, write_module
from foreign import form, gate_fixture, initial_stack, record, stack
from inspections import inspected, shown
from rich_module import MANY_KINDS


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module form of a program with something of everything."""
    folder = tmp_path_factory.mktemp("own")
    program = write_module(folder, MANY_KINDS)
    kept = folder / "kept.wasm"
    result = call("run", program, "--entry", "go", "--fuel", "500", "--snapshot", kept)
    assert result.exit_code == 102
    return kept


def written(folder: Path, data: bytes) -> Path:
    file = folder / "form.wasm"
    file.write_bytes(data)
    return file


def test_our_own_form(own: Path) -> None:
    tree = inspected(own)
    assert tree["kind"] == "module"
    found = tree["snapshot"]
    assert found["problems"] == []
    assert found["record"]["trap"] == {"id": 2, "name": "suspended"}
    assert (found["phase"], found["fuel_spent"], found["hidden_exports"]) == ("entry", "500", True)
    (running,) = found["state"]["calls"]
    assert [frame["name"] for frame in running["frames"]] == ["deeper"] * 4 + ["go"]
    assert running["frames"][0]["locals"][1]["value"] == "struct #6 $point"
    assert found["native_stack"] is None
    lines = shown(own)
    assert "Backtrace, 5 frames, innermost first" in lines
    assert "  exports     hidden" in lines
    assert any("gate.python.stack" in line for line in lines)


def test_a_snapshot_of_gate_in_machine_code(tmp_path: Path) -> None:
    file = written(tmp_path, gate_fixture())
    found = inspected(file)["snapshot"]
    assert found["record"] == {
        "final": False,
        "trap": {"id": 2, "name": "suspended"},
        "result": 0,
        "monotonic_time_ns": "1335544320",
        "breakpoints": [],
    }
    assert [service["name"] for service in found["services"]] == ["origin", "test", "_nonexistent"]
    (reply,) = found["input"]["packets"]
    assert reply["states"] == [1, 0, 0]
    native = found["native_stack"]
    assert (native["size"], native["inside"], native["entry"]) == (64, "entry", None)
    assert [(f["call_site"], f["size"], f["words"]) for f in native["frames"]] == [
        (57, 8, []),
        (40, 16, ["0x3da86"]),
        (35, 8, []),
        (24, 24, ["0x0", "0x0"]),
    ]
    lines = [line.split() for line in shown(file)]
    assert ["#1", "40", "16", "0x3da86"] in lines
    assert any(line[-3:] == ["by", "Gate", "only"] for line in lines)


def test_a_program_that_has_not_begun(tmp_path: Path) -> None:
    file = written(tmp_path, form(initial_stack(0, 1)))
    found = inspected(file)["snapshot"]
    assert (found["phase"], found["entry"], found["pending_start"]) == ("fresh", "main", True)
    assert found["state"] is None
    assert '  to be run   the start function, entry "main"' in shown(file)


def test_a_program_that_has_returned_or_ended(tmp_path: Path) -> None:
    found = inspected(written(tmp_path, form()))["snapshot"]
    assert found["phase"] == "halted"
    assert found["state"]["calls"] == []
    data = form().replace(record(), record(255, final=True, result=1, breakpoints=(3, 5)))
    file = written(tmp_path, data)
    found = inspected(file)["snapshot"]
    assert found["record"]["trap"] == {"id": 255, "name": "unknown trap 255"}
    assert found["record"]["breakpoints"] == ["3", "5"]
    lines = shown(file)
    assert "  final        must not be run again" in lines
    assert "  breakpoints  0x3, 0x5" in lines


def test_damaged_sections_are_a_problem_of_the_snapshot(tmp_path: Path) -> None:
    file = written(tmp_path, form(stack(1, 2)))
    found = inspected(file, problem="sections: gate.stack section")["snapshot"]
    assert (found["record"], found["phase"], found["native_stack"]) == (None, None, None)
    assert "  problem with the sections: gate.stack section" in "\n".join(
        call("inspect", file).stdout.splitlines()
    )


def test_a_state_that_does_not_fit_is_a_problem_too(own: Path, tmp_path: Path) -> None:
    file = written(tmp_path, form(initial_stack(2, 1)))
    found = inspected(file, problem="state: ")["snapshot"]
    assert found["phase"] == "fresh"
    assert found["record"]["trap"]["id"] == 2
