"""Plain data as bytes, in a subset of the pickle format that is safe to read.

Plain data are None, bool, int of at most 128 bits and a sign, float, str, bytes, and lists, tuples
and dicts (with str keys) of plain data. Exactly these types: a subclass is refused. A
`pickle.PickleBuffer` may stand for bytes that are to be kept out of the pickle, and is read as
bytes.

    offset      size   field
    0           8      length of the pickle, u64 little-endian
    8           4      number of buffers, u32 little-endian
    12          8 n    length of each buffer, u64 little-endian
    12 + 8 n    ...    the pickle, then the buffers, with nothing between or after them

The subset of pickle protocol 5 used here is closed under that description. It has no opcode that
names a class or calls anything, none that refers to an earlier value (so neither cycles nor shared
parts exist, and a small input cannot stand for a huge tree), and none that takes values off the
stack again; each buffer is used once. `loads` reads all opcodes first and proves that they build
one tree within the limits; the unpickler of the standard library sees the bytes only after that.
Whoever reads a value still has to check its shape: only the types are known to be plain.

The same tree gives the same bytes on every supported Python version, but nothing may depend on
that except tests: other bytes can stand for the same tree.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Final, NoReturn

from refexec.errors import SnapshotError

MAX_ITEMS: Final = 1 << 24
"""Default limit for the values in a tree, containers and dict keys included."""

MAX_DEPTH: Final = 32
"""Default limit for containers inside each other."""

PROTOCOL: Final = 5

_INT_BITS = 128
_INT_MIN = -(1 << _INT_BITS)
_INT_MAX = (1 << _INT_BITS) - 1

_ATOMS = frozenset({type(None), bool, int, float, str, bytes, pickle.PickleBuffer})
_SEQUENCES = frozenset({list, tuple})
_PLAIN = _ATOMS | _SEQUENCES | {dict}


_HEAD = struct.Struct("<QI")


def dumps(tree: object, *, max_items: int = MAX_ITEMS, max_depth: int = MAX_DEPTH) -> bytes:
    """Write plain data. `SnapshotError` if it is not plain, or beyond the limits.

    Parts that the tree shares are written as often as they occur, and count as often. A cycle is
    beyond any limit.
    """
    return b"".join(dump_parts(tree, max_items=max_items, max_depth=max_depth))


def dump_parts(
    tree: object, *, max_items: int = MAX_ITEMS, max_depth: int = MAX_DEPTH
) -> list[bytes | memoryview]:
    """The bytes of `dumps` in pieces, so that large buffers need not be copied."""
    _check_tree(tree, max_items, max_depth)
    stream = io.BytesIO()
    buffers: list[pickle.PickleBuffer] = []
    pickler = pickle.Pickler(stream, protocol=PROTOCOL, buffer_callback=buffers.append)
    # "Fast" means: without memo. The other effect, no end on cycles, was excluded above.
    pickler.fast = True
    pickler.dump(tree)
    pickled = stream.getbuffer()
    contents = [buffer.raw() for buffer in buffers]
    sizes = struct.pack(f"<{len(contents)}Q", *map(len, contents))
    return [_HEAD.pack(len(pickled), len(contents)) + sizes, pickled, *contents]


def loads(
    data: bytes | memoryview,
    *,
    max_items: int = MAX_ITEMS,
    max_depth: int = MAX_DEPTH,
    copy: bool = True,
) -> Any:
    """Read plain data from untrusted bytes.

    Buffers are read as bytes, or without `copy` as read-only memoryviews of `data`.
    `SnapshotError`, with what is wrong and at which byte, for everything that is not exactly one
    tree of plain data within the limits. Nothing is built before all bytes have been checked.
    """
    pickled, count, buffers = _split(data, max_items)
    if _check_opcodes(pickled, max_items, max_depth) != count:
        raise SnapshotError(f"snapshot data does not use each of its {count} buffers once")
    return pickle.loads(pickled, buffers=map(bytes, buffers) if copy else buffers)


def _split(data: bytes | memoryview, max_items: int) -> tuple[bytes, int, Iterator[memoryview]]:
    """The pickle, and number and contents of the buffers, if they are exactly what is there."""
    if len(data) < _HEAD.size:
        raise SnapshotError(f"snapshot data is truncated at byte {len(data)}")
    size, count = _HEAD.unpack_from(data)
    if count > max_items:
        raise SnapshotError(f"snapshot data exceeds the limit of {max_items} values")
    start = _HEAD.size + 8 * count
    if len(data) < start:
        raise SnapshotError(f"snapshot data is truncated at byte {len(data)}")
    view = memoryview(data).toreadonly()
    end = start + size + sum(_sizes(view[_HEAD.size : start]))
    if len(data) < end:
        raise SnapshotError(f"snapshot data is truncated at byte {len(data)} of {end}")
    if len(data) > end:
        raise SnapshotError(f"snapshot data goes on after its end at byte {end}")
    return bytes(view[start : start + size]), count, _buffers(view, start, start + size)


def _sizes(written: memoryview) -> Iterator[int]:
    return (size for (size,) in struct.iter_unpack("<Q", written))


def _buffers(view: memoryview, start: int, at: int) -> Iterator[memoryview]:
    """The buffers from `at`, one by one: until the pickle is checked they are only claimed."""
    for size in _sizes(view[_HEAD.size : start]):
        yield view[at : at + size]
        at += size


# -- checking a tree before it is written ----------------------------------------------------------


def _check_tree(tree: object, max_items: int, max_depth: int) -> None:
    """Check level by level, so that the work is done by a few calls for many values."""
    level: list[Any] = [tree]
    count = 0
    depth = 0
    while level:
        count += len(level)
        if count > max_items:
            raise SnapshotError(f"cannot store more than {max_items} values")
        kinds = set(map(type, level))
        if not kinds <= _PLAIN:
            _refuse(tree, "a value of type {}", lambda value: type(value) not in _PLAIN)
        if int in kinds:
            ints = [value for value in level if type(value) is int]
            if min(ints) < _INT_MIN or max(ints) > _INT_MAX:
                _refuse(tree, f"an {{}} of more than {_INT_BITS} bits", _is_huge)
        dicts = [value for value in level if type(value) is dict] if dict in kinds else []
        if not set(map(type, chain.from_iterable(dicts))) <= {str}:
            _refuse(tree, "a {} whose keys are not all str", _has_other_keys)
        if kinds <= _ATOMS:
            break
        depth += 1
        if depth > max_depth:
            raise SnapshotError(f"cannot store containers nested deeper than {max_depth}")
        children = chain(
            chain.from_iterable(value for value in level if type(value) in _SEQUENCES),
            chain.from_iterable(dicts),
            chain.from_iterable(value.values() for value in dicts),
        )
        # One more than there is room for is enough to know that there are too many.
        level = list(islice(children, max_items - count + 1))


def _is_huge(value: object) -> bool:
    return type(value) is int and not _INT_MIN <= value <= _INT_MAX


def _has_other_keys(value: object) -> bool:
    return type(value) is dict and any(type(key) is not str for key in value)


def _refuse(tree: object, what: str, is_bad: Callable[[object], bool]) -> NoReturn:
    """Search the tree for the first bad value, to say where it is."""
    queue: deque[tuple[str, Any]] = deque([("", tree)])
    while True:
        path, value = queue.popleft()
        if is_bad(value):
            place = f" at {path}" if path else ""
            raise SnapshotError(f"cannot store {what.format(type(value).__name__)}{place}")
        queue.extend((f"{path}[{key!r}]", child) for key, child in _children(value))


def _children(value: Any) -> Iterator[tuple[object, Any]]:
    if type(value) in _SEQUENCES:
        yield from enumerate(value)
    elif type(value) is dict:
        yield from value.items()


# -- checking bytes before they are read -----------------------------------------------------------

# A value is simulated by its shape, one number: -1 is a string, 0 another atom, and a container is
# 4 * (how many containers deep it is) + (which kind), so that the deepest of some is the greatest.
_STR: Final = -1
_ATOM: Final = 0
_LIST: Final = 0
_DICT: Final = 1
_TUPLE: Final = 2

# Opcodes that push a value of fixed size: how many argument bytes follow (-1 for all other
# opcodes), and the value's shape.
_FIXED: Final = [-1] * 256
_SHAPE: Final = [_ATOM] * 256
_FIXED[pickle.NONE[0]] = 0
_FIXED[pickle.NEWTRUE[0]] = 0
_FIXED[pickle.NEWFALSE[0]] = 0
_FIXED[pickle.BININT1[0]] = 1
_FIXED[pickle.BININT2[0]] = 2
_FIXED[pickle.BININT[0]] = 4
_FIXED[pickle.BINFLOAT[0]] = 8
for _opcode, _kind in (
    (pickle.EMPTY_LIST[0], _LIST),
    (pickle.EMPTY_DICT[0], _DICT),
    (pickle.EMPTY_TUPLE[0], _TUPLE),
):
    _FIXED[_opcode] = 0
    _SHAPE[_opcode] = 4 + _kind

# Opcodes that push bytes, a string or an int after its length: how many bytes the length takes.
_SIZED: Final = {
    pickle.LONG1[0]: 1,
    pickle.SHORT_BINBYTES[0]: 1,
    pickle.BINBYTES[0]: 4,
    pickle.BINBYTES8[0]: 8,
    pickle.SHORT_BINUNICODE[0]: 1,
    pickle.BINUNICODE[0]: 4,
    pickle.BINUNICODE8[0]: 8,
}
_STRINGS: Final = {pickle.SHORT_BINUNICODE[0], pickle.BINUNICODE[0], pickle.BINUNICODE8[0]}

# Opcodes that take some of the uppermost values (None: those above the last mark) and put them
# into a container: of which kind.
_BUILD: Final[dict[int, tuple[int, int | None]]] = {
    pickle.APPEND[0]: (_LIST, 1),
    pickle.APPENDS[0]: (_LIST, None),
    pickle.SETITEM[0]: (_DICT, 2),
    pickle.SETITEMS[0]: (_DICT, None),
    pickle.TUPLE1[0]: (_TUPLE, 1),
    pickle.TUPLE2[0]: (_TUPLE, 2),
    pickle.TUPLE3[0]: (_TUPLE, 3),
    pickle.TUPLE[0]: (_TUPLE, None),
}

_LONG1: Final = pickle.LONG1[0]
_MARK: Final = pickle.MARK[0]
_FRAME: Final = pickle.FRAME[0]
_STOP: Final = pickle.STOP[0]
_NEXT_BUFFER: Final = pickle.NEXT_BUFFER[0]
_READONLY_BUFFER: Final = pickle.READONLY_BUFFER[0]

_HEADER: Final = pickle.PROTO + bytes([PROTOCOL])
_FRAME_LENGTH_SIZE: Final = 8


class _Fault(Exception):
    """What is wrong with the opcode at hand."""


def _check_opcodes(data: bytes, max_items: int, max_depth: int) -> int:
    """Prove that the bytes are one tree of plain data, by running them on shapes.

    The answer is the number of buffers that the tree has.
    """
    if not data.startswith(_HEADER):
        raise SnapshotError(f"snapshot data is not a pickle of protocol {PROTOCOL}")
    fixed, shape_of = _FIXED, _SHAPE
    stack: list[int] = []
    marks: list[int] = []  # where in the stack
    items = 0
    buffers = 0
    opcode = -1
    at = len(_HEADER)
    try:
        while True:
            previous = opcode
            opcode = data[at]
            following = at + 1
            size = fixed[opcode]
            if size >= 0:
                stack.append(shape_of[opcode])
                items += 1
                following += size
            elif opcode == _MARK:
                # Each open mark becomes a container around the later ones.
                if len(marks) == max_depth:
                    raise _Fault(f"nests containers deeper than {max_depth}")
                marks.append(len(stack))
            elif opcode in _BUILD:
                kind, count = _BUILD[opcode]
                _build(kind, count, stack, marks, max_depth)
                items += kind == _TUPLE
            elif opcode == _NEXT_BUFFER:
                stack.append(_ATOM)
                items += 1
                buffers += 1
            elif opcode == _READONLY_BUFFER:
                # It changes nothing about bytes, and nothing else may be given to it.
                if previous != _NEXT_BUFFER:
                    raise _Fault("does not follow a buffer")
            elif opcode in _SIZED:
                following = _check_sized(data, at)
                stack.append(_STR if opcode in _STRINGS else _ATOM)
                items += 1
            elif opcode == _FRAME:
                following = _check_frame(data, at)
            elif opcode == _STOP:
                break
            else:
                raise _Fault("is not allowed")
            if items > max_items:
                raise _Fault(f"exceeds the limit of {max_items} values")
            at = following
    except IndexError:
        raise SnapshotError(f"snapshot data is truncated at byte {len(data)}") from None
    except _Fault as fault:
        raise SnapshotError(f"{_name(opcode)} at byte {at} of snapshot data {fault}") from None
    if len(stack) != 1 or marks:
        raise SnapshotError(f"snapshot data stops at byte {at} without being one value")
    if at + 1 != len(data):
        raise SnapshotError(f"snapshot data goes on after its end at byte {at + 1}")
    return buffers


def _build(
    kind: int, count: int | None, stack: list[int], marks: list[int], max_depth: int
) -> None:
    """Put values into a new tuple, or into the list or dict below them."""
    if count is None:
        if not marks:
            raise _Fault("finds no mark")
        start = marks.pop()
    else:
        start = len(stack) - count
    values = stack[start:]
    # A string's shape is below an atom's, which must not make its container less deep.
    depth = max(_ATOM, max(values, default=_ATOM)) // 4 + 1
    if kind == _TUPLE:
        target = start
    else:
        if kind == _DICT and (len(values) % 2 or values[::2].count(_STR) < len(values) // 2):
            raise _Fault("finds no pairs of str and value")
        target = start - 1
    # Nothing may be taken from below a mark that is still open, or below the stack.
    if target < (marks[-1] if marks else 0):
        raise _Fault("finds too few values")
    if kind != _TUPLE:
        container = stack[target]
        if container <= _ATOM or container % 4 != kind:
            raise _Fault("finds no container to fill")
        depth = max(depth, container // 4)
    if depth > max_depth:
        raise _Fault(f"nests containers deeper than {max_depth}")
    stack[target:] = [4 * depth + kind]


def _check_sized(data: bytes, at: int) -> int:
    """Check bytes, a string or an int with its length in front. Where the next opcode is."""
    opcode = data[at]
    start = at + 1 + _SIZED[opcode]
    size = int.from_bytes(data[at + 1 : start], "little")
    end = start + size
    # Here, not at the next opcode: what follows must not work on a length that is only claimed.
    if end > len(data):
        raise IndexError
    if opcode == _LONG1:
        if size > _INT_BITS // 8:
            value = int.from_bytes(data[start:end], "little", signed=True)
            if not _INT_MIN <= value <= _INT_MAX:
                raise _Fault(f"has more than {_INT_BITS} bits")
    elif opcode in _STRINGS:
        try:
            # As the unpickler will do it. Nothing else in the subset could make it fail after all.
            data[start:end].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise _Fault("holds bytes that are not UTF-8") from None
    return end


def _check_frame(data: bytes, at: int) -> int:
    """Check that a frame, a hint how much may be read at once, is there. Its first opcode."""
    start = at + 1 + _FRAME_LENGTH_SIZE
    if start + int.from_bytes(data[at + 1 : start], "little") > len(data):
        raise IndexError
    return start


def _name(opcode: int) -> str:
    # Only here, since a worker imports this module at its start and hardly ever needs the names.
    import pickletools

    for known in pickletools.opcodes:
        if known.code == chr(opcode):
            return known.name
    return f"opcode 0x{opcode:02x}"
