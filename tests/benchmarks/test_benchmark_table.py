"""The benchmarks run, check results, and compare; how fast anything is, is not tested here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*args: str, rounds: int = 1) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "benchmarks",
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
    done = run("--engine", "reference", "--engine", "python", "--json", str(output))
    assert done.returncode == 0, done.stderr
    assert "times as fast as python (geometric mean" in done.stdout
    data = json.loads(output.read_text())
    kernels = {path.stem for path in (ROOT / "benchmarks" / "kernels").glob("*.wat")}
    assert len(kernels) >= 6
    assert {cell["kernel"] for cell in data["cells"]} == kernels
    for cell in data["cells"]:
        assert len(cell["seconds"]) == 1
        assert (cell["fuel"] is not None) == (cell["engine"] == "reference")
    assert data["ratios"]["python"] > 0


def test_the_best_of_several_rounds_counts(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    engines = ("--engine", "python", "--engine", "reference")
    done = run(*engines, "--kernel", "bulk", "--json", str(output), rounds=3)
    assert done.returncode == 0, done.stderr
    python, reference = json.loads(output.read_text())["cells"]
    for cell in (python, reference):
        assert len(cell["seconds"]) == 3
        assert cell["best"] == min(cell["seconds"]) <= cell["median"]
    assert json.loads(output.read_text())["ratios"] == {
        "reference": pytest.approx(reference["best"] / python["best"])
    }


def test_a_promise_that_is_not_kept_fails() -> None:
    done = run(
        "--engine", "reference", "--engine", "python", "--kernel", "mix32", "--at-least", "9"
    )
    assert done.returncode == 1
    assert "reference is not 9.0 times as fast as python" in done.stderr


def test_what_processes_cost_is_measured() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.runtime", "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = [line[:12].strip() for line in done.stdout.splitlines()]
    assert names == ["cold", "prepared", "echo 16", "echo 65536"]
