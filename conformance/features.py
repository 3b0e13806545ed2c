"""Which features of WebAssembly each file of the core suite needs.

The list is data, in `features.toml`; this module only reads it.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

BASE = "WebAssembly 2.0 without vectors"
"""Stands for everything that needs no feature of the list."""


def features_of(name: str) -> tuple[str, ...]:
    """The features that a suite file needs, in the order of the list; `BASE` if none."""
    found = tuple(feature for feature, files in _table().items() if name in files)
    return found or (BASE,)


def all_features() -> tuple[str, ...]:
    """`BASE` and every feature of the list, in order."""
    return (BASE, *_table())


@functools.cache
def _table() -> dict[str, frozenset[str]]:
    text = resources.files("refexec_conformance").joinpath("features.toml").read_text("utf-8")
    return {feature: frozenset(files) for feature, files in tomllib.loads(text).items()}
