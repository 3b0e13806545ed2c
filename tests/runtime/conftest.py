"""One executor for all tests of a worker that do not need their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from refexec.runtime.executor import Executor


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    with Executor() as executor:
        yield executor
