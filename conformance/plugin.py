"""A plugin for pytest: `pytest --pyargs refexec_conformance --backend NAME -n auto`.

It adds the options that say what is on trial, and no tests; those are in `test_core`, `test_cases`
and `test_runtime`, which pytest only collects when it is asked for the package. A name that is both
an engine's and a runtime's is tried as both. The plugin is loaded with every run of pytest where
refexec is installed, so it imports nothing of the kit before it is needed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from refexec_conformance.asserting import Trials
    from refexec_conformance.runtime.backend import Runtime
    from refexec_conformance.script import Suite

DEFAULT = "reference"
"""The backend that is on trial if none is named."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("refexec_conformance", "conformance of WebAssembly engines")
    group.addoption(
        "--backend",
        action="append",
        default=[],
        metavar="NAME",
        help="engine or runtime that the tests of refexec_conformance put on trial (repeatable)",
    )
    group.addoption(
        "--backend-command",
        action="append",
        default=[],
        metavar="'CMD ...'",
        help="the same for a program that speaks the protocol of the kit (repeatable)",
    )
    group.addoption(
        "--runtime-command",
        action="append",
        default=[],
        metavar="'CMD ...'",
        help="the same for a program that is a runtime, by the protocol's second part (repeatable)",
    )
    group.addoption(
        "--conform-suite",
        type=Path,
        metavar="PATH",
        help="only the core suite, from a folder of .wast files or the suite's source archive",
    )


def engines(config: pytest.Config) -> list[str]:
    """The names of the engines on trial."""
    named, programs = _named(config)
    return [*(name for name in named if not _is_runtime_only(name)), *programs]


def runtimes(config: pytest.Config) -> list[str]:
    """The names of the runtimes on trial."""
    from refexec_conformance.backend import COMMAND
    from refexec_conformance.runtime.backend import runtime_names

    named, _ = _named(config)
    programs = [COMMAND + command for command in config.getoption("--runtime-command")]
    known = runtime_names()
    return [*(name for name in named if name in known or _is_runtime_only(name)), *programs]


def _named(config: pytest.Config) -> tuple[list[str], list[str]]:
    """The backends on trial: by name, and programs that are engines."""
    from refexec_conformance.backend import COMMAND

    named = list(config.getoption("--backend"))
    programs = [COMMAND + command for command in config.getoption("--backend-command")]
    if not (named or programs or config.getoption("--runtime-command")):
        named = [DEFAULT]
    return named, programs


def _is_runtime_only(name: str) -> bool:
    """Whether a backend is a runtime and no engine."""
    from refexec_conformance.backend import backend_info, backend_names
    from refexec_conformance.runtime.backend import RuntimeInfo, runtime_names

    if "." in name:
        return isinstance(backend_info(name), RuntimeInfo)
    return name in runtime_names() and name not in backend_names()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test for each file or case and backend."""
    config, names = metafunc.config, metafunc.fixturenames
    path = config.getoption("--conform-suite")
    if "conform_file" in names:
        from refexec_conformance.features import listed_files
        from refexec_conformance.suites import open_core_suite

        files = listed_files() if path is None else open_core_suite(path).names
        _each(metafunc, ("conform_backend", "conform_file"), engines(config), files)
    elif "conform_case" in names:
        from refexec_conformance.own.suite import open_cases

        cases = open_cases().names if path is None else ()
        _each(metafunc, ("conform_backend", "conform_case"), engines(config), cases)
    elif "conform_run" in names:
        from refexec_conformance.runtime.library import all_cases

        runs = [case.name for case in all_cases()] if path is None else []
        _each(metafunc, ("conform_runtime", "conform_run"), runtimes(config), runs)


def _each(
    metafunc: pytest.Metafunc,
    arguments: tuple[str, str],
    backends: Sequence[str],
    cases: Sequence[str],
) -> None:
    from refexec_conformance.backend import COMMAND

    pairs = [(backend, case) for backend in backends for case in cases]
    ids = [
        f"{shlex.split(backend.removeprefix(COMMAND))[0].rsplit('/', 1)[-1]}-{case}"
        for backend, case in pairs
    ]
    metafunc.parametrize(arguments, pairs, ids=ids)


@pytest.fixture(scope="session")
def conform_suite(pytestconfig: pytest.Config) -> Suite:
    """The official core suite, fetched on first use."""
    from refexec_conformance.suites import open_core_suite

    return open_core_suite(pytestconfig.getoption("--conform-suite"))


@pytest.fixture(scope="session")
def conform_trials() -> Iterator[Trials]:
    """Processes with engines on trial."""
    trials: Trials = {}
    yield trials
    for trial in trials.values():
        trial.close()


@pytest.fixture(scope="session")
def conform_runtimes() -> Iterator[dict[str, Runtime]]:
    """Runtimes on trial, by their names."""
    from refexec_conformance.runtime.backend import close_runtime

    found: dict[str, Runtime] = {}
    yield found
    for runtime in found.values():
        close_runtime(runtime)
