"""The safe pickle codec: round trips, damage, and inputs made to do harm."""

from __future__ import annotations

import hashlib
import math
import pickle
import pickletools
import struct
import tracemalloc
from collections import OrderedDict
from enum import IntEnum
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refexec.errors import SnapshotError
from refexec.snapshot.codec import MAX_DEPTH, dump_parts, dumps, loads

SUBSET = {
    "PROTO", "FRAME", "STOP", "MARK",
    "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
    "SHORT_BINBYTES", "BINBYTES", "BINBYTES8",
    "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
    "EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "TUPLE",
    "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS",
    "NEXT_BUFFER", "READONLY_BUFFER",
}  # fmt: skip

# A tree that needs every opcode which a small tree can need.
EVERYTHING: dict[str, Any] = {
    "none": None,
    "bools": [True, False],
    "ints": [0, 255, 256, 65535, 65536, 2**31 - 1, -(2**31), 2**31, 2**63, 2**128 - 1, -(2**128)],
    "floats": (0.5, -0.0, float("inf")),
    "bytes": (b"", b"\0\xff", b"x" * 256),
    "texts": ["", "é\N{SNOWMAN}\0", "\udc80", "y" * 256],
    "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    "empty": [[], {}],
    "one": {"k": [7]},
}


def plain(max_leaves: int = 30) -> st.SearchStrategy[Any]:
    """Any plain data."""
    atoms = (
        st.none()
        | st.booleans()
        | st.integers(-(2**128), 2**128 - 1)
        | st.integers(-300, 70000)
        | st.floats()
        | st.text(st.characters(codec=None, categories=None), max_size=20)
        | st.binary(max_size=20)
    )
    return st.recursive(
        atoms,
        lambda children: (
            st.lists(children, max_size=6)
            | st.lists(children, max_size=6).map(tuple)
            | st.dictionaries(st.text(max_size=5), children, max_size=6)
        ),
        max_leaves=max_leaves,
    )


def opcode_names(data: bytes) -> set[str]:
    return {opcode.name for opcode, _, _ in pickletools.genops(pickle_of(data))}


def body(*parts: bytes) -> bytes:
    """A pickle with this body."""
    return b"\x80\x05" + b"".join(parts) + b"."


def data_of(pickled: bytes, *buffers: bytes) -> bytes:
    """A pickle with the buffers that belong to it."""
    sizes = b"".join(struct.pack("<Q", len(buffer)) for buffer in buffers)
    return struct.pack("<QI", len(pickled), len(buffers)) + sizes + pickled + b"".join(buffers)


def pickle_of(data: bytes) -> bytes:
    """The pickle in data without buffers."""
    size, count = struct.unpack_from("<QI", data)
    assert (count, len(data)) == (0, 12 + size)
    return data[12:]


def refuse_data(data: bytes, **limits: int) -> str:
    """The message with which `data` is refused."""
    with pytest.raises(SnapshotError) as caught:
        loads(data, **limits)
    return str(caught.value)


def refuse(pickled: bytes, **limits: int) -> str:
    """The message with which a pickle is refused."""
    return refuse_data(data_of(pickled), **limits)


# -- round trips -----------------------------------------------------------------------------------


@given(plain())
@example(EVERYTHING)
@example([list(range(1001)), {str(i): i for i in range(1001)}, tuple(range(1001))])
def test_round_trip(tree: Any) -> None:
    data = dumps(tree)
    back = loads(data)
    # The bytes tell True from 1, -0.0 from 0.0 and lists from tuples, and NaNs are equal.
    assert dumps(back) == data
    assert repr(back) == repr(tree)
    assert opcode_names(data) <= SUBSET


@pytest.mark.parametrize("bits", [0x7FF8000000000001, 0xFFF0000000000123, 0x7FF0000000000001])
def test_every_bit_of_a_nan_survives(bits: int) -> None:
    (nan,) = struct.unpack("<d", bits.to_bytes(8, "little"))
    assert math.isnan(nan)
    assert struct.pack("<d", loads(dumps(nan))) == struct.pack("<d", nan)


def test_large_bytes_round_trip() -> None:
    tree = [(i, bytes([i]) * 65536) for i in range(4)]
    assert loads(dumps(tree)) == tree


def test_parts_that_the_tree_shares_become_separate() -> None:
    shared = [1]
    first, second = loads(dumps([shared, shared]))
    assert first == second == [1]
    assert first is not second


