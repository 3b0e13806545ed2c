"""What the pages of the site promise: their commands work, and print what the pages show.

The site itself is built, and checked as a whole, by `tox -e docs`.
"""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import refexec.runtime
import refexec.wasm

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Give the language and the text of each block of code of a page, without indentation."""
    pattern = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
    for indent, language, text in pattern.findall((DOCS / page).read_text()):
        yield language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)


def shell(command: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Carry out a command as a reader would, with the refexec that is tested."""
    refexec_here = f'refexec() {{ "{sys.executable}" -P -m refexec "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", refexec_here + command],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the examples are found as in the root of the project."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


@pytest.mark.parametrize("page", ["start.md", "why-did-it-trap.md"])
def test_the_commands_of_a_page_print_what_it_shows(page: str, folder: Path) -> None:
    done = None
    for language, text in blocks(page):
        if language == "sh" and "pip install" not in text and "refexec debug" not in text:
            done = shell(text, folder)
            assert "Traceback" not in done.stderr
        elif not language and done is not None:
            assert done.stdout + done.stderr == text


def test_the_debugger_answers_as_the_page_shows(folder: Path) -> None:
    assert shell(recording(), folder).returncode == 105
    session = "".join(
        text for language, text in blocks("why-did-it-trap.md") if language == "console"
    )
    command, *lines = session.splitlines()
    typed = [line[2:] for line in lines if re.match(r"> [a-z]", line)]
    done = shell(command.removeprefix("$ "), folder, "\n".join(typed) + "\n")
    assert done.returncode == 0
    answers = iter(done.stdout.splitlines())
    for line in lines:
        assert line[2:] in typed or line in answers, f"the debugger does not say {line!r}"


def recording() -> str:
    """The command of the page that records the run."""
    (command,) = [text for _, text in blocks("why-did-it-trap.md") if "--record busy.log" in text]
    return command


def test_the_service_of_the_page_works(folder: Path) -> None:
    found = list(blocks("write-a-service.md"))
    (script,) = [text for language, text in found if language == "python"]
    (printed,) = [text for language, text in found if not language]
    (folder / "shout.py").write_text(script)
    done = shell(f"'{sys.executable}' -P shout.py", folder)
    assert (done.stdout, done.stderr) == (printed, "")


@pytest.mark.skipif(
    not (shutil.which("clang-19") and shutil.which("wasm-ld-19")),
    reason="clang 19 and its linker are not installed",
)
def test_the_program_of_the_page_compiles_and_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "include", tmp_path / "examples" / "include")
    found = list(blocks("write-a-program.md"))
    (source,) = [text for language, text in found if language == "c"]
    (tmp_path / "examples" / "greeting.c").write_text(source)
    commands = [text for language, text in found if language == "sh"]
    (printed,) = [text for language, text in found if not language]
    for command in commands:
        done = shell(command, tmp_path)
        assert done.returncode == 0, done.stderr
    assert done.stderr == printed


@pytest.mark.parametrize(
    ("page", "room"), [("processes.md", refexec.runtime), ("wasm.md", refexec.wasm)]
)
def test_the_reference_has_every_public_name(page: str, room: ModuleType) -> None:
    listed = re.findall(r"^        - (\w+)$", (DOCS / "reference" / page).read_text(), re.MULTILINE)
    own = {"Any", "TYPE_CHECKING", "annotations", "importlib"}
    # Modules that something has imported are attributes too.
    names = {
        name
        for name in getattr(room, "__all__", dir(room))
        if not name.startswith("_") and not inspect.ismodule(getattr(room, name))
    }
    assert sorted(listed) == sorted(names - own)
