"""Logs of every version of the format stay readable, and are replayed to the same end."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from assemble import assemble
from refexec import wasm
from refexec.abi import inputlog
from refexec.abi.inputlog.recorder import Piece
from refexec.runtime import Replay
from refexec.trap import Result, TrapID

FORMATS = Path(__file__).parent / "input_logs"
DOCUMENT = Path(__file__).parents[2] / "docs" / "input-log.md"
VERSIONS = range(1, inputlog.FORMAT_VERSION + 1)
STEPS = ("begun", "resumed")

ENDS = {
    "begun": (TrapID.SUSPENDED, Result(0), 50, 8, b"hello\nhello\n"),
    "resumed": (TrapID.EXIT, Result(3), 94, 7, b"hello\n"),
}
"""Trap, result, fuel, number of calls, debug text."""


def path(version: int, step: str) -> Path:
    return FORMATS / f"version-{version}-{step}.log"


def test_there_are_logs_of_every_version() -> None:
    kept = {file.name for file in FORMATS.glob("*.log")}
    assert kept == {path(version, step).name for version in VERSIONS for step in STEPS}


@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_log_of_every_version_is_replayed(version: int, step: str, engine: str) -> None:
    log = inputlog.read(path(version, step))
    assert path(version, step).read_bytes()[8:12] == version.to_bytes(4, "little")
    logged, sent = io.BytesIO(), io.BytesIO()
    replay = Replay(log, engine=engine, logged=logged.write, sent=sent.write)
    assert replay.run()
    assert replay.complete
    instance, _ = replay.outcome()
    trap, result, fuel, calls, text = ENDS[step]
    assert (instance.trap, instance.result) == (trap, result)
    assert (replay.fuel_spent, replay.position) == (fuel, calls)
    assert logged.getvalue() == text
    packet = b"\x0c\0\0\0\xff\xff\0\0\1\0\1x\0\0\0\0"
    assert sent.getvalue() == (packet if step == "resumed" else b"")


@pytest.mark.parametrize("step", STEPS)
def test_the_newest_version_is_written_to_the_byte(step: str) -> None:
    """What is written today has not changed since its version was given a number."""
    file = path(inputlog.FORMAT_VERSION, step)
    log = inputlog.read(file)
    again = io.BytesIO()
    writer = inputlog.LogWriter(again.write)
    writer.begin(log.beginning)
    for call in log.encoded_calls:
        writer.piece(Piece.LAST, call)
    assert log.ending is not None
    writer.end(log.ending)
    assert again.getvalue() == file.read_bytes()
    text = (FORMATS / f"version-{inputlog.FORMAT_VERSION}.wat").read_text(encoding="utf-8")
    assert log.beginning.snapshot.module == assemble(text)


def test_the_python_of_the_document_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "run.log").write_bytes(path(1, "begun").read_bytes())
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    replay = names["replay"]
    assert isinstance(replay, Replay)
    assert replay.ended


def test_the_bytes_of_the_document_are_those_of_a_call() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    (dump,) = re.findall(r"```\n((?:[0-9a-f]{2}[ \n])+)```", text)
    log = inputlog.read(path(1, "begun"))
    assert bytes.fromhex(dump) == log.encoded_calls[3]


def test_public_names_are_imported_when_they_are_used() -> None:
    assert inputlog.Replayer.__module__ == "refexec.abi.inputlog.replayer"
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        inputlog.nonsense  # noqa: B018  # looking it up is the test
