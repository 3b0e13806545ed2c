"""Modules about which refexec and another validator once disagreed, made small.

Each case says why it is here. New ones come from `tox -e judge`.
"""

from __future__ import annotations

import pytest

from encode import function, leb, module, section
from refexec import wasm
from refexec.errors import (
    ImplementationLimitError,
    MalformedModuleError,
    ModuleError,
    UnsupportedFeatureError,
)

LONG_FUNC = b"\xf0\x7f"  # 0x70, the heap type func, as if it were the number -16
MANY = b"\xff\xff\xff\xff\x0f"

CASES = {
    "an abstract heap type is one byte, not a number that could be written longer": (
        module(section(4, b"\x63" + LONG_FUNC + b"\0\0")),
        MalformedModuleError,
    ),
    "the same in ref.null": (function(b"\xd0" + LONG_FUNC + b"\x1a"), MalformedModuleError),
    "the same in a cast": (function(b"\0\xfb\x14" + LONG_FUNC + b"\x1a"), MalformedModuleError),
    "a page size belongs to a proposal even if it is the usual one": (
        module(section(5, b"\x08\x01\x10")),
        UnsupportedFeatureError,
    ),
    "4,294,967,295 operands out of nothing, which took minutes to look at": (
        function(b"\0\xfb\x08\1" + MANY + b"\x1a", types=(b"\x5e\x7f\0",)),
        ImplementationLimitError,
    ),
}


OLD = {
    "an empty tag section is one of the exceptions proposal": (module(section(13)), "wasm1"),
    "a block type may be an index since there are several values": (
        function(b"\x02\0\x0b"),
        "wasm1",
    ),
    "a recursive group of one function type, or of none": (
        module(section(1, b"\x4e\1\x60\0\0", b"\x4e\0")),
        "wasm2",
    ),
    "a final subtype without supertypes": (module(section(1, b"\x4f\0\x60\0\0")), "wasm2"),
    "a null of a type by its index": (function(b"\xd0\0\x1a"), "wasm2"),
    "a memory index in a memory argument": (
        function(b"\x41\0\x28\x40\0\0\x1a", section(5, b"\0\1")),
        "wasm2",
    ),
    "a small offset in a form for large ones": (
        function(b"\x41\0\x28\0" + leb(0, 6) + b"\x1a", section(5, b"\0\1")),
        "wasm2",
    ),
    "a segment of references that are not null": (
        function(b"", section(4, b"\x70\0\0"), section(9, b"\x05\x64\x70\1\xd2\0\x0b")),
        "wasm2",
    ),
}


@pytest.mark.parametrize("why", OLD)
def test_encoding_of_a_later_version_is_refused_by_earlier_ones(why: str) -> None:
    data, profile = OLD[why]
    wasm.Module(data)
    with pytest.raises(UnsupportedFeatureError) as caught:
        wasm.Module(data, features=profile)
    assert caught.value.offset is not None


@pytest.mark.parametrize("why", CASES)
def test_module_is_refused(why: str) -> None:
    data, expected = CASES[why]
    with pytest.raises(ModuleError) as caught:
        wasm.Module(data)
    assert type(caught.value) is expected
    assert caught.value.offset is not None


def test_a_type_index_in_a_heap_type_may_be_written_longer() -> None:
    module_ = wasm.Module(module(section(1, b"\x60\0\0"), section(4, b"\x63\x80\0\0\0")))
    assert module_.exports == ()


def test_the_usual_page_size_is_accepted_where_page_sizes_are() -> None:
    data = module(section(5, b"\x08\x01\x10"))
    assert wasm.Module(data, features="all").valid.context.memories[0].page_size == 65536
