"""Whole runs of the runtime suite: many cases on one runtime, all cores."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from refexec_conformance.backend import BackendLostError
from refexec_conformance.conduct import Absent, can_be_made, default_jobs, environment_of
from refexec_conformance.expectations import apply_expectation
from refexec_conformance.pool import lost_at_start
from refexec_conformance.runtime.backend import (
    Runtime,
    close_runtime,
    create_runtime,
    runtime_info,
)
from refexec_conformance.runtime.case import Case
from refexec_conformance.runtime.judge import RUN_SECONDS, judge_case
from refexec_conformance.runtime.library import SELF_TEST, all_cases
from refexec_conformance.suites import nearest
from refexec_conformance.verdicts import START, FileResult, RunResult

from refexec.errors import ConfigError, InputError

TITLE = "runtime suite"


def choose_cases(
    globs: Sequence[str] = (),
    *,
    self_test: bool = False,
    among: Sequence[Case] | None = None,
) -> tuple[Case, ...]:
    """The cases, of the kit or `among` others, whose names fit one of the patterns, or all.

    Raises `ConfigError` for a pattern that fits nothing.
    """
    known = all_cases() if among is None else among
    cases = [case for case in known if not self_test or SELF_TEST in case.tags]
    names = [case.name for case in cases]
    chosen: set[str] = set()
    for glob in globs:
        fits = [name for name in names if fnmatchcase(name, glob)]
        if not fits:
            raise ConfigError(f"no case of the runtime suite fits {glob!r}{nearest(glob, names)}")
        chosen.update(fits)
    return tuple(case for case in cases if not globs or case.name in chosen)


def check_run(cases: Sequence[Case], number: int) -> None:
    """See that one run can be judged alone.

    Raises `ConfigError` if several cases are chosen, and `InputError` if there is no such run.
    """
    if len(cases) != 1:
        raise ConfigError(f"a run is one of a single case, but {len(cases)} cases are chosen")
    runs = len(cases[0].runs)
    if not 0 <= number < runs:
        raise InputError(f"{cases[0].name} has no run {number}; they are 0 to {runs - 1}")


def find_absent_runtime(name: str) -> Absent | None:
    """Tell whether a runtime of the kit is not installed."""
    is_there = can_be_made(lambda: close_runtime(create_runtime(name)))
    return None if is_there else Absent(name, runtime_info(name).install)


def conduct_runtime(
    cases: Sequence[Case],
    name: str,
    *,
    jobs: int | None = None,
    seconds: float = RUN_SECONDS,
    on_result: Callable[[FileResult], None] | None = None,
    kind: str = "runtime",
    only: int | None = None,
) -> RunResult:
    """Play cases on a runtime.

    `jobs` is how many cases are played at a time, by default one for each core. `seconds` is the
    deadline of one run. `on_result` is told of each judged case as it comes, and `kind` is how the
    suite is called on the command line. `only` is the number of the one run that is judged, of the
    one case. Raises `ConfigError` for an unknown runtime, and
    `UnavailableError` for an absent one.
    """
    begun = time.monotonic()
    again = ("refexec", "conform", kind)
    try:
        first = create_runtime(name)
    except BackendLostError as lost:
        files = (lost_at_start(START, lost),)
        return RunResult(
            TITLE, name, "unknown", files, 0.0, environment_of(), kind=kind, again=again
        )
    version = first.version
    lock = threading.Lock()
    idle: list[Runtime] = [first]

    def play(case: Case) -> FileResult:
        with lock:
            runtime = idle.pop() if idle else None
        runtime = runtime or create_runtime(name)
        try:
            result = apply_expectation(
                judge_case(case, runtime, seconds, only), name, only, kind="runtime"
            )
        finally:
            with lock:
                idle.append(runtime)
        if on_result is not None:
            with lock:
                on_result(result)
        return result

    try:
        with ThreadPoolExecutor(jobs if jobs is not None else default_jobs()) as pool:
            results = tuple(pool.map(play, cases))
    finally:
        for runtime in idle:
            close_runtime(runtime)
    seconds_taken = time.monotonic() - begun
    return RunResult(
        TITLE, name, version, results, seconds_taken, environment_of(), kind=kind, again=again
    )
