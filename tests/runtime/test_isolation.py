"""What keeps a worker in, tried out; and what is said about that."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

import escapes
from refexec import image
from refexec.errors import ConfigError, InternalError, UnavailableError
from refexec.runtime import subject
from refexec.runtime.executor import Config, Executor
from refexec.runtime.isolation import landlock, linux, report, seccomp
from refexec.runtime.isolation.measures import (
    FILE_MEASURES,
    MEASURES,
    Settings,
    left_out_by_environment,
)
from refexec.runtime.isolation.report import LEFT_OUT, IsolationReport, make_report
from refexec.runtime.policy import ProcessPolicy
from refexec.runtime.process import Process
from refexec.runtime.spawn import ProbeProcess
from refexec.trap import TrapID
from runtime_world import Log, NoServices, Script, program, run

isolated = pytest.mark.skipif(
    bool(left_out_by_environment()), reason="measures are left out, so that coverage is measured"
)


@pytest.fixture(scope="module")
def facts() -> IsolationReport:
    """What is true of this machine, whatever the tests are asked to leave out."""
    return make_report(Settings())


def test_every_measure_is_reported(facts: IsolationReport) -> None:
    assert [measure.name for measure in facts.measures] == list(MEASURES)
    for measure in facts.measures:
        assert measure.purpose == MEASURES[measure.name]
        assert measure.in_force == (measure.reason == "")
    with pytest.raises(KeyError):
        facts.measure("nothing")


def test_what_needs_nothing_of_the_machine_is_in_force(facts: IsolationReport) -> None:
    assert facts.in_force >= {
        "descriptors",
        "environment",
        "umask",
        "directory",
        "parent-death",
        "no-new-privs",
        "not-dumpable",
        "no-capabilities",
        "rlimit-as",
        "rlimit-core",
        "rlimit-fsize",
        "rlimit-nofile",
    }


def test_the_process_limit_does_not_bind_root(facts: IsolationReport) -> None:
    measure = facts.measure("rlimit-nproc")
    if os.getuid() == 0:
        assert not measure.in_force
        assert measure.reason == "the process limit does not bind root"
    else:
        assert measure.in_force


def test_what_a_worker_has_tried(facts: IsolationReport) -> None:
    attempts = {attempt.name: attempt for attempt in facts.attempts}
    for attempt in facts.attempts:
        assert attempt.refused == (attempt.error != "")
    # Without measures these work everywhere, so their refusal means something.
    for name in ("read a file", "start a process", "run a program", "take more descriptors"):
        assert attempts[name].possible_without
    if "seccomp" in facts.in_force:
        assert all(attempt.refused for attempt in facts.attempts)


def test_a_report_is_plain_data(facts: IsolationReport) -> None:
    tree = facts.astree()
    assert json.loads(json.dumps(tree)) == tree
    assert [entry["name"] for entry in tree["measures"]] == list(MEASURES)


@isolated
def test_an_executor_reports_on_its_own_workers() -> None:
    with Executor(Config(leave_out=["seccomp", "umask"])) as executor:
        mine = executor.isolation_report()
    assert mine.measure("seccomp").reason == LEFT_OUT
    assert mine.measure("umask").reason == LEFT_OUT
    assert "rlimit-fsize" in mine.in_force


# -- a hook planted in a worker ------------------------------------------------------------------


REFUSED_BY_SECCOMP = set(escapes.ESCAPES)

REFUSED_BY = {
    "landlock-files": {"open", "open relative", "list", "create", "exec", "subprocess"},
    "net-namespace": set(),
    "rlimit-nproc": {"fork", "thread"},
    "no-capabilities": {"chroot"},
    "rlimit-nofile": {"memfd", "internet socket", "local socket", "netlink", "listen"},
}
"""What each measure has to refuse on its own, for a worker without seccomp."""


def planted(monkeypatch: pytest.MonkeyPatch, config: Config) -> tuple[dict[str, str], set[str]]:
    """What came of the escapes, and what the worker said was in force."""
    monkeypatch.setattr(subject, "WorkerProcess", escapes.Escaper)
    code = program("(module)")
    with Executor(config) as executor, executor.new_process() as process:
        process.start(code, image.Instance(code))
        with pytest.raises(InternalError) as caught:
            process.serve(None, NoServices())
        text = str(caught.value).removeprefix("worker failed: RuntimeError: ")
        return json.loads(text), set(process.protections)


@isolated
def test_a_hook_in_a_worker_gets_nowhere(
    monkeypatch: pytest.MonkeyPatch, facts: IsolationReport
) -> None:
    results, protections = planted(monkeypatch, Config(leave_out=()))
    assert results.keys() == escapes.ESCAPES.keys()
    # What a worker says of itself is what trying has shown.
    assert protections == facts.in_force - {"rlimit-as"}
    expected: set[str] = set()
    for name, refused in REFUSED_BY.items():
        if name in protections:
            expected |= refused
    if "seccomp" in protections:
        expected |= REFUSED_BY_SECCOMP
    assert {name for name in expected if results[name] == "done"} == set()
    assert not Path("/tmp/refexec-escaped").exists()


@isolated
def test_the_other_walls_stand_without_the_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(leave_out=["seccomp"])
    results, protections = planted(monkeypatch, config)
    assert "seccomp" not in protections
    expected = set().union(*(REFUSED_BY[name] for name in REFUSED_BY if name in protections))
    assert len(expected) > 5
    assert {name for name in expected if results[name] == "done"} == set()


# -- settings ------------------------------------------------------------------------------------


@isolated
def test_what_is_there_can_be_required(facts: IsolationReport) -> None:
    with Executor(Config(require=sorted(facts.in_force))) as executor:
        out = run(executor, program('(module (func (export "main")))'))
    assert out.trap is TrapID.EXIT


@isolated
def test_what_is_not_there_is_an_error_if_required(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(settings: Settings) -> IsolationReport:
        return IsolationReport(
            (
                report.Measure("seccomp", "", False, "the kernel has none"),
                report.Measure("umask", "", True, ""),
            ),
            (),
        )

    monkeypatch.setattr("refexec.runtime.executor.make_report", broken)
    text = r"^required protections are not in force: seccomp \(the kernel has none\)$"
    with pytest.raises(UnavailableError, match=text):
        Executor(Config(require=["seccomp", "umask"]))


@isolated
def test_a_worker_insists_on_what_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("refexec.runtime.executor.require", lambda report, names: None)
    monkeypatch.setattr(subject, "WorkerProcess", escapes.Unfiltered)
    code = program("(module)")
    with Executor(Config(require=["seccomp"])) as executor, executor.new_process() as process:
        process.start(code, image.Instance(code))
        text = "^worker failed: required protection seccomp is not in force: not today$"
        with pytest.raises(InternalError, match=text):
            process.serve(None, NoServices())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leave_out": ["nothing"]}, "leave_out: there is no measure 'nothing', expected some of"),
        ({"require": "seccomp"}, "require is one string, expected a collection of names"),
        (
            {"require": ["umask", "seccomp"], "leave_out": ["seccomp", "umask"]},
            "left out and required: umask, seccomp",
        ),
        ({"nice": 40}, r"niceness is 40, expected 0\.\.39"),
        ({"nice": -1}, r"niceness is -1, expected 0\.\.39"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config(**settings)


def test_the_environment_may_leave_measures_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFEXEC_LEAVE_OUT", "files")
    assert Config().leave_out == FILE_MEASURES
    monkeypatch.setenv("REFEXEC_LEAVE_OUT", "oom-first, umask")
    assert Config().leave_out == {"oom-first", "umask"}
    monkeypatch.delenv("REFEXEC_LEAVE_OUT")
    assert Config().leave_out == set()
    monkeypatch.setenv("REFEXEC_LEAVE_OUT", "fires")
    with pytest.raises(ConfigError, match="REFEXEC_LEAVE_OUT: there is no measure 'fires'"):
        Config()


def test_nice_workers() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    niceness = []

    def look(process: Process, log: Log) -> None:
        log.wait_for(b"go")
        niceness.append(os.getpriority(os.PRIO_PROCESS, process.pid))
        process.kill()

    with Executor(Config(nice=5)) as executor:
        run(executor, Script().log(b"go\n").forever().program(), during=look)
    assert niceness == [min(before + 5, 19)]


# -- memory of the worker ------------------------------------------------------------------------


@isolated
def test_the_workers_own_memory_is_limited() -> None:
    code = program('(module (memory 1) (func (export "main")))')
    instance = image.Instance(code, entry="main")
    with Executor() as executor:
        with executor.new_process() as process:
            process.start(code, instance, ProcessPolicy(memory=1 << 20))
            with pytest.raises(InternalError, match=r"^worker failed: (MemoryError|OSError)"):
                process.serve(None, NoServices())
        assert instance.coherent, "it has not begun"
        with executor.new_process() as process:
            process.start(code, instance, ProcessPolicy(memory=256 << 20))
            assert process.serve(None, NoServices())[1] is TrapID.EXIT
            assert "rlimit-as" in process.protections


def test_a_negative_amount_of_memory_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^memory is negative: -1$"):
        ProcessPolicy(memory=-1)


# -- probes that go wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        (escapes.SilentProbe, "isolation probe has ended without a report"),
        (escapes.FailedProbe, "isolation probe failed: no way"),
        (escapes.GarbageProbe, "isolation probe failed: frame header is invalid"),
    ],
)
def test_a_probe_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, probe: type[ProbeProcess], message: str
) -> None:
    monkeypatch.setattr(report, "ProbeProcess", probe)
    with pytest.raises(InternalError, match=f"^{message}$"):
        make_report(Settings())


def test_a_measure_that_is_applied_but_does_nothing_is_not_in_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "ProbeProcess", escapes.BoastfulProbe)
    boast = make_report(Settings())
    assert boast.measure("seccomp").reason == "tried: it was possible to read a file"
    assert boast.measure("rlimit-as").reason == "tried: it was possible to take more memory"
    assert boast.measure("umask").in_force


# -- the filter, by a simulation of the kernel's machine ------------------------------------------


def decide(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter says to a system call."""
    audit = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<iIQ6Q", number, architecture or audit, 0, *padded)
    code = seccomp.program(machine)
    at = accumulator = 0
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x06:
            return constant
        else:
            true = {
                0x15: accumulator == constant,
                0x35: accumulator >= constant,
                0x45: bool(accumulator & constant),
            }[operation]
            at += if_true if true else if_false


