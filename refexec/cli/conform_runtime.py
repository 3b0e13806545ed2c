"""The part of `refexec conform` that puts runtimes on trial.

Which cases and runtimes are meant, and that they are played. What is done with the results is in
`refexec.cli.conform`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refexec_conformance.conduct import Absent
    from refexec_conformance.verdicts import FileResult, RunResult

SUITES = ("runtime", "runtime-self-test")
"""The suites of this part, by their names on the command line."""

Run = Callable[[Callable[["FileResult"], None]], "RunResult"]
"""Runs a suite on a backend; is given what is to be told of each result."""


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one suite."""

    results: list[RunResult]
    """One for each backend."""

    absent: list[Absent]
    """The backends that are not installed."""

    configuration: dict[str, str]
    """How it was asked for, for people."""

    stories: dict[tuple[str, str], str]
    """What cases say of themselves, by suite and name."""


def run_suite(
    name: str,
    globs: Sequence[str],
    backends: Sequence[str],
    jobs: int | None,
    with_progress: Callable[[Run, int, str], RunResult],
    index: int | None = None,
) -> Part:
    """Play the cases whose names fit on the named runtimes, or on every one that is installed.

    `index` is the number of the one run that is judged, of the one case that is chosen.
    `with_progress` runs something that takes long, of so many cases, on the runtime of that name.
    """
    from refexec_conformance.runtime.backend import default_runtimes
    from refexec_conformance.runtime.conduct import (
        check_run,
        choose_cases,
        conduct_runtime,
        find_absent_runtime,
    )
    from refexec_conformance.runtime.judge import RUN_SECONDS

    cases = choose_cases(globs, self_test=name == "runtime-self-test")
    if index is not None:
        check_run(cases, index)
    chosen, absent = list(backends), []
    for runtime in () if backends else default_runtimes():
        missing = find_absent_runtime(runtime)
        if missing is None:
            chosen.append(runtime)
        else:
            absent.append(missing)
    results = []
    for runtime in chosen:

        def run(on_result: Callable[[FileResult], None], runtime: str = runtime) -> RunResult:
            return conduct_runtime(
                cases, runtime, jobs=jobs, on_result=on_result, kind=name, only=index
            )

        results.append(with_progress(run, len(cases), runtime))
    return Part(
        results,
        absent,
        {
            "cases of the runtime suite": str(len(cases)),
            "deadline of a run": f"{RUN_SECONDS:.0f} s",
        },
        {(name, case.name): case.story for case in cases},
    )


def known_runtimes(backends: Sequence[str]) -> list[str]:
    """Those of the named backends that are runtimes of the kit."""
    from refexec_conformance.runtime.backend import runtime_names

    return [name for name in backends if name in runtime_names()]
