"""Damaged snapshots are refused, or are states that the rules allow. `tox -e fuzz` tries many.

What the damage is, and what must become of it, is in `damage`. The numbers of refusals that are
expected here only make sure that the damage is neither too weak nor too strong to show anything.
"""

from __future__ import annotations

import resource
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import Sample, Watch, damage_bytes, damage_payload, damage_tree, judge, samples

MEMORY = 300 << 10
"""KiB by which this process may grow while it reads thousands of snapshots."""

FATES = {"refused", "Suspended", "Returned", "Trapped", "Threw", "at rest", "terminated"}
"""How a snapshot may end. Exits have a number, and linked instances have a fate each."""

WATCH = Watch()

few = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def check(sample: Sample, data: bytes | None) -> str:
    """Judge a damaged snapshot, and see that no code was run to find out."""
    if data is None:
        return "no plain data"
    with WATCH:
        fate = judge(sample, data)
    assert WATCH.seen == []
    assert all(part in FATES or part.startswith("exit ") for part in fate.split(", ")), fate
    return fate


def campaign(seeds: range) -> Counter[str]:
    """Damage samples in every way, one for each seed."""
    for sample in samples():
        # Memory that is used once is no growth.
        judge(sample, sample.data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fates: Counter[str] = Counter()
    for seed in seeds:
        chance = Random(seed)
        sample = chance.choice(samples())
        match seed % 6:
            case 0:
                data: bytes | None = damage_bytes(sample.data, chance)
            case 1 | 2:
                data = damage_payload(sample, chance)
            case _:
                data = damage_tree(sample, chance)
        try:
            fates[check(sample, data)] += 1
        except BaseException as error:
            error.add_note(f"seed {seed}, {sample.name}")
            raise
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
    return fates


def test_what_is_forbidden_is_noticed() -> None:
    if WATCH.blind:
        pytest.skip("no audit hook is there while coverage is measured on 3.11")
    with WATCH:
        exec("pass")
    exec("pass")
    assert WATCH.seen == ["compile", "exec"]


def test_undamaged_snapshots_go_on() -> None:
    for sample in samples():
        assert "refused" not in judge(sample, sample.data), sample.name


@pytest.mark.parametrize("part", range(6))
def test_a_few_hundred_damaged_snapshots(part: int) -> None:
    fates = campaign(range(100 * part, 100 * part + 100))
    assert 50 < fates["refused"] < 100, fates


@few
@given(st.randoms(use_true_random=False))
def test_any_damage_to_the_plain_data(chance: Random) -> None:
    sample = chance.choice(samples())
    check(sample, damage_payload(sample, chance))


@few
@given(st.randoms(use_true_random=False))
def test_any_damage_to_the_tree(chance: Random) -> None:
    sample = chance.choice(samples())
    check(sample, damage_tree(sample, chance))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(24))
def test_twenty_thousand_damaged_snapshots(part: int) -> None:
    fates = campaign(range(10**6 + 1000 * part, 10**6 + 1000 * part + 1000))
    assert 800 < fates["refused"] < 990, fates
    assert fates["Suspended"] > 5, fates
