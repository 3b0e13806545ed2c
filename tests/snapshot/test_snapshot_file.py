"""Snapshot files: the header, the fields, damage, and writing that loses nothing."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refexec.errors import SnapshotError
from refexec.snapshot import PHASES, Buffers, Service, Snapshot, codec, file
from refexec.trap import Result, TrapID

SNAPSHOT = Snapshot(
    module=b"\0asm\1\0\0\0",
    state={
        "instances": [{"memories": [{"pages": 1, "chunks": [[0, b"\1" * 65536]]}]}],
        "calls": [{"frames": [(3, 17, [1, 2**64 - 1], [])]}],
    },
    buffers=Buffers(
        services=[Service("origin", b"\1"), Service("_nonexistent"), Service("\udcff", b"?")],
        input=bytes.fromhex("0d000000ffff00000300010000000000"),
        output=b"\x10\0\0",
    ),
    trap=TrapID.SUSPENDED,
    result=Result(1),
    monotonic_time=1_335_544_320,
    fuel_spent=2**70,
    pending_start=False,
    entry="main",
    final=True,
    phase="entry",
)
EMPTY = Snapshot(module=b"")

SNAPSHOT_DIGEST = "4630fe1bf764fa562979e12dbdb0f54f8245be9ef4ed545c645c10c2abf697ff"
EMPTY_DIGEST = "66f5b48d8a912642c97234974959896e7056bf19c5bdedb0444c80440cc08a50"
HEADER = struct.Struct("<8sIQ32s")


def pack(tree: Any, version: int = file.FORMAT_VERSION) -> bytes:
    """A snapshot file whose header fits, whatever is in it."""
    payload = codec.dumps(tree)
    digest = hashlib.sha256(payload).digest()
    return HEADER.pack(file.MAGIC, version, len(payload), digest) + payload


def tree_of(snapshot: Snapshot) -> dict[str, Any]:
    """The fields as they are stored."""
    tree: dict[str, Any] = codec.loads(file.encode(snapshot)[HEADER.size :])
    return tree


def refuse(data: bytes) -> str:
    with pytest.raises(SnapshotError) as caught:
        file.decode(data)
    return str(caught.value)


# -- round trips -----------------------------------------------------------------------------------


@pytest.mark.parametrize("snapshot", [SNAPSHOT, EMPTY])
def test_round_trip(snapshot: Snapshot, tmp_path: Path) -> None:
    assert file.decode(file.encode(snapshot)) == snapshot
    path = tmp_path / "snapshot"
    file.write(path, snapshot)
    assert file.read(path) == snapshot
    assert file.read(str(path)) == snapshot
    assert path.read_bytes() == file.encode(snapshot)


def test_a_new_record_is_a_fresh_program() -> None:
    assert replace(EMPTY) == Snapshot(
        module=b"",
        state=None,
        buffers=Buffers(services=[], input=b"", output=b""),
        trap=TrapID.EXIT,
        result=Result(0),
        monotonic_time=0,
        fuel_spent=0,
        pending_start=False,
        entry=None,
        final=False,
        phase="fresh",
    )
    assert Buffers().services is not Buffers().services
    assert "asm" not in repr(SNAPSHOT)


def test_the_bytes_are_the_same_on_every_python_version() -> None:
    assert file.encode(EMPTY)[:12] == b"\x8arefexec\1\0\0\0"
    assert hashlib.sha256(file.encode(EMPTY)).hexdigest() == EMPTY_DIGEST
    assert hashlib.sha256(file.encode(SNAPSHOT)).hexdigest() == SNAPSHOT_DIGEST


@pytest.mark.parametrize("phase", PHASES)
def test_phases(phase: str) -> None:
    assert file.decode(file.encode(replace(EMPTY, phase=phase))).phase == phase


@pytest.mark.parametrize("trap", TrapID)
def test_traps(trap: TrapID) -> None:
    back = file.decode(file.encode(replace(EMPTY, trap=trap)))
    assert back.trap is trap


def test_greatest_numbers() -> None:
    snapshot = replace(
        EMPTY, monotonic_time=2**64 - 1, fuel_spent=2**128 - 1, result=Result(3), entry=""
    )
    assert file.decode(file.encode(snapshot)) == snapshot


def test_more_than_256_services_are_kept() -> None:
    services = [Service(f"s{i}", b"") for i in range(300)] + [Service("x" * 127)]
    snapshot = replace(EMPTY, buffers=Buffers(services))
    assert file.decode(file.encode(snapshot)).buffers.services == services


# -- what the header tells -------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\0asm\1\0\0\0", b"refexec\n" * 10, file.MAGIC[:7]])
def test_other_files(data: bytes) -> None:
    assert refuse(data) == "not a refexec snapshot"


def test_newer_version_names_both() -> None:
    assert refuse(pack(tree_of(EMPTY), version=7)) == (
        "snapshot has format version 7, which is newer than the version 1 that this release reads"
    )
    # Even if nothing else is as it is today.
    assert "version 7" in refuse(HEADER.pack(file.MAGIC, 7, 1 << 60, bytes(32)) + b"?")


def test_unknown_version() -> None:
    assert refuse(pack(tree_of(EMPTY), version=0)) == (
        "snapshot has format version 0, but this release reads 1"
    )


def test_truncation_and_excess() -> None:
    data = file.encode(EMPTY)
    assert refuse(data[:51]) == "snapshot is truncated at byte 51"
    for size in (52, len(data) - 1):
        assert (
            refuse(data[:size]) == f"snapshot is truncated: {size} bytes of {len(data)} are there"
        )
    assert refuse(data + b"\0") == f"snapshot goes on after its end at byte {len(data)}"


def test_every_changed_byte_is_noticed() -> None:
    data = file.encode(EMPTY)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x40
        refuse(bytes(changed))
    assert "SHA-256" in refuse(data[:-1] + b"\0")
    assert "SHA-256" in refuse(data[:20] + bytes(32) + data[52:])


# -- what the fields must be -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("module", "text", "snapshot has wrong type for module: str"),
        ("module", 1, "snapshot has wrong type for module: int"),
        ("module", b"", "snapshot has the digest of another program"),
        ("digest", "0" * 64, "snapshot has the digest of another program"),
        ("digest", "abc", "snapshot has a digest that is none: 'abc'"),
        ("digest", None, "snapshot has wrong type for digest: NoneType"),
        ("state", [], "snapshot has wrong type for state: list"),
        ("services", (), "snapshot has wrong type for services: tuple"),
        ("services", [("a", b""), ("b",)], "snapshot has wrong type in services[1]"),
        ("services", [("a", "b")], "snapshot has wrong type in services[0]"),
        ("services", [(b"a", b"b")], "snapshot has wrong type in services[0]"),
        ("services", [None], "snapshot has wrong type in services[0]"),
        ("services", [("", b"")], "snapshot has service name out of bounds in services[0]"),
        ("services", [("x" * 128, b"")], "snapshot has service name out of bounds in services[0]"),
        ("services", [("\ud800", b"")], "snapshot has service name out of bounds in services[0]"),
        ("input", None, "snapshot has wrong type for input: NoneType"),
        ("output", 5, "snapshot has wrong type for output: int"),
        ("trap", True, "snapshot has wrong type for trap: bool"),
        ("trap", 11, "snapshot has unknown trap id 11"),
        ("trap", -1, "snapshot has unknown trap id -1"),
        ("result", 4, "snapshot has result out of range: 4"),
        ("result", -1, "snapshot has result out of range: -1"),
        ("monotonic_time", 1.5, "snapshot has wrong type for monotonic_time: float"),
        ("monotonic_time", 2**64, f"snapshot has monotonic_time out of range: {2**64}"),
        ("fuel_spent", -1, "snapshot has fuel_spent out of range: -1"),
        ("pending_start", 1, "snapshot has wrong type for pending_start: int"),
        ("entry", b"main", "snapshot has wrong type for entry: bytes"),
        ("final", None, "snapshot has wrong type for final: NoneType"),
        ("phase", "asleep", "snapshot has unknown phase 'asleep'"),
        ("phase", "a\nb", r"snapshot has unknown phase 'a\nb'"),
    ],
)
def test_wrong_fields(field: str, value: Any, message: str) -> None:
    assert refuse(pack({**tree_of(SNAPSHOT), field: value})) == message


@pytest.mark.parametrize("field", tree_of(EMPTY))
def test_missing_fields(field: str) -> None:
    tree = tree_of(EMPTY)
    del tree[field]
    assert refuse(pack(tree)) == f"snapshot has no {field}"


def test_unknown_fields_and_other_trees() -> None:
    assert refuse(pack({**tree_of(EMPTY), "more": 1})) == "snapshot has unknown field 'more'"
    assert refuse(pack([1, 2])) == "snapshot is not a record"
    pickled = b"\x80\x05cos\nsystem\n."
    payload = struct.pack("<QI", len(pickled), 0) + pickled
    header = HEADER.pack(file.MAGIC, 1, len(payload), hashlib.sha256(payload).digest())
    assert "GLOBAL" in refuse(header + payload)


@pytest.mark.parametrize(
    "snapshot",
    [
        replace(EMPTY, phase="asleep"),
        replace(EMPTY, monotonic_time=-1),
        replace(EMPTY, result=Result(5)),
        replace(EMPTY, buffers=Buffers([Service("")])),
        replace(EMPTY, state={"callback": print}),
        replace(EMPTY, state={1: 2}),  # type: ignore[dict-item]  # what is refused
        replace(EMPTY, module=bytearray(b"")),  # type: ignore[arg-type]  # what is refused
    ],
)
def test_what_could_not_be_read_is_not_written(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError):
        file.write(tmp_path / "snapshot", snapshot)
    assert list(tmp_path.iterdir()) == []


@given(
    st.dictionaries(
        st.sampled_from(list(tree_of(EMPTY))),
        st.none() | st.integers(-2, 40) | st.text(max_size=2) | st.binary(max_size=2)
        | st.lists(st.tuples(st.text(max_size=2), st.binary(max_size=2)), max_size=2),
    )
)  # fmt: skip
def test_any_fields_are_a_snapshot_or_an_error(fields: dict[str, Any]) -> None:
    try:
        snapshot = file.decode(pack({**tree_of(EMPTY), **fields}))
    except SnapshotError:
        return
    assert file.decode(file.encode(snapshot)) == snapshot


# -- files -----------------------------------------------------------------------------------------


def test_reading_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"cannot read snapshot .*gone: No such file"):
        file.read(tmp_path / "gone")
    with pytest.raises(SnapshotError, match=r"cannot read snapshot .*: Is a directory"):
        file.read(tmp_path)


def test_reading_stops_at_the_first_thing_that_is_wrong() -> None:
    # These never end, or never begin.
    with pytest.raises(SnapshotError, match="not a refexec snapshot"):
        file.read("/dev/zero")
    with pytest.raises(SnapshotError, match="not a refexec snapshot"):
        file.read("/dev/null")


def test_reading_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    file.write(path, SNAPSHOT)
    size = path.stat().st_size
    assert file.read(path, max_size=size) == SNAPSHOT
    with pytest.raises(SnapshotError, match=f"snapshot has more than {size - 1} bytes"):
        file.read(path, max_size=size - 1)


def test_a_length_that_is_only_claimed_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(HEADER.pack(file.MAGIC, 1, file.MAX_SIZE - 52, bytes(32)) + b"little")
    with pytest.raises(SnapshotError, match=f"truncated: 58 bytes of {file.MAX_SIZE} are there"):
        file.read(path)
    path.write_bytes(HEADER.pack(file.MAGIC, 1, 2**64 - 1, bytes(32)))
    with pytest.raises(SnapshotError, match="more than"):
        file.read(path)


def test_reading_notices_what_follows(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(file.encode(EMPTY) + b"\n")
    with pytest.raises(SnapshotError, match="goes on after its end"):
        file.read(path)


def test_reading_from_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(file.encode(SNAPSHOT)))
    writer.start()
    assert file.read(path) == SNAPSHOT
    writer.join(10)


def test_writing_replaces_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(b"old")
    with open(path, "rb") as old:
        file.write(path, SNAPSHOT)
        assert old.read() == b"old"
    assert file.read(path) == SNAPSHOT
    assert list(tmp_path.iterdir()) == [path]


def test_new_files_get_the_usual_mode(tmp_path: Path) -> None:
    file.write(tmp_path / "snapshot", EMPTY)
    (tmp_path / "usual").write_bytes(b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "snapshot"
    target.parent.mkdir()
    link = tmp_path / "link"
    link.symlink_to(target)
    for _ in range(2):  # dangling, then not
        file.write(link, SNAPSHOT)
        assert link.is_symlink()
        assert file.read(target) == SNAPSHOT


def test_writing_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"cannot write snapshot .*: Is a directory"):
        file.write(tmp_path, EMPTY)
    with pytest.raises(SnapshotError, match=r"cannot write snapshot .*: No such file"):
        file.write(tmp_path / "gone" / "snapshot", EMPTY)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SnapshotError, match=r"cannot write snapshot .*: Not a regular file"):
        file.write(pipe, EMPTY)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(SnapshotError, match="Not a regular file"):
        file.write("/dev/null", EMPTY)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SnapshotError, match=r"cannot write snapshot .*: Not a directory"):
        file.write(tmp_path / "file" / "snapshot", EMPTY)


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "snapshot"
    file.write(path, EMPTY)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    # The one thing that a test cannot have for real: a disk that fills up just now.
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SnapshotError, match=r"cannot write snapshot .*: No space left on device"):
        file.write(path, SNAPSHOT)
    assert file.read(path) == EMPTY
    assert list(tmp_path.iterdir()) == [path]
