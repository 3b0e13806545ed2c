"""Generated code holds nothing of the guest's: no name, no import, no custom section, no data.

A module is made by hand with a text in every place that can hold any. Whatever the texts are, the
generated code is the same.
"""

from __future__ import annotations

import keyword
import re
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encode import body, leb, module, section, sized, vector
from refexec import wasm
from refexec.cli.main import main
from refexec.interp.limits import Limits
from refexec.translate.listing import list_python
from refexec.translate.namespace import FIXED

ALLOWED = re.compile(
    r"[fls]|[ls]\d+_[0-3]|[lsvxfbcghnopqrtw]\d+|k\d+_\d+r?_\d+|a|c|d|e|i|y|z|fuel|outer"
)
HELPERS = {"out", "step", "meter", "element", "referenced", "throw", "throw_ref", "unreachable"}
HELPERS |= {"deeper", "turns"}
ATTRIBUTES = {"value", "pages", "elements", "defined", "entry", "bit_length", "bit_count"}
ATTRIBUTES |= {"fill", "copy", "to_bytes", "index", "stop"}

PLACES = 43
"""Texts that a module takes."""

CODE = (
    b"\x10\x00"  # call 0
    b"\x20\x00\x28\x02\x00"  # local.get 0, i32.load
    b"\x23\x00\x6a\x24\x00"  # global.get 0, i32.add, global.set 0
    b"\x20\x00\x41\x00\x11\x01\x00"  # local.get 0, i32.const 0, call_indirect 1
    b"\x20\x00\x20\x00\xfd\x11\x20\x00\xfd\x0f"  # an address, i32x4.splat, i8x16.splat
    b"\xfd\xe4\x01\xfd\x0b\x00\x00"  # f32x4.add, v128.store
    b"\x02\x40\x20\x00\x0d\x00"  # block, local.get 0, br_if 0
    b"\x20\x00\x08\x00\x0b"  # local.get 0, throw 0
    b"\x41\x07\x6a"  # i32.const 7, i32.add
)


def _names(text: Iterator[bytes]) -> bytes:
    """A name section that names everything that can have a name."""

    def flat(number: int, *indices: int) -> bytes:
        names = vector(*(leb(index) + sized(next(text)) for index in indices))
        return bytes((number,)) + sized(names)

    def nested(number: int) -> bytes:
        inner = vector(leb(0) + sized(next(text)))
        return bytes((number,)) + sized(vector(leb(1) + inner))

    parts = (
        b"\0" + sized(sized(next(text))),
        flat(1, 0, 1),
        nested(2),  # locals
        nested(3),  # labels
        flat(4, 0, 1, 2),  # types
        flat(5, 0),
        flat(6, 0, 1),
        flat(7, 0, 1),
        flat(8, 0),
        flat(9, 0, 1),
        nested(10),  # fields
        flat(11, 0),
    )
    return b"\0" + sized(sized(b"name") + b"".join(parts))


def _module(*texts: bytes) -> bytes:
    """A module with these texts wherever a module can hold any; the last ones are repeated."""
    given_texts = iter(texts)
    last = texts[-1]

    def endless() -> Iterator[bytes]:
        yield from given_texts
        while True:
            yield last

    text = endless()
    numbers = iter(range(1000))

    def custom() -> bytes:
        return b"\0" + sized(sized(next(text)) + next(text))

    def imported(what: bytes) -> bytes:
        return sized(next(text)) + sized(next(text)) + what

    def exported(what: bytes) -> bytes:
        # No name may be there twice.
        return sized(next(text) + str(next(numbers)).encode()) + what

    return module(
        custom(),
        section(1, b"\x60\0\0", b"\x60\x01\x7f\x01\x7f", b"\x60\x01\x7f\0"),
        custom(),
        section(
            2,
            imported(b"\0\0"),
            imported(b"\x01\x70\0\x01"),
            imported(b"\x02\0\x01"),
            imported(b"\x03\x7f\x01"),
            imported(b"\x04\0\x02"),
        ),
        section(3, b"\x01"),
        section(5, b"\0\x01"),
        section(6, b"\x7f\0\x41\x05\x0b"),
        section(
            7,
            *(exported(what) for what in (b"\0\x01", b"\x01\0", b"\x02\0", b"\x03\0", b"\x04\0")),
        ),
        section(9, b"\0\x41\0\x0b\x01\x01"),
        b"\x0c" + sized(leb(2)),
        section(10, body(CODE)),
        section(11, b"\0\x41\0\x0b" + sized(next(text)), b"\x01" + sized(next(text))),
        custom(),
        _names(text),
        custom(),
    )


