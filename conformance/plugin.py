"""A plugin for pytest: `pytest --pyargs refexec_conformance --backend NAME -n auto`.

It adds the options that say what is on trial, and no tests; those are in `test_core`, which pytest
only collects when it is asked for the package. It is loaded with every run of pytest where refexec
is installed, so it imports nothing of the kit before it is needed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from refexec_conformance.pool import OneByOne
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
        help="engine that the tests of refexec_conformance put on trial (repeatable)",
    )
    group.addoption(
        "--backend-command",
        action="append",
        default=[],
        metavar="'CMD ...'",
        help="the same for a program that speaks the protocol of the kit (repeatable)",
    )
    group.addoption(
        "--conform-suite",
        type=Path,
        metavar="PATH",
        help="folder of .wast files, or source archive of the suite, instead of fetching it",
    )


def backends(config: pytest.Config) -> list[str]:
    """The names of the backends on trial."""
    from refexec_conformance.backend import COMMAND

    commands = [COMMAND + command for command in config.getoption("--backend-command")]
    return [*config.getoption("--backend"), *commands] or [DEFAULT]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test for each file and backend."""
    if "conform_backend" not in metafunc.fixturenames:
        return
    from refexec_conformance.backend import COMMAND
    from refexec_conformance.features import listed_files
    from refexec_conformance.suites import open_core_suite

    path = metafunc.config.getoption("--conform-suite")
    names = listed_files() if path is None else open_core_suite(path).names
    pairs = [(backend, name) for backend in backends(metafunc.config) for name in names]
    ids = [
        f"{shlex.split(backend.removeprefix(COMMAND))[0].rsplit('/', 1)[-1]}-{name}"
        for backend, name in pairs
    ]
    metafunc.parametrize(("conform_backend", "conform_file"), pairs, ids=ids)


@pytest.fixture(scope="session")
def conform_suite(pytestconfig: pytest.Config) -> Suite:
    """The official core suite, fetched on first use."""
    from refexec_conformance.suites import open_core_suite

    return open_core_suite(pytestconfig.getoption("--conform-suite"))


@pytest.fixture(scope="session")
def conform_trials(conform_suite: Suite) -> Iterator[dict[str, OneByOne]]:
    """Processes with backends on trial, by the names of the backends."""
    trials: dict[str, OneByOne] = {}
    yield trials
    for trial in trials.values():
        trial.close()
