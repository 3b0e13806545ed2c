"""A counting program, suspended and resumed again and again, on two Python versions in turn.

In the ordinary tests the other version is the latest one; `tox -e versions` takes each in turn.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest

import refexec
from command_line import PATIENCE
from refexec import snapshot
from refexec.trap import TrapID

COUNTER = Path(__file__).parents[2] / "examples" / "counter.wasm"
VERSIONS = range(11, 15)
CUTS = 20
TIMED_CUTS = 6
FUEL = 100_003
"""Per run: a prime, so that the program stops at ever different places of its loop."""


@cache
def other_pythons() -> tuple[str, ...]:
    """Find interpreters of other versions, later ones first."""
    found = []
    for minor in reversed(VERSIONS):
        if minor == sys.version_info.minor:
            continue
        for folder in os.get_exec_path():
            path = os.path.join(folder, f"python3.{minor}")
            if os.access(path, os.X_OK) and _works(path, minor):
                found.append(path)
                break
    return tuple(found)


def other_python() -> str | None:
    """The latest other version."""
    return next(iter(other_pythons()), None)


def _works(path: str, minor: int) -> bool:
    """Whether it starts: what is on PATH may be a stand-in for something not installed."""
    probe = "import sys; print(sys.version_info.minor)"
    done = subprocess.run([path, "-c", probe], capture_output=True, text=True, check=False)
    return done.stdout.strip() == str(minor)


def start(python: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Start an interpreter that finds refexec."""
    roots = [Path(module.__file__ or "").parents[1] for module in (refexec, click)]
    return subprocess.run(
        [python, "-P", *map(str, args)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def command(python: str, *args: object) -> tuple[int, list[str]]:
    """Run the command line on an interpreter; exit status and what the program said."""
    done = start(python, "-m", "refexec", *args)
    lines = done.stderr.splitlines()
    return done.returncode, [line for line in lines if not line.startswith("refexec: trap 2")]


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(which, marks=pytest.mark.suspension if which else ())
        for which in range(len(VERSIONS) - 1)
    ],
)
def test_twenty_suspensions_by_fuel_on_two_versions_change_nothing(
    which: int, tmp_path: Path
) -> None:
    if which >= len(other_pythons()):
        pytest.skip("no other Python of yet another version is installed")
    other = other_pythons()[which]
    status, uncut = command(sys.executable, "run", COUNTER, "--entry", "count_to")
    assert status == 0
    assert len(uncut) >= 5

    file = tmp_path / "counter.snapshot"
    suspended = 100 + TrapID.SUSPENDED
    options = ("--fuel", FUEL, "--snapshot", file)
    status, said = command(sys.executable, "run", COUNTER, "--entry", "count_to", *options)
    assert status == suspended
    for cut in range(1, CUTS):
        assert snapshot.file.read(file).fuel_spent == cut * FUEL
        status, more = command((other, sys.executable)[cut % 2], "resume", file, *options)
        assert status == suspended, more
        said += more
    assert snapshot.file.read(file).fuel_spent == CUTS * FUEL
    # What is left runs without a limit. The program checks its memory against its locals itself.
    status, more = command(other, "resume", file)
    assert status == 0
    assert said + more == uncut


def test_suspensions_by_time_lose_no_count(tmp_path: Path) -> None:
    file = tmp_path / "counter.snapshot"
    other = other_python() or sys.executable
    options = ("--timeout", 0.5, "--snapshot", file)
    status, said = command(sys.executable, "run", COUNTER, "--entry", "count", *options)
    spent = [0]
    for cut in range(TIMED_CUTS):
        assert status == 100 + TrapID.SUSPENDED
        spent.append(snapshot.file.read(file).fuel_spent)
        assert spent[-1] >= spent[-2]
        status, more = command((other, sys.executable)[cut % 2], "resume", file, *options)
        said += more
    # By now time may have been too short to begin at all; so much fuel is enough to count on.
    status, more = command(sys.executable, "resume", file, "--fuel", 1_200_000)
    assert status == 100 + TrapID.SUSPENDED
    assert more
    # The program writes a line in three pieces, and a run that ends within one ends its line.
    words = " ".join([*said, *more]).split()
    assert words[0::2] == ["counter:"] * len(words[0::2])
    assert words[1::2] == [str(20_000 * step) for step in range(1, len(words) // 2 + 1)]


# Writes plain data of every kind, and the state of a program in the middle of its work.
WRITING = """
import hashlib, math, sys
from refexec import image, snapshot, wasm
from refexec.snapshot import codec
tree = {
    "none": None, "bools": [True, False], "text": "caf\u00e9 \U0001f600", "tuple": (1, (), [], {}),
    "ints": [0, -1, 255, 256, -(1 << 31), 1 << 63, (1 << 64) - 1, -(1 << 100), 1 << 127],
    "floats": [0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, 5e-324],
    "bytes": [b"", b"x", bytes(300), bytes(70_000)],
    "long": ["y" * 70_000, list(range(3000))],
}
code = image.Program(open(sys.argv[1], "rb").read())
imports = {
    (item.module, item.name): wasm.HostFunction(item.type, lambda *args: 0)
    for item in code.resolution.functions
}
running = wasm.Instance(code.module, imports, fuel=123_456)
assert running.call("count_to") == wasm.Suspended()
record = image.Instance(code, entry="count_to").snapshot()
for data in (codec.dumps(tree), running.freeze(), snapshot.file.encode(record)):
    print(len(data), hashlib.sha256(data).hexdigest())
"""


def test_the_bytes_of_plain_data_are_the_same_on_all_versions(tmp_path: Path) -> None:
    if not other_pythons():
        pytest.skip("no Python of another version is installed")
    written = {}
    for python in (sys.executable, *other_pythons()):
        done = start(python, "-c", WRITING, COUNTER)
        assert done.stderr == ""
        written[python] = done.stdout.splitlines()
        assert len(written[python]) == 3
    assert all(lines == written[sys.executable] for lines in written.values()), written


def test_a_run_that_was_recorded_on_one_version_is_replayed_on_all(tmp_path: Path) -> None:
    if not other_pythons():
        pytest.skip("no Python of another version is installed")
    log, kept, again = tmp_path / "log", tmp_path / "kept", tmp_path / "again"
    pythons = (sys.executable, *other_pythons())
    run: tuple[object, ...] = ("run", COUNTER, "--entry", "count")
    for number, python in enumerate(pythons * 2):
        # By fuel and by time in turn.
        limit = ("--fuel", FUEL) if number % 2 == 0 else ("--timeout", 0.7)
        options = ("--record", log, "--snapshot", kept)
        status, said = command(python, *run, *limit, *options)
        assert status == 100 + TrapID.SUSPENDED
        for other in pythons:
            assert command(other, "replay", log, "--snapshot", again) == (status, said)
            assert again.read_bytes() == kept.read_bytes()
        run = ("resume", kept)


def test_traces_are_the_same_on_both_versions(tmp_path: Path) -> None:
    other = other_python()
    if other is None:
        pytest.skip("there is no other Python")
    log = tmp_path / "run.log"
    program = COUNTER.with_name("discover.wasm")
    start(sys.executable, "-m", "refexec", "run", program, "--entry", "discover", "--record", log)
    traces = []
    for python in (sys.executable, other):
        out = tmp_path / "trace"
        done = start(python, "-m", "refexec", "trace", log, "-o", out)
        assert done.returncode == 0, done.stderr
        traces.append(out.read_bytes())
    assert len(traces[0]) > 100_000
    assert traces[0] == traces[1]
