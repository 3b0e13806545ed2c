"""Contexts: when to give up, and values that travel along a call.

A `Context` is immutable and forms a tree. Deriving one adds a way to cancel it, a deadline or a
value; cancelling a context cancels all that were derived from it, never its parent. Blocking
methods of refexec take one and give up when it is done:

    ctx, cancel = background().with_timeout(5)
    try:
        process = executor.new_process(ctx)
    finally:
        cancel()

Call the cancel function when the work is over, also if the context is done already: it frees what
the parent and the timer hold for it.

This is not asyncio's cancellation and interrupts nothing by itself: whoever waits has to look at
`Context.done` or to register with `Context.add_done_callback`. Cancel functions may be called from
any thread, but not from a signal handler, since they take locks.
"""

from __future__ import annotations

import heapq
import itertools
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from refexec.errors import CancelledError, ContextError, DeadlineExceededError

Cancel = Callable[[], None]
"""Cancels a context. Calling it again, or for a context that is done, has no effect."""


class Done:
    """Whether a context is done, as something to wait on. Read-only side of an event."""

    __slots__ = ("_event",)

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def is_set(self) -> bool:
        """Whether the context is done."""
        return self._event.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the context is done, or for `timeout` seconds. True if it is done."""
        return self._event.wait(timeout)


class Context:
    """See the module. Make one with `background` and derive others from it."""

    __slots__ = ("_key", "_parent", "_scope", "_value")

    def __init__(
        self,
        scope: _Scope,
        parent: Context | None = None,
        key: object = None,
        value: object = None,
    ) -> None:
        self._scope = scope
        self._parent = parent
        self._key = key
        self._value = value

    def with_cancel(self) -> tuple[Context, Cancel]:
        """Derive a context that ends when the returned function is called."""
        return self._derive(self.deadline)

    def with_timeout(self, seconds: float) -> tuple[Context, Cancel]:
        """Derive a context that ends `seconds` from now, or when the function is called."""
        return self.with_deadline(time.monotonic() + seconds)

    def with_deadline(self, deadline: float) -> tuple[Context, Cancel]:
        """Derive a context that ends when `time.monotonic()` reaches `deadline` seconds.

        An earlier deadline of this context stays in force. One that has passed already gives a
        context that is done.
        """
        if self.deadline is not None and self.deadline <= deadline:
            return self.with_cancel()
        derived, cancel = self._derive(deadline)
        scope = derived._scope
        if deadline <= time.monotonic():
            scope.finish(DeadlineExceededError)
        else:
            scope.add_callback(_timers.call_at(deadline, scope.expire))
        return derived, cancel

    def with_value(self, key: object, value: object) -> Context:
        """Derive a context in which `value(key)` is `value`. It ends together with this one."""
        return Context(self._scope, self, key, value)

    def value(self, key: object) -> Any:
        """The value given for `key` most recently on the way here, or None."""
        context: Context | None = self
        while context is not None:
            # A context without a value of its own has the key None.
            if context._key is not None and context._key == key:
                return context._value
            context = context._parent
        return None

    @property
    def done(self) -> Done:
        """Set when the context was cancelled or its deadline has passed."""
        return self._scope.done

    @property
    def err(self) -> ContextError | None:
        """None while the context is alive, afterwards why it ended.

        Either a `CancelledError` or a `DeadlineExceededError`. Each access makes a new one, so
        that several threads can raise it.
        """
        reason = self._scope.reason
        return None if reason is None else reason()

    @property
    def deadline(self) -> float | None:
        """When the context ends by itself, as a `time.monotonic()` value; None if never."""
        return self._scope.deadline

    def check(self) -> None:
        """Raise `err` if the context is done."""
        error = self.err
        if error is not None:
            raise error

    def add_done_callback(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have `callback` called once when the context ends, and return a function to undo that.

        If the context is done it is called at once. Otherwise the thread that cancels calls it, or
        the timer's: it must be quick and must not block. An exception from it goes to
        `threading.excepthook`. When it is being called already, undoing does not wait for it.
        """
        return self._scope.add_callback(callback)

    def _derive(self, deadline: float | None) -> tuple[Context, Cancel]:
        scope = _Scope(deadline)
        # Undoing the registration is itself a callback: it happens however the child ends.
        scope.add_callback(self._scope.add_callback(lambda: scope.finish(self._scope.reason)))
        return Context(scope, self), scope.cancel

    def __repr__(self) -> str:
        error = self.err
        return f"<Context {'alive' if error is None else error}>"


class _Scope:
    """What contexts that end together share."""

    __slots__ = ("_callbacks", "_event", "_lock", "deadline", "done", "reason")

    def __init__(self, deadline: float | None) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._callbacks: dict[object, Callable[[], object]] = {}
        self.done: Final = Done(self._event)
        self.deadline: Final = deadline
        self.reason: type[ContextError] | None = None

    def cancel(self) -> None:
        self.finish(CancelledError)

    def expire(self) -> None:
        self.finish(DeadlineExceededError)

    def finish(self, reason: type[ContextError] | None) -> None:
        """End for this reason, unless ended already."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        self._event.set()
        for callback in callbacks:
            _call(callback)

    def add_callback(self, callback: Callable[[], object]) -> Callable[[], None]:
        key = object()
        with self._lock:
            alive = self.reason is None
            if alive:
                self._callbacks[key] = callback
        if not alive:
            _call(callback)

        def remove() -> None:
            with self._lock:
                self._callbacks.pop(key, None)

        return remove


class _Forever(_Scope):
    """The scope of the background context: it never ends, so it remembers nobody."""

    __slots__ = ()

    def add_callback(self, callback: Callable[[], object]) -> Callable[[], None]:
        return lambda: None


def _call(callback: Callable[[], object]) -> None:
    """Call it; one that fails must not keep the others from being called."""
    try:
        callback()
    except Exception:
        kind, error, traceback = sys.exc_info()
        threading.excepthook(
            threading.ExceptHookArgs((kind, error, traceback, threading.current_thread()))
        )


class _Timers:
    """Calls functions at given times, all from one daemon thread that starts at first use."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._order = itertools.count()
        self._heap: list[tuple[float, int]] = []
        self._pending: dict[int, Callable[[], object]] = {}

    def call_at(self, when: float, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` when `time.monotonic()` reaches `when`; return a function to undo it."""
        with self._wake:
            key = next(self._order)
            self._pending[key] = callback
            heapq.heappush(self._heap, (when, key))
            # Not alive: never started, or this is a forked child, which has no threads.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="refexec-timers", daemon=True
                )
                self._thread.start()
            elif self._heap[0][1] == key:
                self._wake.notify()

        def remove() -> None:
            with self._wake:
                self._pending.pop(key, None)
                # Entries of timers that were undone stay in the heap until they are the majority.
                if len(self._heap) > 2 * len(self._pending) + 64:
                    self._heap = [entry for entry in self._heap if entry[1] in self._pending]
                    heapq.heapify(self._heap)

        return remove

    def _run(self) -> None:
        while True:
            _call(self._next())

    def _next(self) -> Callable[[], object]:
        """Wait for the next function that is due."""
        with self._wake:
            while True:
                delay = self._heap[0][0] - time.monotonic() if self._heap else threading.TIMEOUT_MAX
                if delay > 0:
                    self._wake.wait(min(delay, threading.TIMEOUT_MAX))
                    continue
                _, key = heapq.heappop(self._heap)
                callback = self._pending.pop(key, None)
                if callback is not None:
                    return callback


_timers = _Timers()
_background = Context(_Forever(None))


def background() -> Context:
    """The root of all contexts: never done, without values."""
    return _background
