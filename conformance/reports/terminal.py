"""The report on a terminal: tables, and the findings of what is red.

Text that comes from an engine or a suite is escaped before it reaches a terminal: no markup of
the table writer, no control characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from refexec_conformance.areas import RUNTIME
from refexec_conformance.conduct import Absent
from refexec_conformance.features import UNLISTED, all_features, features_of, named_features
from refexec_conformance.reports.document import reproduction
from refexec_conformance.verdicts import (
    JUDGED_BAD,
    FileResult,
    FileVerdict,
    Finding,
    RunResult,
    Verdict,
    all_as_expected,
    sum_counts,
)
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

FINDINGS_SHOWN = 40
"""How many findings the terminal report prints; the JSON report holds all."""

FINDINGS_OF_A_FILE = 5
"""How many of them may be of one file."""

_STYLES = {
    FileVerdict.PASS: "green",
    FileVerdict.FAIL: "bold red",
    FileVerdict.EXPECTED_FAIL: "yellow",
    FileVerdict.UNSUPPORTED: "dim",
    FileVerdict.NOT_JUDGED: "dim",
    FileVerdict.UNEXPECTED_PASS: "bold red",
}


_COLUMNS = {
    "pass": {Verdict.PASS},
    "not\npass": JUDGED_BAD,
    "unsup.": {Verdict.UNSUPPORTED},
    "in-\ncomp.": {Verdict.INCOMPARABLE},
}
"""Columns of the table of backends, of those that hold anything; what is not judged has none."""

_TOLD_ELSEWHERE = {Verdict.BLOCKED, Verdict.UNSUPPORTED}
"""Verdicts that are not told at each finding: their cause is, or each reason once."""


def print_report(result: RunResult, console: Console) -> None:
    """Print the tables by file and by feature, the findings of red files, and the summary."""
    console.print(_file_table(result.files))
    if any(features_of(item.name) != (UNLISTED,) for item in result.files):
        console.print(_feature_table(result.files))
    _print_findings(result, console)
    _print_summary(result, console)


def print_backends(
    results: Sequence[RunResult], absent: Sequence[Absent], console: Console
) -> None:
    """Print a table for each suite of the backends by result, and the findings of red files."""
    for result in results:
        if not (result.passed or result.declined):
            console.print(f"[bold]{escape(clean(result.backend))}[/]")
            _print_findings(result, console)
    for _, those in groupby(results, lambda result: result.suite):
        console.print(_backend_table(list(those)))
    for item in absent:
        console.print(
            f"{item.backend} is absent; this installs it: {escape(item.install)}", soft_wrap=True
        )
    seconds = sum(result.seconds for result in results)
    word = "[bold green]PASS[/]" if all_as_expected(results) else "[bold red]FAIL[/]"
    console.print(f"{word} in {seconds:.1f} s", highlight=False)


def _backend_table(results: Sequence[RunResult]) -> Table:
    """What backends did with one suite; narrow enough for a terminal of 80 columns."""
    table = Table(
        title=f"By backend: {escape(clean(results[0].suite))}",
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("backend", overflow="fold")
    table.add_column("version", no_wrap=True)
    columns = {
        name: verdicts
        for name, verdicts in _COLUMNS.items()
        if any(result.counts[verdict] for result in results for verdict in verdicts)
    }
    for name in (*columns, "files as\nexpected", "sec."):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for result in results:
        red = sum(item.verdict.red for item in result.files)
        table.add_row(
            escape(clean(result.backend)),
            escape(clean(result.backend_version)),
            *(
                f"{sum(result.counts[verdict] for verdict in verdicts):,}"
                for verdicts in columns.values()
            ),
            "" if result.reported else f"{len(result.files) - red}/{len(result.files)}",
            f"{result.seconds:.0f}",
            _word(result),
        )
    return table


def _word(result: RunResult) -> str:
    """What the whole run came to."""
    if result.reported:
        return f"[yellow]only reported: {escape(clean(result.reported))}[/]"
    if result.declined:
        return "[yellow]none of it[/]"
    return "[bold green]PASS[/]" if result.passed else "[bold red]FAIL[/]"


def _file_table(files: Sequence[FileResult]) -> Table:
    table = _table("By file", "file")
    table.add_column("seconds", justify="right")
    table.add_column("verdict")
    for result in files:
        table.add_row(
            escape(clean(result.name)),
            *_count_cells([result]),
            f"{result.seconds:.2f}",
            _verdict_cell(result),
        )
    return table


def _verdict_cell(result: FileResult) -> str:
    text = str(result.verdict)
    if result.reason is not None:
        text += f": {clean(result.reason)}"
    return f"[{_STYLES[result.verdict]}]{escape(text)}[/]"


def _feature_table(files: Sequence[FileResult]) -> Table:
    table = _table("By feature (a file counts for each feature that it needs)", "feature")
    table.add_column("files", justify="right")
    table.add_column("green", justify="right")
    table.add_column("not judged", justify="right")
    for feature in all_features():
        those = [result for result in files if feature in features_of(result.name)]
        if those:
            files_by = Counter(result.verdict for result in those)
            ends = (len(those), files_by[FileVerdict.PASS], files_by[FileVerdict.NOT_JUDGED])
            table.add_row(feature, *_count_cells(those), *map(str, ends))
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first, overflow="fold")
    for column in ("pass", "fail", "unsup.", "absent", "text"):
        table.add_column(column, justify="right")
    return table


def _count_cells(files: Sequence[FileResult]) -> list[str]:
    counts = sum_counts(result.counts for result in files)
    bad = sum(counts[verdict] for verdict in JUDGED_BAD)
    return [
        str(counts[Verdict.PASS]),
        f"[red]{bad}[/]" if bad else "0",
        str(counts[Verdict.UNSUPPORTED]),
        str(counts[Verdict.ABSENT]),
        str(counts[Verdict.TEXT]),
    ]


def _print_findings(result: RunResult, console: Console) -> None:
    red = [item for item in result.files if item.verdict.red]
    shown = told = untraced = 0
    for item in red:
        # What is blocked follows from what is told already; what is declined is told below.
        findings = [one for one in item.surprises if one.verdict not in _TOLD_ELSEWHERE]
        # What a backend cannot begin with, it fails at every command in the same words.
        groups = [list(same) for _, same in groupby(findings, _what_repeats)]
        for finding, *others in groups[: min(FINDINGS_OF_A_FILE, FINDINGS_SHOWN - shown)]:
            console.print(escape(clean(str(finding), keep_lines=True)), highlight=False)
            again = escape(clean(reproduction(result, finding)))
            console.print(f"    again:    {again}", highlight=False, soft_wrap=True)
            if others:
                console.print(f"    and so at the next {len(others):,} commands that are judged")
            shown += 1
            untraced += not finding.trace
            told += 1 + len(others)
    told += _print_declined([one for item in red for one in item.surprises], console)
    left = sum(len(item.surprises) for item in red) - told
    if left:
        console.print(f"… and {left:,} more, blocked ones included; --json FILE holds them all")
    if untraced and not result.kind.startswith(RUNTIME):
        console.print("The commands after 'again:' also show the oracle's last instructions")
    for item in red:
        if item.verdict is FileVerdict.UNEXPECTED_PASS:
            console.print(
                f"{escape(clean(item.name))}.wast{_stale(item)}: expected to fail "
                f"({escape(clean(item.reason or ''))}), and does not: the expectation is stale"
            )


def _print_declined(findings: Sequence[Finding], console: Console) -> int:
    """Print what was declined, each reason once; how many commands that tells of."""
    reasons: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.UNSUPPORTED:
            reasons.setdefault(finding.got, []).append(finding)
    told = 0
    for reason, (first, *others) in list(reasons.items())[:FINDINGS_SHOWN]:
        at = f"{first.place} and at {len(others):,} more" if others else first.place
        line = f"unsupported at {at}: {reason}"
        console.print(escape(clean(line)), highlight=False)
        told += 1 + len(others)
    return told


def _what_repeats(finding: Finding) -> object:
    """The same for errors of a file that differ in their place only; others are told each."""
    return (finding.file, finding.got) if finding.verdict is Verdict.ERROR else object()


def _stale(item: FileResult) -> str:
    """Which of its commands pass although they are expected to fail; empty for all."""
    if not item.failures or not item.stale:
        return ""
    return f", command {', '.join(map(str, sorted(item.stale)))}"


def _print_summary(result: RunResult, console: Console) -> None:
    counts, files = result.counts, result.file_counts
    console.print(f"Suite:    {escape(clean(result.suite))}", highlight=False)
    console.print(
        f"Backend:  {escape(clean(result.backend))} {escape(clean(result.backend_version))}",
        highlight=False,
    )
    commands = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in Verdict if counts[verdict])
    console.print(f"Commands: {commands or 'none'}", highlight=False)
    told = ", ".join(f"{files[verdict]} {verdict}" for verdict in FileVerdict if files[verdict])
    console.print(f"Files:    {told or 'none'}", highlight=False)
    cuts = sum(item.cuts for item in result.files)
    if cuts:
        moves = sum(item.moves for item in result.files)
        left_out = sum(item.left_out for item in result.files)
        told = f"{cuts:,}, {moves:,} of them into another process; {left_out:,} left out"
        console.print(f"Cuts:     {told}", highlight=False)
    if result.ending:
        console.print(f"Ending:   [bold red]{escape(clean(result.ending))}[/]", highlight=False)
    if result.declined:
        needed = {feature for item in result.files for feature in features_of(item.name)}
        listed = ", ".join(f"'{name}'" for name in named_features() if name in needed)
        console.print(
            "[bold red]FAIL[/]: it supports none of it, so nothing was judged"
            + (f"; the files need {escape(listed)}" if listed else "")
        )
    else:
        console.print(f"{_word(result)} in {result.seconds:.1f} s", highlight=False)


def clean(text: str, *, keep_lines: bool = False) -> str:
    """Make control characters visible, so that no text can steer a terminal."""
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else ascii(char)[1:-1]
        for char in text
    )
