"""What every blocking method does with its `ctx` and `timeout` arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from refexec.context import Context, background


@contextlib.contextmanager
def limited(ctx: Context | None, timeout: float | None) -> Iterator[Context]:
    """The context that a call goes by: done with `ctx` (None: never) or after `timeout` seconds."""
    ctx = background() if ctx is None else ctx
    if timeout is None:
        yield ctx
        return
    derived, cancel = ctx.with_timeout(timeout)
    try:
        yield derived
    finally:
        cancel()
