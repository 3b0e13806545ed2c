"""Judge of validation: refexec and `wasm-tools validate` must agree to accept or to reject.

    python -m refexec_conformance.judges.validation --count 5000 --seed 1

Only accept or reject is compared, since two implementations may meet the faults of a module in
another order. Differences that are about limits of one implementation, and not about the
specification, are explained in `EXPLAINED` and `explain`; everything else is a disagreement, and
so is a module on which refexec fails with anything but a `ModuleError`.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import click
from refexec_conformance.judges.bases import suite_modules
from refexec_conformance.judges.encodings import encodings
from refexec_conformance.judges.modules import Sample, run_tool, samples

from refexec import wasm
from refexec.errors import ImplementationLimitError, ModuleError

FEATURES = {
    "mvp": "-all,mvp",
    "wasm1": "-all,wasm1",
    "gate": "-all,wasm1,sign-extension,saturating-float-to-int,bulk-memory-opt",
    "wasm2": "-all,wasm2",
    # wasm-tools counts threads in, the specification does not.
    "wasm3": "-all,wasm3,-threads",
    "all": "-all,wasm3,-threads,wide-arithmetic,custom-page-sizes",
}
"""For each profile of refexec, what wasm-tools is to accept."""

EXPLAINED: tuple[tuple[str, str], ...] = (
    (
        r"count exceeds limit of|size is out of bounds|string size out of bounds|too many locals",
        "wasm-tools limits how many definitions a module has, and how long names and bodies are",
    ),
    (
        r"type nesting is too deep|implementation limit: too many",
        "wasm-tools limits the number and depth of types",
    ),
    (
        r"number of elements is out of bounds",
        "wasm-tools limits element segments at validation",
    ),
    (
        r"minimum table size is out of bounds",
        "wasm-tools limits the size of tables at validation, refexec at instantiation",
    ),
)
"""Complaints of wasm-tools about limits of its own: pattern, reason."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one of the two said."""

    accepted: bool
    words: str = ""
    """The complaint."""
    limit: bool = False
    """Whether the complaint is about an implementation limit."""
    failed: bool = False
    """Whether it was no answer at all but a failure."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A module about which the two disagree without an explanation."""

    sample: Sample
    refexec: Verdict
    tools: Verdict

    def __str__(self) -> str:
        def told(verdict: Verdict) -> str:
            return "accepts" if verdict.accepted else f"rejects: {verdict.words}"

        return (
            f"{self.sample.name}: refexec {told(self.refexec)}; wasm-tools {told(self.tools)}; "
            f"{len(self.sample.data)} bytes"
        )


@dataclass(slots=True)
class Report:
    """The outcome of a judgement."""

    accepted: int = 0
    """Modules that both accept."""
    rejected: int = 0
    """Modules that both reject."""
    explained: Counter[str] = field(default_factory=Counter)
    """Explained differences, by reason."""
    disagreements: list[Disagreement] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Modules that were judged."""
        return self.agreements + self.explained.total() + len(self.disagreements)

    @property
    def agreements(self) -> int:
        """Modules that both accept or both reject."""
        return self.accepted + self.rejected


def ask_refexec(data: bytes, profile: str = wasm.DEFAULT_PROFILE) -> Verdict:
    """Let refexec load a module."""
    try:
        wasm.Module(data, features=profile)
    except ImplementationLimitError as error:
        return Verdict(False, str(error), limit=True)
    except ModuleError as error:
        return Verdict(False, f"{type(error).__name__}: {error}")
    except Exception as error:
        return Verdict(False, f"{type(error).__name__}: {error}", failed=True)
    return Verdict(True)


def ask_tools(path: Path, profile: str = wasm.DEFAULT_PROFILE) -> Verdict:
    """Let wasm-tools validate a module. Raises `UnavailableError` if it is not installed."""
    done = run_tool("validate", f"--features={FEATURES[profile]}", str(path))
    if done.returncode == 0:
        return Verdict(True)
    words = " ".join(done.stderr.decode("utf-8", "backslashreplace").split())
    limit = any(re.search(pattern, words) for pattern, _ in EXPLAINED)
    # An error is exit status 1; a panic or a signal is something else.
    return Verdict(False, words, limit, failed=done.returncode != 1)


def explain(refexec: Verdict, tools: Verdict) -> str | None:
    """The reason for a difference that is not about the specification, if it is known."""
    if refexec.limit:
        return "refexec has a limit that wasm-tools has not"
    if tools.failed:
        return "wasm-tools failed"
    for pattern, reason in EXPLAINED:
        if not tools.accepted and re.search(pattern, tools.words):
            return reason
    return None


def judge(found: Sequence[Sample], folder: Path, profile: str = wasm.DEFAULT_PROFILE) -> Report:
    """Ask both about every module, on all cores; `folder` is for scratch."""
    paths = [folder / f"module-{index}.wasm" for index in range(len(found))]
    for path, sample in zip(paths, found, strict=True):
        path.write_bytes(sample.data)
    processes = os.cpu_count() or 1
    with (
        ThreadPoolExecutor(processes) as threads,
        ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as workers,
    ):
        theirs = threads.map(partial(ask_tools, profile=profile), paths)
        ask = partial(ask_refexec, profile=profile)
        ours = workers.map(ask, [sample.data for sample in found], chunksize=50)
        return compare(zip(found, ours, theirs, strict=True))


def compare(answers: Iterable[tuple[Sample, Verdict, Verdict]]) -> Report:
    """Count agreements and collect differences."""
    report = Report()
    for sample, ours, theirs in answers:
        reason = None
        if not ours.failed and ours.accepted == theirs.accepted:
            report.accepted += ours.accepted
            report.rejected += not ours.accepted
            continue
        if not ours.failed:
            reason = explain(ours, theirs)
        if reason is not None:
            report.explained[reason] += 1
        else:
            report.disagreements.append(Disagreement(sample, ours, theirs))
    return report


@click.command()
@click.option("--count", default=5000, show_default=True, help="How many modules to make.")
@click.option("--seed", default=1, show_default=True, help="What to make them from.")
@click.option(
    "--profile",
    type=click.Choice(list(FEATURES)),
    default=wasm.DEFAULT_PROFILE,
    show_default=True,
    help="What is valid.",
)
@click.option("--encodings", "also_encodings", is_flag=True, help="Try all encodings, too.")
@click.option("--suite/--no-suite", default=True, help="Change modules of the core suite, too.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to put modules into about which there is disagreement.",
)
def main(
    count: int, seed: int, profile: str, also_encodings: bool, suite: bool, keep: Path | None
) -> None:
    """Compare refexec with wasm-tools on modules made from a seed."""
    with tempfile.TemporaryDirectory(prefix="refexec-") as name:
        folder = Path(name)
        bases = suite_modules() if suite else ()
        found = samples(seed, count, folder, bases)
        if also_encodings:
            found += encodings()
        report = judge(found, folder, profile)
    click.echo(
        f"{report.total} modules: {report.agreements} agreements ({report.accepted} accepted, "
        f"{report.rejected} rejected), {len(report.disagreements)} disagreements"
    )
    for reason, number in report.explained.most_common():
        click.echo(f"{number} explained: {reason}")
    for number, disagreement in enumerate(report.disagreements):
        click.echo(str(disagreement))
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{seed}-{number}.wasm").write_bytes(disagreement.sample.data)
    sys.exit(1 if report.disagreements else 0)


if __name__ == "__main__":
    main()
