"""Small modules that try the encoding of one thing after the other.

Every opcode with and without immediates, every flag byte, every byte where a kind, type, attribute
or section id is expected, numbers in longer and longer forms. Where random damage would rarely
hit, these go systematically; what is right is for the judges to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from refexec_conformance.judges.modules import Sample, join, leb

Section = tuple[int, bytes]

_FUNCTION_TYPE = b"\x60\0\0"
_EMPTY_BODY = b"\2\0\x0b"
_ONE_FUNCTION: Section = (3, b"\1\0")
_MEMORIES = ((5, b"\1\0\1"), (5, b"\2\0\1\4\1"))


def _vector(*items: bytes) -> bytes:
    return leb(len(items)) + b"".join(items)


def _types(*more: bytes) -> Section:
    return (1, _vector(_FUNCTION_TYPE, *more))


def _code(code: bytes, runs: bytes = b"\0") -> Section:
    content = runs + code + b"\x0b"
    return (10, _vector(leb(len(content)) + content))


def _function(code: bytes, *before: Section, runs: bytes = b"\0") -> bytes:
    """A module with one function, and sections that belong between function and code section."""
    return join([_types(), _ONE_FUNCTION, *before, _code(code, runs)])


def _longer(number: int, by: int = 1) -> bytes:
    """A LEB128 number, written in more bytes than it takes."""
    encoded = bytearray(leb(number))
    for _ in range(by):
        encoded[-1] |= 0x80
        encoded.append(0)
    return bytes(encoded)


_HEAP_TYPES = (
    *(bytes((code,)) for code in range(0x63, 0x80)),
    *(b"\x40", b"\0", b"\1", b"\x77"),
    *(b"\xf0\x7f", b"\xf0\xff\x7f", b"\x80\x7f", b"\x80\0", b"\x80\x80\x80\x80\0"),
    *(b"\x80\x80\x80\x80\x80\0", b"\x80\x80\x80\x80\x10", b"\x80\x80\x80\x80\x70", b"\x63\x70"),
)


def _in_types() -> Iterator[bytes]:
    for heap in _HEAP_TYPES:
        yield _function(b"\xd0" + heap + b"\x1a")
        yield _function(b"\0\xfb\x14" + heap + b"\x1a")
        for null in (b"", b"\x63", b"\x64"):
            yield _function(b"", runs=b"\1\1" + null + heap)
            yield _function(b"\0\x02" + null + heap + b"\0\x0b\x1a")
            yield join([_types(), (4, _vector(null + heap + b"\0\0"))])
            yield join([_types(), (6, _vector(null + heap + b"\0\xd0" + heap + b"\x0b"))])
            yield join([(1, _vector(b"\x60\1" + null + heap + b"\0"))])
            yield join([(1, _vector(b"\x5f\1" + null + heap + b"\1"))])
        yield join([(1, _vector(b"\x50\0\x5f\0", b"\x50\1" + heap + b"\x5f\0"))])
    for group in (
        *(b"\x4e\0", b"\x4e\1\x60\0\0", b"\x4e\2\x60\0\0\x60\1\x63\0\0", b"\x4e\1\x4e\1\x60\0\0"),
        *(b"\x4e\2\x50\1\1\x60\0\0\x60\0\0", b"\x4f\1\0\x60\0\0", b"\x50\2\0\0\x60\0\0"),
        *(b"\x4f\0\x60\0\0", b"\x50\x80\0\x60\0\0", b"\x4e\2\x60\1\x64\1\0\x60\1\x64\0\0"),
        *(b"\x60\1\x64\0\0", b"\x60\1\x64\1\0", b"\x50\1\0\x60\0\0"),
    ):
        yield join([(1, _vector(group))])
        yield join([(1, _vector(b"\x50\0\x60\0\0", group))])


_SIZES = (
    *(b"\x80\x80\x04", b"\x81\x80\x04", b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x10"),
    *(b"\xff\xff\xff\xff\x1f", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
    *(b"\x80\x80\x80\x80\x80\x80\x40", b"\x81\x80\x80\x80\x80\x80\x40"),
)


def _in_limits() -> Iterator[bytes]:
    for flags in range(256):
        for rest in (b"\1", b"\1\2", b"\2\1", b"\1\x10", b"\1\0", b"\1\2\x10", b"\1\2\x0f"):
            yield join([(5, _vector(bytes((flags,)) + rest))])
            yield join([(4, _vector(b"\x70" + bytes((flags,)) + rest))])
    for flags in (0, 4):
        for size in _SIZES:
            for limits in (bytes((flags,)) + size, bytes((flags | 1, 0)) + size):
                yield join([(5, _vector(limits))])
                yield join([(4, _vector(b"\x70" + limits))])


_OFFSETS = (
    *(b"\0", b"\x80\0", b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x10", b"\x80" * 5 + b"\0"),
    *(b"\xff" * 9 + b"\1", b"\xff" * 9 + b"\3", b"\x80" * 10 + b"\0"),
)


def _in_memory_arguments() -> Iterator[bytes]:
    for flags in (
        *(b"\0", b"\1", b"\2", b"\3", b"\x3f", b"\x40\0", b"\x41\1", b"\x42\0", b"\x42\x80\0"),
        *(b"\x7f\0", b"\x80\0", b"\x82\0", b"\x80\1", b"\xc2\0\0", b"\xc2\x80\x80\x80\0\0"),
        *(b"\x82\x80\x80\x80\0", b"\x82\x80\x80\x80\x80\0"),
    ):
        for offset in _OFFSETS:
            for memories in _MEMORIES:
                for address in (b"\x41\0", b"\x42\0"):
                    yield _function(address + b"\x28" + flags + offset + b"\x1a", memories)


def _opcodes() -> Iterator[bytes]:
    for code in range(256):
        for rest in (b"", b"\0\0\0\0"):
            yield _function(b"\0" + bytes((code,)) + rest)
    for prefix in (0xFB, 0xFC, 0xFD, 0xFE):
        for number in (*range(300), 0x1000, 0x1001, 0x10000, 0xFFFFFFFF):
            for encoded in (leb(number), _longer(number), leb(number | 1 << 32)):
                for rest in (b"", b"\0\0\0\0"):
                    yield _function(b"\0" + bytes((prefix,)) + encoded + rest)


def _constants() -> Iterator[bytes]:
    for number in (
        *(b"\x7f", b"\xff\x7f", b"\xff\xff\xff\xff\x7f", b"\xff\xff\xff\xff\x0f"),
        *(b"\xff\xff\xff\xff\x4f", b"\x80\x80\x80\x80\x70", b"\x80\x80\x80\x80\x78"),
        *(b"\x80\x80\x80\x80\x08", b"\x80\x80\x80\x80\x07", b"\x80" * 5 + b"\0"),
        *(b"\xff" * 5 + b"\x7f", b"\xff" * 9 + b"\x7f", b"\xff" * 9 + b"\1", b"\x80" * 9 + b"\x7f"),
        *(b"\x80" * 9 + b"\0", b"\x80" * 10 + b"\0", b"\x80" * 9 + b"\x7e", b"\x80" * 9 + b"\1"),
    ):
        yield _function(b"\x41" + number + b"\x1a")
        yield _function(b"\x42" + number + b"\x1a")
        yield _function(b"\x02" + number + b"\x0b")


def _segments() -> Iterator[bytes]:
    tables = ((4, b"\1\x70\0\x0a"), (4, b"\1\x40\0\x64\x70\0\x0a\xd2\0\x0b"))
    code = (10, _vector(_EMPTY_BODY))
    for number in range(10):
        for flags in (leb(number), _longer(number)):
            for rest in (
                *(b"\x41\0\x0b\0", b"\0\0", b"\0\x41\0\x0b\0\0", b"\x70\0", b"\x7f\0", b"\0\1\0"),
                *(b"\x41\0\x0b\1\xd2\0\x0b", b"\0\x41\0\x0b\x70\1\xd0\x70\x0b", b"\1\1\0"),
                *(b"\x70\1\xd2\0\x0b", b"\x70\1\x23\0\x0b", b"\x64\x70\1\xd2\0\x0b"),
                b"\x41\0\x0b\1\0",
            ):
                segment = _vector(flags + rest)
                for table in tables:
                    yield join([_types(), _ONE_FUNCTION, table, (9, segment), code])
                yield join([_MEMORIES[0], (11, segment)])
                yield join([_MEMORIES[0], (12, b"\1"), (11, segment)])


def _clauses_and_casts() -> Iterator[bytes]:
    types = _types(b"\x60\0\1\x69", b"\x60\0\1\x64\x69")
    for kind in range(6):
        for label in range(3):
            tag = b"\0" if kind < 2 else b""
            clause = bytes((kind,)) + tag + bytes((label,))
            code = b"\x02\x69\x02\1\x1f\x40\1" + clause + b"\x0b\0\x0b\0\x0b\x1a"
            yield join([types, _ONE_FUNCTION, (13, b"\1\0\0"), _code(code)])
    for flags in range(10):
        for heaps in (b"\x6e\x6d", b"\x6d\x6e", b"\x6f\x72", b"\xee\x7f\x6d"):
            for encoded in (bytes((flags,)), _longer(flags)):
                for code in (b"\xfb\x18", b"\xfb\x19"):
                    yield _function(b"\x02\x6e\0" + code + encoded + b"\0" + heaps + b"\x0b\x1a")


def _single_bytes() -> Iterator[bytes]:
    code = (10, _vector(_EMPTY_BODY))
    for number in range(256):
        byte = bytes((number,))
        yield join([_types(), (13, _vector(byte + b"\0"))])
        yield join([(6, _vector(b"\x7f" + byte + b"\x41\0\x0b"))])
        for rest in (b"\0", b"\x70\0\0", b"\0\0", b"\x7f\0", b"\0\0\0"):
            yield join([_types(), (2, _vector(b"\0\0" + byte + rest))])
        yield join([_types(), _ONE_FUNCTION, (7, _vector(b"\0" + byte + b"\0")), code])
        yield join([_types(), (number, b"\0")])
        yield join([_types(), (number, b"")])
        for rest in (b"\0\0", b"\0\x60\0\0", b"\x7f\0"):
            yield join([(1, _vector(byte + rest))])
        yield join(
            [_types(), _ONE_FUNCTION, (4, _vector(b"\x40" + byte + b"\x70\0\1\xd0\x70\x0b"))]
        )


def encodings() -> list[Sample]:
    """All of them, each once."""
    kinds = {
        "types": _in_types,
        "limits": _in_limits,
        "memory argument": _in_memory_arguments,
        "opcode": _opcodes,
        "constant": _constants,
        "segment": _segments,
        "clause or cast": _clauses_and_casts,
        "byte": _single_bytes,
    }
    found: dict[bytes, str] = {}
    for kind, make in kinds.items():
        for number, data in enumerate(make()):
            found.setdefault(data, f"{kind} {number}: {data.hex()}")
    return [Sample(name, data) for data, name in found.items()]
