"""Bytes as cases write them, and packets as people read them.

A case writes bytes as a string: text as it is, or after `hex:` pairs of hexadecimal digits, with
blanks anywhere and `00*7` for seven times the same byte.
"""

from __future__ import annotations

import re

from refexec.packet import HEADER_SIZE, MAX_PACKET_SIZE, Packet, align

PREFIX = "hex:"
"""What begins bytes that are not written as text."""

_TOKEN = re.compile(r"((?:[0-9a-f]{2})+)(?:\*([1-9][0-9]{0,6}))?")
_PLAIN = re.compile(r"[ -~\n\t]*")
_LEAST_RUN = 8
_GROUP = 4
_MUCH_SHORTER = 4
_PACKETS_SHOWN = 40


def parse_bytes(text: str) -> bytes:
    """Read bytes of a case. Raises `ValueError` that says what is wrong."""
    if not text.startswith(PREFIX):
        return text.encode()
    data = bytearray()
    for token in text.removeprefix(PREFIX).split():
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ValueError(f"expected pairs of hexadecimal digits, not {token!r:.40}")
        data += bytes.fromhex(match[1]) * int(match[2] or 1)
    return bytes(data)


def format_bytes(data: bytes) -> str:
    """Write bytes as a case does; the same bytes are always written in the same way."""
    text = data.decode("latin-1")
    words: list[str] = []
    at = 0
    plain = bytearray()

    def flush() -> None:
        words.extend(plain[i : i + _GROUP].hex() for i in range(0, len(plain), _GROUP))
        plain.clear()

    while at < len(data):
        run = len(data) - at - len(data[at:].lstrip(data[at : at + 1]))
        if run >= _LEAST_RUN:
            flush()
            words.append(f"{data[at]:02x}*{run}")
            at += run
        else:
            plain += data[at : at + run]
            at += run
    flush()
    digits = PREFIX + " ".join(words)
    plainly = _PLAIN.fullmatch(text) and not text.startswith(PREFIX)
    return text if plainly and len(text) < _MUCH_SHORTER * len(digits) else digits


def packet_text(data: bytes) -> str:
    """A packet for people."""
    return repr(Packet(data))[1:-1]


def stream_lines(data: bytes) -> list[str]:
    """A stream of packets for people, a line for each, and the rest if it does not end whole."""
    lines: list[str] = []
    rest = data
    while len(rest) >= HEADER_SIZE and len(lines) < _PACKETS_SHOWN:
        size = int.from_bytes(rest[:4], "little")
        if not HEADER_SIZE <= size <= MAX_PACKET_SIZE or align(size) > len(rest):
            break
        lines.append(packet_text(rest[:size]))
        rest = rest[align(size) :]
    if rest:
        lines.append(f"{len(rest)} bytes: {shortened(format_bytes(rest))}")
    return lines


def shortened(text: str, limit: int = 300) -> str:
    """The beginning of a text, if it is long."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
