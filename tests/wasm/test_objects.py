"""Modules, memories, tables, globals and tags as their users see them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import ImplementationLimitError, InputError, MalformedModuleError, TrapError
from refexec.interp.store import TagInstance
from refexec.trap import TrapCause
from refexec.wasm.objects import unwrap_external, wrap_external

TEXT = """(module $name
  (import "m" "f" (func $imported (param i32 i64) (result f32 f64)))
  (import "m" "t" (table 1 2 externref)) (import "m" "m" (memory i64 3))
  (import "m" "g" (global (mut v128))) (import "m" "e" (tag (param i32)))
  (type $s (struct (field i32))) (type $a (array (mut i8)))
  (func $start) (start $start)
  (func (export "f") (param (ref null $s) (ref $a) funcref)) (memory (export "m") 1)
  (table (export "t") 1 funcref) (global (export "g") i32 (i32.const 1)) (tag (export "e")))"""


def instance(text: str) -> wasm.Instance:
    return wasm.Instance(wasm.Module(assemble(text)))


# -- modules -------------------------------------------------------------------------------------


def test_a_module_describes_itself() -> None:
    data = assemble(TEXT)
    module = wasm.Module(bytearray(data))  # type: ignore[arg-type]  # any bytes will do
    assert module.data == data
    assert module.digest == hashlib.sha256(data).hexdigest()
    assert module.has_start
    imports = [(entry.module, entry.name, str(entry.type)) for entry in module.imports]
    assert imports == [
        ("m", "f", "(i32, i64) -> (f32, f64)"),
        ("m", "t", "table i32 1..2 externref"),
        ("m", "m", "memory i64 3"),
        ("m", "g", "global (mut v128)"),
        ("m", "e", "tag (i32) -> ()"),
    ]
    exports = {entry.name: str(entry.type) for entry in module.exports}
    assert exports == {
        "f": "((ref null struct type), (ref array type), funcref) -> ()",
        "m": "memory i32 1",
        "t": "table i32 1 funcref",
        "g": "global i32",
        "e": "tag () -> ()",
    }
    assert not wasm.Module(assemble("(module)")).has_start
    paged = wasm.Module(assemble("(module (memory 5 (pagesize 1)))"), features="all")
    assert "pagesize 1" in str(paged.valid.context.memories[0])


def test_types_print_what_they_are() -> None:
    text = "(module (type (struct (field i8 (mut i32)))) (type (array (mut i16))) (type (func)))"
    types = wasm.Module(assemble(text)).valid.context.types
    assert [str(defined.composite) for defined in types] == [
        "struct {i8, (mut i32)}",
        "array (mut i16)",
        "() -> ()",
    ]
    assert [repr(defined) for defined in types] == ["struct type", "array type", "func type"]
    assert repr(wasm.ANYREF) == "anyref"
    assert repr(wasm.ReferenceType(False, wasm.ANYREF.heap)) == "(ref any)"


def test_names_of_functions() -> None:
    module = wasm.Module(assemble(TEXT))
    assert module.function_names == {0: "imported", 1: "start", 2: "f"}
    without = wasm.Module(
        b"\0asm\1\0\0\0\1\4\1\x60\0\0\2\7\1\1a\1b\0\0\3\2\1\0\7\5\1\1x\0\1\x0a\4\1\2\0\x0b"
    )
    assert without.function_names == {0: "a.b", 1: "x"}


@pytest.mark.parametrize(
    ("section", "names"),
    [
        (b"\1\4\1\0\1n", {0: "n"}),
        (b"\0\2\1m\1\4\1\0\1n", {0: "n"}),
        (b"\1\7\2\0\1n\1\1o", {0: "n", 1: "o"}),
        # Whatever is wrong only means fewer names.
        (b"\1\7\2\0\1n\1\5o", {0: "n"}),
        (b"\1\4\1\0\1\xff", {}),
        (b"\1\x80", {}),
        (b"\1\4", {}),
        (b"", {}),
        (b"\1\x50\1\0\1n", {0: "n"}),
    ],
)
def test_damaged_names_are_not_an_error(section: bytes, names: dict[int, str]) -> None:
    content = b"\4name" + section
    data = b"\0asm\1\0\0\0\0" + bytes((len(content),)) + content
    assert wasm.Module(data).function_names == names


def test_errors_are_of_the_module() -> None:
    with pytest.raises(MalformedModuleError):
        wasm.Module(b"")
    with pytest.raises(ImplementationLimitError):
        wasm.Module(assemble(TEXT), wasm.Limits(module_size=10))


# -- memories ------------------------------------------------------------------------------------


def test_memory_from_outside() -> None:
    memory = wasm.Memory(wasm.MemoryType(wasm.SizeLimits(1, 2)))
    assert (memory.size, memory.pages) == (65536, 1)
    assert str(memory.type) == "memory i32 1..2"
    memory.write(65534, b"ab")
    memory.write(0, bytearray(b"x"))
    memory.write(1, memoryview(b"y"))
    assert memory.read(65534, 2) == b"ab"
    assert memory.read(0, 3) == b"xy\0"
    assert memory.read(65536, 0) == b""
    for address, length in ((65535, 2), (-1, 1), (0, -1), (65537, 0), (2**70, 1)):
        with pytest.raises(TrapError) as caught:
            memory.read(address, length)
        assert caught.value.cause is TrapCause.MEMORY_OUT_OF_BOUNDS
    for address, data in ((65535, b"ab"), (-1, b"a"), (65537, b"")):
        with pytest.raises(TrapError):
            memory.write(address, data)
    assert memory.read(65535, 1) == b"b"
    assert memory.grow(1)
    assert not memory.grow(1)
    assert not memory.grow(-1)
    assert memory.read(65534, 4) == b"ab\0\0"
    assert memory.size == 131072


def test_memory_is_there_without_being_exported() -> None:
    started = instance('(module (memory 1) (data (i32.const 3) "abc"))')
    assert started.memory is not None
    assert started.memory.read(3, 3) == b"abc"
    assert started.memory == started.memory
    assert instance("(module)").memory is None
    empty = instance("(module (memory 0))").memory
    assert empty is not None
    assert empty.size == 0


def test_memory_with_small_pages() -> None:
    module = wasm.Module(assemble("(module (memory 10 20 (pagesize 1)))"), features="all")
    memory = wasm.Instance(module).memory
    assert memory is not None
    assert (memory.size, memory.pages) == (10, 10)
    assert memory.grow(10)
    assert not memory.grow(1)
    assert memory.size == 20


def test_memories_and_tables_larger_than_the_limits_are_not_made() -> None:
    limits = wasm.Limits(memory_pages=1, table_entries=1)
    with pytest.raises(ImplementationLimitError) as caught:
        wasm.Memory(wasm.MemoryType(wasm.SizeLimits(2)), limits)
    assert caught.value.limit == "memory_pages"
    with pytest.raises(ImplementationLimitError) as caught:
        wasm.Table(wasm.TableType(wasm.FUNCREF, wasm.SizeLimits(2)), limits)
    assert caught.value.limit == "table_entries"


# -- tables, globals, tags -----------------------------------------------------------------------


def test_table_from_outside() -> None:
    table = wasm.Table(wasm.TableType(wasm.EXTERNREF, wasm.SizeLimits(2)))
    assert len(table) == 2
    assert str(table.type) == "table i32 2 externref"
    assert table.get(0) is None
    thing = object()
    table.set(1, thing)
    assert table.get(1) is thing
    for index in (-1, 2):
        with pytest.raises(TrapError) as caught:
            table.get(index)
        assert caught.value.cause is TrapCause.TABLE_OUT_OF_BOUNDS
        with pytest.raises(TrapError):
            table.set(index, None)
    functions = wasm.Table(wasm.TableType(wasm.FUNCREF, wasm.SizeLimits(1)))
    with pytest.raises(InputError, match="element"):
        functions.set(0, thing)
    function = wasm.HostFunction(wasm.FunctionType(), lambda: None)
    functions.set(0, function)
    assert isinstance(functions.get(0), wasm.ExportedFunction)


def test_global_from_outside() -> None:
    variable = wasm.Global(wasm.GlobalType(wasm.F32, True), 1.5)
    assert variable.get() == 1.5
    assert variable.get(bits=True) == 0x3FC00000
    variable.set(0x7FA00001, bits=True)
    assert variable.get(bits=True) == 0x7FA00001
    assert str(variable.type) == "global (mut f32)"
    for value in ("x", None):
        with pytest.raises(InputError, match="global"):
            variable.set(value)
    constant = wasm.Global(wasm.GlobalType(wasm.I64), -1)
    assert constant.get() == -1
    assert constant.get(bits=True) == 2**64 - 1
    with pytest.raises(InputError, match="immutable"):
        constant.set(5)
    with pytest.raises(InputError):
        wasm.Global(wasm.GlobalType(wasm.I32), 1.5)


def test_objects_are_equal_if_they_stand_for_the_same() -> None:
    text = """(module (memory (export "m") 1) (export "n" (memory 0)) (memory (export "o") 1)
      (tag (export "e") (param i32)))"""
    exports = instance(text).exports
    assert exports["m"] == exports["n"]
    assert exports["m"] != exports["o"]
    assert exports["m"] != 5
    assert len({exports["m"], exports["n"], exports["o"]}) == 2
    tag = exports["e"]
    assert isinstance(tag, wasm.Tag)
    assert str(tag.type) == "tag (i32) -> ()"
    assert isinstance(tag.inner, TagInstance)
    assert wasm.Tag(wasm.FunctionType((wasm.I32,))) != tag


def test_what_is_no_object_of_a_store() -> None:
    nothing: Any = object()
    assert unwrap_external(nothing) is None
    with pytest.raises(TypeError):
        wrap_external(nothing, None)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: wasm.Memory(1), "memory: expected a MemoryType, found int"),
        (lambda: wasm.Table(wasm.FUNCREF), "table: expected a TableType, found ReferenceType"),
        (lambda: wasm.Global(wasm.I32, 1), "global: expected a GlobalType, found NumberType"),
        (lambda: wasm.Tag("f"), "tag: expected a FunctionType, found str"),
    ],
)
def test_what_the_host_makes_an_object_of(make: Callable[[], object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()
