"""The sections of a module as ranges of bytes, and the places where those of Gate may stand.

This looks at frames only: what is inside a standard section is the decoder's business.
"""

from __future__ import annotations

from typing import Final, NoReturn

from refexec.errors import ModuleError, ProgramError
from refexec.interp.binary import MAGIC, SECTION_NAMES, VERSION
from refexec.interp.reader import Reader
from refexec.record import record
from refexec.snapshot.module import encoding as e

SNAPSHOT: Final = "gate.snapshot"
EXPORTS: Final = "gate.export"
BUFFER: Final = "gate.buffer"
STACK: Final = "gate.stack"
OWN_STACK: Final = "gate.python.stack"

GATE_SECTIONS: Final = (SNAPSHOT, EXPORTS, BUFFER, STACK, OWN_STACK)
"""Names of the custom sections with a meaning, in the order in which they stand."""

# Standard sections in their order; those of Gate stand between them.
ORDER: Final = (
    e.TYPE,
    e.IMPORT,
    e.FUNCTION,
    e.TABLE,
    e.MEMORY,
    e.TAG,
    e.GLOBAL,
    e.EXPORT,
    e.START,
    e.ELEMENT,
    e.DATA_COUNT,
    e.CODE,
    e.DATA,
)


@record(frozen=True)
class Section:
    """Where a section lies."""

    id: int
    offset: int
    """Offset of the id byte."""
    start: int
    """Offset of the content; for a custom section, of what follows its name."""
    end: int
    name: str = ""
    """Name of a custom section; of no interest if it is not one of Gate's."""


def split(data: bytes) -> list[Section] | None:
    """Find the sections of a module, or None if the bytes are not even outwardly one.

    What is wrong with them then, the decoder will say better.
    """
    if data[:8] != MAGIC + VERSION:
        return None
    sections = []
    reader = Reader(data)
    reader.pos = 8
    try:
        while reader.pos < len(data):
            offset = reader.pos
            number = reader.byte()
            size = reader.u32()
            start = reader.pos
            end = start + size
            if number not in SECTION_NAMES or end > len(data):
                return None
            title = ""
            if number == e.CUSTOM:
                reader.end = end
                title = reader.name()
                start = reader.pos
                reader.end = len(data)
            sections.append(Section(number, offset, start, end, title))
            reader.pos = end
    except ModuleError:
        return None
    return sections


def is_form(data: bytes) -> bool:
    """Tell whether the bytes look like a module in the form of a snapshot."""
    return any(section.name in GATE_SECTIONS for section in split(data) or ())


def find(data: bytes, sections: list[Section]) -> dict[str, Section]:
    """Gate's sections by name. Raises `ProgramError` if one is at a wrong place (scenario 120)."""
    found: dict[str, Section] = {}
    standard = [section.id for section in sections if section.id != e.CUSTOM]
    passed = 0  # standard sections before the one at hand
    for section in sections:
        if section.id != e.CUSTOM:
            passed += 1
        elif section.name in GATE_SECTIONS:
            if section.name in found:
                raise ProgramError(f"multiple {section.name} sections in wasm module")
            _check_place(section.name, found, standard[:passed], standard[passed:])
            found[section.name] = section
    return found


def _check_place(name: str, found: dict[str, Section], before: list[int], after: list[int]) -> None:
    """Check where a section stands among its own kind and the standard sections."""
    if name == SNAPSHOT:
        if found or e.CODE in before or e.DATA in before:
            _misplaced(name, "late")
        return
    if SNAPSHOT not in found:
        raise ProgramError(f"{name} section without {SNAPSHOT} section")
    if name == EXPORTS:
        if any(ORDER.index(number) >= ORDER.index(e.EXPORT) for number in before):
            _misplaced(name, "late")
        if any(ORDER.index(number) <= ORDER.index(e.EXPORT) for number in after):
            _misplaced(name, "early")
        return
    later = GATE_SECTIONS[GATE_SECTIONS.index(name) + 1 :]
    if e.DATA in before or any(other in found for other in later):
        _misplaced(name, "late")
    if any(number != e.DATA for number in after):
        _misplaced(name, "early")


def _misplaced(name: str, how: str) -> NoReturn:
    raise ProgramError(f"{name} section appears too {how} in wasm module")
