"""The official core suite on the reference machine: one test for each suite file."""

from __future__ import annotations

from functools import cache

import pytest
from refexec_conformance.archive import fetch_suite
from refexec_conformance.expectations import apply_expectation, expected_failures
from refexec_conformance.features import listed_files
from refexec_conformance.pool import run_file
from refexec_conformance.script import Suite
from refexec_conformance.verdicts import FileVerdict

pytestmark = pytest.mark.core_suite

SHOWN = 20
"""How many findings a failing test prints."""


@cache
def suite() -> Suite:
    """The suite, fetched by whichever process is first."""
    return fetch_suite()


@pytest.mark.parametrize("name", listed_files())
def test_core(name: str) -> None:
    result = apply_expectation(run_file(suite(), name, "reference"), "reference")
    match result.verdict:
        case FileVerdict.FAIL:
            told = [str(finding) for finding in result.findings[:SHOWN]]
            pytest.fail("\n".join([f"{len(result.findings)} findings", *told]), pytrace=False)
        case FileVerdict.EXPECTED_FAIL:
            pytest.xfail(str(result.reason))
        case FileVerdict.UNEXPECTED_PASS:
            pytest.fail(f"passes, but is expected to fail: {result.reason}", pytrace=False)
        case FileVerdict.NOT_JUDGED:
            pytest.skip("it holds only cases about text, or modules whose bytes are not public")


def test_every_file_of_the_suite_is_listed_with_its_features() -> None:
    assert listed_files() == suite().names


def test_expectations_are_about_files_that_exist() -> None:
    assert set(expected_failures("reference")) <= set(suite().names)
