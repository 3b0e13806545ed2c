"""The kit's own cases as tests of pytest: one for each case and engine."""

from __future__ import annotations

from refexec_conformance.areas import CASES
from refexec_conformance.asserting import Trials, demand_file
from refexec_conformance.own.suite import open_cases


def test_case(conform_trials: Trials, conform_backend: str, conform_case: str) -> None:
    """The engine does what the case demands, or fails it as is known."""
    demand_file(conform_trials, open_cases(), CASES, conform_backend, conform_case)
