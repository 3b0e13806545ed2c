"""Input logs for tests: a beginning to write, and good logs taken apart and made to fit again."""

from __future__ import annotations

import hashlib
import struct

from refexec.abi.inputlog.container import Beginning, Bounds
from refexec.snapshot import Buffers, Service, Snapshot

BEGINNING = Beginning(
    snapshot=Snapshot(
        module=b"\0asm\1\0\0\0",
        state={"frames": []},
        buffers=Buffers([Service("origin", b"\1")], b"in", b"out"),
        phase="entry",
        fuel_spent=100,
    ),
    bounds=Bounds(10_000, 1_000_000, 100, 1024, 1_000_000, 1 << 28),
    fuel=5_000,
    engine="reference",
)


def reseal(data: bytes) -> bytes:
    """Make all checks of a changed file fit again, as far as its records go."""
    out = data[:12]
    at = 12
    while at + 8 <= len(data):
        length = struct.unpack_from("<I", data, at + 4)[0]
        out += data[at : at + 8 + length]
        out += hashlib.sha256(out).digest()[:8]
        at += length + 16
    return out
