"""The random service: random bytes for the program, at a limited rate.

A call asks for 1 to 255 bytes. They come when enough time has passed since the last ones, so a
program cannot drain the host's entropy or use it as a cheap busy loop; one call may wait at a
time. The clock and the source of bytes can be replaced, so that tests need not wait.

The random bytes that a program gets without services (`random_get`) are elsewhere.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from refexec.packet import Domain, Packet, Thunk, make_call
from refexec.service.protocols import InstanceBase, InstanceConfig, Properties

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.runtime.protocols import Sender
    from refexec.service.protocols import Abort

DEFAULT_BITS_PER_MINUTE: Final = 7680
"""16 bytes a second."""

_NS_PER_MINUTE: Final = 60_000_000_000


class Clock(Protocol):
    """Time as this service needs it."""

    def now(self) -> int:
        """Nanoseconds since some moment."""
        ...

    def wait_until(self, moment: int, ctx: Context) -> bool:
        """Wait until `now` reaches `moment`: True. False if `ctx` is done first."""
        ...


class MonotonicClock:
    """The machine's clock."""

    def now(self) -> int:
        """`time.monotonic_ns`."""
        return time.monotonic_ns()

    def wait_until(self, moment: int, ctx: Context) -> bool:
        """See `Clock`."""
        while (delay := moment - self.now()) > 0:
            if ctx.done.wait(delay / 1e9):
                return False
        return not ctx.done.is_set()


@dataclass(frozen=True, slots=True)
class RandomConfig:
    """Settings of the service."""

    bits_per_minute: int = DEFAULT_BITS_PER_MINUTE
    """The rate for each program. With 0 or less there are no random bytes, and the service is
    not discoverable."""


class Random:
    """The factory."""

    properties: Final = Properties(name="random", revision="0")
    """Name and kind of the service."""

    def __init__(
        self,
        config: RandomConfig | None = None,
        *,
        clock: Clock | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """`entropy(n)` gives n random bytes. Without a config the service is switched off."""
        self._rate = 0 if config is None else max(0, config.bits_per_minute)
        self._clock = clock or MonotonicClock()
        self._entropy = entropy

    def discoverable(self, ctx: Context) -> bool:
        """Whether the rate is more than zero."""
        return self._rate > 0

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> RandomInstance:
        """Make an instance; its snapshot says whether a reply is due."""
        due = bool(snapshot) and snapshot[:1] != b"\0"  # type: ignore[index]  # not None here
        return RandomInstance(config, self._rate, self._clock, self._entropy, due)


class RandomInstance(InstanceBase):
    """Answers a call by as many bytes as its first byte says, at once or later.

    A call gets an empty reply at once if it asks for none, or while another one waits.
    """

    def __init__(
        self,
        config: InstanceConfig,
        rate: int,
        clock: Clock,
        entropy: Callable[[int], bytes],
        due: bool,
    ) -> None:
        """`rate` in bits a minute; `due`: a restored instance still owes a reply."""
        self._config = config
        # Rounded up: never faster than the rate.
        self._interval = -(-8 * _NS_PER_MINUTE // rate) if rate > 0 else None
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.Lock()
        self._last = clock.now()
        self._due = due
        self._give_up: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    def start(self, ctx: Context, send: Sender, abort: Abort) -> None:
        """Pay the reply that a restored instance owes.

        The saved state does not tell how many bytes were asked for, so it is one.
        """
        if self._due:
            self._send_later(ctx, send, 0 if self._interval is None else 1, self._last)

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Answer a call now, or promise to; info packets are ignored."""
        if packet.domain != Domain.CALL:
            return None
        count = packet.content[0] if packet.content else 0
        with self._lock:
            if count == 0 or self._due or self._interval is None:
                return self._reply(0)
            moment = self._last + count * self._interval
            now = self._clock.now()
            if moment <= now:
                self._last = now
                return self._reply(count)
            self._due = True
        self._send_later(ctx, send, count, moment)
        return None

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        """Give up waiting, and save whether a reply is due."""
        self._give_up()
        if self._thread is not None:
            self._thread.join()
        return b"\1" if suspend and self._due else None

    def _reply(self, count: int) -> Packet:
        reply = make_call(self._config.code)
        reply.content = self._entropy(count)
        return reply

    def _send_later(self, ctx: Context, send: Sender, count: int, moment: int) -> None:
        waiting, self._give_up = ctx.with_cancel()

        def take() -> tuple[Packet, None]:
            with self._lock:
                self._last = self._clock.now()
                self._due = False
                return self._reply(count), None

        def wait() -> None:
            if self._clock.wait_until(moment, waiting):
                send.send(Thunk(take), waiting)

        self._thread = threading.Thread(target=wait, name="refexec-random", daemon=True)
        self._thread.start()
