"""Every example is a suspension test: stopped anywhere and thawed elsewhere, it tells the same.

A few fixed points of each example are cut here; `tox -e suspension` cuts at 250, or everywhere.
"""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from random import Random

import pytest

from example_programs import NAMES
from lasting_services import CONTENT
from refexec import wasm
from suspended_examples import FORMS, PROGRAMS, Story, run_processes, simulate

CUTS = 250
EVERYWHERE = 3000
"""Shorter runs than this are cut before every instruction."""

# What depends on the time that passes, and on the randomness of a run.
_BY_CHANCE = re.compile(rb"clock \w+: [\d.]+ s|random: [0-9a-f]{32}|dice: (waiting|\d)")


@cache
def uncut(name: str) -> Story:
    return simulate(name)


def sample(name: str, fuel: int, count: int) -> list[int]:
    """Fixed points below an amount of fuel, growing."""
    return sorted(Random(f"cuts of {name}").sample(range(fuel), count))


def surely_spent(whole: Story) -> int:
    """Fuel that another run will spend too: some of it depends on how packets arrive."""
    return whole.fuel * 2 // 3


def comparable(log: bytes) -> bytes:
    # The log of each process ends with a line feed, so a cut within a line adds one.
    return _BY_CHANCE.sub(b"", log.replace(b"\n", b""))


def test_every_example_is_cut() -> None:
    assert sorted(PROGRAMS) == NAMES


def test_the_simulated_services_are_used() -> None:
    assert uncut("echo").transcript.count(b"the end") == 1
    assert uncut("copier").log == b"copier: %d bytes\n" % len(CONTENT)
    assert uncut("hello").transcript.count(b"hello, world\n") == 1
    assert uncut("dice").log.count(b"waiting") == 4
    assert b"origin" in uncut("discover").log
    assert uncut("counter").log.count(b"\n") == 5


def same(told: Story, whole: Story, form: str) -> bool:
    """Whether a program has told the same; a module as a snapshot has a digest of its own."""
    if form == "module":
        told = dataclasses.replace(told, digest=whole.digest)
    return told.told() == whole.told()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_suspended_at_some_instructions(name: str, form: str) -> None:
    told = simulate(name, sample(name, uncut(name).fuel, 20), form=form)
    assert same(told, uncut(name), form)
    assert told.cuts == 20


def test_suspended_again_and_again_at_the_same_instruction() -> None:
    told = simulate("dice", [1000] * 3 + [2000] * 3)
    assert told.told() == uncut("dice").told()
    assert told.cuts == 6


@pytest.mark.parametrize(
    ("name", "form"), [*((name, "file") for name in NAMES), ("echo", "module")]
)
def test_suspended_in_real_processes(name: str, form: str) -> None:
    whole = run_processes(name)
    told = run_processes(name, sample(name, surely_spent(whole), 2), form=form)
    assert told.cuts == 2
    assert told.transcript == whole.transcript
    assert told.result == whole.result == "exit halted successfully"
    assert comparable(told.log) == comparable(whole.log) == comparable(uncut(name).log)


# -- tox -e suspension -----------------------------------------------------------------------------


@pytest.mark.suspension
@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_suspended_at_many_instructions(name: str, form: str, engine: str) -> None:
    fuel = uncut(name).fuel
    cuts = list(range(fuel)) if fuel < EVERYWHERE else sample(name, fuel, CUTS)
    told = simulate(name, cuts, engine, form)
    assert same(told, uncut(name), form)
    assert told.cuts == len(cuts) >= 200


@pytest.mark.suspension
@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_suspended_in_many_real_processes(name: str, engine: str) -> None:
    whole = run_processes(name, engine=engine)
    told = run_processes(name, sample(name, surely_spent(whole), 20), engine)
    assert told.cuts == 20
    assert told.transcript == whole.transcript
    assert told.result == whole.result
    assert comparable(told.log) == comparable(whole.log) == comparable(uncut(name).log)
