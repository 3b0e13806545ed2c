"""Broken engines are convicted by the core suite: on the right cases, and only there.

The third, a runtime that loses a packet when it is stopped, is in `test_runtime_suite`.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import refexec_conformance
from refexec_conformance.archive import fetch_suite
from refexec_conformance.conduct import conduct
from refexec_conformance.executed import executed
from refexec_conformance.verdicts import FileVerdict, Verdict

from command_line import COMMAND

pytestmark = pytest.mark.core_suite

FILES = ("i32", "i64", "int_exprs", "fac", "labels", "memory_trap", "br_table", "simd_boolean")
SUPPORT = Path(__file__).parent.parent / "support"


def test_a_wrong_instruction(tmp_path: Path) -> None:
    # In a process of its own, since it changes the engine.
    output = tmp_path / "out.json"
    backend = "broken_backends.wrong_instruction"
    files = [word for name in FILES for word in ("--file", name)]
    path = [str(SUPPORT), str(Path(refexec_conformance.__file__).parent.parent)]
    path += os.environ.get("PYTHONPATH", "").split(os.pathsep)
    subprocess.run(
        [*COMMAND, "conform", "core", *files, "--backend", backend, "--json", str(output)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        timeout=600,
        check=False,
    )
    (run,) = json.loads(output.read_text())["runs"]
    failing = {file["name"]: file["findings"] for file in run["files"] if file["findings"]}
    assert "i32" in failing
    assert set(failing) <= set(executed()["i32.xor"])
    assert {finding["command"].split()[2] for finding in failing["i32"]} == {'"xor"'}
    assert "i32.xor" in "\n".join(failing["i32"][0]["trace"])


def test_a_hang() -> None:
    result = conduct(fetch_suite(), FILES, "broken_backends.hanging", jobs=2, seconds=5.0)
    verdicts = {item.name: item.verdict for item in result.files}
    wrong = [name for name, verdict in verdicts.items() if verdict is not FileVerdict.PASS]
    assert wrong == ["fac"]
    (finding,) = next(item.findings for item in result.files if item.name == "fac")
    assert finding.verdict is Verdict.TIMEOUT
    assert (finding.line, finding.index) == (107, 6)
