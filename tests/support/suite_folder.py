"""Small suites of a test's own: folders of `.wast` files, taken as a checkout is."""

from __future__ import annotations

from pathlib import Path

from refexec_conformance.backend import create_backend
from refexec_conformance.checkout import CheckoutSuite, checkout_suite
from refexec_conformance.pool import run_file
from refexec_conformance.runner import run_script
from refexec_conformance.script import Script
from refexec_conformance.spectest import spectest_for
from refexec_conformance.verdicts import FileResult

ENGINE = "reference"
"""The engine that tests of the kit run on when the kit, and not the engine, is in question."""


def write_suite(folder: Path, **files: str) -> CheckoutSuite:
    """A suite with the given files; names are without `.wast`."""
    for name, text in files.items():
        (folder / f"{name}.wast").write_text(text, encoding="utf-8")
    return checkout_suite(folder)


def judge(folder: Path, text: str, backend: str = ENGINE) -> FileResult:
    """Run a script, given as text, on a backend in this process."""
    return run_file(write_suite(folder, case=text), "case", backend)


def judge_script(script: Script, backend: str = ENGINE, seconds: float = 60.0) -> FileResult:
    """Run a script on a backend in this process."""
    return run_script(script, create_backend(backend), spectest_for(script), seconds=seconds)


def verdicts(result: FileResult) -> dict[str, int]:
    """The counts of a result, for comparing."""
    return {str(verdict): count for verdict, count in result.counts.items() if count}
