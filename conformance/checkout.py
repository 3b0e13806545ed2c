"""The official core suite, or any folder of `.wast` files, as somebody has it on disk.

`wasm-tools` converts each file once; the result is kept in the user's cache by the file's
content. Unlike the packed suite this one holds the bytes of invalid and malformed modules.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from refexec_conformance.assemble import assembler_version, convert
from refexec_conformance.cache import entry
from refexec_conformance.script import Script, parse_script

from refexec.errors import InputError

_FEATURES = "features: "
"""What stands before the features that a file needs, at the end of its first comment."""

_OTHER_SUITES = frozenset({"proposals", "legacy"})
"""Folders of a checkout that are not the core suite."""


@dataclass(frozen=True, slots=True)
class CheckoutSuite:
    """All `.wast` files below a folder, but those of proposals and of the legacy exceptions."""

    root: Path

    what: str = "core suite in"
    """What it is, for people; the place follows."""

    @property
    def title(self) -> str:
        """What it is and where, for people."""
        return f"{self.what} {self.root}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files relative to the folder, without `.wast`, sorted."""
        paths = (path.relative_to(self.root) for path in self.root.rglob("*.wast"))
        core = (path for path in paths if not _OTHER_SUITES.intersection(path.parts[:-1]))
        return tuple(sorted(path.with_suffix("").as_posix() for path in core))

    def load(self, name: str) -> Script:
        """Read one file and assemble its modules.

        Raises `InputError` if it cannot be read or assembled, and `UnavailableError` if it must
        be assembled and the assembler is not installed.
        """
        source = self.root / f"{name}.wast"
        try:
            content = source.read_bytes()
        except OSError as error:
            raise InputError(f"{source} cannot be read: {error}") from error
        digest = hashlib.sha256(f"{assembler_version()}\n{source.name}\n".encode() + content)

        def make(path: Path) -> None:
            with (
                tempfile.TemporaryDirectory(prefix="refexec-") as folder,
                zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
            ):
                for file in convert(source, Path(folder) / "out"):
                    packed.write(file, file.name)

        with zipfile.ZipFile(entry(f"modules/{digest.hexdigest()[:32]}.zip", make)) as packed:
            modules = {
                item: packed.read(item) for item in packed.namelist() if item.endswith(".wasm")
            }
            script = parse_script(name, packed.read("script.json"), modules)
        return replace(script, features=self.features(name))

    def story(self, name: str) -> str:
        """The comment that a file begins with, on one line; empty if it begins otherwise."""
        return self._comment(name).partition(_FEATURES)[0].strip()

    def features(self, name: str) -> tuple[str, ...] | None:
        """The features that the end of that comment names; None if it names none."""
        told = self._comment(name).partition(_FEATURES)[2]
        return tuple(told.split(", ")) if told else None

    def _comment(self, name: str) -> str:
        told = []
        with open(self.root / f"{name}.wast", encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.startswith(";;"):
                    break
                told.append(line.removeprefix(";;").strip())
        return " ".join(told)


def checkout_suite(path: Path) -> CheckoutSuite:
    """The suite in a folder, also if it is a checkout of the specification with the suite in it.

    Raises `InputError` if there are no `.wast` files.
    """
    inner = path / "test" / "core"
    suite = CheckoutSuite((inner if inner.is_dir() else path).resolve())
    if not suite.names:
        raise InputError(f"there are no .wast files in {path}")
    return suite
