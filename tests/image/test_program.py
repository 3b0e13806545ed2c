"""Programs: what is refused when one is built, and what one enters."""

from __future__ import annotations

import hashlib

import pytest

from assemble import assemble
from refexec import image, wasm
from refexec.errors import (
    EntryError,
    ImplementationLimitError,
    ImportResolutionError,
    LimitError,
    LinkError,
    MalformedModuleError,
    ModuleError,
    is_program_error,
)

ENTRIES = """(module
  (func (export "main")) (func (export "value") (result i32) (i32.const 0))
  (func (export "param") (param i32)) (func (export "long") (result i64) (i64.const 0))
  (memory (export "memory") 1))"""
STARTS = '(module (func (export "_start")) (func (export "foo")))'
ODD_START = '(module (func (export "_start") (param i32)) (func (export "foo")))'
RANDOM = """(module (import "wasi_unstable" "random_get"
  (func (param i32 i32) (result i32))))"""


def program(wat: str) -> image.Program:
    return image.Program(assemble(wat))


def test_what_a_program_is() -> None:
    data = assemble(ENTRIES)
    made = image.Program(data)
    assert made.module.data == data
    assert made.digest == hashlib.sha256(data).hexdigest()
    assert repr(made) == f"<Program {made.digest[:12]}>"
    assert not made.random
    assert program(RANDOM).random


@pytest.mark.parametrize("data", [b"", b"\0asm", b"#!/bin/sh\n", bytes(100)])
def test_what_is_no_module(data: bytes) -> None:
    with pytest.raises(MalformedModuleError):
        image.Program(data)


def test_a_module_that_is_too_large() -> None:
    with pytest.raises(ImplementationLimitError):
        image.Program(assemble(ENTRIES), limits=wasm.Limits(module_size=10))


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ('"env" "foo" (func)', 'import function not supported: "env" "foo"'),
        ('"gate" "io_65535" (func)', "value of symbol size suffix is too small: io_65535"),
        ('"gate" "io_065536" (func)', "invalid size suffix in symbol: io_065536"),
        ('"gate" "io_" (func)', "invalid size suffix in symbol: io_"),
        ('"gate" "fd" (func (result i32))', 'import function not supported: "gate" "fd"'),
        ('"env" "g" (global i32)', 'import global not supported: "env" "g"'),
        (
            '"wasi_unstable" "fd_write" (func (param i32 i32 i32) (result i32))',
            "imported with wrong signature",
        ),
    ],
)
def test_s017_s018_imports_that_do_not_exist(item: str, message: str) -> None:
    with pytest.raises(ImportResolutionError, match=message) as caught:
        program(f"(module (import {item}))")
    assert is_program_error(caught.value)


def test_imports_of_other_kinds() -> None:
    with pytest.raises(LinkError):
        program('(module (import "env" "memory" (memory 1)))')


@pytest.mark.parametrize(
    ("wat", "name", "entry"),
    [
        (ENTRIES, "", None),
        (ENTRIES, "main", "main"),
        (ENTRIES, "value", "value"),
        (ENTRIES, "_start", None),
        (STARTS, "", "_start"),
        (ODD_START, "", None),
        (ODD_START, "foo", "foo"),
    ],
)
def test_s016_entries(wat: str, name: str, entry: str | None) -> None:
    assert image.Instance(program(wat), entry=name).entry == entry


@pytest.mark.parametrize(
    ("wat", "name", "message"),
    [
        (STARTS, "foo", "may not be specified for program with _start function"),
        (STARTS, "_start", "may not be specified for program with _start function"),
        (ENTRIES, "nope", "not exported or it cannot be used as entry function"),
        (ENTRIES, "param", "not exported or it cannot be used as entry function"),
        (ENTRIES, "long", "not exported or it cannot be used as entry function"),
        (ENTRIES, "memory", "not exported or it cannot be used as entry function"),
    ],
)
def test_s016_entries_that_are_refused(wat: str, name: str, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        image.Instance(program(wat), entry=name)


def test_s019_later_instructions_are_accepted() -> None:
    program("(module (func (param i32) (result i32 i32) (local.get 0) (local.get 0)))")


def test_a_memory_that_is_too_large_to_begin_with() -> None:
    made = program("(module (memory 11))")
    assert image.Instance(made, limits=wasm.Limits(memory_pages=11)).memory_size == 11 << 16
    with pytest.raises(LimitError, match="out of memory"):
        image.Instance(made, limits=wasm.Limits(memory_pages=10))


def test_errors_of_modules_say_where() -> None:
    with pytest.raises(ModuleError, match="offset 0x"):
        image.Program(assemble(ENTRIES)[:-1])
