"""The core suite as tests of pytest: one for each file and backend. `plugin` says how to run them.

A file that is expected to fail is an `xfail`, with the written reason; one that passes although
it is expected to fail is red. An absent engine is skipped, with the command that installs it.
"""

from __future__ import annotations

import functools

import pytest
from refexec_conformance.backend import COMMAND, backend_info, close_backend, create_backend
from refexec_conformance.expectations import apply_expectation, expectations_of
from refexec_conformance.pool import OneByOne
from refexec_conformance.script import Suite
from refexec_conformance.verdicts import FileVerdict

from refexec.errors import UnavailableError

SHOWN = 20
"""How many findings a failing test prints."""


@functools.cache
def version_of(backend: str) -> str:
    """The version of an engine."""
    engine = create_backend(backend)
    close_backend(engine)
    return engine.version


def test_core(
    conform_suite: Suite,
    conform_trials: dict[str, OneByOne],
    conform_backend: str,
    conform_file: str,
) -> None:
    """The backend does what the file demands, or fails it as is known."""
    if conform_backend not in conform_trials:
        conform_trials[conform_backend] = OneByOne(conform_suite, conform_backend)
    try:
        result = conform_trials[conform_backend].run(conform_file)
    except UnavailableError as error:
        if conform_backend.startswith(COMMAND):
            raise
        pytest.skip(f"{error}; this installs it: {backend_info(conform_backend).install}")
    expectations = expectations_of(conform_backend)
    if not expectations.objection(version_of(conform_backend), conform_suite.title):
        result = apply_expectation(result, conform_backend)
    match result.verdict:
        case FileVerdict.FAIL:
            shown = [str(finding) for finding in result.surprises[:SHOWN]]
            pytest.fail("\n".join([f"{len(result.surprises)} findings", *shown]), pytrace=False)
        case FileVerdict.EXPECTED_FAIL:
            pytest.xfail(str(result.reason))
        case FileVerdict.UNEXPECTED_PASS:
            told = f" (commands {sorted(result.stale)})" if result.stale else ""
            pytest.fail(f"passes, but is expected to fail{told}: {result.reason}", pytrace=False)
        case FileVerdict.UNSUPPORTED:
            pytest.skip("it needs a feature that the backend does not claim")
        case FileVerdict.NOT_JUDGED:
            pytest.skip("it holds nothing that could be judged")
