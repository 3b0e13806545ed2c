"""The package `refexec.snapshot` as a whole."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from refexec import snapshot


def loaded_by(code: str) -> set[str]:
    """The modules that a new interpreter has after running `code`."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    # Measuring coverage of that interpreter would bring in what measures it.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return set(done.stdout.split())


def test_codec_and_file_are_there_when_used() -> None:
    # In an interpreter of its own: here other tests may have imported them.
    modules = loaded_by("from refexec import snapshot\nsnapshot.codec\nsnapshot.file.MAGIC")
    assert {"refexec.snapshot.codec", "refexec.snapshot.file"} <= modules
    assert snapshot.__getattr__("file") is snapshot.file


def test_the_codec_brings_no_files_and_no_tools() -> None:
    modules = loaded_by("from refexec.snapshot import codec")
    assert "refexec.snapshot.codec" in modules
    assert not modules & {"refexec.snapshot.file", "pickletools", "hashlib", "secrets"}


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        snapshot.nothing  # noqa: B018  # the access is what is tested