@pytest.mark.parametrize(
    ("machine", "allowed", "refused"),
    [
        (
            "x86_64",
            [0, 1, 3, 11, 13, 202, 231],
            [2, 41, 42, 56, 57, 58, 59, 62, 101, 257, 322, 435],
        ),
        ("aarch64", [63, 64, 57, 215, 134, 98, 94], [56, 198, 203, 220, 221, 129, 117, 281, 435]),
    ],
)
def test_the_filter_by_number(machine: str, allowed: list[int], refused: list[int]) -> None:
    for number in allowed:
        assert decide(machine, number) == seccomp.ALLOW
    for number in refused:
        assert decide(machine, number) == seccomp.REFUSE
    assert decide(machine, allowed[0], architecture=0x40000003) == seccomp.KILL


def test_the_other_abi_of_x86_64_kills() -> None:
    assert decide("x86_64", 0x40000000) == seccomp.KILL
    assert decide("x86_64", 0x40000000 + 59) == seccomp.KILL


@pytest.mark.parametrize(
    ("machine", "mmap", "mprotect", "fcntl", "ioctl", "prlimit"),
    [("x86_64", 9, 10, 72, 16, 302), ("aarch64", 222, 226, 25, 29, 261)],
)
def test_the_filter_by_argument(
    machine: str, mmap: int, mprotect: int, fcntl: int, ioctl: int, prlimit: int
) -> None:
    for number in (mmap, mprotect):
        assert decide(machine, number, 0, 4096, 3) == seccomp.ALLOW
        assert decide(machine, number, 0, 4096, 5) == seccomp.REFUSE
        assert decide(machine, number, 0, 4096, 0x104) == seccomp.REFUSE
    assert decide(machine, fcntl, 3, 4) == seccomp.ALLOW
    assert decide(machine, fcntl, 3, 8) == seccomp.REFUSE  # F_SETOWN
    assert decide(machine, ioctl, 3, 0x5421) == seccomp.ALLOW
    assert decide(machine, ioctl, 3, 0x5412) == seccomp.REFUSE  # typing into a terminal
    assert decide(machine, prlimit, 0) == seccomp.ALLOW
    assert decide(machine, prlimit, 1) == seccomp.REFUSE


def test_an_architecture_without_a_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="its system calls are not known for riscv64"):
        seccomp.program("riscv64")
    monkeypatch.setattr(linux, "MACHINE", "riscv64")
    with pytest.raises(OSError, match="its system calls are not known for riscv64"):
        linux.pivot_root()


def test_a_kernel_whose_landlock_knows_less(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def syscall(number: int, *arguments: Any) -> int:
        if number == landlock._CREATE_RULESET and arguments[0] is None:
            return 3
        if number == landlock._CREATE_RULESET:
            made.append(arguments[0])
            return os.open(os.devnull, os.O_RDONLY)
        return 0

    monkeypatch.setattr(linux, "syscall", syscall)
    reasons = landlock.install()
    assert made == [struct.pack("<QQQ", (1 << 15) - 1, 0, 0)]
    assert reasons == {
        "landlock-files": "",
        "landlock-tcp": "the kernel has version 3, it came with 4",
        "landlock-scope": "the kernel has version 3, it came with 6",
    }
