"""Known bugs of published releases of other engines are found by name.

`old_releases.toml` is the list. Each release is installed by pip into a folder of its own, which
goes before everything else that is installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from command_line import COMMAND

pytestmark = pytest.mark.old_releases

LIST = Path(__file__).with_name("old_releases.toml")
RELEASES = tomllib.loads(LIST.read_text("utf-8"))["release"]

PATIENCE = 600


@pytest.fixture(scope="module", params=RELEASES, ids=lambda release: release["install"][0])
def release(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    """A release, and the folder that it is in."""
    folder = tmp_path_factory.mktemp("release")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    done = subprocess.run(
        [*install, str(folder), *request.param["install"]],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"it cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return request.param, folder


def judge(folder: Path, backend: str, bug: dict[str, Any], output: Path) -> dict[str, Any]:
    """Run one command of the suite, with what is in the folder before everything else."""
    place = ["--file", bug["file"], "--command", str(bug["command"]), "--backend", backend]
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    subprocess.run(
        [*COMMAND, "conform", "core", *place, "--json", str(output)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    (run,) = json.loads(output.read_text())["runs"]
    return dict(run)


def test_known_bugs_are_found(release: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    about, folder = release
    for bug in about["bug"]:
        run = judge(folder, about["backend"], bug, tmp_path / "out.json")
        assert run["backend"]["version"] == about["version"]
        (file,) = run["files"]
        (finding,) = file["findings"]
        assert bug["got"] in finding["got"], bug["name"]
        assert finding["index"] == bug["command"]


def test_the_installed_release_has_not_those_that_are_fixed(
    release: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    about, _ = release
    fixed = [bug for bug in about["bug"] if bug.get("fixed")]
    if not fixed:
        pytest.skip("none of its bugs is known to be fixed")
    for bug in fixed:
        run = judge(tmp_path, about["backend"], bug, tmp_path / "out.json")
        if run["backend"]["version"] in (about["version"], "unknown"):
            pytest.skip("no newer release is installed")
        assert run["commands"] == {"pass": 1}, bug["name"]