def _source(data: bytes) -> str:
    valid = wasm.Module(data).valid
    lines = [line.text for code in valid.functions for line in list_python(valid, code, Limits())]
    return "\n".join(lines) + "\n"


texts = st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
many = st.lists(texts, min_size=PLACES, max_size=PLACES)
PLAIN = _source(_module(b"x"))


def test_the_module_takes_as_many_texts_as_there_are_places() -> None:
    marks = [f"text{number:03}".encode() for number in range(PLACES + 1)]
    data = _module(*marks)
    assert all(mark in data for mark in marks[:-1])
    assert marks[-1] not in data
    # They are read, and not only skipped.
    loaded = wasm.Module(data)
    assert loaded.function_names[1].startswith("text")
    assert all(item.module.startswith("text") for item in loaded.imports)


@given(many)
def test_no_text_of_the_guest_reaches_generated_code(given_texts: list[bytes]) -> None:
    assert _source(_module(*given_texts)) == PLAIN


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_section_that_only_looks_like_names_reaches_generated_code(
    names: bytes, custom: bytes
) -> None:
    more = b"\0" + sized(sized(b"name") + names) + b"\0" + sized(sized(b".debug_info") + custom)
    assert _source(_module(b"x") + more) == PLAIN


@pytest.mark.parametrize(
    "text", [b"\n import os", b"'''", b'"); import os #', b"f0", b"__import__('os')", b"\\\n"]
)
def test_texts_that_would_like_to_be_code(text: bytes) -> None:
    assert _source(_module(text)) == PLAIN


def test_identifiers_are_of_the_allow_list() -> None:
    for token in tokenize.generate_tokens(StringIO(PLAIN).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            known = token.string in HELPERS | ATTRIBUTES | set(FIXED)
            assert known or ALLOWED.fullmatch(token.string), token.string
        assert token.type != tokenize.COMMENT
        assert token.type != tokenize.STRING


def test_generated_code_has_no_builtins() -> None:
    assert FIXED["__builtins__"] == {}


def _strings(code: CodeType) -> Iterator[str]:
    """All texts of a code object."""
    yield from (code.co_name, code.co_qualname, code.co_filename)
    yield from (*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _strings(constant)
        elif isinstance(constant, str | bytes | tuple):
            yield repr(constant)


def test_what_runs_holds_no_text_of_the_guest() -> None:
    loaded = wasm.Module(_module(*[b"GuestText%d" % number for number in range(PLACES)]))
    ran = []
    imports: dict[tuple[str, str], Any] = {}
    for item in loaded.imports:
        made: Any
        match item.type:
            case wasm.FunctionType():
                made = wasm.HostFunction(item.type, lambda: ran.append(True))
            case wasm.TableType():
                made = wasm.Table(item.type)
            case wasm.MemoryType():
                made = wasm.Memory(item.type)
            case wasm.GlobalType():
                made = wasm.Global(item.type, 0)
            case wasm.TagType():
                made = wasm.Tag(wasm.FunctionType((wasm.I32,), ()))
        imports[item.module, item.name] = made
    instance = wasm.Instance(loaded, imports, engine="translated", fuel=1000)
    instance.translate()
    (name,) = (e.name for e in loaded.exports if isinstance(e.type, wasm.FunctionType))
    assert isinstance(instance.call(name, 1), wasm.Suspended)
    assert ran
    (function,) = loaded.valid.functions
    assert function.translations
    for translator in function.translations.values():
        for whole in (translator.whole(paid=False), translator.whole(paid=True)):
            texts_of_it = [*_strings(whole.code), whole.source]
            texts_of_it += [site.stack + site.arguments for site in whole.sites.values()]
            assert not any("GuestText" in text for text in texts_of_it)
            assert any("fuel" in text for text in texts_of_it)


def _shown(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    done = CliRunner().invoke(main, ["show", str(path), "--python"])
    assert done.exit_code == 0, done.output
    # Only what a terminal takes for the end of a line.
    return done.stdout.removesuffix("\n").split("\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(given_texts=many)
def test_what_is_shown_beside_generated_code_is_escaped(
    tmp_path: Path, given_texts: list[bytes]
) -> None:
    plain = _shown(tmp_path / "plain.wasm", _module(b"x"))
    lines = _shown(tmp_path / "texts.wasm", _module(*given_texts))
    assert all(line.isprintable() for line in lines)
    # The first line is the title.
    assert [line.split("  # ")[0].rstrip() for line in lines[1:]] == [
        line.split("  # ")[0].rstrip() for line in plain[1:]
    ]
    code = [line for line in lines[1:] if not line.startswith("def ")]
    for line in code:
        tokens = list(tokenize.generate_tokens(StringIO(line.strip() + "\n").readline))
        assert not any(token.type == tokenize.STRING for token in tokens)
