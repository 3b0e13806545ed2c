"""refexec and wasm-tools agree which modules are valid. `tox -e judge` asks about many more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from refexec_conformance.judges.encodings import encodings
from refexec_conformance.judges.modules import Sample, damage, join, samples, split
from refexec_conformance.judges.validation import FEATURES, Verdict, ask_refexec, compare, judge

from refexec import wasm

EXAMPLES = Path(__file__).parents[2] / "examples"
EMPTY = b"\0asm\1\0\0\0"


def bases() -> list[bytes]:
    found = [path.read_bytes() for path in sorted(EXAMPLES.glob("*/*.wasm"))]
    return [data for data in found if len(data) < 5000]


@pytest.mark.judge
def test_500_modules_are_accepted_or_rejected_by_both(tmp_path: Path) -> None:
    report = judge(samples(2026, 500, tmp_path, bases()), tmp_path)
    assert [str(disagreement) for disagreement in report.disagreements] == []
    assert report.total == 500
    # The modules are worth asking about: there are many of both kinds.
    assert report.accepted > 150
    assert report.rejected > 100


@pytest.mark.judge
@pytest.mark.parametrize("profile", ["mvp", "gate", "wasm2", "wasm3", "all"])
def test_encodings_are_accepted_or_rejected_by_both(tmp_path: Path, profile: str) -> None:
    found = encodings()[list(FEATURES).index(profile) :: 50]
    report = judge(found, tmp_path, profile)
    assert [str(disagreement) for disagreement in report.disagreements] == []
    assert report.agreements == len(found) > 200


def test_the_same_seed_makes_the_same_modules(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = samples(7, 12, tmp_path / "a", bases())
    assert first == samples(7, 12, tmp_path / "b", bases())
    assert len({sample.data for sample in first}) > 8


def test_sections_are_split_and_joined_again() -> None:
    for data in bases():
        sections = split(data)
        assert wasm.Module(join(sections)).exports == wasm.Module(data).exports


def test_damage_copes_with_a_module_without_sections() -> None:
    from random import Random

    assert len({damage(Random(seed), EMPTY) for seed in range(40)}) > 10


def test_differences_are_told() -> None:
    yes, no = Verdict(True), Verdict(False, "no good")
    limit = Verdict(False, "too many", limit=True)
    crash = Verdict(False, "IndexError: 3", failed=True)
    sample = Sample("made up", EMPTY)
    answers = [
        *[(sample, yes, yes), (sample, no, no), (sample, yes, no), (sample, no, yes)],
        *[(sample, limit, yes), (sample, crash, no), (sample, no, crash)],
        (sample, yes, Verdict(False, "memories count exceeds limit of 100")),
    ]
    report = compare(answers)
    assert (report.accepted, report.rejected, report.total) == (1, 2, 8)
    assert report.explained.total() == 2
    assert [str(d).split("; ")[0] for d in report.disagreements] == [
        "made up: refexec accepts",
        "made up: refexec rejects: no good",
        "made up: refexec rejects: IndexError: 3",
    ]


def test_refexec_is_asked_and_its_failures_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_refexec(EMPTY) == Verdict(True)
    assert not ask_refexec(EMPTY[:-1]).accepted
    monkeypatch.setattr(wasm, "Module", lambda data, features: {}[data])
    assert ask_refexec(EMPTY).failed


def test_command_reports_numbers() -> None:
    command = [sys.executable, "-m", "refexec_conformance.judges.validation"]
    done = subprocess.run(
        [*command, "--count", "4", "--seed", "3", "--no-suite"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.startswith("4 modules: 4 agreements")
