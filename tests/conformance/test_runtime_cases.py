"""The cases of the runtime suite as data: their form, their programs, their scenarios."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import jsonschema
import pytest
from refexec_conformance.areas import OTHER, area_of
from refexec_conformance.filled import document_text, path_of
from refexec_conformance.runtime import library
from refexec_conformance.runtime.backend import CAPABILITIES
from refexec_conformance.runtime.case import read_case
from refexec_conformance.runtime.content import format_bytes, parse_bytes, stream_lines
from refexec_conformance.runtime.judge import needs_of

from refexec.errors import InputError
from runtime_cases import document, make_case, write_case

CASES = library.all_cases()
DOCS = Path(__file__).parents[2] / "docs" / "runtime-suite.md"


def numbers(text: str) -> set[int]:
    """The numbers that `27, 32` or `36-40` mean."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        found.update(range(int(first), int(last or first) + 1))
    return found


def test_every_case_has_the_form_of_the_schema() -> None:
    schema = library.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(document())) == []
    wrong = [
        (case.name, error.message) for case in CASES for error in validator.iter_errors(case.data)
    ]
    assert wrong == []
    assert list(validator.iter_errors(document(more=1))) != []


def test_every_case_is_written_in_one_way() -> None:
    for case in CASES:
        assert path_of(case).read_text("utf-8") == document_text(case.data), case.name


def test_every_case_says_what_it_tests() -> None:
    assert len(CASES) >= 200
    for case in CASES:
        assert case.rules or case.scenarios, case.name
        assert case.tags[0] == case.name.split("/")[0], case.name
        assert area_of(case.name, "runtime").title != OTHER, case.name
        assert case.story.startswith(case.title)


def test_needs_of_cases_are_capabilities_that_there_are() -> None:
    needed = {
        need
        for case in CASES
        for number in range(len(case.runs))
        for need in needs_of(case, number)
    }
    # What a runtime cannot tell is not compared, so nothing needs it.
    assert needed | {"metering", "words"} == {*CAPABILITIES}


def test_no_program_is_left_over() -> None:
    folder = library.folder()
    assert {path.name for path in folder.glob("*.wasm")} == {case.module for case in CASES}


def test_programs_are_what_their_sources_say() -> None:
    programs = library.assemble_programs(library.folder())
    assert {path: path.read_bytes() for path in programs} == programs


def test_every_scenario_is_a_case_or_in_the_table_of_those_tested_elsewhere() -> None:
    shown = {number for case in CASES for number in case.scenarios}
    table = DOCS.read_text("utf-8").split("| tested in |\n|---|---|---|\n")[1]
    elsewhere = {
        number for row in table.strip().splitlines() for number in numbers(row.split("|")[1])
    }
    assert shown | elsewhere == set(range(1, 127))
    assert not shown & elsewhere
    for file in re.findall(r"`(tests/[^`]*)`", table):
        assert (DOCS.parents[1] / file).exists()


def test_programs_that_differ_from_their_sources_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(library, "folder", lambda: tmp_path)
    (tmp_path / "library.wat").write_text('(func (export "a"))')
    (tmp_path / "x.wat").write_text("(module\n  ;; include library.wat\n)")
    assert library.main(["--check"]) == 1
    assert library.main([]) == 0
    assert library.main(["--check"]) == 0
    (tmp_path / "library.wat").write_text('(func (export "b"))')
    assert library.main(["--check"]) == 1
    assert "x.wasm: differs" in capsys.readouterr().out


def test_bytes_are_read_as_they_were_written() -> None:
    random = Random(1)
    samples = [b"", b"hex:", b"text\n", b"\r", b"x" * 5000, bytes(9), bytes(7), bytes(range(256))]
    samples += [bytes(random.choices(b"\0\0\0ab\xff", k=random.randrange(60))) for _ in range(200)]
    for data in samples:
        assert parse_bytes(format_bytes(data)) == data


@pytest.mark.parametrize("text", ["hex:0", "hex:gg", "hex:00*0", "hex:00*", "hex:00*99999999"])
def test_what_is_no_bytes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        parse_bytes(text)


def test_a_stream_is_told_packet_by_packet() -> None:
    packets = parse_bytes("hex:09000000 01000100 41000000 00000000 08000000 ffff0000 0b0000")
    lines = stream_lines(packets)
    assert "info service[1] size=9" in lines[0]
    assert "call services size=8" in lines[1]
    assert lines[2] == "3 bytes: hex:0b0000"
    assert stream_lines(b"\1" + bytes(7)) == ["8 bytes: hex:01000000 00000000"]


@pytest.mark.parametrize(
    "change", [{"runs": 1}, {"runs": [{"actions": [{"do": "kill"}]}]}, {"policy": {"speed": 1}}]
)
def test_what_is_no_case_is_one_clear_error(tmp_path: Path, change: dict[str, object]) -> None:
    path = write_case(tmp_path, document(**change))
    with pytest.raises(InputError, match=r"case\.json is no case"):
        read_case(path, tmp_path)
    path.write_text("{")
    with pytest.raises(InputError, match="is no case"):
        read_case(path, tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_case(tmp_path / "gone.json", tmp_path)


def test_a_program_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    (tmp_path / "speaks.wasm").unlink()
    with pytest.raises(InputError, match=r"speaks\.wasm cannot be read"):
        _ = case.program
    assert json.loads(path_of(case).read_text()) == case.data
