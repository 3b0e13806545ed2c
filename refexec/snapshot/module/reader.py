"""Reading a module in the form of a snapshot.

`read` gives its parts, and the module that is to be run: the same one as it would be without being
a snapshot. In that, exports are visible, Gate's sections are gone, and the start function is there
only if it is still to be called.
"""

from __future__ import annotations

from collections.abc import Iterator

from refexec.errors import SnapshotError
from refexec.record import record
from refexec.snapshot.module import encoding as e
from refexec.snapshot.module.contents import Record, check_exports, read_buffers, read_record
from refexec.snapshot.module.layout import (
    EXPORTS,
    GATE_SECTIONS,
    ORDER,
    OWN_STACK,
    STACK,
    Section,
    find,
    split,
)
from refexec.snapshot.module.stack import InitialStack, NativeStack, read_stack
from refexec.snapshot.module.state import OwnStack, decode_own_stack, digest_of
from refexec.snapshot.records import Buffers


@record(frozen=True)
class Form:
    """The parts of a module in the form of a snapshot."""

    record: Record
    """How the last run ended."""

    runnable: bytes
    """The module that is to be run."""

    buffers: Buffers | None
    """What was on its way; None if the module does not say."""

    stack: InitialStack | NativeStack | None
    """The content of `gate.stack`, if there is one."""

    own: OwnStack | None
    """The content of `gate.python.stack`, if there is one. Its state is not checked yet."""

    hidden: bool
    """Whether exports are hidden in `gate.export`."""

    @property
    def phase(self) -> str:
        """How far the program has come; one of `refexec.snapshot.PHASES`."""
        if self.own is not None:
            return self.own.phase
        if isinstance(self.stack, NativeStack):
            return self.stack.inside
        return "halted" if self.stack is None else "fresh"

    @property
    def suspended(self) -> bool:
        """Whether there is something to go on with, so that no entry may be chosen."""
        return self.stack is not None or self.phase in ("start", "entry")


def read(data: bytes, *, max_stack: int) -> Form | None:
    """Take a module to pieces, or give None if it is not in the form of a snapshot.

    `max_stack` is the most bytes that `gate.stack` may have. Raises `ProgramError` for Gate's
    sections if they are damaged or at a wrong place, and `SnapshotError` for ours, and for parts
    that contradict each other.
    """
    sections = split(data)
    if sections is None:
        return None
    found = find(data, sections)
    if not found:
        return None

    def content(name: str) -> bytes | None:
        section = found.get(name)
        return None if section is None else data[section.start : section.end]

    record, exports, buffers, stack, own = map(content, GATE_SECTIONS)
    assert record is not None
    if exports is not None:
        check_exports(exports)
    form = Form(
        record=read_record(record),
        runnable=b"",
        buffers=None if buffers is None else read_buffers(buffers),
        stack=None if stack is None else read_stack(stack, max_stack),
        own=None if own is None else decode_own_stack(own),
        hidden=exports is not None,
    )
    if form.own is not None:
        _check_own_stack(form, form.own)
        if form.own.digest != digest_of(data):
            raise SnapshotError(f"{OWN_STACK} section belongs to another module")
    return _with_runnable(form, data, sections)


def _check_own_stack(form: Form, own: OwnStack) -> None:
    """Find contradictions between what we say and what Gate's sections say."""
    match own.phase, form.stack:
        case ("fresh", InitialStack()) | ("start" | "entry" | "halted" | "terminated", None):
            pass
        case ("halted", InitialStack(start=None)):
            pass
        case _:
            there = "no" if form.stack is None else "another"
            raise SnapshotError(
                f"{OWN_STACK} section is about a program that is {own.phase}, "
                f"but there is {there} {STACK} section"
            )
    if own.entry is not None and own.phase != "start":
        raise SnapshotError(f"{OWN_STACK} section has an entry, but is not in the start function")


def _with_runnable(form: Form, data: bytes, sections: list[Section]) -> Form:
    start = form.stack.start if isinstance(form.stack, InitialStack) else None
    return Form(
        form.record,
        b"".join(_runnable(data, sections, start)),
        form.buffers,
        form.stack,
        form.own,
        form.hidden,
    )


def _runnable(data: bytes, sections: list[Section], start: int | None) -> Iterator[bytes]:
    """The module without being a snapshot, piece by piece."""
    yield data[:8]
    for section in sections:
        if start is not None and section.id and ORDER.index(section.id) > ORDER.index(e.START):
            yield e.section(e.START, e.unsigned(start))
            start = None
        if section.name == EXPORTS:
            yield data[section.start : section.end]
        elif section.name not in GATE_SECTIONS and section.id != e.START:
            yield data[section.offset : section.end]
    if start is not None:
        yield e.section(e.START, e.unsigned(start))
