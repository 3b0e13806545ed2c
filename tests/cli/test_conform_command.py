"""`refexec conform`: progress, tables, JSON, exit status, and one line for every error."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from refexec_conformance import adapters
from refexec_conformance.own.suite import folder, open_cases

from command_line import call, complaint, spawn
from suite_folder import write_suite

ADAPTER = Path(adapters.__path__[0]) / "python.py"

CASE = "fuel/in-small-pieces"
"""A case of the runtime suite with several runs."""

GONE = "broken_backends.gone"

GOOD = """(module (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_malformed (module quote "(func") "unexpected")"""

REFERENCE = ("--backend", "reference")

BAD = """(module (func (export "one") (result i32) (i32.const 1)))

(assert_return (invoke "one") (i32.const 2))"""


def test_a_suite_that_passes(tmp_path: Path) -> None:
    write_suite(tmp_path, i32=GOOD, simd_load="(module)")
    result = call("conform", "core", "--suite", tmp_path, "--jobs", 1, *REFERENCE)
    assert result.exit_code == 0
    assert "Commands: 3 pass, 1 text" in result.stdout
    assert "Files:    2 pass" in result.stdout
    assert "vectors" in result.stdout
    assert result.stderr == ""


def test_a_failure_names_file_line_expected_and_got(tmp_path: Path) -> None:
    write_suite(tmp_path, good=GOOD, bad=BAD)
    output = tmp_path / "out.json"
    done = spawn("conform", "--suite", tmp_path, "--json", output, *REFERENCE)
    text = done.stdout.decode()
    assert done.returncode == 1
    assert 'bad.wast:3: fail: assert_return invoke "one"' in text
    assert "expected: (i32 2)" in text
    assert "got:      (i32 1)" in text
    assert "good.wast:" not in text
    assert done.stderr == b""
    files = {file["name"]: file for file in json.loads(output.read_text())["runs"][0]["files"]}
    assert files["bad"]["findings"][0]["line"] == 3
    assert files["good"]["verdict"] == "pass"


def test_a_file_that_cannot_be_assembled_is_red(tmp_path: Path) -> None:
    write_suite(tmp_path, broken="(module (func", good=GOOD)
    result = call("conform", "--suite", tmp_path, *REFERENCE)
    assert result.exit_code == 1
    assert "broken.wast cannot be assembled" in result.stdout
    assert "Files:    1 pass, 1 fail" in result.stdout


def test_files_can_be_chosen(tmp_path: Path) -> None:
    write_suite(tmp_path, good=GOOD, bad=BAD)
    result = call("conform", "--suite", tmp_path, "--file", "g*.wast", *REFERENCE)
    assert result.exit_code == 0
    assert "Files:    1 pass" in result.stdout


def test_another_backend_can_be_named(tmp_path: Path) -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    write_suite(tmp_path, good=GOOD)
    result = call("conform", "--suite", tmp_path, "--backend", "wasmtime")
    assert result.exit_code == 0
    assert "Backend:  wasmtime" in result.stdout


def test_several_backends_make_one_table(tmp_path: Path) -> None:
    write_suite(tmp_path, good=GOOD, bad=BAD)
    output = tmp_path / "out.json"
    command = f"{sys.executable} {ADAPTER}"
    result = call(
        *("conform", "--suite", tmp_path, *REFERENCE, "--backend-command", command),
        *("--json", output, "--write-expectations", tmp_path / "expected"),
    )
    assert result.exit_code == 1
    assert "By backend" in result.stdout
    assert result.stdout.count("bad.wast:3: fail") == 2
    assert " 1/2 " in result.stdout
    data = json.loads(output.read_text())
    assert [run["backend"]["name"] for run in data["runs"]] == ["reference", f"command:{command}"]
    assert data["absent"] == []
    assert data["passed"] is False
    (written,) = (tmp_path / "expected").iterdir()
    assert written.name == "reference.toml"
    assert list(tomllib.loads(written.read_text())["fails"]) == ["bad"]


def test_reports_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    write_suite(tmp_path, bad=BAD)
    html, xml = tmp_path / "out.html", tmp_path / "out.xml"
    suite = ("conform", "--suite", tmp_path, *REFERENCE, "--jobs", 1)
    result = call(*suite, "--html", html, "--junit", xml)
    assert result.exit_code == 1
    assert "--file bad --command 1" in html.read_text()
    assert ElementTree.parse(xml).getroot()[0].get("failures") == "1"
    assert "Report:" not in result.stdout


def test_with_nothing_else_the_report_is_written_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "suite").mkdir()
    suite = write_suite(tmp_path / "suite", good=";; What it is about.\n" + GOOD)
    (tmp_path / "cases" / "traps").mkdir(parents=True)
    for name in ("traps.wasm", "traps/nth_turn.json"):
        (tmp_path / "cases" / name).write_bytes((folder() / name).read_bytes())
    own = open_cases(tmp_path / "cases")
    monkeypatch.setattr("refexec_conformance.backend.default_backends", lambda _: ("reference",))
    monkeypatch.setattr("refexec_conformance.suites.open_core_suite", lambda path: suite)
    monkeypatch.setattr("refexec_conformance.suites.open_cases", lambda: own)
    monkeypatch.setattr("refexec_conformance.runtime.backend.default_runtimes", lambda: ())
    monkeypatch.chdir(tmp_path)
    result = call("conform")
    assert result.exit_code == 0
    assert "Report:   refexec-conform.html and refexec-conform.json" in result.stdout
    cases = json.loads(Path("refexec-conform.json").read_text())["cases"]
    told = {(case["suite"], case["name"]): case["about"] for case in cases}
    assert told["core", "good"] == "What it is about."
    assert told["cases", "traps/nth_turn"].startswith("A trap in the nth turn of a loop. A loop")
    assert told["probes", "after_a_trap"].startswith("After a trap the instance goes on")
    assert "What it is about." in Path("refexec-conform.html").read_text()
    Path("refexec-conform.json").unlink()
    Path("refexec-conform.json").mkdir()
    assert "refexec-conform.json cannot be written" in call("conform").stderr


def test_without_a_name_every_installed_backend_runs_and_others_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_suite(tmp_path, good=GOOD)
    monkeypatch.setattr(
        "refexec_conformance.backend.default_backends", lambda _: ("reference", GONE)
    )
    result = call("conform", "--suite", tmp_path)
    assert result.exit_code == 0
    assert f"{GONE} is absent; this installs it: nothing installs it" in result.stdout
    assert "PASS" in result.stdout


def test_one_run_of_a_case_is_judged_alone() -> None:
    options = ("conform", "runtime", "--backend", "reference", "--file", CASE)
    done = call(*options, "--command", "1")
    assert done.exit_code == 0
    assert "Commands: 1 pass" in done.stdout
    assert f"{CASE} has no run 999; they are 0 to" in complaint(*options, "--command", "999")
    told = complaint("conform", "runtime", "--file", "stopping/*", "--command", "1")
    assert "a run is one of a single case, but" in told


def test_the_self_test_of_adapters(tmp_path: Path) -> None:
    command = f"{sys.executable} {ADAPTER}"
    result = call("conform", "self-test", "--backend-command", command)
    assert result.exit_code == 0, result.stdout
    assert "Files:    11 pass" in result.stdout
    assert "Suite:    scripts that try an adapter" in result.stdout


SPOILING = """
kept = {}

def take_from(name):
    # An engine that takes the labels of a br_table away when it compiles a module.
    data = kept[name]
    kept[name] = data.replace(bytes([14, 2, 0, 1, 2]), bytes([14, 2, 0, 0, 0]))
    return wasm.Module(data)

def answer(request"""


def test_the_self_test_finds_an_adapter_whose_engine_changes_modules(tmp_path: Path) -> None:
    load = 'modules[request["module"]] = wasm.Module(base64.b64decode(request["base64"]))'
    text = ADAPTER.read_text()
    assert load in text
    (tmp_path / "spoiling.py").write_text(
        text.replace("def answer(request", SPOILING)
        .replace(load, f'{load}; kept[request["module"]] = base64.b64decode(request["base64"])')
        .replace('module = modules[request["module"]]', 'module = take_from(request["module"])')
    )
    command = f"{sys.executable} {tmp_path / 'spoiling.py'}"
    result = call("conform", "self-test", "--backend-command", command)
    assert result.exit_code == 1
    assert "Files:    10 pass, 1 fail" in result.stdout
    assert '11-twice.wast:24: fail: assert_return invoke second."choose" (i32 2)' in result.stdout


def test_the_files_of_suites_are_listed(tmp_path: Path) -> None:
    suites = call("conform", "list").stdout.splitlines()
    assert [line.split()[0] for line in suites] == [
        "core",
        "cases",
        "probes",
        "self-test",
        "runtime",
        "runtime-self-test",
    ]
    assert "nested_calls" in call("conform", "list", "probes").stdout.splitlines()
    assert "traps/nth_turn" in call("conform", "list", "cases").stdout.splitlines()
    assert "11-twice" in call("conform", "list", "self-test").stdout.splitlines()
    assert CASE in call("conform", "list", "runtime").stdout.splitlines()
    few = call("conform", "list", "runtime-self-test").stdout.splitlines()
    assert 1 < len(few) < len(call("conform", "list", "runtime").stdout.splitlines())
    write_suite(tmp_path, good=GOOD, better=GOOD)
    assert call("conform", "list", "--suite", tmp_path).stdout == "better\ngood\n"
    assert "is not one of" in complaint("conform", "list", "wonder")


def test_a_program_that_cannot_be_started_is_one_line(tmp_path: Path) -> None:
    write_suite(tmp_path, good=GOOD)
    told = complaint("conform", "--suite", tmp_path, "--backend-command", "/nowhere/adapter")
    assert "'/nowhere/adapter' cannot be started" in told


def test_bad_input_is_one_line_and_exit_status_2(tmp_path: Path) -> None:
    write_suite(tmp_path, good=GOOD)
    (tmp_path / "other.tar.gz").write_bytes(b"something else")
    suite = ("conform", "--suite", tmp_path)
    assert complaint(*suite, "--file", "x*").endswith("no file of the suite fits 'x*'")
    assert "fits 'god'; near are good" in complaint(*suite, "--file", "god")
    told = complaint("conform", "runtime", "--file", "traps/grew")
    assert "no case of the runtime suite fits 'traps/grew'; near are traps/grow" in told
    assert "no backend 'wonder'" in complaint(*suite, "--backend", "wonder")
    assert "No such file" in complaint(*suite, "--json", tmp_path / "no" / "out.json")
    assert "expected" in complaint("conform", "--suite", tmp_path / "other.tar.gz")
    assert "does not exist" in complaint("conform", "--suite", tmp_path / "nothing")
    assert "wonder" in complaint("conform", "wonder")
