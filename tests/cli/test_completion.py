from __future__ import annotations

import os
import subprocess
import sys

import pytest

from command_line import COMMAND, PATIENCE, call
from refexec.cli.main import COMMANDS


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_names_the_variable_that_the_program_looks_at(shell: str) -> None:
    result = call("completion", shell)
    assert result.exit_code == 0
    assert f"_REFEXEC_COMPLETE={shell}_complete" in result.stdout


def test_bash_accepts_the_script() -> None:
    script = subprocess.run(
        [*COMMAND, "completion", "bash"],
        capture_output=True,
        timeout=PATIENCE,
        check=True,
        text=True,
    ).stdout
    done = subprocess.run(
        ["bash", "-c", f"{script}\ncomplete -p refexec"],
        capture_output=True,
        timeout=PATIENCE,
        check=True,
        text=True,
    )
    assert "refexec" in done.stdout


def completions(*words: str) -> list[str]:
    """What the program offers for the last of the words."""
    environment = {
        **os.environ,
        "_REFEXEC_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "from refexec.cli.main import main; main(prog_name='refexec')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        text=True,
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_commands_are_offered() -> None:
    assert completions("refexec", "") == list(COMMANDS)
    assert completions("refexec", "re") == ["replay", "resume"]


def test_options_and_their_choices_are_offered() -> None:
    assert "--snapshot" in completions("refexec", "run", "--")
    assert completions("refexec", "run", "--engine", "ref") == ["reference"]


def test_a_shell_that_is_not_known() -> None:
    result = call("completion", "csh")
    assert result.exit_code == 2
    assert "'csh' is not one of" in result.stderr
