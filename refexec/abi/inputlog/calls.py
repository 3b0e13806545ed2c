"""One host call in an input log: who was called, what it did, how it ended; and the bytes for that.

Numbers are unsigned LEB128 of at most 64 bits (`varint`). A call is

    varint          which import is called, counted over the module's function imports from 0; of
                    several imports of the same name the first
    varint          fuel spent by the program, this call included, since the call before (or ever,
                    if it is the run's first)
    varint, varint* number of arguments; the arguments, unsigned
    effects         any number, in the order in which they came to pass, each one byte and

        01 wrote     varint address, varint size, bytes    was written to memory
        02 received  varint address, varint size, bytes    likewise, from the packet stream
        03 sent      varint address, varint size, check    went from memory to the packet stream
        04 sent      varint size, bytes                    likewise, but from an argument
        05 logged    varint address, varint size, check    went from memory to the debug log

    outcome         how it ended, one byte and

        10 returned  varint, varint*                       number of results; the results, unsigned
        11 trapped   varint size, UTF-8                    the cause, in the words of `TrapCause`
        12 suspended                                       to be called again after a resume
        13 deficient varint size, UTF-8                    likewise; what the ABI could not serve
        14 exited    varint status                         ended the process

A *check* is the first 8 bytes of a SHA-256: what left the program is not stored, since the program
makes it again, but compared.

Whether a call fits the module and its memory is not judged here, but by the replayer.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Sequence
from typing import Final

from refexec.errors import InputLogError
from refexec.record import record

CHECK_SIZE: Final = 8
"""Bytes of a check."""

MAX_ARGUMENTS: Final = 16
"""Most arguments, and most results, of a call. No function of the ABI has as many."""

MAX_TEXT: Final = 4096
"""Most bytes of a text."""

_VARINT_BITS = 64


def check_of(data: bytes) -> bytes:
    """The check of bytes that left the program."""
    return hashlib.sha256(data).digest()[:CHECK_SIZE]


class EffectKind(enum.IntEnum):
    """What a call did to the program's memory or with it."""

    WROTE = 1
    RECEIVED = 2
    SENT = 3
    SENT_ARGUMENT = 4
    LOGGED = 5


class OutcomeKind(enum.IntEnum):
    """How a call ended."""

    RETURNED = 0x10
    TRAPPED = 0x11
    SUSPENDED = 0x12
    DEFICIENT = 0x13
    EXITED = 0x14


@record(frozen=True)
class Effect:
    """One thing that a call did."""

    kind: EffectKind

    address: int
    """Where in memory; 0 for `SENT_ARGUMENT`."""

    size: int
    """How many bytes."""

    data: bytes
    """The bytes themselves, or their check if the program makes them itself."""


@record(frozen=True)
class Outcome:
    """How a call ended."""

    kind: OutcomeKind

    values: tuple[int, ...] = ()
    """Results, or the one exit status."""

    text: str = ""
    """The cause of a trap, or what could not be served."""


@record(frozen=True)
class Call:
    """One host call."""

    function: int
    """Which function import of the module."""

    fuel: int
    """Fuel spent since the call before."""

    arguments: tuple[int, ...]
    """Unsigned."""

    effects: tuple[Effect, ...]
    """In the order in which they came to pass."""

    outcome: Outcome


# -- writing -------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    """An unsigned number in LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_head(function: int, fuel: int, arguments: Sequence[int]) -> bytes:
    """What a call begins with."""
    return b"".join(map(varint, (function, fuel, len(arguments), *arguments)))


def encode_effect(kind: EffectKind, address: int, size: int, data: bytes | bytearray) -> bytes:
    """One effect."""
    place = b"" if kind is EffectKind.SENT_ARGUMENT else varint(address)
    return bytes([kind]) + place + varint(size) + data


def encode_outcome(outcome: Outcome) -> bytes:
    """What a call ends with."""
    tag = bytes([outcome.kind])
    match outcome.kind:
        case OutcomeKind.RETURNED:
            return tag + b"".join(map(varint, (len(outcome.values), *outcome.values)))
        case OutcomeKind.EXITED:
            return tag + varint(outcome.values[0])
        case OutcomeKind.SUSPENDED:
            return tag
        case _:
            text = outcome.text.encode("utf-8", "backslashreplace")
            text = text[:MAX_TEXT].decode("utf-8", "ignore").encode()
            return tag + varint(len(text)) + text


# -- reading -------------------------------------------------------------------------------------


class _Reader:
    """Takes a call apart, and believes nothing of it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._data)

    def fault(self, what: str) -> InputLogError:
        return InputLogError(f"{what} at byte {self._at}")

    def byte(self) -> int:
        if self.done:
            raise self.fault("is cut short")
        value = self._data[self._at]
        self._at += 1
        return value

    def number(self) -> int:
        value = 0
        for shift in range(0, _VARINT_BITS, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                # One number, one encoding: no zeros in front.
                if value >> _VARINT_BITS or (byte == 0 and shift):
                    break
                return value
        raise self.fault("has a number that is too long")

    def numbers(self) -> tuple[int, ...]:
        count = self.number()
        if count > MAX_ARGUMENTS:
            raise self.fault(f"has {count} arguments or results")
        return tuple(self.number() for _ in range(count))

    def bytes(self, size: int) -> bytes:
        if size > len(self._data) - self._at:
            raise self.fault("is cut short")
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self) -> str:
        size = self.number()
        if size > MAX_TEXT:
            raise self.fault(f"has a text of {size} bytes")
        try:
            return self.bytes(size).decode()
        except UnicodeDecodeError:
            raise self.fault("has a text that is not UTF-8") from None


def decode_call(data: bytes) -> Call:
    """Read a call. `InputLogError` if the bytes are not exactly one."""
    reader = _Reader(data)
    function, fuel = reader.number(), reader.number()
    arguments = reader.numbers()
    effects = []
    while (tag := reader.byte()) in EffectKind.__members__.values():
        kind = EffectKind(tag)
        address = 0 if kind is EffectKind.SENT_ARGUMENT else reader.number()
        size = reader.number()
        stored = kind not in (EffectKind.SENT, EffectKind.LOGGED)
        effects.append(Effect(kind, address, size, reader.bytes(size if stored else CHECK_SIZE)))
    if tag not in OutcomeKind.__members__.values():
        raise reader.fault(f"has an unknown item 0x{tag:02x}")
    outcome = _outcome(OutcomeKind(tag), reader)
    if not reader.done:
        raise reader.fault("goes on after its end")
    return Call(function, fuel, arguments, tuple(effects), outcome)


def _outcome(kind: OutcomeKind, reader: _Reader) -> Outcome:
    match kind:
        case OutcomeKind.RETURNED:
            return Outcome(kind, reader.numbers())
        case OutcomeKind.EXITED:
            return Outcome(kind, (reader.number(),))
        case OutcomeKind.SUSPENDED:
            return Outcome(kind)
        case _:
            return Outcome(kind, text=reader.text())
