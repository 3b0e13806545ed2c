"""What a backend is known not to pass yet, file by file, each with a written reason.

One TOML file for each backend, in `expectations/`; its table `fails` maps names of suite files to
reasons. A backend without a file is expected to pass everything. A listed file that passes is
red, so that the lists cannot go stale.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources

from refexec_conformance.verdicts import FileResult

from refexec.errors import ConfigError


@functools.cache
def expected_failures(backend: str) -> Mapping[str, str]:
    """Names of the files that the backend is expected to fail, and why.

    Raises `ConfigError` if an entry has no reason.
    """
    path = resources.files("refexec_conformance").joinpath("expectations", f"{backend}.toml")
    if not path.is_file():
        return {}
    fails = tomllib.loads(path.read_text("utf-8")).get("fails", {})
    for name, reason in fails.items():
        if not (isinstance(reason, str) and reason.strip()):
            raise ConfigError(f"the expectation that {backend} fails {name} has no reason")
    return dict(fails)


def apply_expectation(result: FileResult, backend: str) -> FileResult:
    """The result with the reason why the file is expected to fail, if it is."""
    return replace(result, reason=expected_failures(backend).get(result.name))
