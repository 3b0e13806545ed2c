"""Programs of other people: the example modules in pywasm's source distribution.

pip fetches the distribution once, by its hash; the modules are kept in the user's cache folder.
"""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pytest
from refexec_conformance.cache import entry
from refexec_conformance.download import download_source

from refexec.errors import UnavailableError

VERSION = "2.2.3"
SHA256 = "bc5c2aaed73d43fdfab0c6c6dc3a05b4c2de176fbbf94dd258f4f26d135f0ff1"


@cache
def modules() -> dict[str, bytes]:
    """The example modules by their names. Skips the test if they cannot be fetched."""

    def make(path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="refexec-") as folder:
            archive = download_source("pywasm", VERSION, SHA256, Path(folder))
            with tarfile.open(archive) as source, zipfile.ZipFile(path, "w") as packed:
                for member in source:
                    if member.isreg() and member.name.endswith(".wasm"):
                        content = source.extractfile(member)
                        assert content is not None
                        packed.writestr(Path(member.name).stem, content.read())

    try:
        path = entry(f"pywasm-examples-{SHA256[:32]}.zip", make, exclusive=True)
    except UnavailableError as error:
        pytest.skip(str(error))
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}
