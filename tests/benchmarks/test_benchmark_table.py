"""The benchmarks run, check results, and compare; how fast anything is, is not tested here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads((ROOT / "benchmarks" / "schema.json").read_text())


def run(
    *args: str, rounds: int = 1, program: tuple[str, ...] = ("-m", "benchmarks")
) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        *program,
        "--scale",
        "0.01",
        "--rounds",
        str(rounds),
        *args,
    ]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def test_every_kernel_gives_the_result_of_the_hand_written_python(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    done = run("--engine", "translated", "--json", str(output))
    assert done.returncode == 0, done.stderr
    data = json.loads(output.read_text())
    kernels = {path.stem for path in (ROOT / "benchmarks" / "kernels").glob("*.wat")}
    assert len(kernels) >= 20
    jsonschema.validate(data, SCHEMA)
    assert {cell["kernel"] for cell in data["cells"]} == kernels
    for cell in data["cells"]:
        assert len(cell["seconds"]) == 1
        assert cell["fuel"] > 0


def test_the_best_of_several_rounds_counts(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    engines = ("--engine", "python", "--engine", "reference")
    done = run(*engines, "--kernel", "bulk", "--json", str(output), rounds=3)
    assert done.returncode == 0, done.stderr
    assert "times as fast as reference (geometric mean" in done.stdout
    python, reference = json.loads(output.read_text())["cells"]
    assert python["fuel"] is None
    for cell in (python, reference):
        assert len(cell["seconds"]) == 3
        assert cell["best"] == min(cell["seconds"]) <= cell["median"]
    assert json.loads(output.read_text())["ratios"] == {
        "reference": pytest.approx(reference["best"] / python["best"])
    }


def test_an_engine_is_not_asked_for_what_it_lacks(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    engines = ("--engine", "translated", "--engine", "pwasm", "--engine", "pwasm_fuel")
    done = run(*engines, "--kernel", "blend", "--kernel", "tak", "--json", str(output))
    assert done.returncode == 0, done.stderr
    data = json.loads(output.read_text())
    jsonschema.validate(data, SCHEMA)
    found = [(cell["engine"], cell["kernel"]) for cell in data["cells"]]
    assert sorted(found) == [
        ("pwasm", "tak"),
        ("pwasm_fuel", "tak"),
        ("translated", "blend"),
        ("translated", "tak"),
    ]
    assert {item["what"] for item in data["promises"]} == {
        "time against pwasm compiling without fuel",
        "worst kernel against pwasm compiling",
    }
    assert "Promises" in done.stdout


# The benchmarks are no part of what is installed, so they are imported where they are.
IMPOSSIBLE = """
from dataclasses import replace
from math import inf
from benchmarks import promises
promises.PROMISES = [(replace(item, must=inf), how) for item, how in promises.PROMISES]
from benchmarks.__main__ import main
main()
"""


def test_the_check_fails_when_a_promise_is_not_kept() -> None:
    engines = ("--engine", "translated", "--engine", "pywasm")
    done = run(*engines, "--kernel", "blend", "--check", program=("-c", IMPOSSIBLE))
    assert done.returncode == 1
    assert "not kept: pywasm's time against ours" in done.stderr


def test_promises_are_judged_by_the_kernels_that_both_engines_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # At the end: what is tested is the refexec that is installed.
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    from benchmarks.measure import Cell, Measurement
    from benchmarks.promises import findings

    times = {
        ("translated", "a"): 1.0,
        ("translated", "b"): 3.0,
        ("translated", "vectors"): 100.0,
        ("pwasm", "a"): 2.0,
        ("pwasm", "b"): 2.0,
        ("python", "a"): 1.0,
        ("python", "b"): 1.0,
        ("python", "vectors"): 100.0,
    }
    cells = {key: Cell(*key, seconds=[time, time * 2]) for key, time in times.items()}
    result = Measurement(("translated", "pwasm", "python"), ("a", "b", "vectors"), cells)
    found = {item.promise.what: (item.value, item.note, item.kept) for item in findings(result)}
    assert found == {
        "time against pwasm compiling without fuel": (
            pytest.approx((0.5 * 1.5) ** 0.5),
            "",
            False,
        ),
        "time against hand-written Python": (pytest.approx(3 ** (1 / 3)), "", True),
        "worst kernel against pwasm compiling": (1.5, "b", False),
    }
    assert result.ratio("pywasm", "translated") is None


def test_a_comparison_that_is_lost_fails() -> None:
    done = run(
        "--engine", "reference", "--engine", "python", "--kernel", "mix32", "--at-least", "9"
    )
    assert done.returncode == 1
    assert "reference is not 9.0 times as fast as python" in done.stderr


def command(name: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_what_suspending_costs_is_measured() -> None:
    done = command("slices", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20,000,000 fuel: ")
    assert "Promises" in done.stdout


@pytest.mark.slow
def test_how_soon_thawed_programs_are_fast_again_is_measured() -> None:
    done = command("recovery")
    assert done.returncode == 0, done.stderr
    for name in ("loop", "nested", "tree", "deep"):
        assert f"({name})" in done.stdout


@pytest.mark.slow
def test_loading_is_measured() -> None:
    done = command("loading", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    for name in ("transl", "cached", "reference", "pwasm", "pywasm", "measured"):
        assert name in done.stdout


def test_what_processes_cost_is_measured() -> None:
    done = command("runtime", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    names = [line[:12].strip() for line in done.stdout.splitlines()]
    assert names == ["cold", "prepared", "echo 16", "echo 65536"]
