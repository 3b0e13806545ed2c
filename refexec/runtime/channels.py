"""Hand-over between service threads and the serve loop: `SendQueue` and `ErrorSlot`.

These are the two places where threads of services meet the one thread that runs a process's serve
loop. Services see one face (`send`; `fail` and `close`), the loop the other (`take_nowait`;
`poll`), and each has one hook that lets the loop sleep in its selector instead of here.

Not here: packets themselves (`refexec.packet`), and what the loop does with them
(`refexec.runtime.serve`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.packet import Thunk

__all__ = ["ErrorSlot", "SendQueue"]


class _Offer:
    """One thunk on offer: a sender thread waits until it is taken or withdrawn."""

    __slots__ = ("settled", "taken", "thunk")

    def __init__(self, thunk: Thunk) -> None:
        self.thunk = thunk
        self.taken = False
        self.settled = threading.Event()


class SendQueue:
    """A rendezvous: `send` returns when the serve loop has taken the thunk, and not before.

    Nothing is stored for a sender that has given up, so a program that never reads cannot make
    the host hold more than one thunk per blocked sender thread. Offers are taken in the order in
    which they were made.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offers: deque[_Offer] = deque()
        self._closed = False
        self._wake: Callable[[], object] | None = None

    # -- the services' side ----------------------------------------------------------------------

    def send(self, thunk: Thunk, ctx: Context, timeout: float | None = None) -> bool:
        """Offer `thunk` to the serve loop and wait until it is taken.

        Returns True when the loop took it; False, with the thunk never evaluated, when `ctx` is
        or becomes done first, when the queue is closed, or after `timeout` seconds. Any thread
        may call it, several at a time.
        """
        offer = _Offer(thunk)
        if ctx.done.is_set():
            return False
        with self._lock:
            if self._closed:
                return False
            self._offers.append(offer)
            wake = self._wake
        if wake is not None:
            wake()
        forget = ctx.add_done_callback(lambda: self._withdraw(offer))
        try:
            offer.settled.wait(timeout)
        finally:
            forget()
            # Also the way out of a timeout, and of an exception such as KeyboardInterrupt.
            self._withdraw(offer)
        return offer.taken

    def _withdraw(self, offer: _Offer) -> None:
        with self._lock:
            if not offer.settled.is_set():
                self._offers.remove(offer)
                offer.settled.set()

    # -- the loop's side -------------------------------------------------------------------------

    def take_nowait(self) -> Thunk | None:
        """Take the oldest offered thunk, whose `send` then returns True; None if there is none."""
        if not self._offers:
            return None  # without the lock: who comes now wakes the loop up
        with self._lock:
            if not self._offers:
                return None
            offer = self._offers.popleft()
            offer.taken = True
            offer.settled.set()
            return offer.thunk

    def waiting(self) -> bool:
        """Whether a sender is blocked, so that `take_nowait` would probably give a thunk."""
        with self._lock:
            return bool(self._offers)

    def on_waiting(self, callback: Callable[[], object] | None) -> None:
        """Have `callback()` called, on the sender's thread, each time a thunk is offered.

        It replaces an earlier callback, and is called at once (on this thread) if a sender is
        waiting already, so no offer is missed. It must not block and must not raise. None takes
        the callback away.
        """
        with self._lock:
            self._wake = callback
            waiting = bool(self._offers)
        if waiting and callback is not None:
            callback()

    def close(self) -> None:
        """Let every pending and future `send` return False. May be called more than once."""
        with self._lock:
            self._closed = True
            offers = list(self._offers)
            self._offers.clear()
            for offer in offers:
                offer.settled.set()


class ErrorSlot:
    """Room for the one error by which a service server ends its process from outside a call.

    The first call of `fail` or `close` settles the slot; later calls do nothing. A slot that is
    closed without an error is ignored by the loop, and so is one that is never settled.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled = False
        self._error: Exception | None = None
        self._wake: Callable[[], object] | None = None

    # -- the services' side ----------------------------------------------------------------------

    def fail(self, error: Exception) -> bool:
        """End the serve loop with `error`. Returns whether this call settled the slot."""
        return self._settle(error)

    def close(self) -> bool:
        """Promise that no error will come. Returns whether this call settled the slot."""
        return self._settle(None)

    def _settle(self, error: Exception | None) -> bool:
        with self._lock:
            if self._settled:
                return False
            self._settled = True
            self._error = error
            wake = self._wake
        if wake is not None:
            wake()
        return True

    # -- the loop's side -------------------------------------------------------------------------

    def poll(self) -> Exception | None:
        """The error, if the slot has failed; None while it is unsettled or if it was closed."""
        with self._lock:
            return self._error

    @property
    def settled(self) -> bool:
        """Whether `fail` or `close` has been called; nothing more will happen then."""
        with self._lock:
            return self._settled

    def on_event(self, callback: Callable[[], object] | None) -> None:
        """Have `callback()` called once, on the settling thread, when the slot is settled.

        It replaces an earlier callback, and is called at once (on this thread) if the slot is
        settled already. It must not block and must not raise. None removes it.
        """
        with self._lock:
            self._wake = callback
            settled = self._settled
        if settled and callback is not None:
            callback()
