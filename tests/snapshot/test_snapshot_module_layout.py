"""Where the sections of a snapshot in the form of a module may stand."""

from __future__ import annotations

import pytest

import foreign
from encode import EMPTY
from foreign import (
    CODE,
    DATA,
    EXPORTS,
    FUNCTIONS,
    GLOBALS,
    MEMORY,
    TYPES,
    buffers,
    custom,
    hidden,
    initial_stack,
    joined,
    record,
)
from refexec import image
from refexec.errors import MalformedModuleError, ProgramError
from refexec.snapshot.module import is_form

RECORD, BUFFER, STACK = record(), buffers(b"in"), initial_stack()
EARLY = (TYPES, FUNCTIONS, MEMORY, GLOBALS)
OWN = custom("gate.python.stack", b"")


def refusal(*sections: bytes) -> str:
    with pytest.raises(ProgramError) as raised:
        image.Program(joined(sections))
    return str(raised.value)


@pytest.mark.parametrize(
    "sections",
    [
        (*EARLY, RECORD, EXPORTS, CODE, BUFFER, STACK, DATA),
        (*EARLY, RECORD, hidden(EXPORTS), CODE, BUFFER, STACK, DATA),
        # Custom sections may stand between any others.
        (custom("a", b""), RECORD, *EARLY, custom("b", b""), EXPORTS, CODE, custom("c", b""), DATA),
        (*EARLY, EXPORTS, RECORD, CODE, BUFFER, custom("d", b""), STACK),
        (RECORD, BUFFER, STACK),
        (RECORD,),
    ],
)
def test_places_that_are_right(sections: tuple[bytes, ...]) -> None:
    data = joined(sections)
    assert is_form(data)
    program = image.Program(data)
    assert program.form is not None
    assert program.data == data


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ((BUFFER,), "gate.buffer section without gate.snapshot section"),
        ((STACK,), "gate.stack section without gate.snapshot section"),
        ((hidden(EXPORTS),), "gate.export section without gate.snapshot section"),
        ((OWN,), "gate.python.stack section without gate.snapshot section"),
        ((hidden(EXPORTS), RECORD), "gate.export section without gate.snapshot section"),
        ((RECORD, RECORD), "multiple gate.snapshot sections in wasm module"),
        ((*EARLY, RECORD, CODE, RECORD), "multiple gate.snapshot sections in wasm module"),
        ((*EARLY, CODE, RECORD, DATA), "gate.snapshot section appears too late in wasm module"),
        ((*EARLY, CODE, DATA, RECORD), "gate.snapshot section appears too late in wasm module"),
        ((RECORD, BUFFER, BUFFER), "multiple gate.buffer sections in wasm module"),
        ((RECORD, STACK, STACK), "multiple gate.stack sections in wasm module"),
        (
            (RECORD, hidden(EXPORTS), hidden(EXPORTS)),
            "multiple gate.export sections in wasm module",
        ),
        ((RECORD, STACK, BUFFER), "gate.buffer section appears too late in wasm module"),
        ((RECORD, OWN, STACK), "gate.stack section appears too late in wasm module"),
        (
            (*EARLY, RECORD, BUFFER, CODE, DATA),
            "gate.buffer section appears too early in wasm module",
        ),
        ((*EARLY, RECORD, STACK, CODE), "gate.stack section appears too early in wasm module"),
        (
            (*EARLY, RECORD, CODE, DATA, BUFFER),
            "gate.buffer section appears too late in wasm module",
        ),
        ((*EARLY, RECORD, CODE, DATA, STACK), "gate.stack section appears too late in wasm module"),
        (
            (*EARLY, RECORD, EXPORTS, hidden(EXPORTS), CODE),
            "gate.export section appears too late in wasm module",
        ),
        (
            (*EARLY, RECORD, CODE, hidden(EXPORTS)),
            "gate.export section appears too late in wasm module",
        ),
        (
            (*EARLY, RECORD, hidden(EXPORTS), EXPORTS, CODE),
            "gate.export section appears too early in wasm module",
        ),
        (
            (RECORD, hidden(EXPORTS), *EARLY, CODE),
            "gate.export section appears too early in wasm module",
        ),
    ],
)
def test_s120_places_that_are_wrong(sections: tuple[bytes, ...], message: str) -> None:
    assert refusal(*sections) == message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0asm",
        EMPTY,
        EMPTY + RECORD[:-1],
        EMPTY + b"\x01",
        EMPTY + b"\0\x05\x09gate",
        EMPTY + b"\x63\x00" + RECORD,
        b"\0asm\x02\0\0\0" + RECORD,
    ],
)
def test_what_is_not_outwardly_such_a_module(data: bytes) -> None:
    assert not is_form(data)
    if data == EMPTY:
        assert image.Program(data).form is None
    else:
        with pytest.raises(MalformedModuleError):
            image.Program(data)


def test_an_error_in_the_module_is_where_the_file_has_it() -> None:
    broken = joined((*EARLY, RECORD, hidden(EXPORTS), CODE[:-1] + b"\x01"))
    offset = len(broken)
    with pytest.raises(MalformedModuleError) as raised:
        image.Program(broken)
    assert raised.value.offset == offset


def test_hidden_exports_must_be_an_export_section() -> None:
    assert refusal(*EARLY, RECORD, hidden(CODE), CODE) == (
        "gate.export section does not contain a standard export section"
    )


def test_the_runnable_module_is_the_same_without_being_a_snapshot() -> None:
    data = joined((*EARLY, RECORD, hidden(EXPORTS), CODE, BUFFER, initial_stack(0, 1), DATA))
    program = image.Program(data)
    start = b"\x08\x01\x00"
    assert program.module.data == joined((*EARLY, EXPORTS, start, CODE, DATA))
    # A start section that is left over counts for nothing, as does one behind the sections.
    data = joined((*EARLY, RECORD, EXPORTS, b"\x08\x01\x01", CODE, DATA))
    assert image.Program(data).module.data == joined((*EARLY, EXPORTS, CODE, DATA))


def test_a_start_function_that_is_none() -> None:
    data = foreign.form(initial_stack(9))
    with pytest.raises(ProgramError, match=r"^gate.stack section: unknown function 9$"):
        image.Program(data)
    with pytest.raises(ProgramError, match=r"^gate.stack section: .*start"):
        image.Program(foreign.form(initial_stack(2)))
    with pytest.raises(ProgramError, match=r"^gate.stack section: unknown function 0$"):
        image.Program(joined((RECORD, initial_stack(0))))
