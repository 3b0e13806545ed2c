"""What the makers of wasm-tools wrote to test their validator is judged alike by refexec."""

from __future__ import annotations

from collections import Counter

import pytest
from refexec_conformance.judges.written import (
    EXPLAINED,
    Case,
    cases,
    disagreement,
    fetch_scripts,
    profile_of,
)


@pytest.mark.core_suite
def test_every_case_about_webassembly_3_is_judged_alike() -> None:
    counts: Counter[bool] = Counter()
    found, explained = [], set()
    for case in cases(fetch_scripts()):
        counts[case.valid] += 1
        words = disagreement(case)
        if words is not None and (case.file, case.line) in EXPLAINED:
            explained.add((case.file, case.line))
        elif words is not None:
            found.append(f"{case}: {words}")
    assert found == []
    assert explained == set(EXPLAINED)
    assert counts[False] > 200
    assert counts[True] > 150


@pytest.mark.parametrize(
    ("first", "profile"),
    [
        (";; RUN: wast --assert default --snapshot tests/snapshots %", "wasm3"),
        (";; RUN: wast % -f mvp", "mvp"),
        (";; RUN: wast --features=wasm2 %", "wasm2"),
        (";; RUN: wast % -f=-simd", None),
        (";; RUN: wast % -f wide-arithmetic", "all"),
    ],
)
def test_the_first_line_of_a_script_tells_its_features(first: str, profile: str | None) -> None:
    assert profile_of(f"{first}\n(module)") == profile


def test_a_disagreement_is_told() -> None:
    empty = b"\0asm\1\0\0\0"
    assert disagreement(Case("a", 1, empty, True, "wasm3")) is None
    assert disagreement(Case("a", 1, empty, False, "wasm3")) == "accepted"
    assert disagreement(Case("a", 1, empty[:5], False, "wasm3")) is None
    assert "version" in str(disagreement(Case("a", 1, empty[:5], True, "wasm3")))
