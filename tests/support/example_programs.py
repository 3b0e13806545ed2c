"""Where the example programs are."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"

NAMES = sorted(source.stem for source in EXAMPLES.glob("*.c"))


def program(name: str) -> bytes:
    """The binary of an example."""
    return (EXAMPLES / f"{name}.wasm").read_bytes()
