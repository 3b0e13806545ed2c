"""Verdicts: what the kit says about one command, one file, and one run.

This module holds and counts; `runner` decides.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


class Verdict(enum.StrEnum):
    """What is said about one command of a script."""

    PASS = "pass"
    """The backend did what the suite demands."""

    FAIL = "fail"
    """The backend did something else."""

    ERROR = "error"
    """The backend broke in a way that no engine may: an exception that is not an outcome."""

    CRASH = "crash"
    """The process that the backend ran in ended."""

    TIMEOUT = "timeout"
    """The backend did not answer before the deadline."""

    UNSUPPORTED = "unsupported"
    """The backend says that it does not support this."""

    INCOMPARABLE = "incomparable"
    """Not comparable: what came before may legitimately differ, and did, or was declined."""

    BLOCKED = "blocked"
    """Not tried, since an instance that it needs could not be made."""

    ABSENT = "absent"
    """Not judged: the module's bytes are not in this edition of the suite, or the answer
    depends on a command for which they are not."""

    TEXT = "text"
    """Not judged: a case about the text format, or about the contents of custom sections, which
    are no business of an engine that takes binary modules."""


JUDGED_BAD = frozenset(
    {Verdict.FAIL, Verdict.ERROR, Verdict.CRASH, Verdict.TIMEOUT, Verdict.BLOCKED}
)
"""Verdicts that make a file fail. An unsupported command does so too, but is counted apart."""

NOT_JUDGED = frozenset({Verdict.ABSENT, Verdict.TEXT})
"""Verdicts that say nothing about the backend."""


START = "(start)"
"""Stands in findings for the name of a file, where the backend could not even be started."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One command that the backend did not pass."""

    file: str
    """Name of the suite file, without `.wast`."""

    line: int
    index: int
    """Number of the command in its script."""

    verdict: Verdict

    command: str
    """The command, for people."""

    expected: str
    got: str

    does: str = ""
    """A sentence about what the command does."""

    must: str = ""
    """A sentence about what must happen."""

    trace: tuple[str, ...] = ()
    """The oracle's last instructions up to where things became different, if it could be told."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.file}.wast:{self.line}"

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.verdict}: {self.command}\n"
            f"    expected: {self.expected}\n"
            f"    got:      {self.got}"
        ) + "".join(f"\n    {line}" for line in self.trace)


class StepFinding(Finding):
    """A step of one of the kit's own cases that was not passed. `line` is its number, from 1."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.file}, step {self.line}"


class FileVerdict(enum.StrEnum):
    """What is said about one suite file, with its expectation considered."""

    PASS = "pass"
    FAIL = "fail"

    EXPECTED_FAIL = "expected fail"
    """It fails, and an expectation with a written reason says so."""

    UNSUPPORTED = "unsupported"
    """It needs a feature that the backend does not claim, and was not run."""

    NOT_JUDGED = "not judged"
    """It holds no command that could be judged."""

    UNEXPECTED_PASS = "unexpected pass"
    """It, or a command of it, passes although an expectation says that it fails: the expectation
    is stale. Red."""

    @property
    def red(self) -> bool:
        """Whether this makes the run fail."""
        return self in (FileVerdict.FAIL, FileVerdict.UNEXPECTED_PASS)


@dataclass(frozen=True, slots=True)
class FileResult:
    """All that a run learnt about one suite file."""

    name: str
    counts: Counter[Verdict]
    """How many commands got which verdict."""

    findings: tuple[Finding, ...]
    """Every command that was not passed, in order, those that cannot be compared included."""

    seconds: float = 0.0
    """How long the script took, without assembling."""

    reason: str | None = None
    """Why the file is expected to fail, if it is."""

    expected: frozenset[int] | None = None
    """Numbers of the commands that are expected to fail; None, with a reason, for any."""

    cuts: int = 0
    """How often its runs were frozen and thawed, if they were to be cut."""

    moves: int = 0
    """How many of these cuts went on in another process."""

    left_out: int = 0
    """How many cuts were not made because the state is large."""

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that are judged."""
        return tuple(item for item in self.findings if item.verdict is not Verdict.INCOMPARABLE)

    @property
    def surprises(self) -> tuple[Finding, ...]:
        """The failures that nobody expects."""
        return tuple(item for item in self.failures if not self.expects(item))

    def expects(self, finding: Finding) -> bool:
        """Tell whether a failure is known."""
        if self.reason is None:
            return False
        return self.expected is None or finding.index in self.expected

    @property
    def stale(self) -> frozenset[int]:
        """Numbers of the commands that pass although they are expected to fail."""
        return (self.expected or frozenset()).difference(item.index for item in self.failures)

    @property
    def verdict(self) -> FileVerdict:
        """The file's verdict."""
        if self.surprises:
            return FileVerdict.FAIL
        if self.reason is not None and (self.stale or not self.failures):
            return FileVerdict.UNEXPECTED_PASS
        if self.failures:
            return FileVerdict.EXPECTED_FAIL
        if self.counts[Verdict.PASS]:
            return FileVerdict.PASS
        unsupported = self.counts[Verdict.UNSUPPORTED]
        return FileVerdict.UNSUPPORTED if unsupported else FileVerdict.NOT_JUDGED


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run of a suite on one backend."""

    suite: str
    """Title of the suite and its edition."""

    backend: str
    backend_version: str
    files: tuple[FileResult, ...]
    seconds: float = 0.0
    """Wall-clock time of the whole run."""

    environment: tuple[tuple[str, str], ...] = field(default=())
    """What else matters for telling two runs apart, as pairs of name and value."""

    reported: str = ""
    """If the run is only reported, why: it can then not be red."""

    kind: str = "core"
    """How the suite is called on the command line."""

    again: tuple[str, ...] = ("refexec", "conform", "core")
    """The command line that runs the suite again, without backend and file."""

    ending: str = ""
    """How the backend ended when it was not needed any more; empty if it ended by itself, as it
    should. Judged apart: right answers do not excuse it, and it spoils none."""

    @property
    def counts(self) -> Counter[Verdict]:
        """Commands by verdict, over all files."""
        return sum_counts(result.counts for result in self.files)

    @property
    def file_counts(self) -> Counter[FileVerdict]:
        """Files by verdict."""
        return Counter(result.verdict for result in self.files)

    @property
    def passed(self) -> bool:
        """Whether no file is red. A run that judged nothing has not passed."""
        if self.reported:
            return True
        red = any(result.verdict.red for result in self.files) or self.ending
        return not red and any(
            result.verdict not in (FileVerdict.NOT_JUDGED, FileVerdict.UNSUPPORTED)
            for result in self.files
        )

    @property
    def declined(self) -> bool:
        """Whether the backend says of all that could be judged that it does not support it.

        Nothing has been judged then, but by what the backend declares and not by mistake.
        """
        verdicts = {result.verdict for result in self.files} - {FileVerdict.NOT_JUDGED}
        return not self.ending and verdicts == {FileVerdict.UNSUPPORTED}


def all_as_expected(results: Iterable[RunResult]) -> bool:
    """Whether no run is red, and something has been judged."""
    kept = list(results)
    return any(result.passed for result in kept) and all(
        result.passed or result.declined for result in kept
    )


def sum_counts(counts: Iterable[Counter[Verdict]]) -> Counter[Verdict]:
    """Add up verdict counts."""
    total: Counter[Verdict] = Counter()
    for count in counts:
        total.update(count)
    return total
