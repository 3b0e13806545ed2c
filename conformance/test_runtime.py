"""The runtime suite as tests of pytest: one for each case and runtime."""

from __future__ import annotations

from refexec_conformance.areas import RUNTIME
from refexec_conformance.asserting import demand, skip_absent
from refexec_conformance.backend import COMMAND
from refexec_conformance.expectations import apply_expectation
from refexec_conformance.runtime.backend import Runtime, create_runtime, runtime_info
from refexec_conformance.runtime.conduct import choose_cases
from refexec_conformance.runtime.judge import judge_case

from refexec.errors import UnavailableError


def test_runtime(
    conform_runtimes: dict[str, Runtime], conform_runtime: str, conform_run: str
) -> None:
    """The runtime does what the case demands, or fails it as is known."""
    if conform_runtime not in conform_runtimes:
        try:
            conform_runtimes[conform_runtime] = create_runtime(conform_runtime)
        except UnavailableError as error:
            if conform_runtime.startswith(COMMAND):
                raise
            skip_absent(error, runtime_info(conform_runtime).install)
    (case,) = choose_cases((conform_run,))
    result = judge_case(case, conform_runtimes[conform_runtime])
    demand(apply_expectation(result, conform_runtime, kind=RUNTIME))
