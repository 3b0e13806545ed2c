"""The rows of the opcode table for vector instructions, in the format of `refexec.interp.opcodes`.

Prefixed opcodes from 256 on take three more hexadecimal digits, as in 0xFD100.
"""

from __future__ import annotations

VECTOR_ROWS: dict[str, str] = {}
