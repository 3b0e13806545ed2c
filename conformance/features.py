"""The files of the core suite, and which features of WebAssembly each needs.

The list is data, in `features.toml`; this module only reads it.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

UNLISTED = "not listed"
"""Stands for the features of a file that the list does not know."""

FUEL, EXACT_FUEL = FUEL_PROMISES = ("fuel", "exact fuel")
"""What cases about fuel need: that an engine charges what `PROTOCOL.md` says, and that it stops
before the very instruction that it cannot pay."""

DETERMINISTIC = "deterministic profile"
"""What cases need where the specification otherwise leaves a choice: that an engine makes that of
the specification's deterministic profile."""

LIMITS = "exact limits"
"""What cases need about where the call stack, memories, tables and objects end: that an engine has
the limits that `PROTOCOL.md` names."""

VERSIONS = ("only WebAssembly 1.0", "only WebAssembly 2.0")
"""What cases need that an engine must refuse because they are of a later version."""

PROMISES = (*FUEL_PROMISES, DETERMINISTIC, LIMITS, *VERSIONS)
"""What an engine may promise beyond having features of WebAssembly."""


def features_of(name: str) -> tuple[str, ...]:
    """The features that a suite file needs, in the order of the list; `UNLISTED` if none."""
    return tuple(feature for feature, files in _table().items() if name in files) or (UNLISTED,)


def named_features() -> tuple[str, ...]:
    """Every feature of the list, in order."""
    return tuple(_table())


def all_features() -> tuple[str, ...]:
    """Every feature of the list, in order, and `UNLISTED`."""
    return (*named_features(), UNLISTED)


def listed_files() -> tuple[str, ...]:
    """The names of all files of the list, sorted: those of the packed suite."""
    return tuple(sorted(frozenset[str]().union(*_table().values())))


@functools.cache
def _table() -> dict[str, frozenset[str]]:
    text = resources.files("refexec_conformance").joinpath("features.toml").read_text("utf-8")
    return {feature: frozenset(files) for feature, files in tomllib.loads(text).items()}
