"""Input logs in files: what is in them, and that damage is told and does no damage."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_logs import BEGINNING, reseal
from refexec.abi.inputlog import container
from refexec.abi.inputlog.calls import (
    EffectKind,
    Outcome,
    OutcomeKind,
    encode_effect,
    encode_head,
    encode_outcome,
)
from refexec.abi.inputlog.container import (
    FORMAT_VERSION,
    MAGIC,
    Beginning,
    Bounds,
    Ending,
    InputLog,
    LogWriter,
    Remains,
)
from refexec.abi.inputlog.recorder import Piece
from refexec.errors import InputLogError, SnapshotError
from refexec.snapshot import Buffers, Service, Snapshot, codec
from refexec.trap import Result, TrapID

ENDING = Ending(
    trap=TrapID.SUSPENDED,
    result=Result(1),
    error="",
    status=102,
    begun=True,
    final=Remains("entry", 3, 65536, 1_000_000_000, 4_000, 2, "0123456789abcdef" * 4),
    buffers=Buffers([Service("origin", b"\2"), Service("x")], b"more", b""),
)


def call(fuel: int = 10, data: bytes = b"data", outcome: Outcome | None = None) -> bytes:
    return (
        encode_head(1, fuel, (1, 2))
        + encode_effect(EffectKind.WROTE, 8, len(data), data)
        + encode_outcome(outcome or Outcome(OutcomeKind.RETURNED, (0,)))
    )


def write(
    calls: list[bytes] | None = None,
    beginning: Beginning = BEGINNING,
    ending: Ending | None = ENDING,
) -> bytes:
    file = io.BytesIO()
    writer = LogWriter(file.write)
    writer.begin(beginning)
    for data in [call(110), call()] if calls is None else calls:
        writer.piece(Piece.LAST, data)
    if ending is not None:
        writer.end(ending)
    return file.getvalue()


def load(data: bytes, **options: int) -> InputLog:
    return container.load(io.BytesIO(data), **options)


def refuse(data: bytes, **options: int) -> str:
    with pytest.raises(InputLogError) as caught:
        load(data, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


GOOD = write()


# -- round trips -----------------------------------------------------------------------------------


def test_a_log_survives(tmp_path: Path) -> None:
    log = load(GOOD)
    assert log.beginning == BEGINNING
    assert log.ending == ENDING
    assert log.fuels == [110, 120]
    assert log.call(1).arguments == (1, 2)
    assert log.call(1).effects[0].data == b"data"
    file = tmp_path / "log"
    file.write_bytes(GOOD)
    assert container.read(file) == log


@pytest.mark.parametrize(
    "ending",
    [
        Ending(TrapID.KILLED, Result()),
        Ending(TrapID.ABI_VIOLATION, Result(), error="bad packet"),
        replace(ENDING, begun=False, final=None, status=None),
    ],
)
def test_other_endings_survive(ending: Ending) -> None:
    assert load(write(ending=ending)).ending == ending


def test_a_long_text_of_an_error_is_cut() -> None:
    ending = load(write(ending=replace(ENDING, error="x" * 10_000))).ending
    assert ending is not None
    assert ending.error == "x" * container.MAX_ERROR


def test_a_run_without_a_fuel_limit() -> None:
    beginning = replace(BEGINNING, fuel=None)
    assert load(write(beginning=beginning)).beginning == beginning


def test_the_layout_of_a_file() -> None:
    assert GOOD[:12] == MAGIC + b"\1\0\0\0"
    kinds = []
    at = 12
    while at < len(GOOD):
        kind, length = struct.unpack_from("<BxxxI", GOOD, at)
        kinds.append(kind)
        end = at + 8 + length
        assert GOOD[end : end + 8] == hashlib.sha256(GOOD[:end]).digest()[:8]
        at = end + 8
    assert kinds == [1, 2, 2, 4]


def test_a_long_call_comes_in_parts() -> None:
    file = io.BytesIO()
    writer = LogWriter(file.write)
    writer.begin(BEGINNING)
    whole = call(data=bytes(100))
    writer.piece(Piece.PART, whole[:50])
    writer.piece(Piece.PART, whole[50:60])
    writer.piece(Piece.LAST, whole[60:])
    assert load(file.getvalue()).encoded_calls == [whole]


# -- logs that are not complete --------------------------------------------------------------------


def test_every_beginning_of_a_file_is_used_as_far_as_it_goes() -> None:
    begun = len(write([], ending=None))
    one = len(write([call(110)], ending=None))
    two = len(write(ending=None))
    for size in range(len(GOOD)):
        if size < begun:
            refuse(GOOD[:size])
            continue
        log = load(GOOD[:size])
        assert log.ending is None
        assert len(log.fuels) == (size >= one) + (size >= two)


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\0asm\1\0\0\0", b"\x8arefexec" + bytes(100), MAGIC[:7]])
def test_other_files(data: bytes) -> None:
    assert refuse(data) == "not a refexec input log"


def test_a_newer_version_names_both() -> None:
    data = MAGIC + struct.pack("<I", 7) + b"?"
    assert refuse(data) == (
        "input log has format version 7, which is newer than the version 1 that this release reads"
    )
    assert refuse(MAGIC + bytes(4)) == (
        f"input log has format version 0, but this release reads {FORMAT_VERSION}"
    )


def test_a_beginning_that_is_missing() -> None:
    assert refuse(MAGIC) == "input log is truncated at byte 8"
    assert refuse(GOOD[:12]) == "input log is truncated at byte 12"


def test_sizes_are_bounded() -> None:
    assert refuse(GOOD, max_size=len(GOOD) - 1) == f"input log has more than {len(GOOD) - 1} bytes"
    # A length is only a claim, which costs nothing until the bytes are there.
    assert load(write([], ending=None) + struct.pack("<BxxxI", 2, 0xFFFF_FFFF)).fuels == []


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputLogError, match="No such file"):
        container.read(tmp_path / "none")
    with pytest.raises(InputLogError, match="Is a directory"):
        container.read(tmp_path)


def records(*items: tuple[int, bytes]) -> bytes:
    """A file whose checks fit, whatever is in it."""
    data = MAGIC + struct.pack("<I", FORMAT_VERSION)
    for kind, payload in items:
        data += struct.pack("<BxxxI", kind, len(payload)) + payload
        data += hashlib.sha256(data).digest()[:8]
    return data


def payload(number: int) -> bytes:
    """The payload of a record of a good log."""
    at = 12
    while True:
        length = struct.unpack_from("<I", GOOD, at + 4)[0]
        if not number:
            return GOOD[at + 8 : at + 8 + length]
        at += length + 16
        number -= 1


BEGIN, END = payload(0), payload(3)


def test_the_helpers_of_this_test() -> None:
    assert records((1, BEGIN), (2, call(110)), (2, call()), (4, END)) == GOOD


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([(2, call())], "begins with CALL, expected BEGIN"),
        ([(1, BEGIN), (1, BEGIN)], "has BEGIN in the wrong place"),
        ([(1, BEGIN), (4, END), (2, call())], "has CALL in the wrong place"),
        ([(1, BEGIN), (4, END), (4, END)], "has END in the wrong place"),
        ([(1, BEGIN), (3, call()), (4, END)], "has END in the middle of a call"),
        ([(1, BEGIN), (2, bytes(70_000))], "has a call that is too long"),
        ([(1, BEGIN), (2, call()), (2, b"\1")], "call 2 is cut short at byte 1"),
        (
            [(1, BEGIN), (2, call(outcome=Outcome(OutcomeKind.SUSPENDED))), (2, call())],
            "goes on after a call that ended the run",
        ),
        ([(5, b"")], "has a damaged record header"),
        ([(1, b"nonsense")], "has a damaged BEGIN"),
        ([(1, codec.dumps([]))], "has a BEGIN that is no record"),
        ([(1, BEGIN), (4, codec.dumps(1))], "has a END that is no record"),
    ],
)
def test_records_that_make_no_sense(items: list[tuple[int, bytes]], message: str) -> None:
    assert message in refuse(records(*items))


LIMITS = dict.fromkeys(Bounds.__slots__, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"engine": 1}, "has no valid engine in BEGIN"),
        ({"fuel": -1}, "has fuel out of range in BEGIN: -1"),
        ({"extra": 1}, "has an unknown field 'extra' in BEGIN"),
        ({"limits": LIMITS | {"slots": 1 << 64}}, "has slots out of range in limits"),
        ({"limits": LIMITS | {"more": 1}}, "has an unknown field 'more' in limits"),
        ({"limits": {}}, "has no valid call_depth in limits"),
        ({"snapshot": b"?"}, "begins with a bad snapshot: not a refexec snapshot"),
    ],
)
def test_beginnings_that_make_no_sense(change: dict[str, Any], message: str) -> None:
    tree = codec.loads(BEGIN) | change
    assert message in refuse(records((1, codec.dumps(tree))))


FINAL = codec.loads(END)["final"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trap": 11}, "has an unknown trap id 11 in END"),
        ({"result": 4}, "has result out of range in END: 4"),
        ({"status": 256}, "has status out of range in END: 256"),
        ({"begun": 1}, "has no valid begun in END"),
        ({"error": "x" * 5000}, "has too long a text in END"),
        ({"services": [("a", "b")]}, "has an invalid service in END"),
        ({"final": {}}, "has no valid phase in final"),
        ({"final": FINAL | {"phase": "lost"}}, "has an invalid phase or digest in END"),
        ({"final": FINAL | {"digest": "0"}}, "has an invalid phase or digest in END"),
        ({"final": FINAL | {"x": "0"}}, "has an unknown field 'x' in final"),
        ({"extra": 1}, "has an unknown field 'extra' in END"),
    ],
)
def test_endings_that_make_no_sense(change: dict[str, Any], message: str) -> None:
    tree = codec.loads(END) | change
    assert message in refuse(records((1, BEGIN), (4, codec.dumps(tree))))


def test_a_snapshot_that_cannot_be_written() -> None:
    bad = replace(BEGINNING, snapshot=Snapshot(b"", fuel_spent=-1))
    with pytest.raises(SnapshotError):
        write(beginning=bad)


def tried(data: bytes) -> InputLog | None:
    """Load, which may be refused with one line, and with nothing else."""
    try:
        return load(data)
    except InputLogError as error:
        message = str(error)
    assert "\n" not in message
    return None


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_damage_is_an_error_and_nothing_else(data: st.DataObject) -> None:
    bad = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] ^= data.draw(st.integers(1, 255))
    log = tried(bytes(bad))
    if log is None:
        return
    # A length that became too large makes a file that ends too soon; or nothing has changed.
    assert bad == GOOD or log.ending is None


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_damage_whose_checks_fit_is_an_error_too(data: st.DataObject) -> None:
    bad = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(12, len(bad) - 1))] = data.draw(st.integers(0, 255))
    tried(reseal(bytes(bad)))
