"""Instruction sequences of the binary format (Binary 5.4).

`decode_expression` turns bytes into `(opcode, immediates)` pairs up to the `end` that closes the
sequence. It checks what makes bytes malformed and nothing more; whether the instructions make
sense is for `refexec.interp.body` to say.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from refexec.interp.opcodes import ELSE, END, IF, OPCODES, PREFIXES, Opcode
from refexec.interp.reader import Reader
from refexec.interp.syntax import Catch, Expression, Instruction, MemoryArgument

# fmt: off
_INDEX_KINDS = frozenset({
    "local", "global", "function", "type", "tag", "data", "elem", "label", "table", "memory",
    "field", "count",
})
# fmt: on


def _memory_argument(reader: Reader) -> MemoryArgument:
    start = reader.pos
    flags = reader.u32()
    if flags >= 0x80:
        raise reader.malformed("malformed memory operation flags", start)
    memory = 0
    if flags & 0x40:
        reader.forms.setdefault("multi-memory", start)
        memory = reader.u32()
    start = reader.pos
    offset = reader.unsigned(64)
    if reader.pos - start > 4 and (reader.pos - start > 5 or offset > 0xFFFFFFFF):
        reader.forms.setdefault("memory64", start)
    return MemoryArgument(flags & 0x3F, offset, memory)


def _catch(reader: Reader) -> Catch:
    start = reader.pos
    kind = reader.byte()
    if kind > 3:
        raise reader.malformed(f"malformed catch clause 0x{kind:02x}", start)
    tag = reader.u32() if kind < 2 else None
    return Catch(tag, kind in (1, 3), reader.u32())


def _cast(reader: Reader) -> tuple[int, int, Any, Any]:
    start = reader.pos
    flags = reader.byte()
    if flags > 3:
        raise reader.malformed(f"malformed cast flags 0x{flags:02x}", start)
    return flags, reader.u32(), reader.heap_type(), reader.heap_type()


_READ: dict[str, Callable[[Reader], Any]] = {
    **dict.fromkeys(_INDEX_KINDS, Reader.u32),
    "lane": Reader.byte,
    "block": Reader.block_type,
    "labels": lambda reader: (tuple(reader.vector(reader.u32)), reader.u32()),
    "heap": Reader.heap_type,
    "types": lambda reader: tuple(reader.vector(reader.value_type)),
    "memarg": _memory_argument,
    "cast": _cast,
    "handlers": lambda reader: (
        reader.block_type(),
        tuple(reader.vector(lambda: _catch(reader))),
    ),
    "i32": Reader.i32,
    "i64": Reader.i64,
    "f32": Reader.f32,
    "f64": Reader.f64,
    "v128": lambda reader: reader.take(16),
    "lanes": lambda reader: tuple(reader.take(16)),
}


def _immediates_reader(opcode: Opcode) -> Callable[[Reader], Any]:
    readers = [_READ[kind] for kind in opcode.immediates]
    if len(readers) == 1:
        return readers[0]
    return lambda reader: tuple(read(reader) for read in readers)


# What the loop below looks at, by first byte: the shared pair of an instruction that has no
# immediates, or the opcode with the way to read them. Sharing the pairs keeps memory small.
_PLAIN: list[Instruction | None] = [None] * 256
_INDEXED: list[Opcode | None] = [None] * 256
_READERS: dict[Opcode, Callable[[Reader], Any]] = {}
_PAIRS: dict[Opcode, Instruction] = {}
for _opcode in OPCODES.values():
    if not _opcode.immediates:
        _PAIRS[_opcode] = (_opcode, None)
        if _opcode.code < 256:
            _PLAIN[_opcode.code] = _PAIRS[_opcode]
    else:
        _READERS[_opcode] = _immediates_reader(_opcode)
        if _opcode.code < 256 and _READERS[_opcode] is Reader.u32:
            _INDEXED[_opcode.code] = _opcode


def _prefixed(reader: Reader, prefix: int, start: int) -> Opcode:
    """Read the number of a prefixed opcode."""
    number = reader.u32()
    opcode = OPCODES.get(prefix << 8 | number if number < 256 else prefix << 12 | number)
    if opcode is None or number >= 4096:
        raise reader.malformed(f"illegal opcode 0x{prefix:02x} {number}", start)
    return opcode


def decode_expression(reader: Reader) -> Expression:
    """Read instructions up to and including the `end` of the sequence."""
    data = reader.data
    limit = reader.end
    instructions: list[Instruction] = []
    offsets: array[int] = array("I")
    open_blocks: list[Opcode] = []
    append = instructions.append
    pos = reader.pos
    while True:
        if pos >= limit:
            raise reader.malformed("unexpected end: expected an instruction", pos)
        start = pos
        byte = data[pos]
        pos += 1
        offsets.append(start)
        plain = _PLAIN[byte]
        if plain is not None:
            append(plain)
            opcode = plain[0]
            if opcode is END:
                if not open_blocks:
                    reader.pos = pos
                    return Expression(instructions, offsets)
                open_blocks.pop()
            elif opcode is ELSE:
                if not open_blocks or open_blocks[-1] is not IF:
                    raise reader.malformed("misplaced else", start)
                open_blocks[-1] = ELSE
            continue
        indexed = _INDEXED[byte]
        if indexed is not None and pos < limit and data[pos] < 0x80:
            append((indexed, data[pos]))
            pos += 1
            continue
        reader.pos = pos
        known = _prefixed(reader, byte, start) if byte in PREFIXES else OPCODES.get(byte)
        if known is None:
            raise reader.malformed(f"illegal opcode 0x{byte:02x}", start)
        if known in _PAIRS:
            append(_PAIRS[known])
        else:
            append((known, _READERS[known](reader)))
            kind = known.immediates[0]
            if kind == "block" or kind == "handlers":
                open_blocks.append(known)
        pos = reader.pos
