"""The files that say what the project is agree with what it is."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

import refexec

ROOT = Path(__file__).parent.parent


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_folder_with_code_is_packaged() -> None:
    packaged = set(setup_cfg()["options"]["packages"].split())
    folders = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for top in ("refexec", "conformance")
        for file in (ROOT / top).rglob("*.py")
    }
    renamed = {re.sub(r"^conformance\b", "refexec_conformance", name) for name in folders}
    assert packaged == renamed


def test_every_package_has_a_file_that_says_what_it_is() -> None:
    for file in (ROOT / "refexec").rglob("*.py"):
        assert (file.parent / "__init__.py").exists()


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.split("## Check it")[1].split("\n## ")[0]
    (command,) = re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)
    assert "\n" not in command
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == command


def test_the_readme_gives_one_command_for_the_main_job() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.split("## See that it keeps its promise")[1].split("\n## ")[0]
    (command,) = re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)
    assert "\n" not in command
    assert command.endswith("refexec conform")


@pytest.mark.parametrize(
    ("number", "lines"),
    [(0, ["[42] 4"]), (1, ["counter: 20000", "counter: 100000", "exit halted successfully"])],
)
def test_the_python_of_the_readme_works(number: int, lines: list[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    done = subprocess.run(
        [sys.executable, "-P", "-c", blocks[number]],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    for line in lines:
        assert line in done.stdout


def test_files_that_documents_point_to_exist() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_the_version_is_that_of_the_package() -> None:
    assert setup_cfg()["metadata"]["version"] == "attr: refexec.__version__"
    assert re.fullmatch(r"\d+\.\d+\.\d+", refexec.__version__)
