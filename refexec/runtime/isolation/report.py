"""What is really in force on this machine: tried in workers, not assumed.

Workers that run probes in place of programs (see `probe`) try to get out. One has all measures
that the configuration asks for, and its attempts are what the report shows. The others have none,
or few: what is possible without measures, and is refused by one alone, shows that this one works.
"""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from refexec.errors import InternalError, UnavailableError
from refexec.record import field_names, record
from refexec.runtime.control import MAX_ERROR, MAX_READY, MAX_REPORT, ControlError, Kind, read_frame
from refexec.runtime.isolation.measures import MEASURES, Settings, in_order
from refexec.runtime.isolation.probe import POSSIBLE, RUN_A_PROGRAM
from refexec.runtime.spawn import ProbeProcess
from refexec.runtime.subject import Subject

LEFT_OUT: Final = "left out by the configuration"
"""Why a measure is not in force that was not asked for."""

_FILES = ("read a file", "write a file", RUN_A_PROGRAM)

_ALONE: Final = {
    "seccomp": (
        *_FILES,
        "open a network connection",
        "signal the parent",
        "read the parent's memory",
        "start a process",
        "make memory executable",
    ),
    "landlock-files": _FILES,
    "landlock-tcp": ("open a network connection",),
    "landlock-scope": ("signal the parent",),
    "empty-root": _FILES,
    "net-namespace": ("open a network connection",),
    "no-capabilities": ("raise its limits",),
    "rlimit-fsize": ("write a file",),
    "rlimit-nproc": ("start a process",),
}
"""What each of these measures has to refuse without the help of those of other groups."""

_TOGETHER: Final = {
    "rlimit-as": ("take more memory",),
    "rlimit-nofile": ("take more descriptors",),
}
"""What no other measure refuses."""

_GROUPS: Final = (
    frozenset({"no-new-privs", "seccomp"}),
    frozenset({"no-new-privs", "landlock-files", "landlock-tcp", "landlock-scope"}),
    frozenset({"user-namespace", "net-namespace", "empty-root"}),
    frozenset({"no-capabilities", "rlimit-fsize", "rlimit-nproc", "rlimit-memlock"}),
)
"""Measures that a worker has for a trial, and no others."""


@record(frozen=True)
class Measure:
    """One measure, as it is on this machine."""

    name: str
    """One of `refexec.runtime.isolation.measures.MEASURES`."""

    purpose: str
    """What is true of a worker if it is in force."""

    in_force: bool
    """Whether it is."""

    reason: str
    """Why it is not; empty if it is."""


@record(frozen=True)
class Attempt:
    """Something that a worker with all measures has tried."""

    name: str
    """What, in words."""

    refused: bool
    """Whether it failed."""

    error: str
    """How: the name of an error number, or of a Python exception. Empty if it succeeded."""

    possible_without: bool
    """Whether it succeeds in a worker without any measure; if not, a refusal says little."""


@record(frozen=True)
class IsolationReport:
    """What is in force in the workers of a configuration, and what is not."""

    measures: tuple[Measure, ...]
    """All measures, in the order in which they are applied."""

    attempts: tuple[Attempt, ...]
    """What a worker with these measures has tried."""

    @property
    def in_force(self) -> frozenset[str]:
        """Names of the measures that are in force."""
        return frozenset(measure.name for measure in self.measures if measure.in_force)

    def measure(self, name: str) -> Measure:
        """The measure of this name; `KeyError` if there is none."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)

    def astree(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return {
            "measures": [
                {name: getattr(measure, name) for name in field_names(Measure)}
                for measure in self.measures
            ],
            "attempts": [
                {name: getattr(attempt, name) for name in field_names(Attempt)}
                for attempt in self.attempts
            ],
        }


@record(frozen=True)
class _Findings:
    """What one probe has said."""

    measures: dict[str, str]
    attempts: dict[str, str]


def make_report(settings: Settings) -> IsolationReport:
    """Try what workers with these settings can do. Takes about a second.

    Raises `InternalError` if a worker cannot be made, or does not answer as it should.
    """
    settings = Settings(settings.leave_out, (), settings.nice)
    groups = (frozenset[str](), *_GROUPS)
    variants = [settings, *(_only(group, settings) for group in groups)]
    # A worker dies with the thread that made it, which is one of the pool; it waits for it.
    with ThreadPoolExecutor(len(variants), "refexec-probe") as pool:
        full, bare, *alone = pool.map(_ask, variants)
    possible = {name for name, error in bare.attempts.items() if error == POSSIBLE}
    measures = []
    for name, purpose in MEASURES.items():
        reason = full.measures.get(name, LEFT_OUT)
        if not reason:
            findings = [full] if name in _TOGETHER else [f for f in alone if name in f.measures]
            wanted = _TOGETHER.get(name, _ALONE.get(name, ()))
            got = [w for w in wanted for f in findings if f.attempts[w] == POSSIBLE]
            reason = f"tried: it was possible to {got[0]}" if got else ""
        measures.append(Measure(name, purpose, not reason, reason))
    return IsolationReport(
        tuple(measures),
        tuple(
            Attempt(name, error != POSSIBLE, error, name in possible)
            for name, error in full.attempts.items()
        ),
    )


def require(report: IsolationReport, names: frozenset[str]) -> None:
    """Raise `UnavailableError` unless all these measures are in force."""
    missing = [m for m in report.measures if m.name in names and not m.in_force]
    if missing:
        text = "; ".join(f"{measure.name} ({measure.reason})" for measure in missing)
        raise UnavailableError(f"required protections are not in force: {text}")


def _only(names: frozenset[str], settings: Settings) -> Settings:
    """Settings for these measures, except what is left out anyway."""
    left_out = (MEASURES.keys() - names) | set(settings.leave_out)
    return Settings(in_order(left_out), (), settings.nice)


def _ask(settings: Settings) -> _Findings:
    """Run a probe and take down what it says."""
    subject = Subject(settings, ProbeProcess)
    try:
        with subject.control:
            return _listen(subject)
    except (ControlError, OSError) as error:
        raise InternalError(f"isolation probe failed: {error}") from error
    finally:
        subject.kill()
        subject.popen.wait()
        subject.reap()
        subject.close_packets()


def _listen(subject: Subject) -> _Findings:
    limits = {Kind.READY: MAX_READY, Kind.REPORT: MAX_REPORT, Kind.ERROR: MAX_ERROR}
    reports: list[Any] = []
    # A worker that has become another program has closed its end.
    with contextlib.suppress(ConnectionResetError):
        while (frame := read_frame(subject.control.recv, limits)) is not None:
            kind, payload = frame
            if kind is Kind.ERROR:
                raise InternalError(f"isolation probe failed: {payload.decode(errors='replace')}")
            if kind is Kind.REPORT:
                reports.append(json.loads(payload))
    if not reports:
        raise InternalError("isolation probe has ended without a report")
    attempts = dict(reports[0]["attempts"])
    attempts[RUN_A_PROGRAM] = reports[1] if len(reports) > 1 else POSSIBLE
    return _Findings(dict(reports[0]["measures"]), attempts)
