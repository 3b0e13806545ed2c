"""The example programs by the command line, as their descriptions say."""

from __future__ import annotations

import random
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from command_line import spawn
from example_programs import EXAMPLES

COMMANDS = re.findall(r"^    (.*refexec run .*)$", (EXAMPLES / "README.md").read_text(), re.M)


def run(name: str, *options: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return spawn("run", EXAMPLES / f"{name}.wasm", *options, stdin=stdin)


def test_hello_prints_its_greeting() -> None:
    done = run("hello", "--entry", "greet")
    assert (done.returncode, done.stdout) == (0, b"hello, world\n")
    assert done.stderr == b"hello: greeting sent\n"


def test_echo_prints_its_input() -> None:
    done = run("echo", "--entry", "echo", stdin=b"is anybody there?\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"is anybody there?\n", b"")


def test_copier_copies_more_than_any_buffer_holds() -> None:
    content = random.Random(1).randbytes(300_000)
    done = run("copier", "--entry", "copy", stdin=content)
    assert (done.returncode, done.stderr) == (0, b"copier: 300000 bytes\n")
    assert done.stdout == content


def test_counter_goes_on_from_its_snapshot(tmp_path: Path) -> None:
    snapshot = tmp_path / "counter.snapshot"
    options = ("--fuel", "700000", "--snapshot", snapshot, "--debug-log", "-")
    output = b""
    for step in range(3):
        if step == 0:
            done = run("counter", "--entry", "count", *options)
        else:
            done = spawn("resume", snapshot, *options)
        assert done.returncode == 102, done.stderr
        assert b"suspended" in done.stderr
        output += done.stdout
    counted = [int(line.split()[1]) for line in output.splitlines()]
    assert len(counted) >= 3
    assert counted == list(range(20_000, 20_000 * (len(counted) + 1), 20_000))


def test_counter_stops_when_its_time_is_over(tmp_path: Path) -> None:
    snapshot = tmp_path / "counter.snapshot"
    done = run("counter", "--entry", "count", "--timeout", "0.5", "--snapshot", snapshot)
    assert done.returncode == 102
    done = spawn("resume", snapshot, "--timeout", "0.5")
    assert done.returncode == 102


def test_counter_ends_by_itself() -> None:
    done = run("counter", "--entry", "count_to", "--debug-log", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[-1] == b"counter: 100000"


def test_discover_lists_the_standard_services() -> None:
    done = run("discover", "--entry", "discover", "--debug-log", "-")
    assert done.returncode == 0
    for name in (b"catalog", b"identity", b"origin", b"random"):
        assert b'"name": "%s"' % name in done.stdout


def test_dice_are_rolled() -> None:
    done = run("dice", "--entry", "roll")
    assert done.returncode == 0
    assert len(re.findall(rb"^dice: [1-6]$", done.stderr, re.M)) == 5


def test_shout_fails_where_there_is_no_such_service() -> None:
    done = run("shout", "--entry", "shout")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"shout: this host has no such service\n"


def test_wasi_needs_no_entry() -> None:
    done = run("wasi")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"GATE_ABI_VERSION=0" in done.stderr


def test_there_is_a_command_for_every_example() -> None:
    named = {name for command in COMMANDS for name in re.findall(r"examples/(\S+\.wasm)", command)}
    assert named == {str(binary.relative_to(EXAMPLES)) for binary in EXAMPLES.rglob("*.wasm")}


@pytest.mark.parametrize("command", COMMANDS)
def test_options_in_descriptions_exist(command: str) -> None:
    words = shlex.split(command.partition("refexec ")[2].partition(" <")[0])
    done = spawn(*words, "--help")
    assert done.returncode == 0
    for word in words:
        if word.startswith("--"):
            assert word.encode() in done.stdout


def test_an_entry_that_does_not_exist_is_one_line() -> None:
    done = run("hello", "--entry", "meet")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
