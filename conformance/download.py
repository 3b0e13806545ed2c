"""Source distributions of Python packages, fetched by pip and pinned by their hash.

What is in them is the business of whoever asks; this module unpacks nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from refexec.errors import UnavailableError

_PIP_SECONDS = 600


def download_source(package: str, version: str, sha256: str, folder: Path) -> Path:
    """Let pip fetch the source archive of `package` into `folder`; return its path.

    pip checks the hash. It also prepares metadata of what it downloads, for which an old pip or a
    poor environment may lack the means; then a fresh virtual environment with a current pip is
    tried. Raises `UnavailableError` if neither gets it.
    """
    report = ""
    for attempt in (_own_pip, _fresh_pip):
        try:
            report = _run_pip(attempt(folder), package, f"{version} --hash=sha256:{sha256}", folder)
        except (OSError, subprocess.SubprocessError) as error:
            report = str(error)
        found = sorted(folder.glob("dest/*.tar.gz"))
        if found:
            return found[0]
    lines = [line.strip() for line in report.splitlines() if "rror" in line] or [report.strip()]
    raise UnavailableError(f"pip could not fetch {package} {version} ({lines[-1]})")


def _own_pip(folder: Path) -> list[str]:
    return [sys.executable, "-m", "pip"]


def _fresh_pip(folder: Path) -> list[str]:
    environment = folder / "venv"
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip"]
    upgrade = ["install", "--quiet", "--upgrade", "pip"]
    subprocess.run(
        [*pip, *upgrade], capture_output=True, timeout=_PIP_SECONDS, check=True, env=_pip_settings()
    )
    return pip


def _run_pip(pip: list[str], package: str, pin: str, folder: Path) -> str:
    """Run `pip download`, and return what it said."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package}=={pin}\n", encoding="utf-8")
    command = [*pip, "download", "--no-deps", "--no-binary", package, "--require-hashes"]
    command += ["--requirement", str(requirements), "--dest", str(folder / "dest")]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PIP_SECONDS,
        check=False,
        env=_pip_settings(),
    )
    return done.stderr.decode("utf-8", "backslashreplace")


def _pip_settings() -> dict[str, str]:
    """The environment for pip: the user's own, but a download needs no virtual environment."""
    return {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1"}
