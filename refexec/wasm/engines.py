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
    """The engine that runs an instance for which this one is asked for, or with None any.

    Raises ConfigError for a name that no engine has, or if the engine cannot be `observed`.
    """
    if engine is None:
        return REFERENCE_ENGINE if observed else DEFAULT_ENGINE
    if engine not in ENGINES:
        raise ConfigError(f"unknown engine {engine!r}, expected one of {', '.join(ENGINES)}")
    if observed and engine != REFERENCE_ENGINE:
        raise ConfigError(f"observer: needs the engine {REFERENCE_ENGINE!r}, not {engine!r}")
    return engine
