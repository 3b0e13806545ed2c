"""What the tests of pytest have in common, whichever suite a case belongs to.

Verdicts become outcomes of pytest: what is known to fail is an `xfail` with its reason, what passes
although it is expected to fail is red, and what a backend does not support is skipped.
"""

from __future__ import annotations

import functools

import pytest
from refexec_conformance.backend import COMMAND, backend_info, close_backend, create_backend
from refexec_conformance.expectations import apply_expectation, expectations_of
from refexec_conformance.pool import OneByOne
from refexec_conformance.script import Suite
from refexec_conformance.verdicts import FileResult, FileVerdict

from refexec.errors import UnavailableError

SHOWN = 20
"""How many findings a failing test prints."""

Trials = dict[tuple[str, str], OneByOne]
"""Processes with engines on trial, by kind of suite and name of the engine."""


@functools.cache
def version_of(backend: str) -> str:
    """The version of an engine."""
    engine = create_backend(backend)
    close_backend(engine)
    return engine.version


def demand_file(trials: Trials, suite: Suite, kind: str, backend: str, name: str) -> None:
    """An engine does what a file of a suite demands, or fails it as is known."""
    if (kind, backend) not in trials:
        trials[kind, backend] = OneByOne(suite, backend)
    try:
        result = trials[kind, backend].run(name)
    except UnavailableError as error:
        if backend.startswith(COMMAND):
            raise
        skip_absent(error, backend_info(backend).install)
    if not expectations_of(backend, kind).objection(version_of(backend), suite.title):
        result = apply_expectation(result, backend, kind=kind)
    demand(result)


def skip_absent(error: UnavailableError, install: str) -> None:
    """What is not installed is skipped, with the command that installs it."""
    pytest.skip(f"{error}; this installs it: {install}")


def demand(result: FileResult) -> None:
    """A judged file or case is as expected."""
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