def test_the_bytes_are_the_same_on_every_python_version() -> None:
    assert dumps(None) == data_of(body(b"N"))
    assert pickle_of(dumps([1, "a", {"k": (None, b"b")}])).hex() == (
        "80059513000000000000005d284b018c01617d8c016b4e4301628673652e"
    )
    assert (
        hashlib.sha256(pickle_of(dumps(EVERYTHING))).hexdigest()
        == "013b3601e1db2f4824b205b22999b0fa939bfc49d8cb03bf1d1ee671e2921fcf"
    )
    # More than one batch of values, and bytes too large for a frame.
    large = [list(range(2500)), {str(i): (i,) for i in range(1001)}, bytes(1 << 17), "z" * 70000]
    assert (
        hashlib.sha256(pickle_of(dumps(large))).hexdigest()
        == "72ca786ef041a586a42963f69d65070523bc0a02e848f405ce336ff2ea663b2d"
    )


# -- what is not written ---------------------------------------------------------------------------


class Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({1, 2}, "cannot store a value of type set"),
        ([0, [bytearray(1)]], "cannot store a value of type bytearray at [1][0]"),
        ({"a": (Number.ONE,)}, "cannot store a value of type Number at ['a'][0]"),
        ([OrderedDict()], "cannot store a value of type OrderedDict at [0]"),
        ([1, {"k": [object]}], "cannot store a value of type type at [1]['k'][0]"),
        ([2**128 - 1, 2**128], "cannot store an int of more than 128 bits at [1]"),
        (-(2**128) - 1, "cannot store an int of more than 128 bits"),
        ({1: 2}, "cannot store a dict whose keys are not all str"),
        ([{"a": {"b": 1, b"c": 2}}], "cannot store a dict whose keys are not all str at [0]['a']"),
        ([memoryview(b"")], "cannot store a value of type memoryview at [0]"),
    ],
)
def test_what_is_not_plain_is_not_written(tree: Any, message: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        dumps(tree)
    assert str(caught.value) == message


def nested(depth: int, kind: str = "list") -> Any:
    """A container that holds one container less deep, and so on."""
    tree: Any = {"list": [], "tuple": (), "dict": {}}[kind]
    for _ in range(depth - 1):
        tree = {"list": [tree], "tuple": (tree,), "dict": {"k": tree}}[kind]
    return tree


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_depth_limit(kind: str) -> None:
    tree = nested(MAX_DEPTH, kind)
    assert loads(dumps(tree)) == tree
    deeper = nested(MAX_DEPTH + 1, kind)
    with pytest.raises(SnapshotError, match="cannot store containers nested deeper than 32"):
        dumps(deeper)
    assert "nests containers deeper than 32" in refuse_data(dumps(deeper, max_depth=99))
    assert loads(dumps(deeper, max_depth=99), max_depth=33) == deeper


def test_item_limit() -> None:
    tree = [1, (2, "three"), {"four": 5.0}]
    assert loads(dumps(tree, max_items=8), max_items=8) == tree
    with pytest.raises(SnapshotError, match="cannot store more than 7 values"):
        dumps(tree, max_items=7)
    assert "exceeds the limit of 7 values" in refuse_data(dumps(tree), max_items=7)


@given(plain())
def test_both_directions_count_alike(tree: Any) -> None:
    data = dumps(tree)

    def fits(max_items: int, max_depth: int) -> tuple[bool, bool]:
        results = []
        for attempt in (partial(dumps, tree), partial(loads, data)):
            try:
                attempt(max_items=max_items, max_depth=max_depth)
                results.append(True)
            except SnapshotError:
                results.append(False)
        return results[0], results[1]

    for items in range(1, 40):
        assert fits(items, MAX_DEPTH) in [(True, True), (False, False)]
    for depth in range(1, 8):
        assert fits(1 << 20, depth) in [(True, True), (False, False)]


def test_a_cycle_is_not_written() -> None:
    cycle: list[Any] = [1]
    cycle.append(cycle)
    with pytest.raises(SnapshotError, match="nested deeper"):
        dumps(cycle)


def test_a_tree_that_is_huge_by_sharing_is_not_written() -> None:
    tree: Any = []
    for _ in range(30):
        tree = [tree, tree]
    with pytest.raises(SnapshotError, match="more than 1000 values"):
        dumps(tree, max_items=1000)


# -- buffers ---------------------------------------------------------------------------------------


def test_buffers_are_kept_outside_of_the_pickle_and_read_as_bytes() -> None:
    page = bytearray(b"memory")
    tree = [pickle.PickleBuffer(page), {"a": pickle.PickleBuffer(b"module")}, b"inside"]
    data = dumps(tree)
    assert data.endswith(b"memorymodule")
    assert loads(data) == [b"memory", {"a": b"module"}, b"inside"]
    assert b"".join(dump_parts(tree)) == data
    assert dump_parts(tree)[-2].obj is page  # not copied


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (data_of(body(b"N"), b"x"), "does not use each of its 1 buffers once"),
        (data_of(body(b"\x97\x97\x86"), b"x"), "does not use each of its 1 buffers once"),
        (data_of(body(b"\x97"), b"x") + b"y", "goes on after its end at byte 25"),
        (data_of(body(b"\x97"), b"x")[:-1], "truncated at byte 24 of 25"),
        (struct.pack("<QI", 4, 1 << 31), "exceeds the limit of 16777216 values"),
        (struct.pack("<QI", 4, 1 << 20), "truncated at byte 12"),
        (struct.pack("<QIQ", 4, 1, 1 << 63) + body(b"\x97"), "truncated at byte 24 of"),
        (struct.pack("<QI", 1 << 63, 0) + body(b"N"), "truncated at byte 16 of"),
    ],
)
def test_buffers_that_do_not_fit(data: bytes, message: str) -> None:
    assert message in refuse_data(data)


