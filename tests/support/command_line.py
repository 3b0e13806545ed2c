"""How tests run the command line: in this process, or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from assemble import assemble
from refexec.cli.main import main

PATIENCE = 60
"""Seconds after which a command that should have ended has hung."""

COMMAND = (sys.executable, "-P", "-m", "refexec")


def call(*args: object, stdin: bytes = b"") -> Result:
    """Run a command line in this process."""
    result = CliRunner().invoke(main, [str(arg) for arg in args], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def spawn(*args: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command line in a process of its own, to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


def complaint(*args: object) -> str:
    """Run a command line that must fail, and give the one line that it says."""
    result = call(*args)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("refexec: ")
    return line.removeprefix("refexec: ")


def write_module(folder: Path, wat: str, name: str = "program.wasm") -> Path:
    """Assemble a module into a file."""
    path = folder / name
    path.write_bytes(assemble(wat))
    return path
