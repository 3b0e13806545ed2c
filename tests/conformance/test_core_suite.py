"""The official core suite on the reference machine: one test for each suite file.

Some files run a second time in pieces; `tox -e suspension` cuts all of them, at every instruction.
"""

from __future__ import annotations

from functools import cache

import pytest
from refexec_conformance.archive import fetch_suite
from refexec_conformance.asserting import demand
from refexec_conformance.cuts import parse_cuts
from refexec_conformance.expectations import apply_expectation, expected_failures
from refexec_conformance.features import listed_files
from refexec_conformance.pool import run_file
from refexec_conformance.script import Suite

pytestmark = pytest.mark.core_suite

SHOWN = 20
"""How many findings a failing test prints."""


@cache
def suite() -> Suite:
    """The suite, fetched by whichever process is first."""
    return fetch_suite()


@pytest.mark.parametrize("name", listed_files())
def test_core(name: str) -> None:
    result = apply_expectation(run_file(suite(), name, "reference"), "reference")
    demand(result)


# For each part of the specification a file or two: together about a minute on one core.
CUT = (
    *("address0", "align0", "array", "array_copy", "array_init_elem", "array_new_data", "block"),
    *("br_if", "br_on_cast", "br_on_null", "bulk", "call_ref", "data", "elem", "extern", "func"),
    *("func_ptrs", "global", "i31", "if", "imports", "instance", "labels", "linking", "load"),
    *("local_init", "local_tee", "loop", "memory_copy0", "memory_grow", "memory_init0", "nop"),
    *("ref_cast", "ref_func", "ref_test", "select", "simd_lane", "simd_load", "simd_splat"),
    *("stack", "start", "start0", "store1", "struct", "switch", "table_fill", "table_grow"),
    *("table_get", "table_set", "throw", "throw_ref", "traps0", "try_table"),
    *("type-subtyping", "unreachable", "unwind", "call_indirect", "float_memory", "memory64"),
    *("left-to-right", "br_table", "endianness", "simd_boolean", "ref_null", "memory_fill0"),
)


@pytest.mark.parametrize("stem", CUT)
def test_cut_into_pieces(stem: str) -> None:
    (name,) = (name for name in suite().names if name.rsplit("/", 1)[-1] == stem)
    result = run_file(suite(), name, "reference", cuts=parse_cuts("sample"))
    told = [str(finding) for finding in result.findings[:SHOWN]]
    assert not told, "\n".join(told)
    assert result.cuts > 0


def test_every_file_of_the_suite_is_listed_with_its_features() -> None:
    assert listed_files() == suite().names


def test_expectations_are_about_files_that_exist() -> None:
    assert set(expected_failures("reference")) <= set(suite().names)
