"""`refexec doctor`: what is in force, for people and for programs."""

from __future__ import annotations

import json
import os

import pytest

from command_line import call
from refexec.runtime.isolation.measures import MEASURES, left_out_by_environment


def test_the_report_for_people() -> None:
    result = call("doctor")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "A worker ..."
    for line, name in zip(lines[1:], MEASURES, strict=False):
        assert line.split()[:2] in (["yes", name], ["NO", name])
        assert (": " in line) == line.startswith("  NO")
    assert lines[1 + len(MEASURES)] == "It tried to ..."
    if not left_out_by_environment():
        assert "  start a process            refused" in result.stdout


def test_the_report_for_programs() -> None:
    report = json.loads(call("doctor", "--json").stdout)
    assert [measure["name"] for measure in report["measures"]] == list(MEASURES)
    for attempt in report["attempts"]:
        assert attempt["refused"] == bool(attempt["error"])


def test_a_measure_can_be_required() -> None:
    assert call("doctor", "--require", "parent-death").exit_code == 0


@pytest.mark.skipif(os.getuid() != 0, reason="the process limit binds other users")
def test_a_required_measure_that_is_missing() -> None:
    result = call("doctor", "--require", "rlimit-nproc", "--require", "umask")
    assert result.exit_code == 1
    assert result.stderr.startswith("refexec: required protections are not in force: ")
    assert "rlimit-nproc (the process limit does not bind root)" in result.stderr


def test_there_is_no_such_measure() -> None:
    result = call("doctor", "--require", "nothing")
    assert result.exit_code == 2
    assert "'nothing' is not one of" in result.stderr
