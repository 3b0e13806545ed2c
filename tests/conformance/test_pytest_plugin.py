"""The kit as a plugin of pytest, run by a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import refexec_conformance
from refexec_conformance.backend import backend_info
from refexec_conformance.pool import OneByOne
from refexec_conformance.verdicts import FileVerdict, Verdict

from command_line import PATIENCE
from suite_folder import write_suite

SUPPORT = Path(__file__).parent.parent / "support"
PACKAGE = Path(refexec_conformance.__file__).parent

GOOD = """(module (func (export "add") (param i32) (result i32)
  (i32.add (local.get 0) (local.get 0))))"""
ADD = '\n(assert_return (invoke "add" (i32.const 1)) (i32.const 2))'


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the package with a core suite in a folder."""
    return run_all(folder, "--conform-suite", str(folder), *args)


def run_all(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the package, with the plugin named in case refexec is not installed."""
    path = [str(PACKAGE.parent), str(SUPPORT), os.environ.get("PYTHONPATH", "")]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "--no-header"]
    if not installed():
        command += ["-p", "refexec_conformance.plugin"]
    return subprocess.run(
        [*command, "--pyargs", "refexec_conformance", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def installed() -> bool:
    """Whether the plugin is registered by the installed distribution."""
    return any(item.name == "refexec_conformance" for item in entry_points(group="pytest11"))


def test_one_test_for_each_case(tmp_path: Path) -> None:
    write_suite(tmp_path, good=GOOD + ADD, text='(assert_malformed (module quote "(") "x")')
    backends = ("broken_backends.wrong_add", "reference", "broken_backends.gone")
    named = [word for name in backends for word in ("--backend", name)]
    program = f"{sys.executable} {PACKAGE / 'adapters' / 'python.py'}"
    done = run(tmp_path, *named, "--backend-command", program, "-rs")
    told = dict(re.findall(r"test_core\[(\S+)\] ([A-Z]+)", done.stdout))
    assert told == {
        "broken_backends.wrong_add-good": "FAILED",
        "broken_backends.wrong_add-text": "SKIPPED",
        "reference-good": "PASSED",
        "reference-text": "SKIPPED",
        "broken_backends.gone-good": "SKIPPED",
        "broken_backends.gone-text": "SKIPPED",
        f"{Path(sys.executable).name}-good": "PASSED",
        f"{Path(sys.executable).name}-text": "SKIPPED",
    }
    assert "good.wast:3: fail: assert_return" in done.stdout
    assert backend_info("broken_backends.gone").install in done.stdout
    assert done.returncode == 1


def test_engines_and_runtimes_are_tried_by_the_suites_that_are_for_them(tmp_path: Path) -> None:
    program = f"{sys.executable} {PACKAGE / 'adapters' / 'runtime.py'}"
    named = ("--backend", "wasmtime", "--backend", "node", "--runtime-command", program)
    done = run_all(tmp_path, *named, "--collect-only")
    told = set(re.findall(r"<Function (\w+)\[(\w[\w.]*?)-", done.stdout))
    adapter = Path(sys.executable).name
    assert told >= {("test_core", "wasmtime"), ("test_case", "wasmtime"), ("test_core", "node")}
    assert told >= {("test_runtime", "wasmtime"), ("test_runtime", adapter)}
    assert ("test_runtime", "node") not in told
    assert ("test_core", adapter) not in told


def test_cases_of_both_suites_run(tmp_path: Path) -> None:
    done = run_all(tmp_path, "-k", "traps-not_chosen or traps/not_chosen or entry/default")
    told = dict(re.findall(r"(test_\w+)\[reference-\S+\] ([A-Z]+)", done.stdout))
    assert told == {"test_case": "PASSED", "test_runtime": "PASSED"}, done.stdout
    assert done.returncode == 0


def test_a_lost_process_is_replaced(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        crash='(module (func (export "crash")))\n(invoke "crash")',
        fine="(module)",
        hang='(module (func (export "hang")))\n(invoke "hang")',
    )
    trial = OneByOne(suite, "broken_backends.fragile", seconds=0.5)
    try:
        assert trial.run("crash").findings[0].verdict is Verdict.CRASH
        assert trial.run("fine").verdict is FileVerdict.PASS
        hang = trial.run("hang").findings[0]
        assert (hang.verdict, hang.line, hang.index) == (Verdict.TIMEOUT, 2, 1)
        assert trial.run("fine").verdict is FileVerdict.PASS
    finally:
        trial.close()