# -- damage ----------------------------------------------------------------------------------------


def read_or_refuse(data: bytes) -> None:
    """Whatever the bytes are: plain data within the limits, or a SnapshotError."""
    try:
        tree = loads(data, max_items=2000, max_depth=8)
    except SnapshotError:
        return
    dumps(tree, max_items=2000, max_depth=8)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Good bytes with a few of them changed, added, removed or doubled."""
    data = bytearray(dumps(draw(plain())))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 9))
        new = draw(
            st.binary(max_size=9)
            | st.sampled_from([bytes([opcode]) for opcode in b"(]})\x85\x86\x87tasueN\x8a."])
            | st.just(bytes(data[at : at + length]) * 2)
        )
        data[at : at + length] = new
    return bytes(data)


@given(damaged())
def test_damaged_bytes_are_a_value_or_an_error(data: bytes) -> None:
    read_or_refuse(data)


@given(st.binary(max_size=50))
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    read_or_refuse(data)
    read_or_refuse(data_of(data))
    read_or_refuse(data_of(body(data)))


# Whole opcodes in any order: what a checker that has forgotten a rule would let through.
PIECES = [
    b"(", b"]", b"}", b")", b"\x85", b"\x86", b"\x87", b"t", b"a", b"e", b"s", b"u",
    b"N", b"\x88", b"\x89", b"K\1", b"M\1\2", b"J\1\2\3\4", b"\x8a\0", b"\x8a\2\0\1",
    b"G\x7f\xf8\0\0\0\0\0\1", b"C\1x", b"B\1\0\0\0x", b"\x8e\1\0\0\0\0\0\0\0x",
    b"\x8c\1k", b"X\1\0\0\0k", b"\x8d\1\0\0\0\0\0\0\0k", b"\x8c\2\xc3\xa9", b"\x8c\1\xff",
    b"\x97", b"\x97\x98", b"\x98",
    b"\x95\0\0\0\0\0\0\0\0", b"\x95\1\0\0\0\0\0\0\0", b".",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_any_opcodes_are_a_value_or_an_error(pieces: bytes) -> None:
    for buffers in ((), (b"",), (b"x", b"yz")):
        read_or_refuse(data_of(body(pieces), *buffers))


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_every_truncation_is_an_error(at: int) -> None:
    data = dumps(EVERYTHING)
    message = refuse_data(data[:at])
    assert message.startswith(f"snapshot data is truncated at byte {at}")
    pickled = pickle_of(data)
    if at < 2:
        assert refuse(pickled[:at]) == "snapshot data is not a pickle of protocol 5"
    else:
        assert refuse(pickled[:at]) == f"snapshot data is truncated at byte {at}"


# -- inputs made to do harm ------------------------------------------------------------------------


class Exploit:
    def __reduce__(self) -> tuple[Any, ...]:
        raise AssertionError("only its class is used")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        # Calling something.
        ([b"cos\nsystem\n", b"\x8c\x04true", b"\x85", b"R"], "GLOBAL at byte 2"),
        ([b"\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R"], "STACK_GLOBAL at byte 14"),
        ([b"(S'true'\nios\nsystem\n"], "STRING at byte 3"),
        ([b"(\x8c\x04trueios\nsystem\n"], "INST at byte 9"),
        ([b"(\x8c\x02osos"], "OBJ at byte 7"),
        ([b"N)\x81"], "NEWOBJ at byte 4"),
        ([b"N)}\x92"], "NEWOBJ_EX at byte 5"),
        ([b"N}b"], "BUILD at byte 4"),
        ([b"N)R"], "REDUCE at byte 4"),
        ([b"P1\n"], "PERSID at byte 2"),
        ([b"NQ"], "BINPERSID at byte 3"),
        ([b"\x82\1"], "EXT1 at byte 2"),
        ([b"\x83\1\1"], "EXT2 at byte 2"),
        ([b"\x84\1\1\1\1"], "EXT4 at byte 2"),
        # Memo, sharing and cycles.
        ([b"Nr\xff\xff\xff\x7f"], "LONG_BINPUT at byte 3"),
        ([b"Nq\0"], "BINPUT at byte 3"),
        ([b"Np99999999999\n"], "PUT at byte 3"),
        ([b"N\x94"], "MEMOIZE at byte 3"),
        ([b"g0\n"], "GET at byte 2"),
        ([b"h\0"], "BINGET at byte 2"),
        ([b"j\0\0\0\0"], "LONG_BINGET at byte 2"),
        ([b")" + b"2\x86" * 60], "DUP at byte 3"),
        ([b"]\x94h\0a"], "MEMOIZE at byte 3"),
        # Taking values off the stack, and forms that the writer never uses.
        ([b"NN0"], "POP at byte 4"),
        ([b"N(1"], "POP_MARK at byte 4"),
        ([b"\x8f(N\x90"], "EMPTY_SET at byte 2"),
        ([b"(N\x91"], "FROZENSET at byte 4"),
        ([b"\x96\x01\0\0\0\0\0\0\0x"], "BYTEARRAY8 at byte 2"),
        ([b"I1\n"], "INT at byte 2"),
        ([b"L1L\n"], "LONG at byte 2"),
        ([b"F1\n"], "FLOAT at byte 2"),
        ([b"V1\n"], "UNICODE at byte 2"),
        ([b"U\1x"], "SHORT_BINSTRING at byte 2"),
        ([b"T\1\0\0\0x"], "BINSTRING at byte 2"),
        ([b"(l"], "LIST at byte 3"),
        ([b"(d"], "DICT at byte 3"),
        ([b"N\x80\x05"], "PROTO at byte 3"),
        ([b"\x8b\1\0\0\0\1"], "LONG4 at byte 2"),
        ([b"\xff"], "opcode 0xff at byte 2"),
        ([b"\0"], "opcode 0x00 at byte 2"),
    ],
)
def test_opcodes_outside_the_subset(parts: list[bytes], message: str) -> None:
    assert refuse(body(*parts)) == f"{message} of snapshot data is not allowed"


def test_the_list_of_refused_opcodes_is_complete() -> None:
    for opcode in pickletools.opcodes:
        if opcode.name not in SUBSET:
            # Behind values and marks that some would need.
            message = refuse(b"\x80\x05]]((NN" + opcode.code.encode("latin-1") + bytes(300))
            assert message == f"{opcode.name} at byte 8 of snapshot data is not allowed"


def test_a_pickled_object_is_refused() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(SnapshotError):
            loads(data_of(pickle.dumps(Exploit, protocol=protocol)))
    assert "MEMOIZE" in refuse(pickle.dumps([1, 2], protocol=5))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "snapshot data stops at byte 2 without being one value"),
        ([b"NN"], "snapshot data stops at byte 4 without being one value"),
        ([b"(N"], "snapshot data stops at byte 4 without being one value"),
        ([b"N.N"], "snapshot data goes on after its end at byte 4"),
        ([b"e"], "APPENDS at byte 2: finds no mark"),
        ([b"t"], "TUPLE at byte 2: finds no mark"),
        ([b"\x85"], "TUPLE1 at byte 2: finds too few values"),
        ([b"N(N\x86"], "TUPLE2 at byte 5: finds too few values"),
        ([b"N(NN\x87"], "TUPLE3 at byte 6: finds too few values"),
        ([b"(NNN\x87t"], None),
        ([b"](Na"], "APPEND at byte 5: finds too few values"),
        ([b"(e"], "APPENDS at byte 3: finds too few values"),
        ([b"N(e"], "APPENDS at byte 4: finds no container to fill"),
        ([b"}(Ne"], "APPENDS at byte 5: finds no container to fill"),
        ([b")Na"], "APPEND at byte 4: finds no container to fill"),
        ([b"\x8c\1kNa"], "APPEND at byte 6: finds no container to fill"),
        ([b"]\x8c\1kNs"], "SETITEM at byte 7: finds no container to fill"),
        ([b"\x8c\1kNs"], "SETITEM at byte 6: finds too few values"),
        ([b"s"], "SETITEM at byte 2: finds too few values"),
        ([b"}KKNs"], "SETITEM at byte 6: finds no pairs of str and value"),
        ([b"}(\x8c\1ku"], "SETITEMS at byte 7: finds no pairs of str and value"),
        ([b"}(\x8c\1kN]Nu"], "SETITEMS at byte 10: finds no pairs of str and value"),
        ([b"\x8c\1\xff"], "SHORT_BINUNICODE at byte 2: holds bytes that are not UTF-8"),
        ([b"\x8a\x11" + b"\0" * 16 + b"\1"], "LONG1 at byte 2: has more than 128 bits"),
        ([b"\x8a\xff" + b"\1" * 255], "LONG1 at byte 2: has more than 128 bits"),
        ([b"\x8a\x11" + b"\xff" * 16 + b"\0"], None),
        ([b"\x8a\x11" + b"\0" * 16 + b"\xff"], None),
        ([b"N\x98"], "READONLY_BUFFER at byte 3: does not follow a buffer"),
        ([b"\x97N\x98\x86"], "READONLY_BUFFER at byte 4: does not follow a buffer"),
        ([b"\x97"], "snapshot data does not use each of its 0 buffers once"),
    ],
)
def test_opcodes_that_do_not_fit_together(parts: list[bytes], message: str | None) -> None:
    if message is None:
        loads(data_of(body(*parts)))
    else:
        assert refuse(body(*parts)).replace(" of snapshot data ", ": ") == message


@pytest.mark.parametrize(
    "piece",
    [
        b"B\xff\xff\xff\xff",
        b"X\xff\xff\xff\xff",
        b"\x8e" + b"\xff" * 7 + b"\x7f",
        b"\x8e" + b"\xff" * 8,
        b"\x8d" + b"\xff" * 8,
        b"\x95" + b"\xff" * 8,
        b"\x95\0\0\0\0\1\0\0\0",
        b"C\xff",
        b"\x8c\xff",
        b"\x8a\xff",
        b"\x8a",
        b"\x8e\1",
        b"\x95",
        b"G\0",
        b"J",
    ],
)
def test_claimed_lengths(piece: bytes) -> None:
    for data in (b"\x80\x05" + piece, body(piece, b"N")):
        assert refuse(data) == f"snapshot data is truncated at byte {len(data)}"


BOMBS = {
    "marks": b"(" * 1_000_000,
    "lists inside each other": b"]" * 500_000 + b"a" * 499_999,
    "tuples inside each other": b")" + b"\x85" * 1_000_000,
    "dicts inside each other": b"}\x8c\1k" * 200_000 + b"}" + b"s" * 200_000,
    "many empty lists": b"](" + b"]" * 1_000_000 + b"e",
    "many values": b"(" + b"N" * 1_000_000 + b"t",
    "pairs of pairs": b")" * (1 << 19) + b"\x86" * ((1 << 19) - 1),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_before_anything_is_built(name: str) -> None:
    data = body(BOMBS[name])
    tracemalloc.start()
    try:
        message = refuse(data, max_items=10_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "nests containers deeper than 32" in message or "limit of 10000 values" in message
    # The data with its head, a copy of the pickle, the shapes of at most 10,000 values, and the
    # message.
    assert peak < 2 * len(data) + (1 << 20)


def test_filling_one_container_again_and_again_takes_linear_time() -> None:
    # Also empty batches, which make no values and so meet no limit but that of the input.
    many = loads(data_of(body(b"]", b"(e" * 50_000, b"Na" * 50_000, b"(N]e" * 10_000)))
    assert len(many) == 70_000
