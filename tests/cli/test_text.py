from __future__ import annotations

import io

import pytest

from refexec.cli.text import TerminalWriter, escape, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, é and 字", "plain text, é and 字"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\tc\rd\x00", r"a\nb\tc\rd\x00"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("\udcff", r"\udcff"),
        (b"\xff\xfe ok", r"\xff\xfe ok"),
        ("\x9b31m", r"\x9b31m"),
        (r"back\slash", r"back\slash"),
    ],
)
def test_what_is_not_printable_becomes_visible(text: str | bytes, shown: str) -> None:
    assert escape(text) == shown


def test_kept_characters_stay() -> None:
    assert escape("a\nb\tc", keep="\n") == "a\nb\\tc"


def test_a_message_is_folded_to_one_line() -> None:
    assert one_line("first\n  second\x1b") == r"first second\x1b"


def test_a_terminal_gets_lines_and_no_commands() -> None:
    terminal = io.BytesIO()
    writer = TerminalWriter(terminal)
    assert writer.write(b"one\n\x1b[2Jtwo\tthree\n") == 18
    assert terminal.getvalue() == b"one\n\\x1b[2Jtwo\tthree\n"


def test_a_character_that_is_cut_in_two_is_put_together() -> None:
    terminal = io.BytesIO()
    writer = TerminalWriter(terminal)
    for byte in "é字\n".encode():
        writer.write(bytes([byte]))
    assert terminal.getvalue() == "é字\n".encode()
