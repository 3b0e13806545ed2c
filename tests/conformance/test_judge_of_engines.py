"""Both engines of refexec do the same, at every cut. `tox -e judge` runs many more modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from refexec_conformance.judges import engines
from refexec_conformance.judges.engines import FUEL, judge, run, samples
from refexec_conformance.judges.modules import Sample, tell

from assemble import assemble


@pytest.mark.judge
def test_20_modules_do_the_same_on_both_engines(tmp_path: Path) -> None:
    report = judge(samples(2026, 20, tmp_path))
    assert [f"{sample.name}: {words}" for sample, words in report.differences] == []
    assert report.modules == 20
    # The runs are worth comparing.
    found = report.sum
    assert found.calls > 80
    assert 20 < found.trapped < found.calls - 20
    assert found.translated > 40
    assert found.fuel > 10_000
    assert str(report).endswith("0 differences")


CALLS = """(module (memory 1)
  (func (export "add") (param i32 i64) (result i64)
    (i32.store (i32.const 8) (local.get 0))
    (i64.add (i64.load (i32.const 4)) (local.get 1)))
  (func $for_ever (export "loop") (loop (br 0)))
  (func (export "only the guest") (param (ref func))))"""


def test_calls_are_cut_and_counted() -> None:
    found = run(Sample("made up", assemble(CALLS)))
    assert not found.differences
    assert (found.calls, found.functions, found.translated) == (2, 3, 3)
    # What does not end is compared as far as the fuel goes.
    assert found.trapped == 1
    assert found.fuel == 8 + FUEL
    assert found.runs > 10


def test_a_trap_of_the_start_function_is_compared() -> None:
    found = run(Sample("made up", assemble("(module (func $f unreachable) (start $f))")))
    assert not found.differences
    assert (found.runs, found.calls) == (1, 0)


@pytest.mark.parametrize("field", range(4))
def test_a_difference_is_noticed_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], field: int
) -> None:
    real = engines.call

    def disturbed(module: Any, engine: str, *args: Any, **more: Any) -> list[Any]:
        stops = [list(stop) for stop in real(module, engine, *args, **more)]
        if engine == "translated":
            stops[-1][field] = "something else"
        return stops

    monkeypatch.setattr(engines, "call", disturbed)
    sample = Sample("made up", assemble(CALLS))
    found = run(sample)
    assert len(found.differences) == 2
    report = engines.Report()
    report.add(sample, found)
    tell(report.differences, 7, tmp_path)
    told = capsys.readouterr().out
    assert "made up: 'add'" in told
    assert "something else" in told
    assert (tmp_path / "7-0.wasm").read_bytes() == sample.data
    assert str(report).endswith("2 differences")
