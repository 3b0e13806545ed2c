"""Generated code holds nothing of the guest's: no name, no import, no custom section."""

from __future__ import annotations

import keyword
import re
import tokenize
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encode import body, leb, module, section, sized, vector
from refexec import wasm
from refexec.interp.limits import Limits
from refexec.translate.listing import list_python
from refexec.translate.namespace import FIXED

ALLOWED = re.compile(r"[fls]|[lsxfbcghnopqtw]\d+|k\d+_\d+r?_\d+|a|c|d|e|fuel|outer")
HELPERS = {"out", "step", "meter", "element", "referenced", "throw", "throw_ref", "unreachable"}
ATTRIBUTES = {"value", "pages", "elements", "defined", "entry", "bit_length", "bit_count"}


def _module(name: bytes, field: bytes, custom: bytes) -> bytes:
    """A module with these texts wherever a module can hold any."""
    code = b"\x10\x00\x20\x00\x28\x02\x00\x41\x07\x6a"
    names = b"\x01" + sized(vector(leb(0) + sized(name), leb(1) + sized(field)))
    return module(
        b"\0" + sized(sized(custom) + custom),
        section(1, b"\x60\0\0", b"\x60\x01\x7f\x01\x7f"),
        section(2, sized(name) + sized(field) + b"\0\0"),
        section(3, b"\x01"),
        section(5, b"\0\x01"),
        section(7, sized(name + b"1") + b"\0\x01", sized(b"2" + field) + b"\x02\0"),
        section(10, body(code)),
        b"\0" + sized(sized(b"name") + names),
    )


def _source(data: bytes) -> str:
    valid = wasm.Module(data).valid
    lines = [line.text for code in valid.functions for line in list_python(valid, code, Limits())]
    return "\n".join(lines) + "\n"


texts = st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
PLAIN = _source(_module(b"m", b"n", b"c"))


@given(texts, texts, texts)
def test_no_text_of_the_guest_reaches_generated_code(
    name: bytes, field: bytes, custom: bytes
) -> None:
    assert _source(_module(name, field, custom)) == PLAIN


@pytest.mark.parametrize(
    "text", [b"\n import os", b"'''", b'"); import os #', b"f0", b"__import__('os')", b"\\\n"]
)
def test_texts_that_would_like_to_be_code(text: bytes) -> None:
    assert _source(_module(text, text, text)) == PLAIN


def test_identifiers_are_of_the_allow_list() -> None:
    for token in tokenize.generate_tokens(StringIO(PLAIN).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            known = token.string in HELPERS | ATTRIBUTES | {"deep"} | set(FIXED)
            assert known or ALLOWED.fullmatch(token.string), token.string
        assert token.type != tokenize.COMMENT
        assert token.type != tokenize.STRING


def test_generated_code_has_no_builtins() -> None:
    assert FIXED["__builtins__"] == {}
