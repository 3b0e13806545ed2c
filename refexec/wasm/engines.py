"""The engines that can run an instance, by name; not the engines themselves."""

from __future__ import annotations

from refexec.errors import ConfigError

ENGINES: tuple[str, ...] = ("reference", "translated")
"""Names of the engines that exist."""

REFERENCE_ENGINE = "reference"
"""The engine that is right by definition, and the only one that can be observed."""

DEFAULT_ENGINE = "translated"
"""The engine that runs what nobody observes, if none is named."""


def engine_for(engine: str | None, observed: bool) -> str:
    """The engine that runs an instance for which this one is asked for, or with None any."""
    if engine is not None:
        return engine
    return REFERENCE_ENGINE if observed else DEFAULT_ENGINE


def check_engine(engine: str) -> None:
    """Raise ConfigError for a name that no engine has."""
    if engine not in ENGINES:
        raise ConfigError(f"unknown engine {engine!r}, expected one of {', '.join(ENGINES)}")
