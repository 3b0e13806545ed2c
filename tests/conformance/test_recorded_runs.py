"""Recorded runs in the runtime suite: the kit's own reader of logs, spoilt logs, false records."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from refexec_conformance.runtime import inputlog
from refexec_conformance.runtime.backend import (
    End,
    LogReplayer,
    Replayed,
    Runtime,
    Stage,
    Start,
    close_runtime,
    create_runtime,
)
from refexec_conformance.runtime.command import CommandRuntime
from refexec_conformance.runtime.conduct import choose_cases
from refexec_conformance.runtime.inputlog import LogFormatError, call_text, read_log, write_log
from refexec_conformance.runtime.judge import judge_case, play_case
from refexec_conformance.verdicts import FileVerdict, Verdict

from runtime_cases import Wrapped, python_command

DOCUMENT = (Path(__file__).parents[2] / "docs" / "input-log.md").read_text("utf-8")
ADAPTER = Path(__file__).parent.parent / "support" / "recording_runtime.py"
(SPEAKS,) = choose_cases(["inputlog/speaks"])
(EVERY_CUT,) = choose_cases(["inputlog/every-cut"])


@pytest.fixture(scope="module")
def reference() -> Iterator[Runtime]:
    runtime = create_runtime("reference")
    yield runtime
    close_runtime(runtime)


class Recording(Wrapped):
    """Changes what the runtime inside has recorded, and replays as that does."""

    def play(self, start: Start, stage: Stage) -> End:
        end = self.inside.play(start, stage)
        assert end.log is not None
        end.log = self.change(end.log)
        return end

    def change(self, log: bytes) -> bytes:
        return log

    def replay(self, log: bytes, fuel: int | None) -> Replayed:
        return cast(LogReplayer, self.inside).replay(log, fuel)


def test_the_call_of_the_document_is_read_as_the_document_says() -> None:
    example = DOCUMENT.split("returns 0:\n\n```\n")[1].split("```")[0]
    assert call_text(bytes.fromhex(example), ["a", "b", "fd_write"]) == (
        "fd_write(1, 16, 1, 8) after 5 fuel; logged 6 bytes at 64 that begin their hash with "
        "5891b5b522d5df08; wrote 'hex:06000000' at 8; returned 0"
    )


def test_a_log_is_written_as_it_was_read(reference: Runtime) -> None:
    logs: list[bytes] = []

    class Keeps(Recording):
        def change(self, log: bytes) -> bytes:
            logs.append(log)
            return log

    assert judge_case(SPEAKS, Keeps(reference)).verdict is FileVerdict.PASS
    (data,) = logs
    log = read_log(data)
    assert write_log(log) == data
    assert inputlog.record_borders(log)[-1] == len(data)
    for spoilt in (b"", data[:11], b"x" + data[1:], data[:30] + b"\xff" + data[31:]):
        with pytest.raises(LogFormatError):
            read_log(spoilt)
    assert read_log(data[:-1]).records == log.records[:-1]
    assert read_log(data[:-1]).plain(inputlog.END) is None


@pytest.mark.parametrize("call", ["", "00", "0002000600", "000200100100ff", "00020015"])
def test_what_is_no_call_is_said(call: str) -> None:
    with pytest.raises(LogFormatError):
        call_text(bytes.fromhex(call), [])


def test_a_record_that_leaves_out_a_call_is_convicted(reference: Runtime) -> None:
    class Forgets(Recording):
        def change(self, data: bytes) -> bytes:
            log = read_log(data)
            return write_log(replace(log, records=(*log.records[:2], *log.records[3:])))

    (finding,) = judge_case(SPEAKS, Forgets(reference)).findings
    assert "input log: 9 calls" in finding.expected
    assert "input log: 8 calls" in finding.got
    assert "replay 1: diverged at call 2" in finding.got


def test_a_record_that_is_no_log_is_convicted(reference: Runtime) -> None:
    class Babbles(Recording):
        def change(self, data: bytes) -> bytes:
            return b"once upon a time"

    (finding,) = judge_case(SPEAKS, Babbles(reference)).findings
    assert "it does not begin as an input log does" in finding.got


def test_a_replay_that_believes_everything_is_convicted(reference: Runtime) -> None:
    class Believes(Recording):
        def replay(self, log: bytes, fuel: int | None) -> Replayed:
            again = super().replay(log, fuel)
            return Replayed("stopped", call=0) if again.outcome == "refused" else again

    (finding,) = judge_case(EVERY_CUT, Believes(reference)).findings
    assert "replay 1: refused, stopped" in finding.expected
    assert "replay 1: stopped" in finding.got


def test_a_replay_that_is_not_the_same_says_in_what(reference: Runtime) -> None:
    class Invents(Recording):
        def replay(self, log: bytes, fuel: int | None) -> Replayed:
            return replace(super().replay(log, fuel), debug=b"something", result=3)

    (finding,) = judge_case(SPEAKS, Invents(reference)).findings
    assert "replay 1: other result and debug text" in finding.got


def adapter(fault: str = "") -> CommandRuntime:
    return CommandRuntime(shlex.split(python_command(ADAPTER, fault)))


def test_an_adapter_records_and_replays() -> None:
    runtime = adapter()
    for name in ("speaks", "every-cut", "every-field", "other-calls", "other-records"):
        (case,) = choose_cases([f"inputlog/{name}"])
        assert [str(finding) for finding in judge_case(case, runtime).findings] == []
    runtime.close()


@pytest.mark.parametrize(
    ("fault", "verdict", "words"),
    [
        ("outcome", Verdict.ERROR, "a replay ends with one of .* not 'forgotten'"),
        ("call", Verdict.ERROR, "expected the number of a call, not None"),
        ("trap", Verdict.ERROR, "expected a trap number"),
        ("declines", Verdict.UNSUPPORTED, "not today"),
    ],
)
def test_what_an_adapter_may_get_wrong_about_replays(
    fault: str, verdict: Verdict, words: str
) -> None:
    runtime = adapter(fault)
    (played,) = play_case(SPEAKS, runtime)
    runtime.close()
    assert played.verdict is verdict
    assert re.search(words, played.message)


def test_an_adapter_that_records_garbage_is_convicted() -> None:
    runtime = adapter("garbage")
    result = judge_case(SPEAKS, runtime)
    runtime.close()
    assert result.counts == {Verdict.FAIL: 1}
