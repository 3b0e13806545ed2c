"""The scope service: lets a program give up rights that it does not need.

A program's scope is a set of strings whose meaning is up to the embedder. `ProgramScope` holds
it; attach one to the context of `Process.serve` and ask it before doing something for the
program. The service only ever makes it smaller.
"""

from __future__ import annotations

import enum
import json
import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from refexec.errors import PacketError, ProgramError
from refexec.packet import Domain, Packet, make_call
from refexec.service.protocols import InstanceBase, InstanceConfig, Properties

if TYPE_CHECKING:
    from refexec.context import Context
    from refexec.runtime.protocols import Sender

MAX_SCOPES: Final = 255
"""Most strings in a scope."""

_STRING: Final = re.compile(rb"(?!:)(?:[0-9A-Za-z\-./_]|:(?!:|\Z)){1,255}\Z")


class _Key(enum.Enum):
    SCOPE = enum.auto()


class ProgramScope:
    """What a program may do. Safe to use from any thread."""

    def __init__(self, strings: Iterable[str] | None = None) -> None:
        """None: everything, until it is restricted."""
        self._lock = threading.Lock()
        self._strings = None if strings is None else frozenset(strings)

    def contains(self, string: str) -> bool:
        """Whether the program may do what `string` stands for."""
        strings = self.strings
        return strings is None or string in strings

    @property
    def strings(self) -> frozenset[str] | None:
        """What the program may do; None means everything."""
        with self._lock:
            return self._strings

    def restrict(self, strings: Iterable[str]) -> frozenset[str]:
        """Take everything away except `strings`, and return what is left."""
        with self._lock:
            left = frozenset(strings)
            if self._strings is not None:
                left &= self._strings
            self._strings = left
            return left


def context_with_scope(ctx: Context, scope: ProgramScope) -> Context:
    """Attach the scope of the program that is to be served with this context."""
    return ctx.with_value(_Key.SCOPE, scope)


class Scope:
    """The factory."""

    properties: Final = Properties(name="scope", revision="0")
    """Name and kind of the service."""

    def discoverable(self, ctx: Context) -> bool:
        """Always."""
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> ScopeInstance:
        """Make an instance, and restrict the scope again if it was so.

        `ProgramError` if the snapshot is no list of scope strings.
        """
        instance = ScopeInstance(config)
        if snapshot:
            instance.restrict(ctx, snapshot)
        return instance


class ScopeInstance(InstanceBase):
    """Answers the call 0 + list by restricting the program's scope to the list.

    Without a scope in the context it restricts one of its own, which nobody asks.
    """

    def __init__(self, config: InstanceConfig) -> None:
        self._config = config
        self._own = ProgramScope()
        self._left: frozenset[str] | None = None

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        """Answer a call, with nothing if it is unknown; info packets are ignored.

        `ProgramError` if the list is damaged or one of its strings is no scope string.
        """
        if packet.domain != Domain.CALL:
            return None
        reply = make_call(self._config.code)
        if packet.content[:1] == b"\0":
            self.restrict(ctx, packet.content[1:])
            reply.content = b"\0\0"  # an i16 error code: none
        return reply

    def restrict(self, ctx: Context, encoded: bytes) -> None:
        """Restrict the scope to an encoded list."""
        scope: ProgramScope = ctx.value(_Key.SCOPE) or self._own
        self._left = scope.restrict(_decode(encoded))

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        """Save what is left of the scope, if it was restricted."""
        if not suspend or self._left is None:
            return None
        return _encode(self._left)


def _encode(strings: Iterable[str]) -> bytes:
    encoded = [string.encode() for string in sorted(strings)]
    return bytes([len(encoded)]) + b"".join(bytes([len(item)]) + item for item in encoded)


def _decode(encoded: bytes) -> list[str]:
    """Read a list: u8 count, then u8 length and bytes for each. Bytes after it are ignored."""
    strings = []
    count, rest = _byte(encoded)
    for _ in range(count):
        length, rest = _byte(rest)
        item, rest = rest[:length], rest[length:]
        if len(item) < length:
            raise PacketError("scope encoding is too short")
        if not _STRING.match(item):
            # The program's text, quoted so that it cannot play tricks where it is shown.
            text = json.dumps(item.decode(errors="backslashreplace"))
            raise ProgramError(f"scope string is invalid: {text}")
        strings.append(item.decode())
    return strings


def _byte(encoded: bytes) -> tuple[int, bytes]:
    if not encoded:
        raise PacketError("scope encoding is too short")
    return encoded[0], encoded[1:]
