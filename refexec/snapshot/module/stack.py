"""Content of `gate.stack`: little-endian words of 64 bits, the innermost frame first.

Only the stack of a program that has not begun means the same everywhere. Any other one is that of
machine code which Gate's compiler made of the program: its call sites are numbered by their
addresses in that code, and its frames hold what that code had spilled. Such a stack can be looked
at, and kept, but not run.
"""

from __future__ import annotations

import struct
from typing import Final, NoReturn

from refexec.errors import ProgramError
from refexec.record import record
from refexec.snapshot.module.layout import STACK

_WORD = 8
_NONE = (1 << 64) - 1
_NONES = (_NONE, (1 << 32) - 1)
"""Both stand for no function: exported inside a start function it has 32 bits only."""

# The call sites in the code that enters a program come first in any machine code.
_ENTER: Final = 0
_START_RETURN: Final = 1
_ENTRY_RETURN: Final = 2

_INITIAL = 2 * _WORD << 32 | _ENTER


@record(frozen=True)
class InitialStack:
    """The stack of a program that has not begun."""

    start: int | None
    """Index of the start function, None if there is none to be called."""

    entry: int | None
    """Index of the entry function, None if there is none to be called."""

    def encode(self) -> bytes:
        """The content of the section: 24 bytes."""
        indices = (_NONE if index is None else index for index in (self.start, self.entry))
        return struct.pack("<3Q", _INITIAL, *indices)


@record(frozen=True)
class NativeFrame:
    """A frame of machine code."""

    call_site: int
    """Number of the place where execution goes on: call sites by ascending address."""

    size: int
    """Bytes of the frame, the return address included."""

    words: tuple[int, ...]
    """What the frame holds, most recently pushed first: operands, then locals."""


@record(frozen=True)
class NativeStack:
    """The stack of machine code."""

    content: bytes
    """The content of the section."""

    frames: tuple[NativeFrame, ...]
    """Frames of functions of the program, innermost first."""

    inside: str
    """Phase: 'start' or 'entry', for the function that the outermost frame belongs to."""

    entry: int | None = None
    """In the phase 'start': index of the entry function that is still to be called, if any."""

    def encode(self) -> bytes:
        """The content of the section."""
        return self.content


def read_stack(content: bytes, max_size: int) -> InitialStack | NativeStack:
    """Read `gate.stack`. Raises `ProgramError` if it is no stack, or has more than `max_size`."""
    if len(content) > max_size:
        raise ProgramError(f"{STACK} section is too large")
    if not content or len(content) % _WORD:
        _refuse(f"invalid stack size {len(content)}")
    words = struct.unpack(f"<{len(content) // _WORD}Q", content)
    if words[0] == _INITIAL:
        if len(words) != 3:
            _refuse(f"a program that has not begun has {len(words)} words, expected 3")
        start, entry = (None if word in _NONES else _index(word) for word in words[1:])
        return InitialStack(start, entry)
    return _walk(content, words)


def _walk(content: bytes, words: tuple[int, ...]) -> NativeStack:
    frames: list[NativeFrame] = []
    at = 0
    while True:
        if at >= len(words):
            _refuse("ran out of stack before initial call")
        size, call_site = divmod(words[at], 1 << 32)
        rest = words[at + 1 :] if call_site <= _ENTRY_RETURN else ()
        if call_site == _ENTRY_RETURN:
            if size or rest:
                _refuse(f"{_WORD * len(rest)} bytes of excess data at start of stack")
            return NativeStack(content, tuple(frames), "entry")
        if call_site == _START_RETURN:
            if size != _WORD or len(rest) != 1:
                _refuse("initial function call site has inconsistent stack offset")
            entry = None if rest[0] in _NONES else _index(rest[0])
            return NativeStack(content, tuple(frames), "start", entry)
        if not size or size % _WORD or call_site == _ENTER:
            _refuse(f"invalid stack offset {size} of call site {call_site}")
        end = at + size // _WORD
        frames.append(NativeFrame(call_site, size, words[at + 1 : end]))
        at = end


def _index(word: int) -> int:
    if word >> 32:
        _refuse(f"function index {word} is unknown")
    return word


def _refuse(message: str) -> NoReturn:
    raise ProgramError(f"{STACK} section: {message}")
