"""One file of every version of the container stays readable, and its program goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from assemble import assemble
from refexec import image, wasm
from refexec.snapshot import Buffers, Service, file
from refexec.trap import TrapID

FORMATS = Path(__file__).parent / "formats"
VERSIONS = range(1, file.FORMAT_VERSION + 1)


def test_there_is_a_file_of_every_version() -> None:
    kept = {path.name for path in FORMATS.glob("*.snapshot")}
    assert kept == {f"version-{version}.snapshot" for version in VERSIONS}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_every_version_is_read_and_goes_on(version: int) -> None:
    data = (FORMATS / f"version-{version}.snapshot").read_bytes()
    assert int.from_bytes(data[8:12], "little") == version
    record = file.decode(data)
    assert record.buffers == Buffers(
        [Service("origin", b"state"), Service("_nonexistent")],
        input=bytes.fromhex("0d000000ffff00000300010000000000"),
        output=b"\x10\0\0",
    )
    assert (record.trap, record.phase, record.fuel_spent) == (TrapID.SUSPENDED, "entry", 1000)
    assert record.monotonic_time == 1_335_544_320
    program, instance = image.Instance.from_snapshot(record)
    assert instance.stack_usage > 1
    assert record.state is not None
    running = wasm.Instance.thaw(program.module, record.state)
    assert running.state_digest() == (
        "b076337b79228149fa3633632045a2dcb3bb76390a3e1140b568360ae497a705"
    )
    assert running.resume() == wasm.Returned([0])
    assert running.fuel_spent == 3460
    assert running.state_digest() == (
        "218338be4a7bd120cc8ac61eb2d9965c9daed95a8fb51a6165da8ab1af49fd54"
    )


def test_the_newest_version_is_written_to_the_byte() -> None:
    """What is written today has not changed since its version was given a number."""
    data = (FORMATS / f"version-{file.FORMAT_VERSION}.snapshot").read_bytes()
    assert file.encode(file.decode(data)) == data
    text = (FORMATS / f"version-{file.FORMAT_VERSION}.wat").read_text(encoding="utf-8")
    module = wasm.Module(assemble(text))
    instance = wasm.Instance(module, fuel=1000)
    assert instance.call("main") == wasm.Suspended()
    record = file.decode(data)
    assert module.data == record.module
    assert record.state is not None
    assert instance.freeze() == wasm.Instance.thaw(module, record.state).freeze()
