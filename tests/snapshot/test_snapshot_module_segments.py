"""Memories as data segments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from refexec.snapshot.module.segments import runs

PAGE = 1 << 16


def pages(memory: bytes) -> list[tuple[int, bytes]]:
    """The pages of a memory that are not all zero."""
    cut = [(i // PAGE, memory[i : i + PAGE]) for i in range(0, len(memory), PAGE)]
    return [(number, page) for number, page in cut if any(page)]


def slowly(memory: bytes) -> list[tuple[int, bytes]]:
    """What `runs` must give, word by word."""
    found: list[tuple[int, bytes]] = []
    start: int | None = None
    for at in range(0, len(memory) + 8, 8):
        if any(memory[at : at + 8]):
            start = at if start is None else start
        elif start is not None:
            run = memory[start:at]
            found.append((start + len(run) - len(run.lstrip(b"\0")), run.strip(b"\0")))
            start = None
    return found


def test_s123_segments_are_trimmed_runs_of_words() -> None:
    memory = bytearray(PAGE)
    memory[0:3] = b"abc"
    memory[100] = 1
    assert list(runs(pages(bytes(memory)))) == [(0, b"abc"), (100, b"\x01")]
    assert list(runs(pages(bytes(2 * PAGE)))) == []


def test_a_run_goes_on_through_zeros_that_are_no_word() -> None:
    # Fourteen zeros, none of them making up an aligned word.
    memory = b"a" + bytes(14) + b"b" + bytes(PAGE - 16)
    assert list(runs(pages(memory))) == [(0, b"a" + bytes(14) + b"b")]
    memory = b"a" + bytes(15) + b"b" + bytes(PAGE - 17)
    assert list(runs(pages(memory))) == [(0, b"a"), (16, b"b")]


def test_a_run_goes_on_from_page_to_page() -> None:
    memory = bytearray(4 * PAGE)
    memory[PAGE - 3 : PAGE + 2] = b"\x01\0\0\0\x02"
    memory[3 * PAGE] = 3
    assert list(runs(pages(bytes(memory)))) == [
        (PAGE - 3, b"\x01\0\0\0\x02"),
        (3 * PAGE, b"\x03"),
    ]


def test_the_last_page_may_be_short() -> None:
    assert list(runs([(1, b"\0\x01\0")])) == [(PAGE + 1, b"\x01")]


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * PAGE - 40), st.binary(min_size=1, max_size=40)), max_size=12
    ),
    st.integers(PAGE - 60, PAGE + 60),
)
def test_runs_are_what_looking_at_each_word_gives(
    pieces: list[tuple[int, bytes]], near: int
) -> None:
    memory = bytearray(3 * PAGE)
    for offset, piece in pieces:
        memory[offset : offset + len(piece)] = piece
        # The edge of a page is where it gets difficult.
        memory[near + offset % 40 : near + offset % 40 + len(piece)] = piece
    found = list(runs(pages(bytes(memory))))
    assert found == slowly(bytes(memory))
    again = bytearray(3 * PAGE)
    for offset, piece in found:
        again[offset : offset + len(piece)] = piece
    assert again == memory
