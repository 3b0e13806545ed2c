"""Where the example programs are, and how tests run the command `refexec` on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"

NAMES = sorted(source.stem for source in EXAMPLES.glob("*.c"))

SECONDS = 120
"""For waiting on what must happen; only a failing test takes that long."""


def program(name: str) -> bytes:
    """The binary of an example."""
    return (EXAMPLES / f"{name}.wasm").read_bytes()


def refexec(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command `refexec` in a process of its own, and wait for it."""
    # It starts in another folder, where a relative entry of the path would lead elsewhere.
    entries = [os.path.abspath(entry) for entry in sys.path if entry]
    return subprocess.run(
        [sys.executable, "-m", "refexec", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        cwd=EXAMPLES,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entries)},
    )
