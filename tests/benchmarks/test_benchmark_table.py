"""The benchmarks run, check results, and compare; how fast anything is, is not tested here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "--rounds", "2", "--scale", "0.01", *args]
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
        assert len(cell["seconds"]) == 2
        assert cell["best"] <= cell["median"]
        assert (cell["fuel"] is not None) == (cell["engine"] == "reference")
    assert data["ratios"]["python"] > 0


def test_a_promise_that_is_not_kept_fails() -> None:
    done = run(
        "--engine", "reference", "--engine", "python", "--kernel", "mix32", "--at-least", "9"
    )
    assert done.returncode == 1
    assert "reference is not 9.0 times as fast as python" in done.stderr
