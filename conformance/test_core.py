"""The core suite as tests of pytest: one for each file and engine. See `plugin`."""

from __future__ import annotations

from refexec_conformance.asserting import Trials, demand_file
from refexec_conformance.script import Suite


def test_core(
    conform_suite: Suite, conform_trials: Trials, conform_backend: str, conform_file: str
) -> None:
    """The engine does what the file demands, or fails it as is known."""
    demand_file(conform_trials, conform_suite, "core", conform_backend, conform_file)
