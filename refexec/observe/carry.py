"""How an observer gets to a worker: by cloudpickle, which is for this direction only.

A class of a script, a notebook or `__main__` travels as a whole; so does one of a module that is
not refexec's, since a worker can load nothing. Modules that its methods use must be loaded there in
time (`refexec.Config.preload`).
"""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

from refexec.errors import ConfigError

if TYPE_CHECKING:
    from refexec.observe.observer import Observer

NEEDED = ("cloudpickle", "refexec.observe.carry", "refexec.observe.machine")
"""Modules that a worker needs for any observer."""


def pack(observer: Observer) -> bytes:
    """Encode an observer. Raises ConfigError if that is not possible."""
    import cloudpickle

    by_value = []
    for cls in type(observer).__mro__:
        module = sys.modules.get(cls.__module__)
        if module is None or cls.__module__.partition(".")[0] in ("builtins", "refexec"):
            continue
        if cls.__module__ not in cloudpickle.list_registry_pickle_by_value():
            cloudpickle.register_pickle_by_value(module)
            by_value.append(module)
    try:
        packed: bytes = cloudpickle.dumps(observer, protocol=5)
    except Exception as error:
        raise ConfigError(f"observer: cannot be handed to a worker: {error}") from error
    finally:
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)
    return packed


def unpack(packed: bytes) -> Observer:
    """Read what `pack` wrote. Only a worker does that, with what its parent has sent."""
    observer: Observer = pickle.loads(packed)
    return observer
