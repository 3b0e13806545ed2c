"""Spreading new processes over several factories.

The choice is random and knows nothing about load: a factory that is exhausted makes the caller
wait. Only prepared processes (`ProcessChan`) are looked at first, because that costs nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import cast

from refexec.context import Context, background
from refexec.errors import ConfigError
from refexec.runtime.group import ProcessGroup
from refexec.runtime.prepare import ProcessChan
from refexec.runtime.process import Process
from refexec.runtime.protocols import GroupProcessFactory, ProcessFactory


def distribute_processes(*factories: ProcessFactory) -> ProcessFactory:
    """A factory that makes each process with one of `factories`, chosen at random.

    A single factory is returned as it is. If all are `ProcessChan`s, the first one found, in
    random order, that has a process ready gives it; if none has, the first choice is waited for.
    Raises `ConfigError` without factories.
    """
    if not factories:
        raise ConfigError("there are no factories to distribute processes over")
    if len(factories) == 1:
        return factories[0]
    if all(isinstance(factory, ProcessChan) for factory in factories):
        return _ChannelSharder(cast(Sequence[ProcessChan], factories))
    return _Sharder(factories)


def distribute_group_processes(*factories: GroupProcessFactory) -> GroupProcessFactory:
    """Like `distribute_processes`, for factories that know groups."""
    if not factories:
        raise ConfigError("there are no factories to distribute processes over")
    if len(factories) == 1:
        return factories[0]
    return _GroupSharder(factories)


class _Sharder:
    def __init__(self, factories: Sequence[ProcessFactory]) -> None:
        self._factories = factories

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        """Make a process with a factory chosen at random."""
        return random.choice(self._factories).new_process(ctx or background(), timeout=timeout)


class _GroupSharder:
    def __init__(self, factories: Sequence[GroupProcessFactory]) -> None:
        self._factories = factories

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        """Make a process in the default group of a factory chosen at random."""
        return self.new_group_process(ctx, None, timeout=timeout)

    def new_group_process(
        self,
        ctx: Context | None,
        group: ProcessGroup | None,
        *,
        timeout: float | None = None,
    ) -> Process:
        """Make a process in `group` with a factory chosen at random."""
        return random.choice(self._factories).new_group_process(
            ctx or background(), group, timeout=timeout
        )


class _ChannelSharder:
    def __init__(self, channels: Sequence[ProcessChan]) -> None:
        self._channels = channels

    def new_process(self, ctx: Context | None = None, *, timeout: float | None = None) -> Process:
        """Take a process that is ready, or wait for the first choice."""
        order = random.sample(self._channels, len(self._channels))
        for channel in order:
            item = channel.take_nowait(ctx)
            if item is not None:
                return item.get()
        return order[0].new_process(ctx or background(), timeout=timeout)
