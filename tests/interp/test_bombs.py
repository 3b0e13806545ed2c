"""Small files that ask for much are refused, or handled in proportion to their size."""

from __future__ import annotations

import resource
import time

import pytest

from refexec import wasm
from refexec.errors import ImplementationLimitError, MalformedModuleError, ModuleError

HEADER = b"\0asm\1\0\0\0"
ROOM = 200 << 20
"""Bytes by which refusing a bomb may raise the process's peak memory: far below what it asks."""


def leb(number: int) -> bytes:
    """Encode an unsigned number."""
    encoded = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        if not number:
            return bytes([*encoded, byte])
        encoded.append(byte | 0x80)


def section(number: int, content: bytes) -> bytes:
    """Frame a section."""
    return bytes([number]) + leb(len(content)) + content


def with_body(body: bytes, types: bytes = b"\1\x60\0\0") -> bytes:
    """A module with one function of type 0."""
    code = b"\1" + leb(len(body)) + body
    return HEADER + section(1, types) + section(3, b"\1\0") + section(10, code)


BIG = 0xFFFFFFFF

REFUSED = {
    "locals": with_body(b"\1" + leb(1 << 31) + b"\x7f\x0b"),
    "array_new_fixed": with_body(
        b"\0\0\xfb\x08\1" + leb(BIG) + b"\x1a\x0b", b"\2\x60\0\0\x5e\x7f\0"
    ),
    "nesting": with_body(b"\0" + b"\x02\x40" * 150_000 + b"\x0b" * 150_001),
    "tables": HEADER + section(4, leb(101) + b"\x70\0\0" * 101),
    "memories": HEADER + section(5, leb(101) + b"\0\0" * 101),
    "function_size": with_body(b"\0" + b"\x01" * 8_000_000 + b"\x0b"),
    "params": HEADER + section(1, b"\1\x60" + leb(1001) + b"\x7f" * 1001 + b"\0"),
    "fields": HEADER + section(1, b"\1\x5f" + leb(10_001) + b"\x7f\0" * 10_001),
    "all_locals": HEADER
    + section(1, b"\1\x60\0\0")
    + section(3, leb(200) + b"\0" * 200)
    + section(10, leb(200) + b"\x06\1\xd0\x86\x03\x7f\x0b" * 200),
}


@pytest.mark.parametrize("limit", REFUSED)
def test_module_is_refused_by_the_name_of_the_limit(limit: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    begun = time.process_time()
    with pytest.raises(ImplementationLimitError) as caught:
        wasm.Module(REFUSED[limit])
    assert caught.value.limit == limit
    # A bomb that goes off takes minutes and gigabytes.
    assert time.process_time() - begun < 30
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - before < ROOM


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 7, 9, 10, 11])
def test_claimed_vector_lengths_are_not_believed(number: int) -> None:
    with pytest.raises(MalformedModuleError, match="length out of bounds"):
        wasm.Module(HEADER + section(number, leb(BIG) + b"\0" * 8))


def test_claimed_branch_table_is_not_believed() -> None:
    with pytest.raises(MalformedModuleError, match="length out of bounds"):
        wasm.Module(with_body(b"\0\x0e" + leb(BIG) + b"\0\x0b"))


def test_deep_nesting_below_the_limit_runs() -> None:
    depth = 20_000
    data = with_body(b"\0" + b"\x02\x40" * depth + b"\x0b" * (depth + 1))
    data += section(7, b"\1\1f\0\0")
    with pytest.raises(MalformedModuleError, match="after the code section"):
        wasm.Module(data)
    exported = data.replace(section(3, b"\1\0"), section(3, b"\1\0") + section(7, b"\1\1f\0\0"))
    instance = wasm.Instance(wasm.Module(exported[: -len(section(7, b"\1\1f\0\0"))]))
    assert instance.invoke("f") == []


@pytest.mark.parametrize(
    ("limit", "data"),
    [
        ("memory_pages", HEADER + section(5, b"\1\0" + leb(65_536))),
        ("memory_pages", HEADER + section(5, b"\1\4" + leb(1 << 47))),
        ("table_entries", HEADER + section(4, b"\1\x70\0" + leb(BIG))),
    ],
)
def test_large_memories_and_tables_are_valid_but_not_made(limit: str, data: bytes) -> None:
    module = wasm.Module(data)
    with pytest.raises(ImplementationLimitError) as caught:
        wasm.Instance(module)
    assert caught.value.limit == limit


def test_module_size_is_limited() -> None:
    with pytest.raises(ImplementationLimitError, match="module of"):
        wasm.Module(HEADER + b"\0" * 100, wasm.Limits(module_size=50))


def test_limits_can_be_raised_and_lowered() -> None:
    data = with_body(b"\1\x05\x7f\x0b")
    wasm.Module(data)
    with pytest.raises(ImplementationLimitError, match="locals"):
        wasm.Module(data, wasm.Limits(locals=4))


def test_a_limit_error_is_a_module_error() -> None:
    assert issubclass(ImplementationLimitError, ModuleError)
