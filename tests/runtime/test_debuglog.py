"""Debug text: cut into lines, flushed, and never the program's problem."""

from __future__ import annotations

import io

import pytest

from refexec.runtime.debuglog import DebugLog


class Writer(io.BytesIO):
    """Records writes and flushes."""

    def __init__(self, short: int | None = None) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.flushes = 0
        self._short = short

    def write(self, data: bytes) -> int:  # type: ignore[override]  # tests give bytes only
        data = data[: self._short]
        self.writes.append(data)
        return len(data)

    def flush(self) -> None:
        self.flushes += 1


class Failing:
    """A writer that is broken after so many writes."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.left -= 1
        if self.left < 0:
            raise BrokenPipeError
        self.writes.append(data)


def feed(*pieces: bytes) -> Writer:
    writer = Writer()
    log = DebugLog(writer)
    for piece in pieces:
        log.feed(piece)
    log.finish()
    assert writer.flushes == len(writer.writes)
    return writer


@pytest.mark.parametrize(
    ("pieces", "writes"),
    [
        ([], []),
        ([b"a", b"b\n", b"c"], [b"ab\n", b"c\n"]),
        ([b"a\nb\nc"], [b"a\n", b"b\n", b"c\n"]),
        ([b"a\r\x0bb\x1c\n"], [b"a\r\x0bb\x1c\n"]),
        ([b"\n\n"], [b"\n", b"\n"]),
        ([b"x" * 4096], [b"x" * 4096, b"\n"]),
        ([b"x" * 4095, b"\n"], [b"x" * 4095 + b"\n"]),
        ([b"x" * 9000 + b"\n"], [b"x" * 4096, b"x" * 4096, b"x" * 808 + b"\n"]),
    ],
)
def test_s124_one_write_for_each_line(pieces: list[bytes], writes: list[bytes]) -> None:
    assert feed(*pieces).writes == writes


def test_raw_files_may_take_less_than_they_are_given() -> None:
    writer = Writer(short=2)
    log = DebugLog(writer)
    log.feed(b"abcde\n")
    assert writer.writes == [b"ab", b"cd", b"e\n"]


@pytest.mark.parametrize("after", [0, 1])
def test_s125_a_writer_that_fails_is_not_used_again(
    after: int, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Failing(after)
    log = DebugLog(writer)
    log.feed(b"a\nb\nc\n")
    log.finish()
    assert writer.writes == [b"a\n"][:after]
    assert writer.left == -1
    assert caplog.messages == ["debug log failed, the rest is dropped"]
