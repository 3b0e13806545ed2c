"""Whole runs: a suite, a backend or many, all cores, expectations applied."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from refexec_conformance.backend import (
    BackendLostError,
    backend_info,
    close_backend,
    create_backend,
)
from refexec_conformance.cause import explain_files
from refexec_conformance.cuts import Cuts
from refexec_conformance.expectations import apply_expectation, expectations_of
from refexec_conformance.pool import lost_at_start, run_files
from refexec_conformance.runner import COMMAND_SECONDS, CUT_SECONDS
from refexec_conformance.script import OneCommand, Suite
from refexec_conformance.verdicts import START, FileResult, RunResult

from refexec import __version__
from refexec.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Absent:
    """A backend that is not installed."""

    backend: str

    install: str
    """The command that installs it."""


def default_jobs() -> int:
    """As many processes as there are cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def environment_of() -> tuple[tuple[str, str], ...]:
    """What matters of this machine for telling two runs apart."""
    return (
        ("refexec", __version__),
        ("python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("platform", platform.platform()),
    )


def find_absent(backend: str) -> Absent | None:
    """Tell whether a backend of the kit is not installed."""
    is_there = can_be_made(lambda: close_backend(create_backend(backend)))
    return None if is_there else Absent(backend, backend_info(backend).install)


def can_be_made(make_and_close: Callable[[], object]) -> bool:
    """Whether what is on trial is installed."""
    try:
        make_and_close()
    except UnavailableError:
        return False
    except BackendLostError:
        return True  # it is there, and the run will tell what is wrong with it
    return True


def conduct(
    suite: Suite,
    names: Sequence[str],
    backend: str,
    *,
    jobs: int | None = None,
    seconds: float | None = None,
    on_result: Callable[[FileResult], None] | None = None,
    cuts: Cuts | None = None,
    kind: str = "core",
    again: Sequence[str] = ("refexec", "conform", "core"),
) -> RunResult:
    """Run files of a suite on a backend and judge them against its expectations.

    `jobs` is the number of processes, by default one for each core. `seconds` is the deadline of
    one command, by default `COMMAND_SECONDS`, or `CUT_SECONDS` with cuts. `on_result` is told of
    each judged file as it comes. With `cuts`, everything runs a second time in pieces, and must
    come to the same. `kind` and `again` tell, for the report, how the suite is called and which
    command line runs it. Raises `ConfigError` for an unknown backend or one that cannot be cut, and
    `UnavailableError` for an absent one.
    """
    begun = time.monotonic()
    environment = (*environment_of(), *(() if cuts is None else (("cuts", str(cuts)),)))
    # Started here first: an absent backend is one clear error, not one for each worker.
    try:
        engine = create_backend(backend)
    except BackendLostError as lost:
        files = (lost_at_start(START, lost),)
        return RunResult(
            suite.title, backend, "unknown", files, 0.0, environment, kind=kind, again=tuple(again)
        )
    version = engine.version
    ending = close_backend(engine)
    reported = expectations_of(backend, kind).objection(version, suite.title)
    only = suite.index if isinstance(suite, OneCommand) else None
    if seconds is None:
        seconds = COMMAND_SECONDS if cuts is None else CUT_SECONDS

    def judge(result: FileResult) -> FileResult:
        return result if reported else apply_expectation(result, backend, only, kind)

    def judged(result: FileResult) -> None:
        if on_result is not None:
            on_result(judge(result))

    results = run_files(
        suite,
        names,
        backend,
        jobs=jobs if jobs is not None else default_jobs(),
        seconds=seconds,
        on_result=judged,
        cuts=cuts,
    )
    judged_files = tuple(map(judge, results))
    if cuts is None and (only is not None or not reported):
        judged_files = explain_files(suite, judged_files, engine)
    return RunResult(
        suite.title,
        backend,
        version,
        judged_files,
        time.monotonic() - begun,
        environment,
        reported,
        kind,
        tuple(again),
        ending,
    )
