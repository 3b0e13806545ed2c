"""A whole run: a suite, a backend, all cores, expectations applied."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence

from refexec_conformance.backend import create_backend
from refexec_conformance.cuts import Cuts
from refexec_conformance.expectations import apply_expectation
from refexec_conformance.pool import run_files
from refexec_conformance.runner import COMMAND_SECONDS, CUT_SECONDS
from refexec_conformance.script import Suite
from refexec_conformance.verdicts import FileResult, RunResult

from refexec import __version__


def default_jobs() -> int:
    """As many processes as there are cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def conduct(
    suite: Suite,
    names: Sequence[str],
    backend: str,
    *,
    jobs: int | None = None,
    seconds: float | None = None,
    on_result: Callable[[FileResult], None] | None = None,
    cuts: Cuts | None = None,
) -> RunResult:
    """Run files of a suite on a backend and judge them against its expectations.

    `jobs` is the number of processes, by default one for each core. `seconds` is the deadline of
    one command, by default `COMMAND_SECONDS`, or `CUT_SECONDS` with cuts. `on_result` is told of
    each judged file as it comes. With `cuts`, everything runs a second time in pieces, and must
    come to the same. Raises `ConfigError` for an unknown backend or one that cannot be cut, and
    `UnavailableError` for an absent one.
    """
    # Started here first: an absent backend is one clear error, not one for each worker.
    version = create_backend(backend).version
    begun = time.monotonic()
    if seconds is None:
        seconds = COMMAND_SECONDS if cuts is None else CUT_SECONDS

    def judged(result: FileResult) -> None:
        if on_result is not None:
            on_result(apply_expectation(result, backend))

    results = run_files(
        suite,
        names,
        backend,
        jobs=jobs if jobs is not None else default_jobs(),
        seconds=seconds,
        on_result=judged,
        cuts=cuts,
    )
    return RunResult(
        suite.title,
        backend,
        version,
        tuple(apply_expectation(result, backend) for result in results),
        time.monotonic() - begun,
        (
            ("refexec", __version__),
            ("python", f"{platform.python_implementation()} {platform.python_version()}"),
            ("platform", platform.platform()),
            *(() if cuts is None else (("cuts", str(cuts)),)),
        ),
    )
