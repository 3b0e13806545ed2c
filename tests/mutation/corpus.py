"""The kit's corpus, ended by the first failure: `python corpus.py MODULE [own]`.

MODULE is the file that was changed. What is most likely to notice comes first, so most changes are
noticed within seconds. With `own`, only the kit's own cases run, whole and in pieces: what they
notice is noticed, for the rest the whole corpus is needed. Exit status 0: nothing was noticed.

Each file and case has a deadline many times as long as it takes. What keeps it longer has hung,
which is noticed, too: the process then ends with a traceback that begins with `Timeout`.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterable, Iterator

from refexec_conformance.archive import fetch_suite
from refexec_conformance.cuts import parse_cuts
from refexec_conformance.executed import own_cases
from refexec_conformance.expectations import apply_expectation
from refexec_conformance.judges.written import EXPLAINED, cases, disagreement, fetch_scripts
from refexec_conformance.own.suite import open_cases
from refexec_conformance.pool import run_file
from refexec_conformance.probing import open_probes
from refexec_conformance.runtime.backend import close_runtime, create_runtime
from refexec_conformance.runtime.conduct import choose_cases
from refexec_conformance.runtime.judge import judge_case
from refexec_conformance.script import Suite

SECONDS = 60.0

PATIENCE = 30.0
"""Seconds for a file or case; most take less than one."""

PATIENCE_SLOW = 300.0
"""The same for the files that take longest."""

QUICK = ("labels", "i32", "i64", "f32", "memory_trap", "call_indirect", "conversions", "select")
"""Files of the core suite that touch much in little time."""

CUT = (
    *("labels", "call", "br_table", "global", "table_grow", "memory_grow", "array_copy", "struct"),
    "simd_lane",
)
"""Files that also run in pieces, frozen and thawed."""

FAMILIES = (
    *("order", "chance", "again", "guards", "ranges", "reach"),
    *("counting", "turning", "warming", "nans", "lanes"),
)
"""Areas of the kit's own cases that look at what engines may rely on."""

MIXED = ("order", "chance", "again", "turning", "warming")
"""Areas that also run while functions are taken over."""

IN_PIECES = (
    *("order/", "chance/chance_1", "chance/chance_2", "lanes/lanes_f", "mixed/mixed_1"),
    *("stack/objects", "stack/structured", "traps/", "limits/endless_mixed", "again/"),
    *("nans/nans_f32x4", "turning/turning_i32"),
)
"""What the names of those own cases begin with that also run in pieces."""

SLOW = ("return_call", "skip-stack-guard-page", "memory_copy64", "memory_copy")
"""Files that take long and show little that others do not show: they come last of all."""


def patience(seconds: float = PATIENCE) -> None:
    """Begin a file or case."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def core(engine: str, names: Iterable[str]) -> Iterator[str]:
    """What an engine fails in files of the core suite."""
    suite = fetch_suite()
    for name in names:
        yield from failed(suite, name, engine)


def failed(suite: Suite, name: str, engine: str) -> Iterator[str]:
    """What an engine fails in a file."""
    patience(PATIENCE_SLOW if name.startswith(SLOW) else PATIENCE)
    result = apply_expectation(run_file(suite, name, engine, SECONDS), engine)
    yield from map(str, result.surprises)


def ordered() -> tuple[list[str], list[str], list[str]]:
    """The names of the core suite's files: the quick ones, others, and the slow ones."""
    names = fetch_suite().names
    slow = [name for name in names if name.startswith(SLOW)]
    rest = [name for name in names if name not in QUICK and name not in slow]
    return [name for name in names if name in QUICK], rest, slow


def families(engine: str, areas: Iterable[str] = FAMILIES) -> Iterator[str]:
    """What an engine fails in families among the kit's own cases."""
    suite = open_cases()
    for area in areas:
        for name in suite.names:
            if name.split("/")[-1].startswith(area):
                yield from failed(suite, name, engine)


def small(engine: str) -> Iterator[str]:
    """What an engine fails in the kit's probes and its other cases."""
    for suite in (open_probes(), open_cases()):
        for name in suite.names:
            if not name.split("/")[-1].startswith(FAMILIES):
                yield from failed(suite, name, engine)
    for name in own_cases().names:
        yield from failed(own_cases(), name, f"{engine}_all")
    if engine == "reference":
        for version in (1, 2):
            yield from failed(open_cases(), f"versions/only_{version}", f"reference_{version}")


def own_pieces(engine: str) -> Iterator[str]:
    """What comes out otherwise in the kit's own cases if they are frozen and thawed."""
    suite = open_cases()
    for begin in IN_PIECES:
        for name in suite.names:
            if not name.startswith(begin):
                continue
            patience(PATIENCE_SLOW if name.startswith("limits") else PATIENCE)
            cut = run_file(suite, name, engine, cuts=parse_cuts("sample"))
            yield from map(str, cut.failures)


def runtime(engine: str) -> Iterator[str]:
    """What processes with an engine fail in the runtime suite."""
    found = create_runtime(engine)
    try:
        for case in choose_cases(()):
            patience()
            yield from map(str, judge_case(case, found).failures)
    finally:
        close_runtime(found)


def validation() -> Iterator[str]:
    """What is judged otherwise than the makers of wasm-tools wrote."""
    patience(PATIENCE_SLOW)
    for case in cases(fetch_scripts()):
        words = disagreement(case)
        if words is not None and (case.file, case.line) not in EXPLAINED:
            yield f"{case}: {words}"


def pieces(engine: str) -> Iterator[str]:
    """What comes out otherwise if it is frozen and thawed in the middle."""
    suite = fetch_suite()
    for name in CUT:
        patience()
        yield from map(str, run_file(suite, name, engine, cuts=parse_cuts("sample")).failures)


def own(module: str) -> Iterator[str]:
    """What is noticed by the kit's own cases for engines."""
    for engine in engines(module):
        if engine == "translated":
            yield from families(engine)
        yield from small(engine)
    if "interp" in module or "translate" in module:
        yield from own_pieces("translated")
        yield from families("translated_warming", MIXED)
    if module.endswith(("cache.py", "folder.py")):
        yield from families("translated_cached", MIXED)


def engines(module: str) -> tuple[str, ...]:
    """The engines that a change of a module may concern."""
    return ("translated",) if "translate" in module else ("reference", "translated")


def everything(module: str, only_own: bool) -> Iterator[str]:
    """All failures, in the order in which they are likely for a change of a module."""
    concerned = engines(module)
    first = concerned[0]
    processes = "runtime" in module or "abi" in module
    if processes:
        for engine in concerned:
            yield from runtime(engine)
    yield from own(module)
    if only_own:
        return
    quick, rest, slow = ordered()
    yield from core(first, quick)
    if "rules" in module or "validation" in module or "checker" in module or "binary" in module:
        yield from validation()
    if "frozen" in module or "translate" in module:
        yield from pieces(first)
    for engine in concerned[1:]:
        yield from core(engine, quick)
    yield from core(first, rest)
    if first == "reference":
        yield from families(first)
        yield from validation()
    for engine in concerned[1:]:
        yield from pieces(engine)
        yield from core(engine, rest)
    yield from pieces(first)
    if not processes:
        for engine in concerned:
            yield from runtime(engine)
    for engine in concerned:
        yield from core(engine, slow)


def main(module: str, part: str = "") -> int:
    """Print the first failure, if there is one."""
    for failure in everything(module, part == "own"):
        print(failure)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
